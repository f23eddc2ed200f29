"""The same indicators, said plainly: one station, one moment, one loop after another. Slow; board and series are held to it.

It shares no code with them but the names, the settings and the answer.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from sources.contract import Quantity
from warning.indicators.evaluated import GaugeFacts
from warning.indicators.names import RAIN_HOURS, RAIN_SPANS, Indicator
from warning.indicators.settings import Settings

_MIN = 60e6
_HOUR, _DAY = 60 * _MIN, 24 * 60 * _MIN
_JITTER, _THIN, _KEEP = 4 * _MIN, 5 * _MIN, 73 * _HOUR


class Reading(NamedTuple):
    time: float  # microseconds of the epoch
    value: float
    verdict: int


class Said(NamedTuple):
    value: float = math.nan
    at: float = math.nan
    share: float = 0.0
    least: float = math.nan


Point = tuple[float, float]
NOTHING = Said()


def reference(
    indicator: Indicator,
    told: Mapping[Quantity, Sequence[Reading]],
    facts: GaugeFacts,
    settings: Settings,
    use_suspect: bool = False,
) -> Said:
    """What one indicator of one station is after all these readings, in the order they were told."""
    used = {quantity: _used(readings, use_suspect) for quantity, readings in told.items()}
    if indicator in RAIN_HOURS:
        return _rain(used, RAIN_HOURS[indicator], settings.least_share)
    match indicator:
        case Indicator.ANTECEDENT_RAIN:
            return _antecedent(used, settings)
        case Indicator.WIND_SETUP:
            return _wind(used, settings)
        case Indicator.STAGE:
            return _newest(used.get(Quantity.STAGE, []))
        case Indicator.RISE:
            own = Quantity.WATER_LEVEL if Quantity.WATER_LEVEL in told else Quantity.STAGE
            return _rise(used.get(own, []), settings)
    level = _newest(used.get(Quantity.WATER_LEVEL, []))
    room = facts.bank_m - level.value
    match indicator:
        case Indicator.WATER_LEVEL:
            return level
        case Indicator.FREEBOARD:
            return _exact(room, level.at)
        case Indicator.PERCENT_FULL:
            deep = facts.bank_m - facts.bed_m
            return _exact((level.value - facts.bed_m) / deep * 100, level.at) if deep > 0 else NOTHING
        case Indicator.TIME_TO_BANK:
            if room <= 0:
                return Said(0.0, level.at, 1.0, 0.0)
            rising = _rise(used.get(Quantity.WATER_LEVEL, []), settings)
            if math.isnan(room) or math.isnan(rising.value):
                return NOTHING
            hours = room / rising.value if rising.value > 0 else math.inf
            return Said(hours, level.at, rising.share, hours)
    raise ValueError(f"{indicator} is not made of readings")


def _used(readings: Sequence[Reading], use_suspect: bool) -> list[Point]:
    """The newest of every five minutes (of one instant the last told), then only what may be used."""
    newest: dict[float, Reading] = {}
    for reading in readings:
        bucket = reading.time // _THIN
        if bucket not in newest or reading.time >= newest[bucket].time:
            newest[bucket] = reading
    last = max((r.time for r in newest.values()), default=0.0)
    worst = 1 if use_suspect else 0
    kept = (r for r in newest.values() if r.verdict <= worst and math.isfinite(r.value))
    return sorted((r.time, r.value) for r in kept if r.time >= last - _KEEP)


def _exact(value: float, at: float) -> Said:
    return NOTHING if math.isnan(value) else Said(value, at, 1.0, value)


def _newest(points: Sequence[Point]) -> Said:
    return Said(points[-1][1], points[-1][0], 1.0, points[-1][1]) if points else NOTHING


def _rain(used: Mapping[Quantity, Sequence[Point]], hours: int, least_share: float) -> Said:
    laid = _window(used, hours, least_share)
    own = {span: quantity for quantity, span in RAIN_SPANS.items()}.get(hours)
    told = _newest(used.get(own, []) if own else [])
    end = _end(used)
    found = 0.0 if math.isnan(laid.least) else laid.least
    if laid.share < least_share and told.at > end - hours * _HOUR and told.value >= found:
        return told
    return laid


def _end(used: Mapping[Quantity, Sequence[Point]]) -> float:
    forms = (*RAIN_SPANS, Quantity.RAIN_TODAY)
    return max((used[form][-1][0] for form in forms if used.get(form)), default=math.nan)


def _window(used: Mapping[Quantity, Sequence[Point]], hours: int, least_share: float) -> Said:
    end = _end(used)
    if math.isnan(end):
        return NOTHING
    low, best, most = end - hours * _HOUR, (0.0, 0.0), 0.0
    ways = [
        _lay_out(used.get(form, []), span * _HOUR, low, end)
        for form, span in RAIN_SPANS.items()
        if span <= hours
    ]
    for rain, covered in [*ways, _days(used.get(Quantity.RAIN_TODAY, []), low, end)]:
        share = covered / (hours * _HOUR)
        if best[1] >= 1 - 1e-6:
            break
        most = max(most, rain)
        if share > best[1] + 1e-6:
            best = rain, share
    rain, share = best
    if share >= 1 - 1e-6:
        return Said(rain, end, 1.0, rain)
    if share == 0:
        return NOTHING
    return Said(most if share >= least_share else math.nan, end, share, most)


def _lay_out(points: Sequence[Point], span: float, low: float, end: float) -> tuple[float, float]:
    rain, covered, cursor = 0.0, 0.0, end
    for time, value in reversed(points):
        if time > cursor + _JITTER or time - span < low - _JITTER:
            continue
        rain += value * (min(time, cursor) - max(time - span, low)) / span
        covered += _covered(time - span, time, low, cursor)
        cursor = time - span
    return rain, covered


def _covered(begins: float, ends: float, low: float, high: float) -> float:
    """What one told sum covers between two times; a gap within the jitter is none."""
    top, bottom = high if ends >= high - _JITTER else ends, low if begins <= low + _JITTER else begins
    return max(top - bottom, 0.0)


def _days(points: Sequence[Point], low: float, end: float) -> tuple[float, float]:
    rain, covered = 0.0, 0.0
    day = (math.ceil(end / _DAY) - 1) * _DAY
    while day + _DAY > low and day > end - 5 * _DAY:
        inside = [p for p in points if day < p[0] <= day + _DAY]
        if len(inside) > 1 and inside[-1][0] == day + _DAY and inside[-1][1] < inside[-2][1]:
            inside.pop()
        first = (
            (day, 0.0) if low <= day + _JITTER else next((p for p in points if p[0] >= low - _JITTER), None)
        )
        if inside and first and first[0] <= inside[-1][0] and inside[-1][1] >= first[1]:
            rain += inside[-1][1] - first[1]
            covered += _covered(first[0], inside[-1][0], low, min(end, day + _DAY))
        day -= _DAY
    return rain, covered


def _antecedent(used: Mapping[Quantity, Sequence[Point]], settings: Settings) -> Said:
    k = settings.antecedent.decay_per_day
    sums = [_window(used, hours, settings.least_share) for hours in (24, 48, 72)]
    if all(math.isnan(s.at) for s in sums):
        return NOTHING
    weights = (1 - k, k - k * k, k * k)
    value = sum(w * s.value for w, s in zip(weights, sums, strict=True))
    least = sum(w * (0.0 if math.isnan(s.least) else s.least) for w, s in zip(weights, sums, strict=True))
    return Said(value, sums[-1].at, min(s.share for s in sums), least)


def _rise(points: Sequence[Point], settings: Settings) -> Said:
    if not points:
        return NOTHING
    how, end = settings.rise, points[-1][0]
    short, long, span = (part.total_seconds() * 1e6 for part in (how.short, how.long, how.least_span))
    chosen, window = [p for p in points if p[0] >= end - short], short
    if len(chosen) < how.enough or chosen[-1][0] - chosen[0][0] < span:
        quarters = {p[0] // (15 * _MIN): p for p in points if p[0] >= end - long}
        chosen, window = sorted(quarters.values()), long
    spanned = chosen[-1][0] - chosen[0][0]
    if spanned < span:
        return NOTHING
    slopes = [(b[1] - a[1]) / ((b[0] - a[0]) / _HOUR) for a, b in combinations(chosen, 2)]
    slope = statistics.median(slopes)
    return Said(slope, end, min(spanned / window, 1.0), slope)


def _wind(used: Mapping[Quantity, Sequence[Point]], settings: Settings) -> Said:
    speed = _newest(used.get(Quantity.WIND_SPEED, []))
    before = [p for p in used.get(Quantity.WIND_DIRECTION, []) if p[0] <= speed.at]
    if not before or before[-1][0] < speed.at - _HOUR / 2:
        return NOTHING
    lake = settings.lake
    lifts = [
        lake.k * speed.value**2 * axis.fetch_km * 1000 * math.cos(math.radians(before[-1][1] - axis.from_deg))
        / (lake.gravity_m_s2 * lake.depth_m)
        for axis in lake.axes
    ]  # fmt: skip
    return _exact(max(lifts), speed.at)
