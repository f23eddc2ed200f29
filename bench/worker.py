"""One worker process of the benches: the real worker on a given database, with the bench carrier.

python -m bench.worker DATABASE_URL PROVIDER KEYFILE NAME CONCURRENCY [with-rule] [one-by-one] [calls-per-s=N]
"""

import asyncio
import sys
from pathlib import Path

from bench.carrier import Carrier, OneByOne
from bench.office import make_office
from geo.sealed import Keyring
from warning.rule import Rule
from warning.running import at_work, stop_on_signals
from warning.store.database import Database


async def work(url: str, provider: str, keyfile: str, name: str, concurrency: str, *how: str) -> None:
    rules: tuple[Rule, ...] = ()
    if "with-rule" in how:
        from bench.first_send import the_rule

        rules = (the_rule(),)
    capped = [float(word.removeprefix("calls-per-s=")) for word in how if word.startswith("calls-per-s=")]
    office = make_office(
        Database.connect(url), Keyring.load(Path(keyfile)), provider, int(concurrency), rules,
        kind=OneByOne if "one-by-one" in how else Carrier, calls_per_s=capped[0] if capped else 1e6,
    )  # fmt: skip
    stop = asyncio.Event()
    with stop_on_signals(stop):
        async with at_work(office, clock=False, name=name):
            await asyncio.sleep(0.5)
            print("ready", flush=True)
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
