"""The form of a draft over real HTTP and in a real browser: nobody approves what they have not read."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.services.require import missing, require
from tests.warning.town import TAMBON
from tests.web.paper_office import Night, night, served
from tests.web.test_console_seen import draft
from tests.web.test_pages_seen import ARGS, SHOTS, opened
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.alert import Alert, AlertState, ApprovalPolicy
from warning.clock import HandClock
from warning.config import ApprovalSettings
from warning.fault import note
from warning.seen import remember_change, seen_of
from warning.store.database import Database
from warning.web.assets import STATIC
from warning.words.sentences import number_text
from warning.writing import write

OTHER = "930605"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


@pytest.fixture
def browser() -> Iterator[Any]:
    chromium_path = require("chromium")
    if not (STATIC / ".vite" / "manifest.json").exists():
        missing("the pages are not built (make setup)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=chromium_path, args=ARGS)
        yield chromium
        chromium.close()


def test_the_plan_says_of_which_day_its_assumptions_are_as_people_write_it(town: Night, url: str) -> None:
    town.people(["+66810000001"])
    draft(town)
    token = town.officer()
    assert "(23 พ.ย. 2569)" in see(url, token).text
    assert "(23 Nov 2026)" in see(url, token, lang="en").text


def grows(town: Night, alert: Alert) -> None:
    """As the rule makes it grow."""
    town.clock.forward(timedelta(minutes=2))
    with town.database.session() as session:
        kept = session.get_one(Alert, alert.id)
        before = seen_of(kept)
        kept.tambons, kept.changed_at = [*kept.tambons, OTHER], town.clock.now()
        write(session, kept, town.office)
        remember_change(kept, before, [OTHER], town.clock.now())


def seen_on(text: str) -> str:
    (found,) = set(re.findall(r'name="seen" value="([0-9a-f]+)"', text))
    return found


def state(town: Night, alert_id: UUID) -> AlertState:
    with town.database.session() as session:
        return session.get_one(Alert, alert_id).state


@pytest.mark.parametrize("button", ["approve", "reject"])
def test_a_form_of_an_older_version_decides_nothing(town: Night, url: str, button: str) -> None:
    alert, token = draft(town), town.officer()
    seen = seen_on(see(url, token).text)
    grows(town, alert)
    for old in (seen, "", "0" * 16):
        answer = press(f"{url}/alerts/{alert.id}/{button}", token, seen=old, why="no")
        assert answer.status_code == 409 and "ร่างเปลี่ยนไปแล้วตั้งแต่ท่านเปิดหน้านี้ โปรดอ่านใหม่แล้วกดอีกครั้ง" in answer.text
    assert state(town, alert.id) is AlertState.DRAFT
    answer = press(f"{url}/alerts/{alert.id}/{button}", token, seen=seen_on(see(url, token).text), why="no")
    assert answer.ok and state(town, alert.id) is not AlertState.DRAFT


def test_the_live_part_of_the_page_keeps_the_version_that_was_read(town: Night, url: str) -> None:
    alert, token = draft(town), town.officer()
    page = see(url, token).text
    (read,) = re.findall(r'data-read="([^"]+)"', page)
    assert read == f"{alert.id}:{seen_on(page)}"
    unchanged = see(f"{url}/console/now", token, read=read).text
    assert seen_on(unchanged) == seen_on(page) and "หลังจากท่านเปิดหน้านี้" not in unchanged
    grows(town, alert)
    for _ in range(2):  # and it stays marked, however often the page looks
        swapped = see(f"{url}/console/now", token, read=read).text
        assert "เปลี่ยนเมื่อ 02:02 หลังจากท่านเปิดหน้านี้" in swapped and "/approve" not in swapped
        (read,) = re.findall(r'data-read="([^"]+)"', swapped)
    opened_anew = see(url, token).text
    assert "หลังจากท่านเปิดหน้านี้" not in opened_anew and "เปลี่ยนเมื่อ 02:02:" in opened_anew
    assert seen_on(opened_anew) != seen_on(page)


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_drafts_words_keep_its_number_in_one_piece(town: Night, url: str, lang: str) -> None:
    draft(town)
    text = see(url, town.officer(), lang=lang).text.split("data-draft=")[1].split("</article>")[0]
    number = number_text("ฝึก-พท-2569-0031", lang)
    whole = text.count(f'<span class="name">{number}</span>')
    assert whole >= 4  # line of facts, SMS, read-aloud script or LINE, and the instruction
    assert f'<span class="name">{number}' in text.split("<blockquote")[1].split("</blockquote>")[0]


@pytest.mark.parametrize(
    "read", ["", "x", "x:y,", "00000000-0000-0000-0000-000000000000:0123456789abcdef", "a:b," * 99]
)
def test_nonsense_in_the_address_is_a_first_look(town: Night, url: str, read: str) -> None:
    draft(town)
    assert seen_on(see(f"{url}/console/now", town.officer(), read=read).text)


def test_a_void_first_approval_is_told_and_asked_for_again(town: Night, url: str) -> None:
    alert = draft(town)
    with town.database.session() as session:
        session.get_one(Alert, alert.id).approval = ApprovalPolicy.TWO_PERSON
    first, second = town.officer(name="นางแรก"), town.officer(name="นายสอง")
    where = f"{url}/alerts/{alert.id}/approve"
    assert press(where, first, seen=seen_on(see(url, first).text)).ok
    assert "ท่านอนุมัติแล้ว รอคนที่สอง" in see(url, first).text
    waiting = see(url, second).text
    assert "นางแรก อนุมัติแล้ว 02:00" in waiting and "คำอนุมัติของ" not in waiting
    grows(town, alert)
    void = see(url, second).text
    assert "คำอนุมัติของ นางแรก (02:00) ไม่นับแล้ว" in void and "ต้องอีก 2 คน" in void
    assert press(where, second, seen=seen_on(void)).ok
    assert state(town, alert.id) is AlertState.DRAFT
    assert press(where, first, seen=seen_on(see(url, first).text)).ok
    assert state(town, alert.id) is AlertState.APPROVED


def test_a_draft_whose_time_is_over_has_no_button_but_to_put_it_away(town: Night, url: str) -> None:
    alert, token = draft(town), town.officer()
    town.clock.forward(timedelta(hours=7))
    text = see(url, token).text
    assert "ร่างนี้หมดเวลาแล้ว" in text and "/approve" not in text
    assert press(f"{url}/alerts/{alert.id}/reject", token, seen=seen_on(text), why="old").ok


def test_who_is_overtaken_is_told_on_the_page(town: Night, url: str) -> None:
    town.office.config.approval = ApprovalSettings()  # type: ignore[misc]
    alert, token = town.flood(), town.officer()
    for kind in ("update", "cancel", "cancel"):  # the second press of one button is the draft that waits
        assert press(f"{url}/alerts/{alert.id}/follow-up", token, kind=kind).ok
    drafts = dict(tuple(r) for r in town.rows("SELECT kind, id FROM alert WHERE state = 'DRAFT'"))
    assert set(drafts) == {"update", "cancel"}
    with town.database.session() as session:  # the Update says something new: two hours later
        session.get_one(Alert, drafts["update"]).water_by = town.clock.now() + timedelta(hours=3)
    page = see(url, town.officer(name="อีกคน")).text
    seen = re.search(rf'/alerts/{drafts["update"]}/approve.*?name="seen" value="(\w+)"', page, re.S)
    assert seen is not None
    assert press(f"{url}/alerts/{drafts['update']}/approve", town.officer(name="อีกคน"), seen=seen[1]).ok
    told = see(url, token, lang="en").text
    assert "was approved first. If it is still wanted, draft it from" in told
    assert state(town, drafts["cancel"]) is AlertState.REJECTED


@pytest.mark.parametrize(("failing", "told"), [(2, "2 ชิ้น: ValueError: no"), (60, "50+ ชิ้น: ValueError: no")])
def test_a_failing_step_is_one_line_with_its_count(town: Night, url: str, failing: int, told: str) -> None:
    with town.database.session() as session:
        for n in range(failing):
            note(session, "step deliver", "ValueError: no", town.clock.now(), str(n))
    text = see(url, town.officer()).text
    assert text.count("ขั้นตอน deliver ทำไม่สำเร็จ") == 1 and told in text


@pytest.mark.service
@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("script", [True, False], ids=["live", "no-script"])
def test_a_draft_that_changes_under_the_finger(
    town: Night, browser: Any, size: str, lang: str, script: bool
) -> None:
    alert, token = draft(town), town.officer(UserRole.APPROVER)
    SHOTS.mkdir(exist_ok=True)
    with served(town) as url:
        page = opened(browser, url, token, size, script=script)
        page.goto(f"{url}/?lang={lang}")
        assert page.locator("#drafts .button.send").is_visible()
        grows(town, alert)
        if not script:  # what the page asks of the browser every ten seconds
            (address,) = re.findall(r'content="10;url=([^"]+)"', page.content())
            page.goto(url + address.replace("&amp;", "&"))
        page.locator("#drafts .changed").wait_for(timeout=10_000)
        assert page.locator("#drafts .button.send").count() == 0
        told = page.locator("#drafts .changed").inner_text()
        assert "02:02" in told and ("after you opened" in told if lang == "en" else "หลังจากท่านเปิด" in told)
        page.locator("#drafts").screenshot(path=SHOTS / f"draft-changed-{size}-{lang}.png")
        page.wait_for_timeout(900)  # the swapped card takes no press at first
        page.locator("#drafts .buttons a.button").click()
        page.locator("#drafts .button.send").click()
        page.wait_for_load_state()
    assert state(town, alert.id) is AlertState.APPROVED
    assert TAMBON in alert.tambons
