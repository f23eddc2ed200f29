"""People answer what arrived, through the gateways, to a webhook on a real socket."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.world.clock import Hand
from tests.world.listener import Listener
from warning.world.line import Line
from warning.world.people import Contact, Habits, Manner, button
from warning.world.sms import Sms
from warning.world.world import World, WorldSettings

HEAD, HEAD_LINE, HOME = "+66812345678", "U" + "1" * 32, "+66898765432"
AT_ONCE = {"contact_s": (0.0, 0.01), "resident_s": (0.0, 0.01)}


def buttons(delivery: str) -> list[dict[str, Any]]:
    def action(what: str) -> dict[str, Any]:
        return {"type": "postback", "label": what, "data": f"a={what}&d={delivery}"}

    items = [{"type": "action", "action": action(w)} for w in ("announced", "help")]
    bubble = {
        "type": "bubble",
        "footer": {"type": "box", "contents": [{"type": "button", "action": action("water")}]},
    }
    return [
        {"type": "text", "text": "น้ำมาแล้ว", "quickReply": {"items": items}},
        {"type": "flex", "altText": "x", "contents": bubble},
    ]


@pytest.mark.parametrize(
    ("manner", "data"),
    [
        (Manner.ANNOUNCES, "a=announced&d=7"),
        (Manner.HELP, "a=help&d=7"),
        (Manner.WATER, "a=water&d=7"),
        (Manner.SAFE, None),
    ],
)
def test_the_button_is_found_wherever_it_stands(manner: Manner, data: str | None) -> None:
    assert button(buttons("7"), manner) == data


@pytest.fixture
async def office() -> AsyncIterator[Listener]:
    async with Listener() as listener:
        yield listener


def settings(office: Listener, *contacts: Contact, **habits: Any) -> WorldSettings:
    return WorldSettings(
        line=Line("tok", "ls"),
        sms=Sms("tok", "ss", receipts=False),
        contacts=contacts,
        habits=Habits(**(AT_ONCE | habits)),
        line_hook=office.hook,
        sms_hook=office.hook,
    )


async def sms(world: World, to: str, text: str = "น้ำมาแล้ว") -> int:
    headers = {"Authorization": "Bearer tok", "Idempotency-Key": str(uuid4())}
    body = {"to": to, "from": "Raksa", "text": text}
    async with (
        aiohttp.ClientSession() as http,
        http.post(world.sms_url, json=body, headers=headers) as answer,
    ):
        return answer.status


async def push(world: World, to: str, messages: list[dict[str, Any]]) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{world.line_url}/v2/bot/message/push",
            json={"to": to, "messages": messages},
            headers={"Authorization": "Bearer tok"},
        ) as answer,
    ):
        return answer.status


async def heard(world: World, office: Listener) -> list[dict[str, Any]]:
    await world.people.settled()
    await world.sms_hooks.settled()
    await world.line_hooks.settled()
    return [json.loads(body) for body, _ in office.got]


@pytest.mark.parametrize(
    ("manner", "to", "text"),
    [
        pytest.param(Manner.ANNOUNCES, HEAD, "1 85", id="head-announced-85-homes"),
        pytest.param(Manner.HELP, HEAD, "2", id="head-needs-help"),
        pytest.param(Manner.WATER, HEAD, "3", id="head-water-here"),
        pytest.param(Manner.SILENT, HEAD, None, id="head-silent"),
        pytest.param(Manner.SAFE, HOME, "1", id="resident-safe"),
        pytest.param(Manner.HELP, HOME, "2", id="resident-needs-help"),
        pytest.param(Manner.SILENT, HOME, None, id="resident-silent"),
    ],
)
async def test_answers_by_sms(office: Listener, manner: Manner, to: str, text: str | None) -> None:
    contacts = (Contact("head", ("081-234-5678",), 85, manner),) if to == HEAD else ()
    async with World(settings(office, *contacts, resident={manner: 1.0}), now=Hand()) as world:
        assert await sms(world, to) == 202
        came = await heard(world, office)
    assert [(c["from"], c["text"]) for c in came] == ([(to, text)] if text else [])


async def test_a_head_presses_the_messages_own_button_and_tells_the_homes(office: Listener) -> None:
    head = Contact("head", (HEAD_LINE, HEAD), 85, Manner.ANNOUNCES)
    async with World(settings(office, head), now=Hand()) as world:
        assert await push(world, HEAD_LINE, buttons("9")) == 200
        await sms(world, HEAD)
        events = [e for c in await heard(world, office) for e in c["events"]]
        assert [s.homes for s in world.people.said] == [85]
    pressed = next(e for e in events if e["type"] == "postback")
    assert pressed["postback"]["data"] == "a=announced&d=9"
    assert pressed["source"]["userId"] == HEAD_LINE
    assert [e["message"]["text"] for e in events if e["type"] == "message"] == ["ประกาศแล้ว 85 หลัง"]


async def test_a_message_without_the_button_gets_no_answer(office: Listener) -> None:
    async with World(settings(office, resident={Manner.SAFE: 1.0}), now=Hand()) as world:
        await push(world, HEAD_LINE, buttons("9"))
        assert await heard(world, office) == []


async def test_dead_and_blocked_phones_answer_nothing(office: Listener) -> None:
    async with World(settings(office, resident={Manner.SAFE: 1.0}), now=Hand()) as world:
        world.sms.dead.add(HOME)
        world.line.blocked.add(HEAD_LINE)
        assert await sms(world, HOME) == 202
        assert await push(world, HEAD_LINE, buttons("9")) == 200
        assert await heard(world, office) == []
        assert world.book.arrivals() == []


async def test_who_does_what_depends_on_the_seed_alone(office: Listener) -> None:
    numbers = [f"+668{i:08d}" for i in range(1000)]
    one = World(settings(office, seed=1), now=Hand()).people
    same = World(settings(office, seed=1), now=Hand()).people
    other = World(settings(office, seed=2), now=Hand()).people
    drawn = [one.manner(n) for n in numbers]
    assert drawn == [same.manner(n) for n in reversed(numbers)][::-1]
    assert drawn != [other.manner(n) for n in numbers]
    assert 480 <= drawn.count(Manner.SAFE) <= 620
    assert 10 <= drawn.count(Manner.HELP) <= 60
