"""The field on a phone as it is seen: large text, Thai and English; a press without network says so and loses nothing."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from geo.people import Household
from teams.response.mission import MissionKind, MissionState
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.test_field import crew, mission
from tests.web.test_pages_seen import AXE, SHOTS, browser, opened
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database

__all__ = ["browser"]  # the fixture
pytestmark = pytest.mark.service


@pytest.fixture
def town(database: Database, clock: HandClock) -> Iterator[Night]:
    made = night(database, clock)
    made.contacts()
    yield made


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_pages_of_the_field_and_of_users_can_be_read(
    town: Night, browser: Any, size: str, lang: str
) -> None:
    with town.database.session() as session:
        home = Household(id=uuid4(), village_code=VILLAGE, house_no_sealed=town.office.keyring.seal("12/7"))
        session.add(home)
    team, member = crew(town, "ทีมเรือเร็วเทศบาลตำบลบ้านนา 1", "9311", "930112")
    mission(
        town, kind=MissionKind.TELL_VILLAGE, team_id=UUID(team), state=MissionState.CANCELLED,
        outcome="แทนด้วย ฝึก-พท-2569-0013 (replaced by EX-PT-2569-0013)",
    )  # fmt: skip
    kept = mission(town, kind=MissionKind.VULNERABLE_HOME, household_id=home.id, priority=2, people=2)
    mission(town), mission(town, people=4)
    officer = town.officer(UserRole.DUTY_OFFICER, UserRole.ADMINISTRATOR)
    SHOTS.mkdir(exist_ok=True)
    wrong: list[str] = []
    with served(town) as url:
        page = opened(browser, url, member, size)
        page.on(
            "console",
            lambda said: wrong.append(said.text) if said.type == "error" and "404" not in said.text else None,
        )

        def look(name: str) -> None:
            if size == "phone":
                page.evaluate("document.documentElement.style.fontSize = '146%'")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SHOTS / f"{name}-{size}-{lang}.png", full_page=True)
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 0:
                wrong.append(f"{name} is {wide} px too wide")
            if AXE.exists():
                page.evaluate(AXE.read_text())
                found = page.evaluate(
                    "axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"
                )
                wrong.extend(f"{name}: {violation}" for violation in found)

        page.goto(f"{url}/field?lang={lang}")
        for to in (MissionState.ACCEPTED, MissionState.EN_ROUTE, MissionState.ON_SCENE):
            page.locator(f"#m{kept.hex} button[value={to.value}]").click()
            page.wait_for_url("**done=" + to.value)
        page.locator(f"#m{kept.hex} form[action*=home] button").click()
        page.locator("#home").wait_for()
        page.locator(f"#m{kept.hex} summary").click()
        look("field-member")
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "raksa_session", "value": officer, "url": url}])
        page.goto(f"{url}/field?lang={lang}")
        look("field-officer")
        page.goto(f"{url}/field/teams?lang={lang}")
        page.locator("summary").first.click()
        page.locator("input[name=name]").first.fill("นายสมมุติ")
        page.locator("form[action$=members] button").first.click()
        page.locator("#handed").wait_for()
        look("field-teams")
        page.goto(f"{url}/users?lang={lang}")
        page.locator("summary").first.click()
        look("users")
        page.goto(f"{url}/sign-in?lang={lang}")
        look("sign-in")
        assert wrong == []


@pytest.mark.parametrize(
    "closed", [pytest.param(False, id="page-open"), pytest.param(True, id="page-closed-and-opened")]
)
def test_a_press_without_network_says_so_and_is_sent_by_itself(
    town: Night, browser: Any, closed: bool
) -> None:
    _, member = crew(town, "เรือ 1", "9311")
    near = mission(town)
    with served(town) as url:
        page = opened(browser, url, member, "phone")
        page.goto(f"{url}/field")
        box = page.locator(f"#m{near.hex}")
        for to in ("accepted", "en_route", "on_scene"):
            box.locator(f"button[value={to}]").click()
            page.wait_for_url(f"**done={to}")
        page.context.set_offline(True)
        page.locator("[data-offline]").wait_for()
        box.locator("textarea").fill("พายายไปวัดนาท่อม")
        box.locator("input[name=head_count]").fill("3")
        box.locator("button[value=done]").click()
        box.get_by_text("ยังไม่ส่ง: เสร็จสิ้น").wait_for()
        SHOTS.mkdir(exist_ok=True)
        page.evaluate("document.documentElement.style.fontSize = '146%'")
        page.screenshot(path=SHOTS / "field-waiting-phone-th.png")
        assert box.locator("textarea").input_value() == "พายายไปวัดนาท่อม"
        assert town.rows("SELECT state FROM mission")[0].state == "ON_SCENE"
        if closed:
            page.close()  # the phone was put away in between
        page.context.set_offline(False)
        if closed:
            page = page.context.new_page()
            page.goto(f"{url}/field")
        page.wait_for_url("**done=done")  # nobody pressed again
        assert page.evaluate("localStorage.length") == 0  # words about people stay no longer than needed
    assert tuple(town.rows("SELECT state, outcome, head_count FROM mission")[0]) == (
        "DONE",
        "พายายไปวัดนาท่อม",
        3,
    )


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param("asked", id="the-office-cannot-now"),
        pytest.param("answered", id="the-answer-is-lost"),
    ],
)
def test_a_press_that_was_not_answered_is_sent_again_and_counts_once(
    town: Night, browser: Any, lost: str
) -> None:
    _, member = crew(town, "เรือ 1", "9311")
    near = mission(town)
    tries: list[str] = []
    held: list[Any] = []  # the second try, until what the first one left on the page was seen

    def first_is_lost(route: Any) -> None:
        tries.append(route.request.post_data)
        if len(tries) > 1:
            return held.append(route)
        if lost == "asked":
            return route.fulfill(status=503, body="later")
        route.fetch(max_redirects=0)
        return route.abort()

    with served(town) as url:
        page = opened(browser, url, member, "phone")
        page.goto(f"{url}/field")
        page.route(f"**/field/{near}", first_is_lost)
        page.locator(f"#m{near.hex} button[value=accepted]").click()
        page.get_by_text("ยังไม่ส่ง: ทีมเรารับงานนี้").wait_for()
        while not held:
            page.wait_for_timeout(50)
        held.pop().continue_()
        page.wait_for_url("**done=accepted")
    assert len(tries) == 2
    assert len(town.rows("SELECT 1 FROM mission_step")) == 1


def test_presses_are_sent_only_by_whose_they_are(town: Night, browser: Any) -> None:
    """A phone handed on: the next member's session sends nothing of the one before."""
    (_, one), (_, two) = crew(town, "เรือ 1", "9311"), crew(town, "เรือ 2", "9311")
    near = mission(town)
    with served(town) as url:
        page = opened(browser, url, one, "phone")
        page.goto(f"{url}/field")
        page.context.set_offline(True)
        page.locator(f"#m{near.hex} button[value=accepted]").click()
        page.get_by_text("ยังไม่ส่ง: ทีมเรารับงานนี้").wait_for()
        page.context.clear_cookies()  # before the page goes: its last try may still leave, a browser at its end is online
        page.goto("about:blank")
        for token, state in ((two, "REQUESTED"), (one, "ACCEPTED")):
            page.context.clear_cookies()
            page.context.add_cookies([{"name": "raksa_session", "value": token, "url": url}])
            page.context.set_offline(False)
            again = page.context.new_page()
            again.goto(f"{url}/field", wait_until="networkidle")
            if token == one:
                again.wait_for_url("**done=accepted")
            assert town.rows("SELECT state FROM mission")[0].state == state


def test_when_another_team_was_quicker_the_phone_says_so(town: Night, browser: Any) -> None:
    (_, one), (team, _) = crew(town, "เรือ 1", "9311"), crew(town, "เรือ 2", "9311")
    near = mission(town)
    with served(town) as url:
        page = opened(browser, url, one, "phone")
        page.goto(f"{url}/field")
        town.rows("UPDATE mission SET team_id = CAST(:t AS uuid) RETURNING id", t=team)
        page.locator(f"#m{near.hex} button[value=accepted]").click()
        page.get_by_text("ทีมอื่นหรือศูนย์รับไปแล้ว").wait_for()
