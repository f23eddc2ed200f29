"""What a LINE account may still send this month, counted in recipients: asked before a send, shared by all its channels.

LINE is asked at most once in `FRESH_S` a process, however many calls are in flight, and once more before a send is given up for
want of quota: friends who blocked the account are not billed, so our own count is only ever too high.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ValidationError

from channels.contract import ChannelBroken, TryLater
from channels.line_wire import LineAccount, NotEntitled

FRESH_S = 10.0  # wall seconds; at 200 calls a second to 500 people each our own count carries us that far
ANSWER_S = 2.0  # no alert waits longer for a number: without it LINE's own 429 tells


class Quota(NamedTuple):
    """What may still be sent this month, counted in recipients. None: no limit."""

    limit: int | None
    used: int

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


class _Limit(BaseModel):
    type: str
    value: int | None = None


class _Used(BaseModel):
    totalUsage: int


async def ask(wire: Any, account: LineAccount, timeout_s: float | None = None) -> Quota:
    """What LINE says now. Raises TryLater, ChannelBroken."""
    base = "/v2/bot/message/quota"
    limit, used = await asyncio.gather(
        account.get(wire, base, timeout_s), account.get(wire, f"{base}/consumption", timeout_s)
    )
    try:
        told, spent = _Limit.model_validate_json(limit), _Used.model_validate_json(used)
    except ValidationError as error:
        raise TryLater("LINE: a quota that cannot be read") from error
    return Quota(told.value if told.type == "limited" else None, spent.totalUsage)


@dataclass
class Allowance:
    """One account's rest as this process knows it. Times are the event loop's."""

    account: LineAccount
    left: int | None = None  # None: no limit, or not known
    since: int = 0  # recipients handed over since LINE was asked
    asked_at: float | None = None
    never: bool = False  # the plan has no such question (403)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self, wire: Any, recipients: int, keep: int = 0) -> bool:
        """Count so many recipients as sent. False: the month's rest, less `keep`, does not suffice and nothing was counted."""
        if not self._fresh():
            await self._ask(wire, self.asked_at)
        if self._short(recipients, keep) and self.since:
            await self._ask(wire, self.asked_at)
        if self._short(recipients, keep):
            return False
        self.since += recipients
        return True

    def give_back(self, recipients: int) -> None:
        """They were plainly not taken."""
        self.since = max(0, self.since - recipients)

    def ended(self, recipients: int) -> None:
        """LINE itself said that so many are too many: whoever comes after need not ask it that."""
        self.left = min(recipients - 1, recipients - 1 if self.left is None else self.left)
        self.since = 0
        self.asked_at = asyncio.get_running_loop().time()

    def _short(self, recipients: int, keep: int) -> bool:
        return self.left is not None and self.left - self.since - keep < recipients

    def _fresh(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self.never or (self.asked_at is not None and now - self.asked_at < FRESH_S)

    async def _ask(self, wire: Any, seen: float | None) -> None:
        """Once for all who wait for it. An answer that does not come changes nothing: the send itself will tell."""
        async with self.asking:
            if self.asked_at != seen or self.never:
                return  # somebody else has just asked
            before = self.since
            try:
                self.left = (await ask(wire, self.account, min(ANSWER_S, self.account.timeout_s))).left
                self.since -= before  # what was counted before it asked, LINE has counted too
            except NotEntitled:
                self.never, self.left = True, None
            except (TryLater, ChannelBroken):
                pass
            self.asked_at = asyncio.get_running_loop().time()


_KNOWN: WeakKeyDictionary[Any, dict[tuple[str, str], Allowance]] = WeakKeyDictionary()


def allowance(wire: Any, account: LineAccount) -> Allowance:
    """The one of this account, as long as the office's connections live."""
    mine = _KNOWN.setdefault(wire, {})
    return mine.setdefault((account.base_url, account.token.get_secret_value()), Allowance(account))
