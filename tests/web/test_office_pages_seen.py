"""Writing an alert, looking at one, and being refused, in a real browser: nothing cut, nothing tiny, one language."""

import re
from typing import Any

import pytest

from tests.warning.town import channel
from tests.web.paper_office import Night, served
from tests.web.test_console_seen import _SMALL, browser, town
from tests.web.test_pages_seen import AXE, SHOTS, SIZES, opened
from tests.web.test_undelivered_page import group_of, turned_down
from tests.web.visitor import press, see
from warning.accounts.user import UserRole

__all__ = ["browser", "town"]  # fixtures
pytestmark = pytest.mark.service
THAI = re.compile(r"[\u0e00-\u0e7f]")
_CUT = """[...document.querySelectorAll("main *")].filter(e => e.offsetWidth && !e.closest(".scroll, svg"))
  .filter(e => e.getBoundingClientRect().right > (e.closest(".card") ?? document.body).getBoundingClientRect().right + 1)
  .map(e => e.outerHTML.slice(0, 120))"""
_NARROW = """[...document.querySelectorAll(".desk .water")]
  .filter(e => e.getBoundingClientRect().width < document.querySelector("main").clientWidth / 2).map(e => e.innerText)"""
_SIDEWAYS = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).length"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_officers_pages_are_whole(town: Night, browser: Any, size: str, lang: str) -> None:
    town.people([f"+6681000000{n}" for n in range(3)])
    town.channels[:] = [channel(turned_down)]
    town.office.wires["sms"] = object()
    alert = town.flood()
    token = town.officer(UserRole.DUTY_OFFICER)
    pages = {"alert": f"/alerts/{alert.id}", "compose": "/compose", "refused": "/users", "console-night": "/"}
    SHOTS.mkdir(exist_ok=True)
    wrong: list[str] = []
    with served(town) as url:
        press(f"{url}/alerts/{alert.id}/follow-up", token, kind="update")
        (draft,) = town.rows("SELECT id FROM alert WHERE kind = 'update'")
        pages["edit"] = f"/alerts/{draft.id}/edit"
        pages["undelivered"] = "/undelivered"
        pages["undelivered-group"] = group_of(see(f"{url}/undelivered", token).text)
        pages["translations"] = "/translations"
        page = opened(browser, url, token, size)
        for name, path in pages.items():
            page.goto(f"{url}{path}?lang={lang}")
            if size == "phone":
                page.evaluate("document.documentElement.style.fontSize = '130%'")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SHOTS / f"office-{name}-{size}-{lang}.png", full_page=True)
            wrong += [f"{name} cut: {e}" for e in page.evaluate(_CUT)]
            wrong += [f"{name} small: {e}" for e in page.evaluate(_SMALL)]
            if size == "phone":
                wrong += [f"{name}: a word a line: {e}" for e in page.evaluate(_NARROW)]
            if page.evaluate(_SIDEWAYS):
                wrong.append(f"{name}: a table must be pushed sideways")
            if AXE.exists():
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found = page.evaluate(
                    "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                )
                wrong += [f"{name}: {violation}" for violation in found]
            if lang == "en":
                said = page.evaluate("document.querySelector('main').innerText")
                wrong += [
                    f"{name}: Thai on an English page: {line}"
                    for line in said.splitlines()
                    if THAI.search(line)
                ]
            if name == "refused" and lang == "th":
                assert "needs the role" not in page.content()
    assert wrong == []
