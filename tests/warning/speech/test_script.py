"""What a loudspeaker says is what the read-aloud script says, and every phrase of it can be recorded before it is needed."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from channels.contract import Answer
from channels.voice_call import MEANS
from geo.gazetteer import gazetteer
from tests.warning.words.facts_made import LAMPAM, any_facts, facts
from warning.alert import Mode
from warning.speech.needed import all_of, every_phrase, seconds_of
from warning.speech.numbers import LETTER_WORDS, TIME_WORDS
from warning.speech.script import CHIME, KEYS, SIREN, TONES, ClipKind, Group, Sentence, script
from warning.words import template
from warning.words.facts import AlertFacts, Kind
from warning.words.phrases import INSTRUCTIONS

LIBRARY = {phrase.text for phrase in every_phrase(gazetteer())}


def said(sentences: list[Sentence]) -> list[str]:
    return [phrase.text for sentence in sentences for phrase in sentence.phrases]


@settings(max_examples=60, deadline=None)
@given(any_facts)
def test_no_alert_needs_a_phrase_that_is_not_in_the_library(made: AlertFacts) -> None:
    names = {made.shelter.name.th} if made.shelter else set()
    for place in (None, made.places[0]):
        assert {phrase.text for phrase in all_of(script(made, place))} <= LIBRARY | names


@settings(max_examples=60, deadline=None)
@given(any_facts)
def test_the_phrases_stand_in_the_script_in_its_order(made: AlertFacts) -> None:
    template.PA_SECONDS, before = 1e9, template.PA_SECONDS  # the fullest script
    try:
        words = template.compose(made).pa_script_th
    finally:
        template.PA_SECONDS = before
    at = 0
    for sentence in script(made):
        for phrase in sentence.phrases:
            if phrase in TONES or phrase.group is Group.NUMBER or phrase.text in (*LETTER_WORDS, *TIME_WORDS):
                continue  # numbers and hours are said in words
            found = words.find(phrase.text, at)
            assert found >= 0, (phrase, words[at:])
            at = found + len(phrase.text)


def test_one_village_hears_its_own_name_and_no_other() -> None:
    here = replace(LAMPAM, villages=LAMPAM.villages[:1])
    words = said(script(facts(places=(LAMPAM,)), here))
    assert "บ้านหัวสะพาน" in words and "บ้านแหลม" not in words
    assert words[words.index("บ้านหัวสะพาน") + 1] == "ตำบลลำปำ"


def test_an_alert_is_said_in_the_order_of_its_script() -> None:
    words = said(script(facts(), LAMPAM))
    assert words == [
        SIREN.text, "ประกาศจากผู้ว่าราชการจังหวัดพัทลุง", "น้ำล้นตลิ่ง", "ระดับ 4 เสี่ยงอันตรายสูง", "ที่", "บ้านหัวสะพาน", "บ้านแหลม", "ตำบลลำปำ",
        "น้ำอาจถึงราว", "ห้าทุ่ม", "ครึ่ง", "วันที่", "ยี่สิบ", "สอง", INSTRUCTIONS["evacuate"].th,
        "ศูนย์พักพิง", "โรงเรียนวัดป่าลิไลยก์", "เปิดแล้ว", "มีผลถึง", "สิบโมงเช้า", "ครึ่ง", "วันที่", "ยี่สิบ", "สาม",
        "สอบถาม โทร", "หนึ่ง", "เจ็ด", "แปด", "สี่", "เลขที่", "พอ ทอ", "สอง", "ห้า", "หก", "เก้า", "ศูนย์", "ศูนย์", "หนึ่ง", "สอง",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "tone"),
    [
        pytest.param({}, SIREN, id="severe-now"),
        pytest.param({"severity": "Moderate"}, CHIME, id="a-lower-level"),
        pytest.param({"mode": Mode.EXERCISE}, CHIME, id="no-siren-in-an-exercise"),
        pytest.param(
            {"kind": Kind.ALL_CLEAR, "replaces": "พท-2569-0001"}, CHIME, id="what-ends-does-not-alarm"
        ),
    ],
)
def test_the_siren_is_for_what_endangers_life(changes: dict[str, Any], tone: object) -> None:
    assert script(facts(**changes))[0].phrases == (tone,)


def test_a_call_has_no_siren_and_says_what_its_keys_mean() -> None:
    words = said(script(facts(), LAMPAM, telephone=True))
    assert (words[0], words[-1]) == (CHIME.text, KEYS.text)
    assert words[1:-1] == said(script(facts(), LAMPAM))[1:]
    assert KEYS.text in LIBRARY
    keys = {"1": "ประกาศ", "2": "ความช่วยเหลือ", "3": "น้ำถึง"}
    meant = {"1": Answer.WILL_ANNOUNCE, "2": Answer.NEED_HELP, "3": Answer.WATER_HERE}
    assert meant == MEANS
    for key, word in keys.items():
        assert word in KEYS.text.split(f"กด {key}")[1].split("กด")[0]


def test_an_exercise_cannot_be_said_without_its_words() -> None:
    sentences = script(facts(mode=Mode.EXERCISE))
    framing = [
        s for s in sentences if any("ฝึกซ้อม ฝึกซ้อม" in p.text or "ไม่ใช่เหตุจริง" in p.text for p in s.phrases)
    ]
    assert len(framing) == 2 and all(s.essential for s in framing)
    assert sentences[1] == framing[0] and sentences[-1] == framing[1]


def test_the_library_is_in_the_order_to_record_it_and_each_phrase_once() -> None:
    phrases = every_phrase(gazetteer())
    groups = [phrase.group for phrase in phrases]
    assert groups == sorted(groups) and len({p.text for p in phrases}) == len(phrases)
    assert len([p for p in phrases if p.group is Group.VILLAGE]) == len(
        {v.th for v in gazetteer().villages.values()}
    )
    assert [p for p in phrases if p.kind is ClipKind.SIREN] == [SIREN]
    assert 5 < sum(seconds_of(p) for p in phrases) / 60 < 40  # minutes of speech: one afternoon's work
