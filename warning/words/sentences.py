"""The pieces a text is put together from, one fact each. A fact that is not known gives an empty piece."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Literal
from unicodedata import decimal

from geo.when import THAI_MONTHS_SHORT, bangkok
from warning.words import phrases
from warning.words.facts import ENDING, AlertFacts, Both, Kind, Lang, MissingFact
from warning.words.phrases import TEXT

_NUMBER_LETTERS = (("พท-", "PT-"), ("ฝึก-", "EX-"))
_DASH = re.compile(r"[\u2010-\u2015\u2212\ufe63\uff0d]")


def of(both: Both, lang: Lang) -> str:
    return both.th if lang == "th" else both.en


def number_text(number: str, lang: str) -> str:
    """The alert's number; in English with Latin letters, so that one Thai letter does not triple the SMS."""
    if lang == "en":
        for thai, latin in _NUMBER_LETTERS:
            number = number.replace(thai, latin)
    return number


@lru_cache(maxsize=256)  # one alert says the same moment in each of its many texts
def stored_number(written: str) -> str:
    """The number as it is stored, from what somebody read on a message and typed: `ex-pt-๒๕๖๙-0012` -> `ฝึก-พท-2569-0012`."""
    number = "".join(_DASH.sub("-", written).split())
    number = "".join(str(decimal(letter, "")) or letter for letter in number).upper()
    for thai, latin in _NUMBER_LETTERS:
        number = number.replace(latin, thai)
    return number


def at_text(moment: datetime, lang: Lang, aloud: bool = False) -> str:
    """Bangkok hour with its day, since a night has two: `01:30 น. 23 พ.ย.`; spoken in full."""
    local = bangkok(moment)
    if lang == "en":
        return (
            f"{local:%H:%M} on {local.day} {local:%b}" if aloud else f"{local:%H:%M} {local.day} {local:%b}"
        )
    if aloud:
        minutes = f" {local.minute} นาที" if local.minute else ""
        return f"{local.hour} นาฬิกา{minutes} วันที่ {local.day}"
    return f"{local:%H:%M} น. {local.day} {THAI_MONTHS_SHORT[local.month - 1]}"


def danger_level(severity: str, urgency: str) -> int | None:
    """The national plan's level 2-5 of a CAP pair, by our default mapping; None where the words do not say.

    Red: Severe or Extreme at once; orange: Extreme later, Severe soon; yellow: Moderate, Severe later; blue:
    Minor. An unknown urgency never lowers the level.
    """
    if urgency == "Past" or severity not in ("Extreme", "Severe", "Moderate", "Minor"):
        return None
    if severity in ("Moderate", "Minor"):
        return 3 if severity == "Moderate" else 2
    if urgency == "Immediate":
        return 5
    return 3 if (severity, urgency) == ("Severe", "Future") else 4


def event_name(facts: AlertFacts) -> Both:
    """What it is called. Rain takes TMD's word for its amount in 24 h, a plain one when that is not known.

    Raises MissingFact for an event there are no words for.
    """
    if facts.event not in phrases.EVENTS:
        raise MissingFact(
            "event", Both(f"ถ้อยคำของเหตุการณ์ {facts.event}", f"words for the event {facts.event}")
        )
    if facts.event == "heavy_rain" and facts.rain and facts.rain.hours == 24:
        for least_mm, name in phrases.RAIN:
            if facts.rain.mm >= least_mm:
                return name
    return phrases.EVENTS[facts.event]


def what(facts: AlertFacts, lang: Lang, level: bool = True, brief: bool = False) -> str:
    rank = None if facts.event == phrases.TEST else danger_level(facts.severity, facts.urgency)
    text = (phrases.WHAT_BRIEF if brief else phrases.WHAT)[facts.kind].say(
        lang,
        event=of(event_name(facts), lang),
        level=of(phrases.LEVELS[rank], lang) if level and rank else "",
        replaces=number_text(facts.replaces or "", lang),
    )
    text = " ".join(text.split())
    return text[0].upper() + text[1:]


def arrival(facts: AlertFacts, lang: Lang, aloud: bool = False, sooner: bool = False) -> str:
    """When the water may be there; empty when nobody can say, and for what ends an alert."""
    if facts.kind in ENDING or facts.event not in phrases.ARRIVES:
        return ""
    arrives = of(phrases.ARRIVES[facts.event], lang)
    if facts.water_by:
        form = TEXT["about_or_sooner" if sooner else "about"]
        return form.say(lang, arrives=arrives, at=at_text(facts.water_by, lang, aloud))
    if facts.water_hours:
        low, high = facts.water_hours
        form = TEXT[("in_hour" if low == high else "in_hours") + ("_aloud" if aloud else "")]
        return form.say(lang, arrives=arrives, low=str(low), high=str(high))
    return ""


def until(facts: AlertFacts, lang: Lang, aloud: bool = False) -> str:
    if facts.kind in ENDING:
        return ""
    return TEXT["until"].say(lang, at=at_text(facts.expires, lang, aloud))


def instruction_id(facts: AlertFacts) -> str:
    """Which instruction holds: the one chosen, else the event's own for this response type, else the general.

    Raises MissingFact when none is chosen and the response type (Execute, Assess) has none of its own.
    """
    if facts.event == phrases.TEST:
        return "nothing"
    chosen = facts.instruction or phrases.BY_EVENT.get(
        (facts.event, facts.response_type), phrases.DEFAULTS.get(facts.response_type, "")
    )
    if chosen not in phrases.INSTRUCTIONS:
        raise MissingFact("instruction", Both("คำแนะนำว่าต้องทำอะไร", "an instruction people can follow"))
    return chosen


def do(facts: AlertFacts, lang: Lang, full: bool = False) -> str:
    if facts.kind in ENDING:
        return of(_endings(facts.event, full)[facts.kind], lang)
    return of((phrases.INSTRUCTIONS if full else phrases.SHORT)[instruction_id(facts)], lang)


def _endings(event: str, full: bool) -> dict[Kind, Both]:
    if event in phrases.OF_WATER:
        return phrases.ENDINGS_FULL if full else phrases.ENDINGS_SHORT
    return phrases.DRY_ENDINGS_FULL if full else phrases.DRY_ENDINGS_SHORT


def shelter(facts: AlertFacts, lang: Lang, full: bool = False) -> str:
    """Where to go: open now, not open yet, or whom to ask. Empty where nobody is told to leave."""
    if facts.kind in ENDING or instruction_id(facts) not in phrases.SHELTER_WANTED:
        return ""
    if facts.shelter is None:
        return TEXT["shelter_unknown"].say(lang, phone=facts.phone)
    form = ("shelter_open_full" if full else "shelter_open") if facts.shelter.open else "shelter_closed"
    return TEXT[form].say(lang, shelter=of(facts.shelter.name, lang), phone=facts.phone)


def gauge(facts: AlertFacts, lang: Lang) -> str:
    """The reading that led here, against the bank when the bank is known."""
    seen = facts.gauge
    if seen is None or _nothing_to_measure(facts):
        return ""
    station, level = of(seen.station, lang), f"{seen.level_m:.2f}"
    if seen.bank_m is None:
        text = TEXT["level_only"].say(lang, station=station, level=level)
    else:
        gap = round(seen.level_m, 2) - round(seen.bank_m, 2)
        form = "level_at" if abs(gap) < 0.005 else "level_over" if gap > 0 else "level_below"
        text = TEXT[form].say(lang, station=station, level=level, gap=f"{abs(gap):.2f}")
    return text + _seen(seen.seen_at, lang)


def rain(facts: AlertFacts, lang: Lang) -> str:
    if facts.rain is None or _nothing_to_measure(facts):
        return ""
    fallen = facts.rain
    text = TEXT["rain"].say(
        lang, station=of(fallen.station, lang), mm=f"{fallen.mm:.1f}", hours=str(fallen.hours)
    )
    return text + _seen(fallen.seen_at, lang)


def told(facts: AlertFacts, fact: Both | None, lang: Lang) -> str:
    """A fact that came in words of its own; empty when unknown, and beside what is taken back."""
    return "" if fact is None or _nothing_to_measure(facts) else of(fact, lang)


def stays(facts: AlertFacts, lang: Lang) -> str:
    """How many days the water will probably stay; empty when nobody can say, and for what ends an alert."""
    if facts.stays_days is None or facts.kind in ENDING:
        return ""
    low, high = facts.stays_days
    return TEXT["stays_one" if low == high else "stays"].say(lang, low=str(low), high=str(high))


def _nothing_to_measure(facts: AlertFacts) -> bool:
    """A reading beside a mistake taken back, or beside a test, would make it look real."""
    return facts.kind in (Kind.CANCEL, Kind.CORRECTION) or facts.event == phrases.TEST


def _seen(moment: datetime | None, lang: Lang) -> str:
    return TEXT["seen"].say(lang, at=at_text(moment, lang)) if moment else ""


def check(facts: AlertFacts, lang: Lang, how: Literal["check", "check_full", "check_aloud"] = "check") -> str:
    form = TEXT[how]
    return form.say(lang, phone=facts.phone, number=number_text(facts.number, lang))


def named(text: str, exercise: bool, lang: Lang) -> str:
    """A title: in an exercise the exercise words stand in front."""
    return f"{of(phrases.EXERCISE_FRONT, lang)} {text}" if exercise else text


def framed(text: str, exercise: bool, lang: Lang, between: str = " ") -> str:
    """A text: in an exercise it begins with the exercise words and ends by saying that nothing is real."""
    if not exercise:
        return text
    return between.join((of(phrases.EXERCISE_FRONT, lang), text, f"({of(phrases.EXERCISE_END, lang)})"))
