"""One worker process of a troubled night, made to be killed.

python -m warning.trouble.worker SETTINGS_JSON
"""

import asyncio
import json
import logging
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from geo.areas import built_in_areas
from geo.sealed import Keyring
from warning.alert import Mode
from warning.config import Config, load
from warning.office import Office
from warning.running import at_work, stop_on_signals
from warning.store.database import Database
from warning.trouble.shifted_clock import ShiftedClock


@dataclass(frozen=True)
class Settings:
    """What a worker must know to join: handed over as JSON on its command line, all of it of this machine and this night."""

    database: str
    keyring: str
    clock: str
    world: dict[str, str]
    sms_per_s: float

    def office(self) -> Office:
        keyring, clock = Keyring.load(Path(self.keyring)), ShiftedClock(Path(self.clock))
        database = Database.connect(self.database)
        return Office(
            config_of(self.world, self.sms_per_s), database, clock, keyring, built_in_areas(), Mode.EXERCISE
        )


def config_of(world: dict[str, str], sms_per_s: float) -> Config:
    """The demo's office without its feeds, at the contract's rate. Waits are of the wall: a minute is a minute."""
    config = load(Path(str(files("warning").joinpath("demo.yaml"))), world)
    channels = tuple(
        c.model_copy(update={"rate_per_s": sms_per_s}) if c.needs == "sms" else c for c in config.channels
    )
    return config.model_copy(update={"channels": channels, "sources": (), "rules": ()})


async def work(settings: Settings) -> None:
    stop = asyncio.Event()
    with stop_on_signals(stop):
        async with at_work(settings.office(), clock=False, name="troubled"):
            print("ready", flush=True)
            await stop.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(work(Settings(**json.loads(sys.argv[1]))))
