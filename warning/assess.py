"""From observations to hazard: which rules changed state, and for which tambon."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, text
from sqlmodel import Field, Session, SQLModel

from geo.gazetteer import gazetteer
from geo.names import id_for
from warning.lookout import Finding, Key, Lookout, in_season
from warning.office import Office
from warning.place_readings import World
from warning.rounds import rounds_of
from warning.rule_readings import shown, unheard, what_is_wrong
from warning.rule_words import quality_words
from warning.step import Next
from warning.store.insert import insert_new, upsert


class RuleStateRow(SQLModel, table=True):
    """What a rule remembers of one station or place, so that a restart forgets nothing."""

    __tablename__ = "rule_state"

    rule: str = Field(primary_key=True)
    station: str = Field(primary_key=True)  # or a tambon, or empty: the place of a level
    part: str = Field(
        default="", primary_key=True
    )  # the condition (`yellow water_level`), or the level (`yellow`)
    state: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class HazardAssessment(SQLModel, table=True):
    """A rule's word at one moment, with what it saw."""

    __tablename__ = "hazard_assessment"

    id: UUID = Field(primary_key=True)
    rule: str = Field(index=True)
    rule_version: str  # hash of the rule as it stood
    hazard: str | None = None  # warning.rule.Event
    level: str | None = None  # of the rule (warning.rule.LevelName)
    standing: str | None = None  # the highest level of the rule in danger here: what an end steps down to
    station: str  # the one that decided it
    state: str  # the phase the level went into (warning.rules.Phase)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    value: float | None = None
    why: str
    fires: bool = False  # an alert is called for: danger begins, and no higher level tells of it already
    ends: bool = False  # danger is over here, by readings
    sure: bool = True  # False: another source should have confirmed it and has not, so a person must look
    tambons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    # oldest first, the deciding station last: at, value, station, quantity, source
    observations: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    # how many of its instruments can be trusted, in words: th, en; None where all can
    quality: dict[str, str] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    water_by: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )  # tambon -> UTC


class RulesJudged(SQLModel, table=True):
    """When all rules were last judged: one row."""

    __tablename__ = "rules_judged"

    once: bool = Field(default=True, primary_key=True)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


_JUDGED = text(
    "INSERT INTO rules_judged (once, at) VALUES (true, :now) ON CONFLICT (once) DO UPDATE SET at = :now"
)
# A reading whose wake-up was lost must not wait for the next; and silence speaks to nobody's bell: that a gauge has been
# silent for too long is found by judging again, a minute being finer than any rule's patience.
OVERDUE = """
SELECT 'rules', 30 WHERE NOT EXISTS (
    SELECT 1 FROM rules_judged j WHERE j.at > CAST(:now AS timestamptz) - interval '1 minute'
    AND j.at >= COALESCE((SELECT max(received_at) FROM latest), '-infinity'))
"""


def assess(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Judge every rule on what is known now, all stations at once. Rows are made only for levels that changed;
    twice is once, and one at a time, so that no older view of the night overwrites a newer one. work: not used."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('assess'))"))
    rules = [rule for rule in office.config.rules if rule.on]
    speaking = [rule for rule in rules if in_season(rule, now)]
    _forget(session, [rule.name for rule in rules if rule not in speaking])
    lookout = Lookout(speaking, gazetteer(), office.downstream)
    lookout.remember(_kept(session))
    world = World(session, now, office.config.sources, office.areas)
    findings = lookout.look(
        rounds_of(lookout.plan, lookout.board, unheard(session, lookout.board, now, world)), now
    )
    _keep(session, lookout, now)
    session.execute(_JUDGED, {"now": now})
    wake_ups: list[Next] = []
    for finding in findings:
        assessment = _record(session, lookout, finding, world)
        if assessment and finding.fires:
            severity = finding.unit.level.alert.severity
            wake_ups.append(Next("draft", str(assessment), office.severity_priority(severity)))
    return wake_ups


def _forget(session: Session, rules: Sequence[str]) -> None:
    """Out of its months a rule says nothing; when they come again it begins anew, not where last year's night stood."""
    if rules:
        session.execute(text("DELETE FROM rule_state WHERE rule = ANY(:rules)"), {"rules": list(rules)})


def _kept(session: Session) -> dict[Key, dict[str, Any]]:
    rows = session.execute(text("SELECT rule, part, station, state FROM rule_state"))
    return {(rule, part, station): state for rule, part, station, state in rows}


def _keep(session: Session, lookout: Lookout, now: datetime) -> None:
    rows = [
        {"rule": rule, "part": part, "station": station, "state": state, "changed_at": now}
        for (rule, part, station), state in lookout.kept()
    ]
    upsert(session, RuleStateRow, rows)


def _record(session: Session, lookout: Lookout, finding: Finding, world: World) -> UUID | None:
    """The id when this was not known yet."""
    rule, told, level = finding.unit.rule, finding.transition, finding.level
    place = finding.unit.place or told.station
    seen = shown(session, [lookout.plan.cells[cell] for cell in finding.cells], world.now, world)
    made = insert_new(
        session,
        HazardAssessment,
        [
            {
                "id": id_for("assessment", rule.name, rule.version, level, place, told.to, told.at),
                "rule": rule.name, "rule_version": rule.version, "hazard": rule.hazard, "level": level,
                "standing": finding.standing, "station": told.station, "state": told.to.value, "at": told.at,
                "value": told.value, "why": told.why, "fires": finding.fires, "ends": told.ends, "sure": finding.sure,
                "tambons": list(finding.tambons),
                "observations": seen, "quality": quality_words(what_is_wrong(seen)),
                "water_by": {code: at.isoformat() for code, at in finding.water_by.items()},
            }
        ],
        returning=("id",),
    )  # fmt: skip
    return made[0][0] if made else None
