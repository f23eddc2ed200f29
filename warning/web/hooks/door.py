"""One address a carrier, `/hooks/NAME`: its signature is checked on the raw body before anything is parsed; repeats are harmless.

It stands before the pages: a carrier has no session, no language and no form, and in a flood of reports each layer it need not pass
through is another hundred reports a second.
"""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from channels.contract import BadSignature
from channels.webhook import MAX_BODY
from warning.office import Office
from warning.web.hooks.talker import Talker
from warning.web.hooks.together import Heard, Together

PREFIX = "/hooks/"


class Door:
    """ASGI. 200 when written down, 401 for a wrong signature, 400 for nonsense, 413 for too much, 404 for no such carrier."""

    def __init__(self, app: ASGIApp, office: Office) -> None:
        self._app, self._office, self._together = app, office, Together(office)
        self._talker = Talker(office)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        answer = await self._hear(Request(scope, receive))
        await answer(scope, receive, send)

    async def _hear(self, request: Request) -> Response:
        channel = self._office.channels.get(request.url.path.removeprefix(PREFIX))
        if channel is None:
            return Response(status_code=404)
        if request.method == "GET":  # Kannel reports so: the query is the body
            body: bytes | None = request.url.query.encode()
        elif request.method == "POST":
            body = await _read(request)
        else:
            return Response(status_code=405)
        if body is None:
            return Response(status_code=413)
        try:
            items = channel.hear(body, request.headers, self._office.clock.now())
        except BadSignature:
            return Response(status_code=401)
        except ValueError:
            return Response(status_code=400)
        if items:
            await self._together.take_in(Heard(channel.name, channel.needs, items))
        self._talker.about(channel, body)  # after it is on disk: nobody is thanked for what may be lost
        return Response(status_code=200)


async def _read(request: Request) -> bytes | None:
    """The body; None when it is too much. One that breaks off is nonsense, and the carrier will say it again."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                return None
    except ClientDisconnect:
        return b""
    return body
