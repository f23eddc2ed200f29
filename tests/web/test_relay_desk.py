"""The relay desk over real HTTP: numbers found by ringing round, callers nobody knew, and what others do meanwhile."""

import re
from collections.abc import Iterator

import pytest

from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.test_pages import see
from warning.clock import HandClock
from warning.store.database import Database


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


@pytest.mark.parametrize(
    ("lang", "day"), [("th", "ตรวจเบอร์ 1 ต.ค. 2569"), ("en", "verified 1 Oct 2026")], ids=["thai", "english"]
)
def test_a_card_shows_its_days_as_people_write_them(town: Night, url: str, lang: str, day: str) -> None:
    alert = town.flood()
    card = f"{url}/relay/{alert.id}/{VILLAGE}"
    text = see(card, town.officer(), lang=lang).text
    shown = re.sub(r"<[^>]+>", " ", text)
    assert day in shown and not re.search(r"\b20\d\d-\d\d-\d\d\b", shown)
