"""Who has answered an alert by one way is not woken by another that was still queued.

Only of a carrier that cannot refuse a repeat: one that does is asked again with the same key and the same people, or the key
would mean two things; and of its claims the last second may be forgotten in a crash (`claim.lazily`), so that a first
attempt need not be the first.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from warning.delivery import Segment
from warning.expand import Row

# A column of the claim: one look at an index of replies, of which most alerts have none while half a million are told.
ANYBODY = "EXISTS (SELECT 1 FROM reply r WHERE r.alert_id = s.alert_id)"
_ANSWERED = text(
    "UPDATE delivery d SET state = :state, why = :why, changed_at = :now WHERE d.segment_id = :segment "
    "AND (d.state IS NULL OR d.state IN ('planned', 'try_later')) AND EXISTS (SELECT 1 FROM reply r "
    "WHERE r.alert_id = :alert AND r.village_code = d.village_code AND r.household_id = d.household_id "
    "AND r.answer <> 'no_answer') RETURNING d.id"
)


def without_answered(session: Session, segment: Segment, rows: Sequence[Row], now: datetime) -> list[Row]:
    """The rows of a claimed segment of residents whose home has not answered its alert.

    Rows left out become `suppressed`; `unknown` where the carrier was asked before and may have them. now: aware UTC.
    """
    asked_before = segment.attempts > 1  # this claim is counted already
    about = {
        "segment": segment.id, "alert": segment.alert_id, "now": now,
        "state": "unknown" if asked_before else "suppressed",
        "why": "ตอบแล้วทางอื่น อาจส่งไปแล้ว (answered by other means; may have been sent)" if asked_before
        else "ตอบแล้วทางอื่น (answered by other means)",
    }  # fmt: skip
    answered = {found for (found,) in session.execute(_ANSWERED, about)}
    return [row for row in rows if row.id not in answered]
