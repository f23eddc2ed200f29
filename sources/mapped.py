"""Readings out of rows whose fields an office has named itself: what http_json, csv_drop and mqtt_sensor share.

The entry says which field is the station, the time and each value, with its unit. Without `values` (only when a file
is read by hand) fields are taken by sight: a name that carries its unit, such as `level_cm` or `ระดับน้ำ (ซม.)`.
Notes: docs/sources/http_json.md.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from sources.checks import Implausible, not_ahead, number
from sources.contract import UNITS, Observation, Quantity, Reading, Rejected, Source
from sources.rows import DateOrder, Misshapen, moment, pick, plausible, point, words

# How many of our unit one of theirs is: our unit -> their word -> factor.
FACTORS: dict[str, dict[str, float]] = {
    "m": {"m": 1.0, "cm": 0.01, "mm": 0.001, "ft": 0.3048},
    "mm": {"mm": 1.0, "cm": 10.0, "in": 25.4},
    "m3/s": {"m3/s": 1.0, "l/s": 0.001},
    "million m3": {"million m3": 1.0, "m3": 1e-6},
    "million m3/d": {"million m3/d": 1.0, "m3/d": 1e-6, "m3/s": 0.0864},
    "%": {"%": 1.0, "fraction": 100.0},
    "m/s": {"m/s": 1.0, "km/h": 1 / 3.6, "kn": 0.514444},
    "hPa": {"hPa": 1.0, "kPa": 10.0, "Pa": 0.01},
}


class Value(BaseModel):
    """One field of a row: which quantity, in which unit it comes. Ours = told * times * unit's factor + add."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quantity: Quantity
    unit: str = ""  # theirs; left out, it is ours (docs/config.md)
    times: float = 1.0  # -1 for a sensor that tells its distance down to the water
    add: float = 0.0  # in our unit, after the conversion: the height of that sensor

    @model_validator(mode="after")
    def _unit_is_known(self) -> Self:
        known = FACTORS.get(UNITS[self.quantity], {UNITS[self.quantity]: 1.0})
        if self.unit and self.unit not in known:
            raise ValueError(
                f"unit: {self.quantity} cannot come in {self.unit}; there are {', '.join(known)}"
            )
        return self

    def ours(self, told: float) -> float:
        unit = UNITS[self.quantity]
        factor = FACTORS.get(unit, {}).get(self.unit or unit, 1.0)
        return round(told * self.times * factor + self.add, 6)


class Row(NamedTuple):
    """One row, with what stands around it. at: aware UTC, the network's own time of the message; used where the row
    tells none, and the row's own is held against it."""

    fields: Mapping[str, Any]
    raw: JsonValue
    station: str | None = None
    at: datetime | None = None


class Mapped(Source):
    """What an office says about its own rows. Field names may go deeper with dots: `data.level`."""

    values: dict[str, Value] = {}
    station: str = ""  # field that holds the station's code
    station_is: str = ""  # the one station, where no field names it
    stations: dict[str, str] = {}  # code in the feed -> the code we use
    time: str | list[str] = ""  # field, or several joined by a space (date and time apart)
    timezone: str = "Asia/Bangkok"  # of times without an offset
    date_order: DateOrder = "dmy"  # of times with slashes
    buddhist_years: bool = False
    decimal_comma: bool = False  # 1,35 is 1.35
    name_field: str = ""
    lat: str = ""
    lon: str = ""
    tambons: dict[str, str] = {}  # our station code -> tambon
    zero_m: dict[
        str, float
    ] = {}  # our station code -> m above mean sea level of its zero: stage becomes level
    clock_off: timedelta = Field(default=timedelta(days=1), gt=timedelta(0))  # behind the network's: no clock

    @field_validator("timezone")
    @classmethod
    def _zone_is_known(cls, told: str) -> str:
        try:
            ZoneInfo(told)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no time zone is called {told[:40]}; write Asia/Bangkok or UTC") from None
        return told

    @model_validator(mode="after")
    def _station_once(self) -> Self:
        if self.station and self.station_is:
            raise ValueError("station: either the field (station) or the one station (station_is), not both")
        return self

    def read_row(self, row: Row, fetched_at: datetime) -> Iterable[Reading]:
        """Every value of one row. Raises Misshapen where nothing of it can be found, Implausible."""
        values = self.values or by_sight(row.fields)
        told = {field: found for field in values if (found := pick(row.fields, field)) is not None}
        if not told:
            if self.values and any(_present(row.fields, field) for field in values):
                raise Implausible("no value is told")
            raise Misshapen(_nothing_found(row.fields, list(values)))
        station = self._station(row)
        at = self._at(row, fetched_at)
        readings: list[Reading] = []
        for field, raw_value in told.items():
            try:
                readings += self._value(values[field], raw_value, station, at, row.fields)
            except Implausible as error:
                readings.append(Rejected(row.raw, why=f"{field}: {error}"))
        if not readings:
            raise Implausible("no value is told")
        return readings

    def _value(
        self, how: Value, told: Any, station: str, at: datetime, fields: Mapping[str, Any]
    ) -> list[Reading]:
        raw = number(told.replace(".", "").replace(",", ".") if self._comma(told) else told)
        if raw is None:
            return []
        value, quantity = how.ours(raw), how.quantity
        if quantity is Quantity.STAGE and station in self.zero_m:
            value, quantity = round(value + self.zero_m[station], 6), Quantity.WATER_LEVEL
        plausible(quantity, value)
        lat, lon = point(*self._place(fields))
        return [
            Observation(
                source=self.name,
                station=station,
                quantity=quantity,
                value=value,
                unit=UNITS[quantity],
                observed_at=at,
                tambon=self.tambons.get(station),
                station_name=words(pick(fields, self.name_field)) if self.name_field else None,
                lat=lat,
                lon=lon,
            )
        ]

    def _comma(self, told: Any) -> bool:
        """Declared; or, of a table nobody declared, a comma before one or two digits: no thousands are written so."""
        if not isinstance(told, str) or "," not in told:
            return False
        return self.decimal_comma or (not self.values and bool(_SHORT_COMMA.fullmatch(told.strip())))

    def _place(self, fields: Mapping[str, Any]) -> tuple[Any, Any]:
        if self.values:
            return (pick(fields, self.lat), pick(fields, self.lon)) if self.lat and self.lon else (None, None)
        return pick(fields, "lat", "latitude"), pick(fields, "lon", "lng", "long", "longitude")

    def _station(self, row: Row) -> str:
        told = self.station_is or (
            words(pick(row.fields, self.station))
            if self.station
            else row.station or words(pick(row.fields, *like(row.fields, STATION_WORDS)))
        )
        if not told:
            if self.station or self.values:
                raise Implausible("no station is told")
            told = self.name
        return self.stations.get(told, told)

    def _at(self, row: Row, fetched_at: datetime) -> datetime:
        names = [self.time] if isinstance(self.time, str) else self.time
        if self.time:
            parts = [pick(row.fields, name) for name in names]
        else:
            found = like(row.fields, TIME_WORDS)
            parts = [pick(row.fields, *found)] if found else []
        parts = [part for part in parts if part is not None]
        if not parts:
            if row.at is None:
                raise Implausible("no time is told")
            not_ahead(row.at, fetched_at)
            return row.at
        told = parts[0] if len(parts) == 1 else " ".join(str(part).strip() for part in parts)
        zone: tzinfo = ZoneInfo(self.timezone)
        at = moment(told, zone, buddhist=self.buddhist_years, order=self.date_order)
        not_ahead(at, fetched_at)
        if row.at is not None:
            not_ahead(at, row.at)
            if row.at - at > self.clock_off:
                raise Implausible(
                    f"its clock is {(row.at - at) / timedelta(hours=1):.1f} h behind the network's"
                )
        return at


STATION_WORDS = (
    "station", "station_code", "station_id", "stationcode", "stationid", "code", "device_id", "deviceid", "device",
    "sensor_id", "sensor", "gauge", "id", "name", "รหัสสถานี", "สถานี",
)  # fmt: skip
TIME_WORDS = (
    "observed_at", "measured_at", "timestamp", "datetime", "date_time", "time", "ts", "recorded_at", "updated_at",
    "at", "date", "วันเวลา", "วันที่-เวลา", "เวลา", "วันที่",
)  # fmt: skip
_SHORT_COMMA = re.compile(r"[+-]?\d+,\d{1,2}", re.ASCII)
_LEVEL = re.compile(r"water_?level|waterlevel|level|stage|\bwl\b|wl_|ระดับน้ำ|ระดับ", re.IGNORECASE)
_RAIN = re.compile(r"rain|precip|ฝน", re.IGNORECASE)
_FLOW = re.compile(r"discharge|flow|อัตราการไหล|ปริมาณน้ำท่า", re.IGNORECASE)
_UNIT = re.compile(
    r"[\s_(\[\-/]+(m3/s|m3s|cms|ลบ\.?ม\.?/วิ\S*|cm|mm|m|ซม\.?|มม\.?|เมตร|ม\.(?:\s?รทก\.?)?|m\.?\s?msl|msl)[)\].\s]*$",
    re.IGNORECASE,
)
_UNITS_SEEN = {
    "m": "m",
    "เมตร": "m",
    "ม.": "m",
    "cm": "cm",
    "ซม": "cm",
    "ซม.": "cm",
    "mm": "mm",
    "มม": "mm",
    "มม.": "mm",
}
_PERIODS = (
    (re.compile(r"15\s?(?:m|min|นาที)", re.IGNORECASE), Quantity.RAIN_15M),
    (re.compile(r"24\s?(?:h|hr|ชม)", re.IGNORECASE), Quantity.RAIN_24H),
    (re.compile(r"12\s?(?:h|hr|ชม)", re.IGNORECASE), Quantity.RAIN_12H),
    (re.compile(r"(?<!\d)3\s?(?:h|hr|ชม)", re.IGNORECASE), Quantity.RAIN_3H),
    (re.compile(r"(?<!\d)1\s?(?:h|hr|ชม)|hour|รายชั่วโมง", re.IGNORECASE), Quantity.RAIN_1H),
)


def by_sight(fields: Mapping[str, Any]) -> dict[str, Value]:
    """The values whose names say what they are and in which unit; no unit is ever guessed."""
    seen = ((str(name), _seen(str(name))) for name in fields)
    return {name: value for name, value in seen if value is not None}


def _seen(name: str) -> Value | None:
    unit = _UNIT.search(name)
    if unit is None:
        return None
    told, what = unit[1].lower(), name[: unit.start()]
    above_sea = "msl" in told or "รทก" in told or "msl" in what.lower()
    if _FLOW.search(what) and (told.startswith(("m3", "cms")) or "ลบ" in told):
        return Value(quantity=Quantity.DISCHARGE)
    if _RAIN.search(what) and _UNITS_SEEN.get(told) == "mm":
        period = next((quantity for sign, quantity in _PERIODS if sign.search(what)), None)
        return Value(quantity=period) if period else None
    if _LEVEL.search(what) and (above_sea or told in _UNITS_SEEN):
        quantity = Quantity.WATER_LEVEL if above_sea else Quantity.STAGE
        return Value(quantity=quantity, unit=_UNITS_SEEN.get(told, "m"))
    return None


def like(fields: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    """The fields of these names, in the order of the names, however they are written."""
    by_name = {re.sub(r"[\s-]+", "_", str(field).strip().lower()): str(field) for field in fields}
    return [by_name[name] for name in names if name in by_name]


def _present(fields: Mapping[str, Any], path: str) -> bool:
    return path in fields or path.split(".")[0] in fields


def _nothing_found(fields: Mapping[str, Any], wanted: list[str]) -> str:
    held = ", ".join(str(field)[:30] for field in list(fields)[:12]) or "nothing"
    if wanted:
        return f"none of the fields {', '.join(wanted)}; the row holds {held}"
    return f"no field that names its unit (level_m, level_cm, rain_1h_mm); declare `values`; the row holds {held}"
