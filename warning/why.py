"""Why an alert is as it is: what was seen and how good it was, by which rule, why these places, what was known when, who did what.

Two times stand on every reading: when it was observed, and when it reached us. What was observed before the decision and came
after it is told apart: nobody knew it then.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.gazetteer import gazetteer
from geo.when import utc
from warning.accounts.user import User
from warning.alert import Alert
from warning.assess import HazardAssessment
from warning.audit import entries_of
from warning.office import Office
from warning.rule import Rule


@dataclass(frozen=True)
class Reading:
    """One value. `known_at`: when its bytes reached us, None when they are no longer kept."""

    at: datetime  # aware UTC, observed
    station: str
    quantity: str
    value: float
    source: str | None
    known_at: datetime | None
    verdict: str | None = None  # of quality control, as it was then
    reason: str | None = None
    late: bool = False  # observed before the decision, and not known then


@dataclass(frozen=True)
class Ground:
    """One assessment the alert rests on."""

    assessment: HazardAssessment
    rule: Rule | None  # as it stands now; None when the office no longer has it
    changed: bool  # the rule is another version now than the one that decided
    readings: Sequence[Reading]


@dataclass(frozen=True)
class Place:
    """Why one tambon is in the alert. how: station | bound | downstream | hand"""

    tambon: str
    how: str
    water_by: datetime | None = None  # aware UTC
    station: str | None = None


@dataclass(frozen=True)
class Act:
    """One entry of the trail: who changed what of this alert."""

    at: datetime
    actor: str  # a user's id, `system`, or the robot
    name: str | None
    action: str
    columns: Sequence[str]
    state: str | None
    seq: int
    hash: str


@dataclass(frozen=True)
class Why:
    alert: Alert
    decided_at: datetime  # what came later was not known when it went out
    grounds: Sequence[Ground]
    places: Sequence[Place]
    acts: Sequence[Act]


_KNOWN = text(
    """
SELECT w.station, w.quantity, w.at, o.source, o.value, p.fetched_at
FROM unnest(CAST(:stations AS text[]), CAST(:quantities AS text[]), CAST(:ats AS timestamptz[])) AS w(station, quantity, at)
JOIN observation o ON o.station = w.station AND o.quantity = w.quantity AND o.observed_at = w.at
LEFT JOIN payload p ON p.id = o.payload_id ORDER BY o.source
"""
)
# What was observed in the same hours by the same instruments, and was not yet here.
_LATE = text(
    """
SELECT o.station, o.quantity, o.observed_at, o.source, o.value, p.fetched_at
FROM unnest(CAST(:stations AS text[]), CAST(:quantities AS text[])) AS w(station, quantity)
JOIN observation o ON o.station = w.station AND o.quantity = w.quantity
     AND o.observed_at > :since AND o.observed_at <= :decided
JOIN payload p ON p.id = o.payload_id AND p.fetched_at > :decided ORDER BY o.observed_at, o.source
"""
)


def why(session: Session, alert: Alert, office: Office) -> Why:
    """All that led to this alert, read from the rows that were written then; nothing is judged anew."""
    decided = utc(alert.issued_at or alert.changed_at)
    found = _assessments(session, alert)
    rules = {rule.name: rule for rule in office.config.rules}
    grounds = [_ground(session, a, rules.get(a.rule), decided) for a in found]
    return Why(alert, decided, grounds, _places(alert, found), _acts(session, alert))


def _assessments(session: Session, alert: Alert) -> list[HazardAssessment]:
    ids = [str(alert.assessment_id)] if alert.assessment_id else []
    ids += [c["assessment"] for c in alert.facts.get("changes", []) if c.get("assessment")]
    rows = session.exec(select(HazardAssessment).where(col(HazardAssessment.id).in_([UUID(i) for i in ids])))
    return sorted(rows, key=lambda a: (a.at, a.id))


def _ground(session: Session, assessment: HazardAssessment, rule: Rule | None, decided: datetime) -> Ground:
    seen = [_told(o, assessment) for o in assessment.observations]
    known = _when_known(session, seen)
    readings = [_read(o, known.get(_key(o))) for o in seen]
    return Ground(
        assessment, rule, rule is not None and rule.version != assessment.rule_version,
        [*readings, *_late(session, readings, decided)],
    )  # fmt: skip


def _told(seen: Mapping[str, Any], assessment: HazardAssessment) -> dict[str, Any]:
    """An observation as its assessment kept it; older ones kept neither station nor quantity."""
    plain = {"station": assessment.station, "quantity": seen.get("quantity", "")}
    return {**plain, **seen, "at": utc(datetime.fromisoformat(seen["at"]))}


def _key(seen: Mapping[str, Any]) -> tuple[str, str, datetime]:
    return seen["station"], seen["quantity"], seen["at"]


def _when_known(
    session: Session, seen: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str, datetime], tuple[str, datetime | None]]:
    if not seen:
        return {}
    rows = session.execute(
        _KNOWN,
        {"stations": [s["station"] for s in seen], "quantities": [s["quantity"] for s in seen],
         "ats": [s["at"] for s in seen]},
    )  # fmt: skip
    return {
        (station, quantity, utc(at)): (source, fetched and utc(fetched))
        for station, quantity, at, source, _, fetched in rows
    }


def _read(seen: Mapping[str, Any], known: tuple[str, datetime | None] | None) -> Reading:
    return Reading(
        seen["at"], seen["station"], seen["quantity"], float(seen["value"]), seen.get("source") or (known and known[0]),
        known and known[1], seen.get("verdict"), seen.get("reason"),
    )  # fmt: skip


def _late(session: Session, readings: Sequence[Reading], decided: datetime) -> Iterable[Reading]:
    if not readings:
        return []
    series = sorted({(r.station, r.quantity) for r in readings})
    rows = session.execute(
        _LATE,
        {"stations": [s for s, _ in series], "quantities": [q for _, q in series],
         "since": min(r.at for r in readings), "decided": decided},
    )  # fmt: skip
    shown = {(r.station, r.quantity, r.at) for r in readings}
    return [
        Reading(utc(at), station, quantity, value, source, utc(fetched), late=True)
        for station, quantity, at, source, value, fetched in rows
        if (station, quantity, utc(at)) not in shown
    ]


def _places(alert: Alert, found: Sequence[HazardAssessment]) -> list[Place]:
    """The assessment that first named a tambon says why it is in; what none named, a person put in."""
    places = []
    for code in alert.tambons:
        by = next((a for a in found if code in a.tambons), None)
        if by is None:
            places.append(Place(code, "hand"))
        elif code in by.water_by:
            places.append(
                Place(code, "downstream", utc(datetime.fromisoformat(by.water_by[code])), by.station)
            )
        else:
            gauge = gazetteer().gauges.get(by.station)
            places.append(
                Place(code, "station" if gauge and gauge.tambon == code else "bound", None, by.station)
            )
    return places


def _acts(session: Session, alert: Alert) -> list[Act]:
    entries = entries_of(session, [str(alert.id)])
    people = {e.actor for e in entries if _is_id(e.actor)}
    names = {
        str(user.id): user.name
        for user in session.exec(select(User).where(col(User.id).in_([UUID(p) for p in people])))
    }
    acts = []
    for entry in entries:
        data = json.loads(entry.data)
        acts.append(
            Act(
                utc(entry.at),
                entry.actor,
                names.get(entry.actor),
                entry.action,
                sorted(data),
                data.get("state"),
                entry.seq,
                entry.hash,
            )
        )
    return acts


def _is_id(actor: str) -> bool:
    try:
        UUID(actor)
    except ValueError:
        return False
    return True
