"""Who could not be told: grouped by channel and reason, taken on by a person, and what was done stands in the trail."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from channels.contract import Batch, OutcomeUnknown, QuotaSpent, Receipt, ReceiptState
from geo.people import AddressKind, Audience
from tests.warning.town import ToldByLine, channel, delivers
from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database

PHONES = [f"+6681000{n:04d}" for n in range(6)]


def turned_down(batch: Batch, now: Any) -> list[Receipt]:
    return [Receipt(m.id, ReceiptState.REFUSED, now, why="ไม่ใช่เบอร์มือถือ (not a mobile number)") for m in batch.messages]  # fmt: skip


def raising(error: Exception) -> Any:
    def does(batch: Batch, now: Any) -> list[Receipt]:
        raise error

    return does


def flooded(database: Database, clock: HandClock, does: Any) -> Night:
    town = night(database, clock)
    town.channels[:] = [channel(does)]
    town.office.wires["sms"] = object()
    town.people(PHONES, head="+66810009999")
    town.flood()
    return town


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return flooded(database, clock, turned_down)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def group_of(page: str) -> str:
    (path,) = set(re.findall(r'href="(/undelivered/[^"]+/[^"]+)"', page))
    return str(path)


@pytest.mark.parametrize(
    ("does", "reason", "thai"),
    [
        pytest.param(turned_down, "does not take this number", "ไม่รับเบอร์", id="refused"),
        pytest.param(raising(QuotaSpent("monthly")), "quota ended", "โควตาของช่องทางหมด", id="quota"),
        pytest.param(raising(OutcomeUnknown("no answer")), "may have arrived", "อาจถึงหรือไม่ถึง", id="unknown"),
    ],
)
def test_each_reason_in_plain_words(
    database: Database, clock: HandClock, does: Any, reason: str, thai: str
) -> None:
    town = flooded(database, clock, does)
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        assert thai in see(f"{url}/undelivered", token).text
        page = see(f"{url}/undelivered", token, lang="en").text
        assert reason in page and "7 nobody has taken on" in page
        inside = see(f"{url}{group_of(page)}", token).text
    assert thai in inside and "+6681" not in inside  # whose number it is stands in the register only


def test_taken_on_one_by_one_and_all_at_once(town: Night, url: str) -> None:
    token = town.officer(UserRole.DUTY_OFFICER)
    group = group_of(see(f"{url}/undelivered", token).text)
    letters = re.findall(r'name="letter" value="([^"]+)"', see(f"{url}{group}", token).text)
    assert len(letters) == 7
    head = town.rows(
        "SELECT d.id::text FROM delivery d JOIN segment s ON s.id = d.segment_id WHERE audience = 'contact'"
    )
    assert letters[0] == head[0].id  # who can tell a village comes first
    assert press(f"{url}{group}", token, letter=letters[0], care="corrected").status_code == 200
    assert press(f"{url}{group}", token, letter=letters[1], care="done").status_code == 200
    assert press(f"{url}{group}", token, care="handed", to_whom=" ").status_code == 422
    assert (
        press(f"{url}{group}", token, care="corrected").status_code == 422
    )  # numbers are put right one by one
    assert press(f"{url}{group}", token, care="burned").status_code == 409
    done = press(f"{url}{group}", token, care="handed", to_whom="อสม. หมู่ 1")
    assert done.status_code == 200 and "มอบให้ อสม. หมู่ 1" in done.text and "มีคนรับครบแล้ว" in done.text
    took = town.rows("SELECT care, to_whom, count(*) FROM undelivered GROUP BY 1, 2 ORDER BY 3, 1")
    assert [tuple(r) for r in took] == [("CORRECTED", "", 1), ("DONE", "", 1), ("HANDED", "อสม. หมู่ 1", 5)]
    trail = [
        r.action
        for r in town.rows("SELECT action FROM audit_entry WHERE action LIKE 'undelivered%' ORDER BY seq")
    ]
    assert trail == ["undelivered.corrected", "undelivered.done", "undelivered.handed"]
    assert not [r for r in town.rows("SELECT data FROM audit_entry") if "อสม." in r.data]


def test_who_is_reached_another_way_is_no_dead_letter(database: Database, clock: HandClock) -> None:
    town = night(database, clock)
    town.channels[:] = [channel(turned_down), channel(delivers, "line", ToldByLine)]
    town.office.wires.update({"sms": object(), "line": object()})
    homes = town.people(PHONES[:2])
    with database.session() as session:
        who = town.rows("SELECT owner_id FROM address WHERE household_id = :h", h=homes[0])[0].owner_id
        session.add(town._address(Audience.RESIDENT, AddressKind.LINE, 0, who, homes[0], "U1"))
    town.flood()
    with served(town) as url:
        page = see(f"{url}/undelivered", town.officer(UserRole.DUTY_OFFICER), lang="en").text
    assert "1 nobody has taken on" in page and "Of 2 messages: 1 reached another way" in page


def test_only_officers_and_only_their_area(town: Night, url: str) -> None:
    assert see(f"{url}/undelivered").status_code == 401
    assert see(f"{url}/undelivered", town.officer(UserRole.RELIEF_OFFICER)).status_code in (403, 409)
    group = group_of(see(f"{url}/undelivered", town.officer(UserRole.DUTY_OFFICER)).text)
    elsewhere = town.officer(UserRole.DUTY_OFFICER, name="นายเวร อื่น")
    town.rows("UPDATE office_user SET areas = '[\"930605\"]' WHERE name = 'นายเวร อื่น' RETURNING 1")
    assert "nobody has taken on" not in see(f"{url}/undelivered", elsewhere, lang="en").text
    assert press(f"{url}{group}", elsewhere, care="handed", to_whom="x").status_code in (409, 422)
