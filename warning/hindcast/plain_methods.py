"""The plain methods everything else must beat: over a line, rising towards it, always, never, in the wet months, heavy rain."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product
from typing import NamedTuple

import numpy as np

from warning.hindcast.accepted import Accepted
from warning.hindcast.channel import HOUR, Channel, Floats
from warning.hindcast.match import Bools, Matched, Stretch, match, stretches
from warning.hindcast.truth import Happened

HEAVY_RAIN_MM = 35.1  # in 24 h: TMD's class "heavy" (arcims.tmd.go.th), the word its bulletins warn with
_DAY_S = 24 * HOUR
_LINES = np.concatenate((np.arange(0.50, 0.90, 0.05), np.arange(0.90, 1.001, 0.02)))
_KEPT_H = (0.0, 6.0, 12.0, 24.0)
_AHEAD_H = (1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 12.0)
_OVER_H = (1.0, 2.0, 3.0, 6.0)


class Past(NamedTuple):
    """A gauge as it was heard, and what came of it: what settings are learned from."""

    heard: Accepted
    events: Sequence[Happened]
    step: float
    separate_s: float
    line: float

    def match(self, on: Bools) -> Matched:
        return match(self.events, stretches(self.heard.at, on, self.step), self.separate_s)


def kept(at: Floats, on: Bools, seconds: float) -> Bools:
    """Still on for some time after the last moment it held."""
    last = np.maximum.accumulate(np.where(on, at, -np.inf))
    return on | (at - last <= seconds)


def over_line(heard: Accepted, line: float, kept_h: float = 0.0) -> Bools:
    return kept(heard.at, heard.value >= line, kept_h * HOUR)


def slope(heard: Accepted, seconds: float) -> Floats:
    """Rise per second over about the last `seconds` (at least one reading), 0 where the series was broken in between."""
    before = np.searchsorted(heard.at, heard.at - seconds, side="right") - 1
    before = np.clip(np.minimum(before, np.arange(len(heard.at)) - 1), 0, None)
    span = heard.at - heard.at[before]
    whole = (heard.part == heard.part[before]) & (span > 0) & (span <= 3 * seconds + 2 * HOUR)
    rise = heard.value - heard.value[before]
    return np.where(whole & np.isfinite(rise), rise / np.where(span > 0, span, 1.0), 0.0)


def rising(heard: Accepted, line: float, ahead_h: float, over_h: float, kept_h: float = 6.0) -> Bools:
    """It would reach the line within `ahead_h` if it went on rising as it did over the last `over_h`; or it stands there."""
    there = heard.value + np.maximum(slope(heard, over_h * HOUR), 0.0) * ahead_h * HOUR >= line
    return kept(heard.at, there, kept_h * HOUR)


def worth(matched: Matched) -> float:
    """What plain settings are chosen by: the CSI in which a hit needs one hour, ties to the longer lead."""
    leads = [lead / HOUR for lead in matched.leads if lead is not None]
    below = len(matched.events) + matched.false_alarms
    if not below:
        return 0.0
    return sum(lead >= 1 for lead in leads) / below + 1e-4 * float(
        np.mean(np.minimum(leads, 12)) if leads else 0
    )


def fit_line(past: Past) -> dict[str, float]:
    base = float(np.nanmedian(past.heard.value))
    lines = [float(base + part * (past.line - base)) for part in _LINES]
    tried = [
        (worth(past.match(over_line(past.heard, line, keep))), line, keep)
        for line, keep in product(lines, _KEPT_H)
    ]
    best = max(tried)
    return {"at_or_above": round(best[1], 4), "kept_h": best[2]}


def fit_rising(past: Past) -> dict[str, float]:
    tried = [
        (worth(past.match(rising(past.heard, past.line, ahead, over, keep))), -ahead, -over, keep)
        for ahead, over, keep in product(_AHEAD_H, _OVER_H, (6.0, 24.0))
    ]
    best = max(tried)
    return {"ahead_h": -best[1], "over_h": -best[2], "kept_h": best[3]}


def default_rising(step: float) -> dict[str, float]:
    """Without earlier years: three hours ahead by the rise of the last two, or a step and a half where steps are longer."""
    return {
        "ahead_h": max(3.0, 1.5 * step / HOUR),
        "over_h": max(2.0, step / HOUR),
        "kept_h": max(6.0, step / HOUR),
    }


def always(at: Floats) -> list[Stretch]:
    """A warning every day for the whole day: all events are hit, and nobody listens any more."""
    if not len(at):
        return []
    starts = np.arange(at[0], at[-1], _DAY_S)
    return [Stretch(float(s), float(s + _DAY_S)) for s in starts]


def in_months(at: Floats, months: set[int]) -> list[Stretch]:
    """A warning every day of the months in which most of the earlier events came."""
    return [a for a in always(at) if datetime.fromtimestamp(a.start, UTC).month in months]


def wet_months(events: Sequence[Happened]) -> set[int]:
    """The fewest months that hold two thirds of the events."""
    count: dict[int, int] = {}
    for event in events:
        month = datetime.fromtimestamp(event.start, UTC).month
        count[month] = count.get(month, 0) + 1
    found: set[int] = set()
    for month in sorted(count, key=lambda m: (-count[m], m)):
        if 3 * sum(count[m] for m in found) >= 2 * len(events):
            break
        found.add(month)
    return found


def heavy_rain(at: Floats, rains: Sequence[Channel]) -> Bools:
    """24 h rain of any gauge in TMD's class "heavy"; kept on for a day."""
    on = np.zeros(len(at), bool)
    for rain in rains:
        on |= rain_over(rain, at, _DAY_S) >= HEAVY_RAIN_MM
    return kept(at, on, _DAY_S)


def rain_over(rain: Channel, at: Floats, seconds: float) -> Floats:
    """mm fallen in the `seconds` that end at each of `at`, by rows not later than it; a row counts as rain of its own step.

    A row of a window longer than its step (rain_24h each hour) is used as it is where the window is about as long, else
    scaled by its share.
    """
    total = np.concatenate(
        ([0.0], np.cumsum(np.where(np.isfinite(rain.value), np.maximum(rain.value, 0.0), 0.0)))
    )
    share = min(1.0, rain.step / window_s(rain))
    last = np.searchsorted(rain.at, at + 1e-6, side="right")
    first = np.searchsorted(rain.at, at - seconds + 1e-6, side="right")
    found: Floats = (total[last] - total[first]) * share
    return found


_WINDOWS: dict[str, float] = {
    "15m": 0.25,
    "1h": 1.0,
    "3h": 3.0,
    "6h": 6.0,
    "12h": 12.0,
    "24h": 24.0,
    "72h": 72.0,
}


def window_s(rain: Channel) -> float:
    """Seconds a row of a rain column sums over: told by its quantity's name, never less than its step."""
    hours = _WINDOWS.get(rain.quantity.rpartition("_")[2], 0.0)
    return max(hours * HOUR, rain.step)
