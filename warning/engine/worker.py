"""One worker: takes wake-ups from the queue, runs their steps, and sweeps for what nobody was woken up for.

It outlives its database: when that goes away the worker opens anew until it is back. A job is taken back after
`DEAD_AFTER_S`, be its worker dead or be it this one's own, fetched or ended in the very moment its connection was lost.
Times in this file are the wall's, because dead processes and databases live there.
"""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from procrastinate import App, JobContext, worker
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from warning.engine.app import QUEUE, TASK, worker_app

HEARTBEAT_S = 1.0
DEAD_AFTER_S = 4.0
SWEEP_S = 1.0
REOPEN_AFTER_S = 1.0

RunStep = Callable[[str, str, int], Awaitable[None]]
Sweep = Callable[[list[int]], Awaitable[None]]

log = logging.getLogger(__name__)


class _Engine(worker.Worker):
    """procrastinate's worker stops when a side task of it fails (heartbeat, listener), but looks only until the first of
    them ends, and the deferrer of periodic tasks ends at once where there are none: its heart could stop unseen."""

    async def _periodic_deferrer(self) -> None:
        await asyncio.Event().wait()


class Worker:
    """run_step(step, work, job) runs one step; `job` is the number of the wake-up, kept when a dead worker's is taken back.
    sweep(lost) wakes whatever is overdue; `lost` are wake-ups the queue believes to be at work here though nothing runs
    them. Neither may raise what is not a bug or a lost database: the engine logs it once, and the row stays due."""

    def __init__(
        self, conninfo: str, run_step: RunStep, sweep: Sweep, *, name: str, concurrency: int = 32
    ) -> None:
        self._conninfo = conninfo
        self._run_step = run_step
        self._sweep = sweep
        self._name = name
        self._concurrency = concurrency
        self._running: set[int] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            app = self._app()
            try:
                async with app.open_async():
                    engine = _Engine(
                        app,
                        queues=[QUEUE],
                        name=self._name,
                        concurrency=self._concurrency,
                        wait=True,
                        fetch_job_polling_interval=1.0,
                        update_heartbeat_interval=HEARTBEAT_S,
                        stalled_worker_timeout=DEAD_AFTER_S,
                        shutdown_graceful_timeout=3.0,
                        delete_jobs="always",
                        install_signal_handlers=False,
                    )
                    sweeping = asyncio.create_task(self._sweep_for_ever(app, engine))
                    try:
                        await engine.run()  # type: ignore[no-untyped-call]
                    finally:
                        sweeping.cancel()
                        with suppress(asyncio.CancelledError, Exception):
                            await sweeping
                log.warning("the worker stopped and opens its database again")
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning(
                    "the worker lost its database and opens it again: %s: %s", type(error).__name__, error
                )
            stop_if_cancelled()
            gc.collect()  # a connection half made, kept by a dead task's traceback, keeps a server from going down for 60 s
            await asyncio.sleep(REOPEN_AFTER_S)

    async def drain(self) -> None:
        """Run what waits in the queue, then return: for tests and simulations."""
        app = self._app()
        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE],
                wait=False,
                listen_notify=False,
                install_signal_handlers=False,
                concurrency=1,
                delete_jobs="always",
            )

    def _app(self) -> App:
        app = worker_app(self._conninfo, self._concurrency)

        async def step_task(context: JobContext, step: str, work: str) -> None:
            job = context.job.id or 0
            self._running.add(job)
            try:
                await self._run_step(step, work, job)
            finally:
                self._running.discard(job)

        app.task(name=TASK, queue=QUEUE, pass_context=True)(step_task)
        return app

    async def _sweep_for_ever(self, app: App, engine: worker.Worker) -> None:
        missed = Missed()
        while True:
            try:
                await take_back(app)
                held = await held_by(app, engine.worker_id)
                await self._sweep(missed.since(held - self._running, asyncio.get_running_loop().time()))
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("a sweep failed and will be tried again: %s: %s", type(error).__name__, error)
            stop_if_cancelled()
            await asyncio.sleep(SWEEP_S)


def stop_if_cancelled() -> None:
    """A cancellation that meets a dying connection comes out of psycopg as OperationalError, or not at all: who goes on then,
    goes on for ever, and whoever cancelled waits for ever. So a loop asks on every round, not only when something failed."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Missed:
    """Which numbers have been missing for `DEAD_AFTER_S` without a break: a job just fetched, or just ended, is not lost."""

    def __init__(self) -> None:
        self._first: dict[int, float] = {}

    def since(self, numbers: Iterable[int], now_s: float) -> list[int]:
        self._first = {n: self._first.get(n, now_s) for n in numbers}
        return [n for n, first_s in self._first.items() if now_s - first_s >= DEAD_AFTER_S]


async def held_by(app: App, worker_id: int | None) -> set[int]:
    """Numbers of the jobs the queue believes to be at work in this worker."""
    rows = await app.connector.execute_query_all_async(
        "SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %(worker)s",
        worker=worker_id,
    )
    return {row["id"] for row in rows}


async def take_back(app: App) -> int:
    """Jobs of workers that stopped breathing go back into the queue. Returns how many."""
    taken = 0
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
        try:
            await app.job_manager.retry_job(job)
            taken += 1
        except UniqueViolation:  # its twin waits already: this one is done with
            if job.id is not None:
                await app.job_manager.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=True)
    return taken
