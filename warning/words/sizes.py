"""How much room a text takes: SMS parts, cell-broadcast pages, seconds read aloud. Pure counting.

SMS: GSM 7-bit 160 units in one part, 153 a part when joined; anything else UCS-2, 70 and 67 (3GPP TS 23.038
and 23.040). A cell-broadcast page is 82 octets: 41 UCS-2 units or 93 of GSM 7-bit; at most 15 pages (3GPP TS
23.041).
"""

import re
from math import ceil
from typing import NamedTuple

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("^{}\\[~]|€\f")  # sent as an escape and a letter
_GSM = _GSM_BASIC | _GSM_DOUBLE

# Syllables a second. Coupé, Oh, Dediu, Pellegrino 2019 (Science Advances 5(9), eaaw2594) timed people reading
# aloud in 17 languages; Thai, the slowest, about 4.7. 4.0 leaves room for an echoing loudspeaker (our
# choice).
THAI_SYLLABLES_PER_S = 4.0  # the 4.7 is quoted from memory: docs/alerts.md
# Without tone marks and silencers: ตำ-บล 4 letters in 2, จัง-หวัด 6 in 2, พัท-ทะ-ลุง 6 in 3; on the safe side.
THAI_LETTERS_PER_SYLLABLE = 2.5
DIGIT_SYLLABLES = 2.0  # 23 is ยี่-สิบ-สาม; a phone number takes one each
ENGLISH_WORDS_PER_S = 2.2  # about 130 a minute, slow and clear (our choice)
PAUSE_S = 0.5  # after a sentence

_THAI_LETTER = re.compile(r"[ก-ฮะ-ฺเ-ๆ็ํ]")
_DIGIT = re.compile(r"[0-9๐-๙]")
_LATIN = re.compile(r"[A-Za-z]+")


class SmsSize(NamedTuple):
    units: int
    parts: int
    ucs2: bool


def utf16_units(text: str) -> int:
    """UTF-16 code units: an emoji counts twice."""
    return len(text.encode("utf-16-be")) // 2


def _is_gsm(text: str) -> bool:
    return _GSM.issuperset(text)


def _gsm_units(text: str) -> int:
    return sum(2 if letter in _GSM_DOUBLE else 1 for letter in text)


def sms_size(text: str) -> SmsSize:
    """Units and parts of one SMS; an operator bills by the part. An empty text takes one part of no units."""
    gsm = _is_gsm(text)
    units, one, joined = (_gsm_units(text), 160, 153) if gsm else (utf16_units(text), 70, 67)
    return SmsSize(units, 1 if units <= one else ceil(units / joined), ucs2=not gsm)


def cell_broadcast_pages(text: str) -> int:
    """Pages of a cell broadcast, at least one."""
    return max(1, ceil(_gsm_units(text) / 93) if _is_gsm(text) else ceil(utf16_units(text) / 41))


def seconds_aloud(text: str, lang: str) -> float:
    """How long the text takes to read aloud, in seconds: an estimate, a stopwatch decides.

    Lines are sentences, each followed by a pause.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    pauses = PAUSE_S * len(lines)
    digits = len(_DIGIT.findall(text))
    if lang == "th":
        letters, foreign = len(_THAI_LETTER.findall(text)), len(_LATIN.findall(text))
        return (
            pauses
            + (letters / THAI_LETTERS_PER_SYLLABLE + digits * DIGIT_SYLLABLES + foreign * 2)
            / THAI_SYLLABLES_PER_S
        )
    return pauses + (len(_LATIN.findall(text)) + digits) / ENGLISH_WORDS_PER_S
