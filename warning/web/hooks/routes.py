"""One address a carrier: its signature is checked on the raw body before anything is parsed; repeats are harmless."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from channels.contract import BadSignature
from channels.webhook import MAX_BODY
from warning.running import take_in
from warning.web.render import office_of

router = APIRouter()


@router.post("/hooks/{name}")
async def hear(request: Request, name: str) -> Response:
    """200 when written down, 401 for a wrong signature, 400 for nonsense, 413 for too much, 404 for no such carrier."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            return Response(status_code=413)
    return await _take(request, name, body)


@router.get("/hooks/{name}")
async def hear_by_address(request: Request, name: str) -> Response:
    """Kannel reports by GET: the query is the body."""
    return await _take(request, name, request.url.query.encode())


async def _take(request: Request, name: str, body: bytes) -> Response:
    office = office_of(request)
    channel = office.channels.get(name)
    if channel is None:
        return Response(status_code=404)
    try:
        items = channel.hear(body, request.headers, office.clock.now())
    except BadSignature:
        return Response(status_code=401)
    except ValueError:
        return Response(status_code=400)
    await run_in_threadpool(take_in, office, name, items, channel.needs)
    return Response(status_code=200)
