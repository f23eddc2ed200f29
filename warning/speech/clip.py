"""The clips of the office: who spoke which phrase and when. The sound is a file named by its own hash under `clips/`.

Replacing a clip retires the old one; the file stays, because an announcement that was sent names it.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from geo.errors import NotAllowed
from geo.sealed import Keyring
from warning.speech.audio import kept, pcm_of
from warning.speech.script import TONES, Group, Phrase
from warning.speech.tones import tone

FOLDER = "clips"


class ClipLang(StrEnum):
    TH = "th"
    TH_SOUTH = "th_south"  # the southern dialect, of the same written words
    EN = "en"


class Clip(SQLModel, table=True):
    """One recording of one phrase. `kind`: what it may be used for (`script.ClipKind`). Never changed but for `retired_at`."""

    __table_args__ = (Index("clip_in_use", "lang", "phrase", postgresql_where=text("retired_at IS NULL")),)

    id: UUID = Field(primary_key=True)
    sha256: str = Field(max_length=64, index=True)  # of the WAV file
    phrase: str  # its exact words
    lang: str  # ClipLang
    kind: str
    seconds: float
    speaker_sealed: bytes | None = None  # whose voice it is; none for a computed tone
    source: str  # recorded | uploaded | computed
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str  # a user's id
    retired_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Usable(NamedTuple):
    sha256: str
    seconds: float
    kind: str


_IN_USE = text(
    "SELECT DISTINCT ON (phrase) phrase, sha256, seconds, kind FROM clip WHERE retired_at IS NULL AND lang = :lang "
    "ORDER BY phrase, recorded_at DESC, id"
)


def in_use(session: Session, lang: ClipLang = ClipLang.TH) -> dict[str, Usable]:
    """Phrase -> its newest clip that is not retired."""
    return {phrase: Usable(*rest) for phrase, *rest in session.execute(_IN_USE, {"lang": lang.value})}


def clips_of(session: Session, lang: ClipLang) -> Mapping[str, Clip]:
    """The rows behind `in_use`, for the page that shows who spoke."""
    rows = (
        select(Clip)
        .where(col(Clip.retired_at).is_(None), Clip.lang == lang.value)
        .order_by(col(Clip.recorded_at))
    )
    return {clip.phrase: clip for clip in session.exec(rows)}


def file_of(var: Path, sha256: str) -> Path:
    return var / FOLDER / f"{sha256}.wav"


def keep(
    session: Session,
    var: Path,
    phrase: Phrase,
    lang: ClipLang,
    body: bytes,
    *,
    speaker: str,
    source: str,
    keyring: Keyring,
    now: datetime,
    actor: str,
) -> Clip:
    """Take a recording in and retire the one it replaces. The first of an office brings the tones between the words along.

    body: as uploaded. Raises NotAllowed, worded for whoever pressed: no recording, nobody named, a disk without room.
    """
    if not speaker.strip():
        raise NotAllowed("บอกด้วยว่าใครเป็นผู้พูด (say whose voice it is)")
    made = _kept(
        session, var, phrase, lang, kept(body), source, now, actor, keyring.seal(speaker.strip()[:80])
    )
    if phrase.group is not Group.TONE:
        keep_tones(session, var, now, actor)
    return made


def keep_tones(session: Session, var: Path, now: datetime, actor: str) -> int:
    """The computed tones, for those the office has none of; how many were taken in."""
    had = in_use(session)
    missing = [phrase for phrase in TONES if phrase.text not in had]
    for phrase in missing:
        _kept(session, var, phrase, ClipLang.TH, tone(phrase), "computed", now, actor)
    return len(missing)


def _kept(
    session: Session, var: Path, phrase: Phrase, lang: ClipLang, wav: bytes, source: str, now: datetime, actor: str,
    speaker_sealed: bytes | None = None,
) -> Clip:  # fmt: skip
    pcm, rate = pcm_of(wav)
    sha256 = hashlib.sha256(wav).hexdigest()
    try:
        write_whole(file_of(var, sha256), wav)
    except OSError as error:
        raise NotAllowed(
            f"บันทึกเสียงลงดิสก์ไม่ได้ ({error.strerror}) ผู้ดูแลระบบต้องตรวจพื้นที่ว่าง "
            f"(the recording could not be written: {error.strerror}; an administrator must look at the disk)"
        ) from error
    _retire(session, phrase.text, lang, now)
    clip = Clip(
        id=uuid4(), sha256=sha256, phrase=phrase.text, lang=lang.value, kind=phrase.kind.value,
        seconds=len(pcm) / 2 / rate, speaker_sealed=speaker_sealed, source=source, recorded_at=now, recorded_by=actor,
        changed_at=now,
    )  # fmt: skip
    session.add(clip)
    session.flush()
    return clip


def retire(session: Session, clip_id: UUID, now: datetime) -> Clip:
    """Out of use from now on. Raises NotAllowed when it is retired already."""
    clip = session.get_one(Clip, clip_id, with_for_update=True)
    if clip.retired_at is not None:
        raise NotAllowed("คลิปนี้เลิกใช้แล้ว (this clip is out of use already)")
    clip.retired_at = clip.changed_at = now
    return clip


def _retire(session: Session, phrase: str, lang: ClipLang, now: datetime) -> None:
    rows = select(Clip).where(Clip.phrase == phrase, Clip.lang == lang.value, col(Clip.retired_at).is_(None))
    for old in session.exec(rows.with_for_update()):
        old.retired_at = old.changed_at = now


def write_whole(path: Path, body: bytes, *, sync: bool = True) -> None:
    """All of it or nothing; with `sync` also when the power fails meanwhile. Raises OSError (a full disk) and leaves nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
