"""An alert for the whole area by one broadcast: once whoever asks, never beside a multicast, honest where LINE refuses it."""

import aiohttp
import pytest

from channels.contract import Batch, ReceiptState, TryLater
from tests.channels.cases import MONTHLY, NOW, RATE, batch, line_id
from tests.channels.gateway import Asked, Gateway, Said
from tests.channels.line_office import TAKEN, TAKEN_BEFORE, account, line

S = ReceiptState


def everybody(n: int = 3, first: int = 1) -> Batch:
    return batch([line_id(i) for i in range(first, first + n)], everybody=True)


def kinds(gateway: Gateway) -> list[str]:
    return [asked.path.rsplit("/", 1)[1] for asked in gateway.asked]


async def test_all_segments_are_one_call(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    from linebot.v3.messaging import BroadcastRequest

    account(gateway, limit=None)
    channel = line(gateway.url, broadcast=True)
    for first in (1, 4, 7):
        receipts = await channel.send(net, everybody(first=first), NOW)
        assert {(r.state, r.why) for r in receipts} == {(S.ACCEPTED, "LINE broadcast r1")}
    (asked,) = gateway.asked
    assert asked.path == "/v2/bot/message/broadcast"
    assert BroadcastRequest.from_dict(asked.json).messages
    assert line_id(1) not in asked.body.decode()


async def test_another_worker_has_the_same_key_and_tells_nobody_again(gateway: Gateway) -> None:
    said = [TAKEN_BEFORE, TAKEN]
    account(gateway, limit=None, sends=lambda _: said.pop())
    for _ in range(2):
        async with aiohttp.ClientSession() as net:
            receipts = await line(gateway.url, broadcast=True).send(net, everybody(), NOW)
            assert {r.state for r in receipts} == {S.ACCEPTED}
    assert len({asked.headers["x-line-retry-key"] for asked in gateway.asked}) == 1


@pytest.mark.parametrize(
    "no",
    [Said(403), Said(400), Said(429, MONTHLY)],
    ids=["not-in-the-plan", "words", "more-friends-than-the-month-has-left"],
)
async def test_where_line_refuses_it_each_is_told_by_multicast(
    no: Said, gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    account(gateway, limit=10, sends=lambda asked: no if asked.path.endswith("broadcast") else TAKEN)
    channel = line(gateway.url, broadcast=True)
    for _ in range(2):
        assert {r.state for r in await channel.send(net, everybody(), NOW)} == {S.ACCEPTED}
    assert kinds(gateway) == ["broadcast", "multicast", "multicast"]


@pytest.mark.parametrize(
    "no", [Said(429, RATE), Said(500), Said(200, cut=True)], ids=["rate", "unwell", "cut"]
)
async def test_what_may_yet_go_out_by_broadcast_is_not_sent_by_multicast(
    no: Said, gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    account(gateway, limit=None, sends=lambda _: no)
    with pytest.raises(TryLater):
        await line(gateway.url, broadcast=True).send(net, everybody(), NOW)
    assert "multicast" not in kinds(gateway)


@pytest.mark.parametrize(
    ("on", "made"),
    [
        pytest.param(False, everybody(), id="switched-off"),
        pytest.param(True, everybody()._replace(everybody=False), id="not-for-everybody"),
    ],
)
async def test_else_it_is_a_multicast(
    on: bool, made: Batch, gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    account(gateway, limit=None)
    await line(gateway.url, broadcast=on).send(net, made, NOW)
    assert kinds(gateway) == ["multicast"]


async def test_contacts_have_their_own_buttons_and_foreigners_their_own_words(
    gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    def sends(asked: Asked) -> Said:
        return TAKEN

    account(gateway, limit=None, sends=sends)
    one, two, three = everybody().messages
    mixed = (one._replace(data={"role": "head"}), two._replace(lang="en", text="Flood"), three)
    await line(gateway.url, broadcast=True).send(net, everybody()._replace(messages=mixed), NOW)
    assert sorted(kinds(gateway)) == ["broadcast", "multicast", "push"]
