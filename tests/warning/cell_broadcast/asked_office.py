"""An office on a flood night whose alerts may be asked of DDPM: in earnest or as an exercise."""

from datetime import timedelta
from uuid import uuid4

from sqlmodel import Session

from tests.warning.town import TAMBON
from tests.web.paper_office import FAR, Night
from warning.alert import Alert, AlertState, Approval, ApprovalPolicy, Mode
from warning.cell_broadcast.minutes import note_step
from warning.cell_broadcast.prepare import prepare
from warning.cell_broadcast.record import CellBroadcast, Operator, Step
from warning.writing import cap_of, write

BY = ("7", "นางเวร ทดสอบ")


def issued(
    session: Session, town: Night, number: str = "พท-2569-0012", mode: Mode = Mode.ACTUAL, **changed: object
) -> Alert:
    """An alert in force, approved four minutes ago."""
    now = town.clock.now()
    alert = Alert(
        id=uuid4(), mode=mode, number=number, identifier="x", msg_type="Alert", kind="alert", event="river_overflow",
        severity="Extreme", urgency="Immediate", certainty="Observed", response_type="Evacuate", tambons=[TAMBON, FAR],
        approval=ApprovalPolicy.DUTY_OFFICER, drafted_at=now, changed_at=now, water_by=now + timedelta(minutes=55),
        expires_at=now + timedelta(hours=8),
    )  # fmt: skip
    for name, value in changed.items():
        setattr(alert, name, value)
    write(session, alert, town.office)
    alert.state, alert.issued_at = AlertState.ISSUED, now
    session.add(alert)
    session.flush()
    alert.cap_xml = cap_of(session, alert, town.office)
    session.add(
        Approval(alert_id=alert.id, user_id="8", seen="s", user_name="ผู้อนุมัติ", at=now - timedelta(minutes=4))
    )
    session.flush()
    return alert


def asked(session: Session, town: Night, alert: Alert) -> CellBroadcast:
    return prepare(session, alert, None, BY, town.clock.now(), town.office)


def noted(
    session: Session,
    town: Night,
    request: CellBroadcast,
    *steps: Step,
    operator: Operator | None = None,
    note: str = "",
) -> None:
    now, office = town.clock.now(), town.office
    for step in steps:
        note_step(session, request.id, step, operator=operator, at=now, by=BY, spoken_to="เวร ปภ.", note=note, now=now,
                  keyring=office.keyring)  # fmt: skip
