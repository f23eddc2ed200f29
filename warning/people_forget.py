"""What strangers wrote, and lists nobody confirmed, are forgotten in time (`retention.people`); that they wrote is kept.

The words of an answer, a caller's number and the note about them go; the answer itself, its hour and its village stay for ever, since
coverage and relief rest on them. The registry is not touched: people stay in it until they ask, or leave it.
"""

from datetime import datetime

from sqlalchemy import or_, text
from sqlmodel import Session, col, select

from warning.caller import CallerState, UnknownCaller
from warning.delivery import ReplyRow
from warning.office import Office
from warning.people_upload import forget_old
from warning.step import Next

AT_ONCE = 500  # each is an entry of the trail
OVERDUE = (
    "SELECT 'old', 0 WHERE EXISTS (SELECT 1 FROM reply WHERE text_sealed IS NOT NULL AND received_at < :people_before) "
    "OR EXISTS (SELECT 1 FROM unknown_caller WHERE state <> 'OPEN' AND last_at < :people_before "
    "AND (address_sealed IS NOT NULL OR note_sealed IS NOT NULL OR hash <> '')) "
    "OR EXISTS (SELECT 1 FROM people_upload WHERE uploaded_at < CAST(:now AS timestamptz) - interval '24 hours')"
)


def forget_people(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Wipe a batch; the sweep comes again while anything is left. A caller who still waits is never forgotten. work: not used."""
    before = now - office.config.retention.people
    old_words = select(ReplyRow).where(
        col(ReplyRow.text_sealed).is_not(None), col(ReplyRow.received_at) < before
    )
    for reply in session.exec(old_words.order_by(col(ReplyRow.received_at)).limit(AT_ONCE).with_for_update()):
        reply.text_sealed = None
    old_callers = select(UnknownCaller).where(
        UnknownCaller.state != CallerState.OPEN, col(UnknownCaller.last_at) < before,
        or_(col(UnknownCaller.address_sealed).is_not(None), col(UnknownCaller.note_sealed).is_not(None), text("hash <> ''")),
    )  # fmt: skip
    for caller in session.exec(
        old_callers.order_by(col(UnknownCaller.last_at)).limit(AT_ONCE).with_for_update()
    ):
        caller.address_sealed, caller.note_sealed, caller.hash, caller.tail = None, None, "", ""
        caller.changed_at = now
    forget_old(session, now)
    return []
