"""Places as pages name them: code -> words in the reader's language. A code nobody knows is said to be that."""

from typing import NamedTuple

from geo.gazetteer import UnknownPlace, gazetteer
from warning.cover import village_unknown
from warning.web.catalogue import say


class PlaceWords(NamedTuple):
    """`village` is empty for a tambon that has no numbered villages, and says so where nobody knows which it is; `moo` is 0
    where no village is named; `tambon` is empty where nobody knows that either."""

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
    except UnknownPlace:
        return PlaceWords(code, say(lang, "tambon_unknown"), 0, "", "")
    thai = lang == "th"
    village = places.villages.get(code)
    unknown = len(code) == 8 and not village and (village_unknown(code) or not code.endswith("00"))
    nowhere = say(lang, "village_unknown") if unknown else ""
    return PlaceWords(
        code,
        (village.th if thai else village.en) if village else nowhere,
        village.moo if village else 0,
        tambon.th if thai else tambon.en,
        amphoe.th if thai else amphoe.en,
    )
