"""Hazards an office adds by its config (`hazards:`): the words, the code, what to do. Everything else is as for a shipped one.

A process takes them in when it reads its config, before the rules; they stand beside the shipped ones from then on.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from warning.cap.build import EVENT_CODES
from warning.config_words import nearest
from warning.event import Event
from warning.words import phrases
from warning.words.facts import Both

RESPONSES = ("Shelter", "Evacuate", "Prepare", "Avoid", "Monitor")  # for which people are told what to do
_LONGEST_SHORT = 60  # letters: an SMS has little room


class Said(BaseModel):
    """The same in Thai and in English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    th: str = Field(min_length=2)
    en: str = Field(min_length=2)

    @property
    def both(self) -> Both:
        return Both(self.th, self.en)


class HazardSettings(BaseModel):
    """An entry of `hazards:`. oet: of the OASIS Event Terms List 1.2; category: as CAP spells it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{2,30}$")
    called: Said
    oet: str = Field(pattern=r"^OET-\d{3}$")
    category: Literal[
        "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
    ]  # fmt: skip
    do: Said  # in full, for pages, LINE and loudspeakers
    do_short: Said  # for an SMS
    arrives: Said | None = None  # what comes at the hour an alert names: "เถ้าอาจถึง", "Ash may arrive"

    @field_validator("name")
    @classmethod
    def _new(cls, name: str) -> str:
        if name in (*Event, phrases.TEST):
            raise ValueError(f"{name} is a hazard we have; give yours another name")
        return name

    @field_validator("do_short")
    @classmethod
    def _fits(cls, said: Said) -> Said:
        if max(len(said.th), len(said.en)) > _LONGEST_SHORT:
            raise ValueError(f"do_short: at most {_LONGEST_SHORT} letters in each language")
        return said


_OWN: dict[str, HazardSettings] = {}


def take_in(hazards: tuple[HazardSettings, ...]) -> None:
    """From now on these are the office's own; those of an earlier config are forgotten."""
    for name in _OWN:
        for words in (phrases.EVENTS, phrases.ARRIVES, phrases.INSTRUCTIONS, phrases.SHORT):
            words.pop(name, None)
        EVENT_CODES.pop(name, None)
        for response in RESPONSES:
            phrases.BY_EVENT.pop((name, response), None)
    _OWN.clear()
    for hazard in hazards:
        name = hazard.name
        _OWN[name] = hazard
        phrases.EVENTS[name] = hazard.called.both
        phrases.INSTRUCTIONS[name], phrases.SHORT[name] = hazard.do.both, hazard.do_short.both
        if hazard.arrives:
            phrases.ARRIVES[name] = hazard.arrives.both
        EVENT_CODES[name] = (hazard.oet, hazard.category)
        for response in RESPONSES:
            phrases.BY_EVENT[name, response] = name


def known() -> tuple[str, ...]:
    """Every hazard there are words for, the shipped ones first."""
    return (*map(str, Event), *_OWN)


def called(name: str) -> Both:
    """Its name for pages. Raises KeyError for one there are no words for."""
    return phrases.EVENTS[name]


def of_known(name: str) -> str:
    """For the fields of a rule. Raises ValueError, naming the nearest."""
    if name not in known():
        raise ValueError(f"{name} is no hazard{nearest(name, known())}; a new one is an entry of `hazards:`")
    return name
