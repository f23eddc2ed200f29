"""What strangers and the wrong person may not do, and what is told even when the database is away."""

from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from sqlmodel import select

from tests.web.paper_office import night, served
from warning.accounts.user import UserRole, csrf_of
from warning.alert import Alert, Mode
from warning.config import ApprovalSettings
from warning.store.database import Database
from warning.web.render import COOKIE
from warning.writing import cap_of


def test_health_is_told_when_the_database_is_away(database: Database, clock) -> None:
    town = night(database, clock)
    town.office = replace(town.office, database=Database.connect("postgresql://nobody@127.0.0.1:1/none"))
    with served(town) as url:
        answer = requests.get(f"{url}/healthz", cookies={COOKIE: "any"}, timeout=20)
    assert (answer.status_code, answer.json()["database"]) == (503, "away")


def test_a_stranger_is_sent_away_before_the_body_is_read(database: Database, clock) -> None:
    with served(night(database, clock)) as url:
        answer = requests.post(
            f"{url}/users", data=b"not a form", headers={"Content-Type": "multipart/form-data"}, timeout=10
        )
    assert answer.status_code == 401


def test_only_what_was_sent_in_haste_is_reviewed_and_by_another_person(database: Database, clock) -> None:
    town = night(database, clock)
    alert, token = town.flood(), town.officer(UserRole.APPROVER)

    def review(url: str) -> int:
        pressed = requests.post(f"{url}/alerts/{alert.id}/review", data={"csrf": csrf_of(token)}, cookies={COOKIE: token},
                                timeout=10, allow_redirects=False)  # fmt: skip
        return pressed.status_code

    with served(town) as url:
        assert review(url) == 409  # it never waited for a review
        with database.session() as session:
            session.get_one(Alert, alert.id).review_due_at = clock.now() + timedelta(minutes=15)
        assert review(url) == 303
        assert review(url) == 409  # once


ODD_ADDRESSES = {
    "an id that is none": "/alerts/zzz",
    "an alert that is none": "/alerts/00000000-0000-4000-8000-000000000000",
    "a NUL in a number": "/a/%00",
    "a NUL in a query": "/a?number=%00",
    "an event that is none": "/gaps/00000000-0000-4000-8000-000000000000/93010101",
}


@pytest.mark.parametrize("address", ODD_ADDRESSES.values(), ids=ODD_ADDRESSES.keys())
def test_an_address_no_page_of_ours_made_is_told_in_words(address: str, database: Database, clock) -> None:
    town = night(database, clock)
    token = town.officer(UserRole.DUTY_OFFICER, UserRole.RELIEF_OFFICER)
    with served(town) as url:
        answer = requests.get(url + address, cookies={COOKIE: token}, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (404, "text/html")


def test_a_form_that_cannot_be_read_is_told_in_words(database: Database, clock) -> None:
    town = night(database, clock)
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        too_long = requests.post(
            f"{url}/compose", data={"x": "y" * 2_000_000}, cookies={COOKIE: token}, timeout=10
        )
        no_hours = requests.post(f"{url}/compose", data={"csrf": csrf_of(token), "hours": "many"},
                                 cookies={COOKIE: token}, timeout=10)  # fmt: skip
    assert (too_long.status_code, too_long.headers["Content-Type"][:9]) == (400, "text/html")
    assert (no_hours.status_code, no_hours.headers["Content-Type"][:9]) == (422, "text/html")


@pytest.mark.parametrize("pasted", ["\x00", "\x0b", "\x0c", "\ufffe", "\r\n"], ids=repr)
def test_a_shelter_pasted_with_signs_nobody_sees_still_goes_out(
    pasted: str, database: Database, clock
) -> None:
    town = night(database, clock)
    town.office.config.approval = ApprovalSettings()
    token = town.officer(UserRole.DUTY_OFFICER)
    form = {"csrf": csrf_of(token), "event": "flash_flood", "severity": "Severe", "response": "Evacuate", "hours": "12",
            "tambons": "930112", "shelter": f"วัด{pasted}ร่มเมือง"}  # fmt: skip
    with served(town) as url:
        made = requests.post(
            f"{url}/compose", data=form, cookies={COOKIE: token}, timeout=10, allow_redirects=False
        )
    assert made.status_code == 303
    with database.session() as session:
        alert = session.exec(select(Alert)).one()
        assert "วัด ร่มเมือง".encode() in cap_of(session, alert, town.office)


@pytest.mark.parametrize("page", ["/", "/a", "/gaps", "/relay", "/h/nothing", "/no-such-page"])
@pytest.mark.parametrize("told", [False, True])
def test_every_page_says_to_everybody_when_the_system_can_tell_no_one(
    database: Database, clock, page: str, told: bool
) -> None:
    town = night(database, clock)
    town.office = replace(town.office, mode=Mode.ACTUAL)
    town.channels[:] = [town.channels[0].model_copy(update={"simulated": not told})]
    with served(town) as url:
        text = requests.get(f"{url}{page}", timeout=10).text
    assert ("ระบบยังไม่ได้ส่งถึงใคร" in text) is not told
