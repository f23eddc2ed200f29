"""A list of residents as CSV: as bounded as a workbook, and a broken quotation mark swallows nobody."""

import io

import pytest

from geo.household_file import HouseholdReport, read_households
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
        homes(HEAD + "x" * 20_000_001)


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
