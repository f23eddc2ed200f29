"""A place by what somebody types: part of a name, with or without หมู่ and ตำบล, in Thai or English, or a code."""

import re
from functools import cache

from geo.gazetteer import gazetteer

MOST_FOUND = 30
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_WORDS = re.compile(r"(หมู่บ้าน|หมู่ที่|หมู่|ตำบล|บ้าน|ต\.|ม\.|moo|tambon|village|subdistrict|ban )")


def find_places(asked: str) -> list[str]:
    """Codes of tambon (6 digits) and villages (8) whose name holds what was asked; whole names first, then tambon, then by code."""
    wanted = _bare(asked)
    if not wanted:
        return []
    found = [
        (name != wanted, len(code), code)
        for code, names in _names()
        for name in names
        if wanted in name or wanted == code
    ]
    seen: dict[str, None] = {}
    whole = [entry for entry in found if not entry[0]]
    for _, _, code in sorted(whole or found):
        seen[code] = None
    return list(seen)[:MOST_FOUND]


def _bare(name: str) -> str:
    return _WORDS.sub("", name.translate(_THAI_DIGITS).casefold()).strip()


@cache
def _names() -> tuple[tuple[str, tuple[str, ...]], ...]:
    places = gazetteer()
    named = [(p.code, p.th, p.en) for p in places.tambons.values()] + [
        (p.code, p.th, p.en) for p in places.villages.values()
    ]
    return tuple((code, (_bare(th), _bare(en))) for code, th, en in named)
