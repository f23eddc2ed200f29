"""Places as pages name them: code -> words in the reader's language. A code nobody knows stands as itself."""

from typing import NamedTuple

from geo.gazetteer import UnknownPlace, gazetteer
from warning.cover import village_unknown
from warning.web.catalogue import say


class PlaceWords(NamedTuple):
    """`village` is empty for a tambon that has no numbered villages; `moo` is 0 where no village is named."""

    code: str
    village: str
    moo: int
    tambon: str
    amphoe: str


def place_words(code: str, lang: str) -> PlaceWords:
    """code: 8 digits of a village (or TTTTTT00), or 6 of a tambon."""
    places = gazetteer()
    try:
        tambon = places.tambon(code[:6])
        amphoe = places.amphoe(code)
        village = None if len(code) == 6 or code.endswith("00") else places.village(code)
    except UnknownPlace:
        return PlaceWords(code, code, 0, "", "")
    thai = lang == "th"
    nowhere = say(lang, "village_unknown") if len(code) == 8 and village_unknown(code) else ""
    return PlaceWords(
        code,
        (village.th if thai else village.en) if village else nowhere,
        village.moo if village else 0,
        tambon.th if thai else tambon.en,
        amphoe.th if thai else amphoe.en,
    )
