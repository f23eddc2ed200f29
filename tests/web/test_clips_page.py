"""The recorder pressed over real HTTP: a recording uploaded without any script, heard, replaced, retired; each noted."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import requests

from tests.warning.speech.sounds_made import beep
from tests.warning.speech.spoken_town import phrases_of, record, speaking
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole, csrf_of
from warning.clock import HandClock
from warning.speech.audio import PHONE_RATE, pcm_of
from warning.speech.numbers import NUMBER_WORDS
from warning.store.database import Database
from warning.web.render import COOKIE

RIVER = "น้ำล้นตลิ่ง"


@pytest.fixture
def town(database: Database, clock: HandClock, tmp_path: Path) -> Night:
    return speaking(database, clock, tmp_path)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def upload(url: str, token: str, body: bytes, **form: str) -> requests.Response:
    plain = {"csrf": csrf_of(token), "phrase": RIVER, "speaker": "นางเสียง ใส", "lang_of": "th"}
    files = {"sound_file": ("a.wav", body, "audio/wav")} if body else None
    return requests.post(
        f"{url}/clips/one",
        data=plain | form,
        files=files,
        cookies={COOKIE: token},
        timeout=10,
        allow_redirects=False,
    )


def clips(town: Night) -> list[object]:
    return town.rows(
        "SELECT phrase, source, retired_at FROM clip WHERE source <> 'computed' ORDER BY recorded_at"
    )


def test_a_file_uploaded_becomes_a_clip_and_the_next_phrase_is_asked_for(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    answer = upload(url, token, beep())
    assert answer.status_code == 303
    assert unquote(answer.headers["Location"]).startswith("/clips/one?phrase=") and RIVER in unquote(
        answer.headers["Location"]
    )
    page = see(f"{url}/clips/one", token, phrase=RIVER).text
    assert "นางเสียง ใส" in page and "ใช้อยู่" in page
    found = re.search(r"/clips/sound/([0-9a-f]{64})\.wav", page)
    assert found
    heard = see(url + found[0], token)
    assert heard.headers["Content-Type"] == "audio/wav" and pcm_of(heard.content)
    assert RIVER in see(f"{url}/clips", token, state="recorded", group="event").text
    assert RIVER not in see(f"{url}/clips", token, state="missing", group="event").text
    assert [row.action for row in town.rows("SELECT action FROM audit_entry WHERE subject = 'clip'")].count(
        "clip.added"
    ) == 5


def test_a_clip_is_replaced_and_retired_and_the_page_says_so(town: Night, url: str) -> None:
    token = town.officer(UserRole.ADMINISTRATOR)
    upload(url, token, beep(300))
    upload(url, token, beep(500), source="recorded")
    assert [row.source for row in clips(town) if row.retired_at is None] == ["recorded"]
    page = see(f"{url}/clips/one", token, phrase=RIVER).text
    assert "เลิกใช้ 23 พ.ย. 2569" in page
    at = re.search(r"/clips/[0-9a-f-]{36}/retire", page)
    assert at and press(url + at[0], token).status_code == 200
    assert all(row.retired_at for row in clips(town))
    assert press(url + at[0], token).status_code == 409


@pytest.mark.parametrize(
    ("form", "body", "why"),
    [
        pytest.param({}, b"", "ยังไม่มีเสียง", id="no-file"),
        pytest.param({}, b"not a sound at all", "ไม่ใช่ไฟล์เสียงที่รู้จัก", id="no-sound"),
        pytest.param({"speaker": " "}, beep(), "บอกด้วยว่าใครเป็นผู้พูด", id="nobody"),
    ],
)
def test_what_cannot_be_taken_is_said_on_the_page(
    town: Night, url: str, form: dict[str, str], body: bytes, why: str
) -> None:
    answer = upload(url, town.officer(UserRole.DUTY_OFFICER), body, **form)
    assert answer.status_code == 409 and why in answer.text and RIVER in answer.text
    assert clips(town) == []


def test_a_phrase_that_no_alert_says_is_not_taken(town: Night, url: str) -> None:
    upload(url, town.officer(UserRole.DUTY_OFFICER), beep(), phrase="น้ำจะไม่มา")
    assert clips(town) == []


@pytest.mark.parametrize("role", [UserRole.APPROVER, UserRole.RELIEF_OFFICER, UserRole.TEAM_MEMBER])
def test_others_neither_see_nor_record(town: Night, url: str, role: UserRole) -> None:
    token = town.officer(role)
    assert see(f"{url}/clips", token).status_code in (403, 409)
    assert upload(url, token, beep()).status_code in (403, 409)
    assert press(f"{url}/clips/tones", token).status_code in (403, 409)
    assert clips(town) == []


def test_nobody_hears_a_clip_without_signing_in(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    upload(url, token, beep())
    sha = town.rows("SELECT sha256 FROM clip WHERE source = 'uploaded'")[0].sha256
    assert see(f"{url}/clips/sound/{sha}.wav").status_code == 401
    for name in ("../keys/keyring.json", f"{sha}.txt", f"{'0' * 64}.wav", "%2e%2e%2fkeys"):
        assert see(f"{url}/clips/sound/{name}", token).status_code == 404


def test_what_an_alert_waits_for_stands_first(town: Night, url: str) -> None:
    town.flood()
    token = town.officer(UserRole.DUTY_OFFICER)
    page = see(f"{url}/clips", token).text
    first = re.search(r'<ul class="list clips">.*?</li>', page, re.DOTALL)
    assert first and "1 การเตือนรออยู่" in first[0]
    assert "การเตือนที่ร่างหรือใช้อยู่ขาด" in page
    assert "โรงเรียนวัดนาท่อม" in see(f"{url}/clips", token, group="shelter").text, (
        "the shelter this alert names"
    )


def test_the_tones_need_no_speaker(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    assert "/clips/tones" in see(f"{url}/clips", token).text
    press(f"{url}/clips/tones", token)
    assert "/clips/tones" not in see(f"{url}/clips", token).text
    assert len(town.rows("SELECT 1 FROM clip WHERE source = 'computed' AND speaker_sealed IS NULL")) == 4


def test_the_whole_announcement_is_heard_once_its_clips_are_there(town: Night, url: str) -> None:
    alert = town.flood()
    token = town.officer(UserRole.APPROVER)
    at = f"{url}/clips/alert/{alert.id}/{VILLAGE}.wav"
    assert see(at, token).status_code == 404
    record(town, phrases_of(town, alert))
    pcm, rate = pcm_of(see(at, token).content)
    assert rate == PHONE_RATE and len(pcm) / 2 / rate > 5
    assert see(at).status_code == 401


def test_a_long_list_is_shown_by_the_page(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    first = see(f"{url}/clips", token, group="village").text
    more = re.search(r'href="(/clips\?[^"]*after=40)"', first)
    assert more and first.count("<li>\n<a") == 40
    second = see(url + more[1].replace("&amp;", "&"), token).text
    assert second.count("<li>\n<a") == 40 and second != first
    assert see(f"{url}/clips", token, group="number", state="").text.count("<li>\n<a") == len(NUMBER_WORDS)
