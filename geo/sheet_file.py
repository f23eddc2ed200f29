"""Opening a spreadsheet somebody sends: only real XLSX of a sane size; merges and formulas made plain."""

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from geo.sheet import SheetUnreadable
from geo.sheet_cells import Cell

_MOST_BYTES = 20_000_000  # of a workbook, which is packed
_MOST_PLAIN_BYTES = 100_000_000  # of a plain table: the whole province is about 50 MB
_MOST_UNPACKED = 200_000_000  # a small zip may unpack to a disk full
_MOST_ROWS = 5_000
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet. Rows and columns count from 0 here; people count from 1."""

    cells: list[list[Cell]]
    formulas: set[tuple[int, int]] = field(default_factory=set)
    merged_down: set[tuple[int, int]] = field(default_factory=set)  # filled from a cell above
    merged_across: set[tuple[int, int]] = field(default_factory=set)  # covered by a cell to the left


def read_bytes(source: Path | BinaryIO) -> bytes:
    """Raises SheetUnreadable for a workbook above 20 MB and a plain table above 100 MB."""
    body = source.read_bytes() if isinstance(source, Path) else source.read()
    most = _MOST_BYTES if body.startswith((b"PK", b"\xd0\xcf\x11\xe0")) else _MOST_PLAIN_BYTES
    if len(body) > most:
        raise SheetUnreadable(
            f"ไฟล์ใหญ่เกิน {most // 10**6} MB: แบ่งเป็นรายอำเภอแล้วนำเข้าทีละไฟล์",
            f"the file is larger than {most // 10**6} MB: split it, say by amphoe, and take the files one by one",
        )
    return body


def too_large(most_rows: int) -> SheetUnreadable:
    """What to say of a table no office has: empty rows at its end, or more people than the province."""
    return SheetUnreadable(
        f"ตารางใหญ่เกิน {most_rows:,} แถว หรือ {MOST_COLUMNS} คอลัมน์: ลบแถวว่างท้ายตาราง หรือแบ่งไฟล์",
        f"more than {most_rows:,} rows or {MOST_COLUMNS} columns: delete the empty ones, or split the file",
    )


def open_grid(body: bytes, sheet_name: str | None = None, most_rows: int = _MOST_ROWS) -> Grid:
    """The named sheet, else the largest one shown: it may be renamed, and stand behind a cover.

    Raises SheetUnreadable for .xls, CSV, locked and broken files.
    """
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetUnreadable(
            "เป็นไฟล์ .xls รุ่นเก่าหรือมีรหัสผ่าน: เปิดใน Excel เอารหัสผ่านออก แล้วบันทึกเป็น .xlsx",
            "an old .xls or a file with a password: open it in Excel, take the password off, save as .xlsx",
        )
    if not body.startswith(b"PK"):
        raise SheetUnreadable(
            "ไม่ใช่ไฟล์ .xlsx (อาจเป็น CSV): เปิดใน Excel แล้วบันทึกเป็น .xlsx",
            "not an .xlsx file (a CSV?): open it in Excel and save as .xlsx",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > _MOST_UNPACKED:
            raise SheetUnreadable("ไฟล์ขยายแล้วใหญ่เกินไป", "the file unpacks to too much")
        book = load_workbook(io.BytesIO(body))
    except SheetUnreadable:
        raise
    except Exception as error:  # openpyxl and its parsers raise many kinds for a broken file
        raise SheetUnreadable(
            "เปิดไฟล์ไม่ได้ ไฟล์อาจเสีย: บันทึกใหม่เป็น .xlsx แล้วลองอีกครั้ง",
            "the file cannot be opened, it may be broken: save it again as .xlsx",
        ) from error
    if not book.worksheets:
        raise SheetUnreadable("ไม่มีตารางในไฟล์", "there is no sheet in the file")
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    named = [sheet for sheet in book.worksheets if sheet.title == sheet_name]
    return _grid((named or [max(seen, key=lambda sheet: sheet.max_row * sheet.max_column)])[0], most_rows)


def _grid(sheet: Worksheet, most_rows: int) -> Grid:
    if sheet.max_row > most_rows or sheet.max_column > MOST_COLUMNS:
        raise too_large(most_rows)
    cells: list[list[Cell]] = []
    grid = Grid(cells)
    for number, row in enumerate(sheet.iter_rows()):
        cells.append([cell.value for cell in row])  # type: ignore[misc]
        grid.formulas.update((number, place) for place, cell in enumerate(row) if cell.data_type == "f")
    for span in sheet.merged_cells.ranges:
        top, left = span.min_row - 1, span.min_col - 1
        for row_number in range(top, min(span.max_row, len(cells))):
            for place in range(left, min(span.max_col, len(cells[row_number]))):
                if place > left:
                    grid.merged_across.add((row_number, place))
                elif row_number > top:
                    cells[row_number][place] = cells[top][left]
                    grid.merged_down.add((row_number, place))
    return grid
