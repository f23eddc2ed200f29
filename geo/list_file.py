"""A list as an office keeps it, CSV or XLSX with headings of its own: opened, its columns found, its cells read one by one."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from geo.sheet import BadRow, Remark, SheetUnreadable
from geo.sheet_cells import Cell, CellProblem, Guess, Understood, text_of
from geo.sheet_columns import HEAD_ROWS_SEARCHED
from geo.sheet_file import MOST_COLUMNS, Grid, open_grid, too_large

MOST_ROWS = 600_000  # the province has 520,000 people
Value = TypeVar("Value")


@dataclass(frozen=True)
class ListForm:
    """What a kind of list may hold: our field -> a pattern of its heading, in the order in which they are tried."""

    patterns: Mapping[str, str]
    needed: tuple[str, ...]
    missing: SheetUnreadable  # what to say when a needed one is not there


@dataclass(frozen=True)
class Columns:
    """Where our fields stand. `at`: field -> place from 0; `first`: the first row of the list itself, from 0."""

    at: dict[str, int]
    first: int
    headings: tuple[str, ...]


def open_list(body: bytes, most_rows: int = MOST_ROWS) -> Grid:
    """Raises SheetUnreadable."""
    if body[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return open_grid(body, most_rows=most_rows)
    return _csv(body, most_rows)


def find_columns(grid: Grid, form: ListForm, fields: Mapping[str, str]) -> Columns:
    """By the headings; before any guess what `fields` says: our field -> their heading, or `#3` for the third column, or ""
    for none.

    Raises SheetUnreadable.
    """
    unknown = fields.keys() - form.patterns.keys()
    if unknown:
        names = ", ".join(sorted(unknown))
        raise SheetUnreadable(
            f"ไม่รู้จักช่อง {names}", f"no such field: {names}; there are {', '.join(form.patterns)}"
        )
    for number, row in enumerate(grid.cells[:HEAD_ROWS_SEARCHED]):
        headings = tuple(text_of(cell) for cell in row)
        found: dict[str, int] = {}
        for place, heading in enumerate(headings):
            key = _key(heading, place, form, fields)
            if key is not None and key not in found:
                found[key] = place
        if all(key in found for key in form.needed):
            return Columns(found, number + 1, headings)
    raise form.missing


def likely_headings(grid: Grid) -> tuple[str, ...]:
    """The row that looks most like headings: what an officer chooses from where no needed column was found."""
    rows = [tuple(text_of(cell) for cell in row) for row in grid.cells[:HEAD_ROWS_SEARCHED]]
    return max(rows, key=lambda row: sum(bool(re.search(r"[^\d\W]", text)) for text in row), default=())


def _key(heading: str, place: int, form: ListForm, fields: Mapping[str, str]) -> str | None:
    for key, theirs in fields.items():
        if theirs and theirs in (heading, f"#{place + 1}"):
            return key
    both = re.search(r"ชื่อ|first", heading, re.IGNORECASE)  # ชื่อ-นามสกุล is one column
    for key, pattern in form.patterns.items():
        if key == "surname" and both:
            continue
        if key not in fields and re.search(pattern, heading, re.IGNORECASE):
            return key
    return None


def unread(grid: Grid, columns: Columns) -> Iterable[Remark]:
    """A column with something in it that no field of ours takes: a telephone may stand there."""
    used = set(columns.at.values())
    for place, heading in enumerate(columns.headings):
        if place not in used and any(
            place < len(row) and text_of(row[place]) for row in grid.cells[columns.first :]
        ):
            yield Remark(
                columns.first,
                heading or str(place + 1),
                "",
                "ไม่ได้ใช้คอลัมน์นี้: ถ้าเป็นข้อมูลที่ต้องการ บอกด้วย --field ช่องของเรา=หัวคอลัมน์",
                "this column was not read: if it matters, name it with --field OURS=HEADING",
            )


class CellReader:
    """Reads cells of found columns; what could not be used is in `bad`, what was guessed in `notes`."""

    def __init__(self, grid: Grid, columns: Columns) -> None:
        self.bad: list[BadRow] = []
        self.notes: list[Remark] = []
        self._grid, self._columns = grid, columns

    def cell(
        self, number: int, key: str, read: Callable[[Cell], Understood[Value]], *, needed: bool = False
    ) -> Value | None:
        """number: row from 0. None where the column or the cell is not there, or could not be used."""
        place = self._columns.at.get(key)
        row = self._grid.cells[number]
        if place is None or place >= len(row):
            if needed:
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
            self.note(number, key, text_of(cell), understood.guess)
        return understood.value

    def note(self, number: int, key: str, value: str, guess: Guess) -> None:
        self.notes.append(Remark(number + 1, key, value, guess.th, guess.en))


def village_of(cell: Cell, known: set[str]) -> Understood[str]:
    """Raises CellProblem."""
    code = re.sub(r"[ .-]", "", re.sub(r"\.0+$", "", text_of(cell)))
    if code not in known:
        raise CellProblem("ไม่มีหมู่บ้านรหัสนี้", "no such village code")
    return Understood(code)


def degree_of(cell: Cell, least: float, most: float) -> float | None:
    """Raises CellProblem."""
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


def _csv(body: bytes, most_rows: int) -> Grid:
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
            if len(cells) == most_rows or len(row) > MOST_COLUMNS:
                raise too_large(most_rows)
            cells.append(list(row))
    except csv.Error as error:
        raise SheetUnreadable(
            f"ไฟล์ CSV เสียก่อนบรรทัด {rows.line_num}: มีเครื่องหมายคำพูดที่ไม่ปิด",
            f"a broken CSV before line {rows.line_num}: look for a quotation mark that is not closed",
        ) from error
    return Grid(cells)
