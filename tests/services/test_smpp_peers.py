"""Our SMSC serves other people's clients, and other people's decoders read what our client sends."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
import smpplib.client
import smpplib.smpp
from pydantic import SecretStr

from channels.contract import Batch, Message, ReceiptState
from channels.sms_http import SmsHttp
from channels.sms_smpp import SmsSmpp
from channels.sms_text import count, parts
from tests.services.require import free_ports, require
from tests.services.running import listening, running
from warning.world.book import Book
from warning.world.smsc import Smsc, SmscRules

pytestmark = pytest.mark.service

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
LONG = "น้ำท่วมฉับพลัน บ้านคลองนา ภายใน 2 ชม. ไปโรงเรียนวัดดอนเดี๋ยวนี้ " * 3

KANNEL = """\
group = core
admin-port = {admin}
admin-password = adm
status-password = st
smsbox-port = {smsbox}
admin-interface = 127.0.0.1
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
dlr-storage = internal
sms-resend-freq = 1

group = smsc
smsc = smpp
smsc-id = OPER
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = raksa
smsc-password = s3cret
system-type = ""
interface-version = 34
max-pending-submits = 10
throughput = 100
msg-id-type = 0x03
source-addr-ton = 5
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = pht
password = s3cret
max-messages = 10
concatenation = true
user-allow-ip = "127.0.0.1"
"""


@pytest.fixture
async def smsc() -> AsyncIterator[Smsc]:
    async with Smsc(SmscRules(), Book(lambda: NOW), lambda: NOW) as made:
        yield made


def batch(*texts: str) -> Batch:
    messages = tuple(Message(uuid4(), f"+6681234567{n}", text) for n, text in enumerate(texts))
    return Batch(uuid4(), uuid4(), "Severe", False, messages, NOW + timedelta(hours=1))


async def test_kannel_sends_through_our_smsc(smsc: Smsc, tmp_path: Path) -> None:
    """An SMPP client of a million installations finds nothing wrong with it, and cuts a long text into as many parts as we do."""
    bearerbox, smsbox = require("bearerbox"), require("smsbox")
    admin, box, sendsms = free_ports(3)
    config = KANNEL.format(admin=admin, smsbox=box, sendsms=sendsms, smsc=smsc.port)
    (tmp_path / "k.conf").write_text(config)
    async with AsyncExitStack() as stack:
        for program, port in ((bearerbox, box), (smsbox, sendsms)):
            words = (program, "-v", "1", "k.conf")
            await stack.enter_async_context(running(*words, folder=tmp_path, log=f"{Path(program).name}.log"))
            await listening(port)
        net = await stack.enter_async_context(aiohttp.ClientSession())
        channel = SmsHttp(
            kind="sms_http", name="kannel", profile="kannel", username="pht", token=SecretStr("s3cret"), sender="PHT",
            url=f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms", callback_secret=SecretStr("h"),
            callback_url="http://127.0.0.1:1/nobody",
        )  # fmt: skip
        made = batch("น้ำท่วม", LONG)
        assert {r.state for r in await channel.send(net, made, NOW)} == {ReceiptState.ACCEPTED}
        async with asyncio.timeout(20):
            while len(smsc.book.arrivals("sms")) < 2 or smsc.acknowledged < max(2, smsc.reported):
                await asyncio.sleep(0.05)
    assert smsc.book.addresses("sms") == {m.address for m in made.messages}
    assert len(smsc.parts) == 1 + count(LONG)
    assert {p.sender for p in smsc.parts} == {"PHT"}


async def test_two_other_libraries_read_what_we_send(smsc: Smsc) -> None:
    channel = SmsSmpp(
        kind="sms_smpp", name="operator", host="127.0.0.1", port=smsc.port, system_id="raksa",
        password=SecretStr("s3cret"), sender="PHT", rate_per_s=1000,
    )  # fmt: skip
    async with channel.open(None) as wire:
        (receipt,) = await channel.send(wire, batch(LONG), NOW)
    assert receipt.state is ReceiptState.ACCEPTED
    client = smpplib.client.Client("127.0.0.1", 1, allow_unknown_opt_params=True)
    for part, piece in zip(smsc.parts, parts(LONG), strict=True):
        theirs = smpplib.smpp.parse_pdu(part.raw, client=client)
        assert (theirs.command, theirs.destination_addr, theirs.source_addr) == (
            "submit_sm",
            b"66812345670",
            b"PHT",
        )
        assert theirs.short_message[6:].decode("utf-16-be") == piece
        assert theirs.validity_period == b"000000010000000R"
    assert _read_by_aiosmpplib([p.raw for p in smsc.parts]) == parts(LONG)


def _read_by_aiosmpplib(pdus: list[bytes]) -> list[str]:
    """In a process of its own: importing it patches nothing of ours, and its warnings are not errors."""
    code = """
import sys
from aiosmpplib import SubmitSm
for line in sys.stdin.read().split():
    pdu = bytes.fromhex(line)
    header = SubmitSm.parse_header(pdu[:16])
    made = SubmitSm.from_pdu(pdu, header, "gsm0338")
    print(made.short_message.encode("utf-8").hex())
"""
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        input="\n".join(p.hex() for p in pdus),
        capture_output=True,
        text=True,
        check=True,
    )
    return [bytes.fromhex(line).decode() for line in told.stdout.split()]
