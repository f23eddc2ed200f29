"""Web push against a push service on loopback that decrypts as a browser does."""

import base64
import json
import os
from typing import Any

import aiohttp
import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid

from channels.contract import ChannelBroken, ReceiptState
from channels.web_push import GONE, WebPush
from tests.channels.cases import NOW, batch
from tests.channels.gateway import Gateway, Said

DATA = {"title": "ระดับ 5 อันตรายสูงสุด", "body": "ขึ้นที่สูงเดี๋ยวนี้"}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """Somebody who asked for notifications."""

    def __init__(self, url: str) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.subscription = json.dumps(
            {"endpoint": f"{url}/push/1", "keys": {"p256dh": b64(point), "auth": b64(self.auth)}}
        )

    def read(self, body: bytes) -> Any:
        return json.loads(
            http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        )


@pytest.fixture
def office() -> WebPush:
    vapid = Vapid()
    vapid.generate_keys()
    return WebPush(
        kind="web_push",
        name="push",
        key=vapid.private_pem().decode(),
        contact="mailto:office@example.org",
        timeout_s=10,
    )


async def test_the_browser_reads_what_was_sent(
    gateway: Gateway, net: aiohttp.ClientSession, office: WebPush
) -> None:
    gateway.says = lambda _: Said(201)
    browser = Browser(gateway.url)
    sent = batch([browser.subscription], data=DATA)
    (receipt,) = await office.send(net, sent, NOW)
    assert receipt.state is ReceiptState.ACCEPTED
    (asked,) = gateway.asked
    assert (
        asked.headers["urgency"] == "high"
        and asked.headers["ttl"] == "7200"
        and len(asked.headers["topic"]) == 32
    )
    assert asked.headers["authorization"].startswith("vapid t=")
    assert DATA["body"].encode() not in asked.body
    told = browser.read(asked.body)
    assert (
        told["title"] == DATA["title"]
        and told["body"] == DATA["body"]
        and told["id"] == str(sent.messages[0].id)
    )


async def test_long_words_are_cut_to_what_a_push_takes(
    gateway: Gateway, net: aiohttp.ClientSession, office: WebPush
) -> None:
    gateway.says = lambda _: Said(201)
    browser = Browser(gateway.url)
    await office.send(net, batch([browser.subscription], data={"title": "ก" * 500, "body": "น้ำ" * 3000}), NOW)
    assert len(gateway.asked[0].body) <= 4096 and browser.read(gateway.asked[0].body)["body"].startswith("น้ำ")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(Said(404), ReceiptState.REFUSED, id="forgotten"),
        pytest.param(Said(410), ReceiptState.REFUSED, id="gone"),
        pytest.param(Said(413), ReceiptState.REFUSED, id="too-long"),
        pytest.param(Said(429), ReceiptState.TRY_LATER, id="slower"),
        pytest.param(Said(503), ReceiptState.TRY_LATER, id="unwell"),
        pytest.param(Said(201, cut=True), ReceiptState.TRY_LATER, id="cut"),
        pytest.param(Said(201, hang=True), ReceiptState.TRY_LATER, id="silent"),
    ],
)
async def test_one_honest_word_each(
    gateway: Gateway, net: aiohttp.ClientSession, office: WebPush, said: Said, expected: ReceiptState
) -> None:
    gateway.says = lambda _: Said(201)
    gateway.script.append(said)
    browser = Browser(gateway.url)
    office = office.model_copy(update={"in_flight": 1, "timeout_s": 0.5 if said.hang else 10})
    receipts = await office.send(net, batch([browser.subscription, "no subscription"], data=DATA), NOW)
    assert [r.state for r in receipts] == [expected, ReceiptState.REFUSED]
    if said.status in (404, 410):
        assert receipts[0].why == GONE
    assert browser.subscription not in repr(receipts)


async def test_one_subscription_made_with_another_key_keeps_nobody_from_hearing(
    gateway: Gateway, net: aiohttp.ClientSession, office: WebPush
) -> None:
    gateway.says = lambda _: Said(201)
    gateway.script.append(Said(403))
    office = office.model_copy(update={"in_flight": 1})
    receipts = await office.send(net, batch([Browser(gateway.url).subscription] * 3, data=DATA), NOW)
    taken = ReceiptState.ACCEPTED
    assert [r.state for r in receipts] == [ReceiptState.REFUSED, taken, taken]


async def test_a_key_that_is_not_ours_is_for_a_person_to_mend(
    gateway: Gateway, net: aiohttp.ClientSession, office: WebPush
) -> None:
    gateway.says = lambda _: Said(403)
    with pytest.raises(ChannelBroken):
        await office.send(net, batch([Browser(gateway.url).subscription]), NOW)
    broken = WebPush(kind="web_push", name="push", key="nonsense", contact="mailto:a@b")
    health = await broken.probe(None, NOW)
    assert not health.ok and health.note and health.note_en and "nonsense" not in repr(health)
    assert (await office.probe(None, NOW)).ok
