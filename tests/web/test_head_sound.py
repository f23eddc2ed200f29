"""The key-holder's link: the script to read, the sound to play, how often it was announced, and how far it is heard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from geo.people import Tower, TowerKind
from tests.warning.speech.spoken_town import phrases_of, record, speaking
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, served
from tests.web.test_pages_seen import AXE, SHOTS, SIZES, browser, opened
from tests.web.visitor import press, see
from warning.alert import Alert, AlertState
from warning.clock import HandClock
from warning.speech.audio import PHONE_RATE, pcm_of
from warning.store.database import Database

__all__ = ["browser"]  # a fixture


@pytest.fixture
def town(database: Database, clock: HandClock, tmp_path: Path) -> Night:
    made = speaking(database, clock, tmp_path)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def tower(town: Night, *, homes: int | None, substitute: bool = False) -> None:
    (head,) = town.rows("SELECT id FROM contact WHERE village_code = :v AND role = 'HEAD'", v=VILLAGE)
    with town.database.session() as session:
        session.add(
            Tower(id=uuid4(), village_code=VILLAGE, kind=TowerKind.MICROPHONE, homes_in_earshot=homes,
                  substitute_id=head.id if substitute else None)
        )  # fmt: skip


def test_the_sound_is_there_to_play_and_to_keep_once_its_clips_are(town: Night, url: str) -> None:
    alert = town.flood()
    link = f"{url}/h/{town.head_token()}"
    assert "<audio" not in see(link).text and see(f"{link}/sound.wav").status_code == 404
    record(town, phrases_of(town, alert))
    page = see(link).text
    assert f'src="/h/{town.head_token()}/sound.wav"' in page and 'download="' in page
    pcm, rate = pcm_of(see(f"{link}/sound.wav").content)
    assert rate == PHONE_RATE and len(pcm) / 2 / rate > 5
    part = requests.get(f"{link}/sound.wav", headers={"Range": "bytes=0-99"}, timeout=10)
    assert (part.status_code, len(part.content)) == (206, 100)  # a telephone asks for pieces


def test_the_sound_ends_with_its_alert_and_opens_with_no_other_link(town: Night, url: str) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert))
    token = town.head_token()
    assert see(f"{url}/h/{token[:-1]}{'0' if token[-1] != '0' else '1'}/sound.wav").status_code == 404
    with town.database.session() as session:
        session.get_one(Alert, alert.id).state = AlertState.CANCELLED
    assert see(f"{url}/h/{token}/sound.wav").status_code == 404


@pytest.mark.parametrize(
    ("times", "kept"),
    [
        pytest.param("3", 3, id="three"),
        pytest.param("๒", 2, id="thai-digits"),
        pytest.param("", None, id="not-said"),
    ],
)
def test_how_often_it_was_announced_is_kept_and_shown(
    town: Night, url: str, times: str, kept: int | None
) -> None:
    town.flood()
    link = f"{url}/h/{town.head_token()}"
    press(link, event=uuid4().hex, answer="announced", homes="85", times=times)
    (row,) = town.rows("SELECT answer, homes, times FROM reply")
    assert tuple(row) == ("announced", 85, kept)
    said = see(link).text.split('class="said"')[1].split("</div>")[0]
    assert ("รอบ" in said) is (kept is not None)


@pytest.mark.parametrize("times", ["0", "51", "หลายรอบ", "-1"])
def test_what_is_no_number_of_times_is_not_kept(town: Night, url: str, times: str) -> None:
    town.flood()
    answer = press(f"{url}/h/{town.head_token()}", event=uuid4().hex, answer="announced", times=times)
    assert answer.status_code == 422 and town.rows("SELECT 1 FROM reply") == []


@pytest.mark.parametrize(
    ("homes", "shown"), [pytest.param(62, True, id="known"), pytest.param(None, False, id="not-known")]
)
def test_how_far_it_is_heard_is_shown_where_it_is_known(
    town: Night, url: str, homes: int | None, shown: bool
) -> None:
    tower(town, homes=homes)
    town.flood()
    page = see(f"{url}/h/{town.head_token()}").text
    assert ("ไปถึงราว" in page) is shown and ("62 หลัง" in page) is shown
    assert "ผู้ถือกุญแจสำรอง" not in page


def test_the_substitute_is_told_not_to_wait(town: Night, url: str) -> None:
    tower(town, homes=62, substitute=True)
    town.flood()
    assert "ผู้ถือกุญแจสำรอง" in see(f"{url}/h/{town.head_token()}").text


@pytest.mark.service
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_page_is_whole_and_its_script_is_large(town: Night, browser: Any, size: str, lang: str) -> None:
    tower(town, homes=62, substitute=True)
    record(town, phrases_of(town, town.flood()))
    SHOTS.mkdir(exist_ok=True)
    with served(town) as url:
        page = opened(browser, url, None, size)
        page.goto(f"{url}/h/{town.head_token()}?lang={lang}")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=SHOTS / f"head-sound-{size}-{lang}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
        assert (
            page.evaluate("parseFloat(getComputedStyle(document.querySelector('#script p')).fontSize)") >= 24
        )
        if AXE.exists():
            page.evaluate(AXE.read_text(encoding="utf-8"))
            assert (
                page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))")
                == []
            )
