"""The page of a request in a real browser, telephone and desk, Thai and English: nothing cut, nothing tiny, one language."""

from typing import Any

import pytest

from tests.warning.cell_broadcast.asked_office import asked, issued, noted
from tests.web.paper_office import Night, served
from tests.web.test_console_seen import _SMALL, browser, town
from tests.web.test_office_pages_seen import _CUT, THAI
from tests.web.test_pages_seen import AXE, SHOTS, SIZES, opened
from warning.accounts.user import UserRole
from warning.alert import Mode
from warning.cell_broadcast.record import Operator, Step

__all__ = ["browser", "town"]  # fixtures
pytestmark = pytest.mark.service


@pytest.mark.parametrize("size", SIZES)
def test_a_request_can_be_read_and_pressed(town: Night, browser: Any, size: str) -> None:
    with town.database.session() as session:
        new = issued(session, town, "ฝึก-พท-2569-0040", Mode.EXERCISE, severity="Severe")
        going = issued(session, town, "ฝึก-พท-2569-0041", Mode.EXERCISE)
        request = asked(session, town, going)
        noted(session, town, request, Step.RUNG, Step.ACCEPTED)
        noted(session, town, request, Step.BROADCASTING, operator=Operator.AIS)
        real = issued(session, town, "พท-2569-0042")  # in an exercise's office: its level must be chosen anew
    token = town.officer(UserRole.DUTY_OFFICER, name="เวร A")
    SHOTS.mkdir(exist_ok=True)
    wrong: list[str] = []
    pages = {"draft": new.id, "going": going.id, "stopped": f"{real.id}"}
    with served(town) as url:
        page = opened(browser, url, token, size)
        for lang in ("th", "en"):
            for name, alert in pages.items():
                level = "&level=test" if name == "stopped" else ""
                page.goto(f"{url}/alerts/{alert}/broadcast?lang={lang}{level}")
                if size == "phone":
                    page.evaluate("document.documentElement.style.fontSize = '130%'")
                page.evaluate("document.fonts.ready")
                page.screenshot(path=SHOTS / f"broadcast-{name}-{size}-{lang}.png", full_page=True)
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
                    wrong += [
                        f"{name}: Thai on an English page: {line}"
                        for line in said.splitlines()
                        if THAI.search(line)
                    ]
    assert wrong == []
