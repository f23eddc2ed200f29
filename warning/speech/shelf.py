"""The library as a list: every phrase the office may need, what is recorded of it, and which alerts wait for it now."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from warning.alert import Alert, AlertState
from warning.office import Office
from warning.speech.clip import Clip, ClipLang, clips_of, file_of
from warning.speech.needed import all_of, every_phrase, in_order, seconds_of
from warning.speech.script import KEYS, TONES, Group, Phrase, script
from warning.writing import facts_of


@dataclass(frozen=True)
class Line:
    """`waiting`: alerts, drafts among them, that say this phrase and have no clip for it."""

    phrase: Phrase
    clip: Clip | None
    waiting: int = 0

    @property
    def seconds(self) -> float:
        return self.clip.seconds if self.clip else seconds_of(self.phrase)


def shelf(session: Session, var: Path, lang: ClipLang, wanted: Counter[Phrase] | None = None) -> list[Line]:
    """What is missing for an alert first, then the rest that is missing, then what is recorded; each in its order.

    A clip whose file is gone counts as missing. Phrases nobody needs any more stay listed while they are in use.
    """
    clips = {
        phrase: clip
        for phrase, clip in clips_of(session, lang).items()
        if file_of(var, clip.sha256).is_file()
    }
    asked = wanted or Counter[Phrase]()
    known = in_order([*every_phrase(gazetteer()), *asked])
    named = {phrase.text for phrase in known}
    others = [Phrase(text, Group.SHELTER) for text in clips if text not in named]
    lines = [
        Line(phrase, clips.get(phrase.text), 0 if phrase.text in clips else asked[phrase])
        for phrase in [*known, *others]
    ]
    return sorted(lines, key=lambda line: (line.clip is not None, -line.waiting))


def wanted_now(session: Session, office: Office) -> Counter[Phrase]:
    """Of drafts and of alerts in force: each phrase with the number of them that say it somewhere."""
    alerts = select(Alert).where(
        Alert.mode == office.mode,
        col(Alert.state).in_((AlertState.DRAFT, AlertState.APPROVED, AlertState.ISSUED)),
    )
    found: Counter[Phrase] = Counter()
    for alert in session.exec(alerts):
        try:
            facts = facts_of(alert, office)
            found.update({KEYS, *(p for place in facts.places for p in all_of(script(facts, place)))})
        except NotAllowed:  # its words cannot be made, and it says so itself
            continue
    return found


def phrase_named(lines: list[Line], text: str) -> Phrase | None:
    """The phrase of exactly these words; None for any that no alert of this office says."""
    return next((line.phrase for line in lines if line.phrase.text == text), None)


def minutes_missing(lines: list[Line]) -> float:
    """Of speech still to be recorded, about; tones are computed."""
    return sum(line.seconds for line in lines if line.clip is None and line.phrase not in TONES) / 60
