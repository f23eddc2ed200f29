"""Rain over 1 to 72 hours out of whatever sums a station tells, none of them counted twice.

A station may tell sums of 15 min, 1 h, 3 h, 12 h and 24 h, each ending at its reading, and the rain since 07:00. The
windows of a station end at its newest usable rain reading. For each form the window is laid out with its told sums from the end
back, each beginning where the one after it ended; what no told sum covers is a gap. The form that covers most counts, of
equals the longest: so a told 24 h sum is the 24 h rain when nothing newer is told. A sum that reaches up to 4 minutes into
the next one, or out of the window, is counted in proportion, and a gap of up to 4 minutes is none: clocks of stations are not
that exact.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from sources.contract import Quantity
from warning.indicators.evaluated import HOUR, WHOLE, Bools, Evaluated, Floats
from warning.indicators.names import RAIN_SPANS
from warning.indicators.ring import Places
from warning.indicators.settings import Settings

WINDOWS = (1, 3, 6, 12, 24, 48, 72)  # hours; 48 only for the antecedent index
JITTER = HOUR / 15  # 4 min
DAY = 24 * HOUR  # the rain day turns at 07:00 in Bangkok, which is midnight UTC
_TELLS = {int(span): quantity for quantity, span in RAIN_SPANS.items() if span >= 1}


class Readings(Protocol):
    """One quantity of many stations; `warning.indicators.ring.View` says what each does."""

    def has(self, stations: Places) -> Bools: ...
    def latest(self, stations: Places, moments: Floats) -> tuple[Floats, Floats]: ...
    def earliest(self, stations: Places, moments: Floats) -> tuple[Floats, Floats]: ...
    def back(self, stations: Places, count: int) -> tuple[Floats, Floats, Bools]: ...


class RainSums(NamedTuple):
    """[windows, stations], in the order of WINDOWS; the index [stations]."""

    value: Floats
    at: Floats
    share: Floats
    least: Floats
    antecedent: Evaluated

    def of(self, hours: int) -> Evaluated:
        nth = WINDOWS.index(hours)
        return Evaluated(self.value[nth], self.at[nth], self.share[nth], self.least[nth])


def rain_sums(forms: Mapping[Quantity, Readings], stations: Places, settings: Settings) -> RainSums:
    """All windows of the stations. Where less than `least_share` is covered, a sum is no value, only `least`."""
    n = len(stations)
    newest = np.full(n, np.inf)
    told = {form: _latest(view, stations, newest) for form, view in forms.items()}
    end = _newest([time for time, _ in told.values()], n)
    heard = np.isfinite(end)
    share, found, most = (np.zeros((len(WINDOWS), n)) for _ in range(3))
    for form, span in RAIN_SPANS.items():  # longest first: of equals it stays
        if form in forms:
            fits = np.array([span <= hours for hours in WINDOWS])
            open_ = fits[:, None] & (share < WHOLE) & heard & np.isfinite(told[form][0])
            sums, covered = _laid_out(forms[form], stations, end, span * HOUR, open_)
            _keep_better(sums, covered, share, found, most)
    if Quantity.RAIN_TODAY in forms:
        open_ = (share < WHOLE) & heard & np.isfinite(told[Quantity.RAIN_TODAY][0])
        sums, covered = _by_days(forms[Quantity.RAIN_TODAY], stations, end, open_)
        _keep_better(sums, covered, share, found, most)
    whole = share >= WHOLE
    least = np.where(whole, found, np.where(share > 0, most, np.nan))
    value = np.where(whole | (share >= settings.least_share), least, np.nan)
    at = np.where(share > 0, end, np.nan)
    share = np.where(whole, 1.0, share)
    index = _antecedent(value, at, share, least, settings.antecedent.decay_per_day)
    for nth, hours in enumerate(WINDOWS):
        if _TELLS.get(hours) in told:
            time, sum_ = told[_TELLS[hours]]
            # nothing newer covers the window, and nothing newer found more: the told sum stands, at its own time
            stands = (
                (share[nth] < settings.least_share)
                & (time > end - hours * HOUR)
                & ~(sum_ < np.nan_to_num(least[nth]))
            )
            for held, of_told in ((value, sum_), (at, time), (share, 1.0), (least, sum_)):
                held[nth] = np.where(stands, of_told, held[nth])
    return RainSums(value, at, share, least, index)


def _antecedent(value: Floats, at: Floats, share: Floats, least: Floats, decay: float) -> Evaluated:
    """Antecedent precipitation index of three days that end at the newest reading (Kohler and Linsley 1951), in mm.

    API = P(0-24 h) + k P(24-48 h) + k^2 P(48-72 h), written with the sums themselves, whose weights are then all
    positive: so the least of the sums gives the least of the index.
    """
    days = [WINDOWS.index(hours) for hours in (24, 48, 72)]
    weights = np.array([1 - decay, decay - decay**2, decay**2])
    known = np.isfinite(at[days]).any(axis=0)
    sure = np.where(known, weights @ np.nan_to_num(least[days]), np.nan)
    end = np.where(known, at[days[-1]], np.nan)
    return Evaluated(weights @ value[days], end, share[days].min(axis=0), sure)


def _latest(view: Readings, stations: Places, moments: Floats) -> tuple[Floats, Floats]:
    """As `view.latest`, NaN also for stations that do not tell this at all."""
    time, value = np.full(len(stations), np.nan), np.full(len(stations), np.nan)
    has = view.has(stations)
    time[has], value[has] = view.latest(stations[has], moments[has])
    return time, value


def _newest(times: Sequence[Floats], n: int) -> Floats:
    newest = np.full(n, -np.inf)
    for time in times:
        newest = np.fmax(newest, time)
    return np.where(np.isfinite(newest), newest, np.nan)


def _keep_better(sums: Floats, covered: Floats, share: Floats, found: Floats, most: Floats) -> None:
    """covered: microseconds. A form must cover more than the ones before it by more than rounding."""
    told = covered / (np.array(WINDOWS)[:, None] * HOUR)
    better = told > share + (1 - WHOLE)
    found[better], share[better] = sums[better], told[better]
    np.maximum(most, sums, out=most)


def _laid_out(
    view: Readings, stations: Places, end: Floats, span: float, open_: Bools
) -> tuple[Floats, Floats]:
    """Sums and covered microseconds [windows, stations] of told sums of one span, for the open windows only."""
    sums, covered = np.zeros(open_.shape), np.zeros(open_.shape)
    longest = np.max(np.where(open_, np.array(WINDOWS)[:, None] * HOUR, 0.0), axis=0)
    left = np.flatnonzero(longest > 0)
    cursor = end.copy()
    while len(left):
        last = np.minimum(cursor[left] + JITTER, end[left])
        time, value = view.latest(stations[left], last)
        start = time - span
        fits = start >= end[left] - longest[left] - JITTER  # False for NaN
        left, time, value, start = left[fits], time[fits], value[fits], start[fits]
        for nth, hours in enumerate(WINDOWS):
            begins = end[left] - hours * HOUR
            used = np.minimum(time, cursor[left]) - np.maximum(start, begins)
            counts = (start >= begins - JITTER) & open_[nth, left]
            sums[nth, left] += np.where(counts, value * used / span, 0.0)
            of_window = _up_to(time, cursor[left]) - _down_to(start, begins)
            covered[nth, left] += np.where(counts, np.maximum(of_window, 0.0), 0.0)
        cursor[left] = start
    return sums, covered


def _by_days(view: Readings, stations: Places, end: Floats, open_: Bools) -> tuple[Floats, Floats]:
    """As `_laid_out`, of the rain since 07:00: the last reading of each day less the first one inside the window.

    A reading at 07:00 sharp that is lower than the one before it belongs to the day that begins.
    """
    sums, covered = np.zeros(open_.shape), np.zeros(open_.shape)
    left = np.flatnonzero(open_.any(axis=0))
    end, of, open_ = end[left], stations[left], open_[:, left]
    today = (np.ceil(end / DAY) - 1) * DAY
    for day in range(4):
        begins = today - day * DAY
        top_at, top = view.latest(of, np.minimum(end, begins + DAY))
        before_at, before = view.latest(of, np.minimum(end, begins + DAY - 1))
        turned = (top_at == begins + DAY) & (before_at > begins) & (before > top)
        top_at, top = np.where(turned, before_at, top_at), np.where(turned, before, top)
        for nth, hours in enumerate(WINDOWS):
            low = end - hours * HOUR
            inside = low > begins + JITTER
            base_at, base = begins.copy(), np.zeros(len(left))
            base_at[inside], base[inside] = view.earliest(of[inside], low[inside] - JITTER)
            rain = top - base
            some = open_[nth] & (top_at > begins) & (base_at <= top_at) & (rain >= 0) & (low < begins + DAY)
            sums[nth, left] += np.where(some, rain, 0.0)
            of_window = _up_to(top_at, np.minimum(end, begins + DAY)) - _down_to(base_at, low)
            covered[nth, left] += np.where(some, np.maximum(of_window, 0.0), 0.0)
    return sums, covered


def _up_to(time: Floats, most: Floats) -> Floats:
    """How far it covers: up to `most` where it ends within the jitter of that."""
    return np.where(time >= most - JITTER, most, time)


def _down_to(time: Floats, least: Floats) -> Floats:
    return np.where(time <= least + JITTER, least, time)
