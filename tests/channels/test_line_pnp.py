"""LINE by telephone number: the number leaves hashed, LINE's own client judges the body, the delivery event is a telephone's word."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import aiohttp
import pytest
from linebot.v3.messaging import (
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    PnpMessagesRequest,
    TextMessage,
)

from channels import line_webhook
from channels.contract import ChannelBroken, Proof, Receipt, ReceiptState
from channels.line_pnp import LinePnp, hashed
from tests.channels.cases import NOW, PHONES, batch, ids
from tests.channels.gateway import Gateway, Said
from tests.world.clock import Hand
from warning.world.book import Book
from warning.world.hooks import Hooks
from warning.world.line import Line as Settings
from warning.world.line import LineServer
from warning.world.line_phones import LinePhones

S = ReceiptState


@pytest.fixture
async def line() -> AsyncIterator[LineServer]:
    hand = Hand()
    async with LineServer(Settings("tok", "secret"), Book(hand), hand) as server:
        server.numbers.entitle(PHONES[:2])
        yield server


def channel(url: str, **changed: Any) -> LinePnp:
    about = {"kind": "line_pnp", "name": "line-numbers", "base_url": url, "token": "tok", "secret": "secret"}
    return LinePnp(**(about | {"timeout_s": 2} | changed))


async def test_who_has_line_is_told_and_a_landline_is_not_even_asked(
    line: LineServer, net: aiohttp.ClientSession
) -> None:
    receipts = await channel(line.url).send(net, batch([*PHONES, "+6674613000"]), NOW)
    assert [r.state for r in receipts] == [S.ACCEPTED, S.ACCEPTED, S.REFUSED, S.REFUSED]
    assert line.book.addresses("line_pnp") == set(PHONES[:2])
    assert sorted(line.numbers.tags) == sorted(str(i) for i in ids(2))
    assert channel("").proof is Proof.HANDSET


async def test_the_number_leaves_only_as_its_hash_and_nothing_is_retried_by_key(
    gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    gateway.says = lambda _: Said(200)
    await channel(gateway.url).send(net, batch(PHONES[:1], exercise=True), NOW)
    (asked,) = gateway.asked
    assert asked.path == "/bot/pnp/push" and PHONES[0][1:] not in asked.body.decode()
    assert asked.json["to"] == sha256(PHONES[0].encode()).hexdigest() == hashed(PHONES[0])
    assert "x-line-retry-key" not in asked.headers
    assert asked.headers["x-line-delivery-tag"] == str(ids(1)[0])
    assert asked.json["messages"][0]["text"].startswith("ฝึกซ้อม")
    read = PnpMessagesRequest.from_dict(asked.json).to_dict()
    assert read["to"] == asked.json["to"] and read["messages"][0]["text"] == asked.json["messages"][0]["text"]


async def test_the_sdk_and_the_simulated_line_agree(line: LineServer) -> None:
    async with AsyncApiClient(Configuration(host=line.url, access_token="tok")) as client:
        body = PnpMessagesRequest(to=hashed(PHONES[0]), messages=[TextMessage(text="x")])
        await AsyncMessagingApi(client).push_messages_by_phone(body, x_line_delivery_tag="0123456789abcdef")
    assert line.numbers.tags == ["0123456789abcdef"]


async def test_an_account_that_is_not_entitled_says_so_at_once(
    gateway: Gateway, net: aiohttp.ClientSession
) -> None:
    gateway.says = lambda _: Said(403, b'{"message":"Access to this API is not available for your account"}')
    with pytest.raises(ChannelBroken, match="not available"):
        await channel(gateway.url, in_flight=1).send(net, batch(PHONES), NOW)
    assert len(gateway.asked) == 1


async def test_the_delivery_event_is_the_telephone_s_word(line: LineServer) -> None:
    phones = LinePhones(line, Hooks("http://127.0.0.1:1"), Hand())
    mine = phones.event("", {"type": "delivery", "delivery": {"data": str(ids(1)[0])}})
    hashed_only = phones.event("", {"type": "delivery", "delivery": {"data": hashed(PHONES[0])}})
    odd = phones.event("", {"type": "delivery"})
    import json

    body = json.dumps({"destination": "U0", "events": [mine, hashed_only, odd]}).encode()
    (heard,) = line_webhook.read(body, NOW)
    assert isinstance(heard, Receipt)
    assert (heard.delivery_id, heard.state) == (ids(1)[0], S.DELIVERED)
