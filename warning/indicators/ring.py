"""The last hours of many series of one quantity, each sorted by time, whatever order they were told in.

Of readings within the same five minutes the newest is kept, so that a sensor that ticks each minute costs no more than
others; of one instant the last told counts, so a verdict that changed is told again. What is kept depends only on what was
told, not on its order: that is what makes a restart give the same numbers.
"""

import numpy as np
from numpy.typing import NDArray

from warning.indicators.evaluated import HOUR, MISSING, Bools, Floats, Verdicts, usable

THIN = HOUR / 12  # of readings in the same five minutes the newest is kept
KEEP = 73 * HOUR  # older than this before its series' newest reading, a reading is forgotten
_FIRST = 16  # places of a row before it first grows
_BEFORE = -1e18  # earlier than any reading

Places = NDArray[np.intp]


class Rings:
    """Rows of times (ascending, +inf where empty), values and verdicts."""

    def __init__(self, rows: int) -> None:
        self.times: Floats = np.full((rows, _FIRST), np.inf)
        self.values: Floats = np.full((rows, _FIRST), np.nan)
        self.verdicts: Verdicts = np.full((rows, _FIRST), MISSING, np.int8)
        self.count: Places = np.zeros(rows, np.intp)

    @property
    def width(self) -> int:
        return int(self.times.shape[1])

    def take(self, rows: Places, times: Floats, values: Floats, verdicts: Verdicts) -> None:
        """New readings, in any order. A few a row: appended in one sweep."""
        known = np.isfinite(times)
        rows, times, values, verdicts = rows[known], times[known], values[known], verdicts[known]
        if np.any(np.diff(rows) <= 0):
            order = newest_of_buckets(rows, times)
            rows, times, values, verdicts = rows[order], times[order], values[order], verdicts[order]
        starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]]) if len(rows) else np.zeros(0, np.intp)
        lengths = np.diff(np.r_[starts, len(rows)])
        for turn in range(int(lengths.max(initial=0))):
            nth = starts[lengths > turn] + turn
            self._take_one_each(rows[nth], times[nth], values[nth], verdicts[nth])

    def _take_one_each(self, rows: Places, times: Floats, values: Floats, verdicts: Verdicts) -> None:
        if np.any(self.count[rows] == self.width):
            self._make_room()
        last = self.count[rows] - 1
        newest = np.where(last >= 0, self.times[rows, last], _BEFORE)
        later = bucket(times) > bucket(newest)
        same = ~later & (times >= newest)
        where = np.where(later, last + 1, last)
        put = later | same
        self.times[rows[put], where[put]] = times[put]
        self.values[rows[put], where[put]] = values[put]
        self.verdicts[rows[put], where[put]] = verdicts[put]
        self.count[rows[later]] += 1
        for nth in np.flatnonzero(~put):
            self._take_late(int(rows[nth]), float(times[nth]), float(values[nth]), int(verdicts[nth]))

    def _take_late(self, row: int, time: float, value: float, verdict: int) -> None:
        """One that is older than the row's newest: rare, so one by one."""
        if self.count[row] == self.width:
            self._make_room()
        count = int(self.count[row])
        at = int(np.searchsorted(self.times[row, :count], bucket(time) * THIN))  # its five minutes begin here
        beside = bucket(self.times[row, at]) == bucket(time)
        if time < self.times[row, count - 1] - KEEP or (beside and time < self.times[row, at]):
            return
        if not beside:
            for held in (self.times, self.values, self.verdicts):
                held[row, at + 1 : count + 1] = held[row, at:count].copy()
            self.count[row] += 1
        self.times[row, at], self.values[row, at], self.verdicts[row, at] = time, value, verdict

    def _make_room(self) -> None:
        """Forget what nobody will ask for; where that is not a quarter of the room, double it."""
        gone = np.sum(self.times < self.horizon(np.arange(len(self.count)))[:, None], axis=1)
        left = self.count - gone
        width = self.width if left.max() <= self.width * 3 // 4 else 2 * self.width
        from_place = np.minimum(np.arange(width) + gone[:, None], self.width - 1)
        empty = np.arange(width) >= left[:, None]
        self.times = np.where(empty, np.inf, np.take_along_axis(self.times, from_place, 1))
        self.values = np.where(empty, np.nan, np.take_along_axis(self.values, from_place, 1))
        self.verdicts = np.where(empty, MISSING, np.take_along_axis(self.verdicts, from_place, 1)).astype(
            np.int8
        )
        self.count = left

    def horizon(self, rows: Places) -> Floats:
        """Of each row, before which time its readings are forgotten, be they still there or not."""
        last = self.count[rows] - 1
        return np.where(last >= 0, self.times[rows, np.maximum(last, 0)], np.inf) - KEEP

    def place_of(self, rows: Places, moments: Floats) -> Places:
        """How many of a row's readings are not later than the moment: bisection of all rows at once."""
        low, high = np.zeros(len(rows), np.intp), self.count[rows]
        flat, first = self.times.ravel(), rows * self.width
        for _ in range(self.width.bit_length()):
            middle = (low + high) >> 1
            before = (low < high) & (flat[first + np.minimum(middle, self.width - 1)] <= moments)
            low, high = np.where(before, middle + 1, low), np.where(before, high, np.minimum(high, middle))
        return low

    def held(self) -> tuple[Places, Floats, Floats, Verdicts]:
        """Rows, times, values, verdicts of all that is kept."""
        full = np.arange(self.width) < self.count[:, None]
        full &= self.times >= self.horizon(np.arange(len(self.count)))[:, None]
        return np.nonzero(full)[0], self.times[full], self.values[full], self.verdicts[full]


class View:
    """Some rings as one policy sees them; `row_of` says in which row a station's series stands, -1 for none."""

    def __init__(self, rings: Rings, row_of: Places, use_suspect: bool) -> None:
        self._rings, self._row_of, self._use_suspect = rings, row_of, use_suspect

    def has(self, stations: Places) -> Bools:
        return np.asarray(self._row_of[stations] >= 0)

    def latest(self, stations: Places, moments: Floats) -> tuple[Floats, Floats]:
        """Time and value of the newest usable reading not later than each moment; NaN where there is none."""
        rows = self._row_of[stations]
        return self._step(rows, self._rings.place_of(rows, moments) - 1, -1)

    def earliest(self, stations: Places, moments: Floats) -> tuple[Floats, Floats]:
        """Time and value of the first usable reading not earlier than each moment (whole microseconds)."""
        rows = self._row_of[stations]
        return self._step(rows, self._rings.place_of(rows, moments - 1), 1)

    def back(self, stations: Places, count: int) -> tuple[Floats, Floats, Bools]:
        """Times, values and usability [n, count] of the last readings, oldest first."""
        rows, rings = self._row_of[stations], self._rings
        place = rings.count[rows][:, None] - np.arange(count, 0, -1)
        at = rows[:, None], np.maximum(place, 0)
        ok = (place >= 0) & (rings.times[at] >= rings.horizon(rows)[:, None])
        ok &= usable(rings.values[at], rings.verdicts[at], self._use_suspect)
        return rings.times[at], rings.values[at], ok

    def _step(self, rows: Places, place: Places, by: int) -> tuple[Floats, Floats]:
        """From each place on until a usable reading stands there."""
        rings, horizon = self._rings, self._rings.horizon(rows)
        time, value = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        left = np.flatnonzero((place >= 0) & (place < rings.count[rows]))
        while len(left):
            at = rows[left], place[left]
            ok = usable(rings.values[at], rings.verdicts[at], self._use_suspect)
            ok &= rings.times[at] >= horizon[left]
            time[left[ok]], value[left[ok]] = rings.times[at][ok], rings.values[at][ok]
            left = left[~ok]
            place[left] += by
            left = left[(place[left] >= 0) & (place[left] < rings.count[rows[left]])]
        return time, value


def newest_of_buckets(rows: Places, times: Floats) -> Places:
    """By row and time; of those in one bucket only the newest, of one instant the last told."""
    order = np.lexsort((np.arange(len(rows)), times, rows))
    rows, place = rows[order], bucket(times[order])
    kept = np.r_[(rows[1:] != rows[:-1]) | (place[1:] != place[:-1]), True]
    return np.asarray(order[kept])


def bucket(times: Floats | float) -> Floats:
    """Which five minutes."""
    return np.floor_divide(times, THIN)
