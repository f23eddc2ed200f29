"""Who answers by LINE while the SMS is queued gets no SMS, and the ledger says no more than is known."""

from datetime import timedelta
from uuid import UUID

import pytest

from channels.contract import Answer, Batch, Reply, TryLater
from geo.people import AddressKind, Audience
from tests.warning.town import Told, ToldByLine, Town, accepts, channel
from warning.address import address_residents
from warning.claim import claim, put_back
from warning.clock import HandClock
from warning.receive import receive
from warning.running import wake
from warning.step import Next
from warning.store.database import Database

LINES = ["U" + letter * 32 for letter in "ab"]
PHONES = ["+66800000001", "+66800000002"]


def two_homes(town: Town) -> None:
    homes = town.people(list(LINES), kind=AddressKind.LINE)
    with town.database.session() as session:
        for n, (home, phone) in enumerate(zip(homes, PHONES, strict=True)):
            session.add(town._address(Audience.RESIDENT, AddressKind.SMS, n, home, home, phone))


def safe(town: Town, alert: UUID, who: str = LINES[0]) -> None:
    now = town.clock.now()
    with town.database.session() as session:
        said = [Reply("safe", Answer.SAFE, now, address=who, alert_id=alert)]
        wake_ups = receive(session, "line", said, now, town.office, "line")
    wake(town.office, *wake_ups)


def sms_rows(town: Town) -> list[str]:
    return sorted(s for (s,) in town.rows("SELECT state FROM delivery_status WHERE channel = 'sms'"))


def sms_to(town: Town) -> list[str]:
    [sms] = [c for c in town.channels if c.name == "sms"]
    assert isinstance(sms, Told)
    return [address for _, address, _ in sms.book]


@pytest.mark.parametrize("expanded", [True, False], ids=["account-was-busy", "never-looked-at"])
async def test_no_sms_to_who_answered_while_it_was_queued(
    database: Database, clock: HandClock, expanded: bool
) -> None:
    town = Town(database, clock, [channel(accepts, "line", ToldByLine), channel(accepts, "sms")])
    two_homes(town)
    alert = town.alert()
    with database.session() as session:
        address_residents(session, str(alert), clock.now(), town.office)
    [(line,)] = town.rows("SELECT id::text FROM segment WHERE channel = 'line'")
    with database.session() as session:
        assert claim(session, line, 0, clock.now(), town.office) is not None
    [(sms,)] = town.rows("SELECT id::text FROM segment WHERE channel = 'sms'")
    if expanded:
        with database.session() as session:
            claimed = claim(session, sms, 0, clock.now(), town.office)
            assert claimed is not None and len(claimed.batch.messages) == 2
            put_back(session, claimed, 1, clock.now(), town.office)
    clock.forward(timedelta(seconds=3))
    safe(town, alert)
    wake(town.office, Next("deliver", sms))
    await town.play(2)
    assert sms_to(town) == [PHONES[1]]
    assert sms_rows(town) == ["accepted", "suppressed"]


async def test_what_may_have_been_taken_stays_unknown(database: Database, clock: HandClock) -> None:
    asked: list[int] = []

    def throttles_once(batch: Batch, now):  # type: ignore[no-untyped-def]
        asked.append(len(batch.messages))
        if len(asked) == 1:
            raise TryLater("busy")
        return accepts(batch, now)

    town = Town(database, clock, [channel(accepts, "line", ToldByLine), channel(throttles_once, "sms")])
    two_homes(town)
    alert = town.alert()
    await town.settle()
    safe(town, alert)
    await town.play(3)
    assert asked == [2, 1]
    assert sms_to(town) == [PHONES[1]]
    assert sms_rows(town) == ["accepted", "unknown"]


async def test_a_later_rung_leaves_them_out_too(database: Database, clock: HandClock) -> None:
    town = Town(database, clock, [channel(accepts, "line", ToldByLine), channel(accepts, "sms")])
    two_homes(town)
    alert = town.alert(severity="Minor")
    await town.settle()
    safe(town, alert)
    await town.play(3)
    assert sms_to(town) == [PHONES[1]]
