"""Homes whose people cannot leave alone are told before their neighbours, once, whatever the registry does meanwhile."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.warning.test_told_already import update
from tests.warning.town import Told, Town, accepts, channel
from warning.address import address_residents
from warning.store.database import Database
from warning.vulnerable_first import address_vulnerable

HEAD = "+66810009999"
PHONES = [f"+6681000{n:04d}" for n in range(120)]
FRAIL = {3, 55, 60, 61, 119}


class Small(Told):
    batch = 4


def told(town: Town) -> list[str]:
    return [address for _, address, _ in town.channels[0].book]  # type: ignore[attr-defined]


@pytest.fixture
def town(database: Database, clock: Any) -> Town:
    town = Town(database, clock, [channel(accepts, kind=Small)])
    town.people([*PHONES, None], head=HEAD, vulnerable=FRAIL | {120})
    return town


@pytest.mark.parametrize("severity", ["Extreme", "Severe", "Moderate"])
async def test_after_the_head_and_before_the_neighbours(town: Town, severity: str) -> None:
    town.alert(severity=severity)
    await town.settle()
    frail = {PHONES[n] for n in FRAIL}
    assert told(town)[0] == HEAD
    assert set(told(town)[1 : 1 + len(frail)]) == frail
    assert sorted(told(town)) == sorted([HEAD, *PHONES])  # everybody once
    rows = town.rows("SELECT vulnerable, count(*) FROM segment s WHERE channel = 'sms' GROUP BY 1 ORDER BY 1")
    assert [tuple(r) for r in rows] == [(False, 31), (True, 2)]  # a village head, 120 numbers by four


@pytest.mark.parametrize("planned_twice", [False, True], ids=["once", "planned-again-at-the-end"])
async def test_a_home_marked_in_mid_alert_is_told_once(
    town: Town, database: Database, clock: Any, planned_twice: bool
) -> None:
    alert = town.alert()
    town.rows("DELETE FROM procrastinate_jobs RETURNING 1")
    mark = "UPDATE household SET vulnerable = :yes WHERE id IN (SELECT household_id FROM address WHERE nth = :nth) RETURNING 1"
    with database.session() as session:
        address_vulnerable(session, str(alert), clock.now(), town.office)
    town.rows(mark, yes=1, nth=7)
    town.rows(mark, yes=0, nth=55)
    with database.session() as session:
        address_residents(session, str(alert), clock.now(), town.office)
    town.rows(mark, yes=1, nth=8)
    if planned_twice:
        with database.session() as session:
            assert [n.step for n in address_vulnerable(session, str(alert), clock.now(), town.office)] == [
                "address_residents"
            ]
    await town.settle()
    assert sorted(told(town)) == sorted([HEAD, *PHONES])


async def test_an_update_does_not_wake_the_frail_who_have_heard(
    town: Town, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warning.issue.cap_of", lambda session, alert, office: b"<alert/>")
    first: UUID = town.alert()
    await town.settle()
    proven = PHONES[3]
    with town.database.session() as session:
        session.execute(
            text("UPDATE delivery SET state = 'delivered' WHERE address_id = (SELECT id FROM address WHERE hash = :h)"),
            {"h": town.office.keyring.fingerprint(proven)},
        )  # fmt: skip
    before = len(told(town))
    update(town, first)
    await town.settle()
    again = told(town)[before:]
    assert proven not in again and PHONES[55] in again[:5] and len(again) == len(PHONES)
