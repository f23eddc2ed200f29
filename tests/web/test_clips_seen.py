"""The recorder in a real browser: a phrase spoken into a microphone, one uploaded from a telephone, and every page whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.require import missing, require
from tests.warning.speech.sounds_made import beep
from tests.warning.speech.spoken_town import phrases_of, record, speaking
from tests.web.paper_office import Night, served
from tests.web.test_console_seen import _SMALL
from tests.web.test_office_pages_seen import _CUT
from tests.web.test_pages_seen import ARGS, AXE, SHOTS, SIZES, opened
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database
from warning.web.assets import STATIC

pytestmark = pytest.mark.service
# A microphone that beeps, so that nobody need be asked.
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
RIVER = "น้ำล้นตลิ่ง"


@pytest.fixture
def town(database: Database, clock: HandClock, tmp_path: Path) -> Night:
    return speaking(database, clock, tmp_path)


@pytest.fixture
def browser() -> Iterator[Any]:
    chromium_path = require("chromium")
    if not (STATIC / ".vite" / "manifest.json").exists():
        missing("the pages are not built (make setup)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=chromium_path, args=[*ARGS, *MICROPHONE])
        yield chromium
        chromium.close()


def test_a_phrase_is_spoken_into_the_page_and_the_next_one_comes(town: Night, browser: Any) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = opened(browser, url, token, "phone")
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(f"{url}/clips/one?phrase={RIVER}")
        page.fill("input[name=speaker]", "นางเสียง ใส")
        page.click("[data-start]")
        page.wait_for_timeout(1500)
        page.click("[data-stop]")
        page.wait_for_selector("[data-listen]:visible")
        page.click("[data-listen]")
        page.click("form[data-record] > .primary")
        page.wait_for_selector("[role=status].notice")
        assert RIVER in page.inner_text(".notice")
        assert page.inner_text(".aloud") != RIVER
        assert page.input_value("input[name=speaker]") == "นางเสียง ใส"
    (row,) = town.rows("SELECT phrase, source, seconds FROM clip WHERE source <> 'computed'")
    assert (row.phrase, row.source) == (RIVER, "recorded") and 0.3 < row.seconds < 3
    assert wrong == []


def test_without_a_script_a_file_is_chosen_and_sent(town: Night, browser: Any) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = opened(browser, url, token, "phone", script=False)
        page.goto(f"{url}/clips/one?phrase={RIVER}")
        assert not page.is_visible("[data-start]")
        page.fill("input[name=speaker]", "นางเสียง ใส")
        page.set_input_files("input[type=file]", {"name": "a.wav", "mimeType": "audio/wav", "buffer": beep()})
        page.click("form[data-record] > .primary")
        assert RIVER in page.inner_text(".notice")
    assert [r.source for r in town.rows("SELECT source FROM clip WHERE source <> 'computed'")] == ["uploaded"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_recorders_pages_are_whole(town: Night, browser: Any, size: str, lang: str) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert), without=(RIVER, "ตำบลลำปำ", "มีผลถึง"))
    token = town.officer(UserRole.DUTY_OFFICER)
    pages = {
        "clips": "/clips?", "clips-recorded": "/clips?state=recorded&group=event", "clips-one": f"/clips/one?phrase={RIVER}",
        "clips-taken": "/clips/one?phrase=ที่",
    }  # fmt: skip
    SHOTS.mkdir(exist_ok=True)
    wrong: list[str] = []
    with served(town) as url:
        page = opened(browser, url, token, size)
        for name, path in pages.items():
            page.goto(f"{url}{path}&lang={lang}")
            if size == "phone":
                page.evaluate("document.documentElement.style.fontSize = '130%'")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SHOTS / f"{name}-{size}-{lang}.png", full_page=True)
            wrong += [f"{name} cut: {e}" for e in page.evaluate(_CUT)]
            wrong += [f"{name} small: {e}" for e in page.evaluate(_SMALL)]
            if AXE.exists():
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found = page.evaluate(
                    "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                )
                wrong += [f"{name}: {violation}" for violation in found]
    assert wrong == []
