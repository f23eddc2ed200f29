"""What the gauges around say: whether water may well rise here, whether rain fell only here, whether a still gauge is stuck.

Neighbours are near on the map, upstream gauges by the reaches of the rivers. Gauges outside the gazetteer have neither, and
nothing is held against them.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from geo.gazetteer import Gauge, gazetteer
from geo.rivers import downstream
from sources.contract import Quantity
from sources.limits import Limits
from sources.quality import HOUR, Floats, Held
from sources.verdict import Reason

NEAR_KM = 20.0  # showers of the monsoon are that wide
BLOCKED_KM = 15.0
FRESH_H = 3.0  # older than this a neighbour proves nothing
LOOK_BACK_H = 12.0  # of the levels upstream
RISEN_M = 0.5  # upstream, so much that the gauge below must show something
WAKING_M = 0.2  # upstream, so much that a rise below is no surprise
STILL_H = 3.0  # and for so long after the water should have come the gauge below has not moved at all
WIDESPREAD_MM = (
    35.1  # heavy rain in 24 h to the TMD (standards section 5): none here while all around have it
)
ALMOST_NONE = 0.05  # of the lonely gauge's own rain
WET: Mapping[Quantity, float] = {
    # so much rain around that a river may leap: heavy by the TMD's day, and a fifth of that in an hour
    Quantity.RAIN_1H: 7.0,
    Quantity.RAIN_3H: 15.0,
    Quantity.RAIN_24H: WIDESPREAD_MM,
}
LEVELS = frozenset({Quantity.WATER_LEVEL, Quantity.STAGE})

Series = tuple[str, Quantity]


class Upstream(NamedTuple):
    station: str
    travel: float  # microseconds until its water is here


class Around(NamedTuple):
    """What others told lately. newest: value and when (microseconds) of a series; levels: times ascending, and values."""

    newest: Mapping[Series, tuple[float, float]] = {}
    levels: Mapping[str, tuple[Floats, Floats]] = {}

    def may_rise(self, station: str, at: float) -> bool:
        """Rain around, or a rise upstream, before this moment: a step up needs no second reading to be believed."""
        for quantity, enough in WET.items():
            if any(value >= enough for value in self._near(station, quantity, at, NEAR_KM)):
                return True
        return any(
            self._risen(up.station, at - LOOK_BACK_H * HOUR, at) >= WAKING_M for up in upstream_of(station)
        )

    def against(self, series: Series, at: float, value: float, held: Held, limits: Limits) -> Reason | None:
        """Why a value that is good by its own past is doubted by the gauges around, or None. held: with this value in it."""
        station, quantity = series
        if quantity in LEVELS:
            return Reason.UPSTREAM if self._stuck(station, at, held) else None
        if value >= limits.lonely:
            others = self._near(station, quantity, at, NEAR_KM)
            return Reason.NEIGHBOUR if len(others) >= 2 and max(others) < ALMOST_NONE * value else None
        if quantity is Quantity.RAIN_24H and value == 0.0:
            others = self._near(station, quantity, at, BLOCKED_KM)
            return Reason.NEIGHBOUR if len(others) >= 3 and min(others) >= WIDESPREAD_MM else None
        return None

    def _stuck(self, station: str, at: float, held: Held) -> bool:
        still = at - held.flat_since
        return any(
            still >= STILL_H * HOUR + up.travel
            and self._risen(up.station, held.flat_since - up.travel, at - up.travel - STILL_H * HOUR)
            >= RISEN_M
            for up in upstream_of(station)
        )

    def _risen(self, station: str, since: float, until: float) -> float:
        """How far over its lowest it stood at the end of that time, in m."""
        if station not in self.levels:
            return -math.inf
        times, values = self.levels[station]
        seen = values[(times >= since) & (times <= until)]
        return float(seen[-1] - seen.min()) if len(seen) > 1 else -math.inf

    def _near(self, station: str, quantity: Quantity, at: float, within_km: float) -> Sequence[float]:
        told = (self.newest.get((other, quantity)) for other, km in neighbours_of(station) if km <= within_km)
        return [value for value, when in filter(None, told) if abs(at - when) <= FRESH_H * HOUR]


@cache
def neighbours_of(station: str) -> tuple[tuple[str, float], ...]:
    """Other gauges of the gazetteer within NEAR_KM, and how far, nearest first."""
    here = gazetteer().gauges.get(station)
    if here is None:
        return ()
    found = [(other.code, _km(here, other)) for other in gazetteer().gauges.values() if other is not here]
    return tuple(sorted(((code, km) for code, km in found if km <= NEAR_KM), key=lambda each: each[1]))


@cache
def upstream_of(station: str) -> tuple[Upstream, ...]:
    """Level gauges on the same water whose tambon lies above this one's, by the built-in reaches."""
    here = gazetteer().gauges.get(station)
    if here is None or here.river is None or "level" not in here.measures:
        return ()
    found = []
    for other in gazetteer().gauges.values():
        if other is here or "level" not in other.measures or other.river is None:
            continue
        for arrival in downstream(other.code):
            if arrival.tambon == here.tambon and arrival.minutes > 0 and here.river in _course(other.river):
                found.append(Upstream(other.code, arrival.minutes * HOUR / 60))
    return tuple(found)


def _course(river: str) -> set[str]:
    """A river and those its water runs into."""
    found: set[str] = set()
    on: str | None = river
    while on is not None and on not in found:
        found.add(on)
        on = gazetteer().rivers[on].into if on in gazetteer().rivers else None
    return found


def _km(a: Gauge, b: Gauge) -> float:
    """Flat is true enough over twenty kilometres."""
    north = (a.lat - b.lat) * 110.57
    east = (a.lon - b.lon) * 111.32 * math.cos(math.radians(a.lat))
    return float(np.hypot(north, east))
