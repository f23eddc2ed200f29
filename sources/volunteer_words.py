"""What somebody at the water wrote in a few words: a reading of a staff gauge, or where the water is.

Thai and English, Thai digits, keypads (`3*80#`). A unit is never guessed: 80 alone may be metres at sea or centimetres at
a staff. Notes: docs/sources/volunteer.md.
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from geo.gazetteer import gazetteer
from sources.checks import Implausible

NONE, ON_ROAD, IN_HOMES, CUT_OFF, FALLING = "none", "on_road", "in_homes", "cut_off", "falling"
SEEN_LEVEL = {
    NONE: 0.0,
    ON_ROAD: 1.0,
    IN_HOMES: 2.0,
    CUT_OFF: 3.0,
}  # Quantity.WATER_SEEN; falling is no level
MOST_CM = 2_000  # a staff of 20 m is the highest of the country


class Heard(NamedTuple):
    """gauge: a station's code, or a staff's name as told; None: not named. stage_m: above its zero, or above the sea."""

    gauge: str | None = None
    stage_m: float | None = None
    above_sea: bool = False
    water: str | None = None  # none | on_road | in_homes | cut_off | falling
    moo: int | None = None


class Unclear(Implausible):
    """Looks like a reading and cannot be read; the text says what to write instead, Thai and English."""


_NUMBER = r"(-?\d{1,4}(?:[.,]\d{1,3})?)"
_UNITS = r"(ซม|เซนติเมตร|เซน|cm|centimet(?:er|re)s?|ม\b|ม(?=[.\s]|$)|เมตร|met(?:er|re)s?|m\b)"
_WITH_UNIT = re.compile(rf"(?<![\d.,]){_NUMBER}\s*{_UNITS}")
_DECIMAL = re.compile(r"(?<![\d.,])(-?\d{1,3}[.,]\d{1,3})(?![\d.,])")
_BARE = re.compile(r"(?<![\d.,:/])(-?\d{1,4})(?![\d.,:/])")
_KEYPAD = re.compile(r"\W*3\s*[*\s]\s*(\d{1,4})\s*#?\W*")
_ABOVE_SEA = re.compile(r"ร\.?ท\.?ก|msl", re.IGNORECASE)
_READING = re.compile(r"ระดับ|เสา|ไม้วัด|ค่าน้ำ|อ่านได้|gauge|stage|level|staff", re.IGNORECASE)
_CODE = re.compile(r"(?<![a-z0-9])([a-z]{1,6})[\s.\-]{0,2}(\d{1,4}[a-z]?)(?![a-z0-9])", re.IGNORECASE)
_MOO = re.compile(r"(?:หมู่(?:ที่|บ้านที่)?|ม\.|moo\.?)\s*(\d{1,2})(?!\d)", re.IGNORECASE)
_NAMED = re.compile(r"(?:สะพาน|บ้าน|วัด|ฝาย|ท่า)[\u0e00-\u0e7f]{2,30}")
_HOMES = re.compile(r"\d{1,4}\s*(?:หลัง|ครัวเรือน|คน|ลำ|homes?|houses?|people)", re.IGNORECASE)

# Gravest first; what they deny is taken out before.
_NO_WATER = re.compile(
    r"น้ำ\s*(?:ยัง)?ไม่\s*(?:มา|ถึง|เข้า|ท่วม)|ยังไม่(?:ท่วม|มีน้ำ)|ไม่ท่วม|no water|not flooded", re.IGNORECASE
)
_WATER: tuple[tuple[str, re.Pattern[str]], ...] = (
    (CUT_OFF, re.compile(r"ถูกตัดขาด|ตัดขาด|ทางขาด|ถนนขาด|ออกไม่ได้|cut off", re.IGNORECASE)),
    (FALLING, re.compile(r"น้ำ(?:เริ่ม|กำลัง)?\s*ลด|ลดลงแล้ว|water (?:is )?(?:falling|receding|going down)", re.IGNORECASE)),
    (IN_HOMES, re.compile(r"(?:น้ำ)?\s*(?:เข้า|ท่วม|ถึง|ใน)\s*(?:ตัว)?บ้าน|in(?:to|side)? (?:the |our )?(?:homes?|houses?)", re.IGNORECASE)),
    (ON_ROAD, re.compile(r"(?:ท่วม|บน|ถึง|เข้า|ข้าม)\s*(?:ถนน|ทาง)|on (?:the )?road", re.IGNORECASE)),
)  # fmt: skip


def hear(text: str, names: dict[str, str] | None = None) -> Heard:
    """names: what people call a staff -> the code of its station. Raises Unclear.

    Words that are neither a reading nor about water are an empty Heard.
    """
    words = _plain(text)[:500]
    if keyed := _KEYPAD.fullmatch(words):
        return Heard(stage_m=_metres(keyed[1], "cm"), water=IN_HOMES)
    water = NONE if _NO_WATER.search(words) else next((w for w, sign in _WATER if sign.search(words)), None)
    moo = int(found[1]) if (found := _MOO.search(words)) else None
    gauge, rest = _gauge(words, names or {})
    rest = _HOMES.sub(" ", _MOO.sub(" ", rest))
    speaks_of_a_gauge = gauge is not None or bool(_READING.search(rest))
    stage = _stage(rest) if speaks_of_a_gauge else None
    if gauge is None and stage is not None and (named := _NAMED.search(rest)) and water != IN_HOMES:
        gauge = named[0]
    if speaks_of_a_gauge and stage is None and water is None and (gauge is not None or _BARE.search(rest)):
        raise Unclear(
            "ระบุหน่วย เช่น 1.35 ม. หรือ 80 ซม. พร้อมชื่อเสา เช่น X.170"
            " (say the unit, 1.35 m or 80 cm, and the gauge, such as X.170)"
        )
    return Heard(gauge, stage, stage is not None and bool(_ABOVE_SEA.search(words)), water, moo)


def _stage(words: str) -> float | None:
    """Metres; of several numbers the one with a unit, else the one with a decimal point. None: no number that is clear."""
    if found := _WITH_UNIT.search(words):
        centimetres = found[2].startswith(("ซม", "เซน", "c"))
        return _metres(found[1], "cm" if centimetres else "m")
    if found := _DECIMAL.search(words):
        return _metres(found[1], "m")
    return None


def _metres(told: str, unit: str) -> float:
    value = float(told.replace(",", "."))
    if unit == "cm":
        if abs(value) > MOST_CM:
            raise Unclear(f"{told} ซม. สูงเกินเสาใด ๆ ({told} cm is higher than any staff)")
        return round(value / 100, 3)
    return value


def _gauge(words: str, names: dict[str, str]) -> tuple[str | None, str]:
    """The gauge the words name, by code or by name, and the words without it: X.170 is no number."""
    for name, code in sorted(names.items(), key=lambda item: -len(item[0])):
        if _plain(name) in words:
            return code, words.replace(_plain(name), " ")
    known = _codes()
    for found in _CODE.finditer(words):
        by_code = known.get((found[1] + found[2]).lower())
        if by_code is None and "." in found[0] and len(found[1]) <= 3:
            by_code = f"{found[1].upper()}.{found[2].upper()}"  # spelt as RID spells its gauges, and not of our province
        if by_code is not None:
            return by_code, words[: found.start()] + " " + words[found.end() :]
    for name, named in _names():
        if name in words:
            return named, words.replace(name, " ")
    return None, words


@cache
def _codes() -> dict[str, str]:
    return {re.sub(r"[\s.\-]", "", code).lower(): code for code in gazetteer().gauges}


@cache
def _names() -> tuple[tuple[str, str], ...]:
    """Thai names that only one gauge of the level has, the longest first."""
    by_name: dict[str, set[str]] = {}
    for gauge in gazetteer().gauges.values():
        if "level" in gauge.measures and len(gauge.th) > 5:
            by_name.setdefault(_plain(gauge.th), set()).add(gauge.code)
    found = [(name, next(iter(codes))) for name, codes in by_name.items() if len(codes) == 1]
    return tuple(sorted(found, key=lambda item: -len(item[0])))


def _plain(text: str) -> str:
    """Lower case, Arabic digits, one spelling of SARA AM."""
    text = text.replace("\u0e4d\u0e32", "\u0e33").replace("\u200b", "")
    return "".join(str(unicodedata.decimal(letter, "")) or letter for letter in text).lower().strip()
