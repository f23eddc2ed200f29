"""Webhooks of simulated users, read by LINE's own parser."""

import json
from collections.abc import AsyncIterator

import pytest
from linebot.v3 import WebhookParser
from linebot.v3.exceptions import InvalidSignatureError

from tests.world.clock import Hand
from tests.world.listener import Listener
from warning.world.book import Book
from warning.world.hooks import Hooks, Roughness
from warning.world.line import Line, LineServer
from warning.world.line_phones import LinePhones

USER = "U" + "a" * 32


@pytest.fixture
async def office() -> AsyncIterator[Listener]:
    async with Listener() as listener:
        yield listener


async def phones(office: Listener, rough: Roughness) -> tuple[LinePhones, Hooks]:
    hand = Hand()
    hooks = Hooks(office.hook, rough, workers=1)
    await hooks.start()
    return LinePhones(LineServer(Line("tok", "secret"), Book(hand), hand), hooks, hand), hooks


async def test_a_postback_is_signed_as_line_signs(office: Listener) -> None:
    acting, hooks = await phones(office, Roughness())
    event_id = acting.press(USER, "a=announced&d=1")
    await hooks.settled()
    await hooks.stop()
    body, headers = office.got[0]
    event = WebhookParser("secret").parse(body.decode(), headers["x-line-signature"])[0]
    assert (event.type, event.postback.data, event.source.user_id) == ("postback", "a=announced&d=1", USER)
    assert event.webhook_event_id == event_id and len(event_id) == 26
    with pytest.raises(InvalidSignatureError):
        WebhookParser("another").parse(body.decode(), headers["x-line-signature"])


async def test_redelivery_until_taken_keeps_the_event_id(office: Listener) -> None:
    office.answers.extend([503, 500])
    acting, hooks = await phones(office, Roughness(pause_s=0.01))
    acting.say(USER, "ช่วยด้วย")
    await hooks.settled()
    await hooks.stop()
    events = [json.loads(body)["events"][0] for body, _ in office.got]
    assert [e["deliveryContext"]["isRedelivery"] for e in events] == [False, True, True]
    assert len({e["webhookEventId"] for e in events}) == 1
    assert hooks.statuses == [503, 500, 200]


async def test_duplicates_share_their_id(office: Listener) -> None:
    acting, hooks = await phones(office, Roughness(duplicate=1.0))
    acting.press(USER, "a=safe")
    await hooks.settled()
    await hooks.stop()
    assert len({json.loads(body)["events"][0]["webhookEventId"] for body, _ in office.got}) == 1
    assert len(office.got) == 2


async def test_out_of_order_is_a_matter_of_seed(office: Listener) -> None:
    acting, hooks = await phones(office, Roughness(delayed=0.5, delay_s=0.1))
    sent = [acting.press(USER, f"a=safe&d={i}") for i in range(12)]
    await hooks.settled()
    await hooks.stop()
    came = [json.loads(body)["events"][0]["webhookEventId"] for body, _ in office.got]
    assert came != sent and sorted(came) == sorted(sent)


async def test_verify_has_no_events_and_unknown_office_is_counted(office: Listener) -> None:
    acting, hooks = await phones(office, Roughness())
    assert await acting.verify() == 200
    assert json.loads(office.got[0][0])["events"] == []
    hooks.url = None
    acting.unfollow(USER)
    await hooks.settled()
    await hooks.stop()
    assert hooks.homeless == 1 and len(office.got) == 1
