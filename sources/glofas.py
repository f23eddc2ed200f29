"""River flow by the day as GloFAS forecasts it, with its ensemble: from the flood service of Open-Meteo.

Cells of 5 km: the Na Thom and its neighbours are smaller than most cells, so a value is of the cell, and only its change against its
own past says something. Where the service tells members, the chances are reckoned from them. Feed notes: docs/sources/glofas.md.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import Field

from sources import polite
from sources.checks import Implausible, number, within
from sources.contract import UNITS, Forecast, Payload, Quantity, Reading, Rejected, Source, SourceChanged
from sources.envelope import json_of
from sources.limits import limits_of
from sources.open_meteo_body import Lat, Lon, Place, place_of, wall_time, without_trailing_nulls

URL = "https://flood-api.open-meteo.com/v1/flood"
PHATTHALUNG = {"Phatthalung": (7.617, 100.077)}
BEST = "river_discharge"
MEAN = f"{BEST}_mean"  # of the ensemble: stands in where no best value is told
TOLD = {
    f"{BEST}_min": 0.0,
    f"{BEST}_p25": 0.25,
    f"{BEST}_median": 0.5,
    f"{BEST}_p75": 0.75,
    f"{BEST}_max": 1.0,
}
MEMBER = re.compile(rf"{BEST}_member\d{{1,3}}", re.ASCII)
RECKONED = (0.1, 0.25, 0.5, 0.75, 0.9)  # of members, where there are enough
FEWEST_MEMBERS = 5  # of fewer nobody can tell a chance
UNITS_TOLD = frozenset({"m³/s", "m3/s"})
A_DAY = timedelta(days=1)  # a day's mean is told by its date and is over at midnight


class Glofas(Source):
    """Forecast flow for named points. A name that is a tambon code makes it the forecast of that tambon."""

    signs: ClassVar[tuple[str, ...]] = ('"river_discharge', '"river_discharge_median"')

    url: str = URL
    places: dict[str, tuple[Lat, Lon]] = Field(default=PHATTHALUNG, min_length=1)
    days: int = Field(default=10, ge=1, le=210)
    members: bool = True  # ask for the ensemble
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        points = list(self.places.values())
        params = {
            "latitude": ",".join(str(lat) for lat, _ in points),
            "longitude": ",".join(str(lon) for _, lon in points),
            "daily": ",".join([BEST, *TOLD]),
            "forecast_days": str(self.days),
        }
        if self.members:
            params["ensemble"] = "true"
        return polite.payload(http, self.url, now, params=params, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        bodies: list[Any] = told if isinstance(told, list) else [told]
        named = list(self.places) if len(bodies) == len(self.places) else [None] * len(bodies)
        readings: list[Reading] = []
        faults: list[SourceChanged] = []
        for name, body in zip(named, bodies, strict=True):
            try:
                place = place_of(body, self.name)
                if not any(_is_flow(variable, place) for variable in place.daily):
                    raise SourceChanged(f"{self.name}: no river discharge in the forecast")
            except SourceChanged as error:  # one place of several: the others count
                faults.append(error)
                readings.append(Rejected(body, why=str(error)))
                continue
            near = name is not None and place.is_near(*self.places[name])
            called = name if name and near else f"{place.latitude:g},{place.longitude:g}"
            readings += self._of_place(place, called, payload.fetched_at)
        if faults and len(faults) == len(bodies):
            raise faults[0]
        return readings

    def _of_place(self, place: Place, called: str, issued_at: datetime) -> Iterator[Reading]:
        times = place.daily.get("time", [])
        once = _first_of_each(times)
        members: dict[int, list[float]] = {}
        said: dict[int, set[float]] = {}
        for variable, values in place.daily.items():
            if not _is_flow(variable, place):
                continue
            unit = place.daily_units.get(variable, place.daily_units.get(BEST))
            if not isinstance(unit, str) or unit not in UNITS_TOLD:
                yield Rejected(f"{variable} of {called}", why=f"the unit is {unit!r}, not m3/s")
                continue
            series = without_trailing_nulls(values)
            if len(times) < len(series):
                yield Rejected(f"{variable} of {called}", why=f"{len(series)} values but {len(times)} times")
                continue
            for nth, told in enumerate(series):
                try:
                    value = _flow(told)
                    if once[nth] != nth:
                        if told == series[once[nth]]:
                            continue
                        raise Implausible("another value for a day told before")
                    if value is None and MEMBER.fullmatch(variable):
                        continue  # a member that has not run that far yet
                    if value is None:
                        raise Implausible("no value is told")
                    if MEMBER.fullmatch(variable):
                        members.setdefault(nth, []).append(value)
                        continue
                    quantile = TOLD.get(variable)
                    if quantile is not None:
                        said.setdefault(nth, set()).add(quantile)
                    yield self._forecast(place, called, value, times[nth], issued_at, quantile)
                except Implausible as error:
                    yield Rejected({"time": times[nth], variable: told, "place": called}, why=str(error))
        for nth, ensemble in members.items():
            yield from self._reckoned(place, called, ensemble, times[nth], issued_at, said.get(nth, set()))

    def _reckoned(
        self, place: Place, called: str, values: list[float], time: Any, issued_at: datetime, said: set[float]
    ) -> Iterator[Reading]:
        """The chances the members give for a day, beside those the service tells itself."""
        if len(values) < FEWEST_MEMBERS:
            return
        for quantile in RECKONED:
            if quantile not in said:
                try:
                    yield self._forecast(
                        place, called, _quantile(values, quantile), time, issued_at, quantile
                    )
                except Implausible as error:
                    yield Rejected({"time": time, "place": called}, why=str(error))
                    return

    def _forecast(
        self, place: Place, called: str, value: float, time: Any, issued_at: datetime, quantile: float | None
    ) -> Forecast:
        return Forecast(
            source=self.name,
            place=called,
            quantity=Quantity.DISCHARGE,
            value=value,
            unit=UNITS[Quantity.DISCHARGE],
            valid_at=wall_time(time, place.zone) + A_DAY,
            issued_at=issued_at,
            lat=place.latitude,
            lon=place.longitude,
            tambon=called if re.fullmatch(r"\d{6}", called, re.ASCII) else None,
            quantile=quantile,
        )


def _is_flow(variable: str, place: Place) -> bool:
    """The mean of the ensemble is no chance; it is read only where nothing better is told for the day."""
    if variable == MEAN:
        return BEST not in place.daily
    return variable == BEST or variable in TOLD or MEMBER.fullmatch(variable) is not None


def _first_of_each(times: list[Any]) -> list[int]:
    """For each place in the list, the first place that tells the same time."""
    first: dict[str, int] = {}
    return [first.setdefault(str(time)[:40], nth) for nth, time in enumerate(times)]


def _flow(told: Any) -> float | None:
    value = number(told)
    if value is not None:
        within(value, 0, limits_of(Quantity.DISCHARGE).high, "discharge in m3/s")
    return value


def _quantile(values: list[float], quantile: float) -> float:
    """Between the two members it falls between (Hyndman and Fan 1996, type 7)."""
    ordered = sorted(values)
    at = quantile * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return round(ordered[low] + (at - low) * (ordered[high] - ordered[low]), 3)
