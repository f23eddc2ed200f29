"""A silence: for a while, no draft of a lower level for these places, because an officer knows why.

It has an author, a reason, places, a ceiling and an end within the shift. It never covers Extreme, nothing a person writes, and
nothing that ends a warning; the rules go on judging, and what still stands when it ends is drafted then.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, DateTime
from sqlmodel import Field, Session, SQLModel, col, select

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.when import bangkok, utc
from warning.alert import Mode
from warning.hazards import known
from warning.rule import Severity

ORDER = (Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)
CEILINGS = (Severity.MINOR, Severity.MODERATE, Severity.SEVERE)  # what a silence may reach up to
SHORTEST_REASON = 5  # letters; "ok" is no reason


class Silence(SQLModel, table=True):
    """Fixed when made, but for its earlier end."""

    id: UUID = Field(primary_key=True)
    mode: Mode
    tambons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    event: str | None = None  # one hazard; None: all of them
    ceiling: str  # the highest severity it holds back
    reason: str
    made_by: str  # a user's id
    made_by_name: str
    begins_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ends_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    ended_by: str | None = None  # a user's id, when it was ended before its time
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def shift_end(now: datetime, changes: Collection[time]) -> datetime:
    """When the next shift begins, aware UTC. changes: wall times of Bangkok at which the office changes hands."""
    local = bangkok(now)
    for day in (local.date(), local.date() + timedelta(days=1)):
        for change in sorted(changes):
            moment = datetime.combine(day, change, tzinfo=local.tzinfo)
            if moment > local:
                return utc(moment)
    raise ValueError("an office without a change of shift")


def make_silence(
    session: Session, mode: Mode, tambons: Sequence[str], event: str | None, ceiling: str, reason: str, until: datetime,
    by: tuple[str, str], now: datetime, changes: Collection[time],
) -> Silence:  # fmt: skip
    """Hold back drafts for these places. by: a user's id and name. until: aware UTC, no later than the end of this shift.

    Raises NotAllowed, worded for the officer, for each thing that is missing or goes too far.
    """
    reason = " ".join(reason.split())
    places = gazetteer()
    if not tambons:
        raise NotAllowed("เลือกตำบลที่จะพักการเตือน (choose the tambon)")
    if strange := [code for code in tambons if code not in places.tambons]:
        raise NotAllowed(f"ไม่มีตำบล {strange[0]} (there is no tambon {strange[0]})")
    if ceiling not in CEILINGS:
        raise NotAllowed("พักการเตือนระดับสูงสุดไม่ได้ (Extreme is never silenced)")
    if event is not None and event not in known():
        raise NotAllowed(f"ไม่รู้จักภัย {event} (there is no hazard {event})")
    if len(reason) < SHORTEST_REASON:
        raise NotAllowed("เขียนเหตุผลให้เวรต่อไปเข้าใจ (say why, so that the next shift understands)")
    end = shift_end(now, changes)
    if not now < until <= end:
        at = bangkok(end).strftime("%H:%M")
        raise NotAllowed(f"ต้องสิ้นสุดในเวรนี้ คือไม่เกิน {at} น. (it ends within this shift: by {at})")
    made = Silence(
        id=uuid4(), mode=mode, tambons=sorted(set(tambons)), event=event, ceiling=ceiling, reason=reason, made_by=by[0],
        made_by_name=by[1], begins_at=now, ends_at=until, changed_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def end_silence(session: Session, silence_id: UUID, by: str, now: datetime) -> None:
    """End it before its time. Raises NotAllowed when it has ended already."""
    found = session.get(Silence, silence_id, with_for_update=True)
    if found is None or found.ends_at <= now:
        raise NotAllowed("การพักเตือนนี้สิ้นสุดแล้ว (this silence has ended)")
    found.ends_at, found.ended_by, found.changed_at = now, by, now


def silences(session: Session, mode: Mode, now: datetime) -> list[Silence]:
    """Those in force, the one that ends next first."""
    running = select(Silence).where(
        Silence.mode == mode, col(Silence.begins_at) <= now, col(Silence.ends_at) > now
    )
    return list(session.exec(running.order_by(col(Silence.ends_at), col(Silence.id))))


def silenced(running: Sequence[Silence], event: str, severity: str, tambons: Sequence[str]) -> set[str]:
    """Those of `tambons` for which a draft of this event and severity is held back now. An unknown severity is not: nobody
    said how bad it may be."""
    rank = ORDER.index(Severity(severity))
    if not 0 < rank <= ORDER.index(CEILINGS[-1]):
        return set()
    held: set[str] = set()
    for silence in running:
        if silence.event in (None, event) and rank <= ORDER.index(Severity(silence.ceiling)):
            held.update(silence.tambons)
    return held & set(tambons)
