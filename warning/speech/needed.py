"""Every phrase an office may need, found by asking the script itself: what it can say for any alert is what is recorded."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product
from typing import Any

from geo.gazetteer import Gazetteer
from warning.alert import Mode
from warning.speech.numbers import LETTER_WORDS, NUMBER_WORDS, TIME_WORDS
from warning.speech.script import (
    CHIME,
    KEYS,
    PAUSE,
    SIREN,
    TEST_TONE,
    TONES,
    Group,
    Phrase,
    Sentence,
    amphoe_phrase,
    script,
    tambon_phrase,
    words_of,
)
from warning.words import phrases
from warning.words.facts import AlertFacts, Both, Kind, PlaceFact, RainFact, ShelterFact
from warning.words.sizes import PAUSE_S, seconds_aloud

_SOME = datetime(2026, 1, 1, tzinfo=UTC)
_NOWHERE = Both("", "")
_TONE_S = {SIREN: 5.0, CHIME: 2.0, PAUSE: 0.5, TEST_TONE: 3.0}


def every_phrase(places: Gazetteer) -> list[Phrase]:
    """The whole library of one office, without the names of shelters, which come with the alerts that name them.

    Tones, frames, events, instructions, numbers and hours, then the names; each once, in the order to record them.
    """
    names = [
        *(amphoe_phrase(a.th) for a in places.amphoes.values()),
        *(tambon_phrase(t.th) for t in places.tambons.values()),
        *(Phrase(v.th, Group.VILLAGE) for v in places.villages.values()),
    ]
    return in_order([*_of_alerts(tuple(phrases.EVENTS)), *names])


def in_order(found: Iterable[Phrase]) -> list[Phrase]:
    """Each phrase once, by group; inside a group as they came."""
    once: dict[str, Phrase] = {}
    for phrase in found:
        once.setdefault(phrase.text, phrase)
    return sorted(once.values(), key=_by_group)


def all_of(said: Iterable[Sentence]) -> list[Phrase]:
    """The phrases of sentences and of what may be said in their place."""
    found: list[Phrase] = []
    for sentence in said:
        found += sentence.phrases
        if sentence.instead:
            found += all_of([sentence.instead])
    return found


def seconds_of(phrase: Phrase) -> float:
    """About how long its clip will be: an estimate until somebody has spoken it."""
    if phrase in _TONE_S:
        return _TONE_S[phrase]
    return round(max(0.4, seconds_aloud(phrase.text, "th") - PAUSE_S), 1)


def _by_group(phrase: Phrase) -> int:
    return phrase.group


@lru_cache(maxsize=4)  # the events may grow by the office's own
def _of_alerts(events: tuple[str, ...]) -> tuple[Phrase, ...]:
    found = [*TONES, KEYS, *words_of([*LETTER_WORDS], Group.FRAME)]
    responses = tuple(phrases.DEFAULTS)
    for event, response, kind, severity in product(events, responses, Kind, ("Severe", "Minor")):
        found += all_of(script(_facts(event=event, response_type=response, kind=kind, severity=severity)))
    for event, timing in product(events, _TIMINGS):
        found += all_of(script(_facts(event=event, **timing)))
    for changes in (*_LEVELS, *_RAINS, *_SHELTERS, {"mode": Mode.EXERCISE}):
        found += all_of(script(_facts(**changes)))
    for instruction in phrases.INSTRUCTIONS:
        found += all_of(script(_facts(instruction=instruction)))
    found += words_of([*NUMBER_WORDS], Group.NUMBER) + words_of([*TIME_WORDS], Group.TIME)
    return tuple(phrase for phrase in found if phrase.text and not _is_blank_place(phrase))


_TIMINGS: tuple[dict[str, Any], ...] = (
    {"water_by": _SOME},
    {"water_hours": (1, 1)},
    {"water_hours": (2, 3)},
)
_LEVELS: tuple[dict[str, Any], ...] = tuple(
    {"severity": severity, "urgency": urgency}
    for severity, urgency in product(
        ("Extreme", "Severe", "Moderate", "Minor"), ("Immediate", "Expected", "Future")
    )
)
_RAINS: tuple[dict[str, Any], ...] = tuple(
    {"event": "heavy_rain", "rain": RainFact(_NOWHERE, mm)}
    for mm in (10.0, *(least for least, _ in phrases.RAIN))
)
_SHELTERS: tuple[dict[str, Any], ...] = tuple(
    {"shelter": ShelterFact(_NOWHERE, open)} for open in (True, False)
)


def _facts(**changes: Any) -> AlertFacts:
    plain: dict[str, Any] = {
        "number": "พท-0", "mode": Mode.ACTUAL, "event": "river_overflow", "severity": "Severe", "urgency": "Immediate",
        "certainty": "Likely", "response_type": "Evacuate", "places": (PlaceFact(_NOWHERE, _NOWHERE),), "expires": _SOME,
        "phone": "0", "replaces": "พท-0",
    }  # fmt: skip
    return AlertFacts(**(plain | changes))


def _is_blank_place(phrase: Phrase) -> bool:
    return phrase.text in (tambon_phrase("").text, amphoe_phrase("").text)
