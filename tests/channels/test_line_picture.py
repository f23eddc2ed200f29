"""A picture is fetched by its number, whole or not at all."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from channels.line_picture import picture
from channels.line_talk import heard

TOKEN = "t0ken"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async def content(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        if request.match_info["number"] != "42":
            return web.json_response({"message": "Not found"}, status=404)
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(10):
            await answer.write(b"x" * 100)
        return answer

    app = web.Application()
    app.add_routes([web.get("/v2/bot/message/{number}/content", content)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("token", "number", "most", "got"),
    [
        pytest.param(TOKEN, "42", 1000, 1000, id="whole-in-pieces"),
        pytest.param(TOKEN, "42", 999, None, id="too-large"),
        pytest.param(TOKEN, "41", 1000, None, id="gone"),
        pytest.param("other", "42", 1000, None, id="not-ours"),
        pytest.param(TOKEN, "../../42", 1000, None, id="no-number"),
    ],
)
async def test_fetched(url: str, token: str, number: str, most: int, got: int | None) -> None:
    async with aiohttp.ClientSession() as wire:
        body = await picture(wire, url, token, number, most_bytes=most)
    assert (None if body is None else len(body)) == got


async def test_nobody_there() -> None:
    async with aiohttp.ClientSession() as wire:
        assert await picture(wire, "http://127.0.0.1:9", TOKEN, "42", most_bytes=9) is None


def test_only_what_one_person_sends_is_read() -> None:
    event = (
        b'{"events":[{"type":"message","replyToken":"r","message":{"type":"image","id":"42"},"source":%s}]}'
    )
    [said] = heard(event % b'{"type":"user","userId":"U1"}')
    assert (said.kind, said.text) == ("picture", "42")
    assert heard(event % b'{"type":"group","groupId":"C1","userId":"U1"}') == []
