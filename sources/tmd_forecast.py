"""What the Thai Meteorological Department expects: seven days a province in words, or its numerical model for named points.

Two services, told apart by their fields. Of the seven days the Thai words count (the English say Heavy Rain for any thunderstorm):
words of heavy rain are a bulletin for the province. The model tells rain in mm. Feed notes: docs/sources/tmd_forecast.md.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

import requests
from pydantic import Field, JsonValue, SecretStr

from sources import polite
from sources.checks import Implausible, not_ahead, number
from sources.contract import (
    UNITS,
    Bulletin,
    Forecast,
    Payload,
    Quantity,
    Reading,
    Rejected,
    Source,
    SourceChanged,
)
from sources.envelope import json_of
from sources.rows import moment, plausible
from sources.tmd_body import lower, mappings, no_fault, strays, text_of, tree
from sources.tmd_words import CHANGWAT_CODES, severity_of

URL = "https://data.tmd.go.th/api/WeatherForecast7Days/v2/"
KMH = 1 / 3.6
A_DAY = timedelta(days=1)
Lat = Annotated[float, Field(ge=-90, le=90)]
Lon = Annotated[float, Field(ge=-180, le=180)]
DAY_FIELDS = ("tc_max", "tc_min")  # only the model's daily answer has them
_PROVINCE = frozenset({"sevendaysforecast", "provincenamethai", "provincenameenglish"})
_BLOCKS = frozenset({"weatherforecasts", "provinces", "province", "sevendaysforecast"})


class TmdForecast(Source):
    """Forecasts of TMD: `url` chooses the service; the model wants `token` and `places`."""

    needs_key: ClassVar[bool] = True
    signs: ClassVar[tuple[str, ...]] = ("sevendaysforecast", "weatherforecast7days", '"weatherforecasts"')

    url: str = URL
    uid: SecretStr = SecretStr("")
    ukey: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    places: dict[str, tuple[Lat, Lon]] = Field(
        default={"Phatthalung": (7.617, 100.077)}, min_length=1, max_length=50
    )
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        if "nwpapi" not in self.url:
            keys = {
                "uid": self.uid.get_secret_value(),
                "ukey": self.ukey.get_secret_value(),
                "format": "json",
            }
            return polite.payload(http, self.url, now, params=keys, deadline=self.deadline)
        return self._points(http, now)

    def _points(self, http: requests.Session, now: datetime) -> Payload:
        """The model answers for one point at a time; the answers are kept as one."""
        headers = {"Authorization": f"Bearer {self.token.get_secret_value()}", "Accept": "application/json"}
        whole: list[JsonValue] = []
        for lat, lon in self.places.values():
            params = {"lat": str(lat), "lon": str(lon), "fields": "rain,tc,rh,ws10m,wd10m"}
            body = polite.get(http, self.url, now, params=params, headers=headers, deadline=self.deadline)
            if isinstance(body, polite.NotModified):
                continue
            try:
                told = json_of(body, self.name)
            except SourceChanged:
                return Payload(body, fetched_at=now)  # `read` says what it is
            points = told.get("WeatherForecasts") if isinstance(told, dict) else None
            if not isinstance(points, list):
                return Payload(body, fetched_at=now)
            whole += points
        if not whole:
            return Payload(b"", fetched_at=now, not_modified=True)
        return Payload(json.dumps({"WeatherForecasts": whole}, ensure_ascii=False).encode(), fetched_at=now)

    def read(self, payload: Payload) -> list[Reading]:
        told = tree(payload.body, self.name, all_told=True)
        no_fault(told, self.name)
        nodes = [lower(node) for node in mappings(told)]
        provinces = [node for node in nodes if _PROVINCE & node.keys()]
        points = [node for node in nodes if "forecasts" in node]
        if not provinces and not points and not any(_BLOCKS & node.keys() for node in nodes):
            raise SourceChanged(f"{self.name}: neither provinces nor points in the answer")
        readings: list[Reading] = []
        issued_at = _issued_at(nodes, payload.fetched_at)
        for node in provinces:
            readings += _province(node, self.name, issued_at)
        for node in points:
            readings += self._point(node, issued_at)
        readings += (Rejected(row, why="no province") for row in strays(told, "province", _PROVINCE))
        return readings

    def _point(self, node: Mapping[str, Any], issued_at: datetime) -> Iterator[Reading]:
        where = lower(node["location"]) if isinstance(node.get("location"), Mapping) else {}
        try:
            lat, lon = number(where.get("lat")), number(where.get("lon"))
        except Implausible:
            lat = lon = None
        named = next(
            (
                n
                for n, (a, b) in self.places.items()
                if lat is not None and lon is not None and _near(a, b, lat, lon)
            ),
            None,
        )
        place = named or " ".join(
            filter(None, map(text_of, (where.get("tambon"), where.get("amphoe"), where.get("province"))))
        )
        place = place or (f"{lat:g},{lon:g}" if lat is not None and lon is not None else "?")
        hours = node["forecasts"]
        for hour in hours if isinstance(hours, list) else [hours]:
            yield from _hour(hour, self.name, place, lat, lon, issued_at)


def _issued_at(nodes: list[dict[str, Any]], fetched_at: datetime) -> datetime:
    """When TMD built the answer, as its header says in Bangkok time; when we fetched it where that is not told or ahead."""
    told = (
        text_of(lower(node["header"]).get("lastbuilddate"))
        for node in nodes
        if isinstance(node.get("header"), Mapping)
    )
    for text in filter(None, told):
        try:
            issued_at = moment(text)
            not_ahead(issued_at, fetched_at)
            return min(issued_at, fetched_at)
        except Implausible:
            continue
    return fetched_at


def _near(lat: float, lon: float, told_lat: float, told_lon: float) -> bool:
    return abs(lat - told_lat) < 0.3 and abs(lon - told_lon) < 0.3  # its grid has 2 km to 27 km


def _hour(
    raw: Any, source: str, place: str, lat: float | None, lon: float | None, issued_at: datetime
) -> Iterator[Reading]:
    """One hour or one day of the model: values are valid at the end of it."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("data"), Mapping):
        yield Rejected(
            raw if isinstance(raw, str | int | float | bool | dict | list) else None, why="no hour with data"
        )
        return
    data = lower(raw["data"])
    daily = any(field in data for field in DAY_FIELDS)
    fields = (
        ("rain", Quantity.RAIN_24H if daily else Quantity.RAIN_1H), ("tc_max" if daily else "tc", Quantity.AIR_TEMPERATURE),
        ("rh", Quantity.HUMIDITY), ("ws10m", Quantity.WIND_SPEED), ("wd10m", Quantity.WIND_DIRECTION),
    )  # fmt: skip
    for field, quantity in fields:
        if field not in data:
            continue
        try:
            valid_at = moment(text_of(raw.get("time"))) + (A_DAY if daily else timedelta())
            yield _forecast(source, place, quantity, data[field], valid_at, issued_at, lat, lon)
        except Implausible as error:
            yield Rejected(dict(raw), why=f"{field} of {place}: {error}")


def _province(node: Mapping[str, Any], source: str, issued_at: datetime) -> Iterator[Reading]:
    """Seven days of one province: parallel lists, the newest day first or last."""
    block = node.get("sevendaysforecast")
    if isinstance(block, list):  # a block a day
        days = [lower(day) for day in block if isinstance(day, Mapping)]
    elif isinstance(block, Mapping):
        days = list(_days(lower(block)))
    else:
        days = []
    name = text_of(node.get("provincenamethai")) or text_of(node.get("provincenameenglish"))
    if not name or not days:
        yield Rejected(dict(node), why="no province, or no days")
        return
    for day in days:
        try:
            date = moment(text_of(day.get("forecastdate")))
        except Implausible as error:
            yield Rejected(day, why=f"{name}: {error}")
            continue
        for field, quantity, factor in (
            ("maximumtemperature", Quantity.AIR_TEMPERATURE, 1.0), ("windspeed", Quantity.WIND_SPEED, KMH),
        ):  # fmt: skip
            if text_of(day.get(field)):
                try:
                    yield _forecast(
                        source, name, quantity, day[field], date + A_DAY, issued_at, None, None, factor
                    )
                except Implausible as error:
                    yield Rejected(day, why=f"{field} of {name}: {error}")
        words = text_of(day.get("descriptionthai"))
        severity = severity_of(words)
        if severity is not None:
            yield Bulletin(
                source=source, key=f"{name} {date:%Y-%m-%dT%H:%MZ} {words}", title_th=f"พยากรณ์ {name}: {words}",
                title_en=None, text_th=f"{words} {text_of(day.get('percentraincover'))}% ของพื้นที่", text_en=None,
                announced_at=min(date, issued_at), effective_from=date, effective_to=date + A_DAY,
                areas=(CHANGWAT_CODES[name],) if name in CHANGWAT_CODES else (), severity=severity, hazard="heavy_rain",
            )  # fmt: skip


def _days(block: Mapping[str, Any]) -> Iterator[dict[str, JsonValue]]:
    told = {key: value if isinstance(value, list) else [value] for key, value in block.items()}
    for nth in range(len(told.get("forecastdate", []))):
        yield {key: values[nth] for key, values in told.items() if nth < len(values)}


def _forecast(
    source: str, place: str, quantity: Quantity, told: Any, valid_at: datetime, issued_at: datetime,
    lat: float | None, lon: float | None, factor: float = 1.0,
) -> Forecast:  # fmt: skip
    """Raises Implausible."""
    value = number(text_of(told) if not isinstance(told, int | float) else told)
    if value is None:
        raise Implausible("no value is told")
    value = round(value * factor, 4)
    plausible(quantity, value)
    return Forecast(
        source=source, place=place, quantity=quantity, value=value, unit=UNITS[quantity], valid_at=valid_at, issued_at=issued_at,
        lat=lat, lon=lon, tambon=place if len(place) == 6 and place.isascii() and place.isdigit() else None,
    )  # fmt: skip
