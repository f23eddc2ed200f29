"""What a troubled night does to the office's own rows: an alert issued, a look at what moves, a last count and its verdict."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from geo.gazetteer import gazetteer
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode
from warning.audited import audited
from warning.cover import cover
from warning.number import next_number
from warning.office import Office
from warning.running import wake
from warning.step import EXTREME, Next
from warning.trouble.verdict import verdict
from warning.world.world import World
from warning.writing import write


def issue(office: Office, severity: str) -> UUID:
    """An alert for the whole province, approved, on its way through the steps as any other."""
    now = office.clock.now()
    with office.database.session() as session:
        alert = Alert(
            id=uuid4(), mode=Mode.EXERCISE, number=next_number(session, office, now), identifier="", msg_type="Alert", kind="alert",
            event="river_overflow", severity=severity, urgency="Immediate", certainty="Observed", response_type="Evacuate",
            tambons=sorted(gazetteer().tambons), approval=ApprovalPolicy.NONE, drafted_at=now, changed_at=now,
            expires_at=now + timedelta(hours=12), state=AlertState.APPROVED,
        )  # fmt: skip
        write(session, alert, office)
        audited(session, alert)
        alert_id = alert.id
    wake(office, Next("issue", str(alert_id), EXTREME))
    return alert_id


_LOOK = text(
    "SELECT (SELECT count(*) FROM segment), (SELECT count(*) FROM segment WHERE state = 'SENT'), (SELECT count(*) FROM receipt), "
    "(SELECT count(*) FROM reply), (SELECT count(*) FROM segment WHERE state IN ('WAITING', 'SENDING')), "
    "(SELECT count(*) FROM alert WHERE state = 'APPROVED')"
)


def look(office: Office) -> tuple[str, int]:
    """What has moved so far as one text, and how much still waits."""
    with office.database.session() as session:
        made, sent, receipts, replies, waiting, unissued = session.execute(_LOOK).one()
    return f"{made} {sent} {receipts} {replies}", waiting + unissued + (1 if made == 0 else 0)


def judged(office: Office, world: World, alert_id: UUID) -> dict[str, Any]:
    """A fresh count, and the ledger beside the world's book."""
    with office.database.session() as session:
        cover(session, str(alert_id), office.clock.now(), office)
    with office.database.session() as session:
        return verdict(session, office, world, alert_id)


_WAITING = text(
    "SELECT channel, lower(state::text), count(*), min(why) FROM segment WHERE state IN ('WAITING', 'SENDING') "
    "GROUP BY 1, 2 ORDER BY 1, 2"
)


def waiting(office: Office) -> list[str]:
    """What has not gone out, a line a channel and state, with one of its reasons."""
    with office.database.session() as session:
        return [
            f"{channel}: {n} segments {state} ({why})" for channel, state, n, why in session.execute(_WAITING)
        ]
