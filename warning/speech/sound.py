"""An alert as it is heard in one place: which clips, what is missing for it, and the sound that a telephone or a horn plays.

Nothing here stops a message: where a sound cannot be made the fault is noted and the message goes without.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session

from geo.errors import NotAllowed
from warning.alert import Alert
from warning.fault import mended, note
from warning.office import Office
from warning.speech.audio import PHONE_RATE, from_pcm, pcm_of, resampled, to_pcm, wav
from warning.speech.clip import Usable, file_of, in_use, write_whole
from warning.speech.script import PAUSE, Phrase, Sentence, script
from warning.words.facts import AlertFacts, PlaceFact
from warning.writing import facts_of

FOLDER = "sounds"
FAULT = "sound"
MOST_KEPT = 1500  # two alerts of villages named one by one; 30 s are half a megabyte
_HEADER = 44
_MADE_BY = b"raksa sound 1 8000"  # changes when the same clips are to give another sound
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Announcement:
    """`clips`: sha256 of each, in order, pauses among them. `missing`: phrases it should have had."""

    clips: tuple[str, ...]
    missing: tuple[Phrase, ...]
    seconds: float
    complete: bool  # everything essential is said; else nothing may be played


def assembled(said: Iterable[Sentence], library: Mapping[str, Usable]) -> Announcement:
    """Whole sentences only: one that lacks a clip is said the other way there is, or left out. Pure."""
    clips: list[Usable] = []
    missing: list[Phrase] = []
    complete = True
    pause = library.get(PAUSE.text)
    for wanted in said:
        sentence: Sentence | None = wanted
        while sentence is not None and (without := [p for p in sentence.phrases if p.text not in library]):
            missing += [p for p in without if p not in missing]
            sentence = sentence.instead
        if sentence is None:
            complete = complete and not wanted.essential
            continue
        clips += [pause] if clips and pause else []
        clips += [library[phrase.text] for phrase in sentence.phrases]
    return Announcement(
        tuple(c.sha256 for c in clips), tuple(missing), round(sum(c.seconds for c in clips), 1), complete
    )


class Spoken:
    """One alert, and the clips there are at this moment: what each of its places hears."""

    def __init__(self, facts: AlertFacts, alert: Alert, library: Mapping[str, Usable]) -> None:
        self._facts, self._alert, self._library = facts, alert, library
        self._known: dict[tuple[str, bool], Announcement] = {}

    def at(self, village: str = "", *, telephone: bool = False) -> Announcement:
        """village: its 8 digits, or a tambon's 6; a place that the alert does not name hears what everybody does.

        The village's own name is said where the alert names villages, else that of its tambon: as in the script.
        """
        key = (village if village in self._alert.villages else village[:6], telephone)
        if key not in self._known:
            said = script(self._facts, self._place(village), telephone=telephone)
            self._known[key] = assembled(said, self._library)
        return self._known[key]

    def missing(self) -> list[Phrase]:
        """What the alert lacks in any of its places, each phrase once."""
        places = self._alert.villages or self._alert.tambons
        found = [phrase for place in places for phrase in self.at(place).missing]
        return list(dict.fromkeys([*found, *self.at(places[0], telephone=True).missing]))

    def _place(self, village: str) -> PlaceFact | None:
        if village[:6] not in self._alert.tambons:
            return None
        whole = self._facts.places[self._alert.tambons.index(village[:6])]
        named = [code for code in self._alert.villages if code.startswith(village[:6])]
        mine = (whole.villages[named.index(village)],) if village in named else ()
        return replace(whole, villages=mine)


def spoken(
    session: Session, alert: Alert, office: Office, *, library: Mapping[str, Usable] | None = None
) -> Spoken | None:
    """None while the office has no clip at all, and for an alert whose words cannot be made. library: as `usable` gives it."""
    library = usable(in_use(session), office.var) if library is None else library
    if not library:
        return None
    try:
        return Spoken(facts_of(alert, office), alert, library)
    except NotAllowed:
        return None


def announcement(session: Session, alert: Alert, office: Office, village: str = "") -> Announcement | None:
    """One alert in one place; see `Spoken`."""
    said = spoken(session, alert, office)
    return said.at(village) if said else None


def heard_in(
    session: Session, alert: Alert, office: Office, villages: Iterable[str], *, telephone: bool = False
) -> dict[str, tuple[tuple[str, ...], Path | None]]:
    """Village -> the clips of its announcement, and the sound where it could be made. Those that may not be played are left out."""
    said = spoken(session, alert, office)
    made: dict[tuple[str, ...], Path | None] = {}  # a whole tambon shares one; a full disk is noted once
    found = {}
    for village in villages if said else ():
        there = said.at(village, telephone=telephone) if said else None
        if there is None or not there.complete:
            continue
        if there.clips not in made:
            made[there.clips] = sound(session, office, there)
        found[village] = (there.clips, made[there.clips])
    forget_oldest(office.var)
    return found


def usable(library: Mapping[str, Usable], var: Path) -> dict[str, Usable]:
    """Those whose file is there: after a restored backup a row may be without."""
    return {phrase: clip for phrase, clip in library.items() if file_of(var, clip.sha256).is_file()}


def sound(session: Session, office: Office, said: Announcement | None) -> Path | None:
    """The WAV (8 kHz, 16 bit, mono) of an announcement: absolute path. None where it cannot be made or may not be played."""
    if said is None or not said.complete or not said.clips:
        return None
    try:
        path = rendered(office.var, said.clips)
    except (OSError, ValueError) as error:
        why = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
        log.warning("a sound could not be made: %s", why)
        note(
            session, FAULT,
            f"ทำเสียงประกาศไม่ได้: {why} ข้อความยังส่งตามปกติ แต่ไม่มีเสียงให้เล่น "
            f"(no sound could be made: {why}; messages go out all the same, with nothing to play)",
            office.clock.now(),
        )  # fmt: skip
        office.faults.add(FAULT)
        return None
    if FAULT in office.faults:
        mended(session, FAULT)
        office.faults.discard(FAULT)
    return path


def rendered(var: Path, clips: Sequence[str]) -> Path:
    """One clip after the other, nothing between. Made once for the same list of clips; a torn file is made anew.

    Raises OSError (a full disk, a clip without its file), ValueError for a clip that is not what its name says.
    """
    key = hashlib.sha256(b"\n".join([_MADE_BY, *(sha.encode() for sha in clips)])).hexdigest()
    path = (var / FOLDER / f"{key}.wav").absolute()
    if _whole(path):
        with suppress(OSError):
            os.utime(path)  # it is in use: the longest unused go first
        return path
    write_whole(path, wav(b"".join(_for_telephones(var, sha) for sha in clips), PHONE_RATE), sync=False)
    return path


@lru_cache(maxsize=2048)  # about 20 kB each: the whole library of a province stays in memory
def _for_telephones(var: Path, sha256: str) -> bytes:
    body = file_of(var, sha256).read_bytes()
    if hashlib.sha256(body).hexdigest() != sha256:
        raise ValueError(f"clip {sha256[:12]} is damaged")
    pcm, rate = pcm_of(body)
    return to_pcm(resampled(from_pcm(pcm), rate, PHONE_RATE))


def _whole(path: Path) -> bool:
    """Does the file hold as many samples as it says? A crash may leave it short, or long and empty."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEADER)
    except OSError:
        return False
    return size > _HEADER and head[:4] == b"RIFF" and int.from_bytes(head[40:44], "little") == size - _HEADER


def forget_oldest(var: Path) -> None:
    """Of the sounds those that were not used for longest, past MOST_KEPT."""
    with suppress(OSError):  # another worker forgets too
        if len(files := list((var / FOLDER).glob("*.wav"))) > MOST_KEPT:
            files.sort(key=lambda file: file.stat().st_mtime, reverse=True)
            for file in files[MOST_KEPT:]:
                file.unlink(missing_ok=True)
