"""A person's translation is put in by an officer and stands on the draft, in the SMS and on the public page of the alert."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.alert import Alert, AlertState
from warning.clock import HandClock
from warning.store.database import Database
from warning.writing import write


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


FORM = {
    "of": "river_overflow/evacuate",
    "lang": "ms",
    "words": "AMARAN BANJIR: {place}. Pindah ke tempat tinggi. Tel {phone}",
    "translator": "Ustaz Dolah",
    "translated_on": "2026-01-15",
}


def test_put_in_drafted_and_shown(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    town.people(["+66810000001"])
    alert = town.flood()
    with town.database.session() as session:
        session.execute(text("UPDATE address SET lang = 'ms'"))
        kept = session.get_one(Alert, alert.id)
        kept.state = AlertState.DRAFT
    assert "อ่านมลายู 1 บ้านจะได้ข้อความภาษาไทย" in see(f"{url}/", token).text
    assert "1 home that reads Malay will get Thai" in see(f"{url}/", token, lang="en").text
    assert press(f"{url}/translations", token, **FORM).status_code == 200
    page = see(f"{url}/translations", token, lang="en").text
    assert "AMARAN BANJIR" in page and "by Ustaz Dolah, 15 Jan" in page
    with town.database.session() as session:
        write(session, session.get_one(Alert, alert.id), town.office)
    page = see(f"{url}/", token).text
    assert "Pindah ke tempat tinggi" in page and "จะได้ข้อความภาษาไทย" not in page
    with town.database.session() as session:
        session.get_one(Alert, alert.id).state = AlertState.ISSUED
    assert '<section lang="ms">' in see(f"{url}/a/{alert.id}").text
    assert {r.action for r in town.rows("SELECT action FROM audit_entry")} >= {"translation.put"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"words": "no blanks"}, "ต้องมีช่อง {place} {phone}", id="blanks"),
        pytest.param({"translated_on": "yesterday"}, "ใส่วันที่แปล", id="day"),
        pytest.param({"of": "x"}, "เลือกเหตุ", id="event"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(
    town: Night, url: str, changed: dict[str, str], said: str
) -> None:
    answer = press(f"{url}/translations", town.officer(UserRole.APPROVER), **FORM | changed)
    assert answer.status_code == 422 and said in answer.text and "Ustaz Dolah" in answer.text


@pytest.mark.parametrize("role", [UserRole.RELIEF_OFFICER, UserRole.TEAM_MEMBER, UserRole.ADMINISTRATOR])
def test_only_who_warns_may_write_it(town: Night, url: str, role: UserRole) -> None:
    assert see(f"{url}/translations", town.officer(role)).status_code in (403, 409)
    assert press(f"{url}/translations", town.officer(role), **FORM).status_code in (403, 409)
