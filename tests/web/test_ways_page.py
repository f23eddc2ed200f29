"""Shelters and roads: written down by an officer, shown to everybody at once, gone after a day; nothing said is never "open"."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.warning.town import TAMBON, VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


WORDS = {
    "tambon": TAMBON,
    "name": "วัดนาวง",
    "way": "shelter_open",
    "note": "รับได้อีก 80 คน",
    "said_by": "ผู้ใหญ่บ้าน ม.1",
}


def test_said_shown_changed_and_gone(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    before = see(f"{url}/now/{VILLAGE}").text
    assert "ยังไม่มีข้อมูลจุดพักพิงที่เปิด" in before and "ยังไม่มีข้อมูลถนน" in before
    assert press(f"{url}/ways", token, **WORDS).status_code == 200
    road = {"tambon": TAMBON, "name": "ถนน 4122 ช่วงสะพาน", "way": "road_closed", "said_by": "แขวงทางหลวง"}
    assert press(f"{url}/ways", token, **road).status_code == 200
    page = see(f"{url}/now/{VILLAGE}").text
    for told in ("วัดนาวง", "จุดพักพิง เปิดแล้ว", "รับได้อีก 80 คน", "ถนน 4122", "ถนน ผ่านไม่ได้", "แขวงทางหลวง"):
        assert told in page, told
    assert "ยังไม่มีข้อมูล" not in page
    town.clock.forward(timedelta(minutes=10))
    assert press(f"{url}/ways", token, **WORDS | {"way": "shelter_full", "note": ""}).status_code == 200
    page = see(f"{url}/now/{VILLAGE}").text
    assert "จุดพักพิง เต็ม" in page and "จุดพักพิง เปิดแล้ว" not in page  # the newest word counts
    assert "Shelter: full" in see(f"{url}/now/{VILLAGE}", lang="en").text
    town.clock.forward(timedelta(hours=25))
    press(
        f"{url}/ways", token, **road | {"tambon": "930605"}
    )  # somebody pressed something: the page is looked at anew
    assert "วัดนาวง" not in see(f"{url}/now/{VILLAGE}").text
    assert {r.action for r in town.rows("SELECT action FROM audit_entry")} >= {"safe_way.said"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        pytest.param({"name": " "}, "ใส่ชื่อจุดพักพิง", id="no-name"),
        pytest.param({"said_by": ""}, "ใครเป็นผู้แจ้ง", id="nobody-says-so"),
        pytest.param({"way": "dry"}, "เลือกว่าเปิด", id="no-such-state"),
        pytest.param({"tambon": "999999"}, "เลือกตำบล", id="no-such-place"),
        pytest.param({"note": "ก" * 200}, "ยาวเกิน", id="too-long"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(
    town: Night, url: str, changed: dict[str, str], told: str
) -> None:
    answer = press(f"{url}/ways", town.officer(UserRole.DUTY_OFFICER), **WORDS | changed)
    assert answer.status_code == 422 and told in answer.text
    assert town.rows("SELECT 1 FROM safe_way") == []


def test_only_an_officer_writes(town: Night, url: str) -> None:
    assert press(f"{url}/ways", None, **WORDS).status_code == 401
    assert press(f"{url}/ways", town.officer(UserRole.RELIEF_OFFICER), **WORDS).status_code in (403, 409)
    assert see(f"{url}/ways").status_code == 401


def test_words_of_people_are_no_markup(town: Night, url: str) -> None:
    press(f"{url}/ways", town.officer(UserRole.DUTY_OFFICER), **WORDS | {"name": "<b>วัด</b>"})
    assert "&lt;b&gt;วัด" in see(f"{url}/now/{VILLAGE}").text
