"""Amphoe and tambon to choose from, and what they are called."""

from geo.gazetteer import Amphoe, Tambon, gazetteer
from warning.web.catalogue import say


def amphoes() -> list[tuple[Amphoe, tuple[Tambon, ...]]]:
    """Each amphoe with its tambon, in order of their codes."""
    places = gazetteer()
    return [(amphoe, places.tambons_of(amphoe.code)) for amphoe in places.amphoes.values()]


def area_words(lang: str) -> dict[str, str]:
    """Code of an amphoe or tambon -> its name."""
    found: dict[str, str] = {}
    for amphoe, tambons in amphoes():
        found[amphoe.code] = say(lang, "amphoe", name=amphoe.th if lang == "th" else amphoe.en)
        for tambon in tambons:
            found[tambon.code] = say(lang, "tambon", name=tambon.th if lang == "th" else tambon.en)
    return found
