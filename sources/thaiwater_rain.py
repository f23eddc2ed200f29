"""Rain of the last 24 hours, and of the last hour where it is known, from ThaiWater (HII).

Rain comes as numbers, the key `rain_1h` is absent when unknown, and stations tell names of places but no
codes: their tambon is found from the coordinates later (`sources.reading.locate`). An empty list is a gap
of the supplier, not dry weather. Feed notes: docs/sources/thaiwater_rain.md.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import Field, JsonValue, model_validator

from sources import polite
from sources.checks import Implausible, bangkok_time, not_ahead, number, within
from sources.contract import UNITS, Observation, Payload, Quantity, Reading, Rejected, Source
from sources.thaiwater import Row, read_rows

URL = "https://api-v3.thaiwater.net/api/v1/thaiwater30/public/rain_24h"

# Limits of ours, to be moved by whoever knows better: the most ever measured anywhere is 1,825 mm in 24 h and
# 305 mm in under 1 h (WMO archive of extremes). What exceeds these here is a decimal point that slipped.
MOST_24H_MM = 1_000.0
MOST_1H_MM = 250.0
HOUR_OVER_DAY_MM = 1.0  # rounding; an hour cannot have more rain than the day it belongs to


class _Row(Row):
    rainfall_datetime: Any
    rain_24h: Any = None
    rain_1h: Any = None

    @model_validator(mode="before")
    @classmethod
    def _says_rain(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "rain_24h" not in raw and "rain_1h" not in raw:
            raise ValueError("neither rain_24h nor rain_1h is there")
        return raw


class ThaiwaterRain(Source):
    """Rain of 24 h and of 1 h at telemetry stations."""

    signs: ClassVar[tuple[str, ...]] = ('"rainfall_datetime"', '"rain_24h"', '"rain_1h"')

    url: str = URL
    province_code: str | None = Field(
        default="93", pattern=r"^\d{2}(,\d{2})*$"
    )  # None: the whole country, 3 MB
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        params = {"province_code": self.province_code} if self.province_code else {}
        return polite.payload(http, self.url, now, params=params, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        def one(row: _Row, raw: JsonValue) -> list[Reading]:
            return self._read_row(row, raw, payload.fetched_at)

        return read_rows(payload, self.name, _Row, one)

    def _read_row(self, row: _Row, raw: JsonValue, fetched_at: datetime) -> list[Reading]:
        station = row.code()
        observed_at = bangkok_time(row.rainfall_datetime)
        not_ahead(observed_at, fetched_at)
        lat, lon = row.point()
        readings: list[Reading] = []
        told: dict[Quantity, float] = {}
        for quantity, value, most in (
            (Quantity.RAIN_24H, row.rain_24h, MOST_24H_MM),
            (Quantity.RAIN_1H, row.rain_1h, MOST_1H_MM),
        ):
            try:
                rain_mm = _rain(value, most, told.get(Quantity.RAIN_24H))
            except Implausible as error:
                readings.append(Rejected(raw, why=f"{quantity} of {station}: {error}"))
                continue
            if rain_mm is not None:
                told[quantity] = rain_mm
        if not told and not readings:
            raise Implausible(f"no rain is told by {station}, not even 0")
        return readings + [
            Observation(
                source=self.name,
                station=station,
                quantity=quantity,
                value=rain_mm,
                unit=UNITS[quantity],
                observed_at=observed_at,
                tambon=row.tambon(),
                station_name=row.station.tele_station_name,
                lat=lat,
                lon=lon,
            )
            for quantity, rain_mm in told.items()
        ]


def _rain(value: Any, most: float, day_mm: float | None) -> float | None:
    """Rain in mm, None when not told. Raises Implausible: negative, more than ever fell, or more than its
    whole day.
    """
    rain_mm = number(value)
    if rain_mm is None:
        return None
    within(rain_mm, 0, most, "rain in mm")
    if day_mm is not None and rain_mm > day_mm + HOUR_OVER_DAY_MM:
        raise Implausible(
            f"implausible: {rain_mm:g} mm in the hour but {day_mm:g} mm in the 24 h it belongs to"
        )
    return rain_mm
