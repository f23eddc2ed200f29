"""How a draft will sound: the clips it lacks, where nothing can be played for want of them, and where to hear it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from warning.alert import Alert
from warning.office import Office
from warning.speech.clip import in_use
from warning.speech.sound import Spoken, spoken, usable

MOST_NAMED = 12


@dataclass(frozen=True)
class SpokenDraft:
    """`missing`: phrases by their words. `silent`: tambon or villages in which not even the essential can be said."""

    missing: Sequence[str]
    silent: Sequence[str]
    place: str  # whose announcement is played; empty where none can be
    seconds: float
    any_clips: bool = True

    @property
    def named(self) -> Sequence[str]:
        return self.missing[:MOST_NAMED]


def spoken_drafts(session: Session, drafts: Sequence[Alert], office: Office) -> dict[UUID, SpokenDraft]:
    """Of each draft; asks the library once."""
    if not drafts:
        return {}
    library = usable(in_use(session), office.var)
    return {alert.id: _of(spoken(session, alert, office, library=library), alert) for alert in drafts}


def _of(said: Spoken | None, alert: Alert) -> SpokenDraft:
    if said is None:
        return SpokenDraft((), (), "", 0, any_clips=False)
    places = alert.villages or alert.tambons
    heard = {place: said.at(place) for place in places}
    silent = [place for place, there in heard.items() if not there.complete]
    place = next((place for place in places if place not in silent), "")
    missing = [phrase.text for phrase in said.missing()]
    return SpokenDraft(missing, silent, place, heard[place].seconds if place else 0)
