"""What is kept of quality control: what it remembers of each series, and what it said later of a value it had doubted.

The verdict of a value stands in its own row and never changes: it is what the rules went by. A second judgement is a row
of its own beside it, so "what did we believe then" and "what do we know now" can both be read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Column, DateTime, text
from sqlmodel import Field, Session, SQLModel

from geo.gazetteer import gazetteer
from sources.contract import Observation, Quantity, Source
from sources.quality import Held
from sources.quality_around import LEVELS, WET, Around, Series, upstream_of
from sources.quality_round import Later, Said, judge_round, microseconds, moment_of
from sources.verdict import REASON_WORDS, Reason
from warning.store.insert import upsert

_LEVELS_SEEN = timedelta(
    hours=36
)  # a river of this province needs less than a day, and the look back before it


class QualityHeld(SQLModel, table=True):
    """All that is remembered of a series (`sources.quality.Held`); times in microseconds since 1970, NaN for never."""

    __tablename__ = "quality_held"

    source: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    last: float
    last_at: float
    sure: float
    sure_at: float
    doubt_since: float
    flat_since: float
    pace: float


class SecondVerdict(SQLModel, table=True):
    """What a later reading told of a value that was doubted when it came."""

    __tablename__ = "second_verdict"

    source: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    observed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    verdict: str
    reason: str
    judged_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('quality ' || :source))")
_KNOWN = text(
    "SELECT w.nth FROM unnest(CAST(:stations AS text[]), CAST(:quantities AS text[]), CAST(:ats AS timestamptz[])) "
    "WITH ORDINALITY AS w(station, quantity, at, nth) JOIN observation o ON o.source = :source "
    "AND o.station = w.station AND o.quantity = w.quantity AND o.observed_at = w.at"
)
_HELD = text(
    f"SELECT h.station, h.quantity, {', '.join(f'h.{name}' for name in Held._fields)} FROM quality_held h "  # noqa: S608
    "WHERE h.source = :source AND h.station = ANY(:stations)"
)
_RAIN = text(
    "SELECT station, quantity, value, observed_at FROM latest WHERE quantity = ANY(:quantities) "
    "AND station = ANY(:stations) AND COALESCE(verdict, 'good') = 'good'"
)
_UPSTREAM = text(
    "SELECT station, observed_at, value FROM observation WHERE station = ANY(:stations) AND quantity = ANY(:quantities) "
    "AND observed_at > :since AND COALESCE(verdict, 'good') = 'good' ORDER BY station, observed_at"
)
_SECOND = text(
    "INSERT INTO second_verdict (source, station, quantity, observed_at, verdict, reason, judged_at) "
    "SELECT source, station, quantity, observed_at, :verdict, :reason, :now FROM observation "
    "WHERE source = :source AND station = :station AND quantity = :quantity AND observed_at BETWEEN :since AND :until "
    "AND verdict <> 'good' ON CONFLICT DO NOTHING"
)


def words_of(reason: Reason) -> str | None:
    """`Thai (English)`, as rules and pages show it; None where there is nothing to say."""
    told = REASON_WORDS[reason]
    return f"{told.th} ({told.en})" if told.th else None


def unknown(session: Session, source: Source, observations: Sequence[Observation]) -> list[Observation]:
    """Those never seen before, of each series and time the first. No other worker judges this source until the commit."""
    session.execute(_LOCK, {"source": source.name})
    first = list({(o.station, o.quantity, o.observed_at): o for o in reversed(observations)}.values())[::-1]
    if not first:
        return []
    told = {"source": source.name, "stations": [o.station for o in first],
            "quantities": [o.quantity.value for o in first], "ats": [o.observed_at for o in first]}  # fmt: skip
    known = set(session.execute(_KNOWN, told).scalars())
    return [o for nth, o in enumerate(first, start=1) if nth not in known]


def judge_new(
    session: Session, source: Source, observations: Sequence[Observation], now: datetime
) -> tuple[list[Said], list[Later]]:
    """The verdict of each, in their order, and what is now known of earlier ones; what is remembered goes on.

    observations: of `unknown`; whoever asks records them, then calls `say_later`.
    """
    if not observations:
        return [], []
    stations = sorted({o.station for o in observations})
    held = {
        (row[0], Quantity(row[1])): Held(*row[2:])
        for row in session.execute(_HELD, {"source": source.name, "stations": stations})
        if row[1] in set(Quantity)
    }
    around = around_of(session, observations, now)
    found = judge_round(observations, held, now, around=around, by_people=source.by_people)
    upsert(
        session, QualityHeld,
        [{"source": source.name, "station": station, "quantity": quantity.value, **kept._asdict()}
         for (station, quantity), kept in found.held.items()],
    )  # fmt: skip
    return found.said, found.later


def say_later(session: Session, source: Source, later: Iterable[Later], now: datetime) -> None:
    """Append what is known now of values doubted before. After their rows were written."""
    for settled in later:
        station, quantity = settled.series
        session.execute(
            _SECOND,
            {"source": source.name, "station": station, "quantity": quantity.value, "now": now,
             "since": moment_of(settled.since), "until": moment_of(settled.until), "verdict": settled.said.verdict.value,
             "reason": words_of(settled.said.reason)},
        )  # fmt: skip


def around_of(session: Session, observations: Sequence[Observation], now: datetime) -> Around:
    """What the gauges of the gazetteer around told lately, this very answer counted."""
    ours = [o for o in observations if o.station in gazetteer().gauges]
    if not ours:
        return Around()
    everyone = list(gazetteer().gauges)
    rain = {"quantities": [q.value for q in WET], "stations": everyone}
    newest: dict[Series, tuple[float, float]] = {
        (station, Quantity(quantity)): (value, microseconds(at))
        for station, quantity, value, at in session.execute(_RAIN, rain)
    }
    for o in ours:
        at = microseconds(o.observed_at)
        if o.quantity in WET and at > newest.get((o.station, o.quantity), (0.0, -np.inf))[1]:
            newest[o.station, o.quantity] = o.value, at
    above = {up.station for o in ours if o.quantity in LEVELS for up in upstream_of(o.station)}
    levels: dict[str, list[tuple[float, float]]] = {}
    if above:
        told = {
            "stations": sorted(above),
            "quantities": [q.value for q in LEVELS],
            "since": now - _LEVELS_SEEN,
        }
        for station, at, value in session.execute(_UPSTREAM, told):
            levels.setdefault(station, []).append((microseconds(at), value))
    return Around(
        newest, {code: (np.array(told)[:, 0], np.array(told)[:, 1]) for code, told in levels.items()}
    )
