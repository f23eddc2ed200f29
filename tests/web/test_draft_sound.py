"""Whoever decides on a draft sees which clips it lacks and hears it whole, before it is sent and not after."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.warning.speech.spoken_town import phrases_of, record, speaking
from tests.warning.town import TAMBON
from tests.web.paper_office import Night, served
from tests.web.test_console_seen import draft
from tests.web.visitor import see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.speech.audio import pcm_of
from warning.store.database import Database


@pytest.fixture
def town(database: Database, clock: HandClock, tmp_path: Path) -> Night:
    return speaking(database, clock, tmp_path)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def test_an_office_without_clips_is_told_so(town: Night, url: str) -> None:
    draft(town)
    assert "ยังไม่มีเสียงที่บันทึกไว้" in see(url, town.officer(UserRole.APPROVER)).text


def test_missing_clips_are_named_and_the_rest_can_be_heard(town: Night, url: str) -> None:
    alert = draft(town)
    record(town, phrases_of(town, alert), without=("มีผลถึง",))
    token = town.officer(UserRole.APPROVER)
    page = see(url, token).text
    assert "เสียงที่ยังขาด 1 วลี" in page and ">มีผลถึง</a>" in page
    assert "ยังประกาศด้วยเสียงไม่ได้" not in page
    source = re.search(rf'<audio[^>]* src="(/clips/alert/{alert.id}/{TAMBON}\.wav)"', page)
    assert source and len(pcm_of(see(url + source[1], token).content)[0]) > 8000


@pytest.mark.parametrize("lacking", ["น้ำป่าไหลหลาก", "ฝึกซ้อม ฝึกซ้อม ฝึกซ้อม"])
def test_where_nothing_can_be_said_the_place_is_named_and_nothing_is_offered_to_hear(
    town: Night, url: str, lacking: str
) -> None:
    alert = draft(town)
    record(town, phrases_of(town, alert), without=(lacking,))
    page = see(url, town.officer(UserRole.APPROVER)).text
    assert "ยังประกาศด้วยเสียงไม่ได้ 1 แห่ง" in page and f"/clips/one?phrase={quote(lacking)}" in page
    assert "<audio" not in page


def test_a_draft_with_all_its_clips_says_nothing_of_them(town: Night, url: str) -> None:
    alert = draft(town)
    record(town, phrases_of(town, alert))
    page = see(f"{url}/", town.officer(UserRole.APPROVER), lang="en").text
    assert "missing clip" not in page and "Hear it as in" in page
