"""The duty officer's page in a real browser: read by everybody at any size, moved by the office itself, stopped honestly."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.services.require import missing, require
from tests.warning.town import TAMBON
from tests.web.paper_office import Night, night, served
from tests.web.test_pages_seen import ARGS, AXE, SHOTS, SIZES, opened
from warning.accounts.user import UserRole
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode
from warning.clock import HandClock
from warning.observation import Latest, ObservationRow
from warning.store.database import Database
from warning.web.assets import STATIC
from warning.writing import write

pytestmark = pytest.mark.service
STATION = "X.170"  # a level gauge of the built-in list


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


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


def draft(town: Night, *, number: str = "ฝึก-พท-2569-0031") -> Alert:
    now = town.clock.now()
    alert = Alert(
        id=uuid4(), mode=Mode.EXERCISE, number=number, identifier=number, msg_type="Alert", kind="alert",
        event="flash_flood", severity="Severe", urgency="Immediate", certainty="Likely", response_type="Prepare",
        tambons=[TAMBON], approval=ApprovalPolicy.DUTY_OFFICER, rule="khlong", drafted_at=now - timedelta(minutes=7),
        changed_at=now, expires_at=now + timedelta(hours=6), untested=True,
    )  # fmt: skip
    with town.database.session() as session:
        write(session, alert, town.office)
    with town.database.session() as session:
        session.add(alert)
    return alert


def rising_water(town: Night) -> None:
    now = town.clock.now()
    with town.database.session() as session:
        for n in range(12):
            at = now - timedelta(minutes=10 * (11 - n))
            session.add(
                ObservationRow(source="test", station=STATION, quantity="water_level", observed_at=at, value=24.0 + n * 0.2,
                               unit="m", payload_id=uuid4())
            )  # fmt: skip
        session.add(
            Latest(source="test", station=STATION, quantity="water_level", value=26.2, unit="m", tambon=TAMBON, observed_at=now,
                   received_at=now, bank_m=25.2)
        )  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_read_by_everybody(town: Night, browser: Any, size: str, lang: str) -> None:
    town.flood()
    draft(town)
    rising_water(town)
    token = town.officer(UserRole.DUTY_OFFICER, UserRole.APPROVER)
    SHOTS.mkdir(exist_ok=True)
    with served(town) as url:
        page = opened(browser, url, token, size)
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: _stays(asked.url, url, wrong))
        page.goto(f"{url}/?lang={lang}")
        if size == "phone":
            page.evaluate("document.documentElement.style.fontSize = '130%'")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=SHOTS / f"console-{size}-{lang}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{wide} px too wide"] if wide > 0 else []
        if AXE.exists():
            page.evaluate(AXE.read_text(encoding="utf-8"))
            wrong += page.evaluate(
                "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
            )
        drawn = page.locator("svg.map:visible").first.bounding_box()
        assert drawn["width"] > 250 and drawn["height"] > 120  # a blank map passes every other check
        assert page.locator("svg.hydrograph .bank").count() == 1
        assert page.locator(".banner.exercise").is_visible()
        small = page.evaluate(_SMALL)
        assert wrong + small == []


_SMALL = """[...document.querySelectorAll("main button, main .button, main summary, nav a")]
  .filter(e => e.offsetHeight && e.offsetHeight < 44).map(e => e.outerHTML)"""


def _stays(asked: str, url: str, wrong: list[str]) -> None:
    if not asked.startswith((url, "data:")):
        wrong.append(asked)


def test_an_approval_goes_out_and_the_page_says_so(town: Night, browser: Any) -> None:
    alert = draft(town)
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = opened(browser, url, token, "desk")
        page.goto(f"{url}/?lang=en")
        assert page.locator("#drafts .button.send").inner_text() == "Approve and send"
        page.locator("#drafts .button.send").click()
        page.wait_for_load_state()
    (row,) = town.rows("SELECT state FROM alert WHERE id = :id", id=alert.id)
    assert AlertState[row.state] in {AlertState.APPROVED, AlertState.ISSUED}


def test_a_new_draft_appears_by_itself_and_a_cut_line_is_said(town: Night, browser: Any) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = opened(browser, url, token, "desk")
        page.goto(f"{url}/?lang=en")
        page.locator("#link:not(.lost)", has_text="live").wait_for()
        assert page.locator("#drafts").count() == 0
        draft(town)
        page.locator("#drafts").wait_for(timeout=10_000)  # nobody touched the page
    page.locator("#link.lost").wait_for(timeout=10_000)
    assert re.search(r"lost since \d\d:\d\d", page.locator("#link").inner_text())


def test_without_script_the_page_still_says_everything(town: Night, browser: Any) -> None:
    town.flood()
    draft(town)
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = opened(browser, url, token, "phone", script=False)
        page.goto(f"{url}/?lang=th")
        assert page.locator("#drafts .button.send").is_visible()
        assert page.locator("svg.map").first.is_visible() or page.locator("svg.close-up").is_visible()


def test_nobody_signed_in_sees_no_situation(town: Night, browser: Any) -> None:
    draft(town)
    with served(town) as url:
        page = opened(browser, url, None, "phone")
        page.goto(f"{url}/?lang=th")
        assert "ฝึก-พท-2569-0031" not in page.content()


def test_shots_are_not_part_of_the_project() -> None:
    assert "/shots/" in Path(".gitignore").read_text(encoding="utf-8").split()
