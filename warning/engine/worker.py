"""One worker: takes wake-ups from the queue, runs their steps, and sweeps for what nobody was woken up for.

It outlives its database: when that goes away the worker opens anew until it is back. A job of a worker that died is taken
back after `DEAD_AFTER_S`. Times in this file are the wall's, because dead processes and databases live there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from procrastinate import App, JobContext
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from warning.engine.app import QUEUE, TASK, worker_app

HEARTBEAT_S = 1.0
DEAD_AFTER_S = 4.0
SWEEP_S = 1.0
REOPEN_AFTER_S = 1.0

RunStep = Callable[[str, str, int], Awaitable[None]]
Sweep = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class Worker:
    """run_step(step, work, job) runs one step; `job` is the number of the wake-up, kept when a dead worker's is taken back.
    sweep() wakes whatever is overdue. Neither may raise what is not a bug or a lost database: the engine logs it once, and
    the row stays due."""

    def __init__(
        self, conninfo: str, run_step: RunStep, sweep: Sweep, *, name: str, concurrency: int = 32
    ) -> None:
        self._conninfo = conninfo
        self._run_step = run_step
        self._sweep = sweep
        self._name = name
        self._concurrency = concurrency

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            app = self._app()
            try:
                async with app.open_async():
                    sweeping = asyncio.create_task(self._sweep_for_ever(app))
                    try:
                        await app.run_worker_async(
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
                    finally:
                        sweeping.cancel()
                        with suppress(asyncio.CancelledError, Exception):
                            await sweeping
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("the worker lost its database and opens it again: %s", type(error).__name__)
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
            await self._run_step(step, work, context.job.id or 0)

        app.task(name=TASK, queue=QUEUE, pass_context=True)(step_task)
        return app

    async def _sweep_for_ever(self, app: App) -> None:
        while True:
            try:
                await take_back(app)
                await self._sweep()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("a sweep failed and will be tried again: %s: %s", type(error).__name__, error)
            await asyncio.sleep(SWEEP_S)


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
