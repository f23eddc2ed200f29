"""Where water is expected next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from warning.alert import Alert
from warning.arriving import arrivals_told
from warning.assess import HazardAssessment
from warning.web.console.names import tambon_name

MOST_ARRIVALS = 8


@dataclass(frozen=True)
class Arrival:
    tambon: str
    at: datetime
    alert: str


def arrivals(session: Session, alerts: Sequence[Alert], now: datetime, lang: str) -> list[Arrival]:
    """Earliest first; an estimate until travel times are measured."""
    found: dict[str, Arrival] = {}
    for alert in alerts:
        for code, at in water_hours(session, alert).items():
            arrival = Arrival(tambon_name(code, lang), at, alert.number)
            if arrival.at > now and (code not in found or arrival.at < found[code].at):
                found[code] = arrival
    return sorted(found.values(), key=lambda a: a.at)[:MOST_ARRIVALS]


def water_hours(session: Session, alert: Alert) -> dict[str, datetime]:
    """Tambon -> when the alert's assessments expect water there (aware, UTC); empty without one."""
    assessment = session.get(HazardAssessment, alert.assessment_id) if alert.assessment_id else None
    first = assessment.water_by if assessment else {}
    return {code: datetime.fromisoformat(at) for code, at in first.items()} | arrivals_told(alert)
