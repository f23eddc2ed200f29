"""A real gammu-smsd with gammu's dummy phone: what lies in the outbox is sent whole, and an SMS that came in is heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from channels.contract import Answer, Batch, Message, Receipt, ReceiptState, Reply
from channels.sms_modem import SmsModem
from tests.services.require import require
from tests.services.running import running, said

pytestmark = pytest.mark.service

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
LONG = "น้ำท่วมฉับพลัน บ้านคลองนา ภายใน 2 ชม. ไปโรงเรียนวัดดอนเดี๋ยวนี้ " * 3
PHONE = "[gammu]\nmodel = dummy\nconnection = none\nport = {folder}/phone\n"
DAEMON = """
[smsd]
service = files
inboxpath = {folder}/modem/inbox/
outboxpath = {folder}/modem/outbox/
sentsmspath = {folder}/modem/sent/
errorsmspath = {folder}/modem/error/
inboxformat = unicode
transmitformat = auto
loopsleep = 1
commtimeout = 1
logfile = stdout
debuglevel = 1
"""


@pytest.fixture
async def modem(tmp_path: Path) -> AsyncIterator[SmsModem]:
    daemon, tool = require("gammu-smsd"), require("gammu")
    (tmp_path / "phone").mkdir()
    (tmp_path / "phone.rc").write_text(PHONE.format(folder=tmp_path))
    (tmp_path / "smsd.rc").write_text((PHONE + DAEMON).format(folder=tmp_path))
    made = SmsModem(kind="sms_modem", name="modem", folder=tmp_path / "modem", look_every_s=0.05)
    words = ("savesms", "TEXT", "-folder", "1", "-unread", "-unicode", "-sender", "+66812345678")
    saved = await asyncio.create_subprocess_exec(
        tool, "-c", str(tmp_path / "phone.rc"), *words, "-text", "ปลอดภัย",
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await saved.wait() == 0
    async with made.open(None), running(daemon, "-c", "smsd.rc", folder=tmp_path, log="smsd.log"):
        yield made


async def test_sent_whole_and_an_answer_heard(modem: SmsModem, tmp_path: Path) -> None:
    messages = tuple(
        Message(uuid4(), f"+6681234567{n}", text) for n, text in enumerate(("น้ำท่วม ไปวัดดอน", LONG))
    )
    made = Batch(uuid4(), uuid4(), "Severe", False, messages, NOW + timedelta(hours=1))
    items: list[Receipt | Reply] = []

    async def listen() -> None:
        async for item in modem.listen(modem.folder, lambda: NOW):
            items.append(item)

    task = asyncio.create_task(listen())
    try:
        receipts = await modem.send(modem.folder, made, NOW)
        assert [r.state for r in receipts] == [ReceiptState.HANDED_OVER] * 2
        async with asyncio.timeout(15):
            while len(items) < 3:
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    (reply,) = [item for item in items if isinstance(item, Reply)]
    assert (reply.answer, reply.address, reply.text) == (Answer.SAFE, "+66812345678", "ปลอดภัย")
    taken = {r.delivery_id: r.state for r in items if isinstance(r, Receipt)}
    assert taken == {m.id: ReceiptState.ACCEPTED for m in messages}
    log = await said(tmp_path, "smsd.log", "+66812345671")
    assert "(total: 1) to +66812345670" in log  # short: one part
    assert "(total: 3) to +66812345671" in log or "total: 4) to +66812345671" in log
