"""The fake LINE against an independent client: LINE's own SDK, and aiohttp where the SDK refuses to ask."""

import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from linebot.v3.messaging import (
    ApiException,
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    MulticastRequest,
    PushMessageRequest,
    TextMessage,
)

from tests.world.clock import Hand
from warning.world.book import Book
from warning.world.line import KEY_TEXT, QUOTA_TEXT, RATE_TEXT, Line, LineServer, Trouble

A, B, C = ("U" + str(i) * 32 for i in (1, 2, 3))
HELLO = {"type": "text", "text": "น้ำมาแล้ว"}


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def line(hand: Hand) -> AsyncIterator[LineServer]:
    settings = Line("tok", "secret", quota=5, friends=frozenset({A, B}), blocked=frozenset({B}), slow_s=0.3)
    async with LineServer(settings, Book(hand), hand) as server:
        yield server


@pytest.fixture
async def sdk(line: LineServer) -> AsyncIterator[AsyncMessagingApi]:
    async with AsyncApiClient(Configuration(host=line.url, access_token="tok")) as client:
        yield AsyncMessagingApi(client)


async def post(
    line: LineServer, kind: str, body: Any, key: str | None = None, token: str = "tok"
) -> tuple[int, dict[str, Any], str]:
    headers = {"Authorization": f"Bearer {token}"} | ({"X-Line-Retry-Key": key} if key else {})
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{line.url}/v2/bot/message/{kind}", data=BytesIO(json.dumps(body).encode()), headers=headers
        ) as answer,
    ):
        return answer.status, await answer.json(), answer.headers["x-line-request-id"]


def multicast(to: list[str], text: str = "น้ำมาแล้ว") -> MulticastRequest:
    return MulticastRequest(to=to, messages=[TextMessage(text=text)])


async def test_the_sdk_sends_and_blocked_and_unknown_are_silent(
    line: LineServer, sdk: AsyncMessagingApi
) -> None:
    answer = await sdk.multicast_with_http_info(multicast([A, B, C]), x_line_retry_key=str(uuid4()))
    assert answer.status_code == 200
    assert answer.headers["x-line-request-id"]
    assert line.book.addresses("line") == {A}
    assert line.used == 1
    pushed = await sdk.push_message(PushMessageRequest(to=A, messages=[TextMessage(text="x")]))
    assert len(pushed.sent_messages) == 1
    assert (await sdk.get_message_quota_consumption()).total_usage == 2
    assert (await sdk.get_message_quota()).value == 5


async def test_the_same_key_is_409_for_a_day_with_the_first_request_id(
    line: LineServer, sdk: AsyncMessagingApi, hand: Hand
) -> None:
    key = str(uuid4())
    first = await sdk.push_message_with_http_info(
        PushMessageRequest(to=A, messages=[TextMessage(text="x")]), x_line_retry_key=key
    )
    hand.forward(hours=23)
    with pytest.raises(ApiException) as again:
        await sdk.push_message(
            PushMessageRequest(to=A, messages=[TextMessage(text="x")]), x_line_retry_key=key
        )
    assert again.value.status == 409
    assert again.value.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert KEY_TEXT in again.value.body and first.data.sent_messages[0].id in again.value.body
    assert line.book.repeats() == [] and line.used == 1
    hand.forward(hours=2)
    assert (await post(line, "push", {"to": A, "messages": [HELLO]}, key))[0] == 200


@pytest.mark.parametrize(
    ("trouble", "status", "taken"),
    [
        pytest.param(Trouble.SERVER_ERROR, 500, False, id="500-nothing-taken"),
        pytest.param(Trouble.ERROR_AFTER_TAKING, 500, True, id="500-yet-taken"),
        pytest.param(Trouble.RATE, 429, False, id="rate"),
        pytest.param(Trouble.QUOTA, 429, False, id="quota"),
        pytest.param(Trouble.CONCURRENT, 429, False, id="concurrent"),
        pytest.param(Trouble.SLOW, 200, True, id="slow"),
    ],
)
async def test_trouble_then_a_retry_with_the_same_key_reaches_once(
    line: LineServer, trouble: Trouble, status: int, taken: bool
) -> None:
    line.troubles.append(trouble)
    key, body = str(uuid4()), {"to": [A], "messages": [HELLO]}
    assert (await post(line, "multicast", body, key))[0] == status
    assert bool(line.book.arrivals()) is taken
    assert (await post(line, "multicast", body, key))[0] == (409 if taken else 200)
    assert len(line.book.arrivals()) == 1


async def test_without_a_key_a_retry_is_a_repeat_and_the_book_says_so(line: LineServer) -> None:
    line.troubles.append(Trouble.ERROR_AFTER_TAKING)
    for _ in range(2):
        await post(line, "multicast", {"to": [A], "messages": [HELLO]})
    assert [(r.address, r.key, r.times) for r in line.book.repeats()] == [(A, None, 2)]


async def test_a_cut_connection_after_taking_is_found_by_the_key(line: LineServer) -> None:
    line.troubles.append(Trouble.CUT)
    key, body = str(uuid4()), {"to": [A], "messages": [HELLO]}
    with pytest.raises(aiohttp.ClientError):
        await post(line, "multicast", body, key)
    assert (await post(line, "multicast", body, key))[0] == 409


async def test_the_two_429_have_their_own_words(line: LineServer) -> None:
    line.troubles.append(Trouble.RATE)
    assert (await post(line, "push", {"to": A, "messages": [HELLO]}))[1]["message"] == RATE_TEXT
    for _ in range(5):
        assert (await post(line, "push", {"to": A, "messages": [HELLO]}))[0] == 200
    assert (await post(line, "push", {"to": A, "messages": [HELLO]}))[1]["message"] == QUOTA_TEXT
    assert (await post(line, "validate/push", {"messages": [HELLO]}))[0] == 200


async def test_calls_beyond_the_rate_are_turned_away(hand: Hand) -> None:
    async with LineServer(Line("tok", "s", rates={"push": 3}), Book(hand), hand) as line:
        statuses = [(await post(line, "push", {"to": A, "messages": [HELLO]}))[0] for _ in range(6)]
    assert statuses[:3] == [200] * 3 and 429 in statuses[3:]


def flex(bubbles: int) -> dict[str, Any]:
    return {"type": "flex", "altText": "x", "contents": {"type": "carousel", "contents": [{}] * bubbles}}


def quick(data: str) -> dict[str, Any]:
    action = {"type": "postback", "label": "ok", "data": data}
    return HELLO | {"quickReply": {"items": [{"type": "action", "action": action}]}}


@pytest.mark.parametrize(
    ("kind", "body", "key", "token", "status"),
    [
        pytest.param("push", {"to": A, "messages": [HELLO]}, None, "other", 401, id="token"),
        pytest.param("push", {"to": A, "messages": [HELLO] * 6}, None, "tok", 400, id="six-messages"),
        pytest.param("push", {"to": A, "messages": []}, None, "tok", 400, id="no-message"),
        pytest.param("push", {"to": "0812345678", "messages": [HELLO]}, None, "tok", 400, id="not-a-user-id"),
        pytest.param(
            "push", {"to": A, "messages": [HELLO | {"text": "ก" * 5001}]}, None, "tok", 400, id="long"
        ),
        pytest.param(
            "push", {"to": A, "messages": [HELLO | {"text": "ก" * 5000}]}, None, "tok", 200, id="just"
        ),
        pytest.param("push", {"to": A, "messages": [HELLO | {"text": ""}]}, None, "tok", 400, id="no-text"),
        pytest.param("push", {"to": A, "messages": [flex(13)]}, None, "tok", 400, id="13-bubbles"),
        pytest.param("push", {"to": A, "messages": [flex(12)]}, None, "tok", 200, id="12-bubbles"),
        pytest.param("push", {"to": A, "messages": [quick("a" * 301)]}, None, "tok", 400, id="postback-301"),
        pytest.param("push", {"to": A, "messages": [quick("a" * 300)]}, None, "tok", 200, id="postback-300"),
        pytest.param("push", {"to": A, "messages": [HELLO]}, "not-a-uuid", "tok", 400, id="bad-key"),
        pytest.param(
            "reply", {"replyToken": "x", "messages": [HELLO]}, str(uuid4()), "tok", 400, id="key-on-reply"
        ),
        pytest.param("reply", {"replyToken": "x", "messages": [HELLO]}, None, "tok", 400, id="reply-token"),
        pytest.param("multicast", {"to": [], "messages": [HELLO]}, None, "tok", 400, id="nobody"),
        pytest.param("multicast", {"to": [A, A], "messages": [HELLO]}, None, "tok", 400, id="one-twice"),
        pytest.param(
            "multicast",
            {"to": [f"U{i:032x}" for i in range(501)], "messages": [HELLO]},
            None,
            "tok",
            400,
            id="501",
        ),
        pytest.param(
            "multicast",
            {"to": [f"U{i:032x}" for i in range(500)], "messages": [HELLO]},
            None,
            "tok",
            200,
            id="500",
        ),
        pytest.param("push", {"to": A, "messages": [HELLO], "x": "x" * 2**21}, None, "tok", 413, id="2MB"),
        pytest.param("narrowcast", {"messages": [HELLO]}, None, "tok", 403, id="plan"),
    ],
)
async def test_refuses_what_line_refuses(
    line: LineServer, kind: str, body: Any, key: str | None, token: str, status: int
) -> None:
    found, said, _ = await post(line, kind, body, key, token)
    assert found == status, said
    assert ("message" in said) is (status != 200)
    assert status == 200 or not line.book.arrivals()


async def test_a_reply_token_works_once_and_costs_nothing(line: LineServer) -> None:
    line.reply_tokens["t"] = A
    assert (await post(line, "reply", {"replyToken": "t", "messages": [HELLO]}))[0] == 200
    assert (await post(line, "reply", {"replyToken": "t", "messages": [HELLO]}))[0] == 400
    assert line.used == 0 and line.book.addresses() == {A}
