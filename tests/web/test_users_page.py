"""The page of users, pressed over real HTTP, and how a member of a team comes in: the field and nothing else."""

import re
from collections.abc import Iterator

import pytest
import requests
from sqlmodel import select

from tests.web.paper_office import Night, night, served
from warning.accounts.user import User, UserRole, csrf_of
from warning.clock import HandClock
from warning.store.database import Database
from warning.web.field.gate import OPEN
from warning.web.render import COOKIE
from warning.web.routers import ROUTERS


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def press(url: str, token: str | None, **form: object) -> requests.Response:
    given = {"csrf": csrf_of(token), **form} if token else form
    return requests.post(url, data=given, cookies={COOKIE: token} if token else None, timeout=10)


def see(url: str, token: str | None = None, *, follow: bool = True) -> requests.Response:
    return requests.get(url, cookies={COOKIE: token} if token else None, timeout=10, allow_redirects=follow)


def id_of(town: Night, name: str) -> str:
    with town.database.session() as session:
        return str(session.exec(select(User).where(User.name == name)).one().id)


def test_an_administrator_shuts_somebody_out_and_lets_them_in_again(town: Night, url: str) -> None:
    boss, officer = town.officer(UserRole.ADMINISTRATOR, name="ผู้ดูแล"), town.officer(name="เวร")
    at = f"{url}/users/{id_of(town, 'เวร')}"
    assert see(f"{url}/relay", officer).status_code == 200
    assert "เข้าใช้อยู่ 1 เครื่อง" in see(f"{url}/users", boss).text
    assert press(f"{at}/deactivate", boss).status_code == 200
    assert see(f"{url}/relay", officer).status_code == 401
    assert press(f"{at}/link", boss).status_code == 409
    press(f"{at}/reactivate", boss)
    assert see(f"{url}/relay", officer).status_code == 401
    link = re.search(r"http://[^\s<]*/sign-in/[\w-]+", press(f"{at}/link", boss).text)
    assert link
    entered = requests.post(url + link[0].partition("127.0.0.1")[2], timeout=10, allow_redirects=False)
    assert see(f"{url}/relay", entered.cookies[COOKIE]).status_code == 200


def test_the_last_administrator_is_told_why_not(town: Night, url: str) -> None:
    boss = town.officer(UserRole.ADMINISTRATOR, name="ผู้ดูแล")
    at = f"{url}/users/{id_of(town, 'ผู้ดูแล')}"
    for act, form in (("deactivate", {}), ("roles", {"roles": ["approver"]})):
        answer = press(f"{at}/{act}", boss, **form)
        assert (answer.status_code, "ผู้ดูแลระบบคนสุดท้าย" in answer.text) == (409, True)
    assert see(f"{url}/users", boss).status_code == 200


def test_roles_change_with_the_next_request(town: Night, url: str) -> None:
    boss, officer = town.officer(UserRole.ADMINISTRATOR, name="ผู้ดูแล"), town.officer(name="เวร")
    press(f"{url}/users/{id_of(town, 'เวร')}/roles", boss, roles=["relief_officer"])
    assert see(f"{url}/relay", officer).status_code == 409


@pytest.mark.parametrize("act", ["deactivate", "reactivate", "end", "roles", "link"])
def test_only_an_administrator_presses(town: Night, url: str, act: str) -> None:
    duty = town.officer(UserRole.DUTY_OFFICER, UserRole.APPROVER, name="เวร")
    assert press(f"{url}/users/{id_of(town, 'เวร')}/{act}", duty, roles=["administrator"]).status_code == 409
    assert town.rows("SELECT roles FROM office_user WHERE active")[0].roles == ["approver", "duty_officer"]


def member(town: Night, url: str) -> requests.Response:
    """Signed in with the code that the page shows, typed as it was heard."""
    boss = town.officer(UserRole.ADMINISTRATOR)
    page = press(f"{url}/users", boss, name="สมาชิก", roles=["team_member"]).text
    code = " ".join(re.findall(r'<span class="name">(\d{4})</span>', page))
    assert len(code) == 19
    return requests.post(f"{url}/sign-in/code", data={"code": code}, timeout=10, allow_redirects=False)


def test_a_code_heard_by_phone_signs_in_once_for_a_week(town: Night, url: str) -> None:
    entered = member(town, url)
    assert "Max-Age=604800" in entered.headers["Set-Cookie"]
    assert see(f"{url}/", entered.cookies[COOKIE], follow=False).headers["Location"] == "/field"
    wrong = requests.post(f"{url}/sign-in/code", data={"code": "1234"}, timeout=10)
    assert wrong.status_code == 409 and 'name="code"' in wrong.text


def pages() -> list[str]:
    """Every address of the platform that takes a GET, whoever adds it; a blank is filled with an id."""
    found = {route.path for router in ROUTERS for route in router.routes if "GET" in route.methods}  # type: ignore[attr-defined]
    blank = re.compile(r"\{[^}]*\}")
    return sorted(blank.sub("00000000-0000-4000-8000-000000000000", path) for path in found)


def test_a_member_sees_the_field_and_what_anybody_sees_and_nothing_else(town: Night, url: str) -> None:
    token = member(town, url).cookies[COOKIE]
    asked = pages()
    assert len(asked) > 20
    for path in asked:
        mine = see(url + path, token, follow=False)
        if path == "/field" or path.startswith(("/field/", "/sign-in")):
            continue
        shut = mine.status_code in (303, 401, 403, 404, 409)
        same = mine.status_code == see(url + path, follow=False).status_code and path.startswith(OPEN)
        assert shut or same, path
    for path in ("/compose", "/relay", "/live", "/console/now", "/users"):
        assert see(url + path, token).status_code == 403, path


def test_a_member_presses_nothing_of_the_office(town: Night, url: str) -> None:
    alert = town.flood()
    token = member(town, url).cookies[COOKIE]
    for path in ("/compose", f"/alerts/{alert.id}/cancel", f"/relay/{alert.id}/93011201/take", "/users"):
        assert press(url + path, token).status_code == 403, path


def test_an_area_is_set_and_taken_back(town: Night, url: str) -> None:
    boss = town.officer(UserRole.ADMINISTRATOR, name="ผู้ดูแล")
    town.officer(name="เวร")
    at = f"{url}/users/{id_of(town, 'เวร')}/areas"
    press(at, boss, areas=["9306", "930605"])  # a tambon of an amphoe that is there itself is left out
    assert town.rows("SELECT areas FROM office_user WHERE name = 'เวร'")[0].areas == ["9306"]
    assert "เห็นข้อมูลคนใน: อ.ปากพะยูน" in see(f"{url}/users", boss).text
    assert press(at, boss, areas=["1234"]).status_code == 409
    press(at, boss)
    assert town.rows("SELECT areas FROM office_user WHERE name = 'เวร'")[0].areas is None
