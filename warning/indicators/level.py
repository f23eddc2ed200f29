"""Water in a channel: how far below its lowest bank, how full, how fast it rises, how long until it is over."""

from datetime import timedelta

import numpy as np

from warning.indicators.evaluated import HOUR, Bools, Evaluated, Floats
from warning.indicators.rain import Readings
from warning.indicators.ring import THIN, Places
from warning.indicators.settings import Rise

_BIN = HOUR / 4  # of the long window of a rise the newest reading of each quarter of an hour


def as_it_is(view: Readings, stations: Places) -> Evaluated:
    """The newest usable reading of each station."""
    at, value = np.full(len(stations), np.nan), np.full(len(stations), np.nan)
    has = view.has(stations)
    at[has], value[has] = view.latest(stations[has], np.full(int(has.sum()), np.inf))
    return exact(value, at)


def exact(value: Floats, at: Floats) -> Evaluated:
    """A value at one moment: all of it is known, or nothing."""
    known = np.isfinite(at) & ~np.isnan(value)
    value = np.where(known, value, np.nan)
    return Evaluated(value, np.where(known, at, np.nan), known.astype(np.float64), value)


def freeboard(level: Evaluated, bank_m: Floats) -> Evaluated:
    """Metres from the water to the lowest bank; negative: over it. bank_m: in the level's own datum."""
    return exact(bank_m - level.value, level.at)


def percent_full(level: Evaluated, bed_m: Floats, bank_m: Floats) -> Evaluated:
    """(level - bed) / (bank - bed) * 100, which is ThaiWater's own storage_percent; NaN where the bank is not above the bed."""
    deep = bank_m > bed_m
    depth = np.where(deep, bank_m - bed_m, np.nan)
    return exact((level.value - bed_m) / depth * 100, level.at)


def rise(view: Readings, stations: Places, how: Rise) -> Evaluated:
    """Metres an hour: Theil-Sen, the median slope of all pairs of readings.

    Over `short` before the newest usable reading where that has `enough` readings at least `least_span` apart, first to
    last; else over `long`, of which the newest reading of each quarter of an hour counts; else NaN. share: what its
    readings span of the window used.
    """
    n = len(stations)
    short, long, span = (_microseconds(part) for part in (how.short, how.long, how.least_span))
    value, at, share = np.full(n, np.nan), np.full(n, np.nan), np.zeros(n)
    has = np.flatnonzero(view.has(stations))
    # readings are thinned to one in THIN; one bucket more for the window's two ends
    times, levels, ok = view.back(stations[has], int(max(short, long) // THIN) + 2)
    times = np.where(ok, times, 0.0)
    end = np.max(np.where(ok, times, -np.inf), axis=1, initial=-np.inf)
    recent = ok & (times >= (end - short)[:, None])
    wide = ok & (times >= (end - long)[:, None])
    use_short = (recent.sum(axis=1) >= how.enough) & (_span(times, recent) >= span)
    chosen = np.where(use_short[:, None], recent, _newest_of_bins(times, wide))
    spanned = _span(times, chosen)
    good = spanned >= span
    slopes = _theil_sen(times[good], levels[good], chosen[good])
    place = has[good]
    value[place], at[place] = slopes, end[good]
    share[place] = np.minimum(spanned[good] / np.where(use_short[good], short, long), 1.0)
    return Evaluated(value, at, share, value)


def time_to_bank(room: Evaluated, rising: Evaluated) -> Evaluated:
    """Hours until the water is at the lowest bank if it rises on as now; 0 over the bank, inf while it stands or falls.

    room: `freeboard`. rising: `rise` of the same stations.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        hours = np.where(rising.value > 0, room.value / rising.value, np.inf)
    over = room.value <= 0
    hours = np.where(np.isnan(rising.value) | np.isnan(room.value), np.nan, hours)
    hours = np.where(over, 0.0, hours)
    known = ~np.isnan(hours)
    share = np.where(over, 1.0, np.where(known, rising.share, 0.0))
    return Evaluated(hours, np.where(known, room.at, np.nan), share, hours)


def _theil_sen(times: Floats, levels: Floats, chosen: Bools) -> Floats:
    """Median slope per hour of all pairs of the chosen readings of each row; every row has at least two."""
    if not len(times):
        return np.zeros(0)
    order = np.argsort(~chosen, axis=1, kind="stable")[:, : int(chosen.sum(axis=1).max())]
    times, levels = np.take_along_axis(times, order, axis=1), np.take_along_axis(levels, order, axis=1)
    chosen = np.take_along_axis(chosen, order, axis=1)
    first, second = np.triu_indices(times.shape[1], 1)
    both = chosen[:, first] & chosen[:, second]
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (levels[:, second] - levels[:, first]) / ((times[:, second] - times[:, first]) / HOUR)
    slopes = np.sort(np.where(both, slopes, np.inf), axis=1)
    pairs, rows = both.sum(axis=1), np.arange(len(times))
    middle: Floats = (slopes[rows, (pairs - 1) // 2] + slopes[rows, pairs // 2]) / 2
    return middle


def _newest_of_bins(times: Floats, chosen: Bools) -> Bools:
    kept, later = np.zeros(chosen.shape, np.bool_), np.full(len(times), np.inf)
    for column in range(times.shape[1] - 1, -1, -1):
        here = np.floor_divide(times[:, column], _BIN)
        kept[:, column] = chosen[:, column] & (here != later)
        later = np.where(chosen[:, column], here, later)
    return kept


def _span(times: Floats, chosen: Bools) -> Floats:
    """Microseconds from the first to the last chosen reading; -1 where none is."""
    first = np.min(np.where(chosen, times, np.inf), axis=1, initial=np.inf)
    last = np.max(np.where(chosen, times, -np.inf), axis=1, initial=-np.inf)
    return np.where(chosen.any(axis=1), last - np.where(np.isfinite(first), first, 0.0), -1.0)


def _microseconds(span: timedelta) -> float:
    return span / timedelta(microseconds=1)
