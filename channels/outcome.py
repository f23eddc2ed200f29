"""From what happened on the wire, call by call, to what a channel promises for the whole batch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from channels.contract import ChannelBroken, Message, QuotaSpent, Receipt, ReceiptState, TryLater

Refusal = TryLater | QuotaSpent | ChannelBroken
Group = Sequence[Message]  # the recipients of one call


async def ask_all(
    groups: Sequence[Group],
    call: Callable[[Group], Awaitable[list[Receipt]]],
    *,
    in_flight: int,
    now: datetime,
) -> list[Receipt]:
    """Ask `call` for each group, at most `in_flight` at once; receipts in the order of groups and messages.

    When the carrier says slow down, or that we may not come in, the groups not yet begun are not tried:
    theirs are TRY_LATER. Raises QuotaSpent or ChannelBroken only when not one message was dealt with,
    TryLater when every call was put off.
    """
    gate = asyncio.Semaphore(in_flight)
    stop: list[Refusal] = []

    async def ask(group: Group) -> list[Receipt] | Refusal:
        async with gate:
            if stop:
                return stop[0]
            try:
                return await call(group)
            except (TryLater, QuotaSpent, ChannelBroken) as error:
                stop.append(error)
                return error

    outcomes = await asyncio.gather(*map(ask, groups))
    if len(groups) == 1 and not isinstance(outcomes[0], list):
        raise outcomes[0]
    plainly = [o for o in outcomes if isinstance(o, TryLater) and not o.maybe_taken]
    if len(plainly) == len(groups):
        raise plainly[0]  # nothing of the batch was taken: another account may have all of it
    return settled(groups, outcomes, now)


def settled(
    groups: Sequence[Group], outcomes: Sequence[list[Receipt] | Refusal], now: datetime
) -> list[Receipt]:
    """One receipt a message. A refusal beside groups that were dealt with, or may have been, becomes TRY_LATER for its own.

    Raises the first QuotaSpent or ChannelBroken when no group was dealt with nor may have been: it means that nothing was taken.
    """
    broken = [o for o in outcomes if isinstance(o, QuotaSpent | ChannelBroken)]
    if broken and not any(
        isinstance(o, list) or (isinstance(o, TryLater) and o.maybe_taken) for o in outcomes
    ):
        raise broken[0]
    receipts: list[Receipt] = []
    for group, outcome in zip(groups, outcomes, strict=True):
        receipts += outcome if isinstance(outcome, list) else put_off(group, outcome, now)
    return receipts


def put_off(group: Group, refusal: Refusal, now: datetime) -> list[Receipt]:
    wait = refusal.retry_after if isinstance(refusal, TryLater) else None
    maybe = isinstance(refusal, TryLater) and refusal.maybe_taken
    receipts = all_alike(group, ReceiptState.TRY_LATER, now, why=str(refusal), wait=wait)
    return [r._replace(maybe_taken=maybe) for r in receipts]


def all_alike(
    group: Group, state: ReceiptState, now: datetime, *, why: str = "", wait: timedelta | None = None
) -> list[Receipt]:
    """The same honest word for each."""
    return [Receipt(message.id, state, now, why=why, retry_after=wait) for message in group]


def expired(group: Group, now: datetime) -> list[Receipt]:
    """A batch that came too late: closed, never sent."""
    return all_alike(group, ReceiptState.EXPIRED, now, why="past its time")


def retry_after(value: str | None) -> timedelta | None:
    """The Retry-After header in seconds; a date or nonsense is None (our own back-off decides)."""
    if value is None or not (value.isascii() and value.strip().isdecimal()):
        return None
    return timedelta(seconds=min(int(value), 3600))
