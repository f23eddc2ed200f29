"""What the lead-time method looks at, at each moment, of what had been heard by then: level, rises, rain, water upstream.

All windows are in units of one hour, or of one step where the gauge is read more seldom.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from warning.hindcast.accepted import Accepted, accept
from warning.hindcast.channel import HOUR, Channel, Floats
from warning.hindcast.match import Bools
from warning.hindcast.plain_methods import rain_over

RISES = (1, 2, 3, 6, 12, 24)
FALLEN = (1, 2, 3, 4, 6, 9, 12, 24, 48, 72, 168, 720)
FALLEN_MOST = (1, 3, 6, 12, 24)  # of the gauge with most rain
STORES = (2, 4, 8, 16, 36, 120)  # the catchment as tanks that empty by 1/e in so many units
UPSTREAM = (1, 3, 6)
_OLD_UNITS = 6  # a value of another station older than this is not known


class Looked(NamedTuple):
    """One row a reading of the truth's gauge. table: 0 where a thing is not known."""

    at: Floats
    level: Floats  # as believed (warning.hindcast.accepted)
    names: tuple[str, ...]
    table: Floats
    unit_s: float
    step: float

    def of(self, name: str) -> Floats:
        """A column, 0 throughout where there is no such thing."""
        if name not in self.names:
            return np.zeros(len(self.at))
        found: Floats = self.table[:, self.names.index(name)]
        return found


def unit_of(step: float) -> float:
    return max(HOUR, step)


def look(heard: Accepted, step: float, others: Sequence[Channel]) -> Looked:
    """others: of the study, not the truth; sorted by name, so that files may name them in any order."""
    unit = unit_of(step)
    columns: dict[str, Floats] = {"level": heard.value}
    for k in RISES:
        columns[f"rise_{k}"] = rise(heard, k * unit)
    rains = [c for c in others if c.is_rain]
    if rains:
        columns |= _rain(heard.at, rains, unit)
    for other in sorted((c for c in others if not c.is_rain), key=lambda c: (c.station, c.quantity)):
        columns |= _elsewhere(heard.at, other, unit)
    table = np.nan_to_num(np.column_stack(list(columns.values())), nan=0.0, posinf=0.0, neginf=0.0)
    return Looked(heard.at, heard.value, tuple(columns), table, unit, step)


def rise(heard: Accepted, seconds: float) -> Floats:
    """Rise since `seconds` ago, 0 where that was not heard or the series was broken since."""
    before = np.searchsorted(heard.at, heard.at - seconds + 1.0, side="right") - 1
    known = before >= 0
    before = np.clip(before, 0, None)
    known &= (heard.at - heard.at[before] <= 1.5 * seconds + HOUR) & (heard.part == heard.part[before])
    return np.where(known, np.nan_to_num(heard.value - heard.value[before]), 0.0)


def _rain(at: Floats, rains: Sequence[Channel], unit: float) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for k in FALLEN:
        fallen = np.array([rain_over(r, at, k * unit) for r in rains])
        found[f"rain_{k}"] = fallen.mean(axis=0)
        if k in FALLEN_MOST and len(rains) > 1:
            found[f"most_{k}"] = fallen.max(axis=0)
    # rain since the reading before, so that no drop counts twice whatever the step
    since = np.diff(at, prepend=at[0] - unit)
    fresh = np.array([_since(r, at) for r in rains]).mean(axis=0)
    for tau in STORES:
        found[f"store_{tau}"] = _tank(fresh, np.exp(-since / (tau * unit)))
    return found


def _since(rain: Channel, at: Floats) -> Floats:
    total = rain_over(rain, at, float(at[-1] - at[0]) + 400 * 86400.0)
    return np.diff(total, prepend=total[0])


def _tank(inflow: Floats, kept: Floats) -> Floats:
    out = np.empty(len(inflow))
    water = 0.0
    for n, (came, stays) in enumerate(zip(inflow.tolist(), kept.tolist(), strict=True)):
        water = water * stays + came
        out[n] = water
    return out


def _elsewhere(at: Floats, other: Channel, unit: float) -> dict[str, Floats]:
    """The latest value of another station and its rises; 0 where it is too old."""
    known = np.isfinite(other.value)
    if not known.any():
        return {}
    channel = Channel(other.station, other.quantity, other.unit, other.at[known], other.value[known])
    heard = accept(channel, float("nan"))
    last = np.searchsorted(channel.at, at + 1e-6, side="right") - 1
    fresh = (last >= 0) & (at - channel.at[np.clip(last, 0, None)] <= _OLD_UNITS * max(unit, channel.step))
    last = np.clip(last, 0, None)
    name = f"{other.station} {other.quantity}"
    found = {name: np.where(fresh, heard.value[last], 0.0)}
    for k in UPSTREAM:
        found[f"{name} rise_{k}"] = np.where(fresh, rise(heard, k * max(unit, channel.step))[last], 0.0)
    return found


def highest_ahead(looked: Looked, seconds: float) -> Floats:
    """The highest level in the `seconds` after each row, NaN where nothing was heard in them. Only ever a target to learn."""
    n = len(looked.at)
    found = np.full(n, np.nan)
    for k in range(1, int(seconds / looked.step) + 2):
        there = np.clip(np.arange(n) + k, 0, n - 1)
        ahead = looked.at[there] - looked.at
        inside = (ahead > 0) & (ahead <= seconds + 1.0)
        if not inside.any():
            break
        found = np.where(inside, np.fmax(found, looked.level[there]), found)
    return found


class Stirring(NamedTuple):
    """When something is going on: the only rows that are learned from and judged. From earlier rows alone."""

    high: float
    rise: float
    rain_mm: float = 4.0  # in 24 units

    def rows(self, looked: Looked) -> Bools:
        known = np.isfinite(looked.level)
        stirs: Bools = (looked.level > self.high) | (looked.of("rise_6") > self.rise)
        return known & (stirs | (looked.of("rain_24") > self.rain_mm))


def stirring(looked: Looked, line: float) -> Stirring:
    usual, high = np.nanquantile(looked.level, [0.5, 0.8])
    way = max(line - float(usual), 1e-9)
    return Stirring(float(min(max(high, usual + 0.3 * way), usual + 0.6 * way)), 0.06 * way)
