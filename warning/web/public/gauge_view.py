"""Gauges as anybody reads them: how far the water is from the bank, which way it goes, and when it was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from geo.gazetteer import Gauge, gazetteer
from warning.web.console.gauges import SILENT_AFTER
from warning.web.console.rising import rise_m_h

DRAWN = timedelta(hours=24)
TREND_OVER = timedelta(hours=3)
STEADY_M_H = 0.02  # a centimetre gauge's own ripple: less than this an hour is called steady
NEAR_BANK_M = 0.5  # from here on the water is called near its bank
MOST_UPSTREAM = 3


@dataclass(frozen=True)
class GaugeLine:
    """One level gauge. value_m, bank_m: above mean sea level; bank_m None: nobody published a bank."""

    code: str
    tambon: str
    value_m: float
    bank_m: float | None
    observed_at: datetime
    silent: bool  # its newest value is older than two hours
    doubted: bool  # quality control does not believe it
    rise_m_h: float | None
    series: tuple[tuple[datetime, float], ...]

    @property
    def below_bank_m(self) -> float | None:
        return None if self.bank_m is None else self.bank_m - self.value_m

    @property
    def word(self) -> str:
        """over | near | below | unknown_bank: where the water stands, in the fewest words."""
        below = self.below_bank_m
        if below is None:
            return "unknown_bank"
        return "over" if below <= 0 else "near" if below <= NEAR_BANK_M else "below"

    @property
    def trend(self) -> str:
        """rising | steady | falling | unknown."""
        if self.silent or self.rise_m_h is None:
            return "unknown"
        return "steady" if abs(self.rise_m_h) < STEADY_M_H else "rising" if self.rise_m_h > 0 else "falling"


_LATEST = text(
    "SELECT DISTINCT ON (station) station, value, bank_m, observed_at, verdict FROM latest "
    "WHERE quantity = 'water_level' AND station = ANY(:codes) ORDER BY station, observed_at DESC"
)
_SERIES = text(
    "SELECT station, observed_at, value FROM observation WHERE station = ANY(:codes) AND quantity = 'water_level' "
    "AND observed_at > :since AND COALESCE(verdict, 'good') <> 'bad' ORDER BY station, observed_at"
)


def gauges_near(session: Session, tambon: str, now: datetime) -> tuple[GaugeLine, ...]:
    """The level gauges of a tambon; where it has none, those its water passes before, the nearest in time first."""
    places = gazetteer()
    here = list(places.gauges_of(tambon, "level"))
    return gauge_lines(session, here or _upstream(tambon), now)


def all_gauges(session: Session, now: datetime) -> tuple[GaugeLine, ...]:
    """Every level gauge that ever spoke: over its bank first, silent ones last."""
    known = [gauge for gauge in gazetteer().gauges.values() if "level" in gauge.measures]
    lines = gauge_lines(session, known, now)
    return tuple(
        sorted(
            lines, key=lambda g: (g.silent, g.below_bank_m if g.below_bank_m is not None else 99.0, g.code)
        )
    )


def gauge_lines(session: Session, gauges: Sequence[Gauge], now: datetime) -> tuple[GaugeLine, ...]:
    """In the order given, those that ever spoke."""
    codes = [gauge.code for gauge in gauges]
    latest = {row.station: row for row in session.execute(_LATEST, {"codes": codes})}
    series: dict[str, list[tuple[datetime, float]]] = {}
    for station, at, value in session.execute(_SERIES, {"codes": codes, "since": now - DRAWN}):
        series.setdefault(station, []).append((at, value))
    return tuple(
        _line(gauge, latest[gauge.code], series.get(gauge.code, []), now)
        for gauge in gauges
        if gauge.code in latest
    )


def _line(gauge: Gauge, row: Any, series: list[tuple[datetime, float]], now: datetime) -> GaugeLine:
    lately = [(at, value) for at, value in series if now - at <= TREND_OVER]
    return GaugeLine(
        gauge.code, gauge.tambon, row.value, gauge.bank_m if gauge.bank_m is not None else row.bank_m, row.observed_at,
        now - row.observed_at > SILENT_AFTER, row.verdict not in (None, "good"), rise_m_h(lately, now), tuple(series),
    )  # fmt: skip


def _upstream(tambon: str) -> list[Gauge]:
    """Gauges of the tambon whose water comes here, nearest in travel time first."""
    places = gazetteer()
    before: dict[str, int] = {}
    todo = [(0, tambon)]
    while todo:
        minutes, here = todo.pop(0)
        for reach in places.reaches:
            arrives = minutes + reach.minutes
            if reach.end == here and arrives < before.get(reach.start, 10**6):
                before[reach.start] = arrives
                todo.append((arrives, reach.start))
    nearest = sorted((code for code in before if code != tambon), key=lambda code: before[code])
    return [gauge for code in nearest for gauge in places.gauges_of(code, "level")][:MOST_UPSTREAM]
