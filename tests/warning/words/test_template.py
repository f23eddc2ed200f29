"""The words of an alert: what each must say, what none may say."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from tests.warning.words.facts_made import NOW, SHELTER, any_facts, facts, tambon_place
from warning.alert import Mode
from warning.event import Event
from warning.words import phrases
from warning.words.budget import budget
from warning.words.facts import AlertFacts, Both, GaugeFact, Kind, MissingFact, RainFact, ShelterFact
from warning.words.sentences import danger_level, instruction_id
from warning.words.sizes import sms_size
from warning.words.template import SMS_PARTS, compose, draft_mark


def test_an_sms_says_who_what_where_when_do_what_shelter_until_and_number_in_this_order() -> None:
    said = compose(facts(places=(replace(facts().places[0], villages=()),))).sms_th
    pieces = [
        "จ.พัทลุง", "น้ำล้นตลิ่ง", "ต.ลำปำ", "อ.เมืองพัทลุง", "23:30 น. 22 พ.ย.", "ย้ายทุกคนไปที่สูงทันที",
        "โรงเรียนวัดป่าลิไลยก์", "10:30 น. 23 พ.ย.", "1784", "พท-2569-0012",
    ]  # fmt: skip
    assert [said.find(piece) for piece in pieces] == sorted(said.find(piece) for piece in pieces)
    assert -1 not in [said.find(piece) for piece in pieces]
    assert sms_size(said).parts <= SMS_PARTS


def test_the_lock_screen_shows_what_to_do_in_its_first_line() -> None:
    assert compose(facts()).line_alt_text.splitlines()[0].startswith("ย้ายทุกคนไปที่สูงทันที")


@pytest.mark.parametrize("event", [*Event, "test"])
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("mode", list(Mode))
def test_every_event_in_every_kind_has_words_that_fit(event: str, kind: Kind, mode: Mode) -> None:
    words = compose(facts(event=str(event), kind=kind, mode=mode, replaces="พท-2569-0011"))
    assert all(words.as_dict().values())
    assert not [row.sentence.en for row in budget(words).rows if not row.ok]


@pytest.mark.parametrize(
    ("shelter", "said", "not_said"),
    [
        pytest.param(SHELTER, "ไปโรงเรียนวัดป่าลิไลยก์ (เปิดแล้ว)", "โทรถาม", id="open"),
        pytest.param(
            ShelterFact(SHELTER.name, open=False),
            "ยังไม่เปิด โทร 1784",
            "เปิดแล้ว",
            id="known-but-shut-is-not-sent-to",
        ),
        pytest.param(None, "โทรถามศูนย์พักพิง 1784", "เปิดแล้ว", id="none-known-says-whom-to-ask"),
    ],
)
def test_shelter(shelter: ShelterFact | None, said: str, not_said: str) -> None:
    text = compose(facts(shelter=shelter)).sms_th
    assert said in text
    assert not_said not in text


@pytest.mark.parametrize(
    ("gauge", "said"),
    [
        pytest.param(GaugeFact(Both("ก", "A"), 25.6, 25.4), "25.60 ม.รทก. สูงกว่าตลิ่ง 0.20 ม.", id="over"),
        pytest.param(GaugeFact(Both("ก", "A"), 25.0, 25.4), "25.00 ม.รทก. ต่ำกว่าตลิ่ง 0.40 ม.", id="below"),
        pytest.param(GaugeFact(Both("ก", "A"), 25.401, 25.4), "เสมอตลิ่ง", id="level"),
        pytest.param(GaugeFact(Both("ก", "A"), 25.6), "25.60 ม.รทก.\n", id="no-bank-known-no-bank-said"),
    ],
)
def test_gauge_sentence(gauge: GaugeFact, said: str) -> None:
    assert said in compose(facts(gauge=gauge)).description_th


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        pytest.param({"water_by": None}, "น้ำอาจถึง", id="no-time-known"),
        pytest.param({"gauge": None}, "ระดับน้ำ", id="no-gauge"),
        pytest.param({"severity": "Unknown"}, "ระดับ ", id="no-level"),
        pytest.param(
            {"kind": Kind.CORRECTION, "replaces": "พท-2569-0011"}, "ม.รทก.", id="mistake-shows-no-reading"
        ),
        pytest.param(
            {"kind": Kind.ALL_CLEAR, "replaces": "พท-2569-0011"}, "น้ำอาจถึง", id="over-brings-no-water"
        ),
    ],
)
def test_what_is_not_known_is_left_out(changes: dict[str, Any], absent: str) -> None:
    assert absent not in compose(facts(**changes)).description_th


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"number": " "}, "number"),
        ({"places": ()}, "places"),
        ({"phone": ""}, "phone"),
        ({"event": "volcano"}, "event"),
        ({"response_type": "Execute"}, "instruction"),
        ({"kind": Kind.CANCEL}, "replaces"),
    ],
)
def test_a_hole_is_named(changes: dict[str, Any], name: str) -> None:
    with pytest.raises(MissingFact) as refused:
        compose(facts(**changes))
    assert refused.value.name == name


def test_a_link_is_refused() -> None:
    with pytest.raises(NotAllowed, match="link"):
        compose(facts(shelter=ShelterFact(Both("www.example.org", "x"), open=True)))


def test_a_time_without_a_zone_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zone"):
        compose(facts(expires=datetime(2026, 11, 23)))


@pytest.mark.parametrize(
    ("mm", "said"),
    [(90.1, "ฝนตกหนักมาก"), (90.0, "ฝนตกหนัก "), (35.1, "ฝนตกหนัก "), (35.0, "ฝนตกมาก"), (None, "ฝนตกมาก")],
)
def test_rain_is_called_heavy_only_for_the_amounts_of_tmd(mm: float | None, said: str) -> None:
    rain = None if mm is None else RainFact(Both("สถานี", "Station"), mm)
    assert said in compose(facts(event="heavy_rain", rain=rain)).headline_th


@pytest.mark.parametrize(
    ("severity", "urgency", "level"),
    [
        ("Extreme", "Immediate", 5), ("Severe", "Immediate", 5), ("Extreme", "Future", 4), ("Severe",
        "Expected", 4),
        ("Severe", "Unknown", 4), ("Severe", "Future", 3), ("Moderate", "Immediate", 3), ("Minor",
        "Immediate", 2),
        ("Unknown", "Immediate", None), ("Extreme", "Past", None),
    ],
)  # fmt: skip
def test_level(severity: str, urgency: str, level: int | None) -> None:
    assert danger_level(severity, urgency) == level


def test_an_untested_rule_marks_the_draft_and_no_public_text() -> None:
    mark = draft_mark(facts(untested=True))
    assert mark is not None
    assert "ยังไม่ผ่านการทดสอบ" in mark.th
    assert not [text for text in compose(facts(untested=True)).as_dict().values() if "ยังไม่ผ่าน" in text]
    assert draft_mark(facts()) is None


def test_the_hour_after_midnight_carries_its_own_day() -> None:
    assert "01:30 น. 23 พ.ย." in compose(facts(water_by=NOW + timedelta(hours=3))).sms_th


def test_every_phrase_speaks_both_languages_with_the_same_blanks() -> None:
    tables: list[dict[Any, Both]] = [
        phrases.EVENTS, phrases.LEVELS, phrases.ARRIVES, phrases.SHORT, phrases.INSTRUCTIONS,
        phrases.WHAT,
        phrases.WHAT_BRIEF,
        phrases.ENDINGS_SHORT, phrases.ENDINGS_FULL, phrases.DRY_ENDINGS_SHORT, phrases.DRY_ENDINGS_FULL, phrases.TEXT,
    ]  # fmt: skip
    for both in (both for table in tables for both in table.values() if both.en != "{event} {level}"):
        assert re.search("[ก-๙]", both.th)
        assert not re.search("[ก-๙]", both.en)
        assert set(re.findall(r"{(\w+)}", both.th)) == set(re.findall(r"{(\w+)}", both.en))


def test_an_instruction_fits_its_event() -> None:
    for (event, response), chosen in phrases.BY_EVENT.items():
        assert event in phrases.EVENTS and chosen in phrases.INSTRUCTIONS and chosen in phrases.SHORT
        assert instruction_id(facts(event=event, response_type=response)) == chosen
    shaking = compose(facts(event="earthquake", response_type="Shelter", water_by=None))
    assert "หมอบ" in shaking.sms_th and "ลุยน้ำ" not in shaking.description_th + shaking.instruction_th
    over = compose(facts(event="heat", kind=Kind.ALL_CLEAR, replaces="พท-2569-0001"))
    assert "งู" not in over.instruction_th and "ไฟฟ้า" not in over.sms_th


def test_what_was_measured_how_sure_and_how_long_is_said_and_never_beside_a_mistake() -> None:
    known = {
        "measured": Both("PM2.5 82 มคก./ลบ.ม.", "PM2.5 82 ug/m3"), "quality": Both("2 ใน 3 สถานี", "2 of 3 gauges"),
        "impact": Both("มีผู้ป่วยติดเตียง 12 คน", "12 bedridden people"), "stays_days": (3, 5),
    }  # fmt: skip
    text = compose(facts(**known))
    for words in ("PM2.5 82", "2 ใน 3", "12 คน", "3-5 วัน"):
        assert words in text.description_th
    for words in ("PM2.5 82", "2 of 3", "12 bedridden", "3 to 5 days"):
        assert words in text.description_en
    wrong = compose(facts(**known, kind=Kind.CORRECTION, replaces="พท-2569-0001"))
    assert "PM2.5 82" not in wrong.description_th and "วัน" not in wrong.description_th.replace("วันที่", "")


ALL = tuple(tambon_place(code) for code in sorted(gazetteer().tambons))
_TH = {place.tambon.th for place in ALL}


@settings(max_examples=150, deadline=None)
@given(any_facts)
def test_laws_of_any_alert(made: AlertFacts) -> None:
    words = compose(made).as_dict()
    front = phrases.EXERCISE_FRONT
    for name, text in words.items():
        assert text == text.strip()
        assert "{" not in text
        assert "None" not in text
        assert "http" not in text
        if made.mode is Mode.EXERCISE:
            assert text.startswith(front.en if name.endswith("_en") else front.th)
        else:
            assert front.th.split()[0] not in text
            assert "EXERCISE" not in text
    for name in ("sms_th", "cb_th", "headline_th", "line_alt_text"):
        assert set(re.findall(r"(?<!\S)ต\.(?!ค\.)(\S+)", words[name])) <= _TH, "a name cut in two"
    assert made.number in words["sms_th"]
    assert made.phone in words["sms_en"]


@pytest.mark.parametrize("mode", list(Mode))
def test_all_of_the_province_still_fits_every_channel(mode: Mode) -> None:
    rows = budget(compose(facts(places=ALL, mode=mode, severity="Extreme", urgency="Immediate"))).rows
    assert [row.text for row in rows if not row.ok] == []


def test_what_cannot_fit_is_said_not_cut() -> None:
    name = Both("โรงเรียน" + "ก" * 300, "School " + "a" * 600)
    words = compose(facts(shelter=ShelterFact(name, open=True)))
    assert name.th in words.sms_th
    long = {row.text for row in budget(words).rows if not row.ok}
    assert {"sms_th", "cb_th", "sms_en", "pa_script_th"} <= long
