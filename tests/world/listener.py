"""A webhook that keeps what it got, on a real socket. `answers` are used up first; then 200."""

from collections import deque
from collections.abc import Mapping

from aiohttp import web

from warning.world.serving import Served


class Listener(Served):
    def __init__(self) -> None:
        super().__init__()
        self.answers: deque[int] = deque()
        self.got: list[tuple[bytes, Mapping[str, str]]] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/hook", self._hook)]

    @property
    def hook(self) -> str:
        return f"{self.url}/hook"

    async def _hook(self, request: web.Request) -> web.Response:
        self.got.append((await request.read(), request.headers.copy()))
        return web.Response(status=self.answers.popleft() if self.answers else 200)
