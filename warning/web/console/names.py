"""What the console calls places and alerts, in the reader's language."""

from datetime import timedelta

from geo.gazetteer import gazetteer
from warning.alert import Alert
from warning.cover import village_unknown
from warning.web.catalogue import say
from warning.words.phrases import EXERCISE_FRONT
from warning.words.sentences import number_text


def in_short(alert: Alert, lang: str) -> str:
    """What and where in one line."""
    names = ", ".join(tambon_name(code, lang) for code in alert.tambons[:2])
    more = f" +{len(alert.tambons) - 2}" if len(alert.tambons) > 2 else ""
    return f"{plain(alert.words.get(f'event_{lang}', number_text(alert.number, lang)))}: {names}{more}"


def headline(alert: Alert, lang: str) -> str:
    """The alert's headline for a list of this page, which says on its own top that it is an exercise."""
    return plain(alert.words[f"headline_{lang}"])


def plain(words: str) -> str:
    """Without the exercise words in front: the page says on its own top that it is an exercise."""
    for front in (EXERCISE_FRONT.th, EXERCISE_FRONT.en):
        words = words.removeprefix(front)
    return words.lstrip(" :\n")


def village_name(code: str, lang: str) -> str:
    """A village by its number and name; a tambon without numbered villages by its own; `TTTTTT00` of a tambon with villages,
    or a code that is nobody's, as what it is: homes whose village is not known."""
    places = gazetteer()
    if village_unknown(code) or (code not in places.villages and not code.endswith("00")):
        where = places.tambons.get(code[:6])
        place = "" if where is None else f"{where.th if lang == 'th' else where.en} · "
        return place + say(lang, "village_unknown")
    if code.endswith("00"):
        return tambon_name(code[:6], lang)
    village = places.village(code)
    return f"ม.{village.moo} {village.th}" if lang == "th" else f"Moo {village.moo} {village.en}"


def tambon_name(code: str, lang: str) -> str:
    """The tambon's name; of a code that is nobody's, that."""
    tambon = gazetteer().tambons.get(code)
    return say(lang, "village_unknown") if tambon is None else tambon.th if lang == "th" else tambon.en


def span(length: timedelta, lang: str) -> str:
    """How long: minutes under an hour, then hours and minutes, whole days from two of them. Never negative."""
    minutes = max(0, int(length.total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    if minutes < 60:
        return say(lang, "span_minutes", m=minutes)
    if hours >= 48:
        return say(lang, "span_days", d=hours // 24)
    return say(lang, "span_hours_minutes", h=hours, m=rest) if rest else say(lang, "span_hours", h=hours)
