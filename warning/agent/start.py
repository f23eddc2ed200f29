"""Start the controller and put it away in order on Ctrl-C or SIGTERM."""

import asyncio
import logging
import signal
from pathlib import Path

from channels.pa_wire import end
from warning.agent.agent import Agent
from warning.agent.settings import Settings, read_settings
from warning.clock import WallClock


def start(config: Path) -> int:
    """Runs until stopped. Raises ConfigError for a file that is not right."""
    settings = read_settings(config)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    asyncio.run(_until_stopped(settings))
    return 0


async def _until_stopped(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    working = asyncio.create_task(Agent(settings, WallClock()).run(), name="agent")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        working.result()
    await end(working)
    stopping.cancel()
