"""Silence becomes work with a name on it, and an answer becomes what it says: water on the map, a rescue, a task closed.

Silence at night is normal, so a village's silent homes are one task for one person, not one a home; only homes whose people
cannot leave alone get a mission of their own. A village that nobody can be rung in is a task at once, without waiting.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from channels.contract import Answer
from geo.names import id_for
from geo.people import Contact, Role
from teams.response.mission import Mission, MissionKind, MissionState, call_off
from warning import reported
from warning.alert import Alert, AlertState
from warning.audit import SYSTEM
from warning.audited import insert_audited
from warning.cover import HOMES_OF_ALERT, line_of, village_unknown, where_homes_stand
from warning.delivery import Coverage, ReplyRow
from warning.institution_silence import calls_wanted
from warning.office import Office
from warning.step import ONE_OF_ITS_KIND, Next
from warning.told_already import told_by

DUE = {
    MissionKind.TELL_VILLAGE: timedelta(minutes=10),
    MissionKind.SILENT_HOMES: timedelta(minutes=45),
    MissionKind.VULNERABLE_HOME: timedelta(minutes=30),
    MissionKind.RESCUE: timedelta(minutes=15),
}  # the office's own targets, an estimate until drills have measured them
PRIORITY = {
    MissionKind.RESCUE: 1,
    MissionKind.TELL_VILLAGE: 1,
    MissionKind.VULNERABLE_HOME: 2,
    MissionKind.SILENT_HOMES: 3,
}  # response-and-relief: P1 threat to life now, P2 within 2 h, P3 today
WHY = {
    MissionKind.TELL_VILLAGE: "ยังไม่มีใครในหมู่บ้านตอบ โทรหรือไปบอก",
    MissionKind.SILENT_HOMES: "บ้านที่ยังไม่ยืนยันว่ารู้แล้ว เดินบอกตามบ้าน",
    MissionKind.VULNERABLE_HOME: "มีคนที่ออกเองไม่ได้ ยังไม่ยืนยันว่ารู้แล้ว",
    MissionKind.RESCUE: "ขอความช่วยเหลือ",
}
OVER = (MissionState.DONE, MissionState.CANCELLED)
_VULNERABLE = text(
    f"""
WITH {HOMES_OF_ALERT} SELECT h.id, h.place FROM home h
WHERE h.vulnerable > 0 AND NOT EXISTS (
    SELECT 1 FROM delivery_status s WHERE s.alert_id = ANY(:told) AND s.household_id = h.id
    AND s.state IN ('delivered', 'confirmed'))
"""  # noqa: S608 - put together from our own words only
)


def respond(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Make, and close again, the tasks one alert's coverage calls for. Twice is once."""
    alert = session.get_one(Alert, UUID(work))
    if alert.state is not AlertState.ISSUED or alert.issued_at is None:
        return []
    patient = now < alert.issued_at + office.config.ladder.patience
    rows = session.exec(select(Coverage).where(Coverage.alert_id == alert.id)).all()
    helpers = _helpers(session, [row.village_code for row in rows])
    wanted: list[dict[str, Any]] = []
    for row in rows:
        nobody_to_ring = village_unknown(row.village_code)  # homes of a tambon, whose village nobody knows
        if not row.answered and (not row.contacts or not patient) and not nobody_to_ring:
            wanted.append(
                _mission(alert, MissionKind.TELL_VILLAGE, row.village_code, None, row.homes, helpers, now)
            )
        silent = row.waiting + row.unreached
        if silent and not patient:
            wanted.append(
                _mission(alert, MissionKind.SILENT_HOMES, row.village_code, None, silent, helpers, now)
            )
    if not patient:
        where = where_homes_stand(alert)
        villages = set(where["villages"])
        for household, place in session.execute(_VULNERABLE, {"told": [alert.id, *told_by(alert)], **where}):
            village = line_of(place, villages)
            wanted.append(_mission(alert, MissionKind.VULNERABLE_HOME, village, household, 1, helpers, now))
    insert_audited(session, Mission, wanted)
    calls = calls_wanted(session, alert, now, patient, {c.needs for c in office.channels.values()})
    insert_audited(session, Mission, calls)
    _close_what_is_answered(session, alert, rows, {m["id"] for m in wanted + calls}, now)
    return []


def _helpers(session: Session, villages: list[str]) -> dict[str, dict[Role, Contact]]:
    found: dict[str, dict[Role, Contact]] = {}
    contacts = session.exec(
        select(Contact).where(col(Contact.village_code).in_(villages)).order_by(col(Contact.rank).desc())
    )
    for contact in contacts:
        found.setdefault(contact.village_code, {})[contact.role] = contact
    return found


_WHO_GOES = {
    MissionKind.TELL_VILLAGE: (Role.HEAD, Role.ASSISTANT, Role.KEY_HOLDER, Role.HEALTH_VOLUNTEER),
    MissionKind.SILENT_HOMES: (Role.HEALTH_VOLUNTEER, Role.ASSISTANT, Role.HEAD, Role.KEY_HOLDER),
    MissionKind.VULNERABLE_HOME: (Role.HEALTH_VOLUNTEER, Role.ASSISTANT, Role.HEAD),
    MissionKind.RESCUE: (),
}


def _mission(
    alert: Alert,
    kind: MissionKind,
    village: str,
    household: UUID | None,
    homes: int,
    helpers: dict[str, dict[Role, Contact]],
    now: datetime,
) -> dict[str, Any]:
    there = helpers.get(village, {})
    who = next((there[role] for role in _WHO_GOES[kind] if role in there), None)
    return {
        "id": id_for("mission", alert.mode, alert.id, kind, household or village), "mode": alert.mode.value,
        "alert_id": alert.id, "kind": kind, "state": MissionState.REQUESTED, "priority": PRIORITY[kind],
        "village_code": village, "household_id": household, "homes": homes,
        "assigned_to": who.id if who else None, "assigned_role": who.role.value if who else "",
        "why": WHY[kind], "requested_at": now, "due_at": now + DUE[kind], "changed_at": now,
    }  # fmt: skip


def _close_what_is_answered(
    session: Session, alert: Alert, rows: Any, still_wanted: set[UUID], now: datetime
) -> None:
    silent = {row.village_code: row.waiting + row.unreached for row in rows}
    open_missions = select(Mission).where(
        Mission.alert_id == alert.id,
        col(Mission.state).in_((MissionState.REQUESTED, MissionState.ACCEPTED)),
        Mission.kind != MissionKind.RESCUE,
    )
    for mission in session.exec(open_missions.order_by(col(Mission.id)).with_for_update()).all():
        if mission.id not in still_wanted:
            call_off(session, mission, "ยืนยันแล้วทางอื่น (confirmed by other means)", SYSTEM, now)
        elif mission.kind is MissionKind.SILENT_HOMES:
            mission.homes = silent.get(mission.village_code, mission.homes)


def heard(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Draw the conclusions of one answer, once."""
    said = session.get(ReplyRow, UUID(work), with_for_update=True)
    if said is None or said.heard:
        return []
    said.heard = True
    words = reported.told(said, office)
    reported.water(session, said, words)
    wake_ups = reported.observed(session, said, words, now, office)
    if said.village_code and said.answer == Answer.NEED_HELP:
        _rescue(session, said, now)
    due = said.alert_id is not None and _count_is_due(session, said.alert_id, said.id, now, office)
    return wake_ups + ([Next("cover", str(said.alert_id), ONE_OF_ITS_KIND)] if due else [])


def _count_is_due(session: Session, alert: UUID, said: UUID, now: datetime, office: Office) -> bool:
    """Of hundreds of answers not each has all homes counted again: the last one does, and one that finds the count old. Two
    that are last at one moment leave it to the sweep; of an alert that is over, which the sweep leaves alone, each does."""
    others = select(ReplyRow.id).where(ReplyRow.alert_id == alert, ReplyRow.id != said, ~col(ReplyRow.heard))
    if session.exec(others.limit(1)).first() is None:
        return True
    counted_at = session.exec(select(func.max(Coverage.counted_at)).where(Coverage.alert_id == alert)).one()
    if counted_at is None or counted_at <= now - office.coverage_every:
        return True
    return session.exec(select(Alert.state).where(Alert.id == alert)).one() is not AlertState.ISSUED


def _rescue(session: Session, said: ReplyRow, now: datetime) -> None:
    """One mission a home, or a village when its head calls, or a caller nobody knew: a second call for help is the same need,
    until that mission is over; a call after it is a new need."""
    about = said.household_id or said.institution_id or said.contact_id or said.caller_id or said.village_code
    kind = MissionKind.RESCUE
    mission_id, nth = id_for("mission", said.mode, said.alert_id, kind, about), 1
    while (before := session.get(Mission, mission_id)) is not None and before.state in OVER:
        nth += 1
        mission_id = id_for("mission", said.mode, said.alert_id, kind, about, nth)
    insert_audited(
        session,
        Mission,
        [
            {
                "id": mission_id, "mode": said.mode.value,
                "alert_id": said.alert_id, "kind": kind, "state": MissionState.REQUESTED, "priority": PRIORITY[kind],
                "village_code": said.village_code, "household_id": said.household_id, "homes": 1,
                "institution_id": said.institution_id,
                "people": said.people, "assigned_to": None, "assigned_role": "", "why": WHY[kind],
                "requested_at": now, "due_at": now + DUE[kind], "changed_at": now,
            }
        ],
    )  # fmt: skip
