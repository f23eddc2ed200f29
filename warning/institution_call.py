"""The desk rings an institution: its answer is written down on its behalf, and the call it was is over."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from channels.contract import Answer
from geo.errors import NotAllowed
from geo.institution import Institution
from geo.names import id_for
from teams.response.mission import NEXT, OVER, Mission, MissionState, stepped
from warning.alert import Alert, AlertState
from warning.alert_places import villages_of
from warning.audited import audited
from warning.delivery import ReplyRow
from warning.institution_silence import call_id, most
from warning.office import Office
from warning.step import SEVERE, Next

OUTCOMES = (Answer.SEEN, Answer.NEED_HELP, Answer.WATER_HERE, Answer.NO_ANSWER)
_WORDS = {
    Answer.SEEN: "รู้แล้ว (they know)",
    Answer.NEED_HELP: "ต้องการช่วย (they need help)",
    Answer.WATER_HERE: "น้ำมาแล้ว (water is there)",
}
_STEPS = (MissionState.ACCEPTED, MissionState.EN_ROUTE, MissionState.ON_SCENE, MissionState.DONE)


def institution_called(
    session: Session, alert_id: UUID, institution_id: UUID, answer: Answer, event_id: str, by: UUID, now: datetime,
    office: Office,
) -> list[Next]:  # fmt: skip
    """Write down what a house said on the telephone. Twice (the same `event_id`) is once; nobody lifting leaves the call open.

    Raises NotAllowed, worded for the officer.
    """
    alert, house = session.get(Alert, alert_id), session.get(Institution, institution_id)
    if alert is None or alert.state is not AlertState.ISSUED or alert.mode is not office.mode:
        raise NotAllowed("การเตือนนี้ไม่มีผลแล้ว (this alert is no longer in force)")
    if house is None or house.village_code not in villages_of(alert):
        raise NotAllowed("สถานที่นี้ไม่อยู่ในการเตือน (this alert is not for this place)")
    if answer not in OUTCOMES:
        raise NotAllowed("เลือกคำตอบ (choose what they said)")
    row = ReplyRow(
        id=id_for("reply", "institution", alert_id, institution_id, event_id), alert_id=alert.id, mode=alert.mode,
        village_code=house.village_code, institution_id=house.id, answer=answer.value, via="phone", keyed_by=str(by),
        people=most(house) if answer is Answer.NEED_HELP else None, at=now, received_at=now,
    )  # fmt: skip
    if not audited(session, row):
        return []
    if answer is not Answer.NO_ANSWER:
        _over(session, call_id(alert, house.id), _WORDS[answer], by, now)
    return [Next("heard", str(row.id), SEVERE)]


def _over(session: Session, mission_id: UUID, outcome: str, by: UUID, now: datetime) -> None:
    mission = session.get(Mission, mission_id, with_for_update=True)
    if mission is None or mission.state in OVER:
        return
    mission.outcome, mission.changed_at = outcome, now
    for step in _STEPS:  # a call has no road: all its steps are one
        if step in NEXT[mission.state]:
            mission.state = step
    stepped(session, mission, str(by), now)
