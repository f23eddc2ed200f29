"""A tick of a source: ask, keep the bytes, read them, record what is new.

The payload is kept as it came (compressed), so that a mended reader can be run over last year's night. A row that makes
no sense is kept with its reason. A source that says nothing new for `stale_after` is a fault on the console, never calm.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Column, DateTime, Index, String, delete
from sqlmodel import Field, Session, SQLModel, col

from geo.names import NAMESPACE
from sources.contract import Bulletin, Forecast, Observation, Payload, Reading, Rejected, Source
from warning.office import Office
from warning.step import Next
from warning.store.insert import insert_new, upsert


class PayloadRow(SQLModel, table=True):
    """Raw bytes of one answer, zlib-compressed."""

    __tablename__ = "payload"

    id: UUID = Field(primary_key=True)
    source: str = Field(index=True)
    fetched_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    body: bytes
    fault: str | None = None  # why it could not be read


class ObservationRow(SQLModel, table=True):
    """One value, for ever."""

    __tablename__ = "observation"

    source: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    observed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    value: float
    unit: str
    payload_id: UUID


class Latest(SQLModel, table=True):
    """The newest value of each station and quantity: what rules and pages read."""

    __table_args__ = (Index("latest_tambon", "tambon"),)

    source: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    value: float
    unit: str
    observed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    tambon: str | None = Field(default=None, sa_column=Column(String(6, collation="C")))
    station_name: str | None = None
    lat: float | None = None
    lon: float | None = None
    bank_m: float | None = None


class ForecastRow(SQLModel, table=True):
    __tablename__ = "forecast"

    source: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    valid_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    issued_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    value: float
    unit: str
    tambon: str | None = None


class BulletinRow(SQLModel, table=True):
    """An agency's own words."""

    __tablename__ = "bulletin"

    source: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    title_th: str
    title_en: str | None = None
    text_th: str
    text_en: str | None = None
    announced_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    effective_from: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    effective_to: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    areas: str  # codes, comma between
    severity: str | None = None
    url: str | None = None


class RejectedRow(SQLModel, table=True):
    """A row nobody could read, with the reason."""

    __tablename__ = "rejected"

    payload_id: UUID = Field(primary_key=True)
    nth: int = Field(primary_key=True)
    source: str = Field(index=True)
    raw: str
    why: str


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


RAW_MAX_CHARS = 2000


def keep(session: Session, source: Source, payload: Payload) -> UUID:
    """Keep the bytes before anybody tries to read them. The same bytes at the same time are one row."""
    digest = hashlib.sha256(payload.body).hexdigest()
    payload_id = uuid5(NAMESPACE, f"payload {source.name} {payload.fetched_at.isoformat()} {digest}")
    insert_new(
        session,
        PayloadRow,
        [
            {
                "id": payload_id,
                "source": source.name,
                "fetched_at": payload.fetched_at,
                "body": zlib.compress(payload.body),
            }
        ],
    )
    return payload_id


def record(
    session: Session,
    source: Source,
    payload_id: UUID,
    readings: Sequence[Reading],
    now: datetime,
    tambon_at: Callable[[float, float], str | None],
    bound: Callable[[str], str | None],
) -> list[Observation]:
    """Record what is new of one payload; returns the observations not seen before.

    tambon_at: (lat, lon) -> tambon code, for stations the feed gives no code; bound: station -> tambon, the explicit
    binding, which wins over both.
    """
    observations = [_placed(r, tambon_at, bound) for r in readings if isinstance(r, Observation)]
    new_keys = insert_new(
        session,
        ObservationRow,
        [
            {
                "source": o.source,
                "station": o.station,
                "quantity": o.quantity.value,
                "observed_at": o.observed_at,
                "value": o.value,
                "unit": o.unit,
                "payload_id": payload_id,
            }
            for o in observations
        ],
        returning=("station", "quantity", "observed_at"),
    )
    fresh = {tuple(row) for row in new_keys}
    new = [o for o in observations if (o.station, o.quantity.value, o.observed_at) in fresh]
    _remember_latest(session, new, now)
    _record_rest(session, source, payload_id, readings)
    rejected = sum(isinstance(r, Rejected) for r in readings)
    newest = max((o.observed_at for o in observations), default=None)
    _note_answer(session, source, now, newest, rows=len(readings) - rejected, rejected=rejected)
    return new


def _placed(
    o: Observation, tambon_at: Callable[[float, float], str | None], bound: Callable[[str], str | None]
) -> Observation:
    tambon = bound(o.station) or o.tambon
    if tambon is None and o.lat is not None and o.lon is not None:
        tambon = tambon_at(o.lat, o.lon)
    return o if tambon == o.tambon else o._replace(tambon=tambon)


def _remember_latest(session: Session, new: Iterable[Observation], now: datetime) -> None:
    newest: dict[tuple[str, str], Observation] = {}
    for o in new:
        held = newest.get((o.station, o.quantity))
        if held is None or held.observed_at < o.observed_at:
            newest[(o.station, o.quantity)] = o
    upsert(
        session,
        Latest,
        [
            {
                "source": o.source,
                "station": o.station,
                "quantity": o.quantity.value,
                "value": o.value,
                "unit": o.unit,
                "observed_at": o.observed_at,
                "received_at": now,
                "tambon": o.tambon,
                "station_name": o.station_name,
                "lat": o.lat,
                "lon": o.lon,
                "bank_m": o.bank_m,
            }
            for o in newest.values()
        ],
        only_if_newer="observed_at",
    )


def _record_rest(session: Session, source: Source, payload_id: UUID, readings: Sequence[Reading]) -> None:
    insert_new(
        session,
        ForecastRow,
        [
            {
                "source": f.source,
                "place": f.place,
                "quantity": f.quantity.value,
                "valid_at": f.valid_at,
                "issued_at": f.issued_at,
                "value": f.value,
                "unit": f.unit,
                "tambon": f.tambon,
            }
            for f in readings
            if isinstance(f, Forecast)
        ],
    )
    insert_new(
        session,
        BulletinRow,
        [b._asdict() | {"areas": ",".join(b.areas)} for b in readings if isinstance(b, Bulletin)],
    )
    insert_new(
        session,
        RejectedRow,
        [
            {
                "payload_id": payload_id,
                "nth": nth,
                "source": source.name,
                "why": r.why,
                "raw": (r.raw if isinstance(r.raw, str) else json.dumps(r.raw, ensure_ascii=False))[
                    :RAW_MAX_CHARS
                ],
            }
            for nth, r in enumerate(readings)
            if isinstance(r, Rejected)
        ],
    )


def _state(session: Session, source: Source, now: datetime) -> SourceState:
    state = session.get(SourceState, source.name)
    if state is None:
        state = SourceState(source=source.name, tried_at=now)
        session.add(state)
    state.tried_at = now
    return state


def _note_answer(
    session: Session, source: Source, now: datetime, newest: datetime | None, *, rows: int, rejected: int
) -> None:
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


def forget_payloads(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Drop raw payloads older than the office's `retention.payloads`; their observations stay. work: not used."""
    before = now - office.config.retention.payloads
    session.execute(delete(PayloadRow).where(col(PayloadRow.fetched_at) < before))
    return []
