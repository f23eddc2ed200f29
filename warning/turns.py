"""Whose turn it is at a busy account: few wait with a worker's slot in hand, the others go and come back when theirs has come.

A worker has some dozen slots for everything it does. Were each message for a slow account to wait in one, nothing else would
run: no count, no source asked. So a few wait, one behind the other, and keep the account busy; each of the others is due again
when those before it will have gone. Who matters more goes first, whatever stands there; among equals nobody overtakes; and not
all come back at the next sweep: coming back in vain costs as much as a call.
"""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple
from uuid import UUID

SHORT_WAIT_S = 2.0  # longer than this nobody waits in a slot
MOST_WAITING = 2  # of an account and priority: one whose turn is next, one behind it;
AT_ONCE_S = 0.25  # or as many as a fast account takes in this time: going and coming back takes longer
LATE_S = 2.0  # who should have come back this long ago went out of another process, or is no longer wanted
SILENT_S = 5.0  # nobody of a line came in this time: it was called off, or another process has it
FORGOTTEN_S = 60.0  # after the last of a line should have come back


class Line(NamedTuple):
    """Apart for each alert and priority, so that nobody stands behind what matters less or was called off."""

    channel: str
    alert_id: UUID
    priority: int


@dataclass
class _Line:
    inside: int = 0  # in `wait` at this moment,
    waiting: int = 0  # of them with a slot in hand
    seen_s: float = 0.0
    ends_s: float = 0.0
    looked_s: float = 0.0
    tickets: dict[UUID, int] = field(default_factory=dict)
    away: list[int] = field(default_factory=list)  # tickets of those to come back, first come first
    back_s: dict[int, float] = field(default_factory=dict)

    def before(self, who: UUID, ticket: int, now_s: float) -> int:
        """How many of this line stand before `who`, who keeps the place of their first coming."""
        mine = self.tickets.setdefault(who, ticket)
        if self.looked_s < now_s - LATE_S / 2:
            self.looked_s = now_s
            self.back_s = {t: s for t, s in self.back_s.items() if s >= now_s - LATE_S}
            self.away = [t for t in self.away if t in self.back_s]  # others went out of another process
        nth = bisect_left(self.away, mine)
        if self.away[nth : nth + 1] != [mine]:
            self.away.insert(nth, mine)
        return nth

    def due(self, who: UUID, at_s: float) -> None:
        self.back_s[self.tickets[who]] = at_s
        self.ends_s = max(self.ends_s, at_s)

    def gone(self, who: UUID) -> None:
        ticket = self.tickets.pop(who, None)
        if ticket is not None and self.back_s.pop(ticket, None) is not None:
            self.away.remove(ticket)


class Turns:
    """Of one process; times are the loop's. Another process has its own lines, and whoever meets it there comes again."""

    def __init__(self) -> None:
        self._lines: dict[Line, _Line] = {}
        self._tickets = count()
        # Of an account and priority: first come, first served.
        self._heads: defaultdict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def wait(
        self, line: Line, who: UUID, costs_s: float, allowance: Callable[[], Awaitable[float]]
    ) -> float:
        """0.0 when the call may go out now, else after how many wall seconds to come back.

        who: the segment; costs_s: how long the account is busy with this call; allowance: 0.0 when the account took it,
        else the seconds until it might.
        """
        mine = self._line(line)
        mine.inside += 1
        try:
            wait_s = costs_s if self._waiting(line, line.priority) else await allowance()
            there = self._waiting(line, line.priority)
            if 0 < wait_s <= SHORT_WAIT_S and there < max(MOST_WAITING, AT_ONCE_S / costs_s):
                wait_s = await self._with_a_slot(line, mine, costs_s, allowance)
            if wait_s > 0:
                return self._place(line, mine, who, costs_s, wait_s)
            mine.gone(who)
            return 0.0
        finally:
            mine.inside -= 1

    async def _with_a_slot(
        self, line: Line, mine: _Line, costs_s: float, allowance: Callable[[], Awaitable[float]]
    ) -> float:
        mine.waiting += 1
        try:
            async with self._heads[line.channel, line.priority]:
                while not self._waiting(line, line.priority + 1):
                    if (wait_s := await allowance()) == 0 or wait_s > SHORT_WAIT_S:
                        return wait_s  # the carrier asked for a pause
                    await asyncio.sleep(wait_s)
                return costs_s
        finally:
            mine.waiting -= 1

    def _waiting(self, line: Line, least: int) -> int:
        """Who waits for the same account with a slot in hand, of this priority at least."""
        return sum(
            q.waiting for k, q in self._lines.items() if k.channel == line.channel and k.priority >= least
        )

    def _place(self, line: Line, mine: _Line, who: UUID, costs_s: float, wait_s: float) -> float:
        now_s = mine.seen_s = asyncio.get_running_loop().time()
        before = mine.before(who, next(self._tickets), now_s)
        others = 0
        for other, there in self._lines.items():
            if other == line or other.channel != line.channel or other.priority < line.priority:
                continue
            if there.waiting or there.seen_s > now_s - max(SILENT_S, 2 * costs_s):
                others += len(there.away) if other.priority > line.priority else min(len(there.away), before)
        wait_s += (before + others) * costs_s
        mine.due(who, now_s + wait_s)
        return wait_s

    def _line(self, line: Line) -> _Line:
        if line not in self._lines:
            now_s = asyncio.get_running_loop().time()
            self._lines = {k: q for k, q in self._lines.items() if q.inside or q.ends_s > now_s - FORGOTTEN_S}
        return self._lines.setdefault(line, _Line())
