"""Who blocks the LINE account is told the next way, at once and once."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from channels.contract import Answer, Batch, ChannelBroken, Receipt, Reply
from geo.people import AddressKind, Audience
from tests.warning.town import Told, ToldByLine, Town, accepts, channel
from warning.clock import HandClock
from warning.receive import receive
from warning.running import wake
from warning.store.database import Database

LINE, PHONE = "U" + "a" * 32, "+66800000001"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Town:
    town = Town(database, clock, [channel(accepts, "line", ToldByLine), channel(accepts, "sms")])
    [home] = town.people([LINE], kind=AddressKind.LINE)
    with_phone(town, home)
    return town


def with_phone(town: Town, home: UUID) -> None:
    with town.database.session() as session:
        session.add(town._address(Audience.RESIDENT, AddressKind.SMS, 0, home, home, PHONE))


def blocks(town: Town, event: str = "e1") -> None:
    now = town.clock.now()
    said = [Reply(event, Answer.UNFOLLOW, now, address=LINE)]
    with town.database.session() as session:
        wake_ups = receive(session, "line", said, now, town.office, "line")
    wake(town.office, *wake_ups)


def sms_to(town: Town) -> list[str]:
    [sms] = [c for c in town.channels if c.name == "sms"]
    assert isinstance(sms, Told)
    return [address for _, address, _ in sms.book]


@pytest.mark.parametrize("severity", ["Minor", "Severe"], ids=["ladder", "all-at-once"])
async def test_the_next_channel_tells_at_once_and_once(town: Town, severity: str) -> None:
    town.alert(severity=severity)
    await town.settle()
    assert sms_to(town) == ([] if severity == "Minor" else [PHONE])
    blocks(town)
    blocks(town, "e2")
    await town.settle()
    assert sms_to(town) == [PHONE]  # no clock has moved: well within the minute
    await town.play(5)
    assert sms_to(town) == [PHONE]
    [(state, why)] = town.rows("SELECT state, why FROM delivery_status WHERE channel = 'line'")
    assert state == "accepted" and "blocked" in why  # may have been read before it was blocked


@pytest.mark.parametrize(
    ("attempts", "state"), [(0, "suppressed"), (2, "unknown")], ids=["never-asked", "asked-before"]
)
async def test_what_still_waits_for_the_account_is_closed(
    database: Database, clock: HandClock, attempts: int, state: str
) -> None:
    town = Town(database, clock, [channel(accepts, "line", ToldByLine), channel(accepts, "sms")])
    [home] = town.people([LINE], kind=AddressKind.LINE)
    with_phone(town, home)
    town.alert(severity="Minor")
    await town.settle()
    with database.session() as session:  # as a busy account leaves it
        session.execute(
            text(
                "UPDATE segment SET state = 'WAITING', outcome = 'planned', attempts = :n, due_at = :due "
                "WHERE channel = 'line'"
            ),
            {"n": attempts, "due": clock.now() + timedelta(minutes=5)},
        )
    blocks(town)
    await town.settle()
    assert sms_to(town) == [PHONE]
    assert [tuple(r) for r in town.rows("SELECT state FROM delivery_status WHERE channel = 'line'")] == [
        (state,)
    ]
    [line] = [c for c in town.channels if c.name == "line"]
    await town.play(10)
    assert len(line.book) == 1  # type: ignore[attr-defined]  # the one of before, and never again


async def test_whom_the_standby_has_told_is_not_told_again(database: Database, clock: HandClock) -> None:
    """The ledger says by which account a segment went out; it was planned for the other."""
    standby = channel(accepts, "other").model_copy(update={"standby_for": "sms"})
    town = Town(database, clock, [channel(accepts, "line", ToldByLine), channel(_broken, "sms"), standby])
    [home] = town.people([LINE], kind=AddressKind.LINE)
    with_phone(town, home)
    town.alert(severity="Severe")
    await town.settle()
    blocks(town)
    await town.settle()
    assert sms_to(town) == []
    assert [address for _, address, _ in standby.book] == [PHONE]


def _broken(batch: Batch, now: datetime) -> list[Receipt]:
    raise ChannelBroken("no")


async def test_a_home_that_has_answered_is_not_told_again(town: Town) -> None:
    alert = town.alert(severity="Minor")
    await town.settle()
    now = town.clock.now()
    with town.database.session() as session:
        said = [Reply("s1", Answer.SAFE, now, address=LINE, alert_id=alert)]
        receive(session, "line", said, now, town.office, "line")
    blocks(town)
    await town.settle()
    assert sms_to(town) == []
