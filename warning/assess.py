"""From observations to hazard: which rules changed state, and for which tambon."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime
from sqlmodel import Field, Session, SQLModel, col, select

from geo.gazetteer import gazetteer
from geo.names import id_for
from warning.observation import ObservationRow
from warning.office import Office
from warning.rule import Rule, warned, watched
from warning.rules import DANGER, Reading, RuleState, Transition, standing, step_rule
from warning.step import Next
from warning.store.insert import insert_new, upsert


class RuleStateRow(SQLModel, table=True):
    """What a rule remembers of one station, so that a restart forgets nothing."""

    __tablename__ = "rule_state"

    rule: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    state: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class HazardAssessment(SQLModel, table=True):
    """A rule's word at one moment, with what it saw."""

    __tablename__ = "hazard_assessment"

    id: UUID = Field(primary_key=True)
    rule: str = Field(index=True)
    rule_version: str  # hash of the rule as it stood
    station: str
    state: str  # the phase the station went into (warning.rules.Phase)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    value: float | None = None
    why: str
    fires: bool = False  # danger begins here
    tambons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    observations: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    water_by: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )  # tambon -> UTC


LOOK_BACK = timedelta(hours=3)  # readings a rule is shown at least


def assess(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Judge every rule on what is known now. Rows are made only for stations that changed phase; twice is once."""
    known = _states(session)
    places = gazetteer()
    wake_ups: list[Next] = []
    for rule in office.config.rules:
        if not rule.on:
            continue
        stations = watched(rule, places)
        readings = _readings(session, rule, stations, now)
        states = {s: known.get((rule.name, s), RuleState()) for s in stations}
        before = dict(states)
        transitions = step_rule(rule, states, readings, now)
        _remember(session, rule, before, states, now)
        in_danger = standing(rule, states.values()) in DANGER
        for transition in transitions:
            assessment = _record(session, rule, transition, readings, office)
            if assessment and transition.fires and in_danger:
                wake_ups.append(Next("draft", str(assessment), office.severity_priority(rule.alert.severity)))
    return wake_ups


def _states(session: Session) -> dict[tuple[str, str], RuleState]:
    rows = session.exec(select(RuleStateRow)).all()
    return {(row.rule, row.station): RuleState.from_json(row.state) for row in rows}


def _remember(
    session: Session,
    rule: Rule,
    before: Mapping[str, RuleState],
    after: Mapping[str, RuleState],
    now: datetime,
) -> None:
    upsert(
        session,
        RuleStateRow,
        [
            {"rule": rule.name, "station": station, "state": state.to_json(), "changed_at": now}
            for station, state in after.items()
            if state != before[station]
        ],
    )


def _readings(
    session: Session, rule: Rule, stations: Sequence[str], now: datetime
) -> Mapping[str, Sequence[Reading]]:
    """Oldest first, a station a list; the same instant of two sources counts once."""
    rows = session.exec(
        select(ObservationRow)
        .where(
            ObservationRow.quantity == rule.when.quantity.value,
            col(ObservationRow.station).in_(stations),
            col(ObservationRow.observed_at) > now - max(LOOK_BACK, 3 * rule.when.lasting),
            col(ObservationRow.observed_at) <= now,
        )
        .order_by(col(ObservationRow.observed_at))
    ).all()
    found: dict[str, list[Reading]] = defaultdict(list)
    for row in rows:
        series = found[row.station]
        if not series or series[-1].at < row.observed_at:
            series.append(Reading(row.observed_at, row.value))
    return found


def _record(
    session: Session,
    rule: Rule,
    transition: Transition,
    readings: Mapping[str, Sequence[Reading]],
    office: Office,
) -> UUID | None:
    """The id when this transition was not known yet."""
    at_once = warned(rule, transition.station, gazetteer())
    later = office.downstream(transition.station) if rule.reach == "downstream" else {}
    tambons = list(dict.fromkeys([*at_once, *sorted(later, key=later.__getitem__)]))
    made = insert_new(
        session,
        HazardAssessment,
        [
            {
                "id": id_for("assessment", rule.name, rule.version, transition.station, transition.to, transition.at),
                "rule": rule.name, "rule_version": rule.version, "station": transition.station,
                "state": transition.to.value, "at": transition.at, "value": transition.value, "why": transition.why,
                "fires": transition.fires, "tambons": tambons,
                "observations": [
                    {"at": r.at.isoformat(), "value": r.value} for r in readings.get(transition.station, [])[-12:]
                ],
                "water_by": {code: (transition.at + span).isoformat() for code, span in later.items()},
            }
        ],
        returning=("id",),
    )  # fmt: skip
    return made[0][0] if made else None
