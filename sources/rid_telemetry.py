"""Gauges and reservoirs of the Royal Irrigation Department in its own words: SWOC's table of piers, telerid's stations, the
reservoir reports.

Four services with four shapes; which one a row has is seen by its fields. `url` chooses what is asked.
Feed notes: docs/sources/rid_telemetry.md.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import JsonValue

from geo.when import thai_month
from sources import polite
from sources.checks import Implausible, not_ahead, number
from sources.contract import UNITS, Observation, Payload, Quantity, Reading, Rejected, Source, SourceChanged
from sources.envelope import json_of
from sources.reservoir import Dam, Shape, readings_of
from sources.rows import Misshapen, moment, pick, plausible, point, read_each, words

URL = "https://bigdata-swoc.rid.go.th/api/ma/pier/all/get_pier_data"
DEEPEST = 6

PUBLIC = Shape(("volume",), ("percent_storage",), ("inflow",), ("outflow",), capacity=("storage",))
MEDIUM = Shape(("qdisc_curr",), ("percent_resv_curr",), ("q_info",), ("q_outfo",), capacity=("cap_resv",))
LARGE = Shape(
    ("DMD_QUse",), ("PERCENT_DMD_QUse",), ("DMD_Inflow",), ("DMD_Outflow",), capacity=("DAM_QStore",)
)
RESERVOIRS = {
    "qdisc_curr": MEDIUM,
    "cresv": MEDIUM,
    "DMD_QUse": LARGE,
    "DAM_ID": LARGE,
    "percent_storage": PUBLIC,
}

# Our quantity -> the fields that may hold it; metres above mean sea level, m3/s, mm.
PIER: dict[Quantity, tuple[str, ...]] = {
    Quantity.WATER_LEVEL: ("wl_values_msl", "waterlevel_msl", "wl_msl"),
    Quantity.DISCHARGE: ("q_values", "discharge", "q"),
}
TELERID: dict[Quantity, tuple[str, ...]] = {
    Quantity.WATER_LEVEL: ("values.water_level", "values.wl", "water_level"),
    Quantity.DISCHARGE: ("values.discharge", "values.flow", "values.flow_rate"),
    Quantity.RAIN_15M: ("values.rain_15m", "values.rain15m"),
    Quantity.RAIN_1H: ("values.rain_1h", "values.rain1h"),
    Quantity.RAIN_24H: ("values.rain_24h", "values.rain24h"),
}
_STATION_SIGNS = ("station_code", "wl_values_msl", "values", "measure", "measure_wl", "cross_section")
_DATE_TH = re.compile(r"(?:วัน\S*ที่\s*)?(\d{1,2})\s+([ก-๙.]+)\s+(?:พ\.ศ\.\s*)?(\d{4})")


class RidTelemetry(Source):
    """Water level and discharge of gauges; storage, percent, inflow and release of reservoirs."""

    signs: ClassVar[tuple[str, ...]] = (
        '"wl_values_msl"', '"brae_level_msl"', '"qdisc_curr"', '"DMD_QUse"', '"outflow"', '"water_level_critical"',
    )  # fmt: skip

    url: str = URL
    params: dict[str, str] = {}
    deadline: timedelta = timedelta(seconds=45)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        return polite.payload(http, self.url, now, params=self.params, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        for _ in range(2):  # telerid's socket sends an envelope whose message is JSON as text
            inside = told.get("message") if isinstance(told, Mapping) else None
            if isinstance(inside, str) and inside.lstrip()[:1] in ("{", "["):
                told = json_of(inside.encode("utf-8", "replace"), self.name)
        day = _day(told)
        rows = _rows(told)
        if rows is None:
            why = str(pick(told, "detail", "message", "error", "data") or "")[:120]
            raise SourceChanged(f"{self.name}: no gauges and no reservoirs in the answer {why}".rstrip())

        def one(raw: JsonValue) -> Iterable[Reading]:
            if not isinstance(raw, dict):
                raise Misshapen("no object")
            shape = next((shape for sign, shape in RESERVOIRS.items() if sign in raw), None)
            if shape is not None:
                return self._reservoir(raw, shape, day, payload.fetched_at)
            return self._gauge(raw, payload.fetched_at)

        return read_each(self.name, rows, one)

    def _reservoir(
        self, raw: dict[str, Any], shape: Shape, day: datetime | None, fetched_at: datetime
    ) -> Iterable[Reading]:
        name = words(pick(raw, "name", "nresv", "DAM_Name"))
        station = words(pick(raw, "id", "cresv", "DAM_ID", "dam_id")) or name
        if station is None:
            raise Implausible("no reservoir is told")
        own = pick(raw, "date", "DMD_Date", "dam_date")
        if "date" in raw and own is None and shape is MEDIUM:
            raise Implausible(f"nobody has written down {station} yet today")
        at = moment(own) if own is not None else day
        if at is None:
            raise Implausible("no time is told")
        lat, lon = point(
            pick(raw, "cresv_lat", "DAM_Lat", "lat"), pick(raw, "cresv_lng", "DAM_Lon", "lng", "lon")
        )
        row = {key: _plain(value) for key, value in raw.items()}
        if shape is PUBLIC and row.get("volume") is None:
            row["percent_storage"] = None  # told as 0 where nobody measured
        return readings_of(row, raw, shape, Dam(self.name, station, name, lat, lon), at, fetched_at)

    def _gauge(self, raw: dict[str, Any], fetched_at: datetime) -> Iterable[Reading]:
        station = words(pick(raw, "station_code", "code"))
        if station is None:
            raise (Misshapen if not any(sign in raw for sign in _STATION_SIGNS) else Implausible)(
                "no station is told"
            )
        pier = "wl_values_msl" in raw or "station_code" in raw
        if not pier and "values" not in raw:
            raise Implausible(
                f"{station} is a name in a list: telerid gives its readings by the station's own address"
            )
        bank = _soft(pick(raw, "brae_level_msl")) if pier else None
        lat, lon = point(
            pick(raw, "latitude", "lat", "location.y", "geom.coordinates.1"),
            pick(raw, "longitude", "lon", "lng", "location.x", "geom.coordinates.0"),
        )
        readings: list[Reading] = []
        for quantity, fields in (PIER if pier else TELERID).items():
            told = pick(raw, *fields)
            if told is None:
                continue
            try:
                when, told = _own_time(told)
                at = when or self._time(raw)
                not_ahead(at, fetched_at)
                value = number(_plain(told))
                if value is None:
                    continue
                plausible(quantity, value)
                readings.append(
                    Observation(
                        source=self.name, station=station, quantity=quantity, value=value, unit=UNITS[quantity],
                        observed_at=at, station_name=words(pick(raw, "station_detail", "name", "station_name")),
                        lat=lat, lon=lon, bank_m=bank if quantity is Quantity.WATER_LEVEL else None,
                    )
                )  # fmt: skip
            except Implausible as error:
                readings.append(Rejected(raw, why=f"{quantity} of {station}: {error}"))
        if not readings:
            raise Implausible(f"nothing is told by {station}")
        return readings

    def _time(self, raw: Mapping[str, Any]) -> datetime:
        """`hourly_time_utc` is UTC by its name where it has no offset; all others are Bangkok time."""
        if (told := pick(raw, "hourly_time_utc", "time_utc")) is not None:
            return moment(told, UTC)
        return moment(
            pick(raw, "hourly_time", "datetime", "time", "timestamp", "values.unixtime", "unixtime")
        )


def _own_time(told: Any) -> tuple[datetime | None, Any]:
    """telerid: a value with its own time, {value, unixtime}."""
    if not isinstance(told, Mapping):
        return None, told
    if "value" not in told:
        raise Implausible("a value of another shape")
    when = pick(told, "unixtime", "time", "datetime")
    return (None if when is None else moment(when)), told["value"]


def _plain(told: Any) -> Any:
    """ " - " is no value, as RID writes it."""
    return None if isinstance(told, str) and told.strip() in ("", "-", "--") else told


def _soft(told: Any) -> float | None:
    try:
        return number(_plain(told))
    except Implausible:
        return None


def _day(told: Any) -> datetime | None:
    """The day the whole report is of: `2026-11-23`, or `23 พฤศจิกายน 2569`, which is Buddhist. None when not told."""
    if not isinstance(told, Mapping):
        return None
    text = words(pick(told, "date", "date_th", "data_date")) or ""
    try:
        if found := _DATE_TH.search(text):
            return moment(f"{found[3]}-{thai_month(found[2]) or 0}-{found[1]}", buddhist=True)
        return moment(text)
    except Implausible:
        return None


def _rows(told: Any, depth: int = 0) -> list[Any] | None:
    """Every row of whichever list, region by region; telerid's mapping of stations by number. None: no list at all."""
    if depth > DEEPEST:
        return None
    if isinstance(told, list):
        inside = [_grouped(item) for item in told]
        return [
            row
            for item, rows in zip(told, inside, strict=True)
            for row in (rows if rows is not None else [item])
        ]
    if not isinstance(told, Mapping):
        return None
    if any(sign in told for sign in (*_STATION_SIGNS, *RESERVOIRS)):
        return [told]
    for key in ("data", "results", "result", "region", "regions", "reservoir", "dams", "stations"):
        inside_one = told.get(key)
        if (
            isinstance(inside_one, Mapping)
            and inside_one
            and all(isinstance(v, Mapping) for v in inside_one.values())
        ):
            return list(inside_one.values())
        if isinstance(inside_one, list | Mapping) and (rows := _rows(inside_one, depth + 1)) is not None:
            return rows
    return None


def _grouped(item: Any) -> list[Any] | None:
    """The reservoirs of one region."""
    if not isinstance(item, Mapping):
        return None
    return next((item[key] for key in ("reservoir", "dam", "dams") if isinstance(item.get(key), list)), None)
