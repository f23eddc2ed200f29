"""The gap list and a home's story over real HTTP: every exposed home on one line, and exact only for who may see it."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from teams.response.mission import Mission, MissionKind, MissionState
from tests.warning.town import TAMBON, VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database

FIGURE = r'<td role="cell" class="num[^"]*" data-label="[^"]*">([^<]*)</td>'


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def test_gaps_are_exact_for_the_officer_and_coarse_for_others(town: Night, url: str) -> None:
    homes = town.people([None, None, None])
    alert = town.flood()
    token = town.officer(UserRole.RELIEF_OFFICER)
    assert press(f"{url}/gaps/open", token, alert=str(alert.id)).status_code == 200
    exact, public = see(f"{url}/gaps", token).text, see(f"{url}/gaps").text
    figures = re.findall(FIGURE, exact.split("<tfoot")[1])
    assert figures[0] == "3" and sum(int(f.replace(",", "").replace("–", "0")) for f in figures[1:-1]) == 3
    assert "&lt;5" in public and not re.search(FIGURE.replace("[^<]*", "[1-4]"), public)
    assert f"/story/{homes[0]}" in see(f"{url}/gaps/{_event(town)}/{VILLAGE}", token).text
    assert see(f"{url}/gaps/{_event(town)}/{VILLAGE}").status_code == 401


def test_the_gap_list_shows_gaps_not_zeros(town: Night, url: str) -> None:
    """Columns nobody stands in are named beneath; a zero is dim, a gap is marked."""
    town.people([None, None, None])
    alert = town.flood()
    token = town.officer(UserRole.RELIEF_OFFICER)
    press(f"{url}/gaps/open", token, alert=str(alert.id))
    page = see(f"{url}/gaps", token, lang="en").text
    assert "<strong>3</strong> Exposed" in page.split("<thead")[0]  # the whole event before its villages
    head, body = page.split("<thead")[1].split("</thead>")[0], page.split("<tbody")[1].split("</tbody>")[0]
    for gone in ("Paid", "Closed", "rejected but strong exposure"):
        assert gone not in head and f'<span class="name">{gone}</span>' in page.split("</table>")[1], gone
    assert "exposed, no claim" in head and "Exposed" in head
    marks = set(re.findall(r'class="num([^"]*)" data-label="exposed, no claim">([^<]*)<', body))
    assert marks == {(" open", "3"), (" none", "–")}


def test_homes_of_unknown_village_stand_on_their_own_line(town: Night, url: str) -> None:
    (home, lost) = town.people([None, None])
    for code, said in ((f"{TAMBON}88", "ไม่รู้หมู่บ้าน"), ("", "ไม่รู้ตำบล")):
        town.rows("UPDATE household SET village_code = :c WHERE id = :h RETURNING 1", c=code, h=lost)
        if not town.rows("SELECT 1 FROM disaster_event"):
            alert, token = town.flood(), town.officer(UserRole.RELIEF_OFFICER)
            press(f"{url}/gaps/open", token, alert=str(alert.id))
        else:
            mission = Mission(
                id=uuid4(), mode="exercise", alert_id=alert.id, kind=MissionKind.RESCUE, state=MissionState.DONE, priority=1,
                village_code="", household_id=lost, why="", requested_at=alert.issued_at, due_at=alert.issued_at,
                changed_at=alert.issued_at,
            )  # fmt: skip
            with town.database.session() as session:
                session.add(mission)
        line = f"{TAMBON}00" if code else "00000000"
        assert said in see(f"{url}/gaps", token).text
        listed = see(f"{url}/gaps/{_event(town)}/{line}", token).text
        assert said in listed and f"/story/{lost}" in listed and f"/story/{home}" not in listed
        told = see(f"{url}/story/{lost}", token).text
        assert said in told and 'id="relief"' in told  # its claim can be filed


def _event(town: Night) -> str:
    return str(town.rows("SELECT id FROM disaster_event")[0].id)


def test_a_home_has_its_story_and_the_look_is_recorded(town: Night, url: str) -> None:
    (home,) = town.people(["+66890001111"])
    alert = town.flood()
    told = see(f"{url}/story/{home}", town.officer(UserRole.RELIEF_OFFICER)).text
    for said in (alert.number, "18.9", "ออกการเตือน", "ส่งถึง"):
        assert said in told, said
    assert "ม.รทก." in told and "(water level" not in told  # with its unit, in one language
    assert "+6689" not in told
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'story.read'")) == 1
    assert see(f"{url}/story/{home}").status_code == 401
