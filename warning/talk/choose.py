"""Buttons that lead to a village: district, subdistrict, village. What was chosen so far is in the button itself."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from channels.line_talk import MOST_BUTTONS, words
from geo.gazetteer import Village, gazetteer
from geo.people import NeedKind
from warning.talk.words import say

Button = tuple[str, str]
MOST_ASKED = 9  # people a home, by a button of its own


def data(step: str, lang: str, **fields: object) -> str:
    return urlencode({"t": step, "l": lang, **fields})


def amphoes(lang: str, text: str, start: int = 0) -> dict[str, Any]:
    all_of_them = [(_name(a, lang), data("tambon", lang, c=a.code)) for a in gazetteer().amphoes.values()]
    return words(text, _page(all_of_them, "amphoe", "", start, lang))


def tambons(amphoe: str, lang: str, start: int = 0) -> dict[str, Any]:
    """Raises UnknownPlace."""
    place = gazetteer().amphoe(amphoe)
    found = [(_name(t, lang), data("village", lang, c=t.code)) for t in gazetteer().tambons_of(place.code)]
    return words(
        say("which_tambon", lang, place=_name(place, lang)), _page(found, "tambon", amphoe, start, lang)
    )


def villages(tambon: str, lang: str, start: int = 0) -> dict[str, Any]:
    """Raises UnknownPlace."""
    place = gazetteer().tambon(tambon)
    found = [_village_button(v, lang) for v in gazetteer().villages_of(place.code)]
    return words(
        say("which_village", lang, place=_name(place, lang)), _page(found, "village", tambon, start, lang)
    )


def near(tambon: str, lat: float, lon: float, lang: str) -> dict[str, Any]:
    """The villages of a tambon, nearest first. lat, lon: WGS84 degrees. Those whose point nobody knows come last."""
    found = sorted(gazetteer().villages_of(tambon), key=lambda v: _apart(v, lat, lon))
    return words(say("near_here", lang), [_village_button(v, lang) for v in found[:MOST_BUTTONS]])


def how_many(lang: str) -> dict[str, Any]:
    counts = [(str(n), data("size", lang, n=n)) for n in range(1, MOST_ASKED + 1)]
    most = MOST_ASKED + 1
    return words(
        say("how_many", lang),
        [*counts, (say("or_more", lang, n=most), data("size", lang, n=most)), (say("skip", lang), data("size", lang))],
    )  # fmt: skip


def which_need(lang: str) -> dict[str, Any]:
    asked = [(say(kind.value, lang), data("need", lang, k=kind.value)) for kind in NeedKind]
    return words(say("which_need", lang), [*asked, (say("skip", lang), data("need", lang))])


def place_name(code: str, lang: str) -> str:
    """A village with its tambon, or a tambon. Raises UnknownPlace."""
    places = gazetteer()
    tambon = _name(places.tambon(code[:6]), lang)
    if len(code) == 6 or code.endswith("00"):
        return f"ต.{tambon}" if lang == "th" else tambon
    village = places.village(code)
    name = say("village", lang, moo=village.moo, name=_name(village, lang))
    return f"{name} ต.{tambon}" if lang == "th" else f"{name}, {tambon}"


def _village_button(village: Village, lang: str) -> Button:
    return say("village", lang, moo=village.moo, name=_name(village, lang)), data(
        "here", lang, c=village.code
    )


def _page(found: Sequence[Button], step: str, code: str, start: int, lang: str) -> list[Button]:
    """LINE shows thirteen buttons: the last leads on where there are more."""
    if len(found) - start <= MOST_BUTTONS:
        return list(found[start:])
    here = list(found[start : start + MOST_BUTTONS - 1])
    return [*here, (say("more", lang), data(step, lang, c=code, s=start + len(here)))]


def _name(place: Any, lang: str) -> str:
    return str(place.th if lang == "th" else place.en)


def _apart(village: Village, lat: float, lon: float) -> float:
    if village.lat is None or village.lon is None:
        return float("inf")
    return (village.lat - lat) ** 2 + (village.lon - lon) ** 2  # enough to put neighbours in order
