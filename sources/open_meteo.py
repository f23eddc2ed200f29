"""Rain forecast by the hour and the day from Open-Meteo, and river discharge by the day from its flood
service.

Free for offices that sell nothing, no key. The newest hours are null until the model has reached them; a
fault is told in the body: {"error": true, "reason": ...}. Feed notes: docs/sources/open_meteo.md.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

import requests
from pydantic import Field

from sources import polite
from sources.checks import Implausible, number, within
from sources.contract import UNITS, Forecast, Payload, Quantity, Reading, Rejected, Source, SourceChanged
from sources.envelope import json_of
from sources.open_meteo_body import Lat, Lon, Place, place_of, wall_time, without_trailing_nulls

URL = "https://api.open-meteo.com/v1/forecast"
PHATTHALUNG = {"Phatthalung": (7.617, 100.077)}  # the town; one point stands for about 10 km


class _Series(NamedTuple):
    block: str
    variable: str
    quantity: Quantity
    units: frozenset[str]
    most: float
    ends_after: timedelta  # a value is told at this much before its end; forecasts are valid at the end


# Open-Meteo sums hourly precipitation over the hour before; a day is told by its date and ends at midnight.
SERIES = (
    _Series("hourly", "precipitation", Quantity.RAIN_1H, frozenset({"mm"}), 250, timedelta()),
    _Series("daily", "precipitation_sum", Quantity.RAIN_24H, frozenset({"mm"}), 1_000, timedelta(days=1)),
    _Series(
        "daily", "river_discharge", Quantity.DISCHARGE, frozenset({"m³/s", "m3/s"}), 60_000, timedelta(days=1)
    ),
)


class OpenMeteo(Source):
    """Forecasts for named points. A name that is a tambon code makes it the forecast of that tambon."""

    signs: ClassVar[tuple[str, ...]] = ('"utc_offset_seconds"', '"hourly_units"', '"daily_units"')

    url: str = URL
    places: dict[str, tuple[Lat, Lon]] = Field(default=PHATTHALUNG, min_length=1)
    days: int = Field(default=3, ge=1, le=16)
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        points = list(self.places.values())
        params = {
            "latitude": ",".join(str(lat) for lat, _ in points),
            "longitude": ",".join(str(lon) for _, lon in points),
            "timezone": "Asia/Bangkok",
            "forecast_days": str(self.days),
        }
        if "flood" in self.url:
            params["daily"] = "river_discharge"
        else:
            params |= {"hourly": "precipitation", "daily": "precipitation_sum"}
        return polite.payload(http, self.url, now, params=params, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        bodies: list[Any] = told if isinstance(told, list) else [told]
        named = list(self.places) if len(bodies) == len(self.places) else [None] * len(bodies)
        return [
            reading
            for name, body in zip(named, bodies, strict=True)
            for reading in self._read_place(name, body, payload.fetched_at)
        ]

    def _read_place(self, name: str | None, body: Any, issued_at: datetime) -> list[Reading]:
        place = place_of(body, self.name)
        called = (
            name if name and place.is_near(*self.places[name]) else f"{place.latitude:g},{place.longitude:g}"
        )
        readings = [
            reading for series in SERIES for reading in self._read_series(series, place, called, issued_at)
        ]
        if not readings and not any(s.variable in getattr(place, s.block) for s in SERIES):
            raise SourceChanged(f"{self.name}: neither rain nor discharge in the forecast")
        return readings

    def _read_series(self, series: _Series, place: Place, called: str, issued_at: datetime) -> list[Reading]:
        block = getattr(place, series.block)
        values = without_trailing_nulls(block.get(series.variable, []))
        times = block.get("time", [])
        unit = getattr(place, f"{series.block}_units").get(series.variable)
        if not values:
            return []
        raw = f"{series.variable} of {called}"
        if not isinstance(unit, str) or unit not in series.units:
            return [Rejected(raw, why=f"the unit is {unit!r}, not {UNITS[series.quantity]}")]
        if len(times) < len(values):
            return [Rejected(raw, why=f"{len(values)} values but {len(times)} times")]
        zone = place.zone
        readings: list[Reading] = []
        first: dict[datetime, float] = {}
        for time, told in zip(times, values, strict=False):
            try:
                value = number(told)
                if value is None:
                    raise Implausible("no value is told")
                within(value, 0, series.most, str(series.quantity))
                valid_at = wall_time(time, zone) + series.ends_after
                if first.setdefault(valid_at, value) != value:
                    raise Implausible(f"{value:g} where it told {first[valid_at]:g} for the same time")
            except Implausible as error:
                readings.append(
                    Rejected({"time": time, series.variable: told, "place": called}, why=str(error))
                )
                continue
            tambon = called if len(called) == 6 and called.isdigit() else None
            readings.append(
                Forecast(
                    source=self.name,
                    place=called,
                    quantity=series.quantity,
                    value=value,
                    unit=UNITS[series.quantity],
                    valid_at=valid_at,
                    issued_at=issued_at,
                    lat=place.latitude,
                    lon=place.longitude,
                    tambon=tambon,
                )
            )
        return readings
