"""What every source promises: bytes in, observations out, and nothing lost on the way.

A source's fields are its entry in config.yaml. `fetch` is the only method that touches the network; `read` is
pure, so that a night kept on disk can be read again with a mended reader.
"""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, NamedTuple

import requests
from pydantic import BaseModel, ConfigDict, Field, JsonValue


class Quantity(StrEnum):
    WATER_LEVEL = "water_level"  # m above mean sea level
    STAGE = "stage"  # m above the named gauge's own zero
    DISCHARGE = "discharge"  # m3/s
    RAIN_1H = "rain_1h"  # mm in the hour that ends at observed_at
    RAIN_24H = "rain_24h"  # mm in the 24 h that end at observed_at
    RAIN_TODAY = "rain_today"  # mm since 07:00 Bangkok
    RAIN_15M = "rain_15m"  # mm in the 15 min that end at observed_at
    RAIN_3H = "rain_3h"  # mm in the 3 h that end at observed_at
    RAIN_12H = "rain_12h"  # mm in the 12 h that end at observed_at
    BANK_LEVEL = "bank_level"  # m above mean sea level, lowest bank as the feed tells it
    BED_LEVEL = "bed_level"  # m above mean sea level
    STORAGE = "storage"  # million m3 in a reservoir
    STORAGE_PERCENT = "storage_percent"  # of the normal high water of the reservoir
    INFLOW = "inflow"  # million m3 a day into a reservoir
    RELEASE = "release"  # million m3 a day out of a reservoir, spill counted
    SEA_LEVEL = "sea_level"  # m above mean sea level, tide counted
    WIND_SPEED = "wind_speed"  # m/s, 10 m above the ground
    WIND_DIRECTION = "wind_direction"  # degrees it blows from, clockwise from north
    AIR_TEMPERATURE = "air_temperature"  # degrees Celsius
    HUMIDITY = "humidity"  # percent, relative
    PRESSURE = "pressure"  # hPa at mean sea level
    HEAT_INDEX = "heat_index"  # degrees Celsius, as the feed tells it
    PM25 = "pm25"  # microgram/m3, mean of the hour that ends at observed_at
    PM25_24H = "pm25_24h"  # microgram/m3, mean of the 24 h that end at observed_at
    SOIL_MOISTURE = "soil_moisture"  # m3/m3, top layer
    FLOODED_AREA = "flooded_area"  # percent of the tambon seen under water from space
    FLOODED_KM2 = "flooded_km2"  # km2 of the tambon seen under water from space
    WATER_SEEN = "water_seen"  # by people in a village: 0 none, 1 on the road, 2 in homes, 3 cut off


UNITS: dict[Quantity, str] = {
    Quantity.WATER_LEVEL: "m",
    Quantity.STAGE: "m",
    Quantity.DISCHARGE: "m3/s",
    Quantity.RAIN_1H: "mm",
    Quantity.RAIN_24H: "mm",
    Quantity.RAIN_TODAY: "mm",
    Quantity.BANK_LEVEL: "m",
    Quantity.BED_LEVEL: "m",
    Quantity.RAIN_15M: "mm",
    Quantity.RAIN_3H: "mm",
    Quantity.RAIN_12H: "mm",
    Quantity.STORAGE: "million m3",
    Quantity.STORAGE_PERCENT: "%",
    Quantity.INFLOW: "million m3/d",
    Quantity.RELEASE: "million m3/d",
    Quantity.SEA_LEVEL: "m",
    Quantity.WIND_SPEED: "m/s",
    Quantity.WIND_DIRECTION: "deg",
    Quantity.AIR_TEMPERATURE: "degC",
    Quantity.HUMIDITY: "%",
    Quantity.PRESSURE: "hPa",
    Quantity.HEAT_INDEX: "degC",
    Quantity.PM25: "ug/m3",
    Quantity.PM25_24H: "ug/m3",
    Quantity.SOIL_MOISTURE: "m3/m3",
    Quantity.FLOODED_AREA: "%",
    Quantity.FLOODED_KM2: "km2",
    Quantity.WATER_SEEN: "level",
}


Ring = tuple[tuple[float, float], ...]  # (lat, lon) WGS 84, closed


class Payload(NamedTuple):
    body: bytes
    fetched_at: datetime  # aware UTC
    not_modified: bool = False  # the server said 304: nothing new, and alive


class Observation(NamedTuple):
    source: str
    station: str  # the station's code in the feed (old code such as X.170 where there is one)
    quantity: Quantity
    value: float
    unit: str
    observed_at: datetime  # aware UTC
    tambon: str | None = None  # 6-digit code where the feed tells it or a binding is known
    station_name: str | None = None  # Thai
    lat: float | None = None
    lon: float | None = None
    bank_m: float | None = None  # lowest bank, m above mean sea level, as told with this very row


class Forecast(NamedTuple):
    source: str
    place: str
    quantity: Quantity
    value: float
    unit: str
    valid_at: datetime  # aware UTC
    issued_at: datetime  # aware UTC
    lat: float | None = None
    lon: float | None = None
    tambon: str | None = None
    quantile: float | None = None  # 0..1 of an ensemble; None: the feed's one best value


class Bulletin(NamedTuple):
    """An agency's own words; never an alert by itself."""

    source: str
    key: str  # number and year of the bulletin: two arrivals with one key are one bulletin
    title_th: str
    title_en: str | None
    text_th: str
    text_en: str | None
    announced_at: datetime  # aware UTC
    effective_from: datetime | None
    effective_to: datetime | None
    areas: tuple[str, ...]  # changwat, amphoe or tambon codes the words name
    severity: str | None = None  # CAP word from the reviewed keyword table, or None
    url: str | None = None
    hazard: str | None = None  # our word for it (warning.rule.Event), where the feed is clear about it
    lat: float | None = None  # of the centre: an epicentre, a storm's eye
    lon: float | None = None
    radius_km: float | None = None  # around the centre, as the agency says
    magnitude: float | None = None  # of an earthquake, as the agency says
    polygons: tuple[
        Ring, ...
    ] = ()  # their union; which tambon they touch is found when the bulletin is recorded


class Rejected(NamedTuple):
    """A row that makes no sense, kept with the reason. The rest of the payload counts."""

    raw: JsonValue | str
    why: str


Reading = Observation | Forecast | Bulletin | Rejected


class SourceUnavailable(Exception):
    """Nothing came back that could be read at all; the engine asks again by its own timetable."""


class SourceChanged(Exception):
    """The envelope, or most rows, are not what this reader knows. A person must look; the payload is kept."""


class Source(BaseModel, ABC):
    """One feed. `kind` is the name of its file."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    needs_key: ClassVar[bool] = False
    signs: ClassVar[
        tuple[str, ...]
    ] = ()  # words only this feed's payload holds: tells whoever mixed up two files
    by_people: ClassVar[bool] = False  # read by somebody at the water: no instrument to be doubted as one
    may_be_empty: ClassVar[bool] = False  # an answer without rows is an answer: no warning is in force

    kind: str
    name: str
    on: bool = True
    every: timedelta = Field(ge=timedelta(seconds=1))  # a feed asked without pause is an attack on it
    stale_after: timedelta = Field(
        default=timedelta(hours=1), gt=timedelta(0)
    )  # silence this long is a fault the office sees

    @abstractmethod
    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        """Ask the feed once. Raises SourceUnavailable."""

    @abstractmethod
    def read(self, payload: Payload) -> list[Reading]:
        """Pure, row by row. Raises SourceChanged only when the envelope or most rows fail."""
