"""Calls to real SIP programs: baresip is the telephone that is lifted, SIPp the trunk that says no in every way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from channels.contract import (
    Answer,
    Batch,
    ChannelBroken,
    Message,
    Receipt,
    ReceiptState,
    Reply,
    TryLater,
)
from channels.voice_call import VoiceCall
from tests.services.require import free_ports, require
from tests.services.running import running
from tests.services.telephone import Telephone, sound, telephone

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
CALL = UUID(int=0xD0000000_0000_4000_8000_000000000001)
QUICK: dict[str, Any] = {
    "gap_s": 0.2, "after_s": 0.4, "more_s": 0.6, "settle_s": 0.6, "trunk_silent_s": 1.2, "ring_s": 1.0,
    "host": "127.0.0.1", "local_host": "127.0.0.1", "caller_id": "+6674610000", "dial": "phone",
}  # fmt: skip


def channel(port: int, **changed: Any) -> VoiceCall:
    return VoiceCall(kind="voice_call", name="voice", port=port, **(QUICK | changed))


def call(folder: Path, number: str = "+66812345671") -> Batch:
    path = folder / "alert.wav"
    message = Message(
        CALL, number, "", data={"sound": str(path if path.exists() else sound(path, seconds=0.8))}
    )
    return Batch(CALL, CALL, "Severe", False, (message,), NOW + timedelta(hours=1))


async def outcome(trunk: VoiceCall, wire: Any) -> Receipt | Reply:
    return await asyncio.wait_for(anext(aiter(trunk.listen(wire, lambda: NOW))), 15)


def _scenario(*steps: str) -> str:
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="trunk">\n'
        + "\n".join(steps)
        + "\n</scenario>\n"
    )


def _recv(what: str) -> str:
    return f'<recv request="{what}" crlf="true"/>'


def _send(status: str, *more: str, via: str = "[last_Via:]", cseq: str = "[last_CSeq:]") -> str:
    tag = "" if status.startswith("100") else ";tag=[pid]S[call_number]"
    lines = [
        f"SIP/2.0 {status}",
        via,
        "[last_From:]",
        f"[last_To:]{tag}",
        "[last_Call-ID:]",
        cseq,
        "Contact: <sip:[local_ip]:[local_port]>",
        *more,
        "Content-Length: 0",
    ]
    return "<send><![CDATA[\n" + "\n".join(lines) + "\n\n]]></send>"


CHALLENGE = 'realm="trunk", nonce="f00d", algorithm=MD5, qop="auth"'
BUSY = _scenario(_recv("INVITE"), _send("100 Trying"), _send("180 Ringing"), '<pause milliseconds="200"/>',
                 _send("486 Busy Here"), _recv("ACK"))  # fmt: skip
UNWELL = _scenario(_recv("INVITE"), _send("503 Service Unavailable"), _recv("ACK"))
WRONG = _scenario(_recv("INVITE"), _send("404 Not Found"), _recv("ACK"))
RINGS = _scenario(_recv("INVITE"), _send("100 Trying"), _send("180 Ringing"), _recv("CANCEL"), _send("200 OK"),
                  _send("487 Request Terminated", cseq="CSeq: [cseq] INVITE"), _recv("ACK"))  # fmt: skip


# SIPp proves one of the two headers; of the other it sees that it is there. The sums are the same.
PROVEN = '<verifyauth assign_to="ok" username="raksa" password="s3cret"/>'
SEEN = """<ereg regexp="username=.raksa.*response=.[0-9a-f]{32}" search_in="hdr" header="Proxy-Authorization:" assign_to="ok"/>"""


def _guarded(asks: str, header: str, look: str) -> str:
    check = f'<recv request="INVITE" crlf="true"><action>{look}</action></recv>'
    return _scenario(
        _recv("INVITE"), _send(asks, f"{header}: Digest {CHALLENGE}"), _recv("ACK"), check,
        '<nop next="1" test="ok"/>', _send("403 Forbidden"), _recv("ACK"), '<nop next="2"/>', '<label id="1"/>',
        _send("180 Ringing"), '<pause milliseconds="200"/>', _send("603 Decline"), _recv("ACK"), '<label id="2"/>',
    )  # fmt: skip


@asynccontextmanager
async def trunk(folder: Path, scenario: str) -> AsyncIterator[tuple[int, Path]]:
    sipp = require("sipp")
    (folder / "scenario.xml").write_text(scenario)
    port, control = free_ports(2)
    command = (
        sipp, "-sf", str(folder / "scenario.xml"), "-i", "127.0.0.1", "-p", str(port), "-cp", str(control),
        "-m", "1", "-nostdin", "-trace_err", "-error_file", str(folder / "errors"), "-trace_msg", "-message_file",
        str(folder / "messages"),
    )  # fmt: skip
    async with running(*command, folder=folder, log="sipp") as process:
        async with asyncio.timeout(5):
            while f":{port:04X} " not in Path("/proc/net/udp").read_text():
                await asyncio.sleep(0.05)
        yield port, folder / "messages"
        await asyncio.wait_for(process.wait(), 5)
        assert process.returncode == 0, (folder / "errors").read_text()[-500:]


@pytest.fixture
async def phone(tmp_path: Path) -> AsyncIterator[Telephone]:
    async with telephone(tmp_path / "phone") as made:
        yield made


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param("1", [Answer.WILL_ANNOUNCE], id="announces"),
        pytest.param("31", [Answer.WATER_HERE, Answer.WILL_ANNOUNCE], id="water-and-announces"),
        pytest.param("92", [Answer.NEED_HELP], id="another-key-first"),
    ],
)
async def test_a_key_is_an_answer(
    phone: Telephone, tmp_path: Path, keys: str, expected: list[Answer]
) -> None:
    voice = channel(phone.port)
    async with voice.open(None) as wire:
        (receipt,) = await voice.send(wire, call(tmp_path), NOW)
        assert receipt.state is ReceiptState.HANDED_OVER
        await asyncio.sleep(0.6)
        for key in keys:
            await phone.press(key)
            await asyncio.sleep(0.2)
        replies = [await outcome(voice, wire) for _ in expected]
    assert [r.answer for r in replies if isinstance(r, Reply)] == expected
    assert {r.delivery_id for r in replies} == {CALL}
    assert len({r.event_id for r in replies if isinstance(r, Reply)}) == len(expected)


async def test_lifted_without_a_key_is_no_proof_and_was_said_three_times(
    phone: Telephone, tmp_path: Path
) -> None:
    voice = channel(phone.port)
    async with voice.open(None) as wire:
        await voice.send(wire, call(tmp_path), NOW)
        told = await outcome(voice, wire)
    assert isinstance(told, Receipt)
    assert (told.state, told.why) == (ReceiptState.FAILED, "voicemail")
    loud = "".join("x" if level > 6000 else " " for level in phone.heard())
    assert len(loud.split()) == 3
    assert all(6 <= len(said) <= 10 for said in loud.split())


async def test_who_rings_off_before_a_key_is_not_waited_for(phone: Telephone, tmp_path: Path) -> None:
    voice = channel(phone.port, after_s=30)
    async with voice.open(None) as wire:
        await voice.send(wire, call(tmp_path), NOW)
        await asyncio.sleep(0.3)
        await phone.order("hangup")
        told = await outcome(voice, wire)
        assert isinstance(told, Receipt)
        assert told.why == "voicemail"
        assert not wire.line.calls


@pytest.mark.parametrize(
    ("scenario", "state", "why"),
    [
        pytest.param(BUSY, ReceiptState.HANDED_OVER, "busy", id="busy"),
        pytest.param(RINGS, ReceiptState.HANDED_OVER, "no_answer", id="rings-until-we-cancel"),
        pytest.param(WRONG, ReceiptState.FAILED, "wrong_number", id="no-such-number"),
    ],
)
async def test_what_became_of_it(tmp_path: Path, scenario: str, state: ReceiptState, why: str) -> None:
    async with trunk(tmp_path, scenario) as (port, _):
        voice = channel(port)
        async with voice.open(None) as wire:
            (receipt,) = await voice.send(wire, call(tmp_path), NOW)
            assert receipt.state is state
            if state is ReceiptState.HANDED_OVER:
                told = await outcome(voice, wire)
                assert isinstance(told, Receipt)
                assert told.state is ReceiptState.FAILED
            else:
                told = receipt
            assert isinstance(told, Receipt)
            assert told.why == why


@pytest.mark.parametrize(
    ("asks", "header", "look"),
    [
        pytest.param("401 Unauthorized", "WWW-Authenticate", PROVEN, id="401"),
        pytest.param("407 Proxy Authentication Required", "Proxy-Authenticate", SEEN, id="407"),
    ],
)
async def test_the_trunk_lets_us_in_by_our_password(
    tmp_path: Path, asks: str, header: str, look: str
) -> None:
    async with trunk(tmp_path, _guarded(asks, header, look)) as (port, _):
        voice = channel(port, username="raksa", password="s3cret")
        async with voice.open(None) as wire:
            assert (await voice.send(wire, call(tmp_path), NOW))[0].state is ReceiptState.HANDED_OVER
            told = await outcome(voice, wire)
    assert isinstance(told, Receipt)
    assert told.why == "declined"


async def test_a_wrong_password_needs_a_person(tmp_path: Path) -> None:
    async with trunk(tmp_path, _guarded("401 Unauthorized", "WWW-Authenticate", PROVEN)) as (port, messages):
        voice = channel(port, username="raksa", password="wr0ng")
        async with voice.open(None) as wire:
            with pytest.raises(ChannelBroken) as raised:
                await voice.send(wire, call(tmp_path), NOW)
    assert "wr0ng" not in repr(raised.value) + messages.read_text()


async def test_an_unwell_trunk_is_asked_later(tmp_path: Path) -> None:
    async with trunk(tmp_path, UNWELL) as (port, _):
        voice = channel(port)
        async with voice.open(None) as wire:
            with pytest.raises(TryLater, match="503"):
                await voice.send(wire, call(tmp_path), NOW)


async def test_a_trunk_that_is_away_is_asked_later(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    voice = channel(port)
    async with voice.open(None) as wire:
        with pytest.raises(TryLater):
            await voice.send(wire, call(tmp_path), NOW)
        assert not (await voice.probe(wire, NOW)).ok


async def test_no_more_calls_than_lines(phone: Telephone, tmp_path: Path) -> None:
    voice = channel(phone.port, lines=1, after_s=5)
    async with voice.open(None) as wire:
        assert (await voice.send(wire, call(tmp_path), NOW))[0].state is ReceiptState.HANDED_OVER
        with pytest.raises(TryLater) as raised:
            await voice.send(wire, call(tmp_path), NOW)
        assert raised.value.retry_after is not None
        assert (await voice.probe(wire, NOW)).ok
