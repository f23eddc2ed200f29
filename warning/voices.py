"""What others say now: DDPM, TMD, the municipality, the reservoir. Their bulletins as polled, and words typed in at the desk.

They stand beside ours, and where one gives another level for the same place, whoever approves is shown it. None of them
is an alert: a bulletin, be it for the whole province, raises readiness and sounds nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, DateTime, or_
from sqlmodel import Field, Session, SQLModel, col, select

from geo.areas import Areas
from geo.errors import NotAllowed
from geo.gazetteer import CHANGWAT, gazetteer
from sources.cap_feed import CapFeed
from sources.contract import Source
from warning.alert import Alert, Mode
from warning.bulletin_area import named_by, touched_by
from warning.cap.reader import read_cap
from warning.observation import BulletinRow
from warning.received import ReceivedMessage
from warning.words.sentences import danger_level

WHO = ("ddpm", "tmd", "municipality", "reservoir", "other")
NONE = "0"  # they say that there is no danger, or no longer
LEVELS = (
    NONE,
    "2",
    "3",
    "4",
    "5",
)  # of the national plan, lowest first: what people hear, from us as from others
READY_FROM = "3"
TYPED_FOR = timedelta(hours=12)  # then nobody knows whether they still say so
WITHOUT_END = timedelta(hours=24)  # of a bulletin that tells no end
SHORTEST = 3  # letters of their words
LONGEST = 500
_BY_KIND = {
    "tmd_warning": "tmd",
    "tmd_forecast": "tmd",
    "thaiwater_dam": "reservoir",
    "rid_telemetry": "reservoir",
}
_OVER = frozenset({"all_clear", "cancel", "correction"})


class Voice(SQLModel, table=True):
    """Words heard by telephone, radio or on a page, typed in. Fixed when made, but for its earlier end."""

    id: UUID = Field(primary_key=True)
    mode: Mode
    who: str  # of WHO
    level: str  # of LEVELS
    places: list[str] = Field(sa_column=Column(JSON, nullable=False))  # codes of 2, 4 or 6 digits
    words: str
    said_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    typed_by: str  # a user's id
    typed_by_name: str
    ended_by: str | None = None
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Spoken(NamedTuple):
    """One voice in force, from wherever it came."""

    key: str
    who: str
    level: str | None  # None: they gave none
    tambons: frozenset[str]
    whole: bool  # for the whole province: it names no place an alert could be for
    words_th: str
    words_en: str | None
    said_at: datetime
    until: datetime
    source: str | None  # None: typed
    event: str | None = None  # warning.rule.Event, where they are clear about it
    by: str | None = None  # who typed it


class Differing(NamedTuple):
    spoken: Spoken
    higher: bool  # they say it is worse than we do
    shared: list[str]  # tambon both speak of


def type_in(
    session: Session, mode: Mode, who: str, level: str, places: Collection[str], words: str, by: tuple[str, str], now: datetime
) -> Voice:  # fmt: skip
    """Keep what was heard just now. by: a user's id and name. Raises NotAllowed, worded for whoever typed."""
    words = " ".join("".join(c if c.isprintable() or c == "\u200b" else " " for c in words).split())
    if who not in WHO:
        raise NotAllowed("เลือกว่าใครพูด (choose who said it)")
    if level not in LEVELS:
        raise NotAllowed("เลือกระดับที่เขาบอก (choose the level they gave)")
    if not places:
        raise NotAllowed("เลือกพื้นที่ที่เขาพูดถึง (choose the place they spoke of)")
    if strange := [code for code in places if not tambons_of(code)]:
        raise NotAllowed(f"ไม่มีพื้นที่ {strange[0][:20]} (there is no place {strange[0][:20]})")
    if not SHORTEST <= len(words) <= LONGEST:
        raise NotAllowed("พิมพ์คำพูดของเขาสั้น ๆ (type their words, in short)")
    made = Voice(
        id=uuid4(), mode=mode, who=who, level=level, places=sorted(set(places)), words=words, said_at=now, until=now + TYPED_FOR,
        typed_by=by[0], typed_by_name=by[1], changed_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def take_back(session: Session, voice_id: UUID, by: str, now: datetime) -> None:
    """They no longer say so, or it was mistyped. Raises NotAllowed when it has ended already."""
    found = session.get(Voice, voice_id, with_for_update=True)
    if found is None or found.until <= now:
        raise NotAllowed("คำพูดนี้สิ้นสุดแล้ว (these words have ended)")
    found.until, found.ended_by, found.changed_at = now, by, now


def tambons_of(code: str) -> frozenset[str]:
    """The tambon of ours that a code of a changwat, an amphoe or a tambon covers; none for a place outside."""
    return named_by([code])


def whose(source: Source) -> str:
    return source.who if isinstance(source, CapFeed) else _BY_KIND.get(source.kind, "other")


def spoken(
    session: Session, mode: Mode, now: datetime, sources: Sequence[Source], areas: Areas
) -> list[Spoken]:
    """Everything others say of our places now, the newest first. Of one voice that speaks again of the same places only the
    newest counts. Bulletins are real in a drill as well: whoever drills must see that it has become serious.
    """
    by_name = {source.name: whose(source) for source in sources}
    rows = session.exec(
        select(BulletinRow).where(col(BulletinRow.announced_at) > now - timedelta(days=7), col(BulletinRow.announced_at) <= now)
        .where(or_(col(BulletinRow.effective_to).is_(None), col(BulletinRow.effective_to) > now))
    )  # fmt: skip
    bulletins = list(rows)
    told = _levels(session, [row.key for row in bulletins])
    found = [
        s
        for row in bulletins
        if (s := _of_bulletin(row, by_name.get(row.source, "other"), told.get(row.key), areas))
        and s.until > now
    ]
    running = select(Voice).where(Voice.mode == mode, col(Voice.said_at) <= now, col(Voice.until) > now)
    found += [_of_typed(voice) for voice in session.exec(running)]
    found.sort(key=lambda s: (s.said_at, s.key), reverse=True)
    kept: list[Spoken] = []
    for one in found:
        if not any(_says_again(newer, one) for newer in kept):
            kept.append(one)
    return kept


def _says_again(newer: Spoken, older: Spoken) -> bool:
    """Of a bulletin a milder newer one hides nothing: it may speak of something else, and only its sender ends it."""
    same = (newer.who, newer.source, newer.event) == (older.who, older.source, older.event)
    return (
        same
        and newer.tambons >= older.tambons
        and (older.source is None or (newer.level or NONE) >= (older.level or NONE))
    )


def _levels(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """Of CAP messages, whose urgency a bulletin does not tell: the gravest of their blocks."""
    rows = session.exec(
        select(ReceivedMessage.named, ReceivedMessage.id)
        .where(col(ReceivedMessage.named).in_(keys), col(ReceivedMessage.became).startswith("accepted"))
    ).all()  # fmt: skip
    for _, row_id in rows:
        if row_id not in _LEVEL_OF:
            _remember(_LEVEL_OF, row_id, _level_in(session.get_one(ReceivedMessage, row_id).xml))
    return {named: level for named, row_id in rows if named and (level := _LEVEL_OF[row_id])}


# The same bulletins are asked for each time somebody looks; they never change. Only what was found out is kept, not the messages.
_LEVEL_OF: dict[UUID, str | None] = {}
_MOST_KEPT = 2_000
_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


def _remember(kept: dict[_Key, _Found], key: _Key, found: _Found) -> _Found:
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = found
    return found


def _level_in(xml: bytes) -> str | None:
    levels = [danger_level(info.severity, info.urgency) for info in read_cap(xml).infos]
    return max((str(level) for level in levels if level is not None), default=None)


def _of_bulletin(row: BulletinRow, who: str, level: str | None, areas: Areas) -> Spoken | None:
    """level: as their own message gives it; None: by the severity alone."""
    codes = [code for code in row.areas.split(",") if code]
    named = frozenset[str]().union(*(tambons_of(code) for code in codes))
    named |= touched_by(row, areas)
    if not named:
        return None
    return Spoken(
        f"{row.source} {row.key}", who, level or _alone(row.severity), named, _is_whole(named, codes),
        _first(row.title_th, row.text_th), _first(row.title_en, row.text_en), row.announced_at,
        row.effective_to or row.announced_at + WITHOUT_END, row.source, row.hazard,
    )  # fmt: skip


def _of_typed(voice: Voice) -> Spoken:
    named = frozenset[str]().union(*(tambons_of(code) for code in voice.places))
    return Spoken(
        str(voice.id), voice.who, voice.level, named, _is_whole(named, voice.places), voice.words, None, voice.said_at,
        voice.until, None, by=voice.typed_by_name,
    )  # fmt: skip


def _alone(severity: str | None) -> str | None:
    level = danger_level(severity, "Unknown") if severity else None
    return None if level is None else str(level)


def _first(*texts: str | None) -> str:
    return next((text for text in texts if text), "")[:LONGEST]


def _is_whole(named: Collection[str], codes: Collection[str]) -> bool:
    return CHANGWAT in codes or len(named) == len(gazetteer().tambons)


def readiness(voices: Sequence[Spoken]) -> Spoken | None:
    """The gravest of what others say, if it asks us to be ready (level 3 or worse). It drafts and sends nothing."""
    grave = [s for s in voices if s.level is not None and s.level >= READY_FROM]
    return max(grave, key=lambda s: (s.level or NONE, s.said_at), default=None)


def differing(alert: Alert, voices: Sequence[Spoken]) -> list[Differing]:
    """Who gives another level for a place of this alert, who says it is worse first. An end of ours says "no danger"."""
    ours = level_said(alert)
    found = [
        Differing(s, s.level > ours, sorted(s.tambons & set(alert.tambons)))
        for s in voices
        if s.level is not None and s.level != ours and s.tambons & set(alert.tambons)
    ]
    return sorted(found, key=lambda d: (not d.higher, -d.spoken.said_at.timestamp(), d.spoken.key))


def level_said(alert: Alert) -> str:
    """What we say, as one of LEVELS; an unknown severity is no calm."""
    return NONE if alert.kind in _OVER else str(danger_level(alert.severity, alert.urgency) or 2)
