"""The live line: one look at the database a second and a process, shared by all who watch.

Nobody watching, nobody looks. A viewer's stream says only that something has changed; the page then asks for itself.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from warning.office import Office
from warning.web.render import must, office_of

LOOK_EVERY_S = 1.0
BREATH_S = 10.0  # silence this long is broken by a sign of life: the page calls 25 s a cut line
log = logging.getLogger(__name__)
router = APIRouter()

_CHANGED = text(
    "SELECT (SELECT max(changed_at) FROM alert), (SELECT max(counted_at) FROM coverage), (SELECT max(tried_at) FROM source_state), "
    "(SELECT max(received_at) FROM reply), (SELECT max(changed_at) FROM unknown_caller), "
    "(SELECT max(changed_at) FROM mission), (SELECT max(last_at) FROM fault), "
    # a yes of two changes no alert yet, and a fault that is over leaves no row behind
    "(SELECT max(at) FROM approval), (SELECT count(*) FROM fault)"
)


def mark_of(office: Office) -> str:
    """A text that differs whenever the console would. Raises DBAPIError while the database is away."""
    with office.database.session() as session:
        row = session.execute(_CHANGED).one()
    return "-".join(
        f"{seen.timestamp():.3f}" if isinstance(seen, datetime) else str(seen or 0) for seen in row
    )


class Watch:
    """One poller for all streams of a process; it lives while somebody watches."""

    def __init__(self, look: Callable[[], str], every_s: float = LOOK_EVERY_S) -> None:
        self.mark = ""
        self._look, self._every_s = look, every_s
        self._viewers = 0
        self._poller: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    @contextmanager
    def viewer(self) -> Iterator[None]:
        """Somebody watches. Inside, `next_after` may be awaited."""
        self._viewers += 1
        if self._poller is None or self._poller.done():
            self.mark = ""
            self._poller = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self._viewers -= 1
            if self._viewers == 0:
                self._poller.cancel()
                self._poller = None

    @property
    def blind(self) -> bool:
        """The database does not answer: streams end, so that no page calls old numbers live."""
        return self._poller is None or self._poller.done()

    async def next_after(self, last: str, patience_s: float) -> str | None:
        """The newest mark as soon as it is not `last`; None when patience ends first or the watch is blind."""
        if self.mark in ("", last) and not self.blind:
            news = self._news
            try:
                await asyncio.wait_for(news.wait(), patience_s)
            except TimeoutError:
                return None
        return self.mark if self.mark not in ("", last) else None

    async def _poll(self) -> None:
        try:
            while True:
                seen = await run_in_threadpool(self._look)
                if seen != self.mark:
                    self.mark = seen
                    self._tell()
                await asyncio.sleep(self._every_s)
        except DBAPIError as error:
            log.warning("the live line has lost the database: %s", type(error).__name__)
            self.mark = ""
        finally:
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


@router.get("/live")
async def live(request: Request) -> Response:
    """Server-sent events: a number whenever anything on the console has changed, and a breath in between."""
    must(request)
    return StreamingResponse(
        _stream(request, _watch(request)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _watch(request: Request) -> Watch:
    """The process's one watch, made by the first who asks."""
    state = request.app.state
    if not hasattr(state, "watch"):
        office = office_of(request)
        state.watch = Watch(lambda: mark_of(office))
    watch: Watch = state.watch
    return watch


async def _stream(request: Request, watch: Watch) -> AsyncIterator[str]:
    last, silent_s = request.headers.get("Last-Event-ID", ""), 0.0
    yield "retry: 2000\n\n"
    with watch.viewer():
        while not await request.is_disconnected():
            seen = await watch.next_after(last, LOOK_EVERY_S)
            if seen is not None:
                last, silent_s = seen, 0.0
                yield f"id: {seen}\ndata: changed\n\n"
            elif watch.blind:
                return
            elif (silent_s := silent_s + LOOK_EVERY_S) >= BREATH_S:
                silent_s = 0.0
                yield "event: here\ndata: .\n\n"
