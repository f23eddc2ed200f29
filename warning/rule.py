"""A rule as the office writes it: what is watched, when it is danger, for whom, and who must agree."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from geo.gazetteer import Gazetteer
from sources.contract import Quantity
from warning.alert import ApprovalPolicy
from warning.config_words import nearest

OF_STATION = "of_station"

_WORDS: Mapping[Quantity, tuple[str, str, str, str]] = {
    Quantity.WATER_LEVEL: ("ระดับน้ำ", "water level", "ม.รทก.", "m MSL"),
    Quantity.STAGE: ("ระดับน้ำที่เสา", "stage", "ม.", "m"),
    Quantity.DISCHARGE: ("ปริมาณน้ำ", "discharge", "ลบ.ม./วินาที", "m3/s"),
    Quantity.RAIN_1H: ("ฝน 1 ชม.", "rain in 1 h", "มม.", "mm"),
    Quantity.RAIN_24H: ("ฝน 24 ชม.", "rain in 24 h", "มม.", "mm"),
    Quantity.RAIN_TODAY: ("ฝนตั้งแต่ 07:00 น.", "rain since 07:00", "มม.", "mm"),
}
# Which instrument of the gazetteer gives which quantity.
_MEASURE: Mapping[Quantity, str] = {
    Quantity.WATER_LEVEL: "level", Quantity.STAGE: "level", Quantity.DISCHARGE: "level",
    Quantity.RAIN_1H: "rain", Quantity.RAIN_24H: "rain", Quantity.RAIN_TODAY: "rain",
}  # fmt: skip
_SIDES = {
    (True, True): ("สูงกว่า", "above"),
    (True, False): ("ไม่เกิน", "not above"),
    (False, True): ("ต่ำกว่า", "below"),
    (False, False): ("ไม่ต่ำกว่า", "not below"),
}  # (the line says `above`, it is met)
_FAR_OVER_BANK_M = 3.0  # no threshold is this far over the lowest bank; it belongs to another gauge or datum


def quantity_words(quantity: Quantity) -> tuple[str, str, str, str]:
    """Thai name, English name, Thai unit, English unit."""
    return _WORDS[quantity]


class Event(StrEnum):
    """Which words an alert is written with."""

    FLOOD = "river_overflow"
    FLASH_FLOOD = "flash_flood"
    LAKE_FLOOD = "lake_flood"
    HEAVY_RAIN = "heavy_rain"
    LANDSLIDE = "landslide"
    RESERVOIR_RELEASE = "reservoir_release"
    STORM = "storm"
    EARTHQUAKE = "earthquake"
    TSUNAMI = "tsunami"
    HEAT = "heat"
    AIR_QUALITY = "air_quality"


class Severity(StrEnum):
    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


def _tambon(code: str, info: ValidationInfo) -> str:
    places: Gazetteer | None = (info.context or {}).get("places")
    if code != OF_STATION and places is not None and code not in places.tambons:
        raise ValueError(f"{code} is not a tambon of this map{nearest(code, places.tambons)}")
    return code


def _station(code: str, info: ValidationInfo) -> str:
    places: Gazetteer | None = (info.context or {}).get("places")
    if places is not None and code not in places.gauges:
        raise ValueError(f"{code} is not a station of this map{nearest(code, places.gauges)}")
    return code


TambonCode = Annotated[str, AfterValidator(_tambon)]
StationCode = Annotated[str, AfterValidator(_station)]


def _in_a_list(tambons: object) -> object:
    """`tambons: of_station` means the tambon in which the station that fires stands."""
    return (tambons,) if tambons == OF_STATION else tambons


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Line(_Part):
    """One limit and how long it must hold. Exactly one of `above` and `below`; strictly beyond it counts."""

    above: float | None = Field(default=None, allow_inf_nan=False)
    below: float | None = Field(default=None, allow_inf_nan=False)
    lasting: timedelta = Field(ge=timedelta(0))

    @model_validator(mode="after")
    def _one_limit(self) -> "Line":
        if (self.above is None) == (self.below is None):
            raise ValueError("say either `above` or `below`, one of them and not both")
        return self

    @property
    def limit(self) -> float:
        return self.above if self.above is not None else self.below  # type: ignore[return-value]  # one is set

    @property
    def side(self) -> str:
        return "above" if self.above is not None else "below"

    def met(self, value: float) -> bool:
        return value > self.above if self.above is not None else value < self.limit

    def words(self, met: bool) -> tuple[str, str]:
        """Thai and English of the side of the limit a value stands on."""
        return _SIDES[self.above is not None, met]


class When(Line):
    """What begins it. Stations are named by `station`, `stations` or `any_station_in` (tambon codes)."""

    quantity: Quantity
    station: StationCode | None = None
    stations: tuple[StationCode, ...] = ()
    any_station_in: tuple[TambonCode, ...] = ()
    min_stations: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _one_way(self) -> "When":
        if self.quantity not in _MEASURE:
            raise ValueError(
                f"quantity: {self.quantity} is a fact about a gauge, not a reading; use water_level"
            )
        if sum(map(bool, (self.station, self.stations, self.any_station_in))) != 1:
            raise ValueError("name the stations in one way: `station`, `stations` or `any_station_in`")
        named = 1 if self.station else len(self.stations)
        if named and self.min_stations > named:
            raise ValueError(f"min_stations is {self.min_stations}, but only {named} station(s) are named")
        return self


class AlertWords(_Part):
    """CAP 1.2 words, spelt as CAP spells them; `event` names our own words for it."""

    event: Event
    severity: Severity
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
    response_type: Literal[
        "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"
    ] = Field(alias="responseType")


class Rule(_Part):
    """`released: false` may open a draft marked as untested for a person; it never sends by itself."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    on: bool = True
    because: str = Field(min_length=10)
    when: When
    until: Line
    stale_after: timedelta = Field(gt=timedelta(0))
    tambons: Annotated[tuple[TambonCode, ...], BeforeValidator(_in_a_list)]
    reach: Literal["here", "downstream"] = "here"  # downstream: also where its water goes, travel time later
    alert: AlertWords
    approval: ApprovalPolicy
    released: bool = False

    @model_validator(mode="after")
    def _holds_together(self, info: ValidationInfo) -> "Rule":
        rises = self.when.above is not None
        if rises == (self.until.above is not None):
            other, same = ("below", "above") if rises else ("above", "below")
            raise ValueError(f"until.{same}: `when` says `{same}`, so `until` must say `{other}`")
        if (self.until.limit >= self.when.limit) if rises else (self.until.limit <= self.when.limit):
            side, word = ("below", "lower") if rises else ("above", "higher")
            raise ValueError(
                f"until.{side}: {self.until.limit:g} must be {word} than the {self.when.limit:g} of `when`, "
                "or the alert flaps"
            )
        if not self.tambons:
            raise ValueError("tambons: a rule that warns nobody; name tambon codes, or write of_station")
        if self.approval is ApprovalPolicy.SEND_THEN_REVIEW and self.alert.severity is not Severity.EXTREME:
            raise ValueError("approval: send_then_review is for Extreme only; write duty_officer")
        places: Gazetteer | None = (info.context or {}).get("places")
        if places is not None:
            _check_stations(self, places)
        return self

    @property
    def version(self) -> str:
        """A hash of the rule as it stands: kept with whatever it decides."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @property
    def approval_now(self) -> ApprovalPolicy:
        """Who must agree. A rule not released never sends by itself, whatever `approval` says."""
        alone = self.approval in (ApprovalPolicy.NONE, ApprovalPolicy.SEND_THEN_REVIEW)
        return ApprovalPolicy.DUTY_OFFICER if alone and not self.released else self.approval


def watched(rule: Rule, places: Gazetteer) -> tuple[str, ...]:
    """Codes of the stations a rule looks at, in order of code."""
    if rule.when.station:
        return (rule.when.station,)
    if rule.when.stations:
        return tuple(sorted(set(rule.when.stations)))
    measure = _MEASURE[rule.when.quantity]
    return tuple(sorted({g.code for t in rule.when.any_station_in for g in places.gauges_of(t, measure)}))


def warned(rule: Rule, station: str, places: Gazetteer) -> tuple[str, ...]:
    """The tambon a rule warns at once when `station` fires; `reach: downstream` adds to them (geo.rivers)."""
    return (places.gauge(station).tambon,) if rule.tambons == (OF_STATION,) else rule.tambons


def _check_stations(rule: Rule, places: Gazetteer) -> None:
    measure, when = _MEASURE[rule.when.quantity], rule.when
    for code in watched(rule, places):
        gauge = places.gauge(code)
        if measure not in gauge.measures:
            raise ValueError(f"when.station: {code} measures no {measure}, so it never gives {when.quantity}")
        if when.quantity is not Quantity.WATER_LEVEL or gauge.bed_m is None or gauge.bank_m is None:
            continue
        if not gauge.bed_m < when.limit < gauge.bank_m + _FAR_OVER_BANK_M:
            raise ValueError(
                f"when.{when.side}: {when.limit:g} m does not fit {code}, bed {gauge.bed_m:g} m and bank "
                f"{gauge.bank_m:g} m above mean sea level; is it another gauge's figure?"
            )
    found = len(watched(rule, places))
    if found < when.min_stations:
        raise ValueError(
            f"when.any_station_in: {found} station(s) there measure {measure}, "
            f"the rule needs {when.min_stations}"
        )
