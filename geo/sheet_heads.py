"""The headings of a contact sheet, as an officer sees them when a column was guessed wrong, and the guess changed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from geo.sheet import SHEET
from geo.sheet_cells import Cell, text_of
from geo.sheet_columns import HEAD_ROWS_SEARCHED, find_columns
from geo.sheet_file import Grid, open_grid, read_bytes


def sheet_headings(
    source: Path | BinaryIO, fields: Mapping[str, str]
) -> tuple[dict[str, int], tuple[str, ...]] | None:
    """(column key -> its place from 0, their headings), None without a column of village codes.

    fields: column key -> `#3` for the third column, or "" for none. Raises SheetUnreadable.
    """
    grid = open_grid(read_bytes(source), SHEET)
    heads = [[text_of(cell) for cell in row] for row in filled(grid)]
    found = find_columns(heads)
    if found is None:
        return None
    columns, first = found
    own, above = heads[first - 1], heads[first - 2] if first > 1 else []
    words = tuple(
        " ".join(dict.fromkeys(filter(None, (above[n] if n < len(above) else "", text))))
        for n, text in enumerate(own)
    )
    return changed_by(columns, fields), words


def changed_by(columns: dict[str, int], fields: Mapping[str, str]) -> dict[str, int]:
    kept = {key: place for key, place in columns.items() if key not in fields}
    return kept | {
        key: int(place[1:]) - 1 for key, place in fields.items() if re.fullmatch(r"#[1-9]\d{0,2}", place)
    }


def filled(grid: Grid) -> list[list[Cell]]:
    """The first rows, a merged heading repeated over its columns."""
    rows = [list(row) for row in grid.cells[:HEAD_ROWS_SEARCHED]]
    for number, row in enumerate(rows):
        for place in range(1, len(row)):
            if (number, place) in grid.merged_across:
                row[place] = row[place - 1]
    return rows
