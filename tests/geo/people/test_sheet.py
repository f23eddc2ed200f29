"""The contact sheet: what we print we read; what people make of it is read, or refused with a reason."""

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from geo.gazetteer import gazetteer
from geo.people import Role
from geo.sheet import (
    COLUMNS,
    NO_TOWER,
    Person,
    SheetReport,
    Slot,
    VillageRow,
)
from geo.sheet_read import read_sheet
from geo.sheet_write import FIRST_ROW, GROUP_ROW, HEAD_ROW, KEY_ROW, write_sheet

TODAY = date(2026, 11, 23)
VILLAGES = sorted(gazetteer().villages.values(), key=lambda village: village.code)[:6]
A, B = VILLAGES[0].code, VILLAGES[1].code
HEAD, ASSISTANT_2 = Slot(Role.HEAD, 1), Slot(Role.ASSISTANT, 2)
LINE = "U" + "0123456789abcdef" * 2
COLUMN = {column.key: number for number, column in enumerate(COLUMNS, start=1)}


def edited(edit: Callable[[Worksheet], Any], known: dict[str, VillageRow] | None = None) -> io.BytesIO:
    written = io.BytesIO()
    write_sheet(written, VILLAGES, known)
    book = load_workbook(io.BytesIO(written.getvalue()))
    sheet = book.worksheets[0]
    edit(sheet)
    again = io.BytesIO()
    book.save(again)
    return io.BytesIO(again.getvalue())


def read(edit: Callable[[Worksheet], Any]) -> SheetReport:
    return read_sheet(edited(edit), TODAY, VILLAGES)


def put(**cells: object) -> Callable[[Worksheet], None]:
    """Type into the first village's row: the head's name stands there already."""

    def edit(sheet: Worksheet) -> None:
        for key, value in ({"head_1_name": "สมมุติ ก"} | cells).items():
            sheet.cell(FIRST_ROW, COLUMN[key]).value = value  # type: ignore[assignment]

    return edit


def test_all_villages_are_printed() -> None:
    file = io.BytesIO()
    write_sheet(file, gazetteer().villages.values())
    sheet = load_workbook(io.BytesIO(file.getvalue())).worksheets[0]
    codes = [sheet.cell(row, 1).value for row in range(FIRST_ROW, sheet.max_row + 1)]
    assert codes == sorted(gazetteer().villages)
    assert len(codes) == 670
    assert sheet.freeze_panes == f"G{FIRST_ROW}"
    assert sheet.cell(FIRST_ROW, COLUMN["head_1_phone"]).number_format == "@"
    assert "ไมค์ในบ้าน,MQTT,ไม่มี" in str(sheet.data_validations.dataValidation[0].formula1)


def test_a_name_that_looks_like_a_formula_stays_a_name() -> None:
    known = {A: VillageRow(A, {HEAD: Person("=1+1", "+66812345678")})}
    file = io.BytesIO()
    write_sheet(file, VILLAGES, known)
    assert read_sheet(io.BytesIO(file.getvalue()), TODAY, VILLAGES).good == [known[A]]


@pytest.mark.parametrize(
    ("cell", "phone", "note"),
    [
        pytest.param("0812345678", "+66812345678", None, id="plain"),
        pytest.param("๐๘๑-๒๓๔ ๕๖๗๘", "+66812345678", None, id="thai-digits"),
        pytest.param(812345678, "+66812345678", "leading zero", id="lost-leading-zero"),
        pytest.param(812345678.0, "+66812345678", "leading zero", id="lost-leading-zero-as-float"),
        pytest.param("+66 81 234 5678", "+66812345678", None, id="international"),
        pytest.param(66812345678, "+66812345678", None, id="plus-eaten-by-excel"),
        pytest.param("081-234-5678, 089-999-9999", "+66812345678", "several", id="two-numbers"),
        pytest.param("081-234-5678 หรือ 0899999999", "+66812345678", "several", id="two-numbers-in-words"),
        pytest.param("081-234-5678\n089-999-9999", "+66812345678", "several", id="two-lines-in-a-cell"),
        pytest.param("0812345678 0899999999", "+66812345678", "several", id="two-numbers-and-a-space"),
        pytest.param("074-612345, 081-234-5678", "+66812345678", "several", id="the-mobile-of-two"),
        pytest.param("โทร. 081-234-5678", "+66812345678", None, id="the-word-before-it"),
        pytest.param("'0812345678,", "+66812345678", None, id="marks-around-it"),
        pytest.param("074-612345", "+6674612345", "landline", id="landline"),
        pytest.param("0812345678\u200b", "+66812345678", None, id="invisible-space"),
        pytest.param("-", None, None, id="dash-is-empty"),
        pytest.param("ไม่มี", None, None, id="none-in-words"),
    ],
)
def test_phones(cell: object, phone: str | None, note: str | None) -> None:
    report = read(put(head_1_phone=cell))
    assert report.bad == []
    assert report.good[0].people[HEAD].phone == phone
    assert [note in remark.why_en for remark in report.notes if note] == [True] * (note is not None)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        pytest.param("12/05/2569", date(2026, 5, 12), id="buddhist"),
        pytest.param("๑๒/๕/๒๕๖๙", date(2026, 5, 12), id="thai-digits"),
        pytest.param("12 พ.ค. 2569", date(2026, 5, 12), id="short-month"),
        pytest.param("12 พฤษภาคม พ.ศ. 2569", date(2026, 5, 12), id="long-month"),
        pytest.param("12/5/69", date(2026, 5, 12), id="two-digits-buddhist"),
        pytest.param("12/5/26", date(2026, 5, 12), id="two-digits-common"),
        pytest.param("12-พ.ค.-69", date(2026, 5, 12), id="as-excel-shows-it"),
        pytest.param("วันที่ 12 เดือน พฤษภาคม พ.ศ. 2569", date(2026, 5, 12), id="as-letters-write-it"),
        pytest.param("12/05/2569 18.30 น.", date(2026, 5, 12), id="with-an-hour"),
        pytest.param("2026-05-12", date(2026, 5, 12), id="iso"),
        pytest.param(datetime(2026, 5, 12), date(2026, 5, 12), id="excel-date"),
        pytest.param(datetime(2569, 5, 12), date(2026, 5, 12), id="excel-date-of-buddhist-year"),
        pytest.param("29/02/2567", date(2024, 2, 29), id="leap-day"),
    ],
)
def test_dates(cell: object, day: date) -> None:
    report = read(put(head_1_verified=cell))
    assert [row.people[HEAD].verified_on for row in report.good] == [day]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        pytest.param({"head_1_phone": "08123456"}, "not a Thai mobile", id="short-phone"),
        pytest.param({"head_1_phone": "=A1"}, "formula", id="formula"),
        pytest.param({"head_1_name": "0812345678"}, "a number stands", id="phone-in-name"),
        pytest.param({"head_1_name": "#REF!"}, "not a name", id="excel-error-for-a-name"),
        pytest.param({"head_1_name": datetime(2026, 5, 12)}, "not a name", id="date-for-a-name"),
        pytest.param({"head_1_verified": "31/02/2569"}, "no such day", id="no-such-day"),
        pytest.param({"head_1_verified": "01/01/2570"}, "not come yet", id="future"),
        pytest.param({"head_1_verified": "เมื่อวาน"}, "not a date", id="word-for-date"),
        pytest.param({"head_1_line": "U0123456789abcdef012345"}, "LINE user id", id="short-line-id"),
        pytest.param({"tower_kind": "ลำโพง"}, "must be one of", id="unknown-tower"),
        pytest.param({"tower_kind": "MQTT"}, "needs its device id", id="mqtt-without-device"),
        pytest.param(
            {"tower_kind": "MQTT", "tower_device": "pa/#"}, "device id has only", id="wildcard-topic"
        ),
        pytest.param({"tower_homes": 40}, "of what kind", id="homes-of-no-tower"),
        pytest.param({"tower_kind": "ไมค์ในบ้าน", "tower_homes": "มาก"}, "whole number", id="homes-in-words"),
        pytest.param({"head_1_name": "-", "head_1_phone": "0812345678"}, "nobody", id="nobody-with-a-phone"),
    ],
)
def test_a_bad_cell_refuses_its_row_and_keeps_the_others(cells: dict[str, object], why: str) -> None:
    def edit(sheet: Worksheet) -> None:
        put(**cells)(sheet)
        sheet.cell(FIRST_ROW + 1, COLUMN["head_1_name"]).value = "สมมุติ ข"

    report = read(edit)
    assert [row.code for row in report.good] == [B]
    assert [(remark.row, why in remark.why_en) for remark in report.bad] == [(FIRST_ROW, True)]
    assert all(remark.why_th and remark.column for remark in report.bad)


def test_a_line_name_is_left_out_and_said() -> None:
    report = read(put(head_1_line="somchai99"))
    assert report.good[0].people[HEAD].line_id is None
    assert "office's account" in report.notes[0].why_en


def test_doubled_villages_name_their_rows() -> None:
    def edit(sheet: Worksheet) -> None:
        put()(sheet)
        sheet.cell(FIRST_ROW + 1, 1).value = A
        sheet.cell(FIRST_ROW + 1, COLUMN["head_1_name"]).value = "สมมุติ ข"

    report = read(edit)
    assert report.good == []
    assert [remark.row for remark in report.bad] == [FIRST_ROW, FIRST_ROW + 1]
    assert f"rows {FIRST_ROW}, {FIRST_ROW + 1}" in report.bad[0].why_en


def test_doubled_but_alike_is_one() -> None:
    def edit(sheet: Worksheet) -> None:
        put()(sheet)
        sheet.cell(FIRST_ROW + 1, 1).value = int(A)
        sheet.cell(FIRST_ROW + 1, COLUMN["head_1_name"]).value = "สมมุติ  ก "

    report = read(edit)
    assert [row.code for row in report.good] == [A]
    assert report.bad == [] and "the same in rows" in report.notes[0].why_en


def test_merged_down_is_one_person_of_two_villages() -> None:
    def edit(sheet: Worksheet) -> None:
        put(head_1_phone="0812345678")(sheet)
        for key in ("head_1_name", "head_1_phone"):
            at = COLUMN[key]
            sheet.merge_cells(start_row=FIRST_ROW, end_row=FIRST_ROW + 1, start_column=at, end_column=at)

    report = read(edit)
    assert [row.people[HEAD] for row in report.good] == [Person("สมมุติ ก", "+66812345678")] * 2
    assert {"merged" in remark.why_en for remark in report.notes} == {True}


def test_merged_across_takes_nothing_for_the_covered_cell() -> None:
    def edit(sheet: Worksheet) -> None:
        put()(sheet)
        at = COLUMN["head_1_name"]
        sheet.merge_cells(start_row=FIRST_ROW, end_row=FIRST_ROW, start_column=at, end_column=at + 1)

    report = read(edit)
    assert report.good[0].people[HEAD] == Person("สมมุติ ก")
    assert "merged with the cell to its left" in report.notes[0].why_en


def test_a_wrong_code_names_the_nearest() -> None:
    def edit(sheet: Worksheet) -> None:
        put()(sheet)
        sheet.cell(FIRST_ROW, 1).value = A[:-2] + "9" + A[-1]

    report = read(edit)
    assert report.good == []
    assert A in report.bad[0].why_en


def test_two_persons_one_phone_is_said_and_taken() -> None:
    report = read(put(head_1_phone="0812345678", assistant_2_name="สมมุติ ค", assistant_2_phone="0812345678"))
    assert len(report.good[0].people) == 2
    assert ["several people" in remark.why_en for remark in report.notes] == [True, True]


def test_one_person_of_two_roles_is_not_worth_a_word() -> None:
    report = read(put(head_1_phone="0812345678", key_holder_1_name="สมมุติ ก", key_holder_1_phone="0812345678"))
    assert len(report.good[0].people) == 2
    assert report.notes == []


def test_columns_moved_and_renamed_are_found_by_their_keys() -> None:
    def edit(sheet: Worksheet) -> None:
        put(head_1_phone="0812345678", assistant_2_name="สมมุติ ค")(sheet)
        for row in (GROUP_ROW, HEAD_ROW):
            for merged in list(sheet.merged_cells.ranges):
                sheet.unmerge_cells(str(merged))
            for at in range(2, len(COLUMNS) + 1):
                sheet.cell(row, at).value = "อะไรก็ได้"
        sheet.insert_cols(COLUMN["head_1_phone"], 2)

    report = read(edit)
    assert report.bad == []
    assert report.good[0].people == {HEAD: Person("สมมุติ ก", "+66812345678"), ASSISTANT_2: Person("สมมุติ ค")}


def test_without_the_row_of_keys_the_headings_decide() -> None:
    def edit(sheet: Worksheet) -> None:
        put(head_1_phone="0812345678", head_1_line=LINE, assistant_2_name="สมมุติ ค", tower_kind="ไม่มี")(sheet)
        for at in range(1, len(COLUMNS) + 1):
            sheet.cell(KEY_ROW, at).value = None

    report = read(edit)
    assert report.bad == []
    assert report.good == [
        VillageRow(A, {HEAD: Person("สมมุติ ก", "+66812345678", LINE), ASSISTANT_2: Person("สมมุติ ค")}, NO_TOWER)
    ]


def test_an_offices_own_sheet_is_read() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["บัญชีผู้ใหญ่บ้าน"])
    sheet.append(["ลำดับ", "รหัสหมู่บ้าน", "ชื่อผู้ใหญ่บ้าน", "เบอร์ผู้ใหญ่บ้าน", "ชื่อ อสม.", "โทร อสม."])
    sheet.append([1, int(A), "สมมุติ ก", 812345678, "สมมุติ ง", "๐๘๙๑๑๑๒๒๒๒"])
    file = io.BytesIO()
    book.save(file)
    report = read_sheet(io.BytesIO(file.getvalue()), TODAY, VILLAGES)
    volunteer = Slot(Role.HEALTH_VOLUNTEER, 1)
    assert report.good[0].people == {
        HEAD: Person("สมมุติ ก", "+66812345678"),
        volunteer: Person("สมมุติ ง", "+66891112222"),
    }


def test_personal_fields_stay_out_of_repr() -> None:
    assert "812345678" not in repr(VillageRow(A, {HEAD: Person("ก", "+66812345678", LINE)}))
