"""What the console calls places and alerts, in the reader's language."""

from geo.gazetteer import gazetteer
from warning.alert import Alert
from warning.words.phrases import EXERCISE_FRONT


def in_short(alert: Alert, lang: str) -> str:
    """What and where in one line."""
    names = ", ".join(tambon_name(code, lang) for code in alert.tambons[:2])
    more = f" +{len(alert.tambons) - 2}" if len(alert.tambons) > 2 else ""
    return f"{_plain(alert.words.get(f'event_{lang}', alert.number))}: {names}{more}"


def headline(alert: Alert, lang: str) -> str:
    """The alert's headline for a list of this page, which says on its own top that it is an exercise."""
    return _plain(alert.words[f"headline_{lang}"])


def _plain(words: str) -> str:
    for front in (EXERCISE_FRONT.th, EXERCISE_FRONT.en):
        words = words.removeprefix(front)
    return words.lstrip(" :")


def village_name(code: str, lang: str) -> str:
    places = gazetteer()
    if code.endswith("00"):
        return tambon_name(code[:6], lang)
    village = places.village(code)
    return f"ม.{village.moo} {village.th}" if lang == "th" else f"Moo {village.moo} {village.en}"


def tambon_name(code: str, lang: str) -> str:
    tambon = gazetteer().tambon(code)
    return tambon.th if lang == "th" else tambon.en


def one_language(both: str | None, lang: str) -> str:
    """One language of a sentence written `ไทย (English)`; the Thai where there is no English."""
    thai, _, english = (both or "").partition(" (")
    return english.rstrip(")") if lang == "en" and english else thai
