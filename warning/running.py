"""The office at work: worker, ticks, carriers' connections and web pages, started together and stopped together.

Each part may run in a process of its own (`raksa web | clock | worker`), on as many machines as there are: they meet in
PostgreSQL only.
"""

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Any

import aiohttp

from warning.carriers import connected
from warning.engine.app import defer, ring_again
from warning.engine.ticks import tick
from warning.engine.worker import Worker
from warning.fault import known
from warning.office import Office
from warning.pipeline import run_step
from warning.receive import receive
from warning.step import ONE_OF_ITS_KIND, Next
from warning.sweep import sweep
from warning.tower_testing import keep_testing
from warning.words_tried import keep_trying

THREADS = 32
log = logging.getLogger(__name__)


@asynccontextmanager
async def at_work(
    office: Office, *, worker: bool = True, clock: bool = True, name: str = "raksa"
) -> AsyncIterator[None]:
    """Worker, sweep, ticks and carriers run inside this context and are gone after it."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="step"))
    async with AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []
        if worker:
            _suit_many_threads()
            net = await stack.enter_async_context(
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=30), connector=aiohttp.TCPConnector(limit=0)
                )
            )
            await stack.enter_async_context(
                connected(office, net, lambda channel, item: take_in(office, channel, [item], "tower"))
            )
            engine = Worker(
                office.database.conninfo,
                lambda step, work, job: run_step(office, step, work, job),
                lambda lost: asyncio.to_thread(_sweep, office, lost),
                name=name,
                concurrency=office.config.engine.concurrency,
            )
            tasks.append(asyncio.create_task(engine.run()))
            tasks.append(asyncio.create_task(keep_testing(office), name="self-tests"))
            tasks.append(asyncio.create_task(keep_trying(office), name="words tried"))
        if clock:
            every = {s.name: s.every for s in office.config.sources if s.on}
            tasks.append(
                asyncio.create_task(tick(every, lambda source: ring(office, source), office.clock.rate))
            )
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError, Exception):
                    await task


def _suit_many_threads() -> None:
    """The carriers' loop must not wait 5 ms whenever a step's thread is busy; and what is loaded by now stays for ever,
    so it is not searched for rubbish each time a batch of 500 recipients has been made."""
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _sweep(office: Office, lost: list[int]) -> None:
    """Faults noted by another process, or before a restart, are known here too, so that whoever succeeds clears them."""
    with office.database.session() as session:
        ring_again(session, lost)
    sweep(office)
    with office.database.session() as session:
        office.faults.update(known(session))


async def ring(office: Office, source: str) -> None:
    """Wake the step that asks one source. A database that is away is no reason to stop ticking."""
    try:
        await asyncio.to_thread(wake, office, Next("observe", source, ONE_OF_ITS_KIND))
    except Exception as error:
        log.warning("tick of %s could not be queued: %s", source, type(error).__name__)


def wake(office: Office, *wake_ups: Next) -> None:
    with office.database.session() as session:
        defer(session, wake_ups)


def take_in(office: Office, channel: str, items: Any, via: str) -> None:
    """Write down what a carrier or a page brought, and wake who must know."""
    with office.database.session() as session:
        defer(session, receive(session, channel, items, office.clock.now(), office, via))


async def serve_web(app: Any, host: str, port: int, stop: asyncio.Event) -> None:
    """Serve pages until `stop` is set."""
    import uvicorn  # a worker serves no pages

    settings = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=2,
        access_log=False,
    )
    server = uvicorn.Server(settings)
    # Without its own signals: it would raise them again after its shutdown, before ours.
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    stopping.cancel()


@contextmanager
def stop_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM set `stop`; everything is then put away in order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def free_port(host: str, wanted: int, tries: int = 50) -> int:
    """`wanted`, or the next port nobody uses. Raises OSError when none of `tries` is free."""
    for port in range(wanted, wanted + tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {wanted} and {wanted + tries}")
