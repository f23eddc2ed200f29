"""What language somebody reads, by the words lists use for it."""

import re

from geo.people import Language
from geo.sheet_cells import CellProblem

_WORDS: tuple[tuple[str, Language], ...] = (
    (r"^(th|tha)$|ไทย|thai", Language.THAI),
    (r"^(en|eng)$|อังกฤษ|english", Language.ENGLISH),
    (r"^(my|mya|bur)$|พม่า|เมียนมา|burm|myanmar", Language.BURMESE),
    (r"^(ms|may|msa)$|มลายู|มาเลย์|ยาวี|malay|jawi", Language.MALAY),
)


def language_of(text: str) -> str | None:
    """None where nothing is said. Raises CellProblem for a language there are no texts in."""
    word = text.strip().casefold()
    if word in ("", "-"):
        return None
    for pattern, language in _WORDS:
        if re.search(pattern, word):
            return language.value
    raise CellProblem("มีภาษา ไทย อังกฤษ พม่า มลายู", "there are Thai, English, Burmese and Malay")
