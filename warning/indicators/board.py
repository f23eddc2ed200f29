"""All indicators of all stations, kept up to date reading by reading.

What comes costs what is new: a round touches the series it tells, and only stations that told something are made again,
when somebody asks. The numbers depend on the readings alone, not on the order they came in nor on when one looks, so a
board built again from what each series told in its last 73 hours says the same.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from sources.contract import Quantity
from warning.indicators.evaluated import Bools, Evaluated, Floats, GaugeFacts, Verdicts
from warning.indicators.made import GROUPS, Facts, Group, group_of, nothing
from warning.indicators.names import Indicator
from warning.indicators.ring import Places, Rings, View
from warning.indicators.settings import Settings, settings

_UNKNOWN = GaugeFacts()


class IndicatorBoard:
    """`series` and `stations` tell what the arrays' places mean."""

    def __init__(
        self,
        series: Sequence[tuple[str, Quantity]],
        facts: Mapping[str, GaugeFacts] | None = None,
        chosen: Settings | None = None,
    ) -> None:
        """series: (station, quantity), each once. facts: of the stations where something is known."""
        self.series = list(series)
        if len(set(self.series)) != len(self.series):
            raise ValueError("a series is named twice")
        self.stations = sorted({station for station, _ in self.series})
        self.settings = chosen or settings()
        place = {station: nth for nth, station in enumerate(self.stations)}
        known = [(facts or {}).get(station, _UNKNOWN) for station in self.stations]
        self._facts = Facts(
            np.array([f.bed_m for f in known], np.float64), np.array([f.bank_m for f in known], np.float64)
        )
        self._station_of = np.array([place[station] for station, _ in self.series], np.intp)
        quantities = list(dict.fromkeys(quantity for _, quantity in self.series))
        self._quantity_of = np.array([quantities.index(q) for _, q in self.series], np.intp)
        self._row_of_series = np.zeros(len(self.series), np.intp)
        self._rings: dict[Quantity, Rings] = {}
        self._row_of_station: dict[Quantity, Places] = {}
        for nth, quantity in enumerate(quantities):
            ours = np.flatnonzero(self._quantity_of == nth)
            self._row_of_series[ours] = np.arange(len(ours))
            rows = np.full(len(self.stations), -1, np.intp)
            rows[self._station_of[ours]] = np.arange(len(ours))
            self._rings[quantity], self._row_of_station[quantity] = Rings(len(ours)), rows
        self._made: dict[tuple[Indicator, bool], Evaluated] = {}
        self._stale: dict[tuple[int, bool], Bools] = {}  # stations to be made again, by group and policy

    def take(self, places: Places, values: Floats, observed: Floats, verdicts: Verdicts) -> None:
        """New readings in the order they were told. places: in `series`; observed: microseconds of the epoch; NaN in
        values or observed is no reading. Of one instant of a series the last told counts: a new verdict is told again."""
        for nth, (quantity, rings) in enumerate(self._rings.items()):
            ours = np.flatnonzero(self._quantity_of[places] == nth)
            if not len(ours):
                continue
            rings.take(self._row_of_series[places[ours]], observed[ours], values[ours], verdicts[ours])
            for (group, _), stale in self._stale.items():
                if quantity in GROUPS[group].quantities:
                    stale[self._station_of[places[ours]]] = True

    def evaluate(self, indicator: Indicator, use_suspect: bool = False) -> Evaluated:
        """One place for each of `stations`. use_suspect: readings quality control doubts count too; bad ones never do.

        Raises ValueError for a forecast, which is not made of readings.
        """
        group = group_of(indicator)
        nth = GROUPS.index(group)
        stale = self._stale.setdefault((nth, use_suspect), np.ones(len(self.stations), np.bool_))
        if stale.any() or (indicator, use_suspect) not in self._made:
            self._make(group, np.flatnonzero(stale), use_suspect)
            stale[:] = False
        return self._made[indicator, use_suspect]

    def readings(self) -> tuple[Places, Floats, Floats, Verdicts]:
        """Places, values, observed, verdicts of all it holds: what `take` of a new board of the same series needs."""
        parts = []
        for nth, rings in enumerate(self._rings.values()):
            ours = np.flatnonzero(self._quantity_of == nth)
            rows, times, values, verdicts = rings.held()
            parts.append((ours[rows], values, times, verdicts))
        if not parts:
            return np.zeros(0, np.intp), np.zeros(0), np.zeros(0), np.zeros(0, np.int8)
        places, values, times, verdicts = (np.concatenate(part) for part in zip(*parts, strict=True))
        return places, values, times, verdicts

    def _make(self, group: Group, stations: Places, use_suspect: bool) -> None:
        views = {
            quantity: View(rings, self._row_of_station[quantity], use_suspect)
            for quantity, rings in self._rings.items()
            if quantity in group.quantities
        }
        for indicator, found in group.make(views, stations, self._facts, self.settings).items():
            held = self._made.setdefault((indicator, use_suspect), nothing(len(self.stations)))
            for part, new in zip(held, found, strict=True):
                part[stations] = new
