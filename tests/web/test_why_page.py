"""The page that says why: values with their two times, what came too late to be known, the reason of each place, who did what."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.warning.town import TAMBON
from tests.web.paper_office import FAR, Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.assess import HazardAssessment
from warning.clock import HandClock
from warning.observation import ObservationRow, PayloadRow
from warning.store.database import Database
from warning.why import why


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def observed(town: Night, at: datetime, value: float, known_at: datetime) -> dict[str, object]:
    payload = PayloadRow(id=uuid4(), source="hii", fetched_at=known_at, body=b"")
    row = ObservationRow(
        source="hii",
        station="X.170",
        quantity="water_level",
        observed_at=at,
        value=value,
        unit="m",
        payload_id=payload.id,
    )
    with town.database.session() as session:
        session.add_all([payload, row])
    return {
        "at": at.isoformat(),
        "value": value,
        "station": "X.170",
        "quantity": "water_level",
        "source": "hii",
    }


def flood_seen(town: Night) -> Alert:
    """An alert on two readings known then, and a third that was observed before it and came after it."""
    now = town.clock.now()
    alert = town.flood()
    seen = [
        observed(town, now - timedelta(minutes=m), v, now - timedelta(minutes=m - 3))
        for m, v in ((20, 18.7), (10, 18.9))
    ]
    observed(town, now - timedelta(minutes=5), 19.4, now + timedelta(minutes=9))
    with town.database.session() as session:
        assessment = session.get_one(HazardAssessment, alert.assessment_id)
        assessment.observations = [
            seen[0],
            {**seen[1], "verdict": "suspect", "reason": "ขึ้นเร็วผิดปกติ (a step)"},
        ]
        return session.get_one(Alert, alert.id)


def test_what_was_known_and_what_came_too_late(town: Night) -> None:
    alert = flood_seen(town)
    with town.database.session() as session:
        found = why(session, alert, town.office)
    (ground,) = found.grounds
    assert [(r.value, r.late) for r in ground.readings] == [(18.7, False), (18.9, False), (19.4, True)]
    assert [r.known_at - r.at for r in ground.readings if r.known_at] == [
        timedelta(minutes=3), timedelta(minutes=3), timedelta(minutes=14),
    ]  # fmt: skip
    assert [(p.tambon, p.how, p.station) for p in found.places] == [
        (TAMBON, "downstream", "X.170"), (FAR, "downstream", "X.170"),
    ]  # fmt: skip
    assert all(p.water_by for p in found.places)


def test_the_page_says_it_in_both_languages(town: Night, url: str) -> None:
    alert, token = flood_seen(town), town.officer(UserRole.DUTY_OFFICER)
    thai = see(f"{url}/alerts/{alert.id}/why", token).text
    for words in ("19.40 ม.รทก.", "มาหลังตัดสินใจ ตอนนั้นยังไม่รู้", "น่าสงสัย", "ขึ้นเร็วผิดปกติ", "ท้ายน้ำของสถานี"):
        assert words in thai
    english = see(f"{url}/alerts/{alert.id}/why?lang=en", token).text
    for words in ("19.40 m MSL", "nobody knew it then", "suspect", "a step", "downstream of station"):
        assert words in english
    assert f"/alerts/{alert.id}/why" in see(f"{url}/alerts/{alert.id}", token).text


def test_a_draft_written_by_hand_says_so_and_who_wrote_it(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    press(
        f"{url}/compose",
        token,
        event="river_overflow",
        severity="Severe",
        response="Evacuate",
        hours="12",
        tambons=TAMBON,
    )
    (row,) = town.rows("SELECT id FROM alert")
    text = see(f"{url}/alerts/{row.id}/why", token).text
    assert "เจ้าหน้าที่เขียนเอง" in text and "เจ้าหน้าที่เลือก" in text and "บันทึกที่" in text


def test_an_alert_that_is_none_has_no_page(town: Night, url: str) -> None:
    assert see(f"{url}/alerts/{uuid4()}/why", town.officer(UserRole.DUTY_OFFICER)).status_code == 404
    assert see(f"{url}/alerts/{uuid4()}/why", "").status_code == 401
