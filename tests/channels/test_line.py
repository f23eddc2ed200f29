"""LINE, outward: bodies judged by LINE's own SDK, limits of the API, the meanings of its refusals."""

import json
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from channels import line_message
from channels.contract import Batch, QuotaSpent, ReceiptState, TryLater
from channels.line_quota import Quota
from channels.sms_text import units
from tests.channels.cases import ALERT, MONTHLY, NOW, RATE, WORDS, batch, ids, line_id
from tests.channels.gateway import Asked, Gateway, Said
from tests.channels.line_office import line

S = ReceiptState
OK = Said(200, headers={"x-line-request-id": "r1"})


def contacts(n: int) -> Batch:
    made = batch([line_id(i) for i in range(1, n + 1)], data={"role": "head", "title": "น้ำท่วม"})
    link = "https://raksa.example/h/abc"
    return made._replace(messages=tuple(m._replace(data={**m.data, "link": link}) for m in made.messages))


# --- out ---


async def test_residents_go_out_in_one_call(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    gateway.says = lambda _: OK
    many = batch([line_id(i) for i in range(500)])
    receipts = await line(gateway.url).send(net, many, NOW)
    assert {r.state for r in receipts} == {S.ACCEPTED}
    assert {r.provider_id for r in receipts} == {None}  # the call's id is no recipient's
    (asked,) = gateway.asked
    assert asked.path == "/v2/bot/message/multicast"
    assert len(asked.json["to"]) == 500
    assert "d=" not in asked.body.decode()
    assert f"a=safe&al={ALERT}" in asked.body.decode()
    UUID(asked.headers["x-line-retry-key"])


async def test_contacts_are_told_one_by_one(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    gateway.says = lambda _: OK
    await line(gateway.url).send(net, contacts(3), NOW)
    assert {asked.path for asked in gateway.asked} == {"/v2/bot/message/push"}
    assert {asked.headers["x-line-retry-key"] for asked in gateway.asked} == {str(i) for i in ids(3)}
    assert {f"a=announced&d={i}" for i in ids(3)} <= set(postbacks(gateway.asked))


async def test_two_languages_are_two_calls_with_two_keys(
    gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    gateway.says = lambda _: OK
    made = batch([line_id(i) for i in range(4)])
    mixed = tuple(m._replace(lang="en", text="Flood") if i % 2 else m for i, m in enumerate(made.messages))
    receipts = await line(gateway.url).send(net, made._replace(messages=mixed), NOW)
    assert [r.delivery_id for r in receipts] == [m.id for m in mixed]
    assert len(gateway.asked) == 2
    assert len({asked.headers["x-line-retry-key"] for asked in gateway.asked}) == 2


async def test_one_user_of_two_homes_is_named_once(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    """LINE refuses a whole multicast in which one id stands twice."""
    gateway.says = lambda _: OK
    receipts = await line(gateway.url).send(net, batch([line_id(1), line_id(1), line_id(2)]), NOW)
    assert gateway.asked[0].json["to"] == [line_id(1), line_id(2)]
    assert [r.state for r in receipts] == [S.ACCEPTED] * 3


async def test_one_misspelt_id_does_not_sink_the_others(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    gateway.says = lambda _: OK
    receipts = await line(gateway.url).send(net, batch([line_id(1), "somchai", line_id(2)]), NOW)
    assert [r.state for r in receipts] == [S.ACCEPTED, S.REFUSED, S.ACCEPTED]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param(Said(429, RATE), TryLater, id="rate-waits"),
        pytest.param(Said(429, MONTHLY), QuotaSpent, id="month-is-over-never-waits"),
        pytest.param(Said(429, b'{"message":"concurrent operation"}'), TryLater, id="another-429-waits"),
        pytest.param(Said(429, b"<html>"), TryLater, id="a-429-without-words-waits"),
        pytest.param(Said(502, b""), TryLater, id="bad-gateway"),
    ],
)
async def test_the_meanings_of_no(
    said: Said, error: type[Exception], gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    gateway.says = lambda _: said
    with pytest.raises(error):
        await line(gateway.url).send(net, batch([line_id(1), line_id(2)]), NOW)


@pytest.mark.parametrize(
    ("said", "maybe"),
    [
        pytest.param(Said(500, b""), True, id="500-may-come-after-taking"),
        pytest.param(Said(429, RATE), False, id="rate-took-nothing"),
    ],
)
async def test_what_may_have_been_taken_says_so(
    said: Said, maybe: bool, gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    """Only LINE, which knows the key, may then be asked again; another account would tell people twice."""
    gateway.says = lambda _: said
    with pytest.raises(TryLater) as error:
        await line(gateway.url).send(net, batch([line_id(1), line_id(2)]), NOW)
    assert error.value.maybe_taken is maybe


@pytest.mark.parametrize(
    ("quota", "used", "ok", "left"),
    [
        ({"type": "limited", "value": 500}, 120, True, 380),
        ({"type": "limited", "value": 500}, 520, False, 0),
        ({"type": "none"}, 9, True, None),
    ],
    ids=["some-left", "spent", "no-limit"],
)
async def test_quota(
    quota: dict[str, Any], used: int, ok: bool, left: int | None, gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    def says(asked: Asked) -> Said:
        told = {"totalUsage": used} if asked.path.endswith("consumption") else quota
        return Said(200, json.dumps(told).encode())

    gateway.says = says
    found = await line(gateway.url).quota(net)
    assert found == Quota(quota.get("value"), used)
    assert found.left == left
    assert (await line(gateway.url).probe(net, NOW)).ok is ok


def test_plan_warns_of_a_small_quota() -> None:
    assert line("", monthly_quota=300).plan(301).warning
    assert not line("", monthly_quota=300).plan(300).warning


# --- the words, judged by the SDK ---

PAGE = "https://raksa.example/a/1"
MAP = f"{PAGE}/map.png"
LONG = "\n".join(["บ้านคลองนา หมู่ 3 ไปโรงเรียนวัดดอน 🏫 "] * 400)


@pytest.mark.parametrize("exercise", [False, True], ids=["actual", "exercise"])
@pytest.mark.parametrize("lang", ["th", "en", "xx"])
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(contacts(1), id="contact"),
        pytest.param(batch([line_id(1), line_id(2)]), id="resident-bare-text"),
        pytest.param(
            batch([line_id(1)], data={"title": "t" * 300, "body": "ก\n\nข" * 300}), id="long-bubble"
        ),
        pytest.param(batch([line_id(1)], data={"body": LONG}), id="too-long-for-a-bubble"),
        pytest.param(batch([line_id(1)], data={"title": "x", "map": MAP, "page": PAGE}), id="with-map"),
        pytest.param(batch([line_id(1)], severity="Unknown", data={"title": "x"}), id="unknown-level"),
    ],
)
def test_bodies_please_the_sdk_and_the_limits(made: Batch, lang: str, exercise: bool) -> None:
    from linebot.v3.messaging import MulticastRequest, PushMessageRequest

    message = made.messages[0]._replace(lang=lang)
    messages = line_message.messages(made._replace(exercise=exercise), message)
    unit = [line_message.alert_unit(ALERT)]
    body = {"to": message.address, "messages": messages, "customAggregationUnits": unit}
    for request, to in ((PushMessageRequest, message.address), (MulticastRequest, [message.address])):
        read = request.from_dict({**body, "to": to}).to_dict()
        assert without_none(read)["messages"] == messages  # nothing of ours is unknown to LINE
    assert 1 <= len(messages) <= 5
    for one in messages:
        assert units(one.get("altText", "")) <= 400
        assert units(one.get("text", "")) <= 5000
    actions = list(postback_actions(messages))
    assert len(actions) == 3
    for action in actions:
        assert units(action["label"]) <= 20
        assert len(action["data"]) <= 300
    size = len(json.dumps(messages[0], ensure_ascii=False).encode())
    assert messages[0]["type"] == "text" or size < 30_000
    assert (line_message.EXERCISE in json.dumps(messages, ensure_ascii=False)) is exercise


def test_lock_screen_shows_the_instruction() -> None:
    made = batch([line_id(1)], data={"title": "คำเตือน", "body": "ยาว\nกว่า"})
    assert line_message.messages(made, made.messages[0])[0]["altText"] == WORDS


def test_the_map_stands_between_the_level_and_the_words_and_opens_the_page() -> None:
    made = batch([line_id(1)], data={"title": "x", "map": MAP, "page": PAGE})
    bubble = line_message.messages(made, made.messages[0])[0]["contents"]
    assert (bubble["hero"]["url"], bubble["hero"]["action"]["uri"]) == (MAP, PAGE)
    plain = line_message.messages(batch([line_id(1)]), batch([line_id(1)]).messages[0])[0]["contents"]
    assert "hero" not in plain


def test_a_long_text_keeps_every_word() -> None:
    made = batch([line_id(1)], data={"body": LONG})
    found = line_message.messages(made, made.messages[0])
    assert "".join(m["text"] for m in found) == LONG
    assert "quickReply" in found[-1]


# --- helpers of this file ---


def postback_actions(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, list):
        return [action for one in part for action in postback_actions(one)]
    if not isinstance(part, dict):
        return []
    mine = [part] if part.get("type") == "postback" else []
    return mine + [action for one in part.values() for action in postback_actions(one)]


def postbacks(asked: list[Asked]) -> list[str]:
    return [action["data"] for one in asked for action in postback_actions(one.json)]


def without_none(part: Any) -> Any:
    if isinstance(part, list):
        return [without_none(one) for one in part]
    if isinstance(part, dict):
        return {k: without_none(v) for k, v in part.items() if v is not None}
    return part
