"""A list of households and residents as a tambon office has it: CSV or XLSX, one row a person."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeVar

from geo.gazetteer import Village, gazetteer
from geo.people import Vulnerability
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
from geo.sheet_columns import HEAD_ROWS_SEARCHED
from geo.sheet_file import MOST_COLUMNS, Grid, open_grid, read_bytes, too_large
from geo.vulnerable import vulnerability_of

_MOST_ROWS = 600_000  # the province has 520,000 people

_HEADINGS: dict[str, str] = {
    "village_code": r"รหัสหมู่บ้าน|village.?code",
    "house_no": r"บ้านเลขที่|เลขที่บ้าน|house.?(no|number)",
    "kitchen": r"ครัวเรือนที่|household.?(no|number)|\bkitchen\b",
    "vulnerable": r"เปราะบาง|vulnerab",
    "age": r"กลุ่มอายุ|ช่วงอายุ|อายุ|\bage\b|age.?group",
    "phone": r"โทร|เบอร์(?!บ้าน)|มือถือ|หมายเลขติดต่อ|phone|mobile",
    "line": r"\bline\b|line.?id|ไลน์",
    "lat": r"ละติจูด|\blat(itude)?\b",
    "lon": r"ลองจิจูด|\blon(gitude)?\b|\blng\b",
    "surname": r"นามสกุล|surname|last.?name|family.?name",
    "name": r"ชื่อ(?!หมู่|บ้าน|ตำบล|อำเภอ|จังหวัด|ถนน)|(?<!village )(?<!tambon )\bname\b|person",
}
_A_DATE = re.compile(  # what a spreadsheet writes into a CSV for 12/3
    r"\d{1,2}[- ][A-Za-z]{3}([- ]\d{2,4})?|[A-Za-z]{3}[- ]\d{2,4}|\d{4}-\d\d-\d\d( .*)?"
    r"|\d{1,2}/\d{1,2}/(19|20|24|25)\d\d|\d{1,2}[- ](ม|ก|มี|เม|พ|มิ|ส|ต|ธ)\.?[คพยคร]\.?([- ]\d{2,4})?"
)
Value = TypeVar("Value")


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
    kitchen, name, surname, phone, line, vulnerable, age, lat, lon. Only village_code and house_no must be there.
    Raises SheetUnreadable.
    """
    known = {v.code for v in (gazetteer().villages.values() if villages is None else villages)}
    body = read_bytes(source)
    grid = (
        open_grid(body, most_rows=_MOST_ROWS)
        if body[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
        else _csv(body)
    )
    columns, first = _columns(grid, fields or {})
    reading = _Reading(grid, columns, known)
    for number in range(first, len(grid.cells)):
        reading.read_row(number)
    return HouseholdReport(reading.good, reading.bad, [*_unread(grid, columns, first), *reading.notes])


def _csv(body: bytes) -> Grid:
    for coding in ("utf-8-sig", "cp874"):
        try:
            text = body.decode(coding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise SheetUnreadable("อ่านตัวอักษรไม่ออก: บันทึกเป็น CSV UTF-8", "not readable as text: save as CSV UTF-8")
    if "\0" in text:
        raise SheetUnreadable("ไม่ใช่ไฟล์ CSV หรือ .xlsx", "neither a CSV nor an .xlsx file")
    if text.lstrip()[:1] in ("{", "[", "<"):
        raise SheetUnreadable("ไม่ใช่ตาราง (เป็น JSON หรือ XML)", "not a table: this is JSON, XML or a web page")
    top = text[:4000]
    mark = max(",;\t|", key=top.count)
    rows = csv.reader(io.StringIO(text, newline=None), delimiter=mark, strict=True, skipinitialspace=True)
    cells: list[list[Cell]] = []
    try:
        for row in rows:
            if len(cells) == _MOST_ROWS or len(row) > MOST_COLUMNS:
                raise too_large(_MOST_ROWS)
            cells.append(list(row))
    except csv.Error as error:
        raise SheetUnreadable(
            f"ไฟล์ CSV เสียก่อนบรรทัด {rows.line_num}: มีเครื่องหมายคำพูดที่ไม่ปิด",
            f"a broken CSV before line {rows.line_num}: look for a quotation mark that is not closed",
        ) from error
    return Grid(cells)


def _columns(grid: Grid, fields: Mapping[str, str]) -> tuple[dict[str, int], int]:
    unknown = fields.keys() - _HEADINGS.keys()
    if unknown:
        names = ", ".join(sorted(unknown))
        raise SheetUnreadable(
            f"ไม่รู้จักช่อง {names}", f"no such field: {names}; there are {', '.join(_HEADINGS)}"
        )
    for number, row in enumerate(grid.cells[:HEAD_ROWS_SEARCHED]):
        headings = [text_of(cell) for cell in row]
        found: dict[str, int] = {}
        for place, heading in enumerate(headings):
            key = _key(heading, fields)
            if key is not None and key not in found:
                found[key] = place
        if "village_code" in found and "house_no" in found:
            return found, number + 1
    raise SheetUnreadable(
        "ต้องมีคอลัมน์ รหัสหมู่บ้าน และ บ้านเลขที่", "the columns village code and house no are needed"
    )


def _key(heading: str, fields: Mapping[str, str]) -> str | None:
    for key, theirs in fields.items():
        if heading == theirs:
            return key
    both = re.search(r"ชื่อ|first", heading, re.IGNORECASE)  # ชื่อ-นามสกุล is one column
    for key, pattern in _HEADINGS.items():
        if key == "surname" and both:
            continue
        if key not in fields and re.search(pattern, heading, re.IGNORECASE):
            return key
    return None


def _unread(grid: Grid, columns: dict[str, int], first: int) -> Iterable[Remark]:
    """A column with something in it that no field of ours takes: a telephone may stand there."""
    used = set(columns.values())
    for place, cell in enumerate(grid.cells[first - 1]):
        heading = text_of(cell)
        if place not in used and any(place < len(row) and text_of(row[place]) for row in grid.cells[first:]):
            yield Remark(
                first,
                heading or str(place + 1),
                "",
                "ไม่ได้ใช้คอลัมน์นี้: ถ้าเป็นข้อมูลที่ต้องการ บอกด้วย --field ช่องของเรา=หัวคอลัมน์",
                "this column was not read: if it matters, name it with --field OURS=HEADING",
            )


class _Reading:
    def __init__(self, grid: Grid, columns: dict[str, int], known: set[str]) -> None:
        self.good: list[PersonRow] = []
        self.bad: list[BadRow] = []
        self.notes: list[Remark] = []
        self._grid, self._columns, self._known = grid, columns, known

    def read_row(self, number: int) -> None:
        if not any(text_of(cell) for cell in self._grid.cells[number]):
            return
        before = len(self.bad)
        code = self._cell(number, "village_code", self._village) or ""
        house_no = self._cell(number, "house_no", lambda cell: Understood(_house_no(cell))) or ""
        age = self._cell(number, "age", lambda cell: Understood(text_of(cell))) or ""
        row = PersonRow(
            row=number + 1,
            village_code=code,
            house_no=house_no,
            kitchen=self._cell(number, "kitchen", _kitchen) or 1,
            name=self._name(number),
            phone=self._cell(number, "phone", phone_of),
            line_id=self._cell(number, "line", line_of),
            vulnerability=self._cell(
                number, "vulnerable", lambda cell: Understood(vulnerability_of(text_of(cell), age))
            )
            if "vulnerable" in self._columns
            else vulnerability_of("", age),
            lat=self._cell(number, "lat", lambda cell: Understood(_degree(cell, 5, 21))),
            lon=self._cell(number, "lon", lambda cell: Understood(_degree(cell, 97, 106))),
        )
        if (row.lat is None) != (row.lon is None) and len(self.bad) == before:
            half = Guess("มีพิกัดเพียงด้านเดียว จึงไม่ได้เก็บ", "half a coordinate was left out")
            self._note(number, "lat" if row.lon is None else "lon", "", half)
        if len(self.bad) == before:
            self.good.append(row)

    def _name(self, number: int) -> str:
        parts = (
            self._cell(number, key, lambda cell: Understood(name_of(cell))) for key in ("name", "surname")
        )
        return " ".join(part for part in parts if part)

    def _village(self, cell: Cell) -> Understood[str]:
        code = re.sub(r"[ .-]", "", re.sub(r"\.0+$", "", text_of(cell)))
        if code not in self._known:
            raise CellProblem("ไม่มีหมู่บ้านรหัสนี้", "no such village code")
        return Understood(code)

    def _cell(self, number: int, key: str, read: Callable[[Cell], Understood[Value]]) -> Value | None:
        place = self._columns.get(key)
        row = self._grid.cells[number]
        if place is None or place >= len(row):
            if key in ("village_code", "house_no"):
                self.bad.append(Remark(number + 1, key, "", "แถวสั้นเกินไป", "the row is too short"))
            return None
        cell = row[place]
        try:
            if (number, place) in self._grid.formulas:
                raise CellProblem("เป็นสูตร: คัดลอกแล้ววางเป็นค่า", "a formula: copy it and paste it as a value")
            understood = read(cell)
        except CellProblem as problem:
            self.bad.append(Remark(number + 1, key, text_of(cell), problem.th, problem.en))
            return None
        if understood.guess is not None:
            self._note(number, key, cell, understood.guess)
        return understood.value

    def _note(self, number: int, key: str, cell: Cell, guess: Guess) -> None:
        self.notes.append(Remark(number + 1, key, text_of(cell), guess.th, guess.en))


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


def _degree(cell: Cell, least: float, most: float) -> float | None:
    text = text_of(cell)
    if text in ("", "-"):
        return None
    try:
        degree = float(text)
    except ValueError:
        degree = float("nan")
    if not least <= degree <= most:
        raise CellProblem("พิกัดไม่อยู่ในประเทศไทย", "not a coordinate in Thailand")
    return degree
