"""SMS through a real Kannel: bearerbox, its fake SMSC as the handset side, smsbox."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from channels import kannel
from channels.contract import Answer, Batch, ChannelBroken, Message, Receipt, ReceiptState, Reply
from channels.sms_http import SmsHttp
from channels.sms_text import count
from tests.services.require import free_ports, missing, require
from tests.services.running import listening, running, said

pytestmark = pytest.mark.service

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
S = ReceiptState
SHORT = "น้ำท่วม ไปวัดดอน"
LONG = "น้ำท่วมฉับพลัน บ้านคลองนา ภายใน 2 ชม. ไปโรงเรียนวัดดอนเดี๋ยวนี้ " * 3


class Ports(NamedTuple):
    admin: int
    smsbox: int
    smsc: int
    sendsms: int


CONFIG = """\
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

group = smsc
smsc = fake
smsc-id = FAKE
port = {smsc}
connect-allow-ip = 127.0.0.1

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

group = sms-service
keyword = default
get-url = "{hook}?k={mark}&from=%p&text=%b&coding=%c&charset=%C&id=%I"
max-messages = 0
"""


def fakesmsc() -> str:
    found = shutil.which("fakesmsc", path="/usr/lib/kannel/test:/usr/lib/kannel:/usr/bin:/usr/sbin")
    return found or missing("fakesmsc (kannel-extras) is not installed (make services)")


class Kannel:
    def __init__(self, channel: SmsHttp, folder: Path) -> None:
        self.channel, self.folder = channel, folder
        self.heard: list[Receipt | Reply] = []

    def delivered(self) -> set[UUID | None]:
        receipts = [item for item in self.heard if isinstance(item, Receipt)]
        return {r.delivery_id for r in receipts if r.state is S.DELIVERED}

    async def until(self, n: int, within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            while len(self.heard) < n:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def kannel_with(folder: Path, *phone: str) -> AsyncIterator[Kannel]:
    """`phone`: arguments of fakesmsc, e.g. what a handset sends in."""
    bearerbox, smsbox, handset = require("bearerbox"), require("smsbox"), fakesmsc()
    ports = Ports(*free_ports(4))
    async with AsyncExitStack() as stack:
        box: list[Kannel] = []

        async def hook(request: web.Request) -> web.Response:
            box[0].heard += box[0].channel.hear(request.query_string.encode(), request.headers, NOW)
            return web.Response()

        app = web.Application()
        app.router.add_get("/sms", hook)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/sms"
        channel = SmsHttp(
            kind="sms_http",
            name="kannel",
            profile="kannel",
            url=f"http://127.0.0.1:{ports.sendsms}/cgi-bin/sendsms",
            username="pht",
            token=SecretStr("s3cret"),
            callback_secret=SecretStr("hook"),
            callback_url=url,
            sender="PHT",
        )
        box.append(Kannel(channel, folder))
        config = CONFIG.format(**ports._asdict(), hook=url, mark=kannel.mo_mark("hook"))
        (folder / "k.conf").write_text(config)
        await stack.enter_async_context(
            running(bearerbox, "-v", "1", "k.conf", folder=folder, log="bearerbox.log")
        )
        await listening(ports.smsc)
        await listening(ports.smsbox)
        await stack.enter_async_context(running(smsbox, "-v", "1", "k.conf", folder=folder, log="smsbox.log"))
        await listening(ports.sendsms)
        words = (
            handset,
            "-H",
            "127.0.0.1",
            "-r",
            str(ports.smsc),
            "-v",
            "0",
            *(phone or ("-m", "0", "x y text z")),
        )
        await stack.enter_async_context(running(*words, folder=folder, log="phone.log"))
        yield box[0]


def batch(*texts: str) -> Batch:
    messages = tuple(Message(uuid4(), f"+6681234567{n}", text) for n, text in enumerate(texts))
    return Batch(uuid4(), uuid4(), "Severe", False, messages, NOW + timedelta(hours=1))


async def test_sent_delivered_and_counted(tmp_path: Path) -> None:
    """Thai words go through whole, in as many parts as we said, and each report finds its delivery."""
    async with kannel_with(tmp_path) as it, aiohttp.ClientSession() as net:
        made = batch(SHORT, LONG)
        receipts = await it.channel.send(net, made, NOW)
        assert [r.state for r in receipts] == [S.ACCEPTED] * 2
        async with asyncio.timeout(20):
            while it.delivered() != {m.id for m in made.messages}:
                await asyncio.sleep(0.05)
        log = await said(tmp_path, "phone.log", "Got message")
        assert log.count("66812345670") == count(SHORT) == 1
        assert log.count("66812345671") == count(LONG) == 3


async def test_a_phone_answers(tmp_path: Path) -> None:
    words = "66812345678 4567 ucs2 %0E%1B%0E%25%0E%2D%0E%14%0E%20%0E%31%0E%22"  # ปลอดภัย
    async with kannel_with(tmp_path, "-i", "0.1", "-m", "1", words) as it:
        await it.until(1)
        (reply,) = it.heard
        assert isinstance(reply, Reply)
        assert (reply.answer, reply.address, reply.text) == (Answer.SAFE, "+66812345678", "ปลอดภัย")


async def test_wrong_password_is_a_person_s_work(tmp_path: Path) -> None:
    async with kannel_with(tmp_path) as it, aiohttp.ClientSession() as net:
        assert (await it.channel.probe(net, NOW)).ok
        stranger = it.channel.model_copy(update={"token": SecretStr("wrong")})
        assert not (await stranger.probe(net, NOW)).ok
        with pytest.raises(ChannelBroken) as raised:
            await stranger.send(net, batch(SHORT), NOW)
        assert "wrong" not in str(raised.value)
