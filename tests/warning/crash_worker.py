"""A worker process of the crash tests: the real worker, with a carrier that talks to the book of `tests/warning/test_crash.py`.

A process of its own each, but born of one that has read the code already: to read it anew a hundred times takes longer than a night.
"""

import asyncio
import multiprocessing
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import ClassVar

from bench.carrier import Carrier
from bench.office import make_office
from geo.sealed import Keyring
from warning.office import Office
from warning.running import at_work, stop_on_signals
from warning.store.database import Database

BATCH = 50


class Small(Carrier):
    """Fifty a call, so that there are many calls to die in."""

    batch: ClassVar[int] = BATCH


class SmallForgetful(Small):
    """A provider that takes a repeat for a new message."""

    dedupes: ClassVar[bool] = False


def crash_office(database: Database, keyring: Keyring, book: str, dedupes: bool, concurrency: int) -> Office:
    office = make_office(database, keyring, book, concurrency)
    kind = Small if dedupes else SmallForgetful
    carrier = kind(kind="carrier", name="carrier", url=book, simulated=True, rate_per_s=1e6)
    office.config.channels = (carrier,)
    return office


def start(url: str, book: str, keyfile: Path, *, dedupes: bool, concurrency: int) -> BaseProcess:
    """A new worker, killed with the tests at the latest."""
    born = multiprocessing.get_context("forkserver")
    born.set_forkserver_preload([__name__])
    process = born.Process(target=_run, args=(url, book, keyfile, dedupes, concurrency), daemon=True)
    process.start()
    return process


def _run(url: str, book: str, keyfile: Path, dedupes: bool, concurrency: int) -> None:
    asyncio.run(_work(crash_office(Database.connect(url), Keyring.load(keyfile), book, dedupes, concurrency)))


async def _work(office: Office) -> None:
    stop = asyncio.Event()
    with stop_on_signals(stop):
        async with at_work(office, clock=False, name="crash"):
            await stop.wait()
