"""The contact sheet as XLSX: all villages, filled in as far as known, fit to be printed on A3."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from geo.gazetteer import Village, gazetteer
from geo.sheet import (
    COLUMNS,
    NO_TOWER_WORD,
    PLACE_COLUMNS,
    SHEET,
    TOWER_WORDS,
    Person,
    VillageRow,
)
from geo.sheet_notes import NOTES
from geo.when import BUDDHIST_OFFSET_YEARS

TITLE_ROW, KEY_ROW, GROUP_ROW, HEAD_ROW, FIRST_ROW = 1, 2, 3, 4, 5

_FACE = "TH Sarabun New"  # on every Thai office computer; another Thai face takes its place elsewhere
_HEADING = "ผู้ติดต่อและหอกระจายข่าวของหมู่บ้าน จังหวัดพัทลุง   Village contacts and loudspeakers, Phatthalung"
_INK, _PAPER, _BAND, _FIXED = "FF1B2A3D", "FFFFFFFF", "FFF3F6F9", "FFE6ECF2"
_HAIR = Side(style="hair", color="FF9AA8B5")
_EDGE = Side(style="thin", color="FF5B6B7A")


def write_sheet(
    into: Path | BinaryIO, villages: Iterable[Village], known: Mapping[str, VillageRow] | None = None
) -> None:
    """Write the sheet of `villages`, in order of code.

    known: village code -> what the registry has of it (`geo.roster.known_rows`); the file then holds
    personal data and is the office's to guard. Takes about 2 s for the whole province.
    """
    known = known or {}
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # a new workbook has one
    sheet.title = SHEET
    _write_head(sheet)
    ordered = sorted(villages, key=lambda village: village.code)
    band, last_tambon = False, ""
    for row, village in enumerate(ordered, start=FIRST_ROW):
        band = band != (village.tambon != last_tambon)
        last_tambon = village.tambon
        _write_village(sheet, row, village, known.get(village.code), band)
    last_row = FIRST_ROW + max(len(ordered), 1) - 1
    _offer_choices(sheet, last_row)
    _lay_out_for_print(sheet, last_row)
    _write_notes(book.create_sheet("วิธีกรอก How to fill in"))
    book.save(into)


def cell_values(village: Village, row: VillageRow | None) -> dict[str, str | int]:
    """Column key -> what stands in the cell; a key that is absent stands for an empty cell."""
    places = gazetteer()
    values: dict[str, str | int] = {
        "village_code": village.code,
        "amphoe": places.amphoe(village.code).th,
        "tambon": places.tambon(village.tambon).th,
        "moo": village.moo,
        "village": village.th,
        "homes": village.households,
    }
    if row is None:
        return values
    for slot, person in row.people.items():
        values |= {f"{slot.key}_{name}": text for name, text in _person_values(person).items()}
    if row.tower is not None:
        values["tower_kind"] = NO_TOWER_WORD if row.tower.kind is None else TOWER_WORDS[row.tower.kind]
        if row.tower.device_id is not None:
            values["tower_device"] = row.tower.device_id
        if row.tower.homes_in_earshot is not None:
            values["tower_homes"] = row.tower.homes_in_earshot
    return values


def _person_values(person: Person) -> dict[str, str]:
    values = {
        "name": person.name,
        "phone": "0" + person.phone.removeprefix("+66") if person.phone else "",
        "line": person.line_id or "",
        "verified": thai_day(person.verified_on) if person.verified_on else "",
    }
    return {name: text for name, text in values.items() if text}


def thai_day(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year + BUDDHIST_OFFSET_YEARS}"


def _write_head(sheet: Worksheet) -> None:
    title = sheet.cell(
        TITLE_ROW, 1, "ผู้ติดต่อและหอกระจายข่าวของหมู่บ้าน จังหวัดพัทลุง   Village contacts and loudspeakers, Phatthalung"
    )
    title.font = Font(_FACE, size=20, bold=True, color=_INK)
    sheet.row_dimensions[TITLE_ROW].height = 30
    sheet.row_dimensions[KEY_ROW].hidden = True
    sheet.row_dimensions[GROUP_ROW].height = 40
    sheet.row_dimensions[HEAD_ROW].height = 44
    start = 1
    for number, column in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
        sheet.cell(KEY_ROW, number, column.key)
        for row in (GROUP_ROW, HEAD_ROW):
            _style_head(sheet.cell(row, number))
        sheet.cell(HEAD_ROW, number).value = column.title.both
        if number == len(COLUMNS) or COLUMNS[number].group != column.group:
            if column.group is not None:
                sheet.cell(GROUP_ROW, start).value = column.group.both
                sheet.merge_cells(
                    start_row=GROUP_ROW, end_row=GROUP_ROW, start_column=start, end_column=number
                )
            start = number + 1
    note = Comment("อย่าลบหรือแก้รหัส ระบบใช้จับคู่หมู่บ้าน\nDo not change: the village is found by it", "Raksa")
    sheet.cell(HEAD_ROW, 1).comment = note


def _style_head(cell: Cell | MergedCell) -> None:
    cell.font = Font(_FACE, size=14, bold=True, color=_PAPER)
    cell.fill = PatternFill("solid", fgColor=_INK)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)


def _write_village(
    sheet: Worksheet, row: int, village: Village, known: VillageRow | None, band: bool
) -> None:
    values = cell_values(village, known)
    fixed = {column.key for column in PLACE_COLUMNS}
    for number, column in enumerate(COLUMNS, start=1):
        cell = sheet.cell(row, number)
        value = values.get(column.key)
        if value is not None:
            cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # a name that begins with = is a name, never a formula
        if not isinstance(value, int) and column.key != "tower_homes":
            cell.number_format = "@"  # text, so that 0812345678 keeps its zero
        colour = _FIXED if column.key in fixed else _BAND if band else _PAPER
        cell.fill = PatternFill("solid", fgColor=colour)
        cell.font = Font(_FACE, size=14, color=_INK, bold=column.key == "village")
        cell.alignment = Alignment(vertical="center", shrink_to_fit=True)
        starts_group = number > 1 and COLUMNS[number - 2].group != column.group
        cell.border = Border(left=_EDGE if starts_group else _HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
    sheet.row_dimensions[row].height = 21


def _offer_choices(sheet: Worksheet, last_row: int) -> None:
    choice = DataValidation(
        type="list", formula1=f'"{",".join([*TOWER_WORDS.values(), NO_TOWER_WORD])}"', allow_blank=True
    )
    choice.errorTitle = "ชนิดหอกระจายข่าว"
    choice.error = "เลือกจากรายการ / choose from the list"
    choice.showErrorMessage = True
    letter = get_column_letter(1 + [column.key for column in COLUMNS].index("tower_kind"))
    choice.add(f"{letter}{FIRST_ROW}:{letter}{last_row}")
    sheet.add_data_validation(choice)


def _lay_out_for_print(sheet: Worksheet, last_row: int) -> None:
    last_letter = get_column_letter(len(COLUMNS))
    sheet.freeze_panes = f"{get_column_letter(len(PLACE_COLUMNS) + 1)}{FIRST_ROW}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last_letter}{last_row}"
    sheet.sheet_view.zoomScale = 85
    sheet.sheet_view.showGridLines = False
    sheet.print_title_rows = f"{GROUP_ROW}:{HEAD_ROW}"
    sheet.print_area = f"A1:{last_letter}{last_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = "8"  # A3
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, 0.35)
    sheet.page_margins.bottom = 0.55
    footer = sheet.oddFooter
    assert footer is not None and footer.left is not None and footer.right is not None
    footer.left.text = "มีข้อมูลส่วนบุคคล เก็บให้ปลอดภัย / Personal data: keep safe"
    footer.right.text = "หน้า &P / &N"


def _write_notes(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].width = 62
    sheet.column_dimensions["B"].width = 62
    sheet.sheet_view.showGridLines = False
    for row, (thai, english) in enumerate(NOTES, start=1):
        for number, text in enumerate((thai, english), start=1):
            written = sheet.cell(row, number, text)
            written.font = Font(_FACE, size=20 if row == 1 else 16, bold=row == 1, color=_INK)
            written.alignment = Alignment(wrap_text=True, vertical="top")
        longest = max(len(thai), len(english))
        sheet.row_dimensions[row].height = 24 * max(1, -(-longest // 58))
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = "9"  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
