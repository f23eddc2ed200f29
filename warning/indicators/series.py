"""One station played through its whole past: what each indicator was at each moment the station told anything."""

from collections.abc import Mapping

import numpy as np

from sources.contract import Quantity
from warning.indicators.evaluated import Bools, Evaluated, Floats, GaugeFacts, Told, usable
from warning.indicators.made import Facts, group_of, nothing
from warning.indicators.names import Indicator
from warning.indicators.ring import KEEP, THIN, Places, bucket, newest_of_buckets
from warning.indicators.settings import Settings, settings

_AT_ONCE = 20_000  # moments

_NO_FACTS = GaugeFacts()


def series(
    indicator: Indicator,
    told: Mapping[Quantity, Told],
    facts: GaugeFacts = _NO_FACTS,
    *,
    use_suspect: bool = False,
    chosen: Settings | None = None,
) -> tuple[Floats, Evaluated]:
    """Moments at which the station told anything of what the indicator needs, ascending, and its value at each, of what had been
    observed until then: what an `IndicatorBoard` would have said.

    told: readings in any order. Raises ValueError for a forecast, which is not made of readings.
    """
    group = group_of(indicator)
    used = {q: t for q, t in told.items() if q in group.quantities and np.isfinite(t.times).any()}
    if not used:
        return np.zeros(0), nothing(0)
    moments = np.unique(np.concatenate([t.times[np.isfinite(t.times)] for t in used.values()]))
    parts = []
    for first in range(0, len(moments), _AT_ONCE):
        some = moments[first : first + _AT_ONCE]
        views = {q: _Played(t, some, use_suspect) for q, t in used.items()}
        known = Facts(np.full(len(some), facts.bed_m), np.full(len(some), facts.bank_m))
        parts.append(group.make(views, np.arange(len(some)), known, chosen or settings())[indicator])
    return moments, Evaluated(*(np.concatenate(part) for part in zip(*parts, strict=True)))


class _Played:
    """One series as it stood at each of several moments; `warning.indicators.ring.View` says what each method does.

    What stands at a moment is the newest reading of every five minutes before, and of its own five minutes the newest
    until then.
    """

    def __init__(self, told: Told, moments: Floats, use_suspect: bool) -> None:
        heard = np.isfinite(told.times)
        times, values, verdicts = told.times[heard], told.values[heard], told.verdicts[heard]
        order = np.lexsort((np.arange(len(times)), times))
        order = order[np.r_[times[order][1:] != times[order][:-1], True]]
        self._times, self._values = times[order], values[order]
        self._ok = usable(self._values, verdicts[order], use_suspect)
        thin = newest_of_buckets(np.zeros(len(order), np.intp), self._times)
        self._thin_times, self._thin_values, self._thin_ok = (
            self._times[thin],
            self._values[thin],
            self._ok[thin],
        )
        self._good_times, self._good_values = (
            self._thin_times[self._thin_ok],
            self._thin_values[self._thin_ok],
        )
        self._own = np.searchsorted(self._times, moments, "right") - 1  # -1: nothing was told yet
        own_at = np.where(self._own >= 0, self._times[self._own], -np.inf)
        own_bucket = np.where(self._own >= 0, bucket(self._times[self._own]) * THIN, -np.inf)
        self._thin_before = np.searchsorted(self._thin_times, own_bucket)
        self._good_before = np.searchsorted(self._good_times, own_bucket)
        self._horizon = own_at - KEEP

    def has(self, stations: Places) -> Bools:
        return np.ones(len(stations), np.bool_)

    def latest(self, stations: Places, moments: Floats) -> tuple[Floats, Floats]:
        own = self._own[stations]
        by_own = (own >= 0) & self._ok[own] & (self._times[own] <= moments)
        place = np.searchsorted(self._good_times, moments, "right")
        return self._either(
            stations, by_own, np.minimum(place, self._good_before[stations]) - 1, first_own=True
        )

    def earliest(self, stations: Places, moments: Floats) -> tuple[Floats, Floats]:
        own = self._own[stations]
        by_own = (own >= 0) & self._ok[own] & (self._times[own] >= moments)
        place = np.searchsorted(self._good_times, np.maximum(moments, self._horizon[stations]), "left")
        place = np.where(place < self._good_before[stations], place, -1)
        return self._either(stations, by_own, place, first_own=False)

    def back(self, stations: Places, count: int) -> tuple[Floats, Floats, Bools]:
        own = self._own[stations]
        place = self._thin_before[stations][:, None] - np.arange(count - 1, 0, -1)
        at = np.maximum(place, 0)
        times = np.c_[self._thin_times[at], self._times[own]]
        values = np.c_[self._thin_values[at], self._values[own]]
        ok = np.c_[(place >= 0) & self._thin_ok[at], (own >= 0) & self._ok[own]]
        return times, values, ok & (times >= self._horizon[stations][:, None])

    def _either(
        self, stations: Places, by_own: Bools, place: Places, first_own: bool
    ) -> tuple[Floats, Floats]:
        """The own five minutes' reading or one of the earlier ones; NaN for neither."""
        time, value = np.full(len(stations), np.nan), np.full(len(stations), np.nan)
        by_place = place >= 0
        by_place[by_place] = self._good_times[place[by_place]] >= self._horizon[stations][by_place]
        own = self._own[stations]
        for which in ("place", "own") if first_own else ("own", "place"):  # the later one wins
            if which == "own":
                time[by_own], value[by_own] = self._times[own[by_own]], self._values[own[by_own]]
            else:
                some = place[by_place]
                time[by_place], value[by_place] = self._good_times[some], self._good_values[some]
        return time, value
