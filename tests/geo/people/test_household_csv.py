"""A list of residents as CSV: as bounded as a workbook, and a broken quotation mark swallows nobody."""

import io

import pytest

from geo.household_file import HouseholdReport, read_households
from geo.people import Vulnerability
from geo.sheet import SheetUnreadable

HEAD = "รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ\n"


def homes(text: str) -> HouseholdReport:
    return read_households(io.BytesIO(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEAD + "93010301,1,x\n" + "\n" * 600_000, id="empty-rows"),
        pytest.param(HEAD + "93010301,1,x" + "," * 200 + "\n", id="columns"),
    ],
)
def test_a_table_no_office_has_is_refused(text: str) -> None:
    with pytest.raises(SheetUnreadable, match="more than 600,000 rows or 200 columns") as refused:
        homes(text)
    assert "แบ่งไฟล์" in refused.value.why_th


def test_a_list_of_many_rows_under_the_bound_is_read() -> None:
    assert len(homes(HEAD + "93010301,1,x\n" * 30_000).good) == 30_000


def test_a_file_too_large_says_to_split_it() -> None:
    with pytest.raises(SheetUnreadable, match="split it"):
        homes(HEAD + "x" * 100_000_001)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param('93010301,"2,b', id="never-closed"),
        pytest.param('93010301,"2,b\n93010301,3,"c"', id="closed-by-another-row"),
    ],
)
def test_an_open_quotation_mark_swallows_no_row(row: str) -> None:
    with pytest.raises(SheetUnreadable, match="quotation mark that is not closed") as refused:
        homes(HEAD + "93010301,1,a\n" + row + "\n93010301,4,d\n")
    assert "บรรทัด" in refused.value.why_th


@pytest.mark.parametrize(
    ("row", "house_no"),
    [
        pytest.param("93010301.0,1,x", "1", id="code-as-a-spreadsheet-writes-it"),
        pytest.param('93010301, "1/2", "x"', "1/2", id="blanks-before-quotes"),
        pytest.param("๙๓๐๑๐๓๐๑,๑๒/๓,x", "12/3", id="thai-digits"),
    ],
)
def test_codes_and_numbers_as_programs_write_them(row: str, house_no: str) -> None:
    assert [(home.village_code, home.house_no) for home in homes(HEAD + row).good] == [("93010301", house_no)]


@pytest.mark.parametrize("told", ["12-Mar", "Mar-12", "2024-03-12", "12/3/2567", "12 มี.ค. 67", "12-มี.ค."])
def test_a_house_number_that_a_spreadsheet_made_a_date_is_refused(told: str) -> None:
    report = homes(HEAD + f"93010301,{told},x")
    assert not report.good and "Excel made a date" in report.bad[0].why_en


@pytest.mark.parametrize("told", ["12/3", "12-3", "99 หมู่ 1", "1/2/3", "ม.5"])
def test_a_house_number_is_no_date(told: str) -> None:
    assert homes(HEAD + f"93010301,{told},x").good[0].house_no == told


def test_a_surname_of_its_own_belongs_to_the_name() -> None:
    report = homes("รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ,นามสกุล\n93010301,1,สมมุติ,ทดลองดี\n")
    assert report.good[0].name == "สมมุติ ทดลองดี"
    assert homes("รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ-นามสกุล\n93010301,1,สมมุติ ทดลองดี\n").good[0].name == "สมมุติ ทดลองดี"


def test_a_column_nobody_reads_is_said() -> None:
    report = homes("รหัสหมู่บ้าน,บ้านเลขที่,ติดตามที่,ว่าง,โทร,โทร 2\n93010301,1,0690000011,,0690000012,0690000013\n")
    assert [note.column for note in report.notes if "was not read" in note.why_en] == ["ติดตามที่", "โทร 2"]


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param("18 เดือน", Vulnerability.YOUNG_CHILD, id="months"),
        pytest.param("85 ปี 3 เดือน", Vulnerability.ELDERLY, id="years-and-months"),
        pytest.param("120", Vulnerability.ELDERLY, id="very-old"),
    ],
)
def test_ages(age: str, expected: Vulnerability) -> None:
    (home,) = homes(f"รหัสหมู่บ้าน,บ้านเลขที่,อายุ\n93010301,1,{age}\n").good
    assert home.vulnerability is expected


def test_a_year_of_birth_is_no_age() -> None:
    report = homes("รหัสหมู่บ้าน,บ้านเลขที่,อายุ,เปราะบาง\n93010301,1,2490,\n")
    assert not report.good and "not the year of birth" in report.bad[0].why_en


def test_half_a_coordinate_is_said() -> None:
    report = homes("รหัสหมู่บ้าน,บ้านเลขที่,lat,lon\n93010301,1,7.6,\n")
    assert report.good and "half a coordinate" in report.notes[0].why_en


@pytest.mark.parametrize("text", ['{"result": "OK"}', "[1, 2]", "<html></html>"])
def test_what_is_no_table_is_called_so(text: str) -> None:
    with pytest.raises(SheetUnreadable, match="not a table"):
        homes(text)
