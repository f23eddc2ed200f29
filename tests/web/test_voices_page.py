"""What others say stands beside ours: typed in, seen, taken back; a differing level is shown at approval and answered."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.services.require import missing, require
from tests.warning.town import TAMBON
from tests.web.paper_office import Night, night, served
from tests.web.test_console_seen import draft
from tests.web.test_pages_seen import ARGS, AXE, SHOTS, SIZES, opened
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.clock import HandClock
from warning.received import ReceivedMessage
from warning.store.database import Database
from warning.web.assets import STATIC
from warning.writing import write

WORDS = "น้ำในเขตเทศบาลขึ้นเร็ว ให้อพยพ"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def milder(town: Night) -> Alert:
    """A draft of level 3."""
    made = draft(town)
    with town.database.session() as session:
        kept = session.get_one(Alert, made.id)
        kept.severity = "Moderate"
        write(session, kept, town.office)
    return made


def note(url: str, token: str | None, **form: Any) -> int:
    plain = {"who": "municipality", "level": "5", "words": WORDS, "places": TAMBON[:4]}
    return press(f"{url}/voices", token, **plain | form).status_code


def test_noted_seen_and_taken_back(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    assert "ยังไม่มีหน่วยงานใด" in see(f"{url}/voices", token).text
    assert note(url, token) == 200
    text = see(f"{url}/voices", token).text
    assert WORDS in text and "เตรียมพร้อม: เทศบาล อบต.แจ้งระดับ 5 อันตรายสูงสุด" in text
    assert WORDS in see(url, token).text  # the overview
    assert (
        "Be ready, the municipality says: level 5, highest danger" in see(f"{url}/voices?lang=en", token).text
    )
    (row,) = town.rows("SELECT id FROM voice")
    assert press(f"{url}/voices/{row.id}/end", token).status_code == 200
    assert WORDS not in see(f"{url}/voices", token).text
    trail = town.rows("SELECT data, actor FROM audit_entry WHERE subject = 'voice' ORDER BY seq")
    assert len(trail) == 2 and all(line.actor not in ("", "system") for line in trail)
    assert WORDS not in str(trail[0].data)  # a digest only


@pytest.mark.parametrize(
    ("form", "why"),
    [
        pytest.param({"who": "an astrologer"}, "who said it", id="nobody"),
        pytest.param({"level": "purple"}, "level they gave", id="no-level"),
        pytest.param({"places": "9999"}, "no place 9999", id="no-such-place"),
        pytest.param({"places": ""}, "the place they spoke of", id="nowhere"),
        pytest.param({"words": " "}, "type their words", id="no-words"),
    ],
)
def test_what_is_missing_is_said(town: Night, url: str, form: dict[str, str], why: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    see(f"{url}/?lang=en", token)
    plain = {"who": "ddpm", "level": "4", "words": WORDS, "places": "93"}
    answer = press(f"{url}/voices?lang=en", token, **plain | form)
    assert answer.status_code == 409 and why in answer.text and not town.rows("SELECT 1 FROM voice")


def test_only_who_writes_alerts_may(town: Night, url: str) -> None:
    assert note(url, town.officer(UserRole.RELIEF_OFFICER)) == 409 and note(url, None) in (401, 403)


def test_the_newest_word_of_a_voice_counts(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    note(url, token)
    town.clock.forward(town.office.config.ladder.wait)
    note(url, token, level="0", words="น้ำลดแล้ว", places="93")
    text = see(f"{url}/voices", token).text
    assert "น้ำลดแล้ว" in text and WORDS not in text and "เตรียมพร้อม:" not in text


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        pytest.param({}, "Worse than ours", id="worse"),
        pytest.param({"level": "2"}, "Less than ours", id="less"),
        pytest.param({"level": "0"}, "Less than ours", id="no danger at all"),
        pytest.param({"places": "93"}, "Worse than ours", id="the whole province"),
        pytest.param({"level": "3"}, None, id="the same"),
        pytest.param({"places": "930605"}, None, id="elsewhere"),
    ],
)
def test_a_differing_level_for_the_same_place_is_shown_at_approval(
    town: Night, url: str, form: dict[str, str], shown: str | None
) -> None:
    """The draft says level 3 for one tambon."""
    token = town.officer(UserRole.DUTY_OFFICER)
    milder(town)
    note(url, token, **form)
    text = see(f"{url}/?lang=en", token).text
    assert [w for w in ("Worse than ours", "Less than ours") if w in text] == ([shown] if shown else [])


def test_aligned_by_a_form_filled_in(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    milder(town)
    note(url, token)
    assert f"/compose?severity=Extreme&amp;event=flash_flood&amp;tambons={TAMBON}" in see(url, token).text
    form = see(f"{url}/compose?severity=Extreme&event=flash_flood&tambons={TAMBON}", token).text
    for value in ("Extreme", "flash_flood", TAMBON):
        assert f'value="{value}" required checked' in form or f'value="{value}" checked' in form, value


def test_kept_and_told_on_the_public_page_of_that_alert_only(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    alert = town.flood(severity="Moderate")
    note(url, token)
    (row,) = town.rows("SELECT id FROM voice")
    before = see(f"{url}/a/{alert.id}").text
    page = see(f"{url}/alerts/{alert.id}", token).text
    assert (
        WORDS in page and str(row.id) in page and "ปรับเป็นระดับของเขา" not in page
    )  # it is out: an update is drafted from it
    assert (
        press(f"{url}/alerts/{alert.id}/voices", token, key=str(row.id), answer="correct").status_code == 200
    )
    after = see(f"{url}/a/{alert.id}").text
    told = "เทศบาล อบต.แจ้งระดับ 5 อันตรายสูงสุดสำหรับพื้นที่เดียวกัน ขณะนี้ให้ยึดประกาศฉบับนี้ ระดับ 3 เสี่ยงอันตราย"
    assert told not in before and told in after and WORDS not in after  # their words are theirs
    assert press(f"{url}/alerts/{alert.id}/voices", token, key=str(row.id), answer="stand").status_code == 409
    assert [r.action for r in town.rows("SELECT action FROM audit_entry WHERE subject = 'voice_answer'")] == [
        "voice_answer.added"
    ]


def test_kept_without_a_word_to_the_public(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    alert = milder(town)
    note(url, token)
    (row,) = town.rows("SELECT id FROM voice")
    assert press(f"{url}/alerts/{alert.id}/voices", token, key=str(row.id), answer="stand").status_code == 200
    text = see(f"{url}/?lang=en", token).text
    assert "keeps ours" in text and "Take their level" not in text


def test_what_was_received_and_may_not_speak_is_seen_by_a_person(town: Night, url: str) -> None:
    reason = {"code": "hold.exercise_words", "th": "บอกว่าเป็นการฝึก", "en": "says it is a drill"}
    with town.database.session() as session:
        session.add(
            ReceivedMessage(id=uuid4(), source="tmd-cap", via="in the feed", received_at=town.clock.now(), digest="x", body=b"",
                            verdict="valid-with-defect", signature="unsigned", reasons=[reason], became="quarantined",
                            named="tmd,1,2026", status="Actual")
        )  # fmt: skip
    token = town.officer(UserRole.DUTY_OFFICER)
    assert "บอกว่าเป็นการฝึก" in see(f"{url}/voices", token).text
    assert "says it is a drill" in see(f"{url}/voices?lang=en", token).text


@pytest.fixture
def browser() -> Iterator[Any]:
    chromium_path = require("chromium")
    if not (STATIC / ".vite" / "manifest.json").exists():
        missing("the pages are not built (make setup)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=chromium_path, args=ARGS)
        yield chromium
        chromium.close()


@pytest.mark.service
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_seen(town: Night, url: str, browser: Any, size: str, lang: str) -> None:
    """Noted with four touches and the words, at any size; nothing wider than the screen; axe finds nothing grave."""
    token = town.officer(UserRole.DUTY_OFFICER)
    milder(town)
    page = opened(browser, url, token, size)
    page.set_default_timeout(5_000)
    page.goto(f"{url}/voices?lang={lang}")
    began = time.monotonic()
    page.locator("label:has(input[value=municipality])").click()
    page.locator("label:has(input[value='5'])").click()
    page.locator("input[name=words]").fill(WORDS)
    page.locator("label:has(input[value='93'])").click()
    page.locator("#new button.primary").click()
    page.wait_for_selector(".changed")
    assert time.monotonic() - began < 10
    for path, name in (("/voices", "voices"), ("/", "voices_differ")):
        page.goto(f"{url}{path}?lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}_{lang}_{size}.png", full_page=True)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")["violations"]
        assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
