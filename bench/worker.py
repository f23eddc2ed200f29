"""One worker process of the benches: the real worker on a given database, with the bench carrier.

python -m bench.worker DATABASE_URL PROVIDER KEYFILE NAME CONCURRENCY [with-rule]
"""

import asyncio
import sys
from pathlib import Path

from bench.office import make_office
from geo.sealed import Keyring
from warning.rule import Rule
from warning.running import at_work, stop_on_signals
from warning.store.database import Database


async def work(
    url: str, provider: str, keyfile: str, name: str, concurrency: str, with_rule: str = ""
) -> None:
    rules: tuple[Rule, ...] = ()
    if with_rule:
        from bench.first_send import the_rule

        rules = (the_rule(),)
    office = make_office(
        Database.connect(url), Keyring.load(Path(keyfile)), provider, int(concurrency), rules
    )
    stop = asyncio.Event()
    with stop_on_signals(stop):
        async with at_work(office, clock=False, name=name):
            await asyncio.sleep(0.5)
            print("ready", flush=True)
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
