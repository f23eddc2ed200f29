"""Thai telephone numbers, as people write them and as networks want them (E.164).

Numbering (NBTC): mobiles are 06, 08, 09 and eight digits; fixed lines 02..05, 07 and nine digits in all.
"""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s().\-\u2010-\u2015\u00a0\u200b]+")
_MOBILE = re.compile(r"[689]\d{8}")
_FIXED = re.compile(r"[23457]\d{7}")


def e164(written: str) -> str:
    """`081-234 5678`, `๐๘๑๒๓๔๕๖๗๘`, `+66 (0)81 234 5678`, `66812345678` -> `+66812345678`.

    A number whose leading zero a spreadsheet has eaten (`812345678`) is understood. One number only: two
    numbers in one cell, an extension, a short number (1669) and a foreign number raise ValueError, whose text
    does not repeat the number, so that it may be shown in a report.
    """
    text = _SEPARATORS.sub("", _ascii_digits(written.strip()))
    if text.startswith("00"):
        text = "+" + text[2:]
    if text.startswith("+"):
        if not text.startswith("+66"):
            raise ValueError("ไม่ใช่เบอร์โทรศัพท์ไทย / not a Thai telephone number")
        national = text[3:]
    elif text.startswith("66") and len(text) in (10, 11, 12):
        national = text[2:]
    else:
        national = text
    national = national.removeprefix("0")
    if not (_MOBILE.fullmatch(national) or _FIXED.fullmatch(national)):
        raise ValueError(
            f"เบอร์โทรศัพท์ไม่ถูกต้อง (นับได้ {_count(national)} หลัก)"
            f" / not a telephone number ({_count(national)} digits)"
        )
    return "+66" + national


def is_mobile(number: str) -> bool:
    """Can this E.164 number take an SMS?"""
    return number.startswith("+66") and _MOBILE.fullmatch(number[3:]) is not None


def shown(number: str) -> str:
    """As it is read in Thailand: `+66812345678` -> `081-234-5678`, `+6674612345` -> `074-612-345`."""
    national = "0" + number.removeprefix("+66")
    if is_mobile(number) or not national.startswith("02"):
        return f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return f"{national[:2]}-{national[2:5]}-{national[5:]}"


def masked(address: str) -> str:
    """Enough to tell two apart, too little to ring: the last three characters of a number or an id."""
    return "•••" + address[-3:] if len(address) > 6 else "•••"


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(letter, "")) or letter for letter in text)


def _count(text: str) -> int:
    return sum(letter.isdigit() for letter in text)
