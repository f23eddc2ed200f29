"""Telling a village's LINE group: members counted and billed, nothing private shown there, nothing claimed."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from linebot.v3.messaging import AsyncApiClient, AsyncMessagingApi, Configuration, PushMessageRequest

from channels import line_group_events
from channels.contract import Batch, Proof, QuotaSpent, ReceiptState, TryLater
from channels.line_group import LineGroup
from tests.channels.cases import ALERT, NOW, batch, ids, line_id
from tests.world.clock import Hand
from warning.dead_letters import QUOTA_SPENT
from warning.world.book import Book
from warning.world.line import Line as Settings
from warning.world.line import LineServer, Trouble

A, B, GONE = ("C" + letter * 32 for letter in "abc")
PRIVATE = {"role": "head", "delivery": "d", "link": "https://raksa.example/h/one-head-only", "title": "น้ำท่วม"}


@pytest.fixture
async def line() -> AsyncIterator[LineServer]:
    hand = Hand()
    async with LineServer(Settings("tok", "secret", quota=150), Book(hand), hand) as server:
        server.groups = {A: {line_id(n) for n in range(80)}, B: {line_id(n) for n in range(60)}}
        yield server


def channel(line: LineServer, **changed: Any) -> LineGroup:
    about = {
        "kind": "line_group",
        "name": "line-groups",
        "base_url": line.url,
        "token": "tok",
        "secret": "secret",
    }
    return LineGroup(**(about | {"timeout_s": 2} | changed))


def two(**changed: Any) -> Batch:
    return batch([A, B], data=PRIVATE, **changed)


async def test_each_group_is_one_push_and_each_member_is_billed(
    line: LineServer, net: aiohttp.ClientSession
) -> None:
    receipts = await channel(line).send(net, two(), NOW)
    assert [r.state for r in receipts] == [ReceiptState.ACCEPTED] * 2
    assert "80 members" in receipts[0].why and "60 members" in receipts[1].why
    assert line.book.addresses("line") == {A, B} and line.used == 140
    assert channel(line).proof is Proof.NOTHING


async def test_what_is_one_person_s_own_is_not_shown_to_a_group(
    line: LineServer, net: aiohttp.ClientSession
) -> None:
    told: list[Any] = []
    line.book.listeners.append(lambda _, content: told.append(content))
    await channel(line).send(net, two(), NOW)
    body = told[0]
    words = json.dumps(body, ensure_ascii=False)
    assert PushMessageRequest.from_dict({"to": A, "messages": body})
    assert "one-head-only" not in words and str(ids(2)[0]) not in words and "a=announced" not in words
    assert f"a=safe&al={ALERT}" in words and "น้ำท่วม" in words


async def test_a_group_of_more_people_than_the_month_has_left_is_not_asked(
    line: LineServer, net: aiohttp.ClientSession
) -> None:
    line.used = 75
    receipts = await channel(line).send(net, two(), NOW)
    assert [r.state for r in receipts] == [
        ReceiptState.FAILED,
        ReceiptState.ACCEPTED,
    ]  # the smaller one still
    assert receipts[0].why.startswith(QUOTA_SPENT)  # how the list of who could not be told knows it
    assert line.used == 75 + 60
    line.used = 140
    async with aiohttp.ClientSession() as other:
        with pytest.raises(QuotaSpent):
            await channel(line).send(other, two(), NOW)


async def test_tried_again_with_its_own_key_it_is_posted_once(
    line: LineServer, net: aiohttp.ClientSession
) -> None:
    line.troubles.extend([Trouble.ERROR_AFTER_TAKING])
    one = batch([A], data=PRIVATE)
    with pytest.raises(TryLater) as error:
        await channel(line).send(net, one, NOW)
    assert error.value.maybe_taken
    line.used = 150  # the month has ended meanwhile: it is asked for again all the same
    (receipt,) = await channel(line).send(net, one._replace(maybe_taken=True), NOW)
    assert receipt.state is ReceiptState.ACCEPTED
    assert len(line.book.arrivals("line")) == 1


async def test_a_group_that_showed_us_out_is_refused_and_its_members_are_not_known(
    line: LineServer, net: aiohttp.ClientSession
) -> None:
    made = channel(line)
    assert await made.members(net, GONE) is None
    (receipt,) = await made.send(net, batch([GONE], data=PRIVATE), NOW)
    assert receipt.state is ReceiptState.REFUSED and "Failed to send" in receipt.why
    (person,) = await made.send(net, batch([line_id(1)]), NOW)
    assert person.state is ReceiptState.REFUSED


async def test_the_plan_counts_members(line: LineServer) -> None:
    plan = channel(line, members_a_group=100, monthly_quota=900).plan(10)
    assert plan.recipients == 10 and plan.baht == 100 and "สมาชิก" in plan.warning
    assert not channel(line, members_a_group=100, monthly_quota=1000).plan(10).warning


async def test_the_sdk_counts_the_same_members(line: LineServer) -> None:
    async with AsyncApiClient(Configuration(host=line.url, access_token="tok")) as client:
        assert (await AsyncMessagingApi(client).get_group_member_count(A)).count == 80


async def test_simulated_members_invite_bind_and_show_out(line: LineServer) -> None:
    from warning.world.hooks import Hooks
    from warning.world.line_phones import LinePhones

    phones = LinePhones(line, Hooks("http://127.0.0.1:1"), Hand())
    made = [
        phones.event("", {"type": "join"}, A),
        phones.event(
            line_id(1), {"type": "message", "message": {"type": "text", "id": "1", "text": "93110201"}}, A
        ),
        phones.event("", {"type": "leave"}, A),
    ]
    heard = line_group_events.heard(json.dumps({"events": made}).encode())
    assert [(e.kind, e.code, bool(e.reply_token)) for e in heard] == [
        ("join", "", True), ("code", "93110201", True), ("leave", "", False),
    ]  # fmt: skip
