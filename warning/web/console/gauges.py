"""Level gauges as the officer reads them: how far from the bank, how fast, since when silent."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from geo.gazetteer import gazetteer
from sources.verdict import VERDICT_WORDS, Verdict
from warning.observation import Latest, ObservationRow
from warning.web.console.names import tambon_name
from warning.web.console.rising import rise_m_h
from warning.words.one_language import one_language

HYDROGRAPH_SPAN = timedelta(hours=3)
SILENT_AFTER = timedelta(hours=2)
MOST_DRAWN = 3


@dataclass(frozen=True)
class GaugeNow:
    code: str
    name: str
    tambon: str
    value_m: float
    bank_m: float | None
    observed_at: datetime
    silent: bool
    rise_m_h: float | None
    series: tuple[tuple[datetime, float], ...]
    lat: float | None
    lon: float | None
    doubt: str = ""  # why quality control does not believe the newest value, with its mark

    @property
    def below_bank_m(self) -> float | None:
        return None if self.bank_m is None else self.bank_m - self.value_m


def gauges_now(session: Session, now: datetime, lang: str) -> list[GaugeNow]:
    """Level gauges, the nearest to its bank first; the first few with their last hours, without what cannot be true."""
    places = gazetteer()
    rows = session.exec(select(Latest).where(Latest.quantity == "water_level")).all()
    found = []
    for row in rows:
        known = places.gauges.get(row.station)
        bank = known.bank_m if known and known.bank_m is not None else row.bank_m
        name = (known.th if lang == "th" else known.en) if known else (row.station_name or row.station)
        place = tambon_name(row.tambon, lang) if row.tambon and row.tambon in places.tambons else ""
        found.append(
            GaugeNow(row.station, name, place, row.value, bank, row.observed_at, now - row.observed_at > SILENT_AFTER,
                     None, (), row.lat or (known.lat if known else None), row.lon or (known.lon if known else None),
                     _doubt(row, lang))
        )  # fmt: skip
    found.sort(key=lambda g: (g.silent, g.below_bank_m if g.below_bank_m is not None else 99))
    return [_with_series(session, g, now) if n < MOST_DRAWN else g for n, g in enumerate(found)]


def _doubt(row: Latest, lang: str) -> str:
    if row.verdict in (None, Verdict.GOOD):
        return ""
    mark = VERDICT_WORDS[Verdict(row.verdict)]
    return f"{mark.symbol} {one_language(row.reason, lang) if row.reason else getattr(mark, lang)}"


def _with_series(session: Session, gauge: GaugeNow, now: datetime) -> GaugeNow:
    rows = session.exec(
        select(ObservationRow.observed_at, ObservationRow.value)
        .where(ObservationRow.station == gauge.code, ObservationRow.quantity == "water_level",
               col(ObservationRow.observed_at) > now - HYDROGRAPH_SPAN,
               func.coalesce(ObservationRow.verdict, "good") != Verdict.BAD.value)
        .order_by(col(ObservationRow.observed_at))
    ).all()  # fmt: skip
    series = tuple((at, value) for at, value in rows)
    return replace(gauge, series=series, rise_m_h=rise_m_h(series, now))
