"""The whole of Raksa in one process, as `raksa run` starts it: its own database server, worker, clock, pages.

python -m tests.warning.crash_whole VAR_FOLDER BOOK_URL KEYFILE DEDUPES CONCURRENCY PORT
"""

import asyncio
import sys
from pathlib import Path

from geo.sealed import Keyring
from tests.warning.crash_worker import crash_office
from warning.running import at_work, serve_web, stop_on_signals
from warning.store.database import Database
from warning.store.embedded import EmbeddedPostgres
from warning.web.app import make_app


async def work(var: str, book: str, keyfile: str, dedupes: str, concurrency: str, port: str) -> None:
    server = EmbeddedPostgres(Path(var))
    office = crash_office(
        Database.connect(server.url), Keyring.load(Path(keyfile)), book, dedupes == "True", int(concurrency)
    )
    stop = asyncio.Event()
    with stop_on_signals(stop):
        async with at_work(office, name="whole"):
            await serve_web(make_app(office), "127.0.0.1", int(port), stop)
    office.database.close()
    server.stop()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
