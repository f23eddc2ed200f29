"""LINE's month ends half way through an alert: whom it still covers is told by LINE, the others the next way at once, and not one
call is made that LINE would refuse. The simulated LINE's own book judges."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, ClassVar

import aiohttp
import pytest

from channels.line import Line
from geo.people import AddressKind
from tests.channels.cases import line_id
from tests.warning.town import Town, accepts, channel
from tests.world.clock import Hand
from warning.audit import verify
from warning.store.database import Database
from warning.world.book import Book
from warning.world.line import Line as Settings
from warning.world.line import LineServer, Trouble

PHONES = [f"+6681000{n:04d}" for n in range(30)]
FRIENDS = [line_id(n + 1) for n in range(30)]


class SmallLine(Line):
    batch: ClassVar[int] = 6


@pytest.fixture
async def line() -> AsyncIterator[LineServer]:
    hand = Hand()
    settings = Settings("tok", "secret", quota=20)
    async with LineServer(settings, Book(hand), hand) as server:
        yield server


async def night(
    database: Database, clock: Any, line: LineServer, net: aiohttp.ClientSession
) -> tuple[Town, Any]:
    made = SmallLine(
        kind="line", name="line", simulated=True, base_url=line.url, token="tok", secret="secret", rate_per_s=10_000  # type: ignore[arg-type]
    )  # fmt: skip
    sms = channel(accepts)
    town = Town(database, clock, [made, sms])
    town.office.wires["line"] = net
    homes = town.people(list(PHONES))
    town.people_also(homes, FRIENDS, AddressKind.LINE)
    return town, sms


@pytest.fixture
async def net() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_month_ends_half_way(
    database: Database, clock: Any, line: LineServer, net: aiohttp.ClientSession
) -> None:
    town, sms = await night(database, clock, line, net)
    town.alert(severity="Moderate")  # by ladder: LINE first, SMS a minute and a half later
    await town.settle()
    assert (
        len(line.book.arrivals("line")) == 18 and line.used == 18
    )  # three segments of six; two are left over
    assert line.book.turned_away == {}  # not one call for nothing
    assert len(sms.book) == 30  # at once, without waiting for the rung: nobody of LINE has proof
    assert line.book.repeats() == []
    assert town.states() == {"accepted": 18 + 30, "failed": 12}
    assert town.rows("SELECT 1 FROM fault WHERE key = 'channel line'")
    with database.session() as session:
        assert verify(session).ok


async def test_what_was_taken_before_the_month_ended_is_told_once_and_stays_accepted(
    database: Database, clock: Any, line: LineServer, net: aiohttp.ClientSession
) -> None:
    """The last call that fits is taken and its answer lost: it is asked for again, with its key, though nothing is left."""
    town, _ = await night(database, clock, line, net)
    line.used = 14  # six more and no further
    line.troubles.extend([Trouble.ERROR_AFTER_TAKING])
    town.office.config.engine.concurrency = 1
    town.alert()
    await town.settle()
    await town.play(2)
    assert len(line.book.arrivals("line")) == 6 and line.book.repeats() == []
    rows = dict(
        tuple(row)
        for row in town.rows(
            "SELECT COALESCE(d.state, s.outcome), count(*) FROM delivery d JOIN segment s ON s.id = d.segment_id "
            "WHERE s.channel = 'line' GROUP BY 1"
        )
    )
    assert rows == {"accepted": 6, "failed": 24}


async def test_another_operation_of_the_account_only_makes_it_wait(
    database: Database, clock: Any, line: LineServer, net: aiohttp.ClientSession
) -> None:
    town, _ = await night(database, clock, line, net)
    line.settings.__dict__["quota"] = None
    line.troubles.extend([Trouble.CONCURRENT, Trouble.RATE])
    town.alert()
    await town.settle()
    clock.forward(timedelta(seconds=1))
    await town.play(2)
    assert len(line.book.arrivals("line")) == 30 and line.book.repeats() == []
    assert not town.rows("SELECT 1 FROM fault WHERE key = 'channel line'")
