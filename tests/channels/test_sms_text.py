"""SMS counted and cut as the operators count and as the eye reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms_text import JOINED, SINGLE, count, parts, units

MARKS = (
    "\u0e31\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e"
)


@pytest.mark.parametrize(
    ("length", "billed"),
    [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (160, 3), (201, 3), (202, 4)],
    ids=lambda n: str(n),
)
def test_counts_seen_on_the_wire(length: int, billed: int) -> None:
    assert count("ก" * length) == billed


@pytest.mark.parametrize(
    ("text", "head"),
    [
        pytest.param("ก" * 66 + "ที่" + "ก" * 20, "ก" * 66, id="tone-and-vowel-stay-with-their-base"),
        pytest.param("ก" * 66 + "น้ำ" + "ก" * 20, "ก" * 66, id="sara-am"),
        pytest.param("ก" * 66 + "เก" + "ก" * 20, "ก" * 66, id="vowel-written-first"),
        pytest.param("ก" * 66 + "😀" + "ก" * 20, "ก" * 66, id="surrogate-pair"),
        pytest.param("ก" * 66 + "\r\n" + "ก" * 20, "ก" * 66, id="line-end"),
    ],
)
def test_cuts_before_what_belongs_together(text: str, head: str) -> None:
    assert parts(text)[0] == head


thai = st.text(st.sampled_from("กขคงนมยรลวสหอเแโใไะาๆ ๑1a\n😀" + MARKS), max_size=400)


@given(thai | st.text(max_size=300))
def test_law_nothing_lost_nothing_too_long(text: str) -> None:
    cut = parts(text)
    assert "".join(cut) == text
    assert all(units(part) <= (SINGLE if len(cut) == 1 else JOINED) for part in cut)
    assert len(cut) == 1 or all(cut)


@given(st.lists(st.sampled_from(["น้ำ", "ที่", "ก็", "เมื่อ", "ศูนย์", "พัทลุง ", "😀", "ไป", "a"]), max_size=120))
def test_law_no_part_begins_with_a_mark(words: list[str]) -> None:
    for part in parts("".join(words)):
        assert part[:1] not in MARKS or not part
        part.encode("utf-16-be")  # no lone surrogate
