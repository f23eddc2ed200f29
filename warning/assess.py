"""From observations to hazard: which rules changed state, and for which tambon."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime
from sqlmodel import Field, Session, SQLModel, col, select

from geo.names import id_for
from warning.observe import ObservationRow
from warning.office import Office
from warning.rules import Phase, Reading, Rule, RuleState, Transition, step_rule
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

    id: UUID = Field(primary_key=True)
    rule: str = Field(index=True)
    rule_version: str  # hash of the rule as it stood
    station: str
    state: str  # the state the rule went into: active, no_data, calm
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    value: float | None = None
    why: str
    tambons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    observations: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    water_by: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # tambon -> UTC


LOOK_BACK = timedelta(hours=3)  # readings a rule is shown; longer than any `lasting` of the shipped rules


def assess(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Judge every rule on what is known now. Rows are made only for rules that changed state; twice is once."""
    rules = office.config.rules
    states = _states(session)
    wake_ups: list[Next] = []
    for rule in rules:
        readings = _readings(session, rule, now)
        known = {station: states.get((rule.name, station), RuleState()) for station in rule.stations}
        transitions, after = step_rule(rule, known, readings, now)
        changed = {station: state for station, state in after.items() if state != states.get((rule.name, station))}
        upsert(
            session,
            RuleStateRow,
            [
                {"rule": rule.name, "station": station, "state": state.to_json(), "changed_at": now}
                for station, state in changed.items()
            ],
        )
        for transition in transitions:
            wake_ups += _record(session, rule, transition, readings, office)
    return wake_ups


def _states(session: Session) -> dict[tuple[str, str], RuleState]:
    return {
        (row.rule, row.station): RuleState.from_json(row.state) for row in session.exec(select(RuleStateRow)).all()
    }


def _readings(session: Session, rule: Rule, now: datetime) -> Mapping[str, Sequence[Reading]]:
    """Oldest first, a station a list; the same instant of two sources counts once."""
    span = max(LOOK_BACK, 3 * rule.when.lasting)
    rows = session.exec(
        select(ObservationRow)
        .where(
            ObservationRow.quantity == rule.when.quantity,
            col(ObservationRow.station).in_(rule.stations),
            col(ObservationRow.observed_at) > now - span,
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
    session: Session, rule: Rule, transition: Transition, readings: Mapping[str, Sequence[Reading]], office: Office
) -> list[Next]:
    arrivals = office.arrivals(transition.station) if rule.reach_downstream else {}
    tambons = list(dict.fromkeys([*rule.tambons, *sorted(arrivals, key=arrivals.__getitem__)]))
    made = insert_new(
        session,
        HazardAssessment,
        [
            {
                "id": id_for("assessment", rule.name, rule.version, transition.station, transition.to, transition.at),
                "rule": rule.name, "rule_version": rule.version, "station": transition.station,
                "state": transition.to.value, "at": transition.at, "value": transition.value, "why": transition.why,
                "tambons": tambons,
                "observations": [
                    {"at": r.at.isoformat(), "value": r.value} for r in readings.get(transition.station, [])[-12:]
                ],
                "water_by": {code: (transition.at + span).isoformat() for code, span in arrivals.items()},
            }
        ],
        returning=("id",),
    )  # fmt: skip
    if not made or transition.to is not Phase.ACTIVE:
        return []
    return [Next("draft", str(made[0][0]), office.severity_priority(rule.alert.severity))]
