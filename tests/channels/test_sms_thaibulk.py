"""ThaiBulkSMS: one text to many numbers, no repeat key, reports whose sender has to be known."""

import json
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest

from channels import sms_thaibulk
from channels.contract import BadSignature, Message, Receipt, ReceiptState
from tests.channels.cases import CASES, NOW, PHONES, SECRET, WORDS, ids
from tests.channels.gateway import Gateway, Said

S = ReceiptState
CASE = CASES["sms_http-thaibulk"]


async def test_an_order_as_the_provider_asks(
    gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    gateway.says = CASE.says["taken"]
    receipts = await CASE.build(gateway.url, tmp_path).send(net, CASE.three(), NOW)
    (asked,) = gateway.asked
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    assert form == {
        "msisdn": "66812345671,66812345672,66812345673",
        "message": WORDS,
        "sender": "PHATTHALUNG",
        "force": "corporate",
    }
    assert asked.headers["authorization"] == f"Basic {b64encode(f'pht:{SECRET}'.encode()).decode()}"
    assert [r.provider_id for r in receipts] == [f"btv151h3NUhTlmXz7{n}" for n in (1, 2, 3)]


async def test_each_number_has_its_own_fate(
    gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """A number the answer does not mention may have been told: it is unknown, not tried again."""
    body: dict[str, Any] = {
        "phone_number_list": [{"number": "0812345673", "message_id": "m3", "used_credit": 2}],
        "bad_phone_number_list": [{"number": "66812345671", "message": "PHONE_NUMBER_INVALID"}],
    }
    gateway.says = lambda _: Said(200, json.dumps(body).encode())
    receipts = await CASE.build(gateway.url, tmp_path).send(net, CASE.three(), NOW)
    assert [r.state for r in receipts] == [S.REFUSED, S.UNKNOWN, S.ACCEPTED]


async def test_texts_that_differ_go_apart(
    gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    gateway.says = CASE.says["taken"]
    three = CASE.three()
    first, second, third = three.messages
    mixed = three._replace(messages=(first, second._replace(text="Flood"), third))
    receipts = await CASE.build(gateway.url, tmp_path).send(net, mixed, NOW)
    assert [r.delivery_id for r in receipts] == [m.id for m in mixed.messages]
    said = {parse_qs(a.body.decode())["message"][0]: a.body.decode().count("6681") for a in gateway.asked}
    assert said == {WORDS: 2, "Flood": 1}


def test_one_number_of_two_homes_is_told_for_each() -> None:
    """One call names a number once, or one of two rows would have no answer."""
    two = [Message(i, PHONES[0], WORDS) for i in ids(2)]
    assert [len(call) for call in sms_thaibulk.alike(two)] == [1, 1]
    many = [Message(i, f"+668{n:08}", WORDS) for n, i in enumerate(ids(1001))]
    assert [len(call) for call in sms_thaibulk.alike(many)] == [500, 500, 1]


@pytest.mark.parametrize(
    ("query", "expected", "provider_id"),
    [
        pytest.param("message_id=m1&msisdn=66812345671&status=Delivered", S.DELIVERED, "m1", id="delivered"),
        pytest.param("Transaction=m2&Status=DELIVRD&Time=2611231250", S.DELIVERED, "m2", id="other-spelling"),
        pytest.param("message_id=m1&status=UNDELIV&error_message=x", S.FAILED, "m1", id="undelivered"),
        pytest.param("message_id=m1&status=expired", S.EXPIRED, "m1", id="expired"),
        pytest.param("message_id=m1&status=quantum", S.ACCEPTED, "m1", id="unheard-of-claims-no-more"),
    ],
)
def test_reports(query: str, expected: ReceiptState, provider_id: str, tmp_path: Path) -> None:
    channel = CASE.build("http://127.0.0.1:1", tmp_path)
    body = f"{query}&k={sms_thaibulk.mark(SECRET)}".encode()
    (receipt,) = channel.hear(body, {}, NOW)
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.provider_id, receipt.delivery_id) == (expected, provider_id, None)
    with pytest.raises(BadSignature):
        channel.hear(f"{query}&k={'0' * 32}".encode(), {}, NOW)
    with pytest.raises(ValueError, match="message_id"):
        channel.hear(f"k={sms_thaibulk.mark(SECRET)}".encode(), {}, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("said", "ok", "note"),
    [
        pytest.param(
            Said(200, b'{"remaining_credit":{"standard":3,"corporate":1200}}'), True, "1,200", id="two"
        ),
        pytest.param(Said(200, b'{"remaining_credit":57}'), True, "57", id="one-number"),
        pytest.param(Said(200, b'{"remaining_credit":0}'), False, "no SMS credit", id="none"),
        pytest.param(Said(200, b"hello"), False, "cannot be read", id="nonsense"),
        pytest.param(Said(401), False, "token", id="not-welcome"),
    ],
)
async def test_the_credit_left(
    said: Said, ok: bool, note: str, gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    gateway.says = lambda _: said
    health = await CASE.build(gateway.url, tmp_path).probe(net, NOW)
    assert health.ok is ok and note in health.note_en
    assert gateway.asked[0].path == "/credit"
