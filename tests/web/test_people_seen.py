"""The people pages in a real browser: nothing cut, nothing tiny, one language, at a telephone and at a desk."""

import io
from datetime import date
from typing import Any

import pytest

from geo.institution_file import read_institutions
from geo.institution_import import import_institutions
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, served
from tests.web.test_console_seen import _SMALL, browser, town
from tests.web.test_office_pages_seen import _CUT, _SIDEWAYS, THAI
from tests.web.test_pages_seen import AXE, SHOTS, SIZES, opened
from tests.web.test_people_pages import HOMES, upload
from tests.web.visitor import press
from warning.accounts.user import UserRole

__all__ = ["browser", "town"]  # fixtures
pytestmark = pytest.mark.service
HOUSES = f"""รหัสหมู่บ้าน,ชื่อสถานที่,โทร,กลางวัน,กลางคืน,เวลาเตรียม
{VILLAGE},โรงพยาบาลสมมุติศรีนครินทร์,0691112222 / 074-612-345,120,80,90
{VILLAGE},บ้านพักคนชราสมมุติ,,35,30,
{VILLAGE},โรงเรียนบ้านสมมุติ,0691113333,240,0,45
"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_people_pages_are_whole(town: Night, browser: Any, size: str, lang: str) -> None:
    with town.database.session() as session:
        houses = read_institutions(io.BytesIO(HOUSES.encode()), date(2026, 11, 23)).good
        import_institutions(session, town.office.keyring, houses, town.clock.now())
        house = houses[0]
    town.flood()
    token = town.officer(UserRole.DUTY_OFFICER)
    SHOTS.mkdir(exist_ok=True)
    wrong: list[str] = []
    with served(town) as url:
        press(f"{upload(url, token, 'households', HOMES).url}/take", token)
        looked = upload(url, token, "households", HOMES, told_on="2026-11-01").url.removeprefix(url)
        (row,) = town.rows("SELECT id FROM institution WHERE name = :n", n=house.name)
        pages = {
            "index": "/people", "import": "/people/import", "look": looked, "contacts": "/people/contacts?amphoe=9311",
            "contact": f"/people/contacts/{VILLAGE}", "institutions": "/people/institutions",
            "institution": f"/people/institutions/{row.id}", "households": "/people/households",
            "homes": f"/people/households/{VILLAGE}", "person": "/people/person",
        }  # fmt: skip
        page = opened(browser, url, token, size)
        for name, path in pages.items():
            page.goto(f"{url}{path}{'&' if '?' in path else '?'}lang={lang}")
            if size == "phone":
                page.evaluate("document.documentElement.style.fontSize = '130%'")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SHOTS / f"people-{name}-{size}-{lang}.png", full_page=True)
            wrong += [f"{name} cut: {e}" for e in page.evaluate(_CUT)]
            wrong += [f"{name} small: {e}" for e in page.evaluate(_SMALL)]
            if page.evaluate(_SIDEWAYS):
                wrong.append(f"{name}: a table must be pushed sideways")
            if AXE.exists():
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found = page.evaluate(
                    "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                )
                wrong += [f"{name}: {violation}" for violation in found]
            if lang == "en" and name not in (
                "look",
                "institution",
                "institutions",
                "homes",
            ):  # what the office itself wrote is Thai
                said = page.evaluate("document.querySelector('main').innerText")
                wrong += [
                    f"{name}: Thai on an English page: {li}" for li in said.splitlines() if THAI.search(li)
                ]
    assert wrong == []
