"""What people type into a cell, understood: Thai digits, Buddhist years, phones that lost their zero.

Every reader returns its value, or raises CellProblem worded in both languages. A value understood by a
guess is returned with the guess said, so that somebody can look.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from geo.phone import e164, is_mobile
from geo.when import BUDDHIST_OFFSET_YEARS, thai_month

Cell = str | int | float | bool | date | datetime | None

Value = TypeVar("Value")

_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EARLIEST = date(1990, 1, 1)
_LINE_USER = re.compile("U[0-9a-f]{32}")
_NOTHING = frozenset({"", "-", "--", "ไม่มี", "n/a"})  # typed where there is nothing to type
_SAYS_PHONE = re.compile(r"(?:โทร|เบอร์|มือถือ|tel|mobile)[\s.:]*", re.IGNORECASE)
_BETWEEN_PHONES = re.compile(r"[,;/]|หรือ|และ|\s(?=(?:\+?66|0)[2-9])")  # a line break is a space by then
_EXCEL_ERROR = re.compile(r"#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!)")
_HOUR = r"(?:\s+\d{1,2}[:.]\d\d.*)?"  # of a day only the day counts
_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class CellProblem(ValueError):
    """Why a cell cannot be used, in both languages."""

    def __init__(self, th: str, en: str) -> None:
        super().__init__(f"{th} / {en}")
        self.th = th
        self.en = en


class Guess(NamedTuple):
    """How a value was understood when it was not written as it should be."""

    th: str
    en: str


_LANDLINE = Guess(
    "เป็นเบอร์บ้าน รับ SMS ไม่ได้ จึงไม่ได้เก็บ: ขอเบอร์มือถือ",
    "a landline takes no SMS and was left out: ask for a mobile number",
)
_RUNG_ONLY = Guess(
    "เป็นเบอร์บ้าน ใช้โทรได้ แต่รับ SMS ไม่ได้: ขอเบอร์มือถือด้วย",
    "a landline is rung but takes no SMS: ask for a mobile number too",
)


class Understood(NamedTuple, Generic[Value]):
    value: Value
    guess: Guess | None = None


def text_of(cell: Cell) -> str:
    """The cell as a person reads it: Thai digits as Arabic, odd spaces as one, whole floats without `.0`."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", str(cell)))
    return " ".join(text.split()).translate(_THAI_DIGITS)


def name_of(cell: Cell) -> str:
    """A name. Raises CellProblem for a bare number (a phone has slipped a column) and for what Excel made of it."""
    text = text_of(cell)
    if isinstance(cell, bool | date) or _EXCEL_ERROR.fullmatch(text):
        raise CellProblem("ไม่ใช่ชื่อ: Excel เปลี่ยนเป็นอย่างอื่น", "not a name: Excel made something else of it")
    if re.fullmatch(r"[\d\s+().-]{6,}", text):
        raise CellProblem("ช่องชื่อเป็นตัวเลข: อาจใส่เบอร์ผิดช่อง", "a number stands where a name should")
    if len(text) > 120:
        raise CellProblem("ชื่อยาวเกินไป", "this is too long for a name")
    return text


def phone_of(cell: Cell) -> Understood[str | None]:
    """A Thai mobile number in E.164, None where empty. Several numbers in a cell: the first mobile.

    A landline is not taken (no SMS reaches it) and says so as a guess. Raises CellProblem.
    """
    text = _SAYS_PHONE.sub("", text_of(cell)).strip(" ',;/")
    if text.casefold() in _NOTHING:
        return Understood(None)
    whole = _e164_or_none(text)
    parts = [text] if whole else [part for part in _BETWEEN_PHONES.split(text) if part.strip()]
    numbers = [number for part in parts if (number := _e164_or_none(part))]
    if not numbers:
        raise CellProblem(
            "ไม่ใช่เบอร์มือถือไทย 10 หลัก (06 08 09...)", "not a Thai mobile number of 10 digits (06, 08, 09...)"
        )
    number = next(filter(is_mobile, numbers), None)
    if number is None:
        return Understood(None, _LANDLINE)
    if len(parts) > 1:
        guess = Guess("มีหลายเบอร์ ใช้เบอร์มือถือแรก", "several numbers: the first mobile is used")
        return Understood(number, guess)
    if re.fullmatch(r"[689]\d{8}", re.sub(r"\D", "", text)):
        return Understood(number, Guess("เติมเลข 0 ข้างหน้าที่หายไป", "the lost leading zero was put back"))
    return Understood(number)


def ringable_of(cell: Cell) -> Understood[str | None]:
    """As `phone_of`; a landline alone is taken too, for whoever is rung, and says so as a guess. Raises CellProblem."""
    found = phone_of(cell)
    if found.guess is not _LANDLINE:
        return found
    text = _SAYS_PHONE.sub("", text_of(cell)).strip(" ',;/")
    parts = (text, *_BETWEEN_PHONES.split(text))
    return Understood(next(number for part in parts if (number := _e164_or_none(part))), _RUNG_ONLY)


def numbers_of(cell: Cell) -> Understood[tuple[str, ...]]:
    """All Thai numbers of a cell in E.164, landlines too: for whoever is rung. Raises CellProblem for a part that is none."""
    text = _SAYS_PHONE.sub("", text_of(cell)).strip(" ',;/")
    if text.casefold() in _NOTHING:
        return Understood(())
    parts = [text] if _e164_or_none(text) else [p for p in _BETWEEN_PHONES.split(text) if p.strip(" '")]
    numbers = [_e164_or_none(part.strip(" '")) for part in parts]
    if None in numbers:
        raise CellProblem("ไม่ใช่เบอร์โทรศัพท์ไทย", "not a Thai telephone number")
    return Understood(tuple(dict.fromkeys(number for number in numbers if number)))


def _e164_or_none(text: str) -> str | None:
    try:
        return e164(text)
    except ValueError:
        return None


def line_of(cell: Cell) -> Understood[str | None]:
    """LINE's own user id. A display id such as `somchai99` cannot be written to: left out, and said.

    Raises CellProblem for a user id that is too short or too long.
    """
    text = text_of(cell)
    if text.casefold() in _NOTHING:
        return Understood(None)
    if _LINE_USER.fullmatch(text):
        return Understood(text)
    if re.fullmatch("[Uu][0-9a-fA-F]{20,}", text):
        lowered = "U" + text[1:].lower()
        if _LINE_USER.fullmatch(lowered):
            return Understood(
                lowered, Guess("แก้ตัวพิมพ์ของ LINE user id", "the case of the LINE user id was mended")
            )
        raise CellProblem("LINE user id ต้องเป็น U ตามด้วย 32 ตัว", "a LINE user id is U and 32 hex digits")
    return Understood(
        None,
        Guess(
            "เป็นชื่อ LINE ส่งข้อความจากระบบไม่ได้: ให้เจ้าตัวเพิ่มเพื่อนบัญชีของสำนักงาน",
            "a LINE name cannot be written to: ask the person to add the office's account",
        ),
    )


def date_of(cell: Cell, today: date) -> Understood[date | None]:
    """A past day, day first as Thais write it; years of either era, two-digit years by which era makes sense.

    Raises CellProblem when it is no date, before 1990, or after `today`.
    """
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _in_range(*_year(cell.year, today), cell.month, cell.day, today)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not 20_000 <= cell <= 400_000:
            raise CellProblem("ไม่ใช่วันที่", "not a date")
        return date_of(_EXCEL_DAY_ZERO + timedelta(days=int(cell)), today)
    text = text_of(cell).removeprefix("วันที่").strip()
    if text.casefold() in _NOTHING:
        return Understood(None)
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?", text):
        year, month, day = (int(part) for part in found.groups())
        return _in_range(*_year(year, today), month, day, today)
    if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})" + _HOUR, text):
        day, month, year = (int(part) for part in found.groups())
        return _in_range(*_year(year, today), month, day, today)
    spoken = r"(\d{1,2})[\s-]*(?:เดือน)?\s*([ก-๙.]+?)[\s-]*(?:พ\.?ศ\.?)?\s*(\d{2}|\d{4})"
    if found := re.fullmatch(spoken + _HOUR, text):
        month_number = thai_month(found[2])
        if month_number is not None:
            return _in_range(*_year(int(found[3]), today), month_number, int(found[1]), today)
    raise CellProblem("อ่านวันที่ไม่ออก: เขียนเช่น 12/05/2569", "not a date: write it like 12/05/2569")


def _year(year: int, today: date) -> tuple[int, bool]:
    """The year of the common era, and whether it had only two digits."""
    if year >= 2400:
        return year - BUDDHIST_OFFSET_YEARS, False
    if year >= 100:
        return year, False
    buddhist = 2500 + year - BUDDHIST_OFFSET_YEARS
    return (buddhist if _EARLIEST.year <= buddhist <= today.year else 2000 + year), True


def _in_range(year: int, short: bool, month: int, day: int, today: date) -> Understood[date | None]:
    try:
        when = date(year, month, day)
    except ValueError as error:
        raise CellProblem("ไม่มีวันนี้ในปฏิทิน", "there is no such day") from error
    if when > today:
        raise CellProblem("วันที่ยังมาไม่ถึง", "this day has not come yet")
    if when < _EARLIEST:
        raise CellProblem("วันที่เก่าเกินไป: ตรวจปี พ.ศ.", "too long ago: check the era of the year")
    buddhist = year + BUDDHIST_OFFSET_YEARS
    guess = (
        Guess(f"อ่านปีสองหลักเป็น พ.ศ. {buddhist}", f"the two-digit year was read as {year}") if short else None
    )
    return Understood(when, guess)


def count_of(cell: Cell, most: int) -> int | None:
    """A whole number from 0 to `most`, None where empty. Raises CellProblem."""
    text = text_of(cell).replace(",", "")
    for word in ("ครัวเรือน", "หลังคาเรือน", "หลัง", "คน"):
        text = text.removesuffix(word).strip()
    if text.casefold() in _NOTHING:
        return None
    if not re.fullmatch(r"\d{1,7}", text) or int(text) > most:
        raise CellProblem(f"ต้องเป็นจำนวนเต็ม 0 ถึง {most:,}", f"must be a whole number from 0 to {most:,}")
    return int(text)


def device_of(cell: Cell) -> str | None:
    """The id of a loudspeaker controller; it becomes part of an MQTT topic. Raises CellProblem."""
    text = text_of(cell)
    if text.casefold() in _NOTHING:
        return None
    if not _DEVICE.fullmatch(text):
        raise CellProblem(
            "รหัสเครื่องใช้ได้เฉพาะ A-Z a-z 0-9 _ . -", "a device id has only letters A-Z, digits and _ . -"
        )
    return text
