"""A draft that a person wrote is changed by a person before anybody approves it: places, level, hours, shelter, its end.

Words are made from facts (`writing`), so facts are what is changed. A rule's draft is the rule's: it grows by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from geo.errors import NotAllowed
from warning.alert import BY_RULE, Alert, AlertState
from warning.approval import CHANGED
from warning.office import Office
from warning.seen import remember_change, seen_of
from warning.words.facts import ENDING
from warning.writing import write


@dataclass(frozen=True)
class Wanted:
    """What the draft shall say. `expires_at`, `water_by`: aware. `shelter`: empty when not known; the rest as in `Alert`."""

    expires_at: datetime
    severity: str
    urgency: str
    response_type: str
    tambons: Sequence[str]
    water_by: datetime | None
    shelter: str
    shelter_open: bool


def may_be_revised(alert: Alert) -> bool:
    return alert.state is AlertState.DRAFT and alert.drafted_by != BY_RULE


def revise(
    session: Session, alert_id: UUID, wanted: Wanted, by: str, now: datetime, office: Office, seen: str
) -> Alert:
    """The draft with what is wanted, its words written anew; every yes said before is void, and `by` has written it.

    Of what ends something (cancel, all-clear, correction) only the end of its own validity changes: the rest is what it ends.
    seen: `seen_of` the draft as it stood on the form. Raises NotAllowed when it changed since, no longer waits, is a rule's,
    has ended, or its words cannot be written.
    """
    alert = session.get_one(Alert, alert_id, with_for_update=True, populate_existing=True)
    if not may_be_revised(alert):
        raise NotAllowed(
            f"แก้ไขการเตือน {alert.number} ไม่ได้แล้ว (alert {alert.number} can no longer be changed)"
        )
    before = seen_of(alert)
    if seen != before:
        raise NotAllowed(CHANGED)
    alert.expires_at = wanted.expires_at
    if alert.kind not in ENDING:
        alert.severity, alert.urgency, alert.response_type = (
            wanted.severity,
            wanted.urgency,
            wanted.response_type,
        )
        alert.tambons, alert.water_by = sorted(set(wanted.tambons)), wanted.water_by
        alert.villages = [code for code in alert.villages if code[:6] in alert.tambons]
        known = alert.facts.get("shelter_en") if wanted.shelter == alert.facts.get("shelter_th") else None
        alert.facts = {name: fact for name, fact in alert.facts.items() if not name.startswith("shelter")}
        if wanted.shelter:
            alert.facts = alert.facts | {
                "shelter_th": wanted.shelter, "shelter_en": known or wanted.shelter, "shelter_open": wanted.shelter_open,
            }  # fmt: skip
        alert.approval = office.config.approval.policy_at(alert.severity, alert.water_by, now)
    write(session, alert, office)
    if seen_of(alert) == before:
        return alert
    alert.drafted_by, alert.changed_at = by, now
    remember_change(alert, before, (), now)
    return alert
