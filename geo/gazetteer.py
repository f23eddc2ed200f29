"""The places of the province: amphoe, tambon, villages, gauges, rivers. Facts and sources: geo/data.

Codes are DOPA codes as text (amphoe 4, tambon 6, village 8 digits); names are never keys: two tambon
names occur twice inside the province.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

from geo.thai import thai_sort_key

CHANGWAT = "93"

Place = TypeVar("Place")


class Hazard(StrEnum):
    """What flood a tambon knows best; `Tambon.hazard_named` says how well this is founded."""

    RUNOFF = "runoff"
    FLASH = "flash"
    PLAIN = "plain"
    LAKESHORE = "lakeshore"


class UnknownPlace(LookupError):
    """No such code. The message is worded for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Amphoe:
    code: str
    th: str
    en: str
    kind: str  # mountain | lakeside


@dataclass(frozen=True, slots=True)
class Tambon:
    code: str
    th: str
    en: str
    amphoe: str
    postcode: str
    lat: float  # a point surely inside, WGS84; not the centroid
    lon: float
    area_km2: float  # with the lake water inside its boundary
    population: int  # registered, 31 Dec 2021
    households: int
    hazard: Hazard
    hazard_named: bool  # False: taken over from its amphoe


@dataclass(frozen=True, slots=True)
class Village:
    code: str
    th: str
    en: str
    tambon: str
    lat: float | None  # None: no point is known
    lon: float | None
    point_ambiguous: bool
    households: int  # shared out from the tambon
    people: int
    estimated: bool = True  # households and people, until the office's own sheet replaces them

    @property
    def moo(self) -> int:
        """Village number inside its tambon."""
        return int(self.code[6:])


@dataclass(frozen=True, slots=True)
class Gauge:
    code: str
    th: str
    en: str
    measures: frozenset[str]  # of level, rain, gate, reservoir
    agency: str
    thaiwater_id: str | None
    tambon: str
    lat: float
    lon: float
    place_rounded: bool  # published to 0.01 degree only, so the tambon is approximate
    bed_m: float | None  # above mean sea level
    bank_m: float | None  # lowest bank, above mean sea level
    river: str | None
    river_assumed: bool


@dataclass(frozen=True, slots=True)
class River:
    code: str
    th: str
    en: str
    into: str | None  # the river whose lower course carries the water on


@dataclass(frozen=True, slots=True)
class Reach:
    """Water seen in tambon `start` may reach tambon `end` after `minutes`."""

    river: str
    start: str
    end: str
    minutes: int
    estimate: bool = True


@dataclass(frozen=True)
class Gazetteer:
    """All places, each mapping from code to place in order of code."""

    amphoes: Mapping[str, Amphoe]
    tambons: Mapping[str, Tambon]
    villages: Mapping[str, Village]
    gauges: Mapping[str, Gauge]
    rivers: Mapping[str, River]
    reaches: tuple[Reach, ...]
    borders: Mapping[tuple[str, str], int]  # pair of tambon, a < b -> metres shared
    _villages_of: Mapping[str, tuple[Village, ...]] = field(repr=False)
    _neighbours: Mapping[str, tuple[str, ...]] = field(repr=False)
    _by_thaiwater: Mapping[str, Gauge] = field(repr=False)

    def amphoe(self, code: str) -> Amphoe:
        """The amphoe of a code of 4 to 8 digits. Raises UnknownPlace."""
        return _get(self.amphoes, code[:4], "amphoe")

    def tambon(self, code: str) -> Tambon:
        """The tambon of a 6-digit code. Raises UnknownPlace."""
        return _get(self.tambons, code, "tambon")

    def village(self, code: str) -> Village:
        """The village of an 8-digit code. Raises UnknownPlace."""
        return _get(self.villages, code, "village")

    def gauge(self, code: str) -> Gauge:
        """The gauge of an agency's station code, such as X.170. Raises UnknownPlace."""
        return _get(self.gauges, code, "gauge")

    def gauge_of_thaiwater(self, station_id: int | str) -> Gauge | None:
        """The gauge of a ThaiWater station id, None for a station outside the province."""
        return self._by_thaiwater.get(str(station_id))

    def gauges_of(self, tambon: str, measure: str | None = None) -> tuple[Gauge, ...]:
        """Gauges bound to a tambon; with `measure` (level, rain, gate, reservoir) only those."""
        here = (gauge for gauge in self.gauges.values() if gauge.tambon == tambon)
        return tuple(gauge for gauge in here if measure is None or measure in gauge.measures)

    def villages_of(self, tambon: str) -> tuple[Village, ...]:
        """Villages of a tambon by moo. Empty for 930101, which is all town and has communities instead."""
        self.tambon(tambon)
        return self._villages_of.get(tambon, ())

    def tambons_of(self, amphoe: str) -> tuple[Tambon, ...]:
        """Tambon of an amphoe, by code. Raises UnknownPlace."""
        _get(self.amphoes, amphoe, "amphoe")
        return tuple(tambon for tambon in self.tambons.values() if tambon.amphoe == amphoe)

    def neighbours(self, tambon: str) -> tuple[str, ...]:
        """Codes of the tambon that share a border, longest border first."""
        self.tambon(tambon)
        return self._neighbours.get(tambon, ())

    def named(self, name: str) -> tuple[Tambon, ...]:
        """Every tambon of this exact Thai name, with or without ตำบล or ต. before it: none, one or two."""
        bare = name.strip().removeprefix("ตำบล").removeprefix("ต.").strip()
        return tuple(tambon for tambon in self.tambons.values() if tambon.th == bare)

    def in_thai_order(self) -> list[Tambon]:
        """All tambon as a Thai reader looks for them."""
        return sorted(self.tambons.values(), key=lambda tambon: (thai_sort_key(tambon.th), tambon.code))


def shared_out(total: int, parts: int) -> list[int]:
    """Equal whole parts that sum to the total exactly; the first ones take what is left over.

    Largest remainder with equal weights: nobody publishes households by village.
    """
    if parts == 0:
        return []
    each, left = divmod(total, parts)
    return [each + (place < left) for place in range(parts)]


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer of the province, read once."""
    tambons = {
        row["code"]: Tambon(
            code=row["code"],
            th=row["th"],
            en=row["en"],
            amphoe=row["amphoe"],
            postcode=row["postcode"],
            lat=float(row["inside_lat"]),
            lon=float(row["inside_lon"]),
            area_km2=float(row["area_km2"]),
            population=int(row["population_2021"]),
            households=int(row["households_2021"]),
            hazard=Hazard(row["hazard"]),
            hazard_named=row["hazard_basis"] == "named",
        )
        for row in rows("tambons.csv")
    }
    villages = _villages(tambons)
    gauges = {row["code"]: _gauge(row) for row in rows("gauges.csv")}
    borders = {(row["a"], row["b"]): int(row["border_m"]) for row in rows("neighbours.csv")}
    reaches = (
        Reach(row["river"], row["from"], row["to"], int(row["minutes"]), row["estimate"] == "true")
        for row in rows("reaches.csv")
    )
    return Gazetteer(
        amphoes={row["code"]: Amphoe(**row) for row in rows("amphoes.csv")},
        tambons=tambons,
        villages={village.code: village for of in villages.values() for village in of},
        gauges=gauges,
        rivers={
            row["code"]: River(row["code"], row["th"], row["en"], row["into"] or None)
            for row in rows("rivers.csv")
        },
        reaches=tuple(reaches),
        borders=borders,
        _villages_of=villages,
        _neighbours=_neighbours(borders),
        _by_thaiwater={gauge.thaiwater_id: gauge for gauge in gauges.values() if gauge.thaiwater_id},
    )


def _villages(tambons: Mapping[str, Tambon]) -> dict[str, tuple[Village, ...]]:
    rows_of: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("villages.csv"):
        rows_of[row["tambon"]].append(row)
    return {
        code: tuple(
            Village(
                code=row["code"],
                th=row["th"],
                en=row["en"],
                tambon=code,
                lat=float(row["lat"]) if row["lat"] else None,
                lon=float(row["lon"]) if row["lon"] else None,
                point_ambiguous=row["point_basis"] == "ambiguous",
                households=households,
                people=people,
            )
            for row, households, people in zip(
                found,
                shared_out(tambons[code].households, len(found)),
                shared_out(tambons[code].population, len(found)),
                strict=True,
            )
        )
        for code, found in rows_of.items()
    }


def _gauge(row: Mapping[str, str]) -> Gauge:
    return Gauge(
        code=row["code"],
        th=row["th"],
        en=row["en"],
        measures=frozenset(row["measures"].split("+")),
        agency=row["agency"],
        thaiwater_id=row["thaiwater_id"] or None,
        tambon=row["tambon"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        place_rounded=row["place"] == "rounded",
        bed_m=float(row["bed_m"]) if row["bed_m"] else None,
        bank_m=float(row["bank_m"]) if row["bank_m"] else None,
        river=row["river"] or None,
        river_assumed=row["river_basis"] == "assumed",
    )


def _neighbours(borders: Mapping[tuple[str, str], int]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for (a, b), metres in borders.items():
        found[a].append((-metres, b))
        found[b].append((-metres, a))
    return {code: tuple(other for _, other in sorted(pairs)) for code, pairs in found.items()}


def _get(places: Mapping[str, Place], code: str, kind: str) -> Place:
    if code not in places:
        raise UnknownPlace(f"no {kind} has the code {code!r} in Phatthalung; see geo/data for the list")
    return places[code]


def rows(name: str) -> Iterable[dict[str, str]]:
    """Rows of a file of geo/data, without the comment lines that give its sources."""
    text = files("geo").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
