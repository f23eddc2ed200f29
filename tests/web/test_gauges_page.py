"""The page of the instruments says whose values were doubted and why, and which tambon nobody sees."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from sources.contract import Observation, Payload, Quantity
from sources.thaiwater_level import ThaiwaterLevel
from tests.web.paper_office import Night, night, served
from tests.web.test_console_seen import _SMALL, browser
from tests.web.test_office_pages_seen import _CUT, _SIDEWAYS
from tests.web.test_pages_seen import AXE, SHOTS, SIZES, opened
from tests.web.visitor import see
from warning import observe
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.config import load
from warning.store.database import Database
from warning.web.console.gauges import GaugeNow, gauges_now

__all__ = ["browser"]  # a fixture
GAUGES = ThaiwaterLevel(kind="thaiwater_level", name="thaiwater-level", every=timedelta(minutes=10))
TOLD = [("X.170", Quantity.WATER_LEVEL, [22.0, 22.1, 0.0, 22.2]), ("X.68", Quantity.WATER_LEVEL, [13.0, 13.0, 13.1, 15.2]),
        ("TH30", Quantity.RAIN_1H, [0.0, 4.0, 12.0, 3.0])]  # fmt: skip


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.office.config.rules = load(Path("config.yaml"), {}).rules  # type: ignore[misc]
    now = clock.now()
    for station, quantity, values in TOLD:
        for nth, value in enumerate(values):
            at = now - timedelta(minutes=10 * (len(values) - nth))
            told = Observation(GAUGES.name, station, quantity, value, "m", at, tambon="930112")
            with database.session() as session:
                payload = observe.keep(session, GAUGES, Payload(uuid4().bytes, at))
                observe.record(session, GAUGES, payload, [told], at, lambda lat, lon: None, lambda code: None)
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def test_who_was_doubted_and_why(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    thai, english = (see(f"{url}/gauges?lang={lang}", token).text for lang in ("th", "en"))
    assert "สัญญาณหลุด ขึ้นเป็นศูนย์" in thai and "dropped out to zero" in english
    assert "0 suspect, 1 bad of 4" in english and "25%" in english
    assert english.index("X.170") < english.index("TH30")  # the doubted first, the others folded
    assert "All values good: 1 more" in english and see(f"{url}/gauges", "").status_code in (303, 401)


def test_the_overview_says_which_value_is_doubted(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    assert "? jumped, waiting for the next reading" in see(f"{url}/?lang=en", token).text
    assert "? ค่ากระโดด รอค่าถัดไปยืนยัน" in see(f"{url}/?lang=th", token).text
    gauges = gauges_now_of(town)
    assert gauges["X.170"].doubt == "" and 0.0 not in [value for _, value in gauges["X.170"].series]


def gauges_now_of(town: Night) -> dict[str, GaugeNow]:
    with town.database.session() as session:
        return {g.code: g for g in gauges_now(session, town.clock.now(), "en")}


def test_blindness_as_data(town: Night, url: str) -> None:
    found = requests.get(f"{url}/api/v1/blind", timeout=20).json()
    assert set(found) == {"at", "totals", "tambons"} and len(found["tambons"]) == 65
    assert found["totals"]["river_overflow"]["seen"] > 0  # X.170 speaks, and its water reaches others
    assert found["totals"]["lake_flood"]["silent"] > 0  # no gauge of the lake does
    for counts in found["totals"].values():
        assert sum(counts.values()) == 65 and set(counts) == {"seen", "doubted", "silent", "blind"}
    for tambon in found["tambons"].values():
        for sight in tambon["hazards"].values():
            assert (sight["state"] == "blind") is (not sight["by"])


@pytest.mark.service
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_page_is_whole(town: Night, url: str, browser: Any, size: str, lang: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page = opened(browser, url, town.officer(UserRole.DUTY_OFFICER), size)
    with page.expect_response("**/console/now*"):  # the page looks again as soon as it hears of life
        page.goto(f"{url}/?lang={lang}")
    page.wait_for_timeout(300)
    page.locator("#gauges").screenshot(path=SHOTS / f"gauges-overview-{size}-{lang}.png")
    page.goto(f"{url}/gauges?lang={lang}")
    page.evaluate("document.querySelectorAll('details').forEach((d, n) => { d.open = n < 3 })")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=SHOTS / f"gauges-{size}-{lang}.png", full_page=True)
    assert page.evaluate(_CUT) == [] and page.evaluate(_SMALL) == [] and not page.evaluate(_SIDEWAYS)
    if AXE.exists():
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert (
            page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))") == []
        )
