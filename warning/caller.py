"""Somebody wrote or called whom the registry does not know: work for the relay desk, at once.

One open row a number, however often it calls; the words stay on the answers (`reply.caller_id`). It ends bound to a village, or
closed with what was found out. It has a deadline from the first minute: a cry for help from a stranger is as grave as one
from a known home, only that nobody knows yet where to go.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, String, text
from sqlmodel import Field, Session, SQLModel, col, select

from channels.contract import Answer
from geo.names import id_for
from geo.phone import masked
from warning.alert import Mode
from warning.delivery import ReplyRow
from warning.office import Office

# Answer -> priority and the time in which somebody must have rung back. Help is as a rescue of a known home (warning/respond.py).
URGENCY: dict[str, tuple[int, timedelta]] = {
    Answer.NEED_HELP: (1, timedelta(minutes=15)),
    Answer.WATER_HERE: (2, timedelta(minutes=30)),
    Answer.SEEN: (2, timedelta(minutes=30)),  # words nobody has read yet: they may mean anything
}
OTHERWISE = (3, timedelta(minutes=60))
BOUND_FOR = timedelta(days=30)  # a number once bound keeps its village so long; our own choice


class CallerState(StrEnum):
    OPEN = "open"
    BOUND = "bound"  # somebody knows where it came from
    CLOSED = "closed"


class UnknownCaller(SQLModel, table=True):
    """`tail` tells two callers apart and rings nobody; empty when no number came. `answer` is the gravest they gave.
    `priority` 1 threat to life now, as of a mission. Times: aware UTC."""

    __tablename__ = "unknown_caller"
    __table_args__ = (
        Index("unknown_caller_hash", "mode", "hash"),
        Index("unknown_caller_open", "mode", "priority", postgresql_where=text("state = 'OPEN'")),
    )

    id: UUID = Field(primary_key=True)
    mode: Mode
    hash: str = Field(max_length=64)
    address_sealed: bytes | None = None
    tail: str
    via: str  # sms | line | link
    answer: str
    priority: int
    calls: int = 0
    state: CallerState = CallerState.OPEN
    first_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    held_by: UUID | None = None
    held_name: str = ""
    held_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    tries: int = 0  # rung back, nobody answered
    village_code: str | None = Field(default=None, sa_column=Column(String(8, collation="C")))
    contact_id: UUID | None = None
    outcome: str | None = None
    note_sealed: bytes | None = None
    ended_by: UUID | None = None


def unknown_callers(session: Session, mode: Mode) -> list[UnknownCaller]:
    """Whoever still waits to be rung back, gravest first, then by the time it is due. For the console and the desk."""
    wanted = select(UnknownCaller).where(UnknownCaller.mode == mode, UnknownCaller.state == CallerState.OPEN)
    in_order = (col(UnknownCaller.priority), col(UnknownCaller.due_at), col(UnknownCaller.id))
    return list(session.exec(wanted.order_by(*in_order)))


def bound(session: Session, mode: Mode, fingerprint: str, now: datetime) -> UnknownCaller | None:
    """Who this number was found to be, when that was not long ago."""
    newest = _newest(session, mode, fingerprint)
    fresh = newest is not None and newest.state is CallerState.BOUND and newest.changed_at > now - BOUND_FOR
    return newest if fresh else None


def called(
    session: Session,
    said: ReplyRow,
    address: str | None,
    now: datetime,
    office: Office,
    *,
    again: bool = False,
) -> None:
    """Put one answer, just written down for the first time, on its caller's row; make the row when none is open.

    again: another meaning of words that were counted already.
    """
    fingerprint = office.keyring.fingerprint(address or f"no address {said.id}")
    session.execute(  # two calls at once from one number are one row
        text("SELECT pg_advisory_xact_lock(hashtextextended(:hash, 0))"), {"hash": fingerprint}
    )
    caller = _newest(session, said.mode, fingerprint)
    priority, within = URGENCY.get(said.answer, OTHERWISE)
    if caller is None or caller.state is not CallerState.OPEN:
        nth = 1 + len(_rows(session, said.mode, fingerprint))
        caller = UnknownCaller(
            id=id_for("caller", said.mode, fingerprint, nth), mode=said.mode, hash=fingerprint,
            address_sealed=office.keyring.seal(address) if address else None, tail=masked(address) if address else "",
            via=said.via, answer=said.answer, priority=priority, first_at=said.at, last_at=said.at, due_at=now + within,
            changed_at=now,
        )  # fmt: skip
        session.add(caller)
    if priority < caller.priority:
        caller.answer, caller.priority = said.answer, priority
    caller.due_at = min(caller.due_at, now + within)
    count(caller, said.at, now, again=again)
    session.flush()
    session.execute(
        text("UPDATE reply SET caller_id = :caller WHERE id = :reply"),
        {"caller": caller.id, "reply": said.id},
    )


def count(caller: UnknownCaller, at: datetime, now: datetime, *, again: bool) -> None:
    caller.calls += not again
    caller.last_at, caller.changed_at = max(caller.last_at, at), now


def _newest(session: Session, mode: Mode, fingerprint: str) -> UnknownCaller | None:
    return next(iter(_rows(session, mode, fingerprint)), None)


def _rows(session: Session, mode: Mode, fingerprint: str) -> list[UnknownCaller]:
    """Every row of one number, the newest first, held until this transaction ends."""
    wanted = select(UnknownCaller).where(UnknownCaller.mode == mode, UnknownCaller.hash == fingerprint)
    newest_first = (col(UnknownCaller.first_at).desc(), col(UnknownCaller.changed_at).desc())
    return list(session.exec(wanted.order_by(*newest_first).with_for_update()))


def replies_of(session: Session, caller_id: UUID) -> list[ReplyRow]:
    """Everything this caller said, oldest first."""
    wanted = select(ReplyRow).where(ReplyRow.caller_id == caller_id)
    return list(session.exec(wanted.order_by(col(ReplyRow.at), col(ReplyRow.id))))
