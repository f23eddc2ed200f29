"""A worker process of the crash tests: the real worker, with a carrier that talks to the book of `tests/warning/test_crash.py`.

python -m tests.warning.crash_worker DATABASE_URL BOOK_URL KEYFILE DEDUPES CONCURRENCY
"""

import asyncio
import sys
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


async def work(url: str, book: str, keyfile: str, dedupes: str, concurrency: str) -> None:
    keyring = Keyring.load(Path(keyfile))
    office = crash_office(Database.connect(url), keyring, book, dedupes == "True", int(concurrency))
    stop = asyncio.Event()
    with stop_on_signals(stop):
        async with at_work(office, clock=False, name=f"crash-{sys.argv[0]}"):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
