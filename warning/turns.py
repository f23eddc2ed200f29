"""Whose turn it is at a busy account: few wait with a worker's slot in hand, the others go and come back when theirs has come.

A worker has some dozen slots for everything it does. Were each message for a slow account to wait in one, nothing else would
run: no count, no source asked. So a few wait, one behind the other, and keep the account busy; each of the others is due again
at its own place in the line, which moves as fast as the account. Nobody overtakes, and not all come back at the next sweep:
coming back in vain costs as much as a call.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

SHORT_WAIT_S = 2.0  # longer than this nobody waits in a slot
MOST_WAITING = 2  # of a line: one whose turn is next, one behind it;
AT_ONCE_S = 0.25  # or as many as a fast account takes in this time: going and coming back takes longer


class Line(NamedTuple):
    """Apart for each alert and priority, so that nobody stands behind what matters less or was called off."""

    channel: str
    alert_id: UUID
    priority: int


@dataclass
class _Queue:
    ends_s: float = 0.0
    waiting: int = 0
    placed: set[UUID] = field(default_factory=set)
    head: asyncio.Lock = field(default_factory=asyncio.Lock)  # first come, first served


class Turns:
    """Of one process; times are the loop's. Another process has its own lines, and whoever meets it there comes again."""

    def __init__(self) -> None:
        self._queues: dict[Line, _Queue] = {}

    async def wait(
        self, line: Line, who: UUID, costs_s: float, allowance: Callable[[], Awaitable[float]]
    ) -> float:
        """0.0 when the call may go out now, else after how many wall seconds to come back.

        who: the segment; costs_s: how long the account is busy with this call; allowance: 0.0 when the account took it,
        else the seconds until it might.
        """
        queue = self._queues.setdefault(line, _Queue())
        wait_s = costs_s if queue.waiting else await allowance()
        if wait_s == 0:
            return 0.0
        if wait_s > SHORT_WAIT_S or queue.waiting >= max(MOST_WAITING, AT_ONCE_S / costs_s):
            return self._place(queue, who, costs_s, wait_s)
        queue.waiting += 1
        try:
            async with queue.head:
                while (wait_s := await allowance()) > 0:
                    if wait_s > SHORT_WAIT_S:  # the carrier asked for a pause
                        return self._place(queue, who, costs_s, wait_s)
                    await asyncio.sleep(wait_s)
                return 0.0
        finally:
            queue.waiting -= 1

    def _place(self, queue: _Queue, who: UUID, costs_s: float, wait_s: float) -> float:
        now_s = asyncio.get_running_loop().time()
        self._queues = {k: q for k, q in self._queues.items() if q is queue or q.waiting or q.ends_s > now_s}
        if (
            who in queue.placed
        ):  # its turn has come and the account is a little late: it does not go to the end again
            return wait_s
        queue.placed.add(who)
        turn_s = max(now_s + wait_s, queue.ends_s)
        queue.ends_s = turn_s + costs_s
        return turn_s - now_s
