"""The white pages as they are seen: a real browser, telephone and desk, Thai and English, large text, no script needed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from teams.response.mission import Mission, MissionKind, MissionState
from tests.services.require import missing, require
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, night, served
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database
from warning.web.assets import STATIC
from warning.web.render import COOKIE

SHOTS = Path("shots")  # git-ignored: looked at by people
AXE = Path("warning/web/ui/node_modules/axe-core/axe.min.js")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"]  # fmt: skip
SIZES = {"phone": (360, 640), "desk": (1440, 900)}
pytestmark = pytest.mark.service


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


def mission(town: Night, state: MissionState = MissionState.REQUESTED) -> Mission:
    now = town.clock.now()
    return Mission(
        id=uuid4(), mode="exercise", kind=MissionKind.RESCUE, state=state, priority=1, village_code=VILLAGE, people=4,
        why="ขอความช่วยเหลือ", requested_at=now, due_at=now, changed_at=now,
    )  # fmt: skip


def opened(browser: Any, url: str, token: str | None, size: str, *, script: bool = True) -> Any:
    """A page whose `goto` fails where the server broke: a picture of an error is whole and readable too."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=script)
    if token:
        context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
    page = context.new_page()
    go = page.goto

    def goto(address: str, **how: Any) -> Any:
        answer = go(address, **how)
        assert answer is None or answer.status < 500, f"{address}: {answer.status}"
        return answer

    page.goto = goto
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_every_page_can_be_read_and_pressed_by_everybody(
    town: Night, browser: Any, size: str, lang: str
) -> None:
    homes = town.people(["+66890001111", None])
    alert = town.flood()
    with town.database.session() as session:
        session.add_all([mission(town), mission(town, MissionState.ON_SCENE)])
    token = town.officer(UserRole.DUTY_OFFICER, UserRole.RELIEF_OFFICER)
    head, card = f"/h/{town.head_token()}", f"/relay/{alert.id}/{VILLAGE}"
    pages = {
        "head": head, "thanks": f"{head}/need_help", "gone": "/h/nothing", "alert": f"/a/{alert.id}", "check": "/a",
        "relay": "/relay", "card": card, "texts": f"/relay/{alert.id}/texts", "print": "/relay/print", "field": "/field",
        "ways": f"/ways?tambon={VILLAGE[:6]}", "gaps": "/gaps", "story": f"/story/{homes[0]}",
    }  # fmt: skip
    SHOTS.mkdir(exist_ok=True)
    with served(town) as url:
        page = opened(browser, url, token, size)
        wrong: list[str] = []
        page.on(
            "console",
            lambda said: wrong.append(said.text) if said.type == "error" and "404" not in said.text else None,
        )
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((url, "blob:", "data:")) else wrong.append(asked.url),
        )
        page.goto(f"{url}{card}?lang={lang}")
        page.locator("form[action$='/take'] button").click()
        page.goto(f"{url}/gaps")
        page.locator("form[action='/gaps/open'] button").click()
        for name, path in pages.items():
            page.goto(f"{url}{path}?lang={lang}")
            if size == "phone":
                page.evaluate(
                    "document.documentElement.style.fontSize = '146%'"
                )  # 112.5 % and the reader's 130 %
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SHOTS / f"{name}-{size}-{lang}.png", full_page=True)
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            wrong += [f"{name} is {wide} px too wide: {page.evaluate(_WIDEST)}"] if wide > 0 else []
            wrong += [f"{name}: too small to press: {small}" for small in page.evaluate(_SMALL)]
            wrong += [f"{name}: a name of a place cut in two: {cut}" for cut in page.evaluate(_NAME_CUT)]
            if AXE.exists():
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found = page.evaluate(
                    "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                )
                wrong += [f"{name}: {violation}" for violation in found]
        assert wrong == []


_WIDEST = """[...document.querySelectorAll("main *, header *")].filter(e => !e.closest(".scroll"))
  .reduce((a, b) => b.getBoundingClientRect().right > a.getBoundingClientRect().right ? b : a).outerHTML.slice(0, 120)"""
_NAME_CUT = """[...document.querySelectorAll("td .name, th .name, li .name")].filter(e => e.offsetHeight
  > 1.6 * parseFloat(getComputedStyle(e).lineHeight) && e.offsetWidth < 0.7 * document.body.clientWidth).map(e => e.textContent)"""
_SMALL = """[...document.querySelectorAll("button, summary, input:not([type=hidden]):not([type=radio]), a.go, a.quiet, .pick")]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 80))"""


def test_a_head_answers_without_any_script(town: Night, browser: Any) -> None:
    town.flood()
    with served(town) as url:
        page = opened(browser, url, None, "phone", script=False)
        page.goto(f"{url}/h/{town.head_token()}")
        assert not page.locator("[data-play]").is_visible()
        page.locator("#homes").fill("120")
        page.get_by_role("button", name="ประกาศแล้ว", exact=True).click()
        assert page.get_by_role("heading", name="ได้รับคำตอบแล้ว ขอบคุณ").is_visible()
        page.get_by_role("link", name="กลับไปแจ้งเรื่องอื่น").click()
        page.locator("summary", has_text="น้ำถึงแล้ว").click()
        page.get_by_label("เข้าบ้าน").check()
        page.get_by_role("button", name="น้ำถึงแล้ว").click()
        page.get_by_role("heading", name="ได้รับคำตอบแล้ว ขอบคุณ").wait_for()
    assert {tuple(r) for r in town.rows("SELECT answer, homes FROM reply")} == {
        ("announced", 120),
        ("water_here", None),
    }
    assert town.rows("SELECT state FROM village_water")[0].state == "IN_HOMES"


def test_a_heads_answers_wait_for_the_network_and_each_counts_once(town: Night, browser: Any) -> None:
    town.flood()
    with served(town) as url:
        page = opened(browser, url, None, "phone")
        page.goto(f"{url}/h/{town.head_token()}")
        page.context.set_offline(True)
        page.locator("#homes").fill("120")
        for _ in range(2):  # pressed twice for want of an answer
            page.get_by_role("button", name="ประกาศแล้ว", exact=True).click()
            page.get_by_text("ยังไม่ส่ง: ประกาศแล้ว").wait_for()
        page.locator("summary", has_text="ต้องการช่วย").click()
        page.get_by_label("ต้องการช่วยกี่คน").fill("2")
        page.get_by_role("button", name="ต้องการช่วย").click()
        page.get_by_text("ยังไม่ส่ง: ต้องการช่วย").wait_for()
        page.evaluate("document.documentElement.style.fontSize = '146%'")
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / "head-waiting-phone-th.png", full_page=True)
        assert town.rows("SELECT 1 FROM reply") == []
        town.clock.forward(timedelta(minutes=20))
        page.evaluate(_PRESSED_LONG_AGO, 20 * 60_000)
        page.context.set_offline(False)
        page.get_by_text("ส่งแล้ว: ประกาศแล้ว").wait_for()
        page.get_by_text("ส่งแล้ว: ต้องการช่วย").wait_for()
        assert page.evaluate("localStorage.length") == 0
    rows = town.rows("SELECT answer, homes, people, at FROM reply")
    assert {(r.answer, r.homes, r.people) for r in rows} == {("announced", 120, None), ("need_help", None, 2)}
    assert all(timedelta(minutes=19) < town.clock.now() - r.at < timedelta(minutes=21) for r in rows), (
        "when they pressed"
    )


_PRESSED_LONG_AGO = """ms => { for (const key of Object.keys(localStorage)) { const press = JSON.parse(localStorage[key]);
  localStorage[key] = JSON.stringify({...press, at: press.at - ms}); } }"""


def test_the_desk_copies_draws_and_keys(town: Night, browser: Any) -> None:
    alert = town.flood()
    with served(town) as url:
        page = opened(browser, url, town.officer(), "desk")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{url}/relay/{alert.id}/texts")
        page.locator("[data-copy=sms_th]").click()
        assert page.evaluate("navigator.clipboard.readText()") == alert.words["sms_th"]
        with page.expect_download() as saved:
            page.locator("#save-picture").click()
        SHOTS.mkdir(exist_ok=True)
        saved.value.save_as(SHOTS / "line-picture.png")
        assert (SHOTS / "line-picture.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        page.goto(f"{url}/relay")
        page.locator(f"#v{VILLAGE} button").click()
        page.get_by_label("วิทยุ", exact=True).check()
        page.locator("#homes").fill("77")
        page.get_by_role("button", name="ประกาศแล้ว").click()
        assert "บันทึกแล้ว" in page.get_by_role("status").first.inner_text()
        page.goto(f"{url}/relay/print")
        page.pdf(path=SHOTS / "call-list.pdf", prefer_css_page_size=True, print_background=True)
    assert [tuple(r) for r in town.rows("SELECT answer, homes, via FROM reply")] == [
        ("announced", 77, "radio")
    ]
