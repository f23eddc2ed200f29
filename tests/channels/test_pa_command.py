"""The signed language of the towers: pure."""

import hmac
import json
from datetime import datetime, timedelta

import pytest

from channels import pa_command
from channels.contract import ReceiptState
from tests.channels.cases import ALERT, NOW, WORDS, batch, ids

S = ReceiptState
MADE = batch(["t1"], data={"device_key": "k1", "clips": "aa,bb", "seq": "7"})


def order(**changed: object) -> dict[str, object]:
    made = pa_command.command(MADE, MADE.messages[0], now=NOW, repeat=3, gap_s=8, volume=90)
    return {**made, **changed}


def test_a_play_as_agreed() -> None:
    assert order() == {
        "id": str(ids(1)[0]),
        "verb": "play",
        "at": NOW.isoformat(),
        "alert": str(ALERT),
        "seq": 7,
        "priority": 3,
        "clips": ["aa", "bb"],
        "text": WORDS,
        "repeat": 3,
        "gap_s": 8,
        "volume": 90,
        "exercise": False,
        "not_after": (NOW + timedelta(hours=2)).isoformat(),
    }


def test_signature_covers_everything_but_itself() -> None:
    sent = json.loads(pa_command.signed(order(), "k1"))
    sig = sent.pop("sig")
    plain = json.dumps(sent, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert sig == hmac.new(b"k1", plain, "sha256").hexdigest()
    for changed in (order(volume=1), order(text="x"), order(not_after="2030-01-01T00:00:00+00:00")):
        assert json.loads(pa_command.signed(changed, "k1"))["sig"] != sig
    assert json.loads(pa_command.signed(order(), "k2"))["sig"] != sig


def test_without_a_seq_the_time_orders() -> None:
    bare = MADE.messages[0]._replace(data={})
    earlier, later = (
        pa_command.command(MADE, bare, now=at, repeat=1, gap_s=1, volume=1)["seq"]
        for at in (NOW, NOW + timedelta(milliseconds=1))
    )
    assert isinstance(earlier, int)
    assert isinstance(later, int)
    assert earlier < later


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({"state": "received"}, S.ACCEPTED, id="commanded"),
        pytest.param({"state": "playing"}, S.ACCEPTED, id="playing-is-not-played"),
        pytest.param({"state": "done", "seconds": 38.0}, S.DELIVERED, id="device-reports-played"),
        pytest.param({"state": "done", "seconds": 38, "mic_ok": True}, S.DELIVERED, id="microphone-heard-it"),
        pytest.param({"state": "done", "seconds": 38, "mic_ok": False}, S.FAILED, id="a-dead-horn"),
        pytest.param({"state": "refused", "why": "bad signature"}, S.REFUSED, id="refused"),
        pytest.param({"state": "refused", "why": "too late"}, S.EXPIRED, id="too-late"),
        pytest.param({"state": "sings"}, None, id="unknown-state"),
        pytest.param(["done"], None, id="no-object"),
    ],
)
def test_acks(said: object, expected: ReceiptState | None) -> None:
    receipt = pa_command.read_ack(str(ids(1)[0]), json.dumps(said).encode(), NOW)
    assert (receipt.state if receipt else None) == expected


@pytest.mark.parametrize(("name", "payload"), [("x", b'{"state":"done"}'), (str(ids(1)[0]), b"\xff")])
def test_acks_of_strangers(name: str, payload: bytes) -> None:
    assert pa_command.read_ack(name, payload, NOW) is None


@pytest.mark.parametrize("payload", [b"", b"1", b'{"online":"yes"}', b'{"on":true}'])
def test_state_nonsense(payload: bytes) -> None:
    assert pa_command.read_state(payload) is None


@pytest.mark.parametrize(
    ("said", "proof"),
    [
        ({"state": "received"}, "commanded"),
        ({"state": "playing"}, "commanded"),
        ({"state": "done", "seconds": 38}, "played"),
        ({"state": "done", "seconds": 38, "mic_ok": True}, "heard"),
        ({"state": "done", "seconds": 9, "standing": True}, "played"),
        ({"state": "done", "seconds": 38, "mic_ok": False}, None),
        ({"state": "failed", "why": "clips are missing"}, None),
        ({"state": "refused", "why": "old seq"}, None),
    ],
    ids=lambda v: str(v) if isinstance(v, str) else None,
)
def test_only_a_microphone_or_a_person_has_heard(said: object, proof: str | None) -> None:
    receipt = pa_command.read_ack(str(ids(1)[0]), json.dumps(said).encode(), NOW)
    assert receipt is not None
    assert pa_command.proof_of(receipt.state, receipt.why) == proof
    assert pa_command.proof_of(S.CONFIRMED, "") == "heard"


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (NOW + timedelta(hours=3), "past its time; its clock is 180 min ahead"),
        (NOW - timedelta(minutes=5), "past its time; its clock is 5 min behind"),
        (NOW + timedelta(seconds=20), "past its time"),
    ],
    ids=["ahead", "behind", "right"],
)
def test_a_clock_that_is_off_is_told(at: datetime, told: str) -> None:
    ack = {"state": "refused", "why": "too late", "at": at.isoformat()}
    receipt = pa_command.read_ack(str(ids(1)[0]), json.dumps(ack).encode(), NOW)
    assert receipt is not None
    assert receipt.state is S.EXPIRED
    assert receipt.why.endswith(told)


def test_a_test_is_no_delivery() -> None:
    order = pa_command.self_test(ids(1)[0], "silent", now=NOW, not_after=NOW + timedelta(hours=1))
    assert pa_command.read_ack(str(order["id"]), b'{"state": "done"}', NOW) is None
    assert not {"clips", "text", "volume", "sound"} & set(order)
