"""What a rule looks for: one limit at some stations, or several of them joined by all_of, any_of, at_least."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from geo.gazetteer import Gazetteer
from sources.contract import Quantity
from warning.config_words import nearest
from warning.place_looks import AroundLook, BulletinLook, ForecastLook, PlaceLook
from warning.subject import GOOD, INDICATORS, Quality, Subject

OF_STATION = "of_station"
ALL = "all"
_LOOKS = ("quantity", "indicator", "bulletin", "forecast", "around")
_SIDES = {
    (True, True): ("สูงกว่า", "above"),
    (True, False): ("ไม่เกิน", "not above"),
    (False, True): ("ต่ำกว่า", "below"),
    (False, False): ("ไม่ต่ำกว่า", "not below"),
}  # (the line says `above`, it is met)
_NOT_READINGS = (Quantity.BANK_LEVEL, Quantity.BED_LEVEL)
_FAR_OVER_BANK_M = 3.0  # no threshold is this far over the lowest bank; it belongs to another gauge or datum
DEEPEST = 2  # combinations inside one another: an officer must be able to say the rule aloud


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


class Part(BaseModel):
    """A part of a rule: fixed once read, and no key that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Line(Part):
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


class AtLeast(Part):
    count: int = Field(ge=1)
    of: tuple["Condition", ...]

    @model_validator(mode="after")
    def _enough(self) -> "AtLeast":
        if self.count > len(self.of):
            raise ValueError(
                f"count: {self.count} of {len(self.of)} can never be; name more, or ask for fewer"
            )
        return self


class Condition(Line):
    """One limit, or a combination of conditions: exactly one of the two.

    Of instruments (`quantity`, `indicator`), named by `station`, `stations` or `any_station_in` (tambon codes); or of places
    (`bulletin`, `forecast`, `around`), named by `any_place_in` (codes of tambon or amphoe, or `all`). `until` stands here only
    inside a combination; without one a condition ends as soon as it is on the other side of its own limit.
    """

    lasting: timedelta = Field(default=timedelta(0), ge=timedelta(0))
    quantity: Quantity | None = None
    indicator: str | None = None
    station: StationCode | None = None
    stations: tuple[StationCode, ...] = ()
    any_station_in: tuple[TambonCode, ...] = ()
    bulletin: BulletinLook | None = None
    forecast: ForecastLook | None = None
    around: AroundLook | None = None
    any_place_in: tuple[str, ...] = ()
    min_stations: int = Field(default=1, ge=1)
    until: Line | None = None
    all_of: tuple["Condition", ...] = ()
    any_of: tuple["Condition", ...] = ()
    at_least: AtLeast | None = None

    @field_validator("any_place_in", mode="before")
    @classmethod
    def _all(cls, named: object) -> object:
        return (ALL,) if named == ALL else named

    @model_validator(mode="after")
    def _one_limit(self) -> "Condition":
        combined = sum(map(bool, (self.all_of, self.any_of, self.at_least)))
        if combined > 1:
            raise ValueError("say one of `all_of`, `any_of` and `at_least`; put the others inside it")
        if combined:
            own = self.model_fields_set - {"all_of", "any_of", "at_least"}
            if own:
                raise ValueError(f"`{min(own)}` belongs to one condition, so write it inside the combination")
            if self.depth > DEEPEST:
                raise ValueError(f"combinations stand at most {DEEPEST} deep; split the rule")
            return self
        return self._as_leaf()

    def _as_leaf(self) -> "Condition":
        looks = [name for name in _LOOKS if getattr(self, name) is not None]
        if not looks:
            raise ValueError("`quantity` is missing; name what is measured, such as water_level")
        if len(looks) > 1:
            raise ValueError(f"say either `{looks[0]}` or `{looks[1]}`, one of them and not both")
        if self.quantity in _NOT_READINGS:
            raise ValueError(
                f"quantity: {self.quantity} is a fact about a gauge, not a reading; use water_level"
            )
        if self.indicator is not None and self.indicator not in INDICATORS:
            mend = nearest(self.indicator, INDICATORS) or f"; there are {', '.join(INDICATORS)}"
            raise ValueError(f"indicator: `{self.indicator}` is no indicator{mend}")
        if "lasting" not in self.model_fields_set:
            raise ValueError("`lasting` is missing; add it (PT0S: one reading is enough)")
        super()._one_limit()  # type: ignore[operator]  # pydantic hides that it is a plain method
        if self.look is not None:
            return self._of_places()
        if self.any_place_in:
            raise ValueError("any_place_in: is of `bulletin`, `forecast` and `around`; write any_station_in")
        if sum(map(bool, (self.station, self.stations, self.any_station_in))) != 1:
            raise ValueError("name the stations in one way: `station`, `stations` or `any_station_in`")
        named = 1 if self.station else len(self.stations)
        if named and self.min_stations > named:
            raise ValueError(f"min_stations is {self.min_stations}, but only {named} station(s) are named")
        if self.until is not None:
            check_until(self, self.until)
        return self

    def _of_places(self) -> "Condition":
        if self.station or self.stations or self.any_station_in:
            raise ValueError("a bulletin, a forecast and what is around are of places: write `any_place_in`")
        if not self.any_place_in:
            raise ValueError("`any_place_in` is missing; name tambon or amphoe by code, or write all")
        if self.until is not None:
            check_until(self, self.until)
        return self

    @property
    def look(self) -> PlaceLook | None:
        """What is looked at for places; None for instruments."""
        return self.bulletin or self.forecast or self.around

    @property
    def parts(self) -> tuple["Condition", ...]:
        """What is combined; nothing for a single condition."""
        return self.all_of or self.any_of or (self.at_least.of if self.at_least else ())

    @property
    def need(self) -> int:
        """How many of the parts must hold."""
        return self.at_least.count if self.at_least else len(self.all_of) or 1

    @property
    def depth(self) -> int:
        return 1 + max(part.depth for part in self.parts) if self.parts else 0

    def leaves(self) -> Iterator["Condition"]:
        """The single conditions, in the order they are written."""
        return (leaf for _, leaf in self.placed(""))

    def placed(self, where: str) -> Iterator[tuple[str, "Condition"]]:
        """The single conditions with where they stand in the file: `when.all_of.1`. where: of this one."""
        if not self.parts:
            yield where, self
        key = "all_of" if self.all_of else "any_of" if self.any_of else "at_least.of"
        for nth, part in enumerate(self.parts):
            yield from part.placed(f"{where}.{key}.{nth}")

    def ends(self) -> Line:
        """When a single condition is over."""
        if self.until is not None:
            return self.until
        other = "below" if self.above is not None else "above"
        return Line.model_validate({other: self.limit, "lasting": timedelta(0)})

    def subject(self, quality: Quality = GOOD) -> Subject:
        """What is watched of a station or a place. Only for a single condition."""
        if self.look is not None:
            return self.look.subject(quality)
        if self.indicator is not None:
            return Subject("indicator", self.indicator, quality, (self.side, self.limit))
        return Subject("quantity", self.quantity.value if self.quantity else "", quality)

    def named(self, places: Gazetteer) -> tuple[str, ...]:
        """Codes of the stations a single condition looks at, or of its tambon, in order of code."""
        if self.look is not None:
            everywhere = ALL in self.any_place_in
            return tuple(sorted(t for t in places.tambons if everywhere or t.startswith(self.any_place_in)))
        if self.station:
            return (self.station,)
        if self.stations:
            return tuple(sorted(set(self.stations)))
        measure = self.subject().measure
        return tuple(sorted({g.code for t in self.any_station_in for g in places.gauges_of(t, measure)}))


AtLeast.model_rebuild()


def check_fits(leaf: Condition, where: str, places: Gazetteer) -> None:
    """Can its stations ever say this? Raises ValueError beginning with the place in the file.

    where: of the condition in its rule, such as `when`.
    """
    subject = leaf.subject()
    measure, stations = subject.measure, leaf.named(places)
    if leaf.look is not None:
        strange = [
            c
            for c in leaf.any_place_in
            if c != ALL and not any(t.startswith(c) and len(c) in (4, 6) for t in places.tambons)
        ]
        if strange:
            raise ValueError(f"{where}.any_place_in: {strange[0]} is no tambon or amphoe of this map")
        return
    for code in stations:
        gauge = places.gauge(code)
        if measure not in gauge.measures:
            raise ValueError(
                f"{where}.station: {code} measures no {measure}, so it never gives {subject.name}"
            )
        if leaf.quantity is not Quantity.WATER_LEVEL or gauge.bed_m is None or gauge.bank_m is None:
            continue
        if not gauge.bed_m < leaf.limit < gauge.bank_m + _FAR_OVER_BANK_M:
            raise ValueError(
                f"{where}.{leaf.side}: {leaf.limit:g} m does not fit {code}, bed {gauge.bed_m:g} m and bank "
                f"{gauge.bank_m:g} m above mean sea level; is it another gauge's figure?"
            )
    if len(stations) < leaf.min_stations:
        raise ValueError(
            f"{where}.any_station_in: {len(stations)} station(s) there measure {measure}, "
            f"the rule needs {leaf.min_stations}"
        )


def check_until(when: Line, until: Line) -> None:
    """Raises ValueError unless danger ends on the other side of where it begins, with a margin between them."""
    rises = when.above is not None
    if rises == (until.above is not None):
        other, same = ("below", "above") if rises else ("above", "below")
        raise ValueError(f"until.{same}: `when` says `{same}`, so `until` must say `{other}`")
    if (until.limit >= when.limit) if rises else (until.limit <= when.limit):
        side, word = ("below", "lower") if rises else ("above", "higher")
        raise ValueError(
            f"until.{side}: {until.limit:g} must be {word} than the {when.limit:g} of `when`, "
            "or the alert flaps"
        )
