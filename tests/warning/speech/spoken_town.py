"""An office on a flood night that has recorded its clips: a tone of its own pitch for each phrase."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from geo.gazetteer import gazetteer
from tests.warning.speech.sounds_made import beep
from tests.web.paper_office import Night, night
from warning.alert import Alert
from warning.clock import HandClock
from warning.speech.audio import kept
from warning.speech.clip import ClipLang, _kept, keep_tones
from warning.speech.needed import all_of, every_phrase
from warning.speech.script import KEYS, TONES, Group, Phrase, script
from warning.store.database import Database
from warning.writing import facts_of

ACTOR = "test"


def speaking(database: Database, clock: HandClock, var: Path) -> Night:
    made = night(database, clock)
    made.office = replace(made.office, var=var)
    return made


def phrase_of(text: str) -> Phrase:
    return next((p for p in every_phrase(gazetteer()) if p.text == text), Phrase(text, Group.SHELTER))


@cache
def recording(nth: int) -> bytes:
    return kept(beep(300 + 20 * (nth % 300), seconds=0.25 + 0.01 * (nth // 300)))


def record(town: Night, phrases: list[Phrase], *, without: tuple[str, ...] = ()) -> None:
    now, var = town.clock.now(), town.office.var
    with town.database.session() as session:
        keep_tones(session, var, now, ACTOR)
        for nth, phrase in enumerate(p for p in phrases if p not in TONES and p.text not in without):
            _kept(session, var, phrase, ClipLang.TH, recording(nth), "uploaded", now, ACTOR)


def phrases_of(town: Night, alert: Alert) -> list[Phrase]:
    """Of every place of an alert."""
    facts = facts_of(alert, town.office)
    return list(
        dict.fromkeys([KEYS, *(p for place in (None, *facts.places) for p in all_of(script(facts, place)))])
    )
