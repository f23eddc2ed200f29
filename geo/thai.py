"""Thai dictionary order, computed here because a database without ICU orders Thai by code point."""

import re

_LEAD_VOWEL = re.compile("([เแโใไ])([ก-ฮ])")  # written before the consonant it is sorted after
_MARKS = "็่้๊๋์ํ๎"  # shortening, tones, silencer: they decide only between words otherwise alike
_DROP_MARKS = str.maketrans("", "", _MARKS)


def thai_sort_key(text: str) -> tuple[str, str, str]:
    """Key for `sorted`: the order of the Royal Institute dictionary for names.

    A leading vowel counts after its consonant, tone and silencing marks count last. Latin letters
    and digits keep their usual order. The text itself ends the key, so that the order is total.
    """
    swapped = _LEAD_VOWEL.sub(r"\2\1", text)
    plain = swapped.translate(_DROP_MARKS)
    marks = "".join(letter if letter in _MARKS else " " for letter in swapped)
    return plain, marks, text
