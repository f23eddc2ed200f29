"""A clock that goes back: what waits for a time of its own would wait as much longer."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from warning.audit import record

# What was to wait for seconds is asked for again at once; a later rung of the ladder waits its whole time anew. Each process that
# notices the step does so, and nothing is sent twice for it. Who is rung in turn waits for no time but for the turn: such a
# segment is due when its alert ends (`chain`), and brought forward it would ring a whole village's contacts at once.
_WENT_BACK = text(
    "UPDATE segment SET due_at = LEAST(due_at, CAST(:now AS timestamptz) + rung * CAST(:wait AS interval)) "
    "WHERE state = 'WAITING' AND due_at > :now AND due_at < expires_at"
)
_RUNG_AGAIN = text(
    "UPDATE chain_call SET due_at = LEAST(due_at, CAST(:now AS timestamptz) + CAST(:again AS interval)) "
    "WHERE state = 'WAITING' AND due_at > :now"
)
# A call that is on, or whose maker died: it is given up as long after the step as after its beginning.
_RINGING = text("UPDATE chain_call SET changed_at = :now WHERE state = 'RINGING' AND changed_at > :now")
A_STEP_BACK = timedelta(seconds=2)  # less is a clock being put right


class LastLook:
    """When this process last looked round, by its own clock."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def back_by(self, now: datetime) -> timedelta:
        """How far the clock went back since it was asked before; zero where it went on."""
        last, self._last = self._last, now
        return max(timedelta(), last - now) if last else timedelta()


def mend(session: Session, back: timedelta, now: datetime, *, wait: timedelta, again: timedelta) -> None:
    """Whom a clock that went back by `back` would keep waiting is due as soon as before. wait: between two rungs of the ladder;
    again: between two calls to one person of a chain."""
    if back <= A_STEP_BACK:
        return
    session.execute(_WENT_BACK, {"now": now, "wait": wait})
    session.execute(_RUNG_AGAIN, {"now": now, "again": again})
    session.execute(_RINGING, {"now": now})
    record(session, "clock.back", "office", "clock", {"seconds": int(back.total_seconds())}, now)
