"""What the feeds of ThaiWater (HII, api-v3.thaiwater.net) have in common: envelope, station, codes.

Undocumented service; facts from people who called it. Notes: docs/sources/thaiwater_level.md.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from geo.gazetteer import CHANGWAT, gazetteer
from sources.checks import Implausible, number
from sources.contract import Observation, Payload, Quantity, Reading, Rejected, SourceChanged
from sources.envelope import json_of

MOST = 0.5  # more broken rows than this share, and it is the feed that has changed
FEW = 4  # so few rows prove nothing about the feed
LISTS = ("waterlevel_data", "rain_data", "rainfall_data", "watergate_data", "data", "rows")
ROW_SIGNS = ("station", "waterlevel_datetime", "rainfall_datetime", "tele_station_oldcode", "station_oldcode")


def _text(told: Any) -> str | None:
    if isinstance(told, bool) or not isinstance(told, str | int):
        return None
    return str(told).strip() or None


def _soft(told: Any) -> float | None:
    """A number beside the reading itself: a sentinel or nonsense here only means that it is not known."""
    try:
        return number(told)
    except Implausible:
        return None


def _thai(told: Any) -> str | None:
    return _text(told.get("th")) if isinstance(told, Mapping) else _text(told)


Text = Annotated[str | None, BeforeValidator(_text)]
Soft = Annotated[float | None, BeforeValidator(_soft)]
ThaiName = Annotated[str | None, BeforeValidator(_thai)]


class Geocode(BaseModel):
    """Codes of two digits each in the water level feed; the rain feed has names only."""

    province_code: Text = None
    amphoe_code: Text = None
    tumbon_code: Text = None


class Station(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    id: Text = None
    tele_station_oldcode: Text = None
    tele_station_name: ThaiName = None
    tele_station_lat: Soft = None
    tele_station_long: Soft = None
    ground_level: Soft = None  # m above mean sea level
    min_bank: Soft = None  # the only bank in the level's own datum


_FACTS = tuple(name for name in Station.model_fields if name != "tele_station_name")
_told_of_station = itemgetter(*_FACTS)


@lru_cache(maxsize=1 << 15, typed=True)  # typed: for a dict, 1 and True are one
def _codes(*told: Any) -> Geocode:
    return Geocode.model_validate(dict(zip(Geocode.model_fields, told, strict=True)))


@lru_cache(maxsize=1 << 15, typed=True)
def _facts(name: str | None, *told: Any) -> Station:
    return Station.model_validate({"tele_station_name": name, **dict(zip(_FACTS, told, strict=True))})


def _geocode(told: Any) -> Any:
    """A place's codes are the same in each answer: they are read once."""
    if not isinstance(told, Mapping):
        return {}
    try:
        return _codes(told.get("province_code"), told.get("amphoe_code"), told.get("tumbon_code"))
    except TypeError:  # a list or an object where a value was: let the fields say so
        return told


def _station(told: Any) -> Any:
    """As `_geocode`: what a station tells of itself, all but its reading."""
    if not isinstance(told, Mapping):
        return told
    try:
        return _facts(_thai(told["tele_station_name"]), *_told_of_station(told))
    except (KeyError, TypeError):
        return told


class Row(BaseModel):
    station: Annotated[Station, BeforeValidator(_station)]
    geocode: Annotated[Geocode, BeforeValidator(_geocode)] = Field(default_factory=Geocode)

    def code(self) -> str:
        """The agency's own code, else ThaiWater's number. Raises Implausible when there is neither."""
        code = self.station.tele_station_oldcode or self.station.id
        if code is None:
            raise Implausible("no station is told")
        return code

    def point(self) -> tuple[float, float] | tuple[None, None]:
        """Where the station stands, WGS84; none when a coordinate is missing, 0, or not in Thailand's box."""
        lat, lon = self.station.tele_station_lat, self.station.tele_station_long
        if lat is None or lon is None or not (5 <= lat <= 21 and 97 <= lon <= 106):
            return None, None
        return lat, lon

    def tambon(self) -> str | None:
        """Three codes joined to the six digits of a tambon; None where one is missing or, in our province,
        unknown.
        """
        return _joined(self.geocode.province_code, self.geocode.amphoe_code, self.geocode.tumbon_code)


@lru_cache(maxsize=1 << 14)
def _joined(*parts: str | None) -> str | None:
    joined = ""
    for part in parts:
        own = part or ""
        if len(own) == len(joined) + 2:  # told in full, 930702, where its last two digits are usual
            own = own.removeprefix(joined)
        joined += own.zfill(2)
    if (
        len(joined) != 6
        or not (joined.isascii() and joined.isdigit())
        or "00" in (joined[:2], joined[2:4], joined[4:])
    ):
        return None
    return None if joined.startswith(CHANGWAT) and joined not in gazetteer().tambons else joined


RowKind = TypeVar("RowKind", bound=Row)


def rows_of(payload: Payload, name: str) -> list[JsonValue]:
    """The rows, out of whichever envelope they came in. An empty list is an empty list: silence, not calm.

    Raises SourceChanged: no JSON, half of one, `result: NO`, no list of stations inside.
    """
    told: Any = json_of(payload.body, name)
    for _ in range(6):
        if isinstance(told, list):
            return told
        if not isinstance(told, dict):
            break
        if str(told.get("result", "OK")).strip().upper() != "OK":
            raise SourceChanged(
                f"{name}: the feed answered {told.get('result')}: {str(told.get('data'))[:120]}"
            )
        if any(sign in told for sign in ROW_SIGNS):
            return [told]
        lists = [told[key] for key in LISTS if key in told]
        inside = next((one for one in lists if one), lists[0] if lists else None)
        if inside is None:
            break
        told = inside
    raise SourceChanged(f"{name}: no list of stations in the answer")


def nested(raw: JsonValue) -> JsonValue:
    """A row laid flat (station_oldcode, lat, lng ..., as people pass snapshots on), put back into the
    feed's own shape.
    """
    if not isinstance(raw, dict) or "station" in raw:  # its own `id` is the reading's, not a station's
        return raw
    station: dict[str, JsonValue] = {
        field: raw[key]
        for field, keys in {
            "id": ("station_id", "id"),
            "tele_station_oldcode": ("tele_station_oldcode", "station_oldcode", "oldcode", "code"),
            "tele_station_name": ("tele_station_name", "station_name", "name"),
            "tele_station_lat": ("tele_station_lat", "lat", "latitude"),
            "tele_station_long": ("tele_station_long", "lng", "lon", "long", "longitude"),
            "ground_level": ("ground_level",),
            "min_bank": ("min_bank",),
        }.items()
        for key in keys[::-1]
        if key in raw
    }
    if not station:
        return raw
    geocode: dict[str, JsonValue] = {
        key: raw[key] for key in ("province_code", "amphoe_code", "tumbon_code") if key in raw
    }
    return {"geocode": geocode, **raw, "station": station}


def read_rows(
    payload: Payload,
    name: str,
    model: type[RowKind],
    read: Callable[[RowKind, JsonValue], list[Reading]],
) -> list[Reading]:
    """Every row by `read`, which may raise Implausible for a whole row.

    A row of another shape is rejected; when most rows are, the feed has changed and SourceChanged is
    raised. Rows of the right shape with impossible values never are a change of the feed: one bad clock
    centre must not silence the rest. Of values a station tells twice for one time the first counts.
    """
    raws = rows_of(payload, name)
    readings: list[Reading] = []
    told: dict[tuple[str, Quantity, datetime], float] = {}
    misshapen: list[str] = []
    for raw in raws:
        try:
            readings += (
                _once(reading, told, raw) for reading in read(model.model_validate(nested(raw)), raw)
            )
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            why = (
                first["msg"].removeprefix("Value error, ") if where or isinstance(raw, dict) else "no object"
            )
            misshapen.append(f"{where or 'row'}: {why}")
            readings.append(Rejected(raw, why=misshapen[-1]))
        except Implausible as error:
            readings.append(Rejected(raw, why=str(error)))
    if len(raws) > FEW and len(misshapen) > MOST * len(raws):
        raise SourceChanged(
            f"{name}: {len(misshapen)} of {len(raws)} rows are not what this reader knows (first: {misshapen[0]})"
        )
    return readings


def _once(reading: Reading, told: dict[tuple[str, Quantity, datetime], float], raw: JsonValue) -> Reading:
    """The reading itself, or why it is rejected: its station told another value for the same time before."""
    if not isinstance(reading, Observation):
        return reading
    first = told.setdefault((reading.station, reading.quantity, reading.observed_at), reading.value)
    if reading.value == first:
        return reading
    why = f"{reading.quantity} of {reading.station}: {reading.value:g} where it told {first:g} for the same time"
    return Rejected(raw, why=why)
