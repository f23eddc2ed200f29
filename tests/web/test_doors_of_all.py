"""Every address of the office: a stranger gets nothing, the wrong role is told which is needed. A new address must be named here."""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.warning.town import VILLAGE
from tests.web.paper_office import night, served
from warning.accounts.user import ROLE_WORDS, UserRole, csrf_of
from warning.clock import HandClock
from warning.store.database import Database
from warning.web.render import COOKIE
from warning.web.routers import ROUTERS

DUTY, APPROVER, RELIEF = UserRole.DUTY_OFFICER, UserRole.APPROVER, UserRole.RELIEF_OFFICER
ADMIN, TEAM = UserRole.ADMINISTRATOR, UserRole.TEAM_MEMBER
BOTH = {DUTY, APPROVER}
OFFICE = set(UserRole) - {TEAM}
ANYBODY = re.compile(
    r"/(healthz|sign-in.*|sign-out|api/v1/(alerts.*|coverage|blind)|pa/clips/.*|h/.*|now.*|water.*|map|archive|status|cap\.\w+"
    r"|exercise\.\w+|push.*|a|a/.*|check|gaps|)"
)
# The first that matches. Who may; everybody else is told what is lacking.
MAY: list[tuple[str, set[UserRole]]] = [
    (r"/users.*", {ADMIN}),
    (r"POST /alerts/[^/]+/(approve|reject|review|follow-up|edit|voices|broadcast.*|door-knock.*)", BOTH),
    (r"/alerts/[^/]+/(edit|broadcast.*|door-knock.*)", BOTH),
    (r"/alerts/[^/]+/coverage.*", {*BOTH, RELIEF}),
    (r"/clips/(sound|alert)/.*", OFFICE),
    (r"/clips.*", {DUTY, ADMIN}),
    (r"/towers.*", {DUTY, ADMIN}),
    (r"/field/teams.*", {DUTY, ADMIN}),
    (r"/field.*", {*BOTH, TEAM}),
    (r"POST /gaps/open", {RELIEF, DUTY}),
    (r"/gaps/.*", {RELIEF}),
    (r"POST /story/.*", {RELIEF}),
    (r"/story/.*", {RELIEF, DUTY}),
    (r"/people", OFFICE),
    (r"/people/(households|person).*", {DUTY, RELIEF}),
    (r"/people/.*", BOTH),
    (r"/(relay|ways|translations|undelivered|compose).*", BOTH),
    (r"POST /(silences|voices).*", BOTH),
    (r"/(silences|voices|gauges|live|console/now|alerts/[^/]+(/why)?)", OFFICE),
]


def doors() -> Iterator[tuple[str, str, set[UserRole]]]:
    """(method, address, who may) of all that is not for anybody."""
    for route in (route for router in ROUTERS for route in router.routes):
        path, (method,) = route.path, route.methods - {"HEAD"}  # type: ignore[attr-defined]
        if ANYBODY.fullmatch(path) and (method, path) != ("POST", "/gaps/open"):
            continue
        asked = (f"{method} {path}", path)
        found = next((who for pattern, who in MAY if any(re.fullmatch(pattern, a) for a in asked)), None)
        assert found is not None, f"{method} {path}: say in this table who may"
        real = re.sub(r"{village}", VILLAGE, re.sub(r"{(nth|name|key|act)}", "1", path))
        yield method, re.sub(r"{\w+}", "00000000-0000-4000-8000-000000000000", real), found


# What a route wants before it looks at who asks; anything that may be read.
FORM = {
    "name": "x",
    "step": "rung",
    "by": "x",
    "roles": "duty_officer",
    "kind": "update",
    "level": "3",
    "hours": "1",
}
FORM_FIRST = ("/compose", "/voices")  # a form that is none is refused before anybody asks who sends it


@pytest.mark.parametrize("role", [None, *UserRole], ids=str)
def test_every_door_is_shut_to_whoever_has_no_key(
    database: Database, clock: HandClock, role: UserRole | None
) -> None:
    town = night(database, clock)
    token = town.officer(role) if role else ""
    open_to_wrong: list[str] = []
    with served(town) as url, requests.Session() as wire:
        if role:
            wire.cookies[COOKIE] = token
        for method, path, may in doors():
            if role in may or path == "/live":
                continue
            body = {**FORM, "csrf": csrf_of(token)} if role else FORM
            answer = wire.request(
                method,
                f"{url}{path}?lang=en",
                data=body if method == "POST" else None,
                timeout=10,
                allow_redirects=False,
            )
            shut = (
                answer.status_code == 401 if role is None
                else answer.status_code == 403 if role is TEAM and not path.startswith(("/field", "/gaps"))
                else (answer.status_code == 422 and path.endswith(FORM_FIRST))
                or (answer.status_code == 409 and "needs the role" in answer.text)
            )  # fmt: skip
            if not shut:
                open_to_wrong.append(f"{method} {path}: {answer.status_code}")
    assert open_to_wrong == []


def test_a_form_of_another_site_presses_nothing(database: Database, clock: HandClock) -> None:
    town = night(database, clock)
    token = town.officer(*OFFICE)
    with served(town) as url, requests.Session() as wire:
        wire.cookies[COOKIE] = token
        pressed = [
            (path, wire.post(f"{url}{path}?lang=en", data=FORM, timeout=10).text)
            for method, path, _ in doors()
            if method == "POST"
        ]
    assert [path for path, text in pressed if "this form is old" not in text] == []


def test_who_goes_out_sees_what_anybody_sees(database: Database, clock: HandClock) -> None:
    town = night(database, clock)
    token = town.officer(TEAM)
    with served(town) as url:
        for path in (
            "/now",
            f"/now/{VILLAGE}",
            "/water",
            "/map",
            "/archive",
            "/status",
            "/check",
            "/cap.atom",
        ):
            assert requests.get(f"{url}{path}", cookies={COOKIE: token}, timeout=10).status_code == 200, path


def test_every_role_has_a_word() -> None:
    assert set(ROLE_WORDS) == set(UserRole)
