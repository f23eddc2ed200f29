"""What is said about a sheet while it is read: refusals and guesses, each with its row and its column."""

from collections.abc import Mapping, Sequence

from openpyxl.utils import get_column_letter

from geo.sheet import COLUMNS, Remark
from geo.sheet_cells import Cell, CellProblem, Guess, text_of
from geo.sheet_columns import holds_an_address

_TITLES = {
    column.key: column.title.en if column.group is None else f"{column.group.en}: {column.title.en}"
    for column in COLUMNS
}


class Remarks:
    """columns: column key -> position from 0; rows are counted from 0 too, and said as people count them."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self._columns = columns
        self.bad: list[Remark] = []
        self.notes: list[Remark] = []

    def refuse(self, number: int, key: str, value: str, problem: CellProblem) -> None:
        self.bad.append(Remark(number + 1, self._column(key), value, problem.th, problem.en))

    def note(self, number: int, key: str, value: str, guess: Guess) -> None:
        self.notes.append(Remark(number + 1, self._column(key), value, guess.th, guess.en))

    def missing(self, key: str) -> None:
        """A column that ought to be there is not."""
        title = _TITLES[key]
        self.notes.append(Remark(0, title, "", f"ไม่พบคอลัมน์ {title}", f"there is no column {title}"))

    def unread(
        self, headings: Sequence[Sequence[str]], cells: Sequence[Sequence[Cell]], heading_row: int
    ) -> None:
        """Columns of numbers or LINE ids nobody reads, though something stands in them; heading_row from 1."""
        for place, heading in enumerate(headings[0] if headings else ()):
            if place in self._columns.values() or not holds_an_address(heading):
                continue
            if any(place < len(row) and text_of(row[place]) for row in cells):
                th = "ไม่ได้อ่านคอลัมน์นี้: บอกในหัวคอลัมน์ว่าเป็นของใคร (ผู้ใหญ่บ้าน ผู้ช่วย อสม. ผู้ถือกุญแจ)"
                en = "this column was not read: say in its heading whose it is (head, assistant, key-holder...)"
                self.notes.append(Remark(heading_row, heading, "", th, en))

    def _column(self, key: str) -> str:
        place = self._columns.get(key)
        return _TITLES[key] if place is None else f"{get_column_letter(place + 1)} {_TITLES[key]}"
