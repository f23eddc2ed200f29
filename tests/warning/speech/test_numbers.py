"""Every number and every minute of a day is speakable from the closed set of clips, and no two sound alike."""

from datetime import UTC, datetime, timedelta

import pytest
from pythainlp.util import num_to_thaiword

from geo.when import bangkok
from warning.speech.numbers import (
    LETTER_WORDS,
    NUMBER_WORDS,
    TIME_WORDS,
    alert_number,
    digits,
    number,
    time_of_day,
)

DAY = datetime(2026, 11, 22, 17, tzinfo=UTC)  # midnight in Thailand, the 23rd


def test_every_number_is_said_with_the_words_of_the_set_as_thai_says_it() -> None:
    said = set()
    for value in range(10_000):
        words = number(value)
        assert set(words) <= set(NUMBER_WORDS), value
        assert "".join(words) == num_to_thaiword(value)
        said |= set(words)
    assert said == set(NUMBER_WORDS), "no word is recorded for nothing"


@pytest.mark.parametrize("value", [-1, 10_000])
def test_a_number_beyond_the_set_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="not spoken"):
        number(value)


def test_every_minute_of_a_day_is_said_with_the_words_of_the_set_and_only_once() -> None:
    heard: dict[str, datetime] = {}
    for minute in range(24 * 60 * 2):
        moment = DAY + timedelta(minutes=minute)
        words = time_of_day(moment)
        assert set(words) <= {*TIME_WORDS, *NUMBER_WORDS}
        spoken = " ".join(words)
        assert spoken not in heard, (spoken, heard.get(spoken), bangkok(moment))
        heard[spoken] = moment


@pytest.mark.parametrize(
    ("minutes", "spoken"),
    [
        pytest.param(0, "เที่ยงคืน เข้าวันที่ ยี่สิบ สาม", id="midnight-belongs-to-the-day-that-begins"),
        pytest.param(90, "ตีหนึ่ง ครึ่ง เข้าวันที่ ยี่สิบ สาม", id="half-past"),
        pytest.param(6 * 60 + 5, "หกโมงเช้า ห้า นาที วันที่ ยี่สิบ สาม", id="morning"),
        pytest.param(13 * 60 + 21, "บ่ายโมง ยี่สิบ เอ็ด นาที วันที่ ยี่สิบ สาม", id="one-in-the-afternoon"),
        pytest.param(19 * 60, "หนึ่งทุ่ม วันที่ ยี่สิบ สาม", id="evening"),
    ],
)
def test_hours_are_said_as_a_village_says_them(minutes: int, spoken: str) -> None:
    assert " ".join(time_of_day(DAY + timedelta(minutes=minutes))) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        pytest.param("พท-2569-0012", "พอ ทอ สอง ห้า หก เก้า ศูนย์ ศูนย์ หนึ่ง สอง", id="ours"),
        pytest.param("ฝึก-พท-2569-0007", "ฝึกซ้อม พอ ทอ สอง ห้า หก เก้า ศูนย์ ศูนย์ ศูนย์ เจ็ด", id="exercise"),
    ],
)
def test_an_alerts_number_is_said_letter_by_letter(written: str, spoken: str) -> None:
    assert " ".join(alert_number(written)) == spoken
    assert set(LETTER_WORDS) & set(alert_number(written))


def test_a_telephone_number_is_said_digit_by_digit_in_either_script() -> None:
    assert digits("074-613-409") == digits("๐๗๔ ๖๑๓ ๔๐๙")
    assert len(digits("074-613-409")) == 9
