"""A rule as the office writes it: what is watched, when it is danger, for whom, and who must agree."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from geo.gazetteer import Gazetteer
from warning.alert import ApprovalPolicy
from warning.condition import OF_STATION, Condition, Line, Part, TambonCode, check_fits, check_until
from warning.event import Event
from warning.hazards import of_known
from warning.place_looks import ANY
from warning.rule_test import RuleTest
from warning.subject import GOOD, Quality, Subject

_ALONE = (ApprovalPolicy.NONE, ApprovalPolicy.SEND_THEN_REVIEW)
ALL_YEAR = tuple(range(1, 13))


class Severity(StrEnum):
    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class LevelName(StrEnum):
    """How high the danger stands, lowest first."""

    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


_OF_SEVERITY = {Severity.SEVERE: LevelName.ORANGE, Severity.EXTREME: LevelName.RED}  # the others: yellow


def _in_a_list(tambons: object) -> object:
    """`tambons: of_station` means the tambon in which the station that fires stands."""
    return (tambons,) if tambons == OF_STATION else tambons


HazardName = Annotated[str, AfterValidator(of_known)]


class AlertWords(Part):
    """CAP 1.2 words, spelt as CAP spells them; `event` names our own words for it."""

    event: HazardName
    severity: Severity
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
    response_type: Literal[
        "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"
    ] = Field(alias="responseType")


class Confirm(Part):
    """Somebody else who must agree. One of `any_of` in danger, now or at most `within` ago, is enough.

    Until then nothing is drafted; with `hold` a person is asked after that long without a yes. Where nobody could say
    yes, all of them being silent, a person is asked at once: a broken instrument must not keep a warning back.
    """

    any_of: tuple[Condition, ...]
    within: timedelta = Field(ge=timedelta(0))
    hold: timedelta | None = Field(default=None, ge=timedelta(0))

    @model_validator(mode="after")
    def _single(self) -> "Confirm":
        if not self.any_of or any(condition.parts for condition in self.any_of):
            raise ValueError("any_of: name single conditions, one of which is enough")
        return self


class Level(Part):
    """One level of a rule: when it begins and ends, what is said, who must agree."""

    level: LevelName | None = None  # where a rule has only one, its severity tells
    when: Condition
    until: Line | None = None  # of a single condition; in a combination each has its own
    keep_for: timedelta = Field(default=timedelta(0), ge=timedelta(0))  # it stays on this long after
    cooldown: timedelta = Field(default=timedelta(0), ge=timedelta(0))  # between two drafts for one tambon
    stays_days: tuple[int, int] | None = None  # from, to: how long the water will probably stay, for the text
    confirmed_by: Confirm | None = None
    alert: AlertWords
    approval: ApprovalPolicy

    @model_validator(mode="after")
    def _holds_together(self) -> "Level":
        if self.stays_days and not 0 < self.stays_days[0] <= self.stays_days[1]:
            raise ValueError("stays_days: write from and to in whole days, such as [3, 14]")
        if self.when.parts and self.until is not None:
            raise ValueError(
                "until: in a combination each condition has its own `until`; write it inside them"
            )
        if not self.when.parts:
            if self.when.until is not None:
                raise ValueError("when.until: write `until` beside `when`; inside it only in a combination")
            if self.until is None:
                raise ValueError("`until` is missing; add it")
            check_until(self.when, self.until)
        for leaf, _ in self.leaves():
            if leaf.bulletin and leaf.bulletin.hazard != ANY:
                of_known(leaf.bulletin.hazard)
            if leaf.bulletin and self.approval in _ALONE:
                raise ValueError(
                    f"approval: {self.approval}: others' words raise readiness and never sound a siren by themselves; "
                    "write duty_officer or two_person"
                )
        if self.approval is ApprovalPolicy.SEND_THEN_REVIEW and self.alert.severity is not Severity.EXTREME:
            raise ValueError("approval: send_then_review is for Extreme only; write duty_officer")
        return self

    @property
    def name(self) -> LevelName:
        return self.level or _OF_SEVERITY.get(self.alert.severity, LevelName.YELLOW)

    def leaves(self) -> Iterator[tuple[Condition, Line]]:
        """Its single conditions, each with its end."""
        for leaf in self.when.leaves():
            yield leaf, self.until or leaf.ends()


class Rule(Part):
    """One hazard, in one or several levels. `when`, `until`, `alert` and the rest of a level may stand in the rule itself:
    then it has that one level.

    `released: true` counts only with a release on record (`warning.release`); else its drafts are marked as untested.
    """

    folded: ClassVar[str] = "levels"  # whose keys may stand in the entry itself

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    on: bool = True
    because: str = Field(min_length=10)
    hazard: HazardName
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = (
        ALL_YEAR  # in Bangkok; outside them it says nothing
    )
    quality: Quality = GOOD
    stale_after: timedelta = Field(gt=timedelta(0))
    no_data: Literal["keep", "blind"] = (
        "keep"  # a danger whose station falls silent: still danger, or unknown
    )
    tambons: Annotated[tuple[TambonCode, ...], BeforeValidator(_in_a_list)]
    reach: Literal["here", "downstream"] = "here"  # downstream: also where its water goes, travel time later
    levels: tuple[Level, ...]  # lowest first
    tests: tuple[RuleTest, ...] = ()
    released: bool = False

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, raw: Any) -> Any:
        """One level written in the rule itself becomes a level; the hazard is told once."""
        if not isinstance(raw, dict):
            return raw
        raw = dict(raw)
        own = {key: raw.pop(key) for key in Level.model_fields if key in raw}
        if "levels" not in raw:
            raw["levels"] = [own]
            event = own["alert"].get("event") if isinstance(own.get("alert"), dict) else None
            if event is not None or "alert" not in own:
                raw.setdefault(
                    "hazard", event or Event.FLOOD
                )  # without `alert` that is what is told to be missing
        elif own:
            raise ValueError(f"{min(own)}: belongs to a level; write it inside `levels`")
        if isinstance(raw["levels"], list | tuple):
            raw["levels"] = [_with_hazard(level, raw.get("hazard")) for level in raw["levels"]]
        return raw

    @model_validator(mode="after")
    def _holds_together(self, info: ValidationInfo) -> "Rule":
        if not self.levels:
            raise ValueError("levels: a rule that never warns; write at least one level")
        if not self.tambons:
            raise ValueError("tambons: a rule that warns nobody; name tambon codes, or write of_station")
        if not self.months:
            raise ValueError("months: a rule that never speaks; name months, or leave the line out")
        names = [level.name for level in self.levels]
        if any(rank(later) <= rank(earlier) for earlier, later in pairwise(names)):
            raise ValueError(
                f"levels: {', '.join(names)}: write each once, the lowest first (yellow, orange, red)"
            )
        places: Gazetteer | None = (info.context or {}).get("places")
        if places is not None:
            _check_stations(self, places)
        return self

    @property
    def version(self) -> str:
        """A hash of what decides: kept with whatever it decides, and what a release is for.

        Words for people, tests, switches, and settings nobody changed do not count.
        """
        decides = self.model_dump_json(exclude={"on", "because", "tests", "released"}, exclude_defaults=True)
        return hashlib.sha256(decides.encode()).hexdigest()[:16]

    @property
    def highest(self) -> Level:
        return self.levels[-1]

    def level(self, name: str) -> Level:
        """Raises LookupError for a level the rule has not."""
        for level in self.levels:
            if level.name == name:
                return level
        raise LookupError(f"rule {self.name} has no level {name}")

    def months_held(self, month: int) -> bool:
        return month in self.months

    # A rule of one level and one condition is itself what is watched: `warning.rules.judge` takes it as it is.
    @property
    def when(self) -> Condition:
        return self.levels[0].when

    @property
    def until(self) -> Line:
        return next(self.levels[0].leaves())[1]

    @property
    def alert(self) -> AlertWords:
        return self.highest.alert

    @property
    def approval(self) -> ApprovalPolicy:
        return self.highest.approval

    @property
    def blind(self) -> bool:
        return self.no_data == "blind"

    @property
    def subject(self) -> Subject:
        return self.when.subject(self.quality)

    @property
    def approval_now(self) -> ApprovalPolicy:
        return approval_of(self.highest, released=self.released)


def approval_of(level: Level, *, released: bool) -> ApprovalPolicy:
    """Who must agree. A rule not released never sends by itself, whatever `approval` says."""
    return ApprovalPolicy.DUTY_OFFICER if level.approval in _ALONE and not released else level.approval


def rank(level: str) -> int:
    """0 for the lowest level. Raises ValueError for a word that is none."""
    return list(LevelName).index(LevelName(level))


def _with_hazard(level: Any, hazard: Any) -> Any:
    if not (isinstance(level, dict) and isinstance(level.get("alert"), dict)):
        return level
    alert = level["alert"]
    if hazard is None or alert.get("event", hazard) == hazard:  # none at all: told once, for the rule
        return {**level, "alert": {"event": hazard or Event.FLOOD, **alert}}
    raise ValueError(f"hazard: {hazard}, but an alert says {alert['event']}; a rule is about one hazard")


def watched(rule: Rule, places: Gazetteer) -> tuple[str, ...]:
    """Codes of the stations a rule looks at, in order of code."""
    codes = {code for level in rule.levels for leaf, _ in level.leaves() for code in leaf.named(places)}
    return tuple(sorted(codes))


def warned(rule: Rule, station: str, places: Gazetteer) -> tuple[str, ...]:
    """The tambon a rule warns at once when `station` (or a tambon, of a condition over places) fires; `reach: downstream`
    adds to them (geo.rivers)."""
    if rule.tambons != (OF_STATION,):
        return rule.tambons
    return (station if station in places.tambons else places.gauge(station).tambon,)


def _check_stations(rule: Rule, places: Gazetteer) -> None:
    for nth, level in enumerate(rule.levels):
        for where, leaf in level.when.placed(f"levels.{nth}.when"):
            check_fits(leaf, where, places)
        for other, leaf in enumerate(level.confirmed_by.any_of if level.confirmed_by else ()):
            check_fits(leaf, f"levels.{nth}.confirmed_by.any_of.{other}", places)
