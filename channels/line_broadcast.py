"""One call to all friends of the account, in the place of a thousand multicasts, for an alert that is for everybody.

The key is the alert's and its words', so whichever segment or worker comes first makes the call and LINE answers 409 to the others;
a process that knows of it does not even ask. LINE says no more of a broadcast than of a multicast: taken, by whom read unknown.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.contract import QuotaSpent
from channels.line_wire import LineAccount, NotEntitled, Refused, TooLarge

PATH = "/v2/bot/message/broadcast"


@dataclass
class _Known:
    """Of one broadcast. refused: LINE will not have it at all, and nobody has got it by this key."""

    request_id: str | None = None
    refused: bool = False
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


_KNOWN: WeakKeyDictionary[Any, dict[UUID, _Known]] = WeakKeyDictionary()


async def to_all(wire: Any, account: LineAccount, key: UUID, body: Mapping[str, Any]) -> str | None:
    """LINE's request id once it has the broadcast. None: it refuses it plainly (plan, words, more friends than the month has
    left), and each is to be told by multicast.

    Raises TryLater and ChannelBroken: the same again, and no multicast meanwhile, or people are told twice.
    """
    known = _KNOWN.setdefault(wire, {}).setdefault(key, _Known())
    async with known.asking:
        if known.request_id is None and not known.refused:
            try:
                known.request_id = (await account.post(wire, PATH, body, key)).request_id
            except (NotEntitled, Refused, TooLarge, QuotaSpent):
                known.refused = True
    return known.request_id
