"""What help somebody needs, by the words of lists. The word for an illness is read and forgotten: only the help is kept."""

import re

from geo.people import NeedKind, Vulnerability
from geo.sheet_cells import CellProblem

_WORDS: tuple[tuple[str, tuple[NeedKind, ...]], ...] = (
    (r"อุ้ม|หาม|เปล|ติดเตียง|รถเข็น|carry|stretcher|bedridden|wheelchair", (NeedKind.CARRY,)),
    (r"เรือ|boat", (NeedKind.BOAT,)),
    (r"ออกซิเจน|ไฟฟ้า|ไฟสำรอง|เครื่องช่วยหายใจ|power|oxygen|electric|ventilator", (NeedKind.POWER,)),
    (r"ยา(?!ย)|ฟอกไต|ล้างไต|อินซูลิน|medicine|drug|dialysis|insulin", (NeedKind.MEDICINE,)),
)
_NOTHING = frozenset({"", "-", "ไม่", "ไม่มี", "no", "none"})
OF_VULNERABILITY: dict[Vulnerability, tuple[NeedKind, ...]] = {
    Vulnerability.BEDRIDDEN: (NeedKind.CARRY,),
    Vulnerability.DISABLED: (NeedKind.CARRY,),
    Vulnerability.DIALYSIS_OXYGEN: (NeedKind.POWER, NeedKind.MEDICINE),  # a list says one word for both
}


def needs_of(text: str) -> tuple[NeedKind, ...]:
    """`อุ้ม, เรือ` -> carry and boat, in the order of NeedKind. Raises CellProblem where no word is known."""
    word = text.strip().casefold()
    if word in _NOTHING:
        return ()
    found = {need for pattern, needs in _WORDS if re.search(pattern, word) for need in needs}
    if not found:
        raise CellProblem("บอกความช่วยเหลือ: อุ้ม เรือ ไฟฟ้า ยา", "say the help: carry, boat, power, medicine")
    return tuple(need for need in NeedKind if need in found)
