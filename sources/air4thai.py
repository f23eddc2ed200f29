"""Fine dust as the Pollution Control Department measures it (Air4Thai): the mean of 24 hours, told each hour.

Everything is text; -1 and -999 are no value. Feed notes: docs/sources/air4thai.md.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import JsonValue

from sources import polite
from sources.checks import Implausible, not_ahead, number
from sources.contract import UNITS, Observation, Payload, Quantity, Reading, Source, SourceChanged
from sources.envelope import json_of
from sources.rows import Misshapen, moment, pick, plausible, point, read_each, words

URL = "http://air4thai.pcd.go.th/services/getNewAQI_JSON.php"  # its chain over https is incomplete
LAST = ("AQILast", "LastUpdate", "aqilast", "lastupdate")


class Air4Thai(Source):
    """PM2.5 of the stations, mean of 24 h."""

    signs: ClassVar[tuple[str, ...]] = ('"aqilast"', '"stationid"', '"lastupdate"')

    url: str = URL
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        return polite.payload(http, self.url, now, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        rows = pick(told, "stations", "data") if isinstance(told, dict) else told
        if isinstance(told, dict) and pick(told, "stationID", "stationid"):
            rows = [told]
        if isinstance(rows, dict):  # one station where a list of them stands, or an empty element
            rows = [rows] if rows else []
        if isinstance(told, dict) and rows is None and "stations" in told:
            rows = []
        if not isinstance(rows, list):
            why = (words(pick(told, "error", "message", "result")) or "") if isinstance(told, dict) else ""
            raise SourceChanged(f"{self.name}: no list of stations in the answer {why}".rstrip())
        return read_each(self.name, rows, lambda raw: self._read(raw, payload.fetched_at))

    def _read(self, raw: JsonValue, fetched_at: datetime) -> Iterator[Reading]:
        station = words(pick(raw, "stationID", "stationid"))
        last = pick(raw, *LAST)
        if not isinstance(raw, dict) or station is None:
            raise Misshapen("no station with an id")
        if not isinstance(last, dict):
            raise Misshapen(f"{station}: nothing it measured last")
        value = _value(pick(last, "PM25.value", "PM25", "pm25.value", "pm25"))
        if value is None:
            raise Implausible(f"no fine dust is told by {station}")
        plausible(Quantity.PM25_24H, value)
        day, clock = words(pick(last, "date")), words(pick(last, "time"))
        if day and not clock and ":" not in day:  # the day alone would be read as its first minute
            raise Implausible(f"{station} tells a day and no hour")
        observed_at = moment(f"{day} {clock}" if day and clock else day)
        not_ahead(observed_at, fetched_at)
        lat, lon = point(pick(raw, "lat"), pick(raw, "long", "lng", "lon"))
        yield Observation(
            source=self.name, station=station, quantity=Quantity.PM25_24H, value=value, unit=UNITS[Quantity.PM25_24H],
            observed_at=observed_at, station_name=words(pick(raw, "nameTH", "nameEN")), lat=lat, lon=lon,
        )  # fmt: skip


def _value(told: Any) -> float | None:
    """Older answers put the unit behind it: `26 µg/m³`. -1 is no value."""
    if isinstance(told, str) and " " in told.strip():
        told = told.strip().split()[0]
    value = number(told)
    return None if value == -1 else value
