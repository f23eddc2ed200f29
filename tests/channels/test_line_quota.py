"""LINE's month: asked before a send, shared by the account's channels, never in the way of what may have been taken."""

import asyncio
import json
from collections.abc import Sequence
from uuid import UUID

import aiohttp
import pytest

from channels.contract import Batch, Message, QuotaSpent, Receipt, ReceiptState, TryLater
from channels.line_cut import whole_or_halves
from channels.line_wire import TooLarge
from tests.channels.cases import KEY, MONTHLY, NOW, RATE, batch, line_id
from tests.channels.gateway import Asked, Gateway, Said
from tests.channels.line_office import TAKEN, TAKEN_BEFORE, account, line

S = ReceiptState


def homes(n: int, first: int = 1) -> Batch:
    return batch([line_id(i) for i in range(first, first + n)])


async def test_too_little_left_is_said_before_any_send(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    account(gateway, limit=500, used=498)
    with pytest.raises(QuotaSpent):
        await line(gateway.url).send(net, homes(3), NOW)
    assert gateway.asked == []
    assert {r.state for r in await line(gateway.url).send(net, homes(2), NOW)} == {S.ACCEPTED}  # two it can


async def test_the_account_is_asked_once_for_many_sends_of_several_channels(
    gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    account(gateway, limit=520_000)
    channels = [line(gateway.url, name=f"line{n}") for n in range(4)]
    await asyncio.gather(*(channels[n % 4].send(net, homes(500, 500 * n), NOW) for n in range(40)))
    assert len(gateway.asked) == 40
    assert [a.path.rsplit("/", 1)[1] for a in gateway.looked].count("consumption") == 1


async def test_another_account_has_its_own_month(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    def says(asked: Asked) -> Said:
        rich = asked.headers["authorization"] == "Bearer rich"
        if asked.path.endswith("/consumption"):
            return Said(200, b'{"totalUsage":0}')
        if asked.path.endswith("/quota"):
            return Said(200, json.dumps({"type": "limited", "value": 9 if rich else 1}).encode())
        return TAKEN

    gateway.says = says
    with pytest.raises(QuotaSpent):
        await line(gateway.url).send(net, homes(3), NOW)
    await line(gateway.url, token="rich").send(net, homes(3), NOW)


async def test_what_was_sent_since_it_was_asked_counts_and_friends_who_left_do_not(
    gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    """Our own count first; before a send is given up LINE is asked again, which bills nobody who blocked the account."""
    account(gateway, limit=4, used=0)
    channel = line(gateway.url)
    await channel.send(net, homes(3), NOW)
    await channel.send(net, homes(3), NOW)  # LINE billed nobody of the first three
    assert len(gateway.asked) == 2
    account(gateway, limit=4, used=3)
    with pytest.raises(QuotaSpent):
        await channel.send(net, homes(3), NOW)
    assert len(gateway.asked) == 2


async def test_once_ended_later_segments_waste_no_call(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    account(gateway, limit=1000, sends=lambda _: Said(429, MONTHLY))  # the count came too late to tell
    channel = line(gateway.url)
    for _ in range(5):
        with pytest.raises(QuotaSpent):
            await channel.send(net, homes(3), NOW)
    assert len(gateway.asked) == 1
    account(gateway, limit=1000, used=998)
    await channel.send(net, homes(1), NOW)  # fewer than were refused may still go
    assert len(gateway.asked) == 2


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        pytest.param(TAKEN_BEFORE, {S.ACCEPTED}, id="it-was-taken"),
        pytest.param(Said(429, MONTHLY), QuotaSpent, id="it-was-not"),
        pytest.param(Said(500), TryLater, id="still-not-known"),
    ],
)
async def test_what_may_have_been_taken_is_asked_for_again_though_nothing_is_left(
    said: Said, outcome: set[S] | type[Exception], gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    account(gateway, limit=3, used=3, sends=lambda _: said)
    again = homes(3)._replace(maybe_taken=True)
    if isinstance(outcome, set):
        assert {r.state for r in await line(gateway.url).send(net, again, NOW)} == outcome
    else:
        with pytest.raises(outcome):
            await line(gateway.url).send(net, again, NOW)
    assert len(gateway.asked) == 1


@pytest.mark.parametrize(
    "says",
    [Said(403), Said(401), Said(500), Said(200, b"<html>"), Said(200, cut=True), Said(200, hang=True)],
    ids=["not-entitled", "token", "unwell", "nonsense", "cut", "silent"],
)
async def test_a_quota_that_cannot_be_asked_holds_nobody_up(
    says: Said, gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    gateway.says = lambda asked: says if "/quota" in asked.path else TAKEN
    for _ in range(3):
        assert {r.state for r in await line(gateway.url).send(net, homes(3), NOW)} == {S.ACCEPTED}
    assert len(gateway.looked) <= 4  # nor is each of them made to wait (a client may repeat a GET by itself)


async def test_a_reserve_is_kept_for_danger_to_life(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    account(gateway, limit=10)
    channel = line(gateway.url, reserve=8)
    with pytest.raises(QuotaSpent):
        await channel.send(net, homes(3)._replace(severity="Moderate"), NOW)
    assert {r.state for r in await channel.send(net, homes(3), NOW)} == {S.ACCEPTED}


@pytest.mark.parametrize(
    ("body", "wait_s"),
    [
        pytest.param(RATE, 1, id="rate-slows-the-account"),
        pytest.param(
            b'{"message":"Concurrent operation limit"}', None, id="another-operation-slows-only-this-call"
        ),
        pytest.param(b"<html>", 1, id="not-a-word"),
    ],
)
async def test_the_other_429(
    body: bytes, wait_s: int | None, gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    account(gateway, limit=None, sends=lambda _: Said(429, body))
    with pytest.raises(TryLater) as error:
        await line(gateway.url).send(net, homes(3), NOW)
    assert not error.value.maybe_taken
    assert (error.value.retry_after.total_seconds() if error.value.retry_after else None) == wait_s


async def test_a_push_that_may_have_been_taken_is_not_lost_beside_one_that_met_the_end_of_the_month(
    gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    """QuotaSpent says that nothing of the batch was taken: it may not be said beside a lost answer."""
    said = [Said(429, MONTHLY), Said(500)]
    account(gateway, limit=None, sends=lambda _: said.pop())
    both = batch([line_id(1), line_id(2)], data={"role": "head"})
    receipts = await line(gateway.url, in_flight=2).send(net, both, NOW)
    assert [r.state for r in receipts] == [S.TRY_LATER] * 2
    assert [r.maybe_taken for r in receipts].count(True) == 1


# --- too large ---


async def test_too_large_goes_out_in_halves_with_the_same_keys_each_time(
    gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    """The second half fails at first; asked again, LINE has the first half already and nobody is told twice."""
    taken: dict[str, list[str]] = {}
    fails = [Said(500)]

    def sends(asked: Asked) -> Said:
        to, key = asked.json["to"], asked.headers["x-line-retry-key"]
        if len(to) > 60:
            return Said(413, b'{"message":"Request entity too large"}')
        if key in taken:
            return TAKEN_BEFORE
        if taken and fails:
            return fails.pop()
        taken[key] = to
        return TAKEN

    account(gateway, limit=None, sends=sends)
    channel, many = line(gateway.url), homes(200)
    with pytest.raises(TryLater) as error:
        await channel.send(net, many, NOW)
    assert error.value.maybe_taken
    receipts = await channel.send(net, many._replace(maybe_taken=True), NOW)
    assert [r.delivery_id for r in receipts] == [m.id for m in many.messages]
    assert {r.state for r in receipts} == {S.ACCEPTED}
    told = [user for to in taken.values() for user in to]
    assert sorted(told) == sorted(m.address for m in many.messages)  # each once
    assert 4 <= len(taken) <= 8


async def test_too_large_for_one_is_refused(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    account(gateway, limit=None, sends=lambda _: Said(413))
    receipts = await line(gateway.url).send(net, homes(4), NOW)
    assert {r.state for r in receipts} == {S.REFUSED}


async def test_a_user_of_two_homes_stays_in_one_half() -> None:
    calls: list[str] = []

    async def post(group: Sequence[Message], key: UUID) -> list[Receipt]:
        if len({m.address for m in group}) > 1:
            raise TooLarge("413")
        calls.append(group[0].address)
        return [Receipt(m.id, S.ACCEPTED, NOW) for m in group]

    twice = batch([line_id(n) for n in (1, 2, 1, 3, 2, 1)]).messages
    assert len(await whole_or_halves(post, twice, KEY, NOW)) == 6
    assert sorted(calls) == [line_id(1), line_id(2), line_id(3)]
