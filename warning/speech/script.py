"""From an alert's facts to the phrases a loudspeaker says, in order. Pure; the words are those of the read-aloud script.

A phrase is named by its exact words: change a sentence in `warning/words` and its clip is missing again, as it should be.
A sentence is said whole or not at all; without an essential one nothing is said.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from string import Formatter
from typing import NamedTuple

from warning.alert import LIFE_SAFETY, Mode
from warning.speech import numbers
from warning.words import phrases, sentences
from warning.words.facts import ENDING, AlertFacts, Both, PlaceFact
from warning.words.phrases import TEXT
from warning.words.places import AMPHOE, TAMBON


class ClipKind(StrEnum):
    """What a clip may be used for: the key that signs tests of loudspeakers opens `test` only."""

    NORMAL = "normal"
    SIREN = "siren"
    TEST = "test"


class Group(IntEnum):
    """What a phrase is part of; in the order in which an office that starts should record them."""

    TONE = 1
    FRAME = 2  # who speaks, exercise words, words between the others
    EVENT = 3
    DO = 4
    NUMBER = 5
    TIME = 6
    TAMBON = 7
    SHELTER = 8
    VILLAGE = 9


class Phrase(NamedTuple):
    """`text`: the exact words of the clip, or the name of a tone in square brackets."""

    text: str
    group: Group
    kind: ClipKind = ClipKind.NORMAL


SIREN = Phrase("[สัญญาณเตือนภัย]", Group.TONE, ClipKind.SIREN)
CHIME = Phrase("[สัญญาณประกาศ]", Group.TONE)
PAUSE = Phrase("[เว้นระยะ]", Group.TONE)
TEST_TONE = Phrase("[เสียงทดสอบหอกระจายข่าว]", Group.TONE, ClipKind.TEST)
TONES = (SIREN, CHIME, PAUSE, TEST_TONE)
# Of a telephone call: what its keys mean (channels/voice_call.py). Without it nobody knows what to press.
KEYS = Phrase("กด 1 ถ้าจะประกาศ กด 2 ถ้าต้องการความช่วยเหลือ กด 3 ถ้าน้ำถึงแล้ว", Group.FRAME)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Said whole or not at all. `instead`: what is said where a clip of it is missing."""

    phrases: tuple[Phrase, ...]
    essential: bool = False
    instead: "Sentence | None" = None


def script(facts: AlertFacts, place: PlaceFact | None = None, *, telephone: bool = False) -> list[Sentence]:
    """What the loudspeaker of one place says, or with no place that of everybody (then all tambon are named).

    telephone: one person listens and may press keys; no siren into an ear.

    place: a tambon, or one village of it where the alert names villages. A tone stands before the words; sentences are
    parted by the sound of a pause, which is a clip too, so that every player makes the same of the same list.
    """
    drill = facts.mode is Mode.EXERCISE
    siren = not telephone and not drill and facts.kind not in ENDING and facts.severity in LIFE_SAFETY
    front = [Sentence((SIREN if siren else CHIME,))]
    if drill:
        front.append(_plain(phrases.EXERCISE_FRONT.th, Group.FRAME, essential=True))
    said = [
        _plain(announces(facts.issuer.post), Group.FRAME),
        _what_where(facts, place),
        _arrival(facts),
        _plain(sentences.do(facts, "th", full=True), Group.DO, essential=True),
        _shelter(facts),
        _until(facts),
        _cut(TEXT["check_aloud"], Group.FRAME, phone=_digits(facts.phone), number=_number_of(facts.number)),
    ]
    end = [_plain(phrases.EXERCISE_END.th, Group.FRAME, essential=True)] if drill else []
    end += [Sentence((KEYS,), essential=True)] if telephone else []
    return [*front, *(s for s in said if s.phrases), *end]


def announces(post: Both) -> str:
    return TEXT["announces"].th.format(post=post.th)


def tambon_phrase(name: str) -> Phrase:
    """name: plain, ลำปำ."""
    return Phrase(TAMBON[True].th.format(name), Group.TAMBON)


def amphoe_phrase(name: str) -> Phrase:
    return Phrase(AMPHOE[True].th.format(name), Group.TAMBON)


def words_of(texts: list[str], group: Group) -> list[Phrase]:
    return [Phrase(text, group) for text in texts]


def _plain(text: str, group: Group, *, essential: bool = False) -> Sentence:
    return Sentence((Phrase(text, group),) if text else (), essential)


def cut(form: Both | str, group: Group, **blanks: str | list[Phrase]) -> tuple[Phrase, ...]:
    """A sentence of the words cut at its blanks. A text melts into the words around it, phrases stand by themselves."""
    found: list[Phrase] = []
    text = ""
    for before, name, _, _ in Formatter().parse(form if isinstance(form, str) else form.th):
        value = blanks[name] if name else ""
        if isinstance(value, str):
            text += before + value
            continue
        found += [*_tidy(text + before, group), *value]
        text = ""
    return (*found, *_tidy(text, group))


def _tidy(text: str, group: Group) -> list[Phrase]:
    text = " ".join(text.replace("(", " ").replace(")", " ").split())
    return [Phrase(text, group)] if text else []


def _cut(form: Both, group: Group, **blanks: str | list[Phrase]) -> Sentence:
    return Sentence(cut(form, group, **blanks))


def _what_where(facts: AlertFacts, place: PlaceFact | None) -> Sentence:
    rank = None if facts.event == phrases.TEST else sentences.danger_level(facts.severity, facts.urgency)
    what = cut(
        phrases.WHAT_BRIEF[facts.kind], Group.EVENT,
        event=[Phrase(sentences.event_name(facts).th, Group.EVENT)],
        level=[Phrase(phrases.LEVELS[rank].th, Group.EVENT)] if rank else "",
    )  # fmt: skip
    at = Phrase(TEXT["at_places"].th.format(places=""), Group.FRAME)
    if place is None:
        return Sentence((*what, at, *_all_places(facts.places)), essential=True)
    tambon = tambon_phrase(place.tambon.th)
    whole = Sentence((*what, at, tambon), essential=True)
    if not place.villages:
        return whole
    named = [Phrase(village.th, Group.VILLAGE) for village in place.villages]
    return Sentence((*what, at, *named, tambon), essential=True, instead=whole)


def _all_places(places: tuple[PlaceFact, ...]) -> list[Phrase]:
    """Tambon by amphoe: two tambon of the province share a name."""
    said: list[Phrase] = []
    for amphoe in dict.fromkeys(place.amphoe for place in places):
        said += [tambon_phrase(place.tambon.th) for place in places if place.amphoe == amphoe]
        said.append(amphoe_phrase(amphoe.th))
    return said


def _arrival(facts: AlertFacts) -> Sentence:
    if facts.kind in ENDING or facts.event not in phrases.ARRIVES:
        return Sentence(())
    arrives = phrases.ARRIVES[facts.event].th
    if facts.water_by:
        return _cut(TEXT["about"], Group.TIME, arrives=arrives, at=_time(facts.water_by))
    if facts.water_hours:
        low, high = facts.water_hours
        form = TEXT["in_hour_aloud" if low == high else "in_hours_aloud"]
        return _cut(form, Group.TIME, arrives=arrives, low=_number(low), high=_number(high))
    return Sentence(())


def _until(facts: AlertFacts) -> Sentence:
    return Sentence(()) if facts.kind in ENDING else _cut(TEXT["until"], Group.TIME, at=_time(facts.expires))


def _shelter(facts: AlertFacts) -> Sentence:
    if facts.kind in ENDING or sentences.instruction_id(facts) not in phrases.SHELTER_WANTED:
        return Sentence(())
    ask = _cut(TEXT["shelter_unknown"], Group.SHELTER, phone=_digits(facts.phone))
    if facts.shelter is None:
        return ask
    name = [Phrase(facts.shelter.name.th, Group.SHELTER)]
    form = TEXT["shelter_open_full" if facts.shelter.open else "shelter_closed"]
    return Sentence(cut(form, Group.SHELTER, shelter=name, phone=_digits(facts.phone)), instead=ask)


def _number(value: int) -> list[Phrase]:
    return words_of(numbers.number(value), Group.NUMBER)


def _digits(written: str) -> list[Phrase]:
    return words_of(numbers.digits(written), Group.NUMBER)


def _number_of(alert_number: str) -> list[Phrase]:
    return [
        Phrase(word, Group.NUMBER if word in numbers.NUMBER_WORDS else Group.FRAME)
        for word in numbers.alert_number(alert_number)
    ]


def _time(moment: datetime) -> list[Phrase]:
    return [
        Phrase(word, Group.NUMBER if word in numbers.NUMBER_WORDS else Group.TIME)
        for word in numbers.time_of_day(moment)
    ]
