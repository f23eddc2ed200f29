"""A hospital that says nothing is rung within minutes: work of the relay desk, one call a house and alert.

Any answer ends it, by whatever way; that a provider delivered a text does not. Called by `warning/respond.py` with each count.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.institution import HOLDS_PEOPLE, Institution
from geo.names import id_for
from teams.response.mission import MissionKind, MissionState
from warning.alert import Alert
from warning.alert_places import villages_of
from warning.told_already import told_by

DUE_IN = timedelta(minutes=10)
PRIORITY = 1  # people who cannot leave by themselves
ROLE = "relay_desk"
WHY = "มีคนที่ออกเองไม่ได้ ยังไม่ตอบ โทรหา"
_ANSWERED = text(
    "SELECT DISTINCT ON (institution_id) institution_id, answer, via, at FROM reply "
    "WHERE alert_id = ANY(:told) AND institution_id IS NOT NULL AND answer <> 'no_answer' ORDER BY institution_id, at DESC"
)


def answers_of(session: Session, alert: Alert) -> dict[UUID, tuple[str, str, datetime]]:
    """Institution -> (its last answer, by which way, when): the acknowledgement of this alert or of what it replaces."""
    rows = session.execute(_ANSWERED, {"told": [alert.id, *told_by(alert)]})
    return {row.institution_id: (row.answer, row.via, row.at) for row in rows}


def call_id(alert: Alert, institution_id: UUID) -> UUID:
    return id_for("mission", alert.mode, alert.id, MissionKind.CALL_INSTITUTION, institution_id)


def calls_wanted(
    session: Session, alert: Alert, now: datetime, patient: bool, kinds: Collection[str]
) -> list[dict[str, Any]]:
    """Rows of the calls this alert needs now, to be inserted as missions. patient: its silence is still to be expected; only
    a house no machine can reach is rung already. kinds: of addresses that the office has a channel for."""
    here = select(Institution).where(
        col(Institution.active), col(Institution.kind).in_(HOLDS_PEOPLE),
        col(Institution.village_code).in_(villages_of(alert)),
    )  # fmt: skip
    houses = session.exec(here.order_by(col(Institution.id))).all()
    if not houses:
        return []
    answered = answers_of(session, alert)
    reachable = {
        owner
        for (owner,) in session.execute(
            text(
                "SELECT DISTINCT owner_id FROM address WHERE owner_id = ANY(:ids) AND active "
                "AND lower(kind::text) = ANY(:kinds)"
            ),
            {"ids": [house.id for house in houses], "kinds": list(kinds)},
        )
    }
    return [
        {
            "id": call_id(alert, house.id), "mode": alert.mode.value, "alert_id": alert.id,
            "kind": MissionKind.CALL_INSTITUTION, "state": MissionState.REQUESTED, "priority": PRIORITY,
            "village_code": house.village_code, "household_id": None, "institution_id": house.id, "homes": 1,
            "people": most(house), "assigned_to": None, "assigned_role": ROLE, "why": WHY,
            "requested_at": now, "due_at": now + DUE_IN, "changed_at": now,
        }
        for house in houses
        if house.id not in answered and not (patient and house.id in reachable)
    ]  # fmt: skip


def most(house: Institution) -> int | None:
    """The most who may be there at any hour."""
    return max((n for n in (house.heads_day, house.heads_night) if n is not None), default=None)
