"""Places a warning no longer speaks to were told to be afraid, and nobody told them otherwise: an all-clear is drafted for them.

A person approves it, as any all-clear: that a danger is over is a person's word.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from geo.names import id_for
from warning.alert import Alert, AlertState
from warning.alert_places import villages_of
from warning.ends_for import with_ended
from warning.number import next_number
from warning.office import Office
from warning.seen import without_changes
from warning.words.facts import Kind
from warning.writing import write

_WARNS = (Kind.ALERT.value, Kind.UPDATE.value)
OPEN_FOR = timedelta(hours=3)  # how long the draft waits, and then its words stay in the feeds


def tell_dropped(
    session: Session, update: Alert, replaced: Sequence[Alert], now: datetime, office: Office
) -> Alert | None:
    """Draft the all-clear for the places of `replaced` that neither `update` nor another alert of this danger warns any more.

    None where no place is dropped, or where `update` ends the warning itself. now: aware UTC. Twice is once.
    """
    if update.kind != Kind.UPDATE or not replaced:
        return None
    others = session.exec(
        select(Alert).where(
            Alert.mode == update.mode, Alert.event == update.event, col(Alert.expires_at) > now,
            col(Alert.state).in_((AlertState.APPROVED, AlertState.ISSUED)), col(Alert.kind).in_(_WARNS),
        )
    ).all()  # fmt: skip
    warned = {code for alert in (update, *others) if alert not in replaced for code in villages_of(alert)}
    heard = dict.fromkeys(code for old in replaced for code in villages_of(old))
    dropped = [code for code in heard if code not in warned]
    if not dropped:
        return None
    tambons = list(dict.fromkeys(code[:6] for code in dropped))
    whole = not any(code[:6] in tambons for code in warned)
    old = next(alert for alert in replaced if set(alert.tambons) & set(tambons))
    draft = Alert(
        id=id_for("dropped", update.mode, update.id), mode=update.mode, number=next_number(session, office, now),
        identifier="", msg_type="Alert", kind=Kind.ALL_CLEAR.value, event=old.event, severity=old.severity, urgency="Past",
        certainty=old.certainty, response_type="AllClear", tambons=tambons,
        villages=[] if whole and not old.villages else dropped,
        facts={**without_changes(old.facts), "replaces": old.number}, rule=old.rule,
        approval=office.config.approval.policy_at("Severe", None, now), drafted_by=update.drafted_by, drafted_at=now,
        expires_at=now + OPEN_FOR, changed_at=now,
    )  # fmt: skip
    with_ended(draft, (one.id for one in replaced))
    write(session, draft, office)
    session.add(draft)
    session.flush()
    return draft
