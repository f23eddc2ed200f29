"""The carriers' connections: opened at the start, tried again while the office runs, listened to while they are open.

A connection that was open and is cut is its channel's own affair (`channels/`): it knows how to come back. Times in this file
are the wall's, because networks live there.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlmodel import Session

from channels.contract import Channel
from warning.engine.worker import stop_if_cancelled
from warning.fault import mended, note
from warning.office import Office

AGAIN_S = 5.0  # after the first failure; twice as long after each further one
LONGEST_AGAIN_S = 120.0
START_WITHOUT_S = 10.0  # the office does not wait longer for a carrier that neither opens nor fails
LISTEN_AGAIN_S = 2.0
TakeIn = Callable[[str, Any], None]
log = logging.getLogger(__name__)


@asynccontextmanager
async def connected(office: Office, net: aiohttp.ClientSession, take_in: TakeIn) -> AsyncIterator[None]:
    """Inside, every channel is in `office.wires` while it is open, and a fault on the console while it is not.

    take_in(channel, item): writes down what came over a connection; runs in a thread.
    Begins when each has been tried once. What is to be sent over one that is not open goes down the ladder.
    """
    tried = {channel.name: asyncio.Event() for channel in office.channels.values()}
    tasks = [
        asyncio.create_task(_keep_open(office, channel, net, take_in, tried[channel.name]), name=f"carrier {channel.name}")
        for channel in office.channels.values()
    ]  # fmt: skip
    try:
        first_tries = [asyncio.create_task(event.wait()) for event in tried.values()]
        if first_tries:
            await asyncio.wait(first_tries, timeout=START_WITHOUT_S)
        for waiting in first_tries:
            waiting.cancel()
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_open(
    office: Office, channel: Channel, net: aiohttp.ClientSession, take_in: TakeIn, tried: asyncio.Event
) -> None:
    """Until cancelled. The one broad `except` for carriers: whatever keeps one from opening is a fault, and no end."""
    again_s = AGAIN_S
    while True:
        try:
            async with channel.open(net) as wire:
                office.wires[channel.name] = wire
                await asyncio.to_thread(_opened, office, channel)
                tried.set()
                again_s = AGAIN_S
                await _listen(office, channel, wire, take_in)
        except Exception as error:
            stop_if_cancelled()
            await asyncio.to_thread(_not_open, office, channel, error)
        finally:
            office.wires.pop(channel.name, None)
        tried.set()
        await asyncio.sleep(again_s * random.uniform(0.8, 1.2))  # not all workers in the same moment
        again_s = min(LONGEST_AGAIN_S, again_s * 2)


def _opened(office: Office, channel: Channel) -> None:
    """Its fault, also one of an earlier start, is over; what is still broken says so again."""
    key = f"channel {channel.name}"
    _tell(office, lambda session: mended(session, key))
    office.faults.discard(key)


def _not_open(office: Office, channel: Channel, error: Exception) -> None:
    log.warning("%s could not be opened and will be tried again: %s", channel.name, type(error).__name__)
    told = (
        str(error).translate(str.maketrans("()", "[]")) or type(error).__name__
    )  # brackets part the two languages
    why = f"เชื่อมต่อช่องทาง {channel.name} ไม่ได้ กำลังลองใหม่: {told} (could not connect {channel.name}, trying again: {told})"
    _tell(office, lambda session: note(session, f"channel {channel.name}", why, office.clock.now()))


def _tell(office: Office, what: Callable[[Session], None]) -> None:
    """Write down how a channel is. A database that is away, or busy, is no reason not to open: the next failure says it again."""
    try:
        with office.database.session() as session:
            what(session)
    except SQLAlchemyError as error:
        log.warning("a channel's state could not be written down: %s", type(error).__name__)


async def _listen(office: Office, channel: Channel, wire: Any, take_in: TakeIn) -> None:
    """Reports that come over the carrier's own connection, until cancelled; of most carriers there are none."""
    while True:
        try:
            async for item in channel.listen(wire, office.clock.now):
                await _write_down(channel, item, take_in)
            await asyncio.Event().wait()
        except Exception as error:
            stop_if_cancelled()
            log.warning("%s stopped listening and begins again: %s", channel.name, type(error).__name__)
            await asyncio.sleep(LISTEN_AGAIN_S)


async def _write_down(channel: Channel, item: Any, take_in: TakeIn) -> None:
    """A report comes once: while the database is away, or has no connection free, it is held, and those behind it wait."""
    while True:
        try:
            await asyncio.to_thread(take_in, channel.name, item)
            return
        except (OperationalError, NoneFree) as error:
            stop_if_cancelled()
            log.warning("a report of %s waits to be written: %s", channel.name, type(error).__name__)
            await asyncio.sleep(LISTEN_AGAIN_S)
