"""Which column is which: by the hidden row of keys, else by the headings, in whatever order they stand."""

import re
from collections.abc import Sequence

from geo.people import Role
from geo.sheet import COLUMNS, PERSON_FIELDS, Slot

HEAD_ROWS_SEARCHED = 20

_KEYS = {column.key for column in COLUMNS}
_ROLE_WORDS: tuple[tuple[str, Role], ...] = (  # the first that fits: ผู้ช่วยผู้ใหญ่บ้าน holds ผู้ใหญ่บ้าน
    (r"ผู้ช่วย|assistant", Role.ASSISTANT),
    (r"กุญแจ|key", Role.KEY_HOLDER),
    (r"อสม|อาสาสมัครสาธารณสุข|health|vhv", Role.HEALTH_VOLUNTEER),
    (r"ผู้ใหญ่บ้าน|ผู้ใหญ่|กำนัน|ผญบ|head", Role.HEAD),
)
_FIELD_WORDS: tuple[tuple[str, str], ...] = (
    (r"ยืนยัน|ตรวจสอบเมื่อ|verified", "verified"),
    (r"\bline\b|ไลน์", "line"),
    (r"โทร|เบอร์|มือถือ|phone|mobile", "phone"),
    (r"ชื่อ|name", "name"),
)
_PLAIN_WORDS: tuple[tuple[str, str], ...] = (
    (r"รหัสหมู่บ้าน|village code", "village_code"),
    (r"รหัสเครื่อง|device", "tower_device"),
    (r"ได้ยิน|earshot", "tower_homes"),
    (r"ชนิด|kind", "tower_kind"),
)


def find_columns(rows: Sequence[Sequence[str]]) -> tuple[dict[str, int], int] | None:
    """Column key -> position from 0, and the position of the first row of data; None without a village code.

    rows: the first rows of the sheet as text, merged cells filled. A row of keys wins over headings.
    """
    for number, row in enumerate(rows):
        keys = {text: place for place, text in enumerate(row) if text in _KEYS}
        if "village_code" in keys and len(keys) >= 2:
            return keys, _after_headings(rows, number + 1, keys["village_code"])
    for number, row in enumerate(rows):
        if any(re.search(r"รหัสหมู่บ้าน|village code", text, re.IGNORECASE) for text in row):
            above = rows[number - 1] if number else [""] * len(row)
            return _by_heading(above, row), number + 1
    return None


def _after_headings(rows: Sequence[Sequence[str]], start: int, code_place: int) -> int:
    """Skip at most the two heading rows below the keys, whatever they say: no digit where a code would be."""
    first = start
    while first < min(start + 2, len(rows)) and not re.search(r"\d", rows[first][code_place]):
        first += 1
    return first


def _by_heading(above: Sequence[str], row: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, text in enumerate(row):
        group = above[place] if place < len(above) else ""
        key = key_of(group, text)
        if key is not None and key not in found:
            found[key] = place
    return found


def holds_an_address(heading: str) -> bool:
    """Does a column of this heading hold numbers or LINE ids of somebody?"""
    words = (pattern for pattern, field in _FIELD_WORDS if field in ("line", "phone"))
    return any(re.search(pattern, heading.casefold()) for pattern in words)


def key_of(group: str, heading: str) -> str | None:
    """The column meant by a heading below a group heading (or alone): `head_1_phone` for เบอร์โทรผู้ใหญ่บ้าน."""
    alone = heading.casefold()
    for pattern, key in _PLAIN_WORDS:
        if re.search(pattern, alone):
            return key
    text = f"{group} {heading}".casefold()
    role = next((role for pattern, role in _ROLE_WORDS if re.search(pattern, text)), None)
    name = next((name for pattern, name in _FIELD_WORDS if re.search(pattern, alone)), None)
    if role is None or name is None or name not in PERSON_FIELDS:
        return None
    rank = 2 if role is Role.ASSISTANT and re.search(r"2|สอง|two", text) else 1
    return f"{Slot(role, rank).key}_{name}"
