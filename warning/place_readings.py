"""What a rule looks at for a place, as one value a tambon at one moment: bulletins, forecasts, the instruments around.

The moment of a bulletin's value is when its feed answered last: while a feed is silent its rule hears nothing, and
silence is judged as silence. That of a forecast is when it was issued, of instruments their newest reading.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.areas import Areas
from geo.gazetteer import gazetteer
from geo.when import utc
from sources.contract import Source
from warning.bulletin_area import distance_km, in_force, places_of
from warning.observation import BEST, BulletinRow
from warning.place_looks import ANY
from warning.source_state import SourceState
from warning.subject import Subject, value_words

RANK = {"Minor": 1.0, "Moderate": 2.0, "Severe": 3.0, "Extreme": 4.0}
WITHOUT_SEVERITY = 1.0  # an agency that speaks at all says at least this
BULLETINS_OF = timedelta(days=30)
TOGETHER = timedelta(hours=2)  # instruments older than the newest around by more say nothing of now
SPEAKS = timedelta(hours=6)
_FORECAST = text(
    """
SELECT DISTINCT ON (source, place, valid_at) source, place, tambon, valid_at, issued_at, value FROM forecast
WHERE quantity = :quantity AND quantile = :chance AND valid_at > :now AND valid_at <= :until AND issued_at <= :now
AND issued_at > :oldest AND (:every OR source = ANY(:sources)) AND tambon IS NOT NULL
ORDER BY source, place, valid_at, issued_at DESC
"""
)
_AROUND = text(
    """
SELECT source, station, station_name, value, observed_at, lat, lon, tambon FROM latest
WHERE quantity = :quantity AND observed_at > :oldest AND observed_at <= :now AND (:every OR source = ANY(:sources))
AND COALESCE(verdict, 'good') = ANY(:allowed)
"""
)


class Seen(NamedTuple):
    """One value of a tambon. `th`, `en`: what made it, for people."""

    at: datetime  # aware UTC
    value: float
    source: str
    th: str
    en: str


@dataclass(frozen=True)
class World:
    """What the looks are made on."""

    session: Session
    now: datetime  # aware UTC
    sources: Sequence[Source]
    areas: Areas
    looked: dict[Subject, dict[str, Seen]] = field(default_factory=dict)  # at this moment, already

    def names(self, kinds: Iterable[str]) -> list[str]:
        """The office's sources of these kinds."""
        return [source.name for source in self.sources if source.kind in set(kinds)]


def look(world: World, subject: Subject, tambons: Iterable[str]) -> dict[str, Seen]:
    """What is seen of each of these tambon; those of which nothing is known are left out. Asked once a world for all tambon."""
    if subject not in world.looked:
        made = {"bulletin": _bulletins, "forecast": _forecasts}.get(subject.kind, _around)
        world.looked[subject] = made(world, subject, gazetteer().tambons)
    seen = world.looked[subject]
    return {tambon: seen[tambon] for tambon in tambons if tambon in seen}


def _bulletins(world: World, subject: Subject, tambons: Iterable[str]) -> dict[str, Seen]:
    names = world.names(subject.of)
    states = world.session.exec(select(SourceState).where(col(SourceState.source).in_(names))).all()
    answered = [utc(state.answered_at) for state in states if state.answered_at is not None]
    if not answered:
        return {}
    at = min(max(answered), world.now)
    nothing = Seen(at, 0.0, ", ".join(sorted(names)), "ไม่มีประกาศ", "no bulletin")
    found = dict.fromkeys(tambons, nothing)
    hazard, _, measure = subject.name.rpartition("_")
    rows = world.session.exec(
        select(BulletinRow).where(
            col(BulletinRow.source).in_(names), col(BulletinRow.announced_at) > world.now - BULLETINS_OF,
            col(BulletinRow.announced_at) <= world.now,
        ).order_by(col(BulletinRow.announced_at), col(BulletinRow.key))
    )  # fmt: skip
    for row in rows:
        if hazard not in (ANY, row.hazard) or not in_force(row, world.now, subject.hours):
            continue
        value = RANK.get(row.severity or "", WITHOUT_SEVERITY) if measure == "severity" else row.magnitude
        if value is None:
            continue
        for code in places_of(row, world.areas, subject.km):
            if code in found and value >= found[code].value:
                found[code] = Seen(at, value, row.source, row.title_th, row.title_en or row.title_th)
    return found


def _forecasts(world: World, subject: Subject, tambons: Iterable[str]) -> dict[str, Seen]:
    rows = world.session.execute(
        _FORECAST,
        {"quantity": subject.name, "chance": BEST if subject.chance < 0 else subject.chance, "now": world.now,
         "until": world.now + timedelta(hours=subject.hours), "oldest": world.now - timedelta(days=5),
         "every": not subject.of, "sources": world.names(subject.of)},
    )  # fmt: skip
    cells: dict[tuple[str, str], Seen] = {}
    where: dict[tuple[str, str], str] = {}
    for row in rows:
        cell = (row.source, row.place)
        where[cell] = row.tambon
        before = cells.get(cell)
        at, value = utc(row.issued_at), row.value
        if before is not None:
            at, value = max(at, before.at), max(value, before.value)
        said = value_words(subject, value)
        cells[cell] = Seen(at, value, row.source, said.th, said.en)
    return _nearest(tambons, cells, where, subject.km)


def _nearest(
    tambons: Iterable[str], cells: Mapping[tuple[str, str], Seen], where: Mapping[tuple[str, str], str], within_km: float
) -> dict[str, Seen]:  # fmt: skip
    """Of each source the cell a tambon stands in, else the nearest; of several sources the highest value."""
    places = gazetteer().tambons
    found: dict[str, Seen] = {}
    by_source: dict[str, list[tuple[str, str]]] = {}
    for cell in cells:
        if where[cell] in places:
            by_source.setdefault(cell[0], []).append(cell)
    for code in tambons:
        here = places[code]
        for held in by_source.values():
            far = {
                cell: distance_km(here.lat, here.lon, places[where[cell]].lat, places[where[cell]].lon)
                for cell in held
            }
            best = min(held, key=lambda cell: (where[cell] != code, far[cell], cell))
            if far[best] <= within_km and (code not in found or cells[best].value > found[code].value):
                found[code] = cells[best]
    return found


def _around(world: World, subject: Subject, tambons: Iterable[str]) -> dict[str, Seen]:
    allowed = ["good", "suspect"] if subject.quality == "suspect" else ["good"]
    rows = world.session.execute(
        _AROUND,
        {"quantity": subject.name, "oldest": world.now - SPEAKS, "now": world.now, "every": not subject.of,
         "sources": world.names(subject.of), "allowed": allowed},
    ).all()  # fmt: skip
    places, gauges = gazetteer().tambons, gazetteer().gauges
    told: list[tuple[float, float, Seen]] = []
    for row in rows:
        home = gauges.get(row.station) or places.get(row.tambon or "")
        lat, lon = (home.lat, home.lon) if row.lat is None and home else (row.lat, row.lon)
        if lat is None or lon is None:
            continue
        said, name = value_words(subject, row.value), row.station_name or row.station
        seen = Seen(
            utc(row.observed_at), row.value, row.source, f"{said.th} ({name})", f"{said.en} ({row.station})"
        )
        told.append((lat, lon, seen))
    found: dict[str, Seen] = {}
    for code in tambons:
        here = places[code]
        close = [seen for lat, lon, seen in told if distance_km(here.lat, here.lon, lat, lon) <= subject.km]
        if close:
            newest = max(seen.at for seen in close)
            found[code] = max(
                (s for s in close if newest - s.at <= TOGETHER), key=lambda s: s.value
            )._replace(at=newest)
    return found
