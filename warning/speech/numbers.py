"""Numbers and hours as Thai says them, cut into a closed set of words: with these recorded, every number is speakable. Pure."""

from datetime import datetime
from unicodedata import decimal

from pythainlp.util import num_to_thaiword

from geo.when import bangkok

MOST = 9999
_DIGITS = ("ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า")
# Tens, hundreds and thousands are a word each: cut in two they would be spoken with a stop in the middle.
NUMBER_WORDS = (
    *_DIGITS,
    "เอ็ด",
    *("สิบ", "ยี่สิบ"), *(f"{d}สิบ" for d in _DIGITS[3:]),
    *(f"{d}ร้อย" for d in _DIGITS[1:]), *(f"{d}พัน" for d in _DIGITS[1:]),
)  # fmt: skip
_LONGEST_FIRST = sorted(NUMBER_WORDS, key=len, reverse=True)

# As people say the hours of a day, midnight first; `ตี` and `ทุ่ม` leave no doubt which half of the day is meant.
HOURS = (
    "เที่ยงคืน", "ตีหนึ่ง", "ตีสอง", "ตีสาม", "ตีสี่", "ตีห้า", "หกโมงเช้า", "เจ็ดโมงเช้า", "แปดโมงเช้า", "เก้าโมงเช้า", "สิบโมงเช้า",
    "สิบเอ็ดโมงเช้า", "เที่ยงวัน", "บ่ายโมง", "บ่ายสองโมง", "บ่ายสามโมง", "สี่โมงเย็น", "ห้าโมงเย็น", "หกโมงเย็น", "หนึ่งทุ่ม", "สองทุ่ม",
    "สามทุ่ม", "สี่ทุ่ม", "ห้าทุ่ม",
)  # fmt: skip
HALF, MINUTES = "ครึ่ง", "นาที"
ON_DAY = "วันที่"
# After midnight people still say yesterday's night: `ตีสอง เข้าวันที่ 24` cannot be taken for the night after.
INTO_DAY = "เข้าวันที่"
DAWN_HOUR = 6
TIME_WORDS = (*HOURS, HALF, MINUTES, ON_DAY, INTO_DAY)

_SPELT = {"พท": "พอ ทอ", "ฝึก": "ฝึกซ้อม"}  # how the letters of an alert's number are said
LETTER_WORDS = tuple(_SPELT.values())


def number(value: int) -> list[str]:
    """The words of a whole number of 0 to 9,999, each one of NUMBER_WORDS: 1250 -> หนึ่งพัน สองร้อย ห้าสิบ.

    Raises ValueError outside: a text that needs more is not made for a loudspeaker.
    """
    if not 0 <= value <= MOST:
        raise ValueError(f"{value} is not spoken: 0 to {MOST} only")
    left, words = str(num_to_thaiword(value)), []
    while left:
        word = next(w for w in _LONGEST_FIRST if left.startswith(w))
        words.append(word)
        left = left[len(word) :]
    return words


def digits(written: str) -> list[str]:
    """A telephone number digit by digit, of either script; what is no digit is not said."""
    return [_DIGITS[int(decimal(letter))] for letter in written if letter.isdecimal()]


def alert_number(written: str) -> list[str]:
    """`พท-2569-0012`: its letters by their names, its digits one by one. Letters of nobody's are said as they stand."""
    words: list[str] = []
    for part in written.split("-"):
        words += digits(part) if part.isdecimal() else [_SPELT.get(part, part)] if part else []
    return words


def time_of_day(moment: datetime) -> list[str]:
    """The hour of a day in Thailand and the day: 01:30 on the 23rd -> ตีหนึ่ง ครึ่ง เข้าวันที่ ยี่สิบ สาม. `moment`: aware."""
    local = bangkok(moment)
    minutes = [] if not local.minute else [HALF] if local.minute == 30 else [*number(local.minute), MINUTES]
    return [
        HOURS[local.hour],
        *minutes,
        INTO_DAY if local.hour < DAWN_HOUR else ON_DAY,
        *number(local.day),
    ]
