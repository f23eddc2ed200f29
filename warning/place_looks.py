"""What a condition may look at for a place instead of a gauge: agencies' bulletins, forecasts, the instruments around.

Each is asked for every tambon named in `any_place_in`, so a place needs no instrument of its own. How each becomes a value:
`warning/place_readings.py`.
"""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sources.contract import UNITS, Quantity
from sources.kinds import kinds
from warning.config_words import nearest
from warning.subject import GOOD, Quality, Subject

ANY = "any"  # of every hazard, and of those whose feed tells none


class _Look(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BulletinLook(_Look):
    """Bulletins in force that touch the place: the gravest severity (1 Minor to 4 Extreme), or the greatest magnitude.

    One touches by the codes it names, its shapes, its own radius, or, with `within_km`, by how far its point is. `hazard`: a
    word of `warning.rule.Event`, or any. `lasts`: how long one counts that tells no end.
    """

    of: tuple[str, ...] = Field(min_length=1)  # kinds of sources
    hazard: str = ANY
    measure: Literal["severity", "magnitude"] = "severity"
    within_km: float | None = Field(default=None, gt=0, le=10_000)
    lasts: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0))

    @field_validator("of")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return _kinds(names)

    def subject(self, quality: Quality = GOOD) -> Subject:
        return Subject(
            "bulletin", f"{self.hazard}_{self.measure}", quality, of=self.of, km=self.within_km or 0.0,
            hours=self.lasts / timedelta(hours=1),
        )  # fmt: skip


class ForecastLook(_Look):
    """The highest value forecast for the place within `ahead` of now, of the grid cell it stands in or the nearest one.

    chance: of an ensemble the value that this share of its members stays below (0.9: one in ten is higher); without it
    the feed's one best value. of: kinds of sources; none: all.
    """

    quantity: Quantity
    ahead: timedelta = Field(gt=timedelta(0), le=timedelta(days=30))
    chance: float | None = Field(default=None, ge=0, le=1)
    within_km: float = Field(default=30.0, gt=0, le=500)
    of: tuple[str, ...] = ()

    @field_validator("of")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return _kinds(names)

    def subject(self, quality: Quality = GOOD) -> Subject:
        return Subject(
            "forecast", self.quantity.value, quality, of=self.of, km=self.within_km, hours=self.ahead / timedelta(hours=1),
            chance=-1.0 if self.chance is None else self.chance,
        )  # fmt: skip


class AroundLook(_Look):
    """The highest value of the instruments within `within_km` of the place, whoever keeps them, that still speak."""

    quantity: Quantity
    within_km: float = Field(gt=0, le=500)
    of: tuple[str, ...] = ()

    @field_validator("of")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return _kinds(names)

    def subject(self, quality: Quality = GOOD) -> Subject:
        return Subject("around", self.quantity.value, quality, of=self.of, km=self.within_km)


PlaceLook = BulletinLook | ForecastLook | AroundLook


def unit_of(subject: Subject) -> str:
    """In our own units; of a severity or a magnitude none."""
    return "" if subject.kind == "bulletin" else UNITS[Quantity(subject.name)]


def _kinds(names: tuple[str, ...]) -> tuple[str, ...]:
    known = kinds()
    for name in names:
        if name not in known:
            raise ValueError(f"{name} is no kind of source{nearest(name, known)}")
    return tuple(sorted(set(names)))
