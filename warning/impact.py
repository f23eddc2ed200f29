"""Severity by impact: hazard x exposure x vulnerability of one tambon, in the matrix of WMO-No. 1150.

The Guidelines on Multi-hazard Impact-based Forecast and Warning Services (WMO-No. 1150, 2015) set a warning's level from two
sides: how likely it is, and how badly it would hit. How badly is the hazard itself, raised where many live and many cannot leave
alone. Impact raises a level or orders the work; it never lowers a threat to life because few people live there.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import text
from sqlmodel import Session

from geo.gazetteer import Gazetteer, Hazard
from warning.event import Event
from warning.rule import Severity
from warning.words.facts import Both


class Likelihood(StrEnum):
    """Rows of the matrix."""

    VERY_LOW = "very_low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Impact(StrEnum):
    """Columns of the matrix, from least to worst."""

    MINIMAL = "minimal"
    MINOR = "minor"
    SIGNIFICANT = "significant"
    SEVERE = "severe"


class Colour(StrEnum):
    """What a cell says, in WMO's words; our levels of the national plan are another scale."""

    GREEN = "green"
    YELLOW = "yellow"
    AMBER = "amber"
    RED = "red"


IMPACTS, COLOURS = tuple(Impact), tuple(Colour)
# CAP's certainty as a row. Possible is "up to about 50 %"; an unknown one is not taken for unlikely.
_ROW: Mapping[str, Likelihood] = {
    "Observed": Likelihood.HIGH, "Likely": Likelihood.HIGH, "Possible": Likelihood.MEDIUM,
    "Unlikely": Likelihood.VERY_LOW, "Unknown": Likelihood.MEDIUM,
}  # fmt: skip
_COLUMN: Mapping[Severity, Impact] = {
    Severity.MINOR: Impact.MINIMAL, Severity.MODERATE: Impact.MINOR, Severity.SEVERE: Impact.SIGNIFICANT,
    Severity.EXTREME: Impact.SEVERE,
}  # fmt: skip
_SEVERITY = {column: severity for severity, column in _COLUMN.items()}
# For which events a tambon of this kind of ground is hit harder than another (geo/data/tambons.csv).
_GROUND: Mapping[Hazard, frozenset[str]] = {
    Hazard.FLASH: frozenset({Event.FLASH_FLOOD, Event.LANDSLIDE}),
    Hazard.LAKESHORE: frozenset({Event.LAKE_FLOOD}),
}


class ImpactSettings(BaseModel):
    """`impact:` of config.yaml. The matrix is after the example in WMO-No. 1150; it and the limits are our first proposal and
    belong to the office."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: bool = True
    matrix: Mapping[Likelihood, tuple[Colour, Colour, Colour, Colour]] = Field(
        default={
            Likelihood.HIGH: (Colour.GREEN, Colour.YELLOW, Colour.AMBER, Colour.RED),
            Likelihood.MEDIUM: (Colour.GREEN, Colour.YELLOW, Colour.AMBER, Colour.AMBER),
            Likelihood.LOW: (Colour.GREEN, Colour.GREEN, Colour.YELLOW, Colour.AMBER),
            Likelihood.VERY_LOW: (Colour.GREEN, Colour.GREEN, Colour.YELLOW, Colour.YELLOW),
        }
    )
    many_homes: int = Field(default=4000, ge=1)  # of a tambon; 7 of the 65 have as many
    many_vulnerable: float = Field(
        default=0.05, gt=0, le=1
    )  # share of homes with somebody who cannot leave alone
    highest: Severity = (
        Severity.SEVERE
    )  # impact alone raises no further: Extreme is a rule's or a person's word

    @field_validator("matrix")
    @classmethod
    def _whole(
        cls, matrix: Mapping[Likelihood, tuple[Colour, ...]]
    ) -> Mapping[Likelihood, tuple[Colour, ...]]:
        if missing := set(Likelihood) - set(matrix):
            raise ValueError(f"rows are missing: {', '.join(sorted(missing))}")
        for row in matrix.values():
            if list(row) != sorted(row, key=COLOURS.index):
                raise ValueError("in a row no worse impact may have a lower colour")
        rows = [matrix[likelihood] for likelihood in Likelihood]
        for below, above in pairwise(rows):
            if any(COLOURS.index(b) > COLOURS.index(a) for b, a in zip(below, above, strict=True)):
                raise ValueError("in a column no likelier row may have a lower colour")
        return matrix


class Exposed(NamedTuple):
    """Who is there. `vulnerable`: homes with somebody who cannot leave alone, None while there is no register."""

    tambon: str
    homes: int
    vulnerable: int | None
    ground: Hazard


class Judged(NamedTuple):
    """What a hazard means in one tambon."""

    tambon: str
    impact: Impact
    colour: Colour
    severity: Severity  # never below the hazard's own
    raised: bool
    why: Both
    work: tuple[int, int, int]  # sorts the places where somebody has to go, the worst first


def judge_impact(
    event: str, severity: Severity, certainty: str, place: Exposed, settings: ImpactSettings
) -> Judged:
    """One tambon. Raised by one column where two of three hold: many homes, many who cannot leave alone, ground on which this
    event hits harder; by one and no more, and not past `settings.highest`. An unknown severity stays unknown.

    severity, certainty: CAP words of the hazard itself.
    """
    reasons = [words for holds, words in _reasons(event, place, settings) if holds]
    hazard = _COLUMN.get(severity)
    if hazard is None:
        return Judged(
            place.tambon,
            Impact.MINIMAL,
            Colour.GREEN,
            severity,
            False,
            _why(place, [], None),
            _work(place, 0),
        )
    column = IMPACTS.index(hazard)
    top = max(column, IMPACTS.index(_COLUMN.get(settings.highest, Impact.SIGNIFICANT)))
    impact = IMPACTS[min(column + (len(reasons) >= 2), top)] if settings.on else hazard
    colour = settings.matrix[_ROW.get(certainty, Likelihood.MEDIUM)][IMPACTS.index(impact)]
    raised = impact is not hazard
    return Judged(
        place.tambon, impact, colour, _SEVERITY[impact], raised,
        _why(place, reasons, impact if raised else None), _work(place, IMPACTS.index(impact)),
    )  # fmt: skip


def _reasons(event: str, place: Exposed, settings: ImpactSettings) -> Sequence[tuple[bool, Both]]:
    known = place.vulnerable is not None and place.homes > 0
    share = (place.vulnerable or 0) / place.homes if known else 0.0
    return (
        (place.homes >= settings.many_homes, Both("บ้านเรือนหนาแน่น", "many homes")),
        (share >= settings.many_vulnerable, Both("มีผู้ที่ต้องช่วยย้ายมาก", "many who need help to leave")),
        (
            event in _GROUND.get(place.ground, frozenset()),
            Both("พื้นที่โดนหนักกว่าที่อื่น", "ground that is hit harder"),
        ),
    )


def _why(place: Exposed, reasons: Sequence[Both], raised: Impact | None) -> Both:
    vulnerable_th = "ไม่ทราบ" if place.vulnerable is None else f"{place.vulnerable:,} หลัง"
    vulnerable_en = "unknown" if place.vulnerable is None else f"{place.vulnerable:,} homes"
    th = f"{place.homes:,} หลังคาเรือน ต้องช่วยย้าย {vulnerable_th}"
    en = f"{place.homes:,} homes, need help to leave: {vulnerable_en}"
    if reasons:
        th, en = f"{th}: {' '.join(r.th for r in reasons)}", f"{en}: {', '.join(r.en for r in reasons)}"
    if raised:
        th, en = f"{th} จึงยกระดับหนึ่งขั้น", f"{en}; raised by one level"
    return Both(th, en)


def _work(place: Exposed, impact: int) -> tuple[int, int, int]:
    return (-impact, -(place.vulnerable or 0), -place.homes)


def worst(judged: Iterable[Judged]) -> Judged | None:
    """The one that decides an alert over several tambon: an alert has one severity, and nobody in it is told less than holds
    for them."""
    return min(judged, key=lambda j: (j.work[0], -COLOURS.index(j.colour), j.work), default=None)


_VULNERABLE = text(
    "SELECT t.code, count(*) FROM unnest(CAST(:tambons AS text[])) AS t(code) JOIN household h "
    "ON h.village_code >= t.code || '00' AND h.village_code <= t.code || '99' WHERE h.vulnerable > 0 GROUP BY 1"
)
_REGISTERED = text("SELECT EXISTS (SELECT 1 FROM household WHERE vulnerable > 0)")


def exposed(session: Session, tambons: Sequence[str], places: Gazetteer) -> list[Exposed]:
    """Who lives in these tambon, in their order. Homes are the civil register's, the vulnerable ones the office's own list;
    where that is empty they are unknown, not none. Raises LookupError for a code that is no tambon."""
    known = bool(session.execute(_REGISTERED).scalar())
    counted = (
        {code: int(n) for code, n in session.execute(_VULNERABLE, {"tambons": list(tambons)})}
        if known
        else {}
    )
    found = [places.tambon(code) for code in tambons]
    return [Exposed(t.code, t.households, counted.get(t.code, 0) if known else None, t.hazard) for t in found]
