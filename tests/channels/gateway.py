"""A gateway on loopback that says what the test wants and remembers what it was asked."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from aiohttp import web


class Asked(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Said(NamedTuple):
    status: int
    body: bytes = b"{}"
    headers: dict[str, str] = {}
    cut: bool = False  # take the order, then break the connection
    hang: bool = False  # take the order, answer never


class Gateway:
    """`says` answers every call; `script` is used up before it. What only looks at LINE's quota or members stands in `looked`."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.looked: list[Asked] = []
        self.says: Callable[[Asked], Said] = lambda _: Said(202)
        self.script: deque[Said] = deque()
        self.most_at_once = 0
        self._now_open = 0
        self._released = asyncio.Event()

    async def start(self) -> None:
        app = web.Application(client_max_size=8 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._released.set()
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self._now_open += 1
        self.most_at_once = max(self.most_at_once, self._now_open)
        try:
            asked = Asked(
                request.method,
                request.path,
                dict(request.query),
                {k.lower(): v for k, v in request.headers.items()},
                await request.read(),
            )
            looks = "/message/quota" in asked.path or asked.path.endswith("/members/count")
            (self.looked if looks else self.asked).append(asked)
            said = self.script.popleft() if self.script and not looks else self.says(asked)
            if said.hang:
                await self._released.wait()
            if said.cut and request.transport is not None:
                request.transport.abort()
            await asyncio.sleep(0)
            return web.Response(status=said.status, body=said.body, headers=said.headers)
        finally:
            self._now_open -= 1
