"""When to look again: every source by its own timetable.

A tick only rings a bell; the queue keeps two processes from polling twice.

The wall's ticks come from APScheduler; under a simulated clock our own loop counts, because its time passes faster.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

Ring = Callable[[str], Awaitable[None]]


async def tick(every: Mapping[str, timedelta], ring: Ring, rate: float) -> None:
    """Call ring(name) at once and then every `every[name]` of the office's time, until cancelled.

    rate: how many seconds of the office's time pass in one of the wall.
    """
    for name in every:
        await ring(name)
    if rate == 1.0:
        await _by_scheduler(every, ring)
    else:
        await asyncio.gather(*(_by_loop(name, span / rate, ring) for name, span in every.items()))


async def _by_scheduler(every: Mapping[str, timedelta], ring: Ring) -> None:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # a worker has no clock

    scheduler = AsyncIOScheduler(timezone="UTC")
    for name, span in every.items():
        scheduler.add_job(
            ring, "interval", args=[name], seconds=span.total_seconds(), jitter=int(span.total_seconds() * 0.05) or None,
            misfire_grace_time=None, coalesce=True, max_instances=1,
        )  # fmt: skip
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)


async def _by_loop(name: str, span: timedelta, ring: Ring) -> None:
    while True:
        await asyncio.sleep(span.total_seconds())
        await ring(name)
