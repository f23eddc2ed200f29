"""What people write on a bad night, and what we make of it."""

import pytest

from channels.contract import Answer
from channels.replies import homes, meaning, meanings
from geo.people import Audience

HEAD, HOME = Audience.CONTACT, Audience.RESIDENT
A = Answer


@pytest.mark.parametrize(
    ("text", "who", "expected"),
    [
        pytest.param("1", HEAD, A.ANNOUNCED, id="one-of-a-head"),
        pytest.param("1", HOME, A.SAFE, id="one-of-a-resident"),
        pytest.param("๑", HOME, A.SAFE, id="thai-digit"),
        pytest.param(" 2. ", HOME, A.NEED_HELP, id="dot-and-spaces"),
        pytest.param("๓", HEAD, A.WATER_HERE, id="water-at-the-head's"),
        pytest.param("1 85", HEAD, A.ANNOUNCED, id="with-homes"),
        pytest.param("1", None, A.SEEN, id="a-digit-alone-means-nothing-without-the-question"),
        pytest.param("7", HEAD, A.SEEN, id="a-digit-nobody-offered"),
        pytest.param("ประกาศแล้ว", None, A.ANNOUNCED, id="announced"),
        pytest.param("เดี๋ยวจะประกาศให้", None, A.WILL_ANNOUNCE, id="will-announce"),
        pytest.param("ยังไม่ได้ประกาศ ไฟดับ", None, A.SEEN, id="not-announced-is-not-announced"),
        pytest.param("ไม่ได้ประกาศครับ", None, A.SEEN, id="did-not-announce"),
        pytest.param("น้ำถึงแล้ว", None, A.WATER_HERE, id="water"),
        pytest.param("น้ำยังไม่ถึง ประกาศแล้ว", None, A.ANNOUNCED, id="no-water-yet"),
        pytest.param("น้ำไม่มา ปลอดภัยดี", None, A.SAFE, id="water-does-not-come"),
        pytest.param("ต้องการช่วย", None, A.NEED_HELP, id="help-button"),
        pytest.param("ช่วยด้วย น้ำเข้าบ้าน", None, A.NEED_HELP, id="help-before-water"),
        pytest.param("ไม่ต้องช่วย ปลอดภัย", None, A.SAFE, id="no-help-needed"),
        pytest.param("ไม่ต้องการความช่วยเหลือ ปลอดภัยดี", None, A.SAFE, id="no-help-needed-formal"),
        pytest.param("ไม่ปลอดภัย", None, A.NEED_HELP, id="not-safe-is-a-cry"),
        pytest.param("ปลอดภัย", None, A.SAFE, id="safe"),
        pytest.param("SAFE", None, A.SAFE, id="english-upper"),
        pytest.param("we are not safe", None, A.NEED_HELP, id="english-not-safe"),
        pytest.param("no help needed, ok", None, A.SAFE, id="english-no-help"),
        pytest.param("ครับ", None, A.SEEN, id="any-word-shows-a-person"),
        pytest.param("", None, A.SEEN, id="empty"),
    ],
)
def test_means(text: str, who: Audience | None, expected: Answer) -> None:
    assert meaning(text, who) is expected


def test_says_several_things_gravest_first() -> None:
    said = "ประกาศแล้ว ๘๕ หลัง น้ำเข้าแล้ว 3 หลัง ขอช่วยคนแก่"
    assert meanings(said) == [A.NEED_HELP, A.WATER_HERE, A.ANNOUNCED]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1 85", 85, id="digit-and-count"),
        pytest.param("๑ ๘๕ หลัง", 85, id="thai-digits"),
        pytest.param("ประกาศแล้ว 40 หลัง", 40, id="words"),
        pytest.param("announced to 40 homes", 40, id="english"),
        pytest.param("น้ำเข้าแล้ว 3 หลัง", None, id="flooded-homes-are-not-told-homes"),
        pytest.param("2 3", None, id="need-help-of-three-is-no-count-of-homes"),
        pytest.param("ประกาศแล้ว", None, id="unsaid"),
        pytest.param("0812345678", None, id="a-phone-number"),
    ],
)
def test_counts_homes_told(text: str, expected: int | None) -> None:
    assert homes(text) == expected
