"""A draft somebody wrote is changed in the form it was written with; a rule's draft and an old page change nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.warning.town import TAMBON
from tests.web.paper_office import FAR, Night, night, served
from tests.web.test_console_seen import draft
from tests.web.test_draft_pages import seen_on
from tests.web.visitor import press, see
from warning.alert import Alert, ApprovalPolicy
from warning.clock import HandClock
from warning.seen import seen_of
from warning.store.database import Database

WANTED = {
    "severity": "Extreme",
    "response": "Shelter",
    "hours": "5",
    "water_at": "03:30",
    "shelter": "วัดนาท่อม",
    "tambons": TAMBON,
}


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def followed(town: Night, url: str, token: str, kind: str) -> Alert:
    """A draft that follows the night's alert, as the officer's button makes it."""
    alert = town.flood()
    assert press(f"{url}/alerts/{alert.id}/follow-up", token, kind=kind).ok
    (row,) = town.rows("SELECT id FROM alert WHERE state = 'DRAFT'")
    return kept(town, row.id)


def kept(town: Night, alert_id: object) -> Alert:
    with town.database.session() as session:
        return session.get_one(Alert, alert_id)


def test_an_update_is_changed_in_the_form_of_writing(town: Night, url: str) -> None:
    token = town.officer()
    made = followed(town, url, token, "update")
    assert f"/alerts/{made.id}/edit" in see(url, token).text
    form = see(f"{url}/alerts/{made.id}/edit", token).text
    for code in (TAMBON, FAR):
        assert re.search(rf'value="{code}" checked', form)
    assert press(f"{url}/alerts/{made.id}/edit", token, seen=seen_on(form), **WANTED).ok
    now = kept(town, made.id)
    assert (now.severity, now.response_type, now.tambons) == ("Extreme", "Shelter", [TAMBON])
    assert now.expires_at == town.clock.now() + timedelta(hours=5)
    assert now.facts["shelter_th"] == "วัดนาท่อม"
    same = WANTED | {"shelter": "วัดนาท่อม", "hours": "6"}
    with town.database.session() as session:
        row = session.get_one(Alert, made.id)
        row.facts = row.facts | {"shelter_en": "Wat Na Thom"}
    assert press(f"{url}/alerts/{made.id}/edit", token, seen=seen_of(kept(town, made.id)), **same).ok
    assert kept(town, made.id).facts["shelter_en"] == "Wat Na Thom"  # the same place keeps its English name
    assert now.words != made.words and "03:30" in now.words["description_th"]
    assert (now.references, now.number, now.kind) == (made.references, made.number, "update")
    assert "เจ้าหน้าที่แก้ไขร่าง" in see(url, token).text
    entries = town.rows(
        "SELECT actor FROM audit_entry WHERE subject_id = :i AND action = 'alert.changed'", i=str(made.id)
    )
    assert now.drafted_by in {entry.actor for entry in entries}


def test_a_change_voids_what_was_approved_and_read_before(town: Night, url: str) -> None:
    first, second = town.officer(name="นางแรก"), town.officer(name="นายสอง")
    made = followed(town, url, first, "update")
    with town.database.session() as session:
        session.get_one(Alert, made.id).approval = ApprovalPolicy.TWO_PERSON
    old = seen_on(see(f"{url}/alerts/{made.id}/edit", first).text)
    assert press(f"{url}/alerts/{made.id}/edit", second, seen=old, **WANTED).ok
    for path, form in (("approve", {}), ("edit", WANTED)):
        answer = press(f"{url}/alerts/{made.id}/{path}", first, seen=old, **form)
        assert answer.status_code == 409 and "ร่างเปลี่ยนไปแล้ว" in answer.text, path
    now = seen_of(kept(town, made.id))
    refused = press(f"{url}/alerts/{made.id}/approve", second, seen=now)
    assert refused.status_code == 409 and "ผู้ร่างอนุมัติเองไม่ได้" in refused.text  # who changed it has written it
    assert press(f"{url}/alerts/{made.id}/approve", first, seen=now).ok


@pytest.mark.parametrize("kind", ["cancel", "all_clear", "correction"])
def test_of_what_ends_an_alert_only_its_own_end_changes(town: Night, url: str, kind: str) -> None:
    token = town.officer()
    made = followed(town, url, token, kind)
    form = see(f"{url}/alerts/{made.id}/edit", token).text
    assert 'name="tambons"' not in form and 'name="hours"' in form
    assert press(f"{url}/alerts/{made.id}/edit", token, seen=seen_on(form), **WANTED).ok
    now = kept(town, made.id)
    assert now.expires_at == town.clock.now() + timedelta(hours=5)
    assert (now.tambons, now.severity, now.response_type) == (made.tambons, made.severity, "AllClear")


def test_a_rules_draft_is_not_changed_by_hand(town: Night, url: str) -> None:
    alert, token = draft(town), town.officer()
    page = see(url, token).text
    assert f"/alerts/{alert.id}/edit" not in page
    assert see(f"{url}/alerts/{alert.id}/edit", token).status_code == 409
    assert press(f"{url}/alerts/{alert.id}/edit", token, seen=seen_on(page), **WANTED).status_code == 409
    assert seen_of(kept(town, alert.id)) == seen_on(page)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        pytest.param({"tambons": ""}, 409, id="no-place"),
        pytest.param({"tambons": "999999"}, 409, id="no-such-place"),
        pytest.param({"response": "Dance"}, 409, id="nothing-to-do"),
        pytest.param({"hours": "99"}, 422, id="too-long"),
        pytest.param({"water_at": "half past"}, 409, id="no-hour"),
    ],
)
def test_what_cannot_be_written_changes_nothing(
    town: Night, url: str, wrong: dict[str, str], status: int
) -> None:
    token = town.officer()
    made = followed(town, url, token, "update")
    answer = press(f"{url}/alerts/{made.id}/edit", token, seen=seen_of(made), **WANTED | wrong)
    assert answer.status_code == status
    assert seen_of(kept(town, made.id)) == seen_of(made)
