"""One HTTP server on loopback that stops without leaving a task: the base of every simulated gateway."""

import asyncio
from collections.abc import Iterable
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

HOST = "127.0.0.1"


class Served:
    """Subclasses give `routes`. Port 0 takes a free one; `url` is known after start."""

    body_limit = 8 * 2**20

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._runner: web.AppRunner | None = None
        self.url = ""
        self.down = False  # nobody is there: the line breaks before anything is read

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    async def start(self) -> None:
        app = web.Application(client_max_size=self.body_limit, middlewares=[self._there])
        app.add_routes(self.routes())
        # A hanging answer is one of our own tricks: at stop it is cut, not waited for.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port, backlog=1024)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{HOST}:{port}"

    @web.middleware
    async def _there(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.down:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("down")
        return await handler(request)

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel all and wait until none runs.

    Again and again: `asyncio.wait_for` of Python 3.11, which aiomqtt uses, may swallow a cancel.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.5)


class Rate:
    """So many calls a second, with a burst of one second, by the loop's clock: a provider is on wall time."""

    def __init__(self, per_s: float | None) -> None:
        self.per_s = per_s
        self._left = per_s or 0.0
        self._seen: float | None = None

    def take(self, calls: int = 1) -> bool:
        """True when `calls` more are within the rate; None as rate means no limit."""
        if self.per_s is None:
            return True
        at = asyncio.get_running_loop().time()
        if self._seen is not None:
            self._left = min(max(self.per_s, 1.0), self._left + (at - self._seen) * self.per_s)
        else:
            self._left = max(self.per_s, 1.0)
        self._seen = at
        if self._left < calls:
            return False
        self._left -= calls
        return True
