"""Who cannot leave alone, by the words and ages of a list of residents."""

import re

from geo.people import Vulnerability
from geo.sheet_cells import CellProblem

_VULNERABLE_WORDS: tuple[
    tuple[str, Vulnerability], ...
] = (  # the first that fits, as Vulnerability is ordered
    (r"ติดเตียง|bedridden", Vulnerability.BEDRIDDEN),
    (r"ฟอกไต|ล้างไต|ออกซิเจน|dialysis|oxygen", Vulnerability.DIALYSIS_OXYGEN),
    (r"พิการ|disab", Vulnerability.DISABLED),
    (r"ครรภ์|ตั้งท้อง|pregnan", Vulnerability.PREGNANT),
    (r"สูงอายุ|ชรา|elder", Vulnerability.ELDERLY),
    (r"เด็ก|child|infant|ทารก", Vulnerability.YOUNG_CHILD),
)
_NO_WORDS = {"", "-", "ไม่", "ไม่ใช่", "ไม่มี", "no", "n", "0", "false"}
_YES_WORDS = {"ใช่", "yes", "y", "1", "true", "เปราะบาง", "x", "✓"}
_OLD, _VERY_OLD, _YOUNG, _OLDEST = 60, 80, 5, 120


def vulnerability_of(text: str, age: str = "") -> Vulnerability | None:
    """Why somebody cannot leave alone, by the word of the list and the age (years, 60-79, or Thai words).

    A reason named wins. `yes` alone is settled by the age (60 and over, under 5). With nothing said,
    only 80 and over or under 5 count by age alone. Raises CellProblem for words not understood and for a year
    of birth.
    """
    word = text.strip().casefold()
    for pattern, vulnerability in _VULNERABLE_WORDS:
        if re.search(pattern, word):
            return vulnerability
    youngest = _youngest(age)
    if word in _YES_WORDS:
        if youngest is not None and youngest >= _OLD:
            return Vulnerability.ELDERLY
        if youngest is not None and youngest < _YOUNG:
            return Vulnerability.YOUNG_CHILD
        raise CellProblem("บอกเหตุที่เปราะบาง เช่น ติดเตียง พิการ", "say why: bedridden, disabled, pregnant...")
    if word not in _NO_WORDS:
        raise CellProblem(
            "ไม่รู้จักคำนี้ ใช้ ติดเตียง ฟอกไต พิการ ตั้งครรภ์ สูงอายุ เด็กเล็ก",
            "say bedridden, dialysis, disabled, pregnant, elderly or child",
        )
    if word or youngest is None:
        return None
    if youngest >= _VERY_OLD:
        return Vulnerability.ELDERLY
    return Vulnerability.YOUNG_CHILD if youngest < _YOUNG else None


def _youngest(age: str) -> int | None:
    """The lowest age in years that a group holds: `80+` 80, `60-79` 60, `<5` 0."""
    if re.search(r"สูงอายุ|ชรา|elder", age):
        return _OLD
    if re.search(r"เด็กเล็ก|ทารก|infant|<\s*\d", age):
        return 0
    found = re.search(r"\d+", age)
    if found is None:
        return None
    if re.search(r"เดือน|month|วัน|day", age) and not re.search(r"ปี|ขวบ|year", age):
        return 0 if int(found[0]) < 12 * _YOUNG else int(found[0]) // 12
    if int(found[0]) > _OLDEST:
        raise CellProblem("อายุเป็นปี ไม่ใช่ปีเกิด", "an age in years, not the year of birth")
    return int(found[0])
