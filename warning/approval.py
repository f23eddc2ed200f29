"""People's yes and no to a draft. Each press has one clear result, whoever else presses in the same moment.

Who must say yes is the alert's `approval`. A yes counts for the version its giver read (`seen`): when a draft changes, what
was said before is void and is asked for again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.when import clock_text
from warning.alert import Alert, AlertState, Approval, ApprovalPolicy, advance, approvals_needed
from warning.audited import audited
from warning.changed import changes_nothing
from warning.seen import seen_of
from warning.step import EXTREME, Next
from warning.words.facts import Kind

CHANGED = (
    "ร่างเปลี่ยนไปแล้วตั้งแต่ท่านเปิดหน้านี้ โปรดอ่านใหม่แล้วกดอีกครั้ง "
    "(the draft has changed since you opened this page: read it again, then press again)"
)


NOTHING_NEW = (
    "ร่างนี้ไม่มีอะไรใหม่สำหรับประชาชน ต้องเปลี่ยนระดับ พื้นที่ คำแนะนำ หรือเวลาน้ำถึงอย่างน้อย 1 ชั่วโมง แก้ไขร่างหรือปฏิเสธ "
    "(nothing is new for people: change the level, a place, the instruction or the arrival by an hour at least, or reject it)"
)


def approve(
    session: Session, alert_id: UUID, user_id: str, user_name: str, now: datetime, seen: str
) -> list[Next]:
    """One person's yes to the version they read. The same press again changes nothing.

    seen: `seen_of` the draft as it stood on their page.
    Raises NotAllowed when the alert no longer waits, has changed, has expired or follows what was replaced meanwhile, and
    when the same person must not say yes twice.
    """
    alert = _locked(session, alert_id)
    if alert.state is not AlertState.DRAFT:
        if alert.state in (AlertState.APPROVED, AlertState.ISSUED) and _said(session, alert, user_id):
            return []
        raise NotAllowed(_why_over(alert))
    if alert.expires_at <= now:
        raise NotAllowed(
            f"ร่าง {alert.number} หมดเวลาแล้ว ปฏิเสธแล้วร่างใหม่ (draft {alert.number} has expired: reject it and write anew)"
        )
    if alert.approval is ApprovalPolicy.TWO_PERSON and alert.drafted_by == user_id:
        raise NotAllowed("ผู้ร่างอนุมัติเองไม่ได้ ต้องเป็นอีกคนหนึ่ง (the author cannot approve: another person must)")
    if seen != seen_of(alert):
        raise NotAllowed(CHANGED)
    if other := replaced_by(session, alert):
        raise NotAllowed(
            f"ร่าง {alert.number} ส่งไม่ได้แล้ว เพราะ {other} แทนการเตือนเดิมไปก่อน ปฏิเสธแล้วร่างใหม่จาก {other} "
            f"(draft {alert.number} cannot go out: {other} has replaced what it follows. Reject it and draft from {other})"
        )
    if alert.kind == Kind.UPDATE and changes_nothing(alert, _replaces(session, alert), now):
        raise NotAllowed(NOTHING_NEW)
    yes = Approval(alert_id=alert.id, user_id=user_id, seen=seen, user_name=user_name, at=now)
    if not audited(session, yes):
        raise NotAllowed("ท่านอนุมัติไปแล้ว ต้องมีคนที่สอง (you have approved already: a second person must)")
    return ready(session, alert, now)


def reject(session: Session, alert_id: UUID, why: str, now: datetime, seen: str) -> None:
    """A draft is put away with its reason; so is an approved one that has not gone out. The same press again changes nothing.

    seen: as for `approve`, because what has grown warns places its reader has not read.
    Raises NotAllowed when it has been issued or changed, or no reason is given.
    """
    if not why.strip():
        raise NotAllowed("กรุณาบอกเหตุผลสั้น ๆ (please give a reason)")
    alert = _locked(session, alert_id)
    if alert.state is AlertState.REJECTED and alert.facts.get("rejected_why") == why.strip():
        return
    if alert.state not in (AlertState.DRAFT, AlertState.APPROVED):
        raise NotAllowed(_why_over(alert))
    if seen != seen_of(alert):
        raise NotAllowed(CHANGED)
    put_away(alert, why.strip(), now)


def put_away(alert: Alert, why: str, now: datetime) -> None:
    """The draft is rejected, and says why."""
    advance(alert, AlertState.REJECTED, now)
    alert.facts = alert.facts | {"rejected_why": why}


def ready(session: Session, alert: Alert, now: datetime) -> list[Next]:
    """Once enough people have agreed to it as it stands now, it is approved and goes on."""
    if len(agreed(session, alert)) < approvals_needed(alert):
        return []
    kept = session.get_one(Alert, alert.id)
    advance(kept, AlertState.APPROVED, now)
    session.flush()
    _put_rivals_away(session, kept, now)
    return [Next("issue", str(alert.id), EXTREME)]


def agreed(session: Session, alert: Alert) -> Sequence[Approval]:
    """Who has agreed to the alert as it stands now; a yes to an earlier version is no yes."""
    seen = seen_of(alert)
    return [yes for yes in approvals_of(session, alert.id) if yes.seen == seen]


def approvals_of(session: Session, alert_id: UUID) -> Sequence[Approval]:
    """Everybody's yes to any version, the oldest first."""
    return session.exec(
        select(Approval).where(Approval.alert_id == alert_id).order_by(col(Approval.at))
    ).all()


_REPLACED_BY = text(
    """
SELECT other.number FROM alert other WHERE other.id <> :me AND other.state NOT IN ('DRAFT', 'REJECTED')
AND EXISTS (SELECT 1 FROM json_array_elements_text(other."references") replaced WHERE replaced = ANY(:references))
ORDER BY other.changed_at DESC LIMIT 1
"""
)


def replaced_by(session: Session, alert: Alert) -> str | None:
    """The number of another alert, approved or gone out, that replaces what `alert` wants to replace; None: the way is free."""
    if not alert.references:
        return None
    found = session.execute(_REPLACED_BY, {"me": alert.id, "references": alert.references}).scalar()
    return str(found) if found else None


_SAME_REPLACED = text(
    'EXISTS (SELECT 1 FROM json_array_elements_text(alert."references") replaced WHERE replaced = ANY(:references))'
)


def _put_rivals_away(session: Session, alert: Alert, now: datetime) -> None:
    """Other drafts that would replace what this one replaces can never go out: they are put away, and say by whom.

    Only they are locked, and whoever else decides on one of them waits at what it replaces (`_locked`): to lock a draft of
    another alert here would make two who approve at once wait for each other.
    """
    if not alert.references:
        return
    rivals = select(Alert).where(
        Alert.state == AlertState.DRAFT, Alert.mode == alert.mode, _SAME_REPLACED.bindparams(references=alert.references)
    )  # fmt: skip
    for rival in session.exec(rivals.order_by(col(Alert.number)).with_for_update()).all():
        rival.facts = rival.facts | {"overtaken_by": {"id": str(alert.id), "number": alert.number}}
        put_away(rival, f"{alert.number} แทนการเตือนเดิมไปก่อน ({alert.number} was approved first)", now)


def _locked(session: Session, alert_id: UUID) -> Alert:
    """The alert, locked with what it replaces: of two that follow one alert only one can be approved.

    In the order of their numbers, as `draft` locks them, so that nobody waits in a circle.
    """
    replaces = session.exec(select(Alert.references).where(Alert.id == alert_id)).one()
    found = session.exec(
        select(Alert).where(col(Alert.id).in_([alert_id, *map(UUID, replaces)])).order_by(col(Alert.number))
        .with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip
    return next(alert for alert in found if alert.id == alert_id)


def _replaces(session: Session, alert: Alert) -> Sequence[Alert]:
    return session.exec(select(Alert).where(col(Alert.id).in_(list(map(UUID, alert.references))))).all()


def _said(session: Session, alert: Alert, user_id: str) -> bool:
    return any(yes.user_id == user_id for yes in agreed(session, alert))


def _why_over(alert: Alert) -> str:
    """Why nobody can decide on it any more, worded for who pressed too late."""
    number, at = alert.number, alert.issued_at
    match alert.state:
        case AlertState.APPROVED:
            return f"การเตือน {number} อนุมัติครบแล้ว กำลังส่ง (alert {number} is approved already and goes out now)"
        case AlertState.REJECTED:
            thai, _, english = str(alert.facts.get("rejected_why", "")).partition(" (")
            told = english.removesuffix(")") or thai
            return f"ร่าง {number} ถูกปฏิเสธไปแล้ว: {thai} (draft {number} was rejected already: {told})"
        case _:
            hour = clock_text(at) if at else ""
            return (
                f"การเตือน {number} ส่งไปแล้ว {hour} ถ้าต้องแก้หรือเลิก ให้ร่างการเตือนต่อเนื่อง "
                f"(alert {number} went out already {hour}: to change or end it, draft what follows)"
            )
