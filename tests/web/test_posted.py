"""Posted by hand in groups that are closed to us: one tap, once a group, no proof, and the end of the warning goes there too."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.warning.town import TAMBON
from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.alert import Alert, AlertState
from warning.audit import verify
from warning.clock import HandClock
from warning.posted import groups_left, posted_of
from warning.store.database import Database

OPEN_CHAT, VOLUNTEERS = "OpenChat บ้านคลองนา", "กลุ่ม อสม. ตะโหมด"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def test_posted_once_by_a_named_officer_and_counted_for_nobody(town: Night, url: str) -> None:
    alert, token = town.flood(), town.officer(UserRole.DUTY_OFFICER, name="น.ส. เวรดึก")
    texts, before = f"{url}/relay/{alert.id}/texts", town.states()
    assert "ยังไม่มีใครบอกว่าโพสต์แล้ว" in see(texts, token).text
    for _ in range(2):  # twice is once
        assert press(f"{url}/relay/{alert.id}/posted", token, place=f"  {OPEN_CHAT} ").status_code == 200
    page = see(texts, token).text
    assert page.count(f"<b>{OPEN_CHAT}</b>") == 1 and "น.ส. เวรดึก" in page
    assert (
        "ไม่ใช่หลักฐานว่ามีใครอ่าน" in page and "no proof that anybody read it" in see(texts, token, lang="en").text
    )
    assert "posted in 1 groups" in see(f"{url}/alerts/{alert.id}", token, lang="en").text
    assert town.states() == before and town.rows("SELECT 1 FROM receipt WHERE state <> 'accepted'") == []
    with town.database.session() as session:
        (row,) = posted_of(session, alert.id)
        assert (row.place, row.by_name) == (OPEN_CHAT, "น.ส. เวรดึก")
        assert verify(session).ok
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'posted.said'")) == 1


def test_the_next_alert_has_a_button_for_each_group_and_those_with_the_old_words_first(
    town: Night, url: str
) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    first, other = town.flood(), town.flood(number="ฝึก-พท-2569-0013")
    press(f"{url}/relay/{first.id}/posted", token, place=OPEN_CHAT)
    town.clock.forward(timedelta(minutes=1))
    press(f"{url}/relay/{other.id}/posted", token, place=VOLUNTEERS)
    update = town.flood(number="ฝึก-พท-2569-0014")
    with town.database.session() as session:
        session.get_one(Alert, update.id).references = [str(first.id)]
    with town.database.session() as session:
        left = groups_left(session, session.get_one(Alert, update.id))
    assert left == [(OPEN_CHAT, True), (VOLUNTEERS, False)]
    page = see(f"{url}/relay/{update.id}/texts", token, lang="en").text
    assert f"Posted in {OPEN_CHAT}" in page and page.count("It has the old words") == 1
    press(f"{url}/relay/{update.id}/posted", token, place=OPEN_CHAT)
    with town.database.session() as session:
        assert groups_left(session, session.get_one(Alert, update.id)) == [(VOLUNTEERS, False)]
        elsewhere = town.flood(number="ฝึก-พท-2569-0015")
        elsewhere.tambons = ["930101" if TAMBON != "930101" else "930102"]
        assert groups_left(session, elsewhere) == []  # other places have other groups


@pytest.mark.parametrize(
    ("place", "role", "status"),
    [
        pytest.param("  ", UserRole.DUTY_OFFICER, 409, id="nowhere"),
        pytest.param("ก" * 81, UserRole.DUTY_OFFICER, 409, id="too-long"),
        pytest.param(OPEN_CHAT, UserRole.RELIEF_OFFICER, 409, id="not-on-duty"),
    ],
)
def test_what_is_not_written_down(town: Night, url: str, place: str, role: UserRole, status: int) -> None:
    alert = town.flood()
    assert press(f"{url}/relay/{alert.id}/posted", town.officer(role), place=place).status_code == status
    assert town.rows("SELECT 1 FROM posted") == []


def test_an_alert_that_is_over_is_posted_no_more(town: Night, url: str) -> None:
    alert, token = town.flood(), town.officer(UserRole.DUTY_OFFICER)
    with town.database.session() as session:
        session.get_one(Alert, alert.id).state = AlertState.EXPIRED
    assert press(f"{url}/relay/{alert.id}/posted", token, place=OPEN_CHAT).status_code == 409
