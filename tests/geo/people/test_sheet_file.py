"""Which sheet of a file is the contact sheet, and what is no file of sheets at all."""

import io

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from geo.sheet import SheetUnreadable
from geo.sheet_read import read_sheet
from tests.geo.people.test_sheet import TODAY, A, put, read


@pytest.mark.parametrize("state", ["visible", "hidden"])
def test_a_renamed_sheet_behind_another_is_found(state: str) -> None:
    def edit(sheet: Worksheet) -> None:
        put()(sheet)
        sheet.title = "รายชื่อ"
        cover = sheet.parent.create_sheet("ปก", 0)  # type: ignore[union-attr]
        cover.sheet_state = state

    assert [row.code for row in read(edit).good] == [A]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"code,name\n93010301,x\n", "save as .xlsx", id="csv"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old .xls", id="xls-or-locked"),
        pytest.param(b"PK\x03\x04 half a file", "broken", id="cut-off"),
        pytest.param(b"", "not an .xlsx", id="empty-file"),
    ],
)
def test_what_is_no_xlsx_says_what_to_do(body: bytes, why: str) -> None:
    with pytest.raises(SheetUnreadable, match=why):
        read_sheet(io.BytesIO(body), TODAY)


def test_a_sheet_without_codes_says_so() -> None:
    book, file = Workbook(), io.BytesIO()
    book.save(file)
    with pytest.raises(SheetUnreadable, match="village codes"):
        read_sheet(io.BytesIO(file.getvalue()), TODAY)


def test_a_column_of_numbers_that_is_nobodys_is_said() -> None:
    book, file = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["รหัสหมู่บ้าน", "ชื่อผู้ใหญ่บ้าน", "เบอร์โทรผู้ใหญ่บ้าน", "เบอร์โทรประธาน", "โทรสำรอง", "หมายเหตุ"])
    sheet.append([A, "นายสมมุติ ทดลองดี", "0690000001", "0690000002", None, "ดี"])
    book.save(file)
    report = read_sheet(io.BytesIO(file.getvalue()), TODAY)
    assert [row.code for row in report.good] == [A]
    assert [(note.row, note.column) for note in report.notes] == [(1, "เบอร์โทรประธาน")]
