"""LINE by telephone number, simulated: only whoever is entitled, only numbers that LINE knows, by their hash, and no retry key."""

import json
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

from aiohttp import web

from warning.world.book import Book
from warning.world.line_rules import Bad, check_messages

Say = Callable[[int, str, str], web.Response]


class Numbers:
    """`known`: numbers in E.164 that have LINE; None: nobody is entitled to this call. `tags`: of what was taken, to be told back by
    a `delivery` event."""

    def __init__(self, book: Book, say: Say) -> None:
        self._book, self._say = book, say
        self._known: dict[str, str] | None = None
        self.tags: list[str] = []

    def entitle(self, numbers: Iterable[str]) -> None:
        self._known = {sha256(number.encode()).hexdigest(): number for number in numbers}

    async def push(self, request: web.Request) -> web.StreamResponse:
        if self._known is None:
            return self._say(403, "Access to this API is not available for your account", "pnp")
        if "X-Line-Retry-Key" in request.headers:
            return self._say(400, "The retry key is not supported", "pnp")
        tag = request.headers.get("X-Line-Delivery-Tag")
        if tag is not None and not 16 <= len(tag) <= 100:
            return self._say(400, "Invalid delivery tag", "pnp")
        try:
            body: dict[str, Any] = json.loads(await request.read())
            check_messages(body.get("messages"))
        except (ValueError, Bad):
            return self._say(400, "The request body has 1 error(s)", "pnp")
        number = self._known.get(str(body.get("to")))
        if number is None:
            return self._say(422, "Failed to send messages", "pnp")
        text = json.dumps(body["messages"], ensure_ascii=False, sort_keys=True)
        self._book.record("line_pnp", [number], None, text, body["messages"])
        if tag is not None:
            self.tags.append(tag)
        return web.json_response({})
