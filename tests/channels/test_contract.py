"""What every channel must do, asked of each over real HTTP on loopback."""

from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from channels.contract import (
    BadSignature,
    Batch,
    Channel,
    ChannelBroken,
    Message,
    QuotaSpent,
    Receipt,
    ReceiptState,
    TryLater,
)
from channels.kinds import kinds
from channels.webhook import MAX_BODY
from tests.channels.cases import CASES, NOW, SECRET, Case
from tests.channels.gateway import Gateway

ACCEPTED, REFUSED = ReceiptState.ACCEPTED, ReceiptState.REFUSED
TRY_LATER, UNKNOWN = ReceiptState.TRY_LATER, ReceiptState.UNKNOWN

OUTCOMES: dict[str, ReceiptState | type[Exception]] = {
    "taken": ACCEPTED,
    "taken_before": ACCEPTED,
    "no_mobile": REFUSED,
    "bad_body": REFUSED,
    "throttled": TRY_LATER,
    "unwell": TRY_LATER,
    "lost": TRY_LATER,
    "silent": TRY_LATER,
    "no_credit": QuotaSpent,
    "not_welcome": ChannelBroken,
}
# Neither can tell a repeat: what may have been sent is never sent again.
DIFFERENT = {
    (name, what): UNKNOWN for name in ("sms_http-kannel", "sms_http-thaibulk") for what in ("lost", "silent")
} | {("sms_http-thaibulk", "unwell"): UNKNOWN}
DIFFERENT |= {("line_pnp", what): UNKNOWN for what in ("lost", "silent", "unwell")}

HAPPENINGS = [
    pytest.param(name, what, DIFFERENT.get((name, what), OUTCOMES[what]), id=f"{name}-{what}")
    for name, case in CASES.items()
    for what in case.says
]
HTTP = [pytest.param(name, id=name) for name, case in CASES.items() if case.says]


async def outcome(
    channel: Channel, net: aiohttp.ClientSession, batch: Batch, now: datetime = NOW
) -> list[Receipt]:
    """The receipts; where the whole batch was put off, what the ledger makes of it."""
    try:
        return await channel.send(net, batch, now)
    except TryLater as error:
        why, wait = str(error), error.retry_after
        return [Receipt(m.id, TRY_LATER, NOW, why=why, retry_after=wait) for m in batch.messages]


def test_every_channel_has_a_case() -> None:
    assert {case.kind for case in CASES.values()} == set(kinds())


@pytest.mark.parametrize(("name", "what", "expected"), HAPPENINGS)
async def test_one_honest_receipt_each(
    name: str,
    what: str,
    expected: ReceiptState | type[Exception],
    gateway: Gateway,
    net: aiohttp.ClientSession,
    tmp_path: Path,
) -> None:
    case = CASES[name]
    gateway.says = case.says[what]
    channel = case.build(gateway.url, tmp_path)
    if isinstance(expected, type):
        with pytest.raises(expected) as raised:
            await channel.send(net, case.three(), NOW)
        assert SECRET not in repr(raised.value)
        return
    receipts = await outcome(channel, net, case.three())
    assert [r.delivery_id for r in receipts] == [m.id for m in case.three().messages]
    assert [r.state for r in receipts] == [expected] * 3
    assert SECRET not in repr(receipts)
    assert not any(address in repr(receipts) for address in case.addresses)


@pytest.mark.parametrize("name", list(CASES))
def test_secrets_do_not_show(name: str, tmp_path: Path) -> None:
    channel = CASES[name].build("http://127.0.0.1:1", tmp_path)
    assert SECRET not in repr(channel) + str(channel) + channel.model_dump_json()


@pytest.mark.parametrize("name", HTTP)
async def test_never_sent_late(
    name: str, gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    late = CASES[name].three()._replace(expires_at=NOW)
    receipts = await CASES[name].build(gateway.url, tmp_path).send(net, late, NOW)
    assert [r.state for r in receipts] == [ReceiptState.EXPIRED] * 3
    assert gateway.asked == []


@pytest.mark.parametrize("name", [n for n, c in CASES.items() if "taken_before" in c.says])
async def test_same_key_and_body_on_every_try(
    name: str, gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    case = CASES[name]
    channel = case.build(gateway.url, tmp_path)
    assert channel.dedupes
    tries = []
    for what, waited in (("lost", 0), ("taken_before", 90)):
        gateway.asked.clear()
        gateway.says = case.says[what]
        await outcome(channel, net, case.three(), NOW + timedelta(seconds=waited))
        tries.append(
            sorted(
                (a.headers.get("idempotency-key") or a.headers.get("x-line-retry-key"), a.body)
                for a in gateway.asked
            )
        )
    assert tries[0] == tries[1]
    assert None not in [key for key, _ in tries[0]]


@pytest.mark.parametrize("name", HTTP)
async def test_a_gateway_that_is_not_there(name: str, net: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Nothing was sent, so even Kannel may be asked again."""
    case = CASES[name]
    channel = case.build("http://127.0.0.1:1", tmp_path)
    receipts = await outcome(channel, net, case.three())
    assert [r.state for r in receipts] == [TRY_LATER] * 3
    assert not (await channel.probe(net, NOW)).ok


@pytest.mark.parametrize("name", HTTP)
async def test_probe(name: str, gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path) -> None:
    case = CASES[name]
    gateway.says = case.says["not_welcome"]
    health = await case.build(gateway.url, tmp_path).probe(net, NOW)
    assert not health.ok
    assert health.note
    assert health.note_en
    assert SECRET not in repr(health)


@pytest.mark.parametrize("name", list(CASES))
def test_plan_is_finite_and_says_who(name: str, tmp_path: Path) -> None:
    plan = CASES[name].build("http://127.0.0.1:1", tmp_path).plan(520_000)
    assert plan.recipients == 520_000
    assert plan.minutes >= 0
    assert plan.baht >= 0


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("headers", [{}, {"X-Signature": "", "x-line-signature": ""}, {"X-Signature": "ก"}])
def test_a_stranger_is_not_read(name: str, headers: dict[str, str], tmp_path: Path) -> None:
    """BadSignature comes first, even for what could never be parsed."""
    channel = CASES[name].build("http://127.0.0.1:1", tmp_path)
    body = b"type=1&id=x&k=0" if name.endswith("kannel") else b"{not json"
    with pytest.raises(BadSignature):
        channel.hear(body, headers, NOW)


@pytest.mark.parametrize("name", HTTP)
def test_two_megabytes_are_not_read(name: str, tmp_path: Path) -> None:
    channel = CASES[name].build("http://127.0.0.1:1", tmp_path)
    with pytest.raises(ValueError, match="bytes"):
        channel.hear(b"x" * (2 * 2**20), {"X-Signature": "0", "x-line-signature": "0"}, NOW)
    assert MAX_BODY < 2 * 2**20


@pytest.mark.parametrize("name", ["notebook", "village_pa"])
def test_no_webhook_no_answer(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no webhook"):
        CASES[name].build("", tmp_path).hear(b"{}", {}, NOW)


@pytest.mark.parametrize("name", [n for n in CASES if n.startswith("sms_http") and not n.endswith("bulk")])
async def test_a_throttled_account_is_left_alone(
    name: str, gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """After the first refusal the messages not yet begun are not tried, and none is lost."""
    case: Case = CASES[name]
    gateway.says = case.says.get("throttled", case.says["unwell"])
    channel = case.build(gateway.url, tmp_path, in_flight=1)
    messages = case.three().messages
    many = case.three()._replace(
        messages=tuple(m._replace(address=a) for m in messages for a in case.addresses)
    )
    receipts = await outcome(channel, net, many)
    assert len(gateway.asked) == 1
    assert {r.state for r in receipts} == {TRY_LATER}
    if name == "sms_http":
        assert receipts[0].retry_after == timedelta(seconds=7)


async def test_partly_taken_is_told_one_by_one(
    gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """A contract that breaks in the middle of a batch hides nothing of what was taken before."""
    case = CASES["sms_http"]
    answers = iter([case.says["taken"], case.says["no_mobile"], case.says["not_welcome"]])
    gateway.says = lambda asked: next(answers)(asked)
    receipts = await case.build(gateway.url, tmp_path, in_flight=1).send(net, case.three(), NOW)
    assert [r.state for r in receipts] == [ACCEPTED, REFUSED, TRY_LATER]


async def test_calls_at_once_are_bounded(
    gateway: Gateway, net: aiohttp.ClientSession, tmp_path: Path
) -> None:
    case = CASES["sms_http"]
    gateway.says = case.says["taken"]
    message = case.three().messages[0]
    many = case.three()._replace(
        messages=tuple(Message(message.id, message.address, str(n)) for n in range(50))
    )
    await case.build(gateway.url, tmp_path, in_flight=4, timeout_s=5).send(net, many, NOW)
    assert len(gateway.asked) == 50
    assert gateway.most_at_once <= 4
