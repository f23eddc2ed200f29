"""A list of households and residents as a tambon office has it: CSV or XLSX, one row a person."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from geo.gazetteer import Village, gazetteer
from geo.languages import language_of
from geo.list_file import (
    CellReader,
    Columns,
    ListForm,
    degree_of,
    find_columns,
    open_list,
    unread,
    village_of,
)
from geo.needs import needs_of
from geo.people import NeedKind, Vulnerability
from geo.sheet import BadRow, Remark, SheetUnreadable
from geo.sheet_cells import (
    Cell,
    CellProblem,
    Guess,
    Understood,
    count_of,
    line_of,
    name_of,
    phone_of,
    text_of,
)
from geo.sheet_file import Grid, read_bytes
from geo.vulnerable import vulnerability_of

FORM = ListForm(
    patterns={
        "village_code": r"รหัสหมู่บ้าน|village.?code",
        "house_no": r"บ้านเลขที่|เลขที่บ้าน|house.?(no|number)",
        "kitchen": r"ครัวเรือนที่|household.?(no|number)|\bkitchen\b",
        "vulnerable": r"เปราะบาง|vulnerab",
        "needs": r"ต้องการช่วย|ความช่วยเหลือ|ช่วยเรื่อง|ต้องช่วย|\bneeds?\b|\bhelp\b",
        "heads": r"จำนวน(คน|สมาชิก)|สมาชิกกี่คน|\bheads?\b|people in",
        "lang": r"ภาษา|\blang",
        "neighbour_phone": r"เพื่อนบ้าน|neighbou?r",
        "child_phone": r"(ลูก|บุตร|ญาติ).*(โทร|เบอร์)|(โทร|เบอร์|มือถือ).*(ลูก|บุตร|ญาติ)|child.*phone|phone.*child",
        "age": r"กลุ่มอายุ|ช่วงอายุ|อายุ|\bage\b|age.?group",
        "phone": r"โทร|เบอร์(?!บ้าน)|มือถือ|หมายเลขติดต่อ|phone|mobile",
        "line": r"\bline\b|line.?id|ไลน์",
        "lat": r"ละติจูด|\blat(itude)?\b",
        "lon": r"ลองจิจูด|\blon(gitude)?\b|\blng\b",
        "surname": r"นามสกุล|surname|last.?name|family.?name",
        "name": r"ชื่อ(?!หมู่|บ้าน|ตำบล|อำเภอ|จังหวัด|ถนน)|(?<!village )(?<!tambon )\bname\b|person",
    },
    needed=("village_code", "house_no"),
    missing=SheetUnreadable(
        "ต้องมีคอลัมน์ รหัสหมู่บ้าน และ บ้านเลขที่", "the columns village code and house no are needed"
    ),
)
_MOST_HEADS = 99
_A_DATE = re.compile(  # what a spreadsheet writes into a CSV for 12/3
    r"\d{1,2}[- ][A-Za-z]{3}([- ]\d{2,4})?|[A-Za-z]{3}[- ]\d{2,4}|\d{4}-\d\d-\d\d( .*)?"
    r"|\d{1,2}/\d{1,2}/(19|20|24|25)\d\d|\d{1,2}[- ](ม|ก|มี|เม|พ|มิ|ส|ต|ธ)\.?[คพยคร]\.?([- ]\d{2,4})?"
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a household, or (all empty) a household of which only the house is known."""

    row: int
    village_code: str
    house_no: str
    kitchen: int = 1  # one house may hold several households
    name: str = field(default="", repr=False)
    phone: str | None = field(default=None, repr=False)
    line_id: str | None = field(default=None, repr=False)
    vulnerability: Vulnerability | None = None
    lat: float | None = None
    lon: float | None = None
    heads: int | None = None  # of the household, with those who gave no name
    lang: str | None = None
    neighbour_phone: str | None = field(default=None, repr=False)
    child_phone: str | None = field(default=None, repr=False)  # of somebody who lives elsewhere
    needs: tuple[NeedKind, ...] = ()


@dataclass(frozen=True)
class HouseholdReport:
    good: list[PersonRow]
    bad: list[BadRow]
    notes: list[Remark]


def read_households(
    source: Path | BinaryIO,
    fields: Mapping[str, str] | None = None,
    villages: Iterable[Village] | None = None,
) -> HouseholdReport:
    """Read a CSV (UTF-8 or the Windows Thai code page) or XLSX of residents.

    fields: our field -> their heading, where the guess by heading is wrong; ours are village_code, house_no,
    kitchen, name, surname, phone, line, vulnerable, age, lat, lon, heads, lang, neighbour_phone, child_phone, needs.
    Only village_code and house_no must be there.
    Raises SheetUnreadable.
    """
    known = {v.code for v in (gazetteer().villages.values() if villages is None else villages)}
    grid = open_list(read_bytes(source))
    columns = find_columns(grid, FORM, fields or {})
    reading = _Reading(grid, columns, known)
    for number in range(columns.first, len(grid.cells)):
        reading.read_row(number)
    return HouseholdReport(reading.good, reading.bad, [*unread(grid, columns), *reading.notes])


class _Reading(CellReader):
    def __init__(self, grid: Grid, columns: Columns, known: set[str]) -> None:
        super().__init__(grid, columns)
        self.good: list[PersonRow] = []
        self._known = known

    def read_row(self, number: int) -> None:
        if not any(text_of(cell) for cell in self._grid.cells[number]):
            return
        before = len(self.bad)
        code = self.cell(number, "village_code", self._village, needed=True) or ""
        house_no = self.cell(number, "house_no", lambda cell: Understood(_house_no(cell)), needed=True) or ""
        age = self.cell(number, "age", lambda cell: Understood(text_of(cell))) or ""
        row = PersonRow(
            row=number + 1,
            village_code=code,
            house_no=house_no,
            kitchen=self.cell(number, "kitchen", _kitchen) or 1,
            name=self._name(number),
            phone=self.cell(number, "phone", phone_of),
            line_id=self.cell(number, "line", line_of),
            vulnerability=self.cell(
                number, "vulnerable", lambda cell: Understood(vulnerability_of(text_of(cell), age))
            )
            if "vulnerable" in self._columns.at
            else vulnerability_of("", age),
            lat=self.cell(number, "lat", lambda cell: Understood(degree_of(cell, 5, 21))),
            lon=self.cell(number, "lon", lambda cell: Understood(degree_of(cell, 97, 106))),
            heads=self.cell(number, "heads", lambda cell: Understood(count_of(cell, most=_MOST_HEADS))),
            lang=self.cell(number, "lang", lambda cell: Understood(language_of(text_of(cell)))),
            neighbour_phone=self.cell(number, "neighbour_phone", phone_of),
            child_phone=self.cell(number, "child_phone", phone_of),
            needs=self.cell(number, "needs", lambda cell: Understood(needs_of(text_of(cell)))) or (),
        )
        if (row.lat is None) != (row.lon is None) and len(self.bad) == before:
            half = Guess("มีพิกัดเพียงด้านเดียว จึงไม่ได้เก็บ", "half a coordinate was left out")
            self.note(number, "lat" if row.lon is None else "lon", "", half)
        if len(self.bad) == before:
            self.good.append(row)

    def _name(self, number: int) -> str:
        parts = (
            self.cell(number, key, lambda cell: Understood(name_of(cell))) for key in ("name", "surname")
        )
        return " ".join(part for part in parts if part)

    def _village(self, cell: Cell) -> Understood[str]:
        return village_of(cell, self._known)


def _house_no(cell: Cell) -> str:
    """`12/3`, `99 หมู่ 4`: text as it is. Raises CellProblem when empty, or made a date by Excel."""
    if hasattr(cell, "year") or _A_DATE.fullmatch(text_of(cell)):
        raise CellProblem("Excel เปลี่ยนเป็นวันที่: ตั้งช่องเป็นข้อความ", "Excel made a date of it: format it as text")
    text = text_of(cell)
    if text in ("", "-"):
        raise CellProblem("ไม่มีบ้านเลขที่", "no house number")
    return text


def _kitchen(cell: Cell) -> Understood[int]:
    return Understood(count_of(cell, most=99) or 1)
