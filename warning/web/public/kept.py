"""The public's pages kept ready: rendered once, pressed and marked, and given to everybody who asks within the same minute.

At three in the morning a tambon's page is asked for by thousands at once. Each page is rendered by its own route, as for anybody
without a sign-in, and kept until something it is made of has changed or a minute has gone by; who asks meanwhile gets the bytes
as they lie. While the database is away the last page is still given: it says itself of when it is.
Whoever is signed in, and every address that is not listed here, goes to the route.
"""

import asyncio
import gzip
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import brotli
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)
PATHS = (
    "/now",
    "/map",
    "/water",
    "/archive",
    "/status",
    "/cap.atom",
    "/cap.rss",
    "/exercise.atom",
    "/exercise.rss",
)
UNDER = ("/now/", "/water/", "/a/")
MOST_KEPT = 3000  # 670 villages, 65 tambon, gauges and alerts, in two languages
LOOK_EVERY_S = 0.25  # the database is asked so often at most; who asks meanwhile shares the answer
WAIT_AT_MOST_S = 3.0  # for a new page; then the old one is given, which says of when it is
_NOT_KEPT = {b"content-length", b"set-cookie", b"cache-control", b"etag", b"vary", b"content-encoding"}


@dataclass(frozen=True)
class _Page:
    made_of: str  # the mark it was rendered under
    headers: list[tuple[bytes, bytes]]
    etag: bytes
    plain: bytes
    gzip: bytes
    brotli: bytes


class Kept:
    """ASGI, outside everything else. look: a mark that differs whenever a page would; may raise while the database is away."""

    def __init__(
        self, app: ASGIApp, look: Callable[[], Awaitable[str]], session_cookie: str, language_cookie: str
    ) -> None:
        self._app, self._look = app, look
        self._signed_in, self._english = f"{session_cookie}=".encode(), f"{language_cookie}=en".encode()
        self._pages: OrderedDict[tuple[str, bool], _Page] = OrderedDict()
        self._making: dict[tuple[str, bool], asyncio.Task[_Page | None]] = {}
        self._mark, self._looked_s = "", float("-inf")
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = self._key(scope)
        page = await self._page(key, scope) if key is not None else None
        if page is not None:
            await _give(page, scope, send)
            return
        await self._app(scope, receive, send)
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            self._looked_s = float("-inf")  # something was pressed here: the next visitor sees it

    def _key(self, scope: Scope) -> tuple[str, bool] | None:
        """Address and whether in English; None for what is not kept."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["query_string"]:
            return None
        path = scope["path"]
        if path not in PATHS and not path.startswith(UNDER):
            return None
        cookie = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
        return None if self._signed_in in cookie else (path, self._english in cookie)

    async def _page(self, key: tuple[str, bool], scope: Scope) -> _Page | None:
        await self._know_now()
        page = self._pages.get(key)
        if page is not None and page.made_of == self._mark:
            return page
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._make(key, scope))
        try:
            made = await asyncio.wait_for(asyncio.shield(self._making[key]), WAIT_AT_MOST_S)
        except TimeoutError:
            made = None
        return made or page

    async def _know_now(self) -> None:
        """Ask whether anything has changed, one at a time; whoever comes meanwhile waits for the same answer."""
        if asyncio.get_running_loop().time() - self._looked_s < LOOK_EVERY_S:
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_once())
        await asyncio.wait({self._looking}, timeout=WAIT_AT_MOST_S)

    async def _look_once(self) -> None:
        try:
            self._mark = await self._look()
        except Exception as error:  # whatever it is, the pages of before are given
            log.warning("the public's pages are not renewed: %s", type(error).__name__)
        self._looked_s = asyncio.get_running_loop().time()

    async def _make(self, key: tuple[str, bool], scope: Scope) -> _Page | None:
        """Let the route answer as to a stranger. None, and nothing kept, unless it is a page."""
        made_of, (path, english) = self._mark, key
        try:
            status, headers, body = await _asked(self._app, self._as_stranger(scope, english))
        except Exception as error:
            log.warning("%s could not be made: %s", path, type(error).__name__)
            return None
        finally:
            self._making.pop(key, None)
        if status != 200:
            return None
        page = await asyncio.to_thread(_pressed, made_of, headers, body)
        self._pages[key] = page
        self._pages.move_to_end(key)
        while len(self._pages) > MOST_KEPT:
            self._pages.popitem(last=False)
        return page

    def _as_stranger(self, scope: Scope, english: bool) -> Scope:
        keep = [(name, value) for name, value in scope["headers"] if name == b"host"]
        cookie = [(b"cookie", self._english)] if english else []
        return {**scope, "method": "GET", "headers": [*keep, *cookie], "state": {}, "extensions": {}}


def _pressed(made_of: str, headers: list[tuple[bytes, bytes]], body: bytes) -> _Page:
    etag = b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"'
    kept = [(name, value) for name, value in headers if name.lower() not in _NOT_KEPT]
    kept += [(b"cache-control", b"no-cache"), (b"etag", etag), (b"vary", b"Accept-Encoding, Cookie")]
    return _Page(made_of, kept, etag, body, gzip.compress(body, 6), brotli.compress(body, quality=6))


async def _give(page: _Page, scope: Scope, send: Send) -> None:
    asked = {
        name: value for name, value in scope["headers"] if name in (b"accept-encoding", b"if-none-match")
    }
    if page.etag in asked.get(b"if-none-match", b""):
        await send({"type": "http.response.start", "status": 304, "headers": page.headers})
        await send({"type": "http.response.body", "body": b""})
        return
    takes = asked.get(b"accept-encoding", b"")
    pressed = (
        (b"br", page.brotli)
        if b"br" in takes
        else (b"gzip", page.gzip)
        if b"gzip" in takes
        else (b"", page.plain)
    )
    headers = [*page.headers, (b"content-length", str(len(pressed[1])).encode())]
    if pressed[0]:
        headers.append((b"content-encoding", pressed[0]))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else pressed[1]})


async def _asked(app: ASGIApp, scope: Scope) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """What the app answers to one request."""
    status, headers, parts = 500, [], []
    done = asyncio.Event()

    async def receive() -> Message:
        if done.is_set():
            return {"type": "http.disconnect"}
        done.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, headers, b"".join(parts)
