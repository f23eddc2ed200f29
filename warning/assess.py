"""From observations to hazard: which rules changed state, and for which tambon."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, Column, DateTime, text
from sqlmodel import Field, Session, SQLModel

from geo.gazetteer import gazetteer
from geo.names import id_for
from geo.when import utc
from warning.office import Office
from warning.rule import Rule, warned, watched
from warning.rule_board import Floats, RuleBoard, look_back, microseconds, moment
from warning.rules import DANGER, RuleState, Transition, standing, transition_of
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

SHOWN = 12  # readings an assessment keeps of its station

_READINGS = text(
    """
SELECT w.nth, o.observed_at, o.value
FROM unnest(CAST(:stations AS text[]), CAST(:quantities AS text[]), CAST(:after AS timestamptz[]))
     WITH ORDINALITY AS w(station, quantity, after, nth)
JOIN observation o ON o.station = w.station AND o.quantity = w.quantity
     AND o.observed_at > w.after AND o.observed_at <= :now
ORDER BY o.observed_at, o.source
"""
)
_SHOWN = text(
    "SELECT DISTINCT ON (observed_at) observed_at, value FROM observation WHERE station = :station "
    "AND quantity = :quantity AND observed_at > :after AND observed_at <= :now ORDER BY observed_at DESC, source LIMIT :shown"
)


def assess(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Judge every rule on what is known now, all stations at once. Rows are made only for stations that changed phase;
    twice is once, and one at a time, so that no older view of the night overwrites a newer one. work: not used."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('assess'))"))
    rules = [rule for rule in office.config.rules if rule.on]
    places = gazetteer()
    board = RuleBoard(rules, {rule.name: watched(rule, places) for rule in rules})
    before = _states(session, board)
    board.remember(before)
    named = {rule.name: rule for rule in rules}
    changes = board.walk(_rounds(session, board, now), microseconds(now))
    _keep(session, board, changes.touched, now)
    session.execute(_JUDGED, {"now": now})
    wake_ups: list[Next] = []
    for cell in map(int, changes.cells):
        watch, station = board.cells[cell]
        rule, after = named[watch.name], board.state(cell)
        transition = transition_of(rule, station, before.get(cell, RuleState()), after, now)
        assessment = _record(session, rule, transition, now, office)
        if assessment and transition.fires and _in_danger(board, rule):
            wake_ups.append(Next("draft", str(assessment), office.severity_priority(rule.alert.severity)))
    return wake_ups


def _states(session: Session, board: RuleBoard) -> dict[int, RuleState]:
    """cell of the board -> what is remembered of it"""
    rows = session.execute(text("SELECT rule, station, state FROM rule_state"))
    known = {(rule, station): state for rule, station, state in rows}
    found = ((cell, known.get((rule.name, station))) for cell, (rule, station) in enumerate(board.cells))
    return {cell: RuleState.from_json(state) for cell, state in found if state is not None}


def _rounds(session: Session, board: RuleBoard, now: datetime) -> list[tuple[Floats, Floats]]:
    """What no rule has judged yet, oldest first: one reading of every series a round. The same instant of two sources
    counts once."""
    if not board.series:
        return []
    oldest = now - max(look_back(rule) for rule, _ in board.cells)
    after = [max(oldest, moment(until) or oldest) for until in board.judged_until()]
    rows = session.execute(
        _READINGS,
        {"stations": [station for station, _ in board.series],
         "quantities": [subject.name for _, subject in board.series], "after": after, "now": now},
    )  # fmt: skip
    unheard: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for nth, observed_at, value in rows:
        series, at = unheard[nth - 1], microseconds(observed_at)
        if not series or series[-1][0] < at:
            series.append((at, value))
    rounds = []
    for turn in range(max(map(len, unheard.values()), default=0)):
        values, observed = (np.full(len(board.series), np.nan) for _ in range(2))
        for place, series in unheard.items():
            if turn < len(series):
                observed[place], values[place] = series[turn]
        rounds.append((values, observed))
    return rounds


def _keep(session: Session, board: RuleBoard, cells: NDArray[np.intp], now: datetime) -> None:
    rows = []
    for cell in map(int, cells):
        rule, station = board.cells[cell]
        rows.append(
            {"rule": rule.name, "station": station, "state": board.state(cell).to_json(), "changed_at": now}
        )
    upsert(session, RuleStateRow, rows)


def _in_danger(board: RuleBoard, rule: Rule) -> bool:
    return standing(rule, map(board.state, board.spans[rule.name])) in DANGER


def _record(
    session: Session,
    rule: Rule,
    transition: Transition,
    now: datetime,
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
                "observations": _shown(session, rule, transition.station, now),
                "water_by": {code: (transition.at + span).isoformat() for code, span in later.items()},
            }
        ],
        returning=("id",),
    )  # fmt: skip
    return made[0][0] if made else None


def _shown(session: Session, rule: Rule, station: str, now: datetime) -> list[dict[str, Any]]:
    """The last readings of a station, oldest first: what the person who decides is shown."""
    rows = session.execute(
        _SHOWN,
        {"station": station, "quantity": rule.subject.name, "after": now - look_back(rule), "now": now,
         "shown": SHOWN},
    )  # fmt: skip
    return [{"at": utc(at).isoformat(), "value": value} for at, value in rows][::-1]
