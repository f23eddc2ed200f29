"""How each source is doing. One that says nothing new for `stale_after` is a fault on the console, never calm."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field, Session, SQLModel

from sources.contract import Source
from warning.observation import PayloadRow


class SourceState(SQLModel, table=True):
    """How a source is doing. `fault` is what the console shows."""

    __tablename__ = "source_state"

    source: str = Field(primary_key=True)
    tried_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    answered_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    newest_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True))
    )  # of its observations
    rows: int = 0
    rejected: int = 0
    fault: str | None = None
    fault_since: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


def _state(session: Session, source: Source, now: datetime) -> SourceState:
    state = session.get(SourceState, source.name)
    if state is None:
        state = SourceState(source=source.name, tried_at=now)
        session.add(state)
    state.tried_at = now
    return state


def note_answer(
    session: Session, source: Source, now: datetime, newest: datetime | None, *, rows: int, rejected: int
) -> None:
    """The source answered. newest: when its newest value was observed; rows, rejected: how many could and could not be read."""
    state = _state(session, source, now)
    state.answered_at, state.rows, state.rejected = now, rows, rejected
    if newest is not None and (state.newest_at is None or newest > state.newest_at):
        state.newest_at = newest
    if rows == 0 and rejected == 0 and source.may_be_empty:
        state.fault, state.fault_since = None, None
    elif rows == 0:
        _fault(state, "ตอบแล้วแต่ไม่มีข้อมูล ไม่ได้แปลว่าสถานการณ์ปกติ (answered with no rows: not a sign of calm)", now)
    else:
        _judge_age(state, source, now)


def _judge_age(state: SourceState, source: Source, now: datetime) -> None:
    """A source that answers with what it said long ago is as silent as one that does not answer."""
    if state.newest_at is not None and now - state.newest_at > source.stale_after:
        minutes = int((now - state.newest_at).total_seconds() // 60)
        _fault(
            state,
            f"ตอบแล้วแต่ค่าล่าสุดเก่า {minutes} นาที (answers, but its newest value is {minutes} minutes old)",
            now,
        )
    else:
        state.fault, state.fault_since = None, None


def note_alive(session: Session, source: Source, now: datetime) -> None:
    """The server said that nothing has changed since: it lives, and what it said before still stands, as old as it is."""
    state = _state(session, source, now)
    state.answered_at = now
    _judge_age(state, source, now)


def note_fault(
    session: Session, source: Source, why: str, now: datetime, payload_id: UUID | None = None
) -> None:
    """The source did not answer, or its answer could not be read."""
    _fault(_state(session, source, now), why, now)
    if payload_id is not None:
        row = session.get_one(PayloadRow, payload_id)
        row.fault = why


def _fault(state: SourceState, why: str, now: datetime) -> None:
    if state.fault is None:
        state.fault_since = now
    state.fault = why
