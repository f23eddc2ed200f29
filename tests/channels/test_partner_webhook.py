"""Partners' systems by Standard Webhooks: another library's own verdict on our signature, and an honest word each."""

import base64
import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from channels.contract import ReceiptState
from channels.partner_webhook import PartnerWebhook, parted, signed
from geo.when import utc
from tests.channels.cases import NOW, batch
from tests.channels.gateway import Gateway, Said

KEY = base64.b64encode(bytes(range(32))).decode()
DATA = {"title": "ระดับ 4", "body": "ขึ้นที่สูง", "cap": "https://raksa.example/api/v1/alerts/1.cap"}
CHANNEL = PartnerWebhook(kind="partner_webhook", name="partners", timeout_s=10)
IMPATIENT = CHANNEL.model_copy(update={"timeout_s": 0.5})


def address(gateway: Gateway) -> str:
    return f"whsec_{KEY}@{gateway.url}/pager"


async def test_another_library_believes_us_and_no_changed_byte(
    gateway: Gateway, net: aiohttp.ClientSession, monkeypatch: Any
) -> None:
    sent = batch([address(gateway)], data=DATA)
    (receipt,) = await CHANNEL.send(net, sent, NOW)
    assert receipt.state is ReceiptState.ACCEPTED
    (asked,) = gateway.asked
    assert asked.headers["webhook-id"] == str(sent.messages[0].id)
    judge = Webhook(f"whsec_{KEY}")
    monkeypatch.setattr(
        judge, "_Webhook__verify_timestamp", lambda given: utc(NOW)
    )  # its clock is the wall's
    told = judge.verify(asked.body, asked.headers)
    assert (
        told["data"]["headline"] == "ระดับ 4"
        and told["type"] == "alert.actual"
        and told["data"]["cap"] == DATA["cap"]
    )
    with pytest.raises(WebhookVerificationError):
        judge.verify(asked.body.replace(b"actual", b"dueled"), asked.headers)
    other = Webhook(f"whsec_{base64.b64encode(bytes(32)).decode()}")
    monkeypatch.setattr(other, "_Webhook__verify_timestamp", lambda given: utc(NOW))
    with pytest.raises(WebhookVerificationError):
        other.verify(asked.body, asked.headers)


async def test_a_repeat_has_the_same_id_and_body(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    for waited in (0, 90):
        await CHANNEL.send(net, batch([address(gateway)], data=DATA), NOW + timedelta(seconds=waited))
    first, again = gateway.asked
    assert (first.headers["webhook-id"], first.body) == (again.headers["webhook-id"], again.body)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(Said(200), ReceiptState.ACCEPTED, id="taken"),
        pytest.param(Said(204), ReceiptState.ACCEPTED, id="taken-without-a-word"),
        pytest.param(
            Said(302, headers={"Location": "http://127.0.0.1:1/"}),
            ReceiptState.REFUSED,
            id="never-led-elsewhere",
        ),
        pytest.param(Said(401), ReceiptState.REFUSED, id="not-known-there"),
        pytest.param(Said(410), ReceiptState.REFUSED, id="gone"),
        pytest.param(Said(429, headers={"Retry-After": "7"}), ReceiptState.TRY_LATER, id="slower"),
        pytest.param(Said(503), ReceiptState.TRY_LATER, id="unwell"),
        pytest.param(Said(200, cut=True), ReceiptState.TRY_LATER, id="cut"),
        pytest.param(Said(200, hang=True), ReceiptState.TRY_LATER, id="silent"),
    ],
)
async def test_one_honest_word_each(
    gateway: Gateway, net: aiohttp.ClientSession, said: Said, expected: ReceiptState
) -> None:
    gateway.script.append(said)
    channel = IMPATIENT if said.hang else CHANNEL
    receipts = await channel.send(net, batch([address(gateway), "nonsense"], data=DATA), NOW)
    assert [r.state for r in receipts] == [expected, ReceiptState.REFUSED]
    assert KEY not in repr(receipts) and gateway.url not in repr(receipts)
    if said.status == 429:
        assert receipts[0].retry_after == timedelta(seconds=7)


async def test_a_drill_says_so_and_nothing_is_sent_late(gateway: Gateway, net: aiohttp.ClientSession) -> None:
    await CHANNEL.send(net, batch([address(gateway)], data=DATA, exercise=True), NOW)
    assert json.loads(gateway.asked[0].body)["type"] == "alert.exercise"
    late = await CHANNEL.send(net, batch([address(gateway)], data=DATA, expires_at=NOW), NOW)
    assert late[0].state is ReceiptState.EXPIRED and len(gateway.asked) == 1


WRONG = [
    "", "https://x.example", "whsec_@https://x.example", "whsec_!!@https://x.example", f"whsec_{KEY}@http://x.example",
    f"whsec_{KEY}@ftp://x", "whsec_QUJD@https://x.example",
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_address_is_said_without_the_secret(wrong: str) -> None:
    with pytest.raises(ValueError) as raised:
        parted(wrong)
    assert KEY not in str(raised.value)


def test_the_published_example_of_the_specification() -> None:
    """The signature other implementations give for the same key, id, time and body (their own test vector)."""
    from datetime import UTC, datetime

    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", body, key, datetime.fromtimestamp(1614265330, UTC))
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
