"""The pages of an office for the benches: one uvicorn process on a given database.

python -m bench.page_server DATABASE_URL KEYFILE PORT
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from bench.office import make_office
from geo.sealed import Keyring
from warning.running import serve_web, stop_on_signals
from warning.store.database import Database
from warning.web.app import make_app


async def pages(url: str, keyfile: str, port: str) -> None:
    office = make_office(Database.connect(url), Keyring.load(Path(keyfile)), "http://127.0.0.1:9", 1)
    stop = asyncio.Event()
    app: Any = make_app(office)
    with stop_on_signals(stop):
        print("ready", flush=True)
        await serve_web(app, "127.0.0.1", int(port), stop)


if __name__ == "__main__":
    asyncio.run(pages(*sys.argv[1:]))
