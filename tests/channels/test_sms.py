"""SMS: what goes out on the wire, and what comes back signed."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from channels import kannel
from channels.contract import Answer, BadSignature, Receipt, ReceiptState, Reply, TryLater
from channels.webhook import sign_hex
from tests.channels.cases import CASES, NOW, PHONES, SECRET, WORDS, ids
from tests.channels.gateway import Gateway, Said

S = ReceiptState
AT = (NOW - timedelta(seconds=5)).isoformat()
D1 = str(ids(1)[0])


def heard(
    body: Any, tmp_path: Path, *, secret: str = SECRET, header: str = "X-Signature"
) -> list[Receipt | Reply]:
    raw = json.dumps(body, ensure_ascii=False).encode()
    channel = CASES["sms_http"].build("http://127.0.0.1:1", tmp_path)
    return list(channel.hear(raw, {header: sign_hex(secret, raw)}, NOW))


async def test_an_order_as_agreed(gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path) -> None:
    gateway.says = CASES["sms_http"].says["taken"]
    receipts = await CASES["sms_http"].build(gateway.url, tmp_path).send(net, CASES["sms_http"].three(), NOW)
    assert receipts[0].provider_id == "p1"
    first = min(gateway.asked, key=lambda asked: asked.json["to"])
    assert first.headers["authorization"] == f"Bearer {SECRET}"
    assert first.headers["idempotency-key"] == D1
    assert first.json == {
        "to": PHONES[0],
        "from": "PHATTHALUNG",
        "text": WORDS,
        "valid_until": (NOW + timedelta(hours=2)).isoformat(),
    }
    assert not urlsplit(first.path).query  # neither numbers nor secrets in an address


async def test_bulk_rows_differ(gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path) -> None:
    """A row the gateway does not mention is asked again, never assumed."""
    rows = [{"key": str(ids(3)[2]), "status": 422}, {"key": D1, "status": 202}]
    gateway.says = lambda _: Said(200, json.dumps(rows).encode())
    case = CASES["sms_http-bulk"]
    receipts = await case.build(gateway.url, tmp_path).send(net, case.three(), NOW)
    assert [r.state for r in receipts] == [S.ACCEPTED, S.TRY_LATER, S.REFUSED]
    assert len(gateway.asked) == 1


@pytest.mark.parametrize("name", ["sms_http", "sms_http-bulk", "sms_http-kannel", "sms_http-thaibulk"])
async def test_what_plainly_was_not_taken_is_said_of_the_whole_batch(
    name: str, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """Another account may then have all of it (warning/provider_switch.py)."""
    channel = CASES[name].build("http://127.0.0.1:1", tmp_path)
    with pytest.raises(TryLater) as raised:
        await channel.send(net, CASES[name].three(), NOW)
    assert not raised.value.maybe_taken


async def test_a_lost_answer_is_not_plain(
    gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    case = CASES["sms_http-bulk"]
    gateway.says = case.says["lost"]
    with pytest.raises(TryLater) as raised:
        await case.build(gateway.url, tmp_path).send(net, case.three(), NOW)
    assert raised.value.maybe_taken


@pytest.mark.parametrize(
    ("name", "batch", "dedupes"),
    [
        pytest.param("sms_http", 50, True, id="http"),
        pytest.param("sms_http-bulk", 500, True, id="bulk"),
        pytest.param("sms_http-kannel", 50, False, id="kannel"),
        pytest.param("sms_http-thaibulk", 500, False, id="thaibulk"),
    ],
)
def test_what_the_ledger_must_know(name: str, batch: int, dedupes: bool, tmp_path: Path) -> None:
    channel = CASES[name].build("http://127.0.0.1:1", tmp_path)
    assert (channel.batch, channel.dedupes) == (batch, dedupes)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param("accepted", S.ACCEPTED, id="accepted"),
        pytest.param("delivered", S.DELIVERED, id="delivered"),
        pytest.param("undelivered", S.FAILED, id="undelivered"),
        pytest.param("expired", S.EXPIRED, id="expired"),
        pytest.param("quantum", S.ACCEPTED, id="a-state-of-the-future-claims-no-more-than-accepted"),
    ],
)
def test_reports(told: str, expected: ReceiptState, tmp_path: Path) -> None:
    body = {"id": "p1", "key": D1, "to": PHONES[0], "state": told, "at": AT}
    (receipt,) = heard(body, tmp_path)
    assert isinstance(receipt, Receipt)
    assert (receipt.delivery_id, receipt.state, receipt.provider_id) == (ids(1)[0], expected, "p1")
    assert receipt.at == NOW - timedelta(seconds=5)


def test_reports_repeated_and_disordered(tmp_path: Path) -> None:
    """The same bytes are the same receipt, and each keeps its own time: order is the ledger's to make."""
    late = {"id": "p1", "key": D1, "state": "delivered", "at": AT}
    early = {"id": "p1", "key": D1, "state": "accepted", "at": (NOW - timedelta(seconds=9)).isoformat()}
    once = heard([late, early], tmp_path)
    assert once == heard([late, early], tmp_path)
    assert [r.at < NOW for r in once] == [True, True]
    assert once == [*heard(late, tmp_path), *heard(early, tmp_path)]


def test_a_clock_ahead_does_not_reach_the_future(tmp_path: Path) -> None:
    body = {"id": "p1", "key": D1, "state": "delivered", "at": (NOW + timedelta(hours=7)).isoformat()}
    assert heard(body, tmp_path)[0].at == NOW


def test_a_reply(tmp_path: Path) -> None:
    body = {"from": "081-234-5671", "text": "ประกาศแล้ว 40 หลัง น้ำถึงแล้ว", "at": AT}
    first, second = heard(body, tmp_path)
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert (first.answer, second.answer) == (Answer.WATER_HERE, Answer.ANNOUNCED)
    assert first.address == PHONES[0]
    assert second.homes == 40
    assert first.event_id != second.event_id
    assert heard(body, tmp_path) == [first, second]
    again = heard(body | {"at": NOW.isoformat()}, tmp_path)
    assert isinstance(again[0], Reply)
    assert again[0].event_id != first.event_id  # the same words a minute later are said again


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="null"),
        pytest.param("hello", id="a-string"),
        pytest.param({"state": "delivered"}, id="no-time"),
        pytest.param({"id": "p", "key": "x", "state": "delivered", "at": AT}, id="key-is-no-uuid"),
        pytest.param(
            {"id": "p", "key": D1, "state": "delivered", "at": "2026-11-22T19:00:00"}, id="no-offset"
        ),
        pytest.param({"from": "0812345678", "text": "x" * 6000, "at": AT}, id="a-book"),
    ],
)
def test_signed_nonsense_is_a_value_error(body: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="validation error"):
        heard(body, tmp_path)


@pytest.mark.parametrize("headers", [{"X-Signature": "0" * 64}, {"x-line-signature": "0" * 64}])
def test_wrong_signature(headers: dict[str, str], tmp_path: Path) -> None:
    channel = CASES["sms_http"].build("http://127.0.0.1:1", tmp_path)
    with pytest.raises(BadSignature):
        channel.hear(b"{}", headers, NOW)
    with pytest.raises(BadSignature):
        heard({"id": "p"}, tmp_path, secret="other")


def test_header_name_in_any_case(tmp_path: Path) -> None:
    body = {"id": "p1", "key": D1, "state": "delivered", "at": AT}
    assert heard(body, tmp_path, header="x-signature")


def test_without_a_secret_nothing_is_believed(tmp_path: Path) -> None:
    channel = CASES["sms_http"].build("http://127.0.0.1:1", tmp_path, callback_secret=None)
    with pytest.raises(ValueError, match="callback_secret"):
        channel.hear(b"{}", {"X-Signature": sign_hex("", b"{}")}, NOW)


async def test_kannel_order_and_report(gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path) -> None:
    """The report address Kannel was given, filled in as Kannel fills it, is the receipt of that very delivery."""
    case = CASES["sms_http-kannel"]
    gateway.says = case.says["taken"]
    channel = case.build(gateway.url, tmp_path, in_flight=1)
    await channel.send(net, case.three(), NOW)
    query = gateway.asked[0].query
    assert (query["to"], query["coding"], query["charset"], query["validity"]) == (
        "66812345671",
        "2",
        "UTF-8",
        "120",
    )
    assert query["text"] == WORDS
    assert SECRET not in query["dlr-url"]
    report = urlsplit(query["dlr-url"]).query
    for kind, state in (
        ("1", S.DELIVERED),
        ("8", S.ACCEPTED),
        ("16", S.FAILED),
        ("2", S.FAILED),
        ("99", S.ACCEPTED),
    ):
        filled = report.replace("%d", kind).replace("%A", "ACK%2F").encode()
        (receipt,) = channel.hear(filled, {}, NOW)
        assert isinstance(receipt, Receipt)
        assert (receipt.delivery_id, receipt.state) == (ids(1)[0], state)
    stolen = parse_qs(report)["k"][0]
    with pytest.raises(BadSignature):
        channel.hear(f"id={ids(2)[1]}&k={stolen}&type=1".encode(), {}, NOW)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("%E0%B8%9B%E0%B8%A5%E0%B8%AD%E0%B8%94%E0%B8%A0%E0%B8%B1%E0%B8%A2&coding=0", id="utf-8"),
        pytest.param("%0E%1B%0E%25%0E-%0E%14%0E+%0E1%0E%22&coding=2&charset=UTF-16BE", id="utf-16-as-seen"),
    ],
)
def test_kannel_incoming(text: str, tmp_path: Path) -> None:
    channel = CASES["sms_http-kannel"].build("http://127.0.0.1:1", tmp_path)
    query = f"from=66812345671&id=i1&text={text}&k="
    (reply,) = channel.hear((query + kannel.mo_mark(SECRET)).encode(), {}, NOW)
    assert isinstance(reply, Reply)
    assert (reply.answer, reply.address, reply.event_id) == (Answer.SAFE, PHONES[0], "i1")
    with pytest.raises(BadSignature):
        channel.hear((query + "0" * 32).encode(), {}, NOW)


def test_kannel_nonsense(tmp_path: Path) -> None:
    channel = CASES["sms_http-kannel"].build("http://127.0.0.1:1", tmp_path)
    for query in (f"k={kannel.mo_mark(SECRET)}", f"k={kannel.mark(SECRET, 'x')}&type=1&id=x", "ก=1"):
        with pytest.raises(ValueError):  # any words will do
            channel.hear(query.encode(), {}, NOW)
