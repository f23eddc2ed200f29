"""A modem's outbox: one file a message, whole or not at all, and found again by its name."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Answer, Receipt, ReceiptState, Reply, TryLater
from channels.sms_modem import SmsModem
from tests.channels.cases import CASES, NOW, WORDS, batch, ids

S = ReceiptState
CASE = CASES["sms_modem"]


@pytest.fixture
async def modem(tmp_path: Path) -> SmsModem:
    made = CASE.build("", tmp_path)
    assert isinstance(made, SmsModem)
    async with made.open(None):
        return made


def outbox(modem: SmsModem) -> list[Path]:
    return sorted((modem.folder / "outbox").iterdir())


async def heard(modem: SmsModem, n: int, now: Callable[[], datetime] = lambda: NOW) -> list[Receipt | Reply]:
    """The first n things it tells, and half a moment more: nothing comes twice."""
    items: list[Receipt | Reply] = []

    async def listen() -> None:
        async for item in modem.listen(modem.folder, now):
            items.append(item)

    task = asyncio.create_task(listen())
    try:
        async with asyncio.timeout(3):
            while len(items) < n:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return items


async def test_a_file_a_message(modem: SmsModem) -> None:
    receipts = await modem.send(modem.folder, CASE.three(), NOW)
    assert [r.state for r in receipts] == [S.HANDED_OVER] * 3
    first = outbox(modem)[0]
    assert first.name == f"OUTA20261122_210000_00_+66812345671_{ids(1)[0].hex}.txt"
    assert first.read_bytes().decode("utf-16") == WORDS


@pytest.mark.parametrize("folder", ["outbox", "sent", "error"])
async def test_asked_again_it_is_the_same_file(modem: SmsModem, folder: str) -> None:
    """Wherever the daemon has put it by now: nobody is told twice."""
    await modem.send(modem.folder, CASE.three(), NOW)
    for path in outbox(modem):
        path.replace(modem.folder / folder / path.name)
    await modem.send(modem.folder, CASE.three(), NOW + timedelta(seconds=90))
    assert len(outbox(modem)) == (3 if folder == "outbox" else 0)


async def test_what_became_of_them(modem: SmsModem) -> None:
    """The same after a restart: names and times are the file's own, so the ledger sees one event."""
    await modem.send(modem.folder, CASE.three(), NOW)
    one, two, _ = outbox(modem)
    one.replace(modem.folder / "sent" / one.name)
    two.replace(modem.folder / "error" / two.name)
    (modem.folder / "sent" / "somebody-else.txt").write_text("x")
    first = await heard(modem, 2)
    told = {(r.delivery_id, r.state) for r in first if isinstance(r, Receipt)}
    assert told == {(ids(3)[0], S.ACCEPTED), (ids(3)[1], S.FAILED)}
    assert await heard(modem, 2) == first


async def test_what_is_too_late_never_goes(modem: SmsModem) -> None:
    await modem.send(modem.folder, CASE.three(), NOW)
    items = await heard(modem, 3, lambda: NOW + timedelta(hours=3))
    assert {(r.delivery_id, r.state) for r in items if isinstance(r, Receipt)} == {
        (i, S.EXPIRED) for i in ids(3)
    }
    assert outbox(modem) == []


@pytest.mark.parametrize("coding", ["utf-16", "utf-8"])
async def test_an_answer_in_two_parts(modem: SmsModem, coding: str) -> None:
    inbox = modem.folder / "inbox"
    for part, words in ((0, "ประกาศแล้ว "), (1, "๘๕ หลัง")):
        (inbox / f"IN20261122_190000_00_+66812345671_{part:02}.txt").write_bytes(words.encode(coding))
    (reply,) = await heard(modem, 1)
    assert isinstance(reply, Reply)
    assert (reply.answer, reply.homes, reply.address) == (Answer.ANNOUNCED, 85, "+66812345671")
    assert await heard(modem, 0) == []
    assert len(list((inbox / "read").iterdir())) == 2


async def test_a_full_outbox_says_later(modem: SmsModem) -> None:
    await modem.send(modem.folder, CASE.three(), NOW)
    full = modem.model_copy(update={"most_waiting": 3})
    with pytest.raises(TryLater) as raised:
        await full.send(full.folder, batch(["+66812345699"]), NOW)
    assert raised.value.retry_after and not raised.value.maybe_taken


async def test_an_outbox_nobody_empties_is_told(modem: SmsModem) -> None:
    assert (await modem.probe(modem.folder, NOW)).ok
    await modem.send(modem.folder, CASE.three(), NOW)
    written = datetime.fromtimestamp(outbox(modem)[0].stat().st_mtime, NOW.tzinfo)
    health = await modem.probe(modem.folder, written + timedelta(minutes=11))
    assert not health.ok and "gammu-smsd" in health.note_en


def test_the_plan_says_how_slow_it_is(modem_settings: dict[str, Any]) -> None:
    plan = SmsModem(**modem_settings).plan(500)
    assert plan.minutes == pytest.approx(100)
    assert "10" in plan.warning


@pytest.fixture
def modem_settings(tmp_path: Path) -> dict[str, Any]:
    return {"kind": "sms_modem", "name": "modem", "folder": tmp_path}
