"""The pages of an office for the benches: one uvicorn process on a given database.

python -m bench.page_server DATABASE_URL KEYFILE PORT [SECRET of an SMS carrier's webhook]
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from bench.office import make_office
from channels.sms_http import SmsHttp
from geo.sealed import Keyring
from warning.running import serve_web, stop_on_signals
from warning.store.database import Database
from warning.web.app import make_app


async def pages(url: str, keyfile: str, port: str, secret: str = "") -> None:
    office = make_office(Database.connect(url), Keyring.load(Path(keyfile)), "http://127.0.0.1:9", 1)
    if secret:
        office.config.channels = (SmsHttp(kind="sms_http", name="sms", url="http://127.0.0.1:9", token="-",  # type: ignore[misc, arg-type]
                                          callback_secret=secret, sender="BENCH", simulated=True),)  # type: ignore[arg-type]  # fmt: skip
    stop = asyncio.Event()
    app: Any = make_app(office)
    with stop_on_signals(stop):
        print("ready", flush=True)
        await serve_web(app, "127.0.0.1", int(port), stop)


if __name__ == "__main__":
    asyncio.run(pages(*sys.argv[1:]))
