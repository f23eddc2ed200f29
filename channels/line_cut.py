"""A call that LINE finds too large (413) goes out in halves, cut the same way on every try.

Who is in which half is decided by the address, so nobody changes sides when others of the batch are settled
meanwhile, and a user of two homes stays one; a half's key is made from the whole one's. The halves are settled
together: while one of them waits, all of them are asked for again, LINE answers 409 for those it has, and the whole is
again too large and cut alike.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

from channels.contract import ChannelBroken, Message, QuotaSpent, Receipt, ReceiptState, TryLater
from channels.line_wire import TooLarge
from channels.outcome import Group, all_alike

Post = Callable[[Group, UUID], Awaitable[list[Receipt]]]
_DEEPEST = 9  # 2^9 > 500 recipients


async def whole_or_halves(
    post: Post, group: Group, key: UUID, now: datetime, depth: int = 0
) -> list[Receipt]:
    """Receipts in the order of `group`. Raises what `post` raises, TooLarge excepted; when a part was or may have been taken
    before another failed, TryLater(maybe_taken)."""
    try:
        return await post(group, key)
    except TooLarge as error:
        if len({m.address for m in group}) < 2 or depth >= _DEEPEST:
            return all_alike(group, ReceiptState.REFUSED, now, why=str(error))
    found: dict[UUID | None, Receipt] = {}
    for name, half in _halves(group, depth):
        try:
            receipts = await whole_or_halves(post, half, uuid5(key, name), now, depth + 1)
        except TryLater as error:
            raise TryLater(
                str(error), error.retry_after, maybe_taken=error.maybe_taken or _any_taken(found)
            ) from error
        except (QuotaSpent, ChannelBroken) as error:
            if not _any_taken(found):
                raise
            receipts = all_alike(half, ReceiptState.FAILED, now, why=str(error))
        found |= {r.delivery_id: r for r in receipts}
    return [found[m.id] for m in group]


def _any_taken(found: Mapping[UUID | None, Receipt]) -> bool:
    return any(r.state is ReceiptState.ACCEPTED for r in found.values())


def _halves(group: Group, depth: int) -> list[tuple[str, Group]]:
    """By one digit of a digest; a digit all have in common leaves one half, to be cut by the next digit."""
    sides: tuple[list[Message], list[Message]] = ([], [])
    for message in group:
        sides[sha256(message.address.encode()).digest()[depth] & 1].append(message)
    return [(str(n), tuple(side)) for n, side in enumerate(sides) if side]
