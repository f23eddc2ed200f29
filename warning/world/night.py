"""The scripted flood night: how hard it rains and how high the water stands, hours after the night begins.

A script is data, so a test can vary it. `level_m` and `rain_mm_h` are the truth; `reported` is what the
instrument says, with its dirt. All are pure. The demo's hour stands for days: on the real Khlong Na
Thom the hills answer within hours and the lake days later; the order is kept, the pace is `Night.pace`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from math import floor
from typing import NamedTuple

from warning.world.stations import GAUGES

DAY_H = 24.0


@dataclass(frozen=True)
class Rise:
    """Water of one gauge, m above mean sea level: rests, climbs, stays, falls back. Times in hours."""

    base_m: float
    peak_m: float
    begins_h: float
    climbs_h: float
    stays_h: float = 6.0
    falls_h: float = 24.0

    def at(self, t: float) -> float:
        if t < self.begins_h + self.climbs_h + self.stays_h:
            part = _ease((t - self.begins_h) / self.climbs_h)
        else:
            part = 1 - _ease((t - self.begins_h - self.climbs_h - self.stays_h) / self.falls_h)
        return self.base_m + (self.peak_m - self.base_m) * part


@dataclass(frozen=True)
class Shower:
    """Rain of one gauge: from nothing up to its peak and down to nothing, in straight lines."""

    begins_h: float
    peak_h: float
    ends_h: float
    peak_mm_h: float

    def at(self, t: float) -> float:
        if not self.begins_h < t < self.ends_h:
            return 0.0
        if t <= self.peak_h:
            return self.peak_mm_h * (t - self.begins_h) / (self.peak_h - self.begins_h)
        return self.peak_mm_h * (self.ends_h - t) / (self.ends_h - self.peak_h)

    def fallen_mm(self, t: float) -> float:
        """Everything fallen until `t`, mm: the area under the two lines."""
        up, down = self.peak_h - self.begins_h, self.ends_h - self.peak_h
        if t <= self.begins_h:
            return 0.0
        if t <= self.peak_h:
            return self.peak_mm_h * (t - self.begins_h) ** 2 / (2 * up)
        left = max(0.0, self.ends_h - t)
        return self.peak_mm_h * (up + down) / 2 - self.peak_mm_h * left**2 / (2 * down)


class Dirt(StrEnum):
    STUCK = "stuck"  # the clock goes on, the value does not
    SPIKE = "spike"  # one reading far too high
    SILENT = "silent"  # the row stays in the feed, with its old time and its old level


class Fault(NamedTuple):
    """One gauge's dirt from `from_h` on; a spike is one reading, `by_m` too high."""

    dirt: Dirt
    from_h: float
    by_m: float = 0.0


class Reading(NamedTuple):
    at_h: float  # hours since the night began, on the gauge's own tick
    level_m: float


@dataclass(frozen=True)
class Night:
    """A script. `pace` 1 is the demo's hour; 24 spreads the same story over a day."""

    rises: Mapping[str, Rise]
    showers: Mapping[str, Shower]
    faults: Mapping[str, Fault] = field(default_factory=dict)
    tick: timedelta = timedelta(
        minutes=1
    )  # real gauges tick every 10 min or hourly; the demo's hour needs more
    pace: float = 1.0


def _ease(x: float) -> float:
    x = min(1.0, max(0.0, x))
    return x * x * (3 - 2 * x)


def level_m(gauge: str, t: float, night: Night | None = None) -> float:
    """True level, m above mean sea level, `t` hours after the start. KeyError: not in the script."""
    script = night or DEMO_NIGHT
    return script.rises[gauge].at(t / script.pace)


def rain_mm_h(station: str, t: float, night: Night | None = None) -> float:
    """True rain intensity, mm/h, `t` hours after the start; a gauge not in the script is dry."""
    script = night or DEMO_NIGHT
    shower = script.showers.get(station)
    return shower.at(t / script.pace) if shower else 0.0


def rain_sum_mm(station: str, t: float, over_h: float, night: Night | None = None) -> float:
    """Rain of the last `over_h` hours before `t`, mm."""
    script = night or DEMO_NIGHT
    shower = script.showers.get(station)
    if shower is None:
        return 0.0
    return script.pace * (shower.fallen_mm(t / script.pace) - shower.fallen_mm((t - over_h) / script.pace))


def over_bank_h(gauge: str, night: Night | None = None) -> float | None:
    """Hours after the start at which the true level first passes the bank; None when it never does."""
    script = night or DEMO_NIGHT
    rise, bank = script.rises[gauge], GAUGES[gauge].bank_m
    if rise.peak_m <= bank:
        return None
    low, high = rise.begins_h, rise.begins_h + rise.climbs_h
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rise.at(middle) <= bank else (low, middle)
    return high * script.pace


def reported(gauge: str, t: float, night: Night | None = None) -> Reading:
    """What the instrument last said at `t`: its latest tick, with the dirt of the script."""
    script = night or DEMO_NIGHT
    step = script.tick.total_seconds() / 3600
    at = floor(t / step + 1e-9) * step
    fault = script.faults.get(gauge)
    if fault is None or at < fault.from_h:
        return Reading(at, level_m(gauge, at, script))
    match fault.dirt:
        case Dirt.STUCK:
            return Reading(at, level_m(gauge, fault.from_h, script))
        case Dirt.SILENT:
            return Reading(fault.from_h, level_m(gauge, fault.from_h, script))
        case Dirt.SPIKE:
            by = fault.by_m if at - fault.from_h < step - 1e-9 else 0.0
            return Reading(at, level_m(gauge, at, script) + by)


# Hills, then the canal above the town, the town, the lake: X.170 passes its bank 16 simulated minutes in.
DEMO_NIGHT = Night(
    rises={
        "MOU510": Rise(398.9, 400.6, -0.15, 0.7),
        "X.170": Rise(24.2, 26.6, 0.0, 0.6),
        "MDC005": Rise(26.9, 30.1, 0.0, 0.6),
        "X.68": Rise(14.9, 16.4, 0.1, 0.75),
        "PLG001": Rise(20.4, 23.1, 0.12, 0.85),
        "ONE025": Rise(1.0, 1.75, 0.25, 1.2, stays_h=72, falls_h=240),
        "ONE024": Rise(0.4, 0.9, 0.5, 3.0, stays_h=72, falls_h=240),
        "X.267": Rise(22.1, 25.9, 0.0, 0.9),
        "X.276": Rise(50.6, 52.8, 0.0, 0.8),
        "FOP038": Rise(2.8, 3.4, 0.2, 1.5),
        "FOP039": Rise(0.3, 0.9, 0.3, 2.0),
    },
    showers={
        "MOU510": Shower(-5, 0.1, 3, 92),
        "MOU134": Shower(-5, 0.05, 3, 88),
        "STN0103": Shower(-5, 0, 2.5, 84),
        "STN2056": Shower(-4.5, 0.1, 2.5, 76),
        "STN1609": Shower(-4, 0.1, 2.5, 58),
        "STN0511": Shower(-4.5, 0.2, 3, 71),
        "TD32": Shower(-4, 0.2, 2.5, 63),
        "MDC005": Shower(-3, 0.3, 2.5, 41),
        "SWR033": Shower(-2, 0.4, 2, 22),
        "ONE025": Shower(-1.5, 0.5, 2, 12),
    },
    faults={
        "X.267": Fault(Dirt.STUCK, from_h=-1.0),
        "FOP038": Fault(Dirt.SPIKE, from_h=0.1, by_m=9.4),
        "FOP039": Fault(Dirt.SILENT, from_h=-9.0),
    },
)
