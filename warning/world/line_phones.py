"""LINE's webhook: what simulated users do, as signed events, with redelivery, duplicates and disorder.

Signature: base64 of HMAC-SHA256(channel secret, raw body) in `x-line-signature`.
"""

import json
import random
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from hmac import new as hmac_new
from typing import Any
from uuid import uuid4

from warning.world.hooks import Hooks, Signed
from warning.world.line import LineServer

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def line_signature(secret: str, body: bytes) -> str:
    return b64encode(hmac_new(secret.encode(), body, sha256).digest()).decode()


class LinePhones:
    """Acts for users. Each act is one event with its own webhookEventId, posted by `hooks`."""

    def __init__(self, server: LineServer, hooks: Hooks, now: Callable[[], datetime], seed: int = 1) -> None:
        self._server, self.hooks, self._now = server, hooks, now
        self._draw = random.Random(seed)

    def press(self, user: str, data: str) -> str:
        """A button with postback `data`. Returns the event's id."""
        return self._tell(user, {"type": "postback", "postback": {"data": data}})

    def say(self, user: str, text: str) -> str:
        message = {"type": "text", "id": str(uuid4().int % 10**18), "quoteToken": "q", "text": text}
        return self._tell(user, {"type": "message", "message": message})

    def stand_at(self, user: str, lat: float, lon: float) -> str:
        """Send one's place: somebody asking for help."""
        message = {"type": "location", "id": str(uuid4().int % 10**18), "latitude": lat, "longitude": lon}
        return self._tell(user, {"type": "message", "message": message})

    def follow(self, user: str) -> str:
        if self._server.friends is not None:
            self._server.friends.add(user)
        unblocked = user in self._server.blocked
        self._server.blocked.discard(user)
        return self._tell(user, {"type": "follow", "follow": {"isUnblocked": unblocked}})

    def unfollow(self, user: str) -> str:
        self._server.blocked.add(user)
        return self._tell(user, {"type": "unfollow"})

    def invite(self, group: str, members: set[str]) -> str:
        """Somebody takes the account into a group of these people."""
        self._server.groups[group] = set(members)
        return self._tell("", {"type": "join"}, group)

    def show_out(self, group: str) -> str:
        self._server.groups.pop(group, None)
        return self._tell("", {"type": "leave"}, group)

    def say_in(self, group: str, user: str, text: str) -> str:
        message = {"type": "text", "id": str(uuid4().int % 10**18), "quoteToken": "q", "text": text}
        return self._tell(user, {"type": "message", "message": message}, group)

    def arrived(self, tag: str) -> str:
        """A message by telephone number is on the telephone."""
        return self._tell("", {"type": "delivery", "delivery": {"data": tag}})

    def redeliver(self, event: dict[str, Any]) -> None:
        """The same event once more, marked as LINE marks it."""
        self.hooks.put(lambda _: self._signed({**event, "deliveryContext": {"isRedelivery": True}}))

    async def verify(self) -> int:
        """The console's "verify" button: no events. Returns the status."""
        return await self.hooks.post(lambda _: self._sign({"destination": _DESTINATION, "events": []}))

    def event(self, user: str, what: dict[str, Any], group: str = "") -> dict[str, Any]:
        source = {"type": "group", "groupId": group} if group else {"type": "user"}
        event = {
            "mode": "active",
            "timestamp": int(self._now().timestamp() * 1000),
            "source": source | ({"userId": user} if user else {}),
            "webhookEventId": self._ulid(),
            "deliveryContext": {"isRedelivery": False},
            **what,
        }
        if what["type"] not in ("unfollow", "leave", "delivery"):
            token = uuid4().hex
            self._server.reply_tokens[token] = group or user
            event["replyToken"] = token
        return event

    def _tell(self, user: str, what: dict[str, Any], group: str = "") -> str:
        event = self.event(user, what, group)

        def make(attempt: int) -> Signed:
            return self._signed({**event, "deliveryContext": {"isRedelivery": attempt > 0}})

        self.hooks.put(make)
        return str(event["webhookEventId"])

    def _signed(self, event: dict[str, Any]) -> Signed:
        return self._sign({"destination": _DESTINATION, "events": [event]})

    def _sign(self, body: dict[str, Any]) -> Signed:
        raw = json.dumps(body, ensure_ascii=False).encode()
        signature = line_signature(self._server.settings.secret, raw)
        return Signed(raw, {"Content-Type": "application/json", "x-line-signature": signature})

    def _ulid(self) -> str:
        number = int(self._now().timestamp() * 1000) << 80 | self._draw.getrandbits(80)
        return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


_DESTINATION = "U" + "0" * 32
