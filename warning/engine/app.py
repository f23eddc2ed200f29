"""procrastinate carries wake-ups, and only those: a job says "look at this row now" and nothing else.

Two Apps, because one given a sync connection cannot also be opened async: `_defer` is never opened and writes on the row's
own connection; the worker's App is made by `worker_app`. Docs of what was tried: docs/decisions/0003-engine.md.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import text
from sqlmodel import Session

from warning.step import Next

TASK = "raksa.step"
QUEUE = "steps"

_defer = App(connector=SyncPsycopgConnector(conninfo=""))


def lock_of(wake_up: Next) -> str:
    return f"{wake_up.step}:{wake_up.work}"


def defer(session: Session, wake_ups: Iterable[Next]) -> int:
    """Wake up the steps in the session's own transaction: row and job commit together, or neither.

    A wake-up that already waits in the queue is left as it is. Returns how many jobs were made.
    """
    wanted = {lock_of(n): n for n in wake_ups}
    if not wanted:
        return 0
    waiting = session.execute(
        text(
            "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(:locks)"
        ),
        {"locks": list(wanted)},
    ).scalars()
    for lock in waiting:
        wanted.pop(lock, None)
    deferrer = _defer.configure_task(
        TASK, connection=session.connection().connection.driver_connection, queue=QUEUE
    )
    jobs = [
        deferrer.job.evolve(
            priority=n.priority, queueing_lock=lock, task_kwargs={"step": n.step, "work": n.work}
        )
        for lock, n in wanted.items()
    ]
    return _put(session, deferrer.job_manager, jobs, deferrer.connection)


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


def _put(session: Session, manager: JobManager, jobs: list[Job], connection: Any) -> int:
    """All at once; where another transaction was quicker with one of them, one by one without it."""
    if not jobs:
        return 0
    try:
        with session.begin_nested():
            session.connection()  # the savepoint is set only when the nested transaction first asks for it
            manager.batch_defer_jobs(jobs, connection=connection)
        return len(jobs)
    except AlreadyEnqueued:
        if len(jobs) == 1:
            return 0
        return sum(_put(session, manager, [job], connection) for job in jobs)


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
