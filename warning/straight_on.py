"""What follows at once: the worker that made a wake-up of the hot line runs it itself, and its own bell walks along.

The bell is the wake-up's row in the queue: in the step's own transaction it is rewritten to say the next step. So row and
bell commit together as ever; a worker that dies leaves a bell that says exactly what is left to do. One that was thought dead
goes no further once its bell waits in the queue or is gone; should another run it already, both do, and each step bears that.
"""

import json
from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

from warning.engine.app import lock_of
from warning.step import Next

# From a reading to the first call. Of everything else a worker may have thousands, which is what the queue is for.
HOT = frozenset(
    {"assess", "draft", "issue", "address_contacts", "address_vulnerable", "address_residents", "deliver"}
)

SEEN_OUTSIDE = frozenset({"address_contacts", "deliver"})  # after these an alert is issued, a call is made

# Between two steps the disk is not waited for: should the database's machine lose its power, rows and bell are back where
# they stood, together. The last commit before anything is seen outside the house is waited for, and takes all before it along:
# a number once published is not given again, and who is called is known.
_WALK = text(
    """
UPDATE procrastinate_jobs SET args = CAST(:args AS jsonb), queueing_lock = :lock, priority = :priority
FROM (SELECT CASE WHEN :inside THEN set_config('synchronous_commit', 'off', true) END) AS lazily
WHERE id = :job AND status = 'doing' RETURNING id
"""
)


def straight_on(session: Session, job: int, wake_ups: Sequence[Next]) -> tuple[Next | None, list[Next]]:
    """The wake-up to run at once, or None, and those for the queue. job: the number of the wake-up being run."""
    hot = [wake_up for wake_up in wake_ups if wake_up.step in HOT]
    if not hot:
        return None, list(wake_ups)
    first = max(hot, key=lambda wake_up: wake_up.priority)  # the first of the most urgent
    walked = session.execute(
        _WALK,
        {"args": json.dumps({"step": first.step, "work": first.work}), "lock": lock_of(first),
         "priority": first.priority, "job": job, "inside": first.step not in SEEN_OUTSIDE},
    )  # fmt: skip
    if walked.first() is None:
        return None, list(wake_ups)
    return first, [wake_up for wake_up in wake_ups if wake_up is not first]
