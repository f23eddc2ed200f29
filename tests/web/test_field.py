"""The pages of the field over real HTTP: a member's phone, an officer's assignment, the page of teams."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests

from geo.people import Household
from teams.response.field import CALLED_OFF_STANDS
from teams.response.mission import Mission, MissionKind
from teams.response.team import make_team
from tests.warning.town import VILLAGE
from tests.web.paper_office import FAR, Night, night, served
from warning.accounts.admin import join_team
from warning.accounts.user import UserRole, csrf_of, make_user, sign_in
from warning.clock import HandClock
from warning.issue import call_off
from warning.store.database import Database
from warning.web.app import make_app
from warning.web.field.routes import ON_A_PAGE
from warning.web.render import COOKIE


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def press(url: str, token: str, **form: Any) -> requests.Response:
    return requests.post(url, data={"csrf": csrf_of(token), **form}, cookies={COOKIE: token}, timeout=10)


def see(url: str, token: str) -> str:
    return requests.get(url, cookies={COOKIE: token}, timeout=10).text


def mission(town: Night, village: str = VILLAGE, **more: Any) -> UUID:
    now = town.clock.now()
    values = {
        "id": uuid4(), "mode": "exercise", "kind": MissionKind.RESCUE, "priority": 1, "village_code": village, "why": "ขอความช่วยเหลือ",
        "requested_at": now, "due_at": now + timedelta(minutes=15), "changed_at": now,
    }  # fmt: skip
    with town.database.session() as session:
        made = Mission(**values | more)
        session.add(made)
    return made.id


def crew(town: Night, name: str, *areas: str) -> tuple[str, str]:
    """A team and the session of its one member: (team id, token)."""
    now = town.clock.now()
    with town.database.session() as session:
        team = make_team(session, name, areas, now)
        member = make_user(session, f"สมาชิก {name}", (UserRole.TEAM_MEMBER,), now)
        join_team(session, member.id, team, "test", now)
        return str(team.id), sign_in(session, member.id, now)


def shown(text: str) -> set[str]:
    return {str(UUID(hex=found)) for found in re.findall(r'id="m([0-9a-f]{32})"', text)}


def test_a_member_takes_an_open_mission_and_nobody_elses_is_seen(town: Night, url: str) -> None:
    near, far = mission(town), mission(town, FAR + "01")
    (_, one), (_, two) = crew(town, "เรือ 1", "9311"), crew(town, "เรือ 2", VILLAGE[:6])
    assert shown(see(f"{url}/field", one)) == {str(near)}
    assert press(f"{url}/field/{near}", one, to="accepted").status_code == 200
    assert shown(see(f"{url}/field", two)) == set()
    late = press(f"{url}/field/{near}", two, to="accepted")
    assert (late.status_code, "ทีมอื่นหรือศูนย์รับไปแล้ว" in late.text) == (422, True)
    assert press(f"{url}/field/{far}", one, to="accepted").status_code == 422
    text = see(f"{url}/field", one)
    assert "งานของทีมเรา" in text and "สมาชิก เรือ 1" in text
    assert len(town.rows("SELECT 1 FROM mission_step")) == 1
    (entry,) = town.rows("SELECT actor FROM audit_entry WHERE action = 'mission.changed'")
    assert UUID(entry.actor) == town.rows("SELECT id FROM office_user WHERE name = 'สมาชิก เรือ 1'")[0].id


@pytest.mark.parametrize(
    ("lang", "heading", "why"),
    [
        pytest.param("th", "ยกเลิกแล้ว ไม่ต้องไป", "การเตือนหมดเวลา", id="thai"),
        pytest.param("en", "Called off: no need to go", "the alert expired", id="english"),
    ],
)
def test_a_team_on_its_way_reads_that_it_was_called_off_and_why(
    town: Night, url: str, lang: str, heading: str, why: str
) -> None:
    alert = uuid4()
    near = mission(town, alert_id=alert, kind=MissionKind.TELL_VILLAGE)
    (_, token), (_, other) = crew(town, "เรือ 1", "9311"), crew(town, "เรือ 2", "9311")
    press(f"{url}/field/{near}", token, to="accepted")
    press(f"{url}/field/{near}", token, to="en_route")
    assert heading not in see(f"{url}/field?lang={lang}", token)
    with town.database.session() as session:
        call_off(session, alert, "การเตือนหมดเวลา (the alert expired)", town.clock.now())
    text = see(f"{url}/field?lang={lang}", token)
    assert heading in text and f"<br>{why}</li>" in text and shown(text) == set()
    assert heading not in see(f"{url}/field?lang={lang}", other)
    assert heading in see(f"{url}/field?lang={lang}", town.officer())
    town.clock.forward(CALLED_OFF_STANDS)
    assert heading not in see(f"{url}/field?lang={lang}", token)


def test_a_page_that_is_cut_says_so(town: Night, url: str) -> None:
    for _ in range(ON_A_PAGE + 1):
        mission(town)
    _, token = crew(town, "เรือ 1", "9311")
    text = see(f"{url}/field", token)
    assert len(shown(text)) == ON_A_PAGE and f"แสดง {ON_A_PAGE} งานแรก" in text


def test_a_filter_by_place_opens_no_other_teams_area(town: Night, url: str) -> None:
    mission(town, FAR + "01")
    _, token = crew(town, "เรือ 1", "9311")
    assert shown(see(f"{url}/field?tambon={FAR}", token)) == set()


def test_an_officer_gives_a_mission_to_a_team_of_another_place(town: Night, url: str) -> None:
    far = mission(town, FAR + "01")
    team, token = crew(town, "เรือ 1", "9311")
    officer = town.officer()
    assert press(f"{url}/field/{far}/team", token, team=team).status_code == 422
    assert press(f"{url}/field/{far}/team", officer, team="no id").status_code == 422
    assert press(f"{url}/field/{far}/team", officer, team=team).status_code == 200
    assert shown(see(f"{url}/field", token)) == {str(far)}
    press(f"{url}/field/{far}/team", officer, team="")
    assert shown(see(f"{url}/field", token)) == set()


def test_what_was_typed_is_still_there_when_something_lacks(town: Night, url: str) -> None:
    near = mission(town)
    _, token = crew(town, "เรือ 1", "9311")
    for to in ("accepted", "en_route", "on_scene"):
        press(f"{url}/field/{near}", token, to=to)
    answer = press(f"{url}/field/{near}", token, to="done", outcome="พายายไปวัด", head_count="สาม")
    assert answer.status_code == 422 and ">พายายไปวัด</textarea>" in answer.text


def test_the_house_number_is_for_those_who_go_and_the_look_is_noted(town: Night, url: str) -> None:
    home = Household(
        id=uuid4(),
        village_code=VILLAGE,
        house_no_sealed=town.office.keyring.seal("12/7"),
        lat=7.61,
        lon=100.02,
    )
    with town.database.session() as session:
        session.add(home)
    near = mission(town, kind=MissionKind.VULNERABLE_HOME, household_id=home.id)
    (_, one), (_, two) = crew(town, "เรือ 1", "9311"), crew(town, "เรือ 2", "9311")
    assert "12/7" not in press(f"{url}/field/{near}/home", one).text  # not before it is theirs
    press(f"{url}/field/{near}", one, to="accepted")
    assert "12/7" not in see(f"{url}/field", one)
    asked = press(f"{url}/field/{near}/home", one).text
    assert "บ้านเลขที่ 12/7" in asked and "geo:7.61000,100.02000" in asked
    assert "12/7" not in press(f"{url}/field/{near}/home", two).text
    elsewhere = town.officer(UserRole.DUTY_OFFICER, name="อีกอำเภอ")
    town.rows("UPDATE office_user SET areas = '[\"9306\"]' WHERE name = 'อีกอำเภอ' RETURNING id")
    assert "12/7" not in press(f"{url}/field/{near}/home", elsewhere).text
    (entry,) = town.rows("SELECT data FROM audit_entry WHERE action = 'household.shown'")
    assert str(home.id) in entry.data and "12/7" not in entry.data


def test_a_member_without_a_team_is_told_whom_to_ask(town: Night, url: str) -> None:
    mission(town)
    token = town.officer(UserRole.TEAM_MEMBER)
    text = see(f"{url}/field", token)
    assert shown(text) == set() and "แจ้งศูนย์ให้จัดทีม" in text
    assert (
        requests.get(
            f"{url}/field", cookies={COOKIE: town.officer(UserRole.RELIEF_OFFICER)}, timeout=10
        ).status_code
        == 409
    )


def test_a_duty_officer_makes_a_team_and_hands_over_a_link(town: Night, url: str) -> None:
    officer, page = town.officer(), f"{url}/field/teams"
    assert press(page, officer, name="เรือ 9", areas=[]).status_code == 409
    assert press(page, officer, name="เรือ 9", areas=["930112", "9306"]).status_code == 200
    team = town.rows("SELECT id, areas FROM team")[0]
    assert team.areas == ["930112", "9306"]
    handed = press(f"{page}/{team.id}/members", officer, name="นายเรือ").text
    code = " ".join(re.findall(r'<span class="name">(\d{4})</span>', handed))
    entered = requests.post(f"{url}/sign-in/code", data={"code": code}, timeout=10, allow_redirects=False)
    token = entered.cookies[COOKIE]
    assert "เรือ 9" in see(f"{url}/field", token)
    member = town.rows("SELECT id FROM office_user WHERE name = 'นายเรือ'")[0].id
    press(f"{page}/members/{member}/end", officer)
    assert requests.get(f"{url}/field", cookies={COOKIE: token}, timeout=10).status_code == 401
    press(f"{page}/members/{member}/leave", officer)
    assert "รับ นายเรือ เข้าทีม" in see(page, officer)


@pytest.mark.parametrize("act", ["link", "end", "leave"])
def test_the_page_of_teams_opens_no_door_of_the_office(town: Night, url: str, act: str) -> None:
    town.officer(UserRole.ADMINISTRATOR, UserRole.TEAM_MEMBER, name="ผู้ดูแล")
    boss = town.rows("SELECT id FROM office_user WHERE name = 'ผู้ดูแล'")[0].id
    answer = press(f"{url}/field/teams/members/{boss}/{act}", town.officer())
    assert answer.status_code == 409 and "/sign-in/" not in answer.text


def test_a_member_makes_no_teams(town: Night, url: str) -> None:
    team, token = crew(town, "เรือ 1", "9311")
    for path, form in (("", {"name": "x", "areas": "9311"}), (f"/{team}/areas", {"areas": "9306"}), (f"/{team}/down", {}),
                       (f"/{team}/members", {"name": "x"})):  # fmt: skip
        assert press(f"{url}/field/teams{path}", token, **form).status_code == 409, path
    assert see(f"{url}/field/teams", token).count("นายเรือ") == 0
    assert [tuple(r) for r in town.rows("SELECT areas, active FROM team")] == [(["9311"], True)]


def test_a_newcomer_opens_the_field_as_a_team_in_the_demo_only(town: Night, url: str) -> None:
    assert requests.get(f"{url}/demo/team", timeout=10).status_code == 404
    near = mission(town)
    with served(town, make_app(town.office, demo=True)) as demo, requests.Session() as visitor:
        first = requests.Session().get(
            f"{demo}/demo/team", timeout=10
        )  # the address that was printed, opened straight away
        assert "ทีมเรือ 1" in first.text and shown(first.text) == {str(near)}
        assert "ดูแบบทีมภาคสนาม" in visitor.get(f"{demo}/field", timeout=10).text
        field = visitor.get(f"{demo}/demo/team", timeout=10)
        assert field.url == f"{demo}/field" and shown(field.text) == {str(near)}
        assert "ทีมเรือ 1" in field.text
        assert visitor.get(f"{demo}/relay", timeout=10).status_code == 403
        out = visitor.post(f"{demo}/sign-out", data={"csrf": csrf_of(visitor.cookies[COOKIE])}, timeout=10)
        assert out.url == f"{demo}/" and visitor.get(f"{demo}/relay", timeout=10).status_code == 200
