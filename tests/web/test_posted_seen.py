"""Where an alert was posted, as an officer sees it: nothing wider than the screen, one tap is large enough."""

from typing import Any

import pytest

from tests.web.paper_office import Night, served
from tests.web.test_pages_seen import AXE, SHOTS, SIZES, browser, opened, town
from tests.web.visitor import press

pytestmark = pytest.mark.service
__all__ = ["browser", "town"]  # fixtures


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_one_tap(town: Night, browser: Any, size: str, lang: str) -> None:
    first, alert, token = town.flood(), town.flood(number="ฝึก-พท-2569-0013"), town.officer()
    with served(town) as url:
        press(f"{url}/relay/{first.id}/posted", token, place="OpenChat บ้านคลองนา หมู่ 3 ตำบลนาท่อม คนรักชุมชน")
        press(f"{url}/relay/{alert.id}/posted", token, place="กลุ่ม อสม. นาท่อม")
        page = opened(browser, url, token, size)
        page.goto(f"{url}/relay/{alert.id}/texts?lang={lang}")
        page.locator("#posted").scroll_into_view_if_needed()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        tap = page.locator("#posted button").first
        assert (tap.bounding_box() or {"height": 0})["height"] >= 44
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run('#posted').then(r => r.violations.map(v => v.id))")
        assert found == []
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=str(SHOTS / f"posted-{size}-{lang}.png"))
        tap.click()
        page.locator("#posted li", has_text="OpenChat").wait_for()
