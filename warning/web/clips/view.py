"""The library as its page shows it: progress, one group at a time, and which phrase comes next. Values, no HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from geo.sealed import Keyring
from warning.office import Office
from warning.speech.clip import Clip, ClipLang
from warning.speech.script import TONES, Group, Phrase
from warning.speech.shelf import Line, minutes_missing, phrase_named, shelf, wanted_now

A_PAGE = 40
STATES = ("missing", "recorded")


class Progress(NamedTuple):
    group: Group
    recorded: int
    total: int


@dataclass(frozen=True)
class Library:
    lines: Sequence[Line]  # most needed first
    minutes: float  # of speech still missing
    tones: bool  # are computed tones missing

    @property
    def recorded(self) -> int:
        return sum(line.clip is not None for line in self.lines)

    @property
    def waiting(self) -> int:
        """Phrases that an alert of this moment lacks."""
        return sum(line.waiting > 0 for line in self.lines)

    def progress(self) -> list[Progress]:
        found = []
        for group in Group:
            lines = [line for line in self.lines if line.phrase.group is group]
            if lines:
                found.append(Progress(group, sum(line.clip is not None for line in lines), len(lines)))
        return found

    def shown(self, group: str, state: str) -> list[Line]:
        """group: a Group's name in small letters, or all; state: one of STATES, or all."""
        return [
            line
            for line in self.lines
            if (not group or line.phrase.group.name.lower() == group)
            and (state not in STATES or (line.clip is not None) == (state == "recorded"))
        ]

    def line(self, text: str) -> Line | None:
        return next((line for line in self.lines if line.phrase.text == text), None)

    def phrase(self, text: str) -> Phrase | None:
        return phrase_named(list(self.lines), text)

    def next_missing(self, text: str) -> str | None:
        """The phrase to speak after this one; tones are computed, so they are not asked for."""
        return next(
            (
                line.phrase.text
                for line in self.lines
                if line.clip is None and line.phrase not in TONES and line.phrase.text != text
            ),
            None,
        )


def library(session: Session, office: Office, lang: ClipLang) -> Library:
    lines = shelf(session, office.var, lang, wanted_now(session, office))
    tones = any(line.clip is None for line in lines if line.phrase in TONES)
    return Library(lines, minutes_missing(lines), tones)


class Take(NamedTuple):
    """One recording of a phrase, as its history shows it."""

    clip: Clip
    speaker: str
    at: datetime


def takes(session: Session, text: str, lang: ClipLang, keyring: Keyring) -> list[Take]:
    """Every recording of a phrase, newest first, retired ones among them."""
    rows = (
        select(Clip)
        .where(Clip.phrase == text, Clip.lang == lang.value)
        .order_by(col(Clip.recorded_at).desc())
    )
    return [Take(clip, speaker_of(clip, keyring), clip.recorded_at) for clip in session.exec(rows.limit(10))]


def speaker_of(clip: Clip, keyring: Keyring) -> str:
    return keyring.open(clip.speaker_sealed) if clip.speaker_sealed else ""


def last_speaker(session: Session, user: str, keyring: Keyring) -> str:
    """Whom this officer recorded last, so that the name need not be typed eight hundred times."""
    rows = select(Clip).where(Clip.recorded_by == user, col(Clip.speaker_sealed).is_not(None))
    clip = session.exec(rows.order_by(col(Clip.recorded_at).desc()).limit(1)).first()
    return speaker_of(clip, keyring) if clip else ""
