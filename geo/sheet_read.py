"""The contact sheet taken back: good rows kept, bad rows listed with the reason, guesses said aloud."""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import BinaryIO, TypeVar

from geo.gazetteer import Village, gazetteer
from geo.people import TowerKind
from geo.sheet import (
    NO_TOWER,
    NO_TOWER_WORD,
    NOBODY,
    NOBODY_WORD,
    SHEET,
    SLOTS,
    TOWER_WORDS,
    Person,
    SheetReport,
    SheetUnreadable,
    TowerEntry,
    VillageRow,
)
from geo.sheet_cells import (
    Cell,
    CellProblem,
    Guess,
    Understood,
    count_of,
    date_of,
    device_of,
    line_of,
    name_of,
    ringable_of,
    text_of,
)
from geo.sheet_columns import find_columns
from geo.sheet_file import Grid, open_grid, read_bytes
from geo.sheet_heads import changed_by, filled
from geo.sheet_remarks import Remarks

_MOST_HOMES = 5_000
_KINDS = {word.casefold(): kind for kind, word in TOWER_WORDS.items()} | {
    "microphone": TowerKind.MICROPHONE,
    "ไมค์": TowerKind.MICROPHONE,
}
Value = TypeVar("Value")


def read_sheet(
    source: Path | BinaryIO,
    today: date,
    villages: Iterable[Village] | None = None,
    fields: Mapping[str, str] | None = None,
) -> SheetReport:
    """Read a contact sheet, ours or one with like headings.

    today: the day in Bangkok; a later `verified on` is refused.
    villages: who may stand in it, all of the province by default. fields: as of `sheet_headings`, where the guess is wrong.
    Raises SheetUnreadable when the file is no XLSX, or no village code column is found.
    """
    known = {v.code: v for v in (gazetteer().villages.values() if villages is None else villages)}
    grid = open_grid(read_bytes(source), SHEET)
    heads = [[text_of(cell) for cell in row] for row in filled(grid)]
    found = find_columns(heads)
    if found is None:
        raise SheetUnreadable(
            "ไม่พบคอลัมน์ รหัสหมู่บ้าน: ใช้แบบฟอร์มจากคำสั่ง raksa people sheet",
            "no column of village codes: use the form that `raksa people sheet` writes",
        )
    columns, first = found
    columns = changed_by(columns, fields or {})
    reading = _Reading(grid, columns, today, known)
    reading.said.unread(heads[first - 1 : first], grid.cells[first:], first)
    for number in range(first, len(grid.cells)):
        reading.read_row(number)
    return reading.report()


class _Reading:
    """One pass over the sheet, gathering rows and remarks."""

    def __init__(self, grid: Grid, columns: dict[str, int], today: date, known: dict[str, Village]) -> None:
        self._grid = grid
        self._columns = columns
        self._today = today
        self._known = known
        self._rows: dict[str, list[tuple[int, VillageRow | None]]] = defaultdict(list)
        self.said = Remarks(columns)
        for key in ("head_1_name", "head_1_phone"):
            if key not in columns:
                self.said.missing(key)

    def read_row(self, number: int) -> None:
        row = self._grid.cells[number]
        if not any(text_of(cell) for cell in row):
            return
        code = self._code(number)
        if code is None:
            return
        before = len(self.said.bad)
        people = {}
        for slot in SLOTS:
            person = self._person(number, slot.key)
            if person is not None:
                people[slot] = person
        tower = self._tower(number)
        good = len(self.said.bad) == before
        self._rows[code].append((number, VillageRow(code, people, tower) if good else None))

    def report(self) -> SheetReport:
        good: list[VillageRow] = []
        where: dict[str, int] = {}
        empty = 0
        for code, entries in self._rows.items():
            entries = [said for said in entries if said[1] is None or not said[1].empty] or entries[:1]
            number, row = entries[0]
            if len(entries) > 1 and not self._same(code, entries):
                continue
            if row is None:
                continue
            if row.empty:
                empty += 1
                continue
            good.append(row)
            where[code] = number
        self._shared_phones(good, where)
        return SheetReport(good, sorted(self.said.bad), sorted(self.said.notes), empty)

    def _code(self, number: int) -> str | None:
        cell = self._grid.cells[number][self._columns["village_code"]]
        text = text_of(cell)
        code = "".join(letter for letter in text if letter not in " -.")
        if self._at(number, "village_code") in self._grid.formulas:
            self._formula(number, "village_code", cell)
            return None
        if code in self._known:
            return code
        if not code and not self._says_anything(number):
            return None
        near = self._nearest(code, number)
        th, en = ("ไม่มีรหัสหมู่บ้าน", "no village code") if not code else ("ไม่มีหมู่บ้านรหัสนี้", "no such village code")
        if near is not None:
            th += f" ใกล้ที่สุดคือ {near.code} {near.th}"
            en += f"; the nearest is {near.code} {near.en}"
        self.said.refuse(number, "village_code", text, CellProblem(th, en))
        return None

    def _says_anything(self, number: int) -> bool:
        return any(
            text_of(self._grid.cells[number][place])
            for key, place in self._columns.items()
            if place < len(self._grid.cells[number])
        )

    def _nearest(self, code: str, number: int) -> Village | None:
        written = {text_of(cell) for cell in self._grid.cells[number]}
        named = [v for v in self._known.values() if v.th in written]
        pool = {v.code: v for v in named} or self._known
        if len(pool) == 1:
            return next(iter(pool.values()))
        close = difflib.get_close_matches(code, pool, n=1, cutoff=0.7)
        return pool[close[0]] if close else None

    def _person(self, number: int, slot_key: str) -> Person | None:
        name = self._cell(number, f"{slot_key}_name", lambda cell: Understood(name_of(cell))) or ""
        phone = self._cell(number, f"{slot_key}_phone", ringable_of)
        line_id = self._cell(number, f"{slot_key}_line", line_of)
        verified = self._cell(number, f"{slot_key}_verified", lambda cell: date_of(cell, self._today))
        if name == NOBODY_WORD:
            if phone or line_id:
                self.said.refuse(
                    number, f"{slot_key}_name", name,
                    CellProblem("- แปลว่าไม่มีคน แต่มีเบอร์หรือ LINE", "- is nobody, yet a phone or LINE is given"),
                )  # fmt: skip
            return NOBODY
        if not name and not phone and not line_id:
            return None
        return Person(name, phone, line_id, verified)

    def _tower(self, number: int) -> TowerEntry | None:
        word = self._cell(number, "tower_kind", lambda cell: Understood(text_of(cell))) or ""
        device = self._cell(number, "tower_device", lambda cell: Understood(device_of(cell)))
        homes = self._cell(number, "tower_homes", lambda cell: Understood(count_of(cell, _MOST_HOMES)))
        if word in (NO_TOWER_WORD, "-"):
            return NO_TOWER
        if not word:
            if device is not None or homes is not None:
                self.said.refuse(
                    number, "tower_kind", word,
                    CellProblem("บอกชนิดหอกระจายข่าวด้วย", "say of what kind the loudspeaker is"),
                )  # fmt: skip
            return None
        kind = _KINDS.get(word.casefold())
        if kind is None:
            choices = ", ".join([*TOWER_WORDS.values(), NO_TOWER_WORD])
            self.said.refuse(
                number, "tower_kind", word, CellProblem(f"ต้องเป็น {choices}", f"must be one of {choices}")
            )
            return None
        if kind is TowerKind.MQTT and not self._written(number, "tower_device"):
            self.said.refuse(
                number,
                "tower_device",
                "",
                CellProblem("MQTT ต้องมีรหัสเครื่อง", "an MQTT loudspeaker needs its device id"),
            )
        return TowerEntry(kind, device, homes)

    def _cell(self, number: int, key: str, read: Callable[[Cell], Understood[Value]]) -> Value | None:
        at = self._at(number, key)
        row = self._grid.cells[number]
        if at is None or at[1] >= len(row):
            return None
        cell = row[at[1]]
        if at in self._grid.formulas:
            self._formula(number, key, cell)
            return None
        if at in self._grid.merged_across:
            self.said.note(
                number,
                key,
                "",
                Guess("เซลล์ผสานกับช่องซ้าย จึงถือว่าว่าง", "merged with the cell to its left: taken as empty"),
            )
            return None
        try:
            understood = read(cell)
        except CellProblem as problem:
            self.said.refuse(number, key, text_of(cell), problem)
            return None
        if understood.guess is not None:
            self.said.note(number, key, text_of(cell), understood.guess)
        elif at in self._grid.merged_down and text_of(cell):
            self.said.note(
                number, key, text_of(cell),
                Guess("เซลล์ผสานจากแถวบน ใช้ค่าเดียวกัน", "merged with the row above: the same value was used"),
            )  # fmt: skip
        return understood.value

    def _same(self, code: str, entries: Sequence[tuple[int, VillageRow | None]]) -> bool:
        """Are the doubled rows of a village alike? If not they are refused, all of them."""
        rows = ", ".join(str(number + 1) for number, _ in entries)
        village = self._known[code]
        alike = all(row is not None and row == entries[0][1] for _, row in entries)
        for number, _ in entries[1:] if alike else entries:
            if alike:
                guess = Guess(f"ซ้ำกันในแถว {rows} เหมือนกันทุกช่อง", f"the same in rows {rows}")
                self.said.note(number, "village_code", code, guess)
            else:
                self.said.refuse(
                    number, "village_code", code,
                    CellProblem(
                        f"หมู่บ้าน {village.th} อยู่ในแถว {rows} ไม่เหมือนกัน: เหลือไว้แถวเดียว",
                        f"{village.en} stands in rows {rows}, not alike: keep one of them",
                    ),
                )  # fmt: skip
        return alike

    def _shared_phones(self, rows: Iterable[VillageRow], where: dict[str, int]) -> None:
        holders: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        for row in rows:
            for slot, person in row.people.items():
                if person.phone:
                    holders[person.phone].append((where[row.code], slot.key, person.name))
        for held in holders.values():
            if len({name for _, _, name in held}) < 2:
                continue  # one person may hold two roles
            rows_text = ", ".join(sorted({str(number + 1) for number, _, _ in held}))
            for number, key, name in held:
                guess = Guess(
                    f"เบอร์นี้มีหลายคนใช้ (แถว {rows_text})", f"several people have this phone (rows {rows_text})"
                )
                self.said.note(number, f"{key}_phone", name, guess)

    def _written(self, number: int, key: str) -> bool:
        at = self._at(number, key)
        row = self._grid.cells[number]
        return at is not None and at[1] < len(row) and text_of(row[at[1]]) not in ("", "-")

    def _at(self, number: int, key: str) -> tuple[int, int] | None:
        return (number, self._columns[key]) if key in self._columns else None

    def _formula(self, number: int, key: str, cell: Cell) -> None:
        problem = CellProblem("เป็นสูตร: คัดลอกแล้ววางเป็นค่า", "a formula: copy it and paste it as a value")
        self.said.refuse(number, key, text_of(cell), problem)
