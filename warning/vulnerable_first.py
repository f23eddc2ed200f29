"""Homes whose people cannot leave alone are told before their neighbours: in segments of their own, planned before the residents'.

Their rows are made as they are planned, in one transaction: the residents' segments, which come later, leave out whoever has
one, so that a home marked or unmarked in mid alert is told once. Only on the first rung; a later one is waited for anyhow.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import Channel
from geo.names import id_for
from geo.people import Audience
from warning.address import CONTACTS_FIRST, NO_CAP, rungs, segment_row, wake_ups
from warning.alert import Alert, AlertState, Mode
from warning.alert_places import villages_elsewhere
from warning.delivery import Segment
from warning.expand import expand
from warning.office import Office
from warning.step import Next, priority_of
from warning.store.insert import insert_new

_ROLL = text(
    "SELECT a.tambon_code, a.nth, a.id FROM household h JOIN address a ON a.household_id = h.id "
    "WHERE h.vulnerable > 0 AND a.audience = 'RESIDENT' AND a.kind = :kind AND a.active "
    "AND a.tambon_code = ANY(:tambons) AND a.village_code <> ALL(CAST(:elsewhere AS text[])) ORDER BY a.tambon_code, a.nth"
)
_PLANNED = text("SELECT 1 FROM segment WHERE alert_id = :alert AND audience = 'resident' LIMIT 1")


def address_vulnerable(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Plan the vulnerable homes; the other residents follow in a step of their own. Twice is once: what was planned stays."""
    alert = session.get_one(Alert, UUID(work), options=[NO_CAP], with_for_update=True)
    if alert.state is not AlertState.ISSUED or alert.expires_at <= now:
        return []
    priority = priority_of(alert.severity, alert.mode is Mode.EXERCISE)
    after = Next("address_residents", work, priority)
    if session.execute(_PLANNED, {"alert": alert.id}).first() is not None:
        return [after]
    made: list[str] = []
    for rung, _, channel in rungs(alert, office, Audience.RESIDENT):
        if rung == 0:
            made += _plan(session, alert, channel, priority + CONTACTS_FIRST, now)
    return [*wake_ups(made, priority + CONTACTS_FIRST), after]


def _plan(session: Session, alert: Alert, channel: Channel, priority: int, now: datetime) -> list[str]:
    """Ids of the segments made on one channel, with their rows; danger first, as the alert has its tambon."""
    roll: dict[str, list[tuple[int, UUID]]] = {}
    about = {"kind": channel.needs.upper(), "tambons": alert.tambons, "elsewhere": villages_elsewhere(alert)}
    for tambon, nth, address in session.execute(_ROLL, about):
        roll.setdefault(tambon, []).append((nth, address))
    made: list[str] = []
    for tambon in alert.tambons:
        homes = roll.get(tambon, [])
        for start in range(0, len(homes), channel.batch):
            part = homes[start : start + channel.batch]
            row = _segment(alert, channel, tambon, part, priority, now)
            if insert_new(session, Segment, [row], returning=("id",)):
                expand(session, Segment(**row), alert, channel.needs, among=[address for _, address in part])
                made.append(str(row["id"]))
    return made


def _segment(
    alert: Alert, channel: Channel, tambon: str, part: list[tuple[int, UUID]], priority: int, now: datetime
) -> dict[str, Any]:
    first, last = part[0][0], part[-1][0]
    about = ("vulnerable", alert.mode, alert.id, channel.name, tambon, first)
    return segment_row(alert, channel, Audience.RESIDENT, tambon, first, priority, 0, now) | {
        "id": id_for("segment", *about), "retry_key": id_for("retry key", *about), "last_nth": last,
        "vulnerable": True, "expanded": True,
    }  # fmt: skip
