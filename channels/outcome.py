"""From what happened on the wire, call by call, to what a channel promises for the whole batch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from channels.contract import ChannelBroken, Message, QuotaSpent, Receipt, ReceiptState, TryLater

Refusal = TryLater | QuotaSpent | ChannelBroken


async def one_call_each(
    messages: Sequence[Message],
    call: Callable[[Message], Awaitable[Receipt]],
    *,
    in_flight: int,
    now: datetime,
) -> list[Receipt]:
    """Ask `call` for each message, at most `in_flight` at once; receipts in the order of the messages.

    When the carrier says slow down, or that we may not come in, the messages not yet begun are not tried:
    they are TRY_LATER. Raises QuotaSpent or ChannelBroken only when not one message was taken.
    """
    gate = asyncio.Semaphore(in_flight)
    stop: list[Refusal] = []

    async def ask(message: Message) -> Receipt | Refusal:
        async with gate:
            if stop:
                return stop[0]
            try:
                return await call(message)
            except (TryLater, QuotaSpent, ChannelBroken) as error:
                stop.append(error)
                return error

    return settled(messages, await asyncio.gather(*map(ask, messages)), now)


def settled(
    messages: Sequence[Message], outcomes: Sequence[Receipt | Refusal], now: datetime
) -> list[Receipt]:
    """One receipt a message. A refusal beside messages that were dealt with becomes TRY_LATER for its own."""
    broken = [o for o in outcomes if isinstance(o, QuotaSpent | ChannelBroken)]
    if broken and not any(isinstance(o, Receipt) for o in outcomes):
        raise broken[0]
    return [
        outcome
        if isinstance(outcome, Receipt)
        else Receipt(
            message.id,
            ReceiptState.TRY_LATER,
            now,
            why=str(outcome),
            retry_after=getattr(outcome, "retry_after", None),
        )
        for message, outcome in zip(messages, outcomes, strict=True)
    ]


def expired(messages: Sequence[Message], now: datetime) -> list[Receipt]:
    """A batch that came too late: closed, never sent."""
    return [Receipt(message.id, ReceiptState.EXPIRED, now, why="past its time") for message in messages]


def retry_after(value: str | None) -> timedelta | None:
    """The Retry-After header in seconds; a date or nonsense is None (our own back-off decides)."""
    if value is None or not value.strip().isdecimal():
        return None
    return timedelta(seconds=min(int(value), 3600))
