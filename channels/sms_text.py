"""How many SMS a text is, and where it is cut.

Thai has no GSM 7-bit table: one Thai letter makes the whole SMS UCS-2 (UTF-16BE, data coding 8). 70 units fit
in one part, 67 in each part of a joined one (3GPP TS 23.040, 9.2.3.24.1, 8-bit reference). We are billed by
part. We always send UCS-2, so an English text is counted the same way.
"""

import re

SINGLE = 70
JOINED = 67

# What the eye reads as one letter: a vowel written before its consonant, then the marks above and below it.
_LETTER = re.compile(
    "[เแโใไ]?(?:\r\n|.)[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u0300-\u036f\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*",
    re.DOTALL,
)


def units(text: str) -> int:
    """UTF-16 code units: a letter outside the BMP (most emoji) counts two."""
    return len(text) + sum(ord(letter) > 0xFFFF for letter in text)


def parts(text: str) -> list[str]:
    """The text as it goes out: one part up to 70 units, else parts of at most 67; joined they are the text.

    A Thai letter is never parted from its vowels and tone marks, nor a surrogate pair cut. (A heap of more
    than 67 units on one letter, which no language has, is cut between code points.) No text is one empty
    part.
    """
    if units(text) <= SINGLE:
        return [text]
    done: list[str] = []
    part, room = "", JOINED
    for letter in _LETTER.findall(text):
        for piece in [letter] if units(letter) <= JOINED else letter:
            if units(piece) > room:
                done.append(part)
                part, room = "", JOINED
            part += piece
            room -= units(piece)
    return [*done, part]


def count(text: str) -> int:
    """How many SMS are billed for it."""
    return len(parts(text))
