"""What the stations of the Thai Meteorological Department measure: every three hours, or once a day at 07:00. XML, JSON, or a table.

Needs uid and ukey. All values are text; wind is told in km/h. While TMD builds its file anew the answer holds far fewer
stations: those missing fall silent by themselves. Feed notes: docs/sources/tmd_observation.md.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import JsonValue, SecretStr

from sources import polite
from sources.checks import Implausible, not_ahead, number
from sources.contract import UNITS, Observation, Payload, Quantity, Reading, Rejected, Source, SourceChanged
from sources.rows import Misshapen, moment, plausible, point, read_each
from sources.tmd_body import lower, mappings, no_fault, strays, text_of, tree

URL = "https://data.tmd.go.th/api/Weather3Hours/V2/"
STATION = ("wmostationnumber", "wmonumber", "stationid", "stationnumber")
OBSERVED = ("observation", "observe", "observations")
KMH = 1 / 3.6
WIND_UNITS = {
    "km/h": KMH,
    "kmh": KMH,
    "kph": KMH,
    "m/s": 1.0,
    "kt": 0.514444,
    "knot": 0.514444,
    "knots": 0.514444,
}
# (names of the field, quantity, factor to our unit)
FIELDS = (
    (("rainfall24hr", "rainfall24hours"), Quantity.RAIN_24H, 1.0),
    (("airtemperature", "temperature"), Quantity.AIR_TEMPERATURE, 1.0),
    (("relativehumidity",), Quantity.HUMIDITY, 1.0),
    (("meansealevelpressure",), Quantity.PRESSURE, 1.0),
    (("windspeed",), Quantity.WIND_SPEED, KMH),
    (("winddirection",), Quantity.WIND_DIRECTION, 1.0),
)
A_DAY_FIELDS = frozenset(
    {"maxtemperature", "mintemperature", "differentfrommaxtemperature"}
)  # only the daily answer has them
TRACE = {"trace", "t", "tr"}  # rain that wets and measures nothing


class TmdObservation(Source):
    """Rain, temperature, humidity, pressure and wind of TMD's own stations."""

    needs_key: ClassVar[bool] = True
    signs: ClassVar[tuple[str, ...]] = (
        "weather3hours",
        "weathertoday",
        "wmostationnumber",
        "meansealevelpressure",
    )

    url: str = URL
    uid: SecretStr = SecretStr("")
    ukey: SecretStr = SecretStr("")
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        keys = {"uid": self.uid.get_secret_value(), "ukey": self.ukey.get_secret_value(), "format": "json"}
        return polite.payload(http, self.url, now, params=keys, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        rows = _table(payload.body)
        if rows is None:
            told = tree(payload.body, self.name)
            no_fault(told, self.name)
            signs = frozenset(STATION)
            rows = [row for node in mappings(told) if signs & lower(node).keys() for row in _flat(node)]
            rows += strays(told, "station", signs)
            if not rows and not any(
                key in ("stations", "station") for node in mappings(told) for key in lower(node)
            ):
                raise SourceChanged(f"{self.name}: no stations and no place for them in the answer")
        return read_each(self.name, rows, lambda raw: self._read(raw, payload.fetched_at))

    def _read(self, raw: JsonValue, fetched_at: datetime) -> Iterator[Reading]:
        if not isinstance(raw, dict):
            raise Misshapen("no station")
        station = _code(raw)
        if station is None:
            raise Misshapen("no station with a number")
        observed_at = moment(text_of(raw.get("datetime")), order="mdy")
        not_ahead(observed_at, fetched_at)
        lat, lon = point(raw.get("latitude"), raw.get("longitude"))
        name = text_of(raw.get("stationnamethai")) or text_of(raw.get("stationname")) or None
        rain = Quantity.RAIN_24H if A_DAY_FIELDS & raw.keys() else Quantity.RAIN_3H
        told = False
        for names, quantity, factor in ((("rainfall",), rain, 1.0), *FIELDS):
            field = next((name for name in names if name in raw), None)
            if field is None:
                continue
            try:
                value = _value(raw[field])
                if value is None or (
                    quantity is Quantity.WIND_DIRECTION and _value(raw.get("windspeed")) == 0
                ):
                    continue  # a calm blows from nowhere
                if quantity is Quantity.WIND_SPEED:
                    factor = _wind_factor(raw[field])
                value = round(value * factor, 4)
                plausible(quantity, value)
            except Implausible as error:
                yield Rejected(raw, why=f"{field} of {station}: {error}")
                continue
            told = True
            yield Observation(
                source=self.name, station=station, quantity=quantity, value=value, unit=UNITS[quantity],
                observed_at=observed_at, station_name=name, lat=lat, lon=lon,
            )  # fmt: skip
        if not told:
            raise Implausible(f"nothing is told by {station}")


def _value(told: Any) -> float | None:
    """`0.00`, `Trace`, an empty element `{}`, `23.1 mm`."""
    if isinstance(told, Mapping):
        told = _inside(told)
    if isinstance(told, str) and told.strip():
        told = told.split()[0]
        if told.lower() in TRACE:
            return 0.0
    return number(told if isinstance(told, str | int | float) else None)


def _inside(told: Mapping[str, Any]) -> Any:
    """What an element with attributes holds, as converters of XML to JSON spell it."""
    return next((lower(told)[name] for name in ("#text", "value", "0") if name in lower(told)), None)


def _wind_factor(told: Any) -> float:
    """To m/s from the unit told behind the value, or as its attribute; km/h where none is. Raises Implausible."""
    unit = ""
    if isinstance(told, Mapping):
        attributes = lower(told).get("@attributes")
        unit = text_of(lower(attributes).get("unit")) if isinstance(attributes, Mapping) else ""
        told = _inside(told)
    unit = unit or " ".join(str(told).split()[1:] if isinstance(told, str) else [])
    if not unit:
        return KMH
    if unit.lower() not in WIND_UNITS:
        raise Implausible(f"wind in a unit we do not know: {unit[:20]!r}")
    return WIND_UNITS[unit.lower()]


def _code(row: Mapping[str, Any]) -> str | None:
    return next((code for name in STATION if (code := text_of(row.get(name)))), None)


def _flat(node: Mapping[str, Any]) -> list[JsonValue]:
    """A station with what it observed, field by field, a row an observation; names in small letters."""
    told = lower(node)
    around = {key: value[-1] if isinstance(value, list) and value else value for key, value in told.items()}
    seen = [told[key] for key in OBSERVED if key in told]
    listed = [each for inside in seen for each in (inside if isinstance(inside, list) else [inside])]
    return [around | lower(each) for each in listed if isinstance(each, Mapping)] or [around]


def _table(body: bytes) -> list[JsonValue] | None:
    """Rows of a CSV whose first line names a station and a time; None for what is no such table."""
    text = _text(body)
    if text[:200].lstrip()[:1] in ("<", "{", "["):
        return None
    head = {name.strip().strip('"').lower() for name in text.partition("\n")[0].split(",")}
    if "datetime" not in head or not head & set(STATION):
        return None
    rows: list[JsonValue] = []
    try:
        for row in csv.DictReader(io.StringIO(text)):
            rows.append(
                {
                    str(key).strip().lower(): value
                    for key, value in row.items()
                    if key is not None and isinstance(value, str)
                }
            )
    except csv.Error as error:
        raise SourceChanged(f"tmd_observation: no table ({str(error)[:80]})") from None
    return rows


def _text(body: bytes) -> str:
    """UTF-8, UTF-16 by its mark, else Thai Windows (TIS-620), as tables are saved here."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        told = body.decode("utf-16", "replace")
    else:
        try:
            told = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            told = body.decode("cp874", "replace")
    return told.replace("\0", "")
