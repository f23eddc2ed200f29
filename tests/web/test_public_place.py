"""My village now, without a sign-in: what is known is told with its time, what is not is said plainly."""

import gzip
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import brotli
import pytest
import requests
from lxml import etree

from geo.gazetteer import gazetteer
from sources.cap_index import read_feed
from teams.response.village_water import VillageWater, WaterState
from tests.warning.town import TAMBON, VILLAGE
from tests.web.paper_office import FAR, Night, night, served
from tests.web.visitor import see
from warning.alert import Alert, AlertState
from warning.clock import HandClock
from warning.observation import Latest, ObservationRow
from warning.store.database import Database
from warning.web.public.find_place import find_places
from warning.web.public.kept import LOOK_EVERY_S

ATOM = "{http://www.w3.org/2005/Atom}"
GAUGE = "X.68"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.office.config.sources = []
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def later(town: Night, **ago: float) -> None:
    town.clock.forward(timedelta(**ago))
    time.sleep(LOOK_EVERY_S * 1.5)  # pages are kept for so long whatever happens


def gauge(
    town: Night, value_m: float, bank_m: float | None, *, minutes: int, tambon: str, station: str = GAUGE
) -> None:
    at = town.clock.now() - timedelta(minutes=minutes)
    with town.database.session() as session:
        session.add(
            Latest(source="s", station=station, quantity="water_level", value=value_m, unit="m", observed_at=at, received_at=at,
                   tambon=tambon, bank_m=bank_m)
        )  # fmt: skip
        for nth in range(3):
            session.add(
                ObservationRow(source="s", station=station, quantity="water_level", observed_at=at - timedelta(minutes=20 * nth),
                               value=value_m - 0.1 * nth, unit="m", payload_id=uuid4())
            )  # fmt: skip


def test_a_warned_village_is_told_all_of_it(town: Night, url: str) -> None:
    alert = town.flood()
    page = re.sub(
        r"<[^>]+>", "", see(f"{url}/now/{VILLAGE}").text
    )  # places and levels are kept in one piece by tags
    assert alert.words["headline_th"].split()[0] in page
    for line in alert.words["instruction_th"].splitlines()[1:]:
        assert line[:6] in page
    for told in (
        "อันตรายสูงสุด",
        "น้ำอาจถึงที่นี่",
        "โรงเรียนวัดนาท่อม",
        "ฝึก-พท-2569-0012",
        "ศูนย์เตือนภัยพัทลุง",
        "จะแจ้งอีกครั้งภายใน",
        "ฝึกซ้อม",
    ):
        assert told in page, told
    english = re.sub(r"<[^>]+>", "", see(f"{url}/now/{VILLAGE}", lang="en").text)
    for told in ("highest danger", "Water may be here", "Wat Na Thom school", "Next word by"):
        assert told in english, told


def test_who_is_not_warned_is_told_what_eyes_there_are(town: Night, url: str) -> None:
    town.flood()
    blind = see(f"{url}/now/930201").text
    assert "ไม่มีการเตือนภัยสำหรับที่นี่" in blind and "เราไม่รู้" in blind and "อย่ารอคำเตือน" in blind
    assert "ปลอดภัย</h1>" not in blind


def test_a_village_an_alert_leaves_out_is_not_warned(town: Night, url: str) -> None:
    alert = town.flood()
    other = VILLAGE[:6] + "02"
    with town.database.session() as session:
        session.get_one(Alert, alert.id).villages = [VILLAGE]
    assert "ไม่มีการเตือนภัยสำหรับที่นี่" in see(f"{url}/now/{other}").text
    assert "ไม่มีการเตือนภัยสำหรับที่นี่" not in see(f"{url}/now/{VILLAGE}").text
    assert "ไม่มีการเตือนภัยสำหรับที่นี่" not in see(f"{url}/now/{TAMBON}").text


@pytest.mark.parametrize(
    ("above_m", "minutes", "told"),
    [
        pytest.param(0.3, 10, "สูงกว่าตลิ่ง", id="over-the-bank"),
        pytest.param(-0.2, 10, "ใกล้ล้นตลิ่ง เหลือ", id="near"),
        pytest.param(-5.0, 10, "ต่ำกว่าตลิ่ง", id="below"),
        pytest.param(0.3, 200, "เครื่องวัดเงียบมา", id="silent-is-not-calm"),
    ],
)
def test_a_gauge_is_told_in_words_with_its_time(
    town: Night, url: str, above_m: float, minutes: int, told: str
) -> None:
    known = next(g for g in gazetteer().gauges.values() if "level" in g.measures and g.bank_m is not None)
    assert known.bank_m is not None
    gauge(
        town, known.bank_m + above_m, known.bank_m, minutes=minutes, tambon=known.tambon, station=known.code
    )
    for address in (f"/now/{known.tambon}", "/water", f"/water/{known.code}"):
        page = see(url + address).text
        assert told in page and "วัดเมื่อ" in page, address
    assert ("แต่น้ำที่" in see(f"{url}/now/{known.tambon}").text) is (minutes < 60 and above_m > -0.5)
    if minutes < 60:
        assert "กำลังขึ้น" in see(f"{url}/water").text and "<svg" in see(f"{url}/water/{known.code}").text


def test_what_people_at_the_water_said_counts_for_half_a_day(town: Night, url: str) -> None:
    now = town.clock.now()
    with town.database.session() as session:
        session.add(
            VillageWater(id=uuid4(), mode="exercise", village_code=VILLAGE, state=WaterState.CUT_OFF, since=now, reported_at=now,
                         reported_by="head")
        )  # fmt: skip
    page = see(f"{url}/now/{VILLAGE}").text
    assert "ทางขาด เข้าออกไม่ได้ที่" in page and "คนในพื้นที่แจ้ง" in page
    later(town, hours=13)
    assert "ทางขาด" not in see(f"{url}/now/{VILLAGE}").text


def test_the_next_word_is_an_hour_after_the_issue_and_never_after_its_end(town: Night, url: str) -> None:
    from warning.web.public.place_view import next_word_at

    alert = town.flood()
    assert alert.issued_at is not None
    assert next_word_at(alert, alert.issued_at) == alert.issued_at + timedelta(hours=1)
    assert next_word_at(alert, alert.issued_at + timedelta(minutes=61)) == alert.issued_at + timedelta(
        hours=2
    )
    assert next_word_at(alert, alert.expires_at - timedelta(minutes=1)) == alert.expires_at


@pytest.mark.parametrize("path", ["/now/999999", "/now/93110299", "/now/1", "/water/nothing", "/now/abc"])
def test_a_place_that_is_none_is_said_so(url: str, path: str) -> None:
    assert see(url + path).status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("931102", ["931102"], id="code"),
        pytest.param("ต.บ้านนา", ["931102"], id="whole-name-with-its-word"),
        pytest.param("  ", [], id="nothing"),
        pytest.param("ไม่มีที่นี่แน่นอน", [], id="nowhere"),
    ],
)
def test_places_are_found_as_people_type_them(asked: str, found: list[str]) -> None:
    got = find_places(asked)
    assert got == found if len(found) != 1 else found[0] in got


def test_a_page_is_kept_until_something_changes(town: Night, url: str) -> None:
    alert = town.flood()
    address = f"{url}/now/{TAMBON}"
    first = requests.get(address, timeout=10)
    again = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
    assert again.status_code == 304 and again.content == b""
    with town.database.session() as session:
        kept = session.get_one(Alert, alert.id)
        kept.state, kept.changed_at = AlertState.CANCELLED, town.clock.now() + timedelta(seconds=1)
    time.sleep(LOOK_EVERY_S * 1.5)
    after = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
    assert after.status_code == 200 and "ไม่มีการเตือนภัยสำหรับที่นี่" in after.text


def test_bytes_are_pressed_as_the_browser_takes_them_and_say_the_same(town: Night, url: str) -> None:
    town.flood()
    address = f"{url}/now/{TAMBON}"
    plain = requests.get(address, headers={"Accept-Encoding": "identity"}, timeout=10)
    assert "Content-Encoding" not in plain.headers and plain.headers["Content-Security-Policy"]
    for name, undo in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        raw = requests.get(address, headers={"Accept-Encoding": name}, timeout=10, stream=True)
        body = raw.raw.read(decode_content=False)
        assert raw.headers["Content-Encoding"] == name and undo(body) == plain.content
        assert raw.headers["Vary"] and int(raw.headers["Content-Length"]) == len(body)
    assert requests.head(address, timeout=10).content == b""


def test_nobodys_page_is_given_to_another(town: Night, url: str) -> None:
    """Who is signed in gets the route's own answer; English and Thai are kept apart; no cookie is handed on."""
    town.flood()
    stranger = requests.get(f"{url}/now/{TAMBON}", timeout=10)
    english = requests.get(f"{url}/now/{TAMBON}", cookies={"raksa_language": "en"}, timeout=10)
    assert 'lang="th"' in stranger.text and 'lang="en"' in english.text
    assert "Set-Cookie" not in stranger.headers and "Set-Cookie" not in english.headers
    token = town.officer()
    assert "ETag" not in see(f"{url}/now/{TAMBON}", token).headers


def test_the_last_page_is_given_while_the_database_is_away(
    town: Night, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.flood()
    before = requests.get(f"{url}/now/{TAMBON}", timeout=10)

    def gone(*_: object, **__: object) -> None:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(type(town.office.database), "session", gone)
    later(town, minutes=5)
    after = requests.get(f"{url}/now/{TAMBON}", timeout=10)
    assert after.status_code == 200 and after.content == before.content
    assert "ข้อมูล ณ" in after.text  # it says itself of when it is


def test_a_first_visit_is_sixty_kilobytes_at_most(town: Night, url: str) -> None:
    """The page, its style and all four font files, as they go over the line."""
    town.flood()
    page = requests.get(f"{url}/now/{TAMBON}", headers={"Accept-Encoding": "br"}, stream=True, timeout=10)
    total = len(page.raw.read(decode_content=False))
    text = requests.get(f"{url}/now/{TAMBON}", timeout=10).text
    assert "<script" not in text
    for style in re.findall(r'href="(/static/[^"]+\.css)"', text):
        pressed = requests.get(url + style, headers={"Accept-Encoding": "br"}, stream=True, timeout=10)
        total += len(pressed.raw.read(decode_content=False))
        for font in re.findall(r"url\(([^)]+\.woff2)\)", requests.get(url + style, timeout=10).text):
            total += len(requests.get(requests.compat.urljoin(url + style, font), timeout=10).content)
    assert total <= 60_000, total


def test_the_feed_is_one_that_our_own_reader_takes_and_its_heart_beats(town: Night, url: str) -> None:
    alert = town.flood()
    actual, drill = (requests.get(f"{url}/{name}.atom", timeout=10) for name in ("cap", "exercise"))
    assert not etree.fromstring(actual.content).findall(
        f"{ATOM}entry"
    )  # an exercise is in no feed of real warnings
    feed = etree.fromstring(drill.content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"urn:uuid:{alert.id}"
    read = read_feed(drill.content)
    assert (
        read.verdict == "valid"
        and read.entries[0].cap_link
        and read.entries[0].cap_link.endswith(f"{alert.id}.cap")
    )
    beat = feed.findtext(f"{ATOM}updated")
    later(town, minutes=2)
    assert (
        etree.fromstring(requests.get(f"{url}/exercise.atom", timeout=10).content).findtext(f"{ATOM}updated")
        != beat
    )
    assert b"<guid" in requests.get(f"{url}/exercise.rss", timeout=10).content


@pytest.mark.parametrize("path", ["/now", f"/now/{FAR}", "/map", "/water", "/archive", "/status", "/check"])
def test_every_public_page_is_there_in_both_languages(town: Night, url: str, path: str) -> None:
    town.flood()
    for lang in ("th", "en"):
        assert see(url + path, lang=lang).status_code == 200
    assert see(url + path).status_code == 200
