"""The notebook tells no one, and says so."""

import json
import stat
from pathlib import Path

import pytest

from channels.contract import ReceiptState
from tests.channels.cases import CASES, NOW, PHONES, WORDS


async def test_writes_and_never_sends(tmp_path: Path) -> None:
    case = CASES["notebook"]
    notebook = case.build("", tmp_path / "book")
    assert not notebook.live
    receipts = await notebook.send(None, case.three(), NOW)
    assert [(r.state, r.delivery_id) for r in receipts] == [
        (ReceiptState.SUPPRESSED, m.id) for m in case.three().messages
    ]
    assert "ยังไม่ได้ส่ง" in receipts[0].why
    assert "not sent" in receipts[0].why
    (file,) = (tmp_path / "book").rglob("*.jsonl")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == [WORDS] * 3
    assert len({line["to"] for line in lines}) == 3
    assert not any(phone in file.read_text(encoding="utf-8") for phone in PHONES)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_twice_is_once(tmp_path: Path) -> None:
    case = CASES["notebook"]
    for _ in range(2):
        await case.build("", tmp_path).send(None, case.three(), NOW)
    assert len([f for f in tmp_path.rglob("*") if f.is_file()]) == 1


@pytest.mark.parametrize("carrier", ["sms", "line", "tower"])
def test_stands_in_for_any_carrier(carrier: str, tmp_path: Path) -> None:
    assert CASES["notebook"].build("", tmp_path, instead_of=carrier).needs == carrier
