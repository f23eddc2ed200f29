"""Webhooks that come in a flood are written down together: one transaction for those that came while the one before was written.

Each caller is answered when its own words are on disk, never before. What cannot be written beside the others is written
alone, so that one bad report takes no other with it.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool

from channels.contract import Receipt, Reply
from warning.engine.app import defer
from warning.office import Office
from warning.receive import receive

MOST_AT_ONCE = 400  # items a transaction: some 50 ms of the database


class Heard(NamedTuple):
    channel: str
    via: str
    items: Sequence[Receipt | Reply]


class Together:
    """Of one process; made by the first who hears."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._waiting: list[tuple[Heard, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def take_in(self, heard: Heard) -> None:
        """Returns when it is written down. Raises what kept it from being so."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((heard, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        await written

    async def _write_all(self) -> None:
        while self._waiting:
            taken, count = [], 0
            while self._waiting and count < MOST_AT_ONCE:
                taken.append(self._waiting.pop(0))
                count += len(taken[-1][0].items)
            try:
                await run_in_threadpool(self._write, [heard for heard, _ in taken])
            except Exception:
                await self._one_by_one(taken)
            else:
                _done(taken)

    async def _one_by_one(self, taken: list[tuple[Heard, asyncio.Future[None]]]) -> None:
        for heard, written in taken:
            try:
                await run_in_threadpool(self._write, [heard])
            except Exception as error:
                if not written.done():
                    written.set_exception(error)
            else:
                _done([(heard, written)])

    def _write(self, all_heard: Sequence[Heard]) -> None:
        by_carrier: dict[tuple[str, str], list[Receipt | Reply]] = {}
        for heard in all_heard:
            by_carrier.setdefault((heard.channel, heard.via), []).extend(heard.items)
        office, now = self._office, self._office.clock.now()
        with office.database.session() as session:
            for channel, via in sorted(by_carrier):
                defer(session, receive(session, channel, by_carrier[channel, via], now, office, via))


def _done(taken: Sequence[tuple[Heard, asyncio.Future[None]]]) -> None:
    for _, written in taken:
        if not written.done():  # whoever asked may have gone
            written.set_result(None)
