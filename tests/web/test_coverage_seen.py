"""The report of an alert in a real browser, telephone and desk, Thai and English: nothing cut, nothing tiny, one language."""

from typing import Any

import pytest

from geo.people import NeedKind
from tests.warning.test_cover import lives
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, served
from tests.web.test_console_seen import _SMALL, browser, draft, town
from tests.web.test_door_knock import needing
from tests.web.test_office_pages_seen import _CUT, THAI
from tests.web.test_pages_seen import AXE, SHOTS, SIZES, opened
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.door_knock import make_sheets

__all__ = ["browser", "town"]  # fixtures
pytestmark = pytest.mark.service


@pytest.mark.parametrize("size", SIZES)
def test_the_report_can_be_read(town: Night, browser: Any, size: str) -> None:
    for n in range(9):
        lives(town, VILLAGE, f"+6681000000{n}" if n < 6 else None, nth=n, vulnerable=int(n > 6))
    needing(town, NeedKind.CARRY, house="99/1")
    alert = town.flood()
    draft(town)
    with town.database.session() as session:
        [made, *_] = make_sheets(session, session.get_one(Alert, alert.id), VILLAGE, "x", town.clock.now())
        sheet = made.id
    token = town.officer(UserRole.DUTY_OFFICER, UserRole.RELIEF_OFFICER, name="เวร A")
    SHOTS.mkdir(exist_ok=True)
    wrong: list[str] = []
    pages = {
        "coverage": f"/alerts/{alert.id}/coverage",
        "coverage-alert": f"/alerts/{alert.id}",
        "coverage-plan": "/",
        "knock": f"/alerts/{alert.id}/door-knock",
        "knock-village": f"/alerts/{alert.id}/door-knock/{VILLAGE}",
        "knock-sheet": f"/field/sheet/{sheet}",
    }
    with served(town) as url:
        page = opened(browser, url, token, size)
        for lang in ("th", "en"):
            for name, path in pages.items():
                page.goto(f"{url}{path}?lang={lang}")
                if size == "phone":
                    page.evaluate("document.documentElement.style.fontSize = '130%'")
                page.evaluate("document.fonts.ready")
                page.screenshot(path=SHOTS / f"{name}-{size}-{lang}.png", full_page=True)
                if name in ("coverage-plan", "coverage-alert"):
                    continue  # looked at by their own tests
                wrong += [f"{name} {lang} cut: {e}" for e in page.evaluate(_CUT)]
                wrong += [f"{name} {lang} small: {e}" for e in page.evaluate(_SMALL)]
                if AXE.exists():
                    page.evaluate(AXE.read_text(encoding="utf-8"))
                    found = page.evaluate(
                        "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                    )
                    wrong += [f"{name} {lang}: {violation}" for violation in found]
                if lang == "en":
                    said = page.evaluate(
                        "(() => { const m = document.querySelector('main').cloneNode(true); "
                        "m.querySelectorAll('[lang=th], .name').forEach(e => e.remove()); return m.textContent; })()"
                    )
                    wrong += [f"{name}: Thai: {line}" for line in said.splitlines() if THAI.search(line)]
    assert wrong == []
