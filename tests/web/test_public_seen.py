"""The public's pages as they are seen: telephone and desk, Thai and English, large text, without script."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from geo.gazetteer import gazetteer
from tests.warning.town import TAMBON, VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.test_pages_seen import _NAME_CUT, _SMALL, _WIDEST, AXE, SHOTS, SIZES, browser, opened
from warning.clock import HandClock
from warning.observation import Latest, ObservationRow
from warning.store.database import Database

__all__ = ["browser"]
pytestmark = pytest.mark.service


@pytest.fixture
def town(database: Database, clock: HandClock) -> Iterator[Night]:
    made = night(database, clock)
    made.office.config.sources = []
    made.flood()
    known = [g for g in gazetteer().gauges.values() if "level" in g.measures and g.bank_m is not None][:3]
    now = clock.now()
    with database.session() as session:
        for nth, gauge in enumerate(known):
            top = (gauge.bank_m or 0) + (0.35, -0.3, -2.0)[nth]
            at = now - timedelta(minutes=8 if nth < 2 else 200)
            session.add(
                Latest(source="s", station=gauge.code, quantity="water_level", value=top, unit="m", observed_at=at, received_at=at,
                       tambon=gauge.tambon, bank_m=gauge.bank_m)
            )  # fmt: skip
            session.add_all(
                ObservationRow(source="s", station=gauge.code, quantity="water_level", observed_at=at - timedelta(minutes=20 * n),
                               value=top - 0.03 * n, unit="m", payload_id=uuid4())
                for n in range(60)
            )  # fmt: skip
    yield made


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_every_public_page_can_be_read_by_everybody(town: Night, browser: Any, size: str, lang: str) -> None:
    gauge = next(g for g in gazetteer().gauges.values() if "level" in g.measures and g.bank_m is not None)
    pages = {
        "pub-choose": "/now", "pub-village": f"/now/{VILLAGE}", "pub-tambon": f"/now/{TAMBON}", "pub-blind": "/now/930201",
        "pub-gauge-place": f"/now/{gauge.tambon}", "pub-water": "/water", "pub-gauge": f"/water/{gauge.code}", "pub-map": "/map",
        "pub-archive": "/archive", "pub-status": "/status", "pub-found": "/now?q=%E0%B8%99%E0%B8%B2",
    }  # fmt: skip
    SHOTS.mkdir(exist_ok=True)
    wrong: list[str] = []
    with served(town) as url:
        page = opened(browser, url, None, size)
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on(
            "request", lambda asked: None if asked.url.startswith((url, "data:")) else wrong.append(asked.url)
        )
        for name, path in pages.items():
            page.goto(f"{url}{path}{'&' if '?' in path else '?'}lang={lang}")
            if size == "phone":
                page.evaluate("document.documentElement.style.fontSize = '146%'")
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
