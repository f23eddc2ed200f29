"""Room a text takes: parts as counted on the wire, pages, seconds."""

import pytest

from warning.words.sizes import cell_broadcast_pages, seconds_aloud, sms_size


@pytest.mark.parametrize(
    ("letters", "parts"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3), (160, 3), (201, 3), (202, 4)]
)
def test_thai_parts(letters: int, parts: int) -> None:
    assert sms_size("ก" * letters).parts == parts


@pytest.mark.parametrize(("letters", "parts"), [(160, 1), (161, 2), (306, 2), (307, 3)])
def test_latin_parts(letters: int, parts: int) -> None:
    assert sms_size("a" * letters).parts == parts


def test_an_emoji_takes_two_units_and_a_bracket_two_of_latin() -> None:
    assert sms_size("ก😀").units == 3
    assert sms_size("[a]").units == 5
    assert not sms_size("[a]").ucs2


@pytest.mark.parametrize(
    ("text", "pages"), [("", 1), ("ก" * 41, 1), ("ก" * 42, 2), ("ก" * 205, 5), ("a" * 93, 1), ("a" * 94, 2)]
)
def test_pages(text: str, pages: int) -> None:
    assert cell_broadcast_pages(text) == pages


def test_tone_marks_take_no_time_and_pauses_do() -> None:
    assert seconds_aloud("น้ำ", "th") == seconds_aloud("นำ", "th")
    assert seconds_aloud("น้ำ\nน้ำ", "th") > seconds_aloud("น้ำน้ำ", "th")
