"""A tick of a source: ask, keep the bytes, read them, record what is new.

The payload is kept as it came (compressed), so that a mended reader can be run over last year's night. A row that makes
no sense is kept with its reason.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import delete
from sqlmodel import Session, col

from geo.names import NAMESPACE
from sources.contract import Bulletin, Forecast, Observation, Payload, Reading, Rejected, Source
from sources.quality_round import Said
from warning.judging import judge_new, say_later, unknown, words_of
from warning.observation import (
    BEST,
    BulletinRow,
    ForecastRow,
    Latest,
    ObservationRow,
    PayloadRow,
    RejectedRow,
)
from warning.office import Office
from warning.source_state import note_answer
from warning.step import Next
from warning.store.insert import insert_new, upsert

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
    new = unknown(session, source, observations)
    said, later = judge_new(session, source, new, now)
    insert_new(
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
                **_quality(of),
            }
            for o, of in zip(new, said, strict=True)
        ],
    )
    say_later(session, source, later, now)
    _remember_latest(session, zip(new, said, strict=True), now)
    _record_rest(session, source, payload_id, readings)
    rejected = sum(isinstance(r, Rejected) for r in readings)
    newest = max((o.observed_at for o in observations), default=None)
    note_answer(session, source, now, newest, rows=len(readings) - rejected, rejected=rejected)
    return new


def _placed(
    o: Observation, tambon_at: Callable[[float, float], str | None], bound: Callable[[str], str | None]
) -> Observation:
    tambon = bound(o.station) or o.tambon
    if tambon is None and o.lat is not None and o.lon is not None:
        tambon = tambon_at(o.lat, o.lon)
    return o if tambon == o.tambon else o._replace(tambon=tambon)


def _quality(said: Said) -> dict[str, str | None]:
    return {"verdict": said.verdict.value, "reason": words_of(said.reason)}


def _remember_latest(session: Session, new: Iterable[tuple[Observation, Said]], now: datetime) -> None:
    newest: dict[tuple[str, str], tuple[Observation, Said]] = {}
    for o, said in new:
        held = newest.get((o.station, o.quantity))
        if held is None or held[0].observed_at < o.observed_at:
            newest[(o.station, o.quantity)] = o, said
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
                **_quality(said),
            }
            for o, said in newest.values()
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
                "quantile": BEST if f.quantile is None else f.quantile,
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


def forget_payloads(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Drop raw payloads older than the office's `retention.payloads`; their observations stay. work: not used."""
    before = now - office.config.retention.payloads
    session.execute(delete(PayloadRow).where(col(PayloadRow.fetched_at) < before))
    return []
