"""What comes after an alert: an update, a cancel, an all-clear, a correction.

Each is a new alert that names what it replaces.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from warning.alert import Alert, AlertState
from warning.approval import replaced_by
from warning.number import next_number
from warning.office import Office
from warning.seen import without_changes
from warning.words.facts import Kind
from warning.writing import write

ENDS_AFTER = timedelta(hours=3)  # how long an all-clear or a cancel stays in the feeds
_MSG_TYPE = {
    Kind.UPDATE: "Update",
    Kind.CANCEL: "Cancel",
    Kind.ALL_CLEAR: "Update",
    Kind.CORRECTION: "Cancel",
}


def follow_up(
    session: Session, alert_id: UUID, kind: Kind, drafted_by: str, now: datetime, office: Office
) -> Alert:
    """Draft what follows an issued alert, filled in from it, for a person to approve.

    An all-clear is an Update with responseType AllClear and urgency Past. It names every unexpired alert of the chain.
    Several kinds may wait for a decision at once: the first that is approved wins, and the others are put away with the
    reason. The same kind asked for again is the draft that waits already.
    Raises NotAllowed when the alert is not in force or being replaced this moment, or `kind` follows nothing.
    """
    if kind not in _MSG_TYPE:
        raise NotAllowed(f"{kind} ไม่ใช่การเตือนต่อเนื่อง ({kind} does not follow an alert)")
    old = session.get_one(Alert, alert_id, with_for_update=True)
    if old.state is not AlertState.ISSUED:
        raise NotAllowed(f"การเตือน {old.number} ไม่มีผลแล้ว (alert {old.number} is no longer in force)")
    if same := _same(session, old, kind, now):
        return same
    ends = kind is not Kind.UPDATE
    new = Alert(
        id=uuid4(), mode=old.mode, number=next_number(session, office, now), identifier="", msg_type=_MSG_TYPE[kind],
        kind=kind.value, event=old.event, severity=old.severity, urgency="Past" if ends else old.urgency,
        certainty=old.certainty, response_type="AllClear" if ends else old.response_type, tambons=list(old.tambons),
        villages=list(old.villages), facts={**without_changes(old.facts), "replaces": old.number},
        approval=office.config.approval.policy_at("Severe" if ends else old.severity, old.water_by, now),
        rule=old.rule, assessment_id=None,
        references=[str(a) for a in _chain(session, old, now)], drafted_by=drafted_by, drafted_at=now,
        water_by=None if ends else old.water_by,
        expires_at=now + ENDS_AFTER if ends else max(old.expires_at, now + ENDS_AFTER),
        changed_at=now,
    )  # fmt: skip
    if other := replaced_by(session, new):
        raise NotAllowed(f"{other} กำลังแทน {old.number} อยู่แล้ว ({other} is replacing {old.number} already)")
    write(session, new, office)
    session.add(new)
    session.flush()
    return new


def _same(session: Session, old: Alert, kind: Kind, now: datetime) -> Alert | None:
    """The draft of this kind that waits already."""
    drafts = select(Alert).where(
        Alert.state == AlertState.DRAFT, Alert.mode == old.mode, Alert.kind == kind.value, col(Alert.expires_at) > now
    )  # fmt: skip
    return next((a for a in session.exec(drafts) if str(old.id) in a.references), None)


def _chain(session: Session, old: Alert, now: datetime) -> list[UUID]:
    """Every unexpired alert that this one replaces: an Update names all of them, not only the last."""
    in_force = select(Alert).where(
        Alert.state == AlertState.ISSUED, Alert.mode == old.mode, col(Alert.expires_at) > now
    )
    related = [
        a.id for a in session.exec(in_force) if str(old.id) in a.references or str(a.id) in old.references
    ]
    return [old.id, *related]
