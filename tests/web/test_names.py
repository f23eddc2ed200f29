"""Words of a page in one language, and lengths of time as people say them."""

from datetime import timedelta

import pytest

from warning.web.console.names import span
from warning.words.one_language import one_language


@pytest.mark.parametrize(
    ("both", "th", "en"),
    [
        pytest.param("ต้องเป็นผู้ดูแลระบบ (needs the role administrator)", "ต้องเป็นผู้ดูแลระบบ", "needs the role administrator", id="both"),
        pytest.param("ก (ข) แล้ว (A (B) did)", "ก (ข) แล้ว", "A (B) did", id="brackets-in-both"),
        pytest.param("เลขที่ (ฝึกซ้อม)", "เลขที่ (ฝึกซ้อม)", "เลขที่ (ฝึกซ้อม)", id="brackets-are-not-English"),
        pytest.param("database away", "database away", "database away", id="one-language"),
        pytest.param("(only brackets)", "(only brackets)", "(only brackets)", id="nothing-before"),
        pytest.param("ขาด ) เดียว)", "ขาด ) เดียว)", "ขาด ) เดียว)", id="brackets-that-do-not-close"),
        pytest.param(None, "", "", id="nothing"),
    ],
)  # fmt: skip
def test_one_language_of_two(both: str | None, th: str, en: str) -> None:
    assert (one_language(both, "th"), one_language(both, "en")) == (th, en)


@pytest.mark.parametrize(
    ("minutes", "th", "en"),
    [
        pytest.param(-5, "0 นาที", "0 min", id="never-negative"),
        pytest.param(59, "59 นาที", "59 min", id="under-an-hour"),
        pytest.param(60, "1 ชม.", "1 h", id="a-whole-hour"),
        pytest.param(422, "7 ชม. 2 นาที", "7 h 2 min", id="nobody-counts-422-minutes"),
        pytest.param(47 * 60, "47 ชม.", "47 h", id="under-two-days"),
        pytest.param(50 * 60, "2 วัน", "2 d", id="days"),
    ],
)
def test_a_length_of_time_as_people_say_it(minutes: int, th: str, en: str) -> None:
    length = timedelta(minutes=minutes)
    assert (span(length, "th"), span(length, "en")) == (th, en)
