"""A shift holds drafts back with a reason and an end, sees it on the overview, and takes it back; all of it in the trail."""

from collections.abc import Iterator

import pytest

from tests.warning.town import TAMBON
from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database

REASON = "เครื่องวัดสะพานอยู่ระหว่างซ่อม"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def made(url: str, token: str, **form: str) -> int:
    plain = {"tambons": TAMBON, "ceiling": "Moderate", "reason": REASON}
    return press(f"{url}/silences", token, **plain | form).status_code


def test_it_is_made_seen_and_ended(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    assert "ไม่มีการพักเตือน" in see(f"{url}/silences", token).text
    assert made(url, token) == 200
    text = see(f"{url}/silences", token).text
    assert REASON in text and "ทุกภัย" in text and "08:30" in text  # the clock stands in a night shift
    overview = see(url, token).text
    assert "กำลังพักการเตือน 1 ตำบล ถึง" in overview and overview.count("พักการเตือน</title>") == 1
    assert "Drafts held back in 1 tambon until" in see(f"{url}/?lang=en", token).text
    (row,) = town.rows("SELECT id FROM silence")
    assert press(f"{url}/silences/{row.id}/end", token).status_code == 200
    assert "ไม่มีการพักเตือน" in see(f"{url}/silences?lang=th", token).text
    trail = town.rows("SELECT action, actor FROM audit_entry WHERE subject = 'silence' ORDER BY seq")
    assert len(trail) == 2 and all(line.actor not in ("", "system") for line in trail)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        pytest.param({"ceiling": "Extreme"}, "Extreme is never silenced", id="extreme"),
        pytest.param({"reason": "ok"}, "say why", id="no-reason"),
        pytest.param({"tambons": ""}, "there is no tambon", id="no-such-place"),
        pytest.param({"until": "08:31"}, "within this shift", id="past-the-shift"),
        pytest.param({"until": "25:99"}, "14:30", id="no-hour"),
        pytest.param({"event": "rain of frogs"}, "hazard", id="no-hazard"),
    ],
)
def test_what_goes_too_far_is_refused_with_the_reason(
    town: Night, url: str, form: dict[str, str], why: str
) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    plain = {"tambons": TAMBON, "ceiling": "Moderate", "reason": REASON, "lang": "en"}
    see(f"{url}/?lang=en", token)
    answer = press(f"{url}/silences?lang=en", token, **plain | form)
    assert answer.status_code == 409 and why in answer.text
    assert not town.rows("SELECT 1 FROM silence")


def test_only_who_writes_alerts_may(town: Night, url: str) -> None:
    assert made(url, town.officer(UserRole.RELIEF_OFFICER)) == 409 and not town.rows("SELECT 1 FROM silence")
    assert made(url, "") == 401
