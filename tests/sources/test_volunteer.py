"""Short words of people at the water: what is read, and what is asked back."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.contract import Observation, Payload, Rejected, SourceChanged
from sources.reading import source_of
from sources.volunteer_words import Heard, Unclear, hear
from tests.sources.bodies import FETCHED


@pytest.mark.parametrize(
    ("text", "gauge", "stage_m"),
    [
        ("น้ำ 1.35 X.170", "X.170", 1.35),
        ("X.170 1.35", "X.170", 1.35),
        ("x170 1,35 ม.", "X.170", 1.35),
        ("x 170 น้ำ ๑.๓๕ เมตร", "X.170", 1.35),
        ("X.170 135 ซม.", "X.170", 1.35),
        ("gauge X.170 2 m", "X.170", 2.0),
        ("level at x.170 is 135 cm now", "X.170", 1.35),
        ("X.170 -0.20 m", "X.170", -0.2),
        ("ระดับ 80 ซม บ้านนา", "บ้านนา", 0.8),
        ("เสา บ้านเขาปู่ 1.2 ม.", "X.276", 1.2),  # by the gauge's own name
        ("ระดับน้ำ 1.20 ม. หมู่ 5", None, 1.2),
        ("P.1 3.70 m", "P.1", 3.7),  # of another province, spelt as RID spells
        ("X.170 1.35 ม. บ้าน 20 หลังท่วม", "X.170", 1.35),
    ],
)
def test_readings_of_a_staff(text: str, gauge: str | None, stage_m: float) -> None:
    heard = hear(text)
    assert (heard.gauge, heard.stage_m, heard.above_sea) == (gauge, stage_m, False)


def test_a_level_above_the_sea_says_so() -> None:
    assert hear("X.170 25.30 ม.รทก.") == Heard("X.170", 25.3, True)


@pytest.mark.parametrize(
    ("text", "water", "moo"),
    [
        ("น้ำเข้าบ้านแล้ว หมู่ 5", "in_homes", 5),
        ("น้ำท่วมถนน 30 ซม ม.3", "on_road", 3),
        ("หมู่ที่ ๗ ทางขาด ออกไม่ได้", "cut_off", 7),
        ("น้ำลดแล้ว", "falling", None),
        ("น้ำยังไม่มา", "none", None),
        ("Water is on the road, moo 4", "on_road", 4),
        ("water in our house", "in_homes", None),
        ("ช่วยด้วย น้ำเข้าบ้าน 2 เมตร", "in_homes", None),
    ],
)
def test_where_the_water_is(text: str, water: str, moo: int | None) -> None:
    heard = hear(text)
    assert (heard.water, heard.moo, heard.stage_m) == (water, moo, None)


@pytest.mark.parametrize("text", ["3*80#", "3 80", " ๓*๘๐# "])
def test_a_keypad_tells_centimetres(text: str) -> None:
    assert hear(text) == Heard(None, 0.8, False, "in_homes")


@pytest.mark.parametrize("text", ["ระดับ 80", "X.170", "X.170 2", "gauge x170 is high", "เสา 9000 ซม"])
def test_what_is_not_clear_asks_for_a_unit(text: str) -> None:
    with pytest.raises(Unclear, match=r"X\.170|staff"):
        hear(text)


@pytest.mark.parametrize(
    "text", ["", "ปลอดภัย", "ประกาศแล้ว 85 หลัง", "1 85", "0812345678", "ขอเรือ 2 ลำ", "19.30 น. ประชุม", "ok"]
)
def test_words_about_something_else_are_no_reading(text: str) -> None:
    heard = hear(text)
    assert (heard.gauge, heard.stage_m, heard.water) == (None, None, None)


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["X.170", "ระดับ", "1.35", "80", "ซม", "m", "หมู่", "น้ำ", "-", "#", "๓"])).map(
        " ".join
    )
)
def test_any_words_are_heard_or_asked_back(text: str) -> None:
    try:
        heard = hear(text)
    except Unclear as unclear:
        assert str(unclear)
        return
    assert heard.stage_m is None or abs(heard.stage_m) < 10_000


def read(body: Any, **fields: Any) -> list[Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(source_of("volunteer", **fields).read(Payload(raw, FETCHED)))


def told(readings: list[Any]) -> list[tuple[str, str, float]]:
    return [(r.station, str(r.quantity), r.value) for r in readings if isinstance(r, Observation)]


def why(readings: list[Any]) -> str:
    return " | ".join(r.why for r in readings if isinstance(r, Rejected))


def test_plain_lines_and_reports_are_read() -> None:
    lines = "น้ำ 1.35 X.170\nระดับ 80\n\nปลอดภัย\n".encode()
    readings = read(lines)
    assert told(readings) == [("X.170", "stage", 1.35)]
    assert "say the unit" in why(readings) and "neither a reading nor a village" in why(readings)
    reports = [
        {"at": "2026-11-23T12:00:00Z", "text": "น้ำเข้าบ้านแล้ว หมู่ 2", "village": "93110201"},
        {"at": "2026-11-23 19:05", "gauge": "X.170", "stage_m": "1.40", "by": "head"},
        {"water": "cut_off", "village": "93110203"},
    ]
    assert told(read({"reports": reports})) == [
        ("93110202", "water_seen", 2.0),
        ("X.170", "stage", 1.4),
        ("93110203", "water_seen", 3.0),
    ]


def test_names_own_staffs_and_zeros_come_from_the_entry() -> None:
    entry: dict[str, Any] = {
        "names": {"สะพานท่าแนะ": "T-1"},
        "staffs": {"93110201": "T-2"},
        "zero_m": {"T-1": 20.0},
    }
    assert told(read([{"text": "สะพานท่าแนะ 1.35 ม."}], **entry)) == [
        ("T-1", "stage", 1.35),
        ("T-1", "water_level", 21.35),
    ]
    assert told(read([{"text": "3*80#", "village": "93110201"}], **entry)) == [
        ("T-2", "stage", 0.8),
        ("93110201", "water_seen", 2.0),
    ]
    assert "which gauge" in why(read([{"text": "ระดับน้ำ 1.20 ม."}]))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"at": (FETCHED + timedelta(hours=2)).isoformat()}, "ahead", id="tomorrow"),
        pytest.param({"at": "2026-11-01 10:00"}, "more than a week ago", id="old"),
        pytest.param({"gauge": None}, "which gauge", id="no-gauge"),
        pytest.param({"stage_m": 900}, "implausible", id="higher-than-any-river"),
        pytest.param({"stage_m": "deep"}, "not a number", id="words"),
    ],
)
def test_rejected_with_its_reason(changes: dict[str, Any], says: str) -> None:
    assert says in why(read([{"gauge": "X.170", "stage_m": 1.35} | changes]))


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe\x00", b"\x00\x01", b'{"a": ', b"\x07bell", b"7"])
def test_what_is_no_report_is_a_changed_source(body: bytes) -> None:
    try:
        readings = read(body)
    except SourceChanged as error:
        assert str(error).startswith("volunteer: ")
        return
    assert body == b"7" and "neither a reading" in why(readings)
