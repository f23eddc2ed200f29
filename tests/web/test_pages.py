"""The white pages over real HTTP: what is pressed stands in the database, and what only looks changes nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import requests

from teams.response.mission import Mission, MissionKind
from tests.warning.town import TAMBON, VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


@pytest.mark.parametrize(
    ("form", "row"),
    [
        pytest.param(
            {"answer": "announced", "homes": "๘๕"}, ("announced", 85, None), id="homes-in-thai-digits"
        ),
        pytest.param({"answer": "announced", "homes": ""}, ("announced", None, None), id="homes-not-known"),
        pytest.param(
            {"answer": "will_announce", "homes": "5"}, ("will_announce", None, None), id="not-yet-is-no-count"
        ),
        pytest.param({"answer": "need_help", "people": "4"}, ("need_help", None, 4), id="help-for-four"),
    ],
)
def test_a_head_answers_by_link(town: Night, url: str, form: dict[str, str], row: tuple[object, ...]) -> None:
    town.flood()
    link = f"{url}/h/{town.head_token()}"
    event = uuid4().hex
    for _ in range(2):  # pressed twice is once
        answered = press(link, event=event, **form)
        assert answered.status_code == 200 and "ขอบคุณ" in answered.text
    assert [tuple(r) for r in town.rows("SELECT answer, homes, people FROM reply WHERE via = 'link'")] == [
        row
    ]


def test_a_preview_of_a_link_is_no_answer(town: Night, url: str) -> None:
    town.flood()
    token = town.head_token()
    for path in (f"/h/{token}", f"/h/{token}/announced"):
        assert see(url + path).status_code == 200
        assert requests.head(url + path, timeout=10).status_code in (200, 405)
    assert town.rows("SELECT 1 FROM reply") == []


def test_water_is_kept_as_it_was_ticked(town: Night, url: str) -> None:
    town.flood()
    press(f"{url}/h/{town.head_token()}", event=uuid4().hex, answer="water_here", water="cut_off", since="60")
    town.run()
    (water,) = town.rows(
        "SELECT state, village_code, reported_at - since AS ago, reported_by FROM village_water"
    )
    assert tuple(water) == ("CUT_OFF", VILLAGE, timedelta(hours=1), "head")


def test_water_without_a_place_is_asked_again(town: Night, url: str) -> None:
    town.flood()
    answer = press(f"{url}/h/{town.head_token()}", event=uuid4().hex, answer="water_here")
    assert answer.status_code == 422 and "กรุณาเลือกว่าน้ำอยู่ที่ไหน" in answer.text
    assert town.rows("SELECT 1 FROM reply") == town.rows("SELECT 1 FROM village_water") == []


@pytest.mark.parametrize("wrong", ["nonsense", "0" * 48, "mark-changed", "expired"])
def test_a_link_that_opens_nothing_is_kind(town: Night, url: str, wrong: str) -> None:
    town.flood()
    good = town.head_token()
    token = {"mark-changed": good[:-1] + ("0" if good[-1] != "0" else "1"), "expired": good}.get(wrong, wrong)
    if wrong == "expired":
        town.clock.forward(timedelta(hours=9))
    for answer in (see(f"{url}/h/{token}"), press(f"{url}/h/{token}", answer="announced", event=uuid4().hex)):
        assert answer.status_code == 404 and "tel:1784" in answer.text
    assert town.rows("SELECT 1 FROM reply") == []


def test_the_public_page_says_what_where_when_and_what_to_do(town: Night, url: str) -> None:
    alert = town.flood()
    for reference in (str(alert.id), alert.number):
        text = see(f"{url}/a/{reference}").text
        for said in ("ฝึกซ้อม", "EXERCISE", "ทำอย่างไร", "โรงเรียนวัดนาท่อม", alert.number, "02:55"):
            assert said in text, said
        assert "<script" not in text
    assert "Wat Na Thom school" in see(f"{url}/a/{alert.id}", lang="en").text
    assert see(f"{url}/a", number=alert.number).status_code == 200
    assert see(f"{url}/a/พท-0000-0000").status_code == 404


def test_a_draft_is_nobodys_business(town: Night, url: str) -> None:
    alert = town.flood()
    with town.database.session() as session:
        session.connection().exec_driver_sql("UPDATE alert SET state = 'DRAFT', issued_at = NULL")
    assert see(f"{url}/a/{alert.id}").status_code == 404


def test_the_desk_rings_in_order_of_water_and_hides_numbers(town: Night, url: str) -> None:
    town.flood()
    token = town.officer()
    text = see(f"{url}/relay", token).text
    codes = re.findall(r'id="v(\d{8})"', text)
    assert len(codes) == len(set(codes)) > 10
    assert [c[:6] == TAMBON for c in codes] == sorted((c[:6] == TAMBON for c in codes), reverse=True)
    assert "081-234-5678" not in text and "นายสมมุติ" not in text and "•••678" in text
    assert see(f"{url}/relay").status_code == 401
    assert see(f"{url}/relay", town.officer(UserRole.ADMINISTRATOR)).status_code == 409


def test_a_village_is_taken_rung_and_keyed(town: Night, url: str) -> None:
    alert = town.flood()
    token = town.officer()
    card = f"{url}/relay/{alert.id}/{VILLAGE}"
    assert "tel:+66812345678" not in see(card, token).text
    opened = press(f"{card}/take", token)
    assert "tel:+66812345678" in opened.text and "นายสมมุติ" in opened.text
    other = town.officer(name="คนที่สอง")
    assert (
        "tel:+66812345678" not in see(card, other).text and "นางเวร ทดสอบ" in see(f"{url}/relay", other).text
    )
    event = uuid4().hex
    form = {"event": event, "answer": "announced", "homes": "120", "via": "radio", "heard_from": "ศูนย์วิทยุตำบล"}
    for _ in range(2):
        assert press(f"{card}/answer", token, **form).status_code == 200
    (row,) = town.rows("SELECT answer, homes, via, heard_from, keyed_by IS NOT NULL, village_code FROM reply")
    assert tuple(row) == ("announced", 120, "radio", "ศูนย์วิทยุตำบล", True, VILLAGE)
    town.run()
    (told,) = town.rows(
        "SELECT announced, reached_by_announcement FROM coverage WHERE village_code = :v", v=VILLAGE
    )
    assert told.announced and told.reached_by_announcement > 0
    looks = town.rows("SELECT 1 FROM audit_entry WHERE action = 'contacts.shown'")
    assert len(looks) == 1


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"answer": "announced", "via": "radio", "heard_from": ""}, id="nobody-said-it"),
        pytest.param({"answer": "announced", "via": "pigeon", "heard_from": "x"}, id="no-such-way"),
        pytest.param(
            {"answer": "announced", "via": "phone", "heard_from": "x", "homes": "90000"}, id="too-many-homes"
        ),
        pytest.param({"answer": "water_here", "via": "phone", "heard_from": "x"}, id="water-nowhere"),
        pytest.param({"answer": "safe", "via": "phone", "heard_from": "x"}, id="not-for-a-desk"),
    ],
)
def test_the_desk_refuses_what_it_cannot_stand_for(town: Night, url: str, form: dict[str, str]) -> None:
    alert = town.flood()
    answer = press(f"{url}/relay/{alert.id}/{VILLAGE}/answer", town.officer(), event=uuid4().hex, **form)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert town.rows("SELECT 1 FROM reply") == []


def test_no_answer_answers_nothing(town: Night, url: str) -> None:
    alert = town.flood()
    press(
        f"{url}/relay/{alert.id}/{VILLAGE}/answer",
        town.officer(),
        event=uuid4().hex,
        answer="no_answer",
        via="phone",
    )
    town.run()
    (row,) = town.rows("SELECT answered, last_word FROM coverage WHERE village_code = :v", v=VILLAGE)
    assert tuple(row) == (False, "no_answer")


def test_a_village_of_no_alert_cannot_be_keyed(town: Night, url: str) -> None:
    alert = town.flood()
    answer = press(f"{url}/relay/{alert.id}/93010302/take", town.officer())
    assert answer.status_code == 409


def test_an_empty_office_still_has_its_desk(database: Database, clock: HandClock) -> None:
    town = night(database, clock)  # no registry
    town.channels.clear()  # no gateway
    with served(town) as url:
        token = town.officer()
        assert "ยังไม่มีการเตือน" in see(f"{url}/relay", token).text
        alert = town.flood()
        assert "ไม่มีเบอร์ในทะเบียน" in see(f"{url}/relay", token).text
        card = f"{url}/relay/{alert.id}/{VILLAGE}"
        press(f"{card}/take", token)
        form = {"answer": "announced", "via": "paper", "heard_from": "ผู้ใหญ่บ้าน ม.1"}
        assert press(f"{card}/answer", token, event=uuid4().hex, **form).status_code == 200
        assert town.rows("SELECT via FROM reply")[0].via == "paper"


def test_the_call_list_prints_every_village_and_says_who_printed(town: Night, url: str) -> None:
    town.flood()
    text = see(f"{url}/relay/print", town.officer()).text
    assert "081-234-5678" in text and text.count("<tr>") > 10
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'contacts.printed'")) == 1


def test_a_mission_takes_its_four_steps(town: Night, url: str) -> None:
    now = town.clock.now()
    mission = Mission(
        id=uuid4(), mode="exercise", kind=MissionKind.RESCUE, priority=1, village_code=VILLAGE, why="ขอความช่วยเหลือ",
        requested_at=now, due_at=now, changed_at=now,
    )  # fmt: skip
    with town.database.session() as session:
        session.add(mission)
    token, page = town.officer(), f"{url}/field/{mission.id}"
    assert (
        press(page, token, to="done", outcome="x", head_count="1").status_code == 422
    )  # not before the others
    for to in ("accepted", "en_route", "on_scene"):
        assert press(page, token, to=to).status_code == 200
        assert press(page, token, to=to).status_code == 200  # a second press is nothing
    assert press(page, token, to="done", outcome="").status_code == 422
    press(page, token, to="done", outcome="พาไปศูนย์พักพิง", head_count="๓")
    (row,) = town.rows("SELECT state, outcome, head_count FROM mission")
    assert tuple(row) == ("DONE", "พาไปศูนย์พักพิง", 3)
    assert "ไม่มีงานค้าง" in see(f"{url}/field", token).text
