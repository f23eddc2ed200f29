"""procrastinate carries wake-ups, and only those: a job says "look at this row now" and nothing else.

Jobs are made by one statement of ours on the row's own connection; the worker's App is made by `worker_app`. Docs of what was
tried: docs/decisions/0003-engine.md.
"""

import json
from collections.abc import Iterable, Sequence

from procrastinate import App, PsycopgConnector
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import text
from sqlmodel import Session

from warning.step import Next

TASK = "raksa.step"
QUEUE = "steps"

# procrastinate's own way fails as a whole on a wake-up that waits already: a question before and a savepoint around it were
# four round trips where this is one. Its table and its unique index are held to by tests/warning/test_engine.py.
_DEFER = text(
    """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)
SELECT :queue, :task, w.priority, w.lock, w.args
FROM unnest(CAST(:priorities AS int[]), CAST(:locks AS text[]), CAST(:args AS jsonb[]))
     WITH ORDINALITY AS w(priority, lock, args, nth) ORDER BY w.nth
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
RETURNING id
"""
)


def lock_of(wake_up: Next) -> str:
    return f"{wake_up.step}:{wake_up.work}"


def defer(session: Session, wake_ups: Iterable[Next]) -> int:
    """Wake up the steps in the session's own transaction: row and job commit together, or neither.

    A wake-up that already waits in the queue is left as it is. Returns how many jobs were made.
    """
    wanted = {lock_of(n): n for n in wake_ups}
    if not wanted:
        return 0
    made = session.execute(
        _DEFER,
        {"queue": QUEUE, "task": TASK, "locks": list(wanted), "priorities": [n.priority for n in wanted.values()],
         "args": [json.dumps({"step": n.step, "work": n.work}) for n in wanted.values()]},
    )  # fmt: skip
    return len(made.all())


def ring_again(session: Session, lost: Sequence[int]) -> int:
    """Wake-ups that nothing runs any more, under new numbers: who still believes to run an old one finds it gone, and a
    segment that was taken by it is taken back. Returns how many."""
    if not lost:
        return 0
    rows = session.execute(
        text(
            "DELETE FROM procrastinate_jobs WHERE id = ANY(:lost) AND status = 'doing' "
            "RETURNING args->>'step', args->>'work', priority"
        ),
        {"lost": list(lost)},
    ).all()
    return defer(session, [Next(*row) for row in rows])


def _lazily(conninfo: str) -> str:
    given = conninfo_to_dict(conninfo).get("options") or ""
    return make_conninfo(conninfo, options=f"{given} -c synchronous_commit=off".strip())


def worker_app(conninfo: str, concurrency: int) -> App:
    """An App that can be opened async. The pool gives up soon, so that a database that is back is noticed.

    Taking and ending a wake-up waits for no disk: what a power cut takes back is rung again, and every step bears that.
    """
    return App(
        connector=PsycopgConnector(
            conninfo=_lazily(conninfo),
            min_size=2,
            max_size=max(4, concurrency // 4),
            timeout=3,
            reconnect_timeout=2,
        )
    )
