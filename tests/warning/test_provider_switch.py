"""Two SMS accounts, one at a time: everybody is told, nobody twice, and the console says which account is out."""

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import pytest

from channels.contract import (
    Batch,
    ChannelBroken,
    OutcomeUnknown,
    QuotaSpent,
    Receipt,
    ReceiptState,
    TryLater,
)
from tests.warning.town import Told, Town, accepts, channel
from warning.audit import entries
from warning.provider_switch import STAY_S
from warning.running import take_in
from warning.store.database import Database

S = ReceiptState
PHONES = [f"+6681000{n:04d}" for n in range(60)]


class Small(Told):
    batch: ClassVar[int] = 10


class SmallTwice(Small):
    dedupes: ClassVar[bool] = True


class Account:
    """What an account does, which may change while the town plays."""

    def __init__(self, name: str, kind: type[Told] = Small, **settings: object) -> None:
        self.error: Callable[[], Exception] | None = None
        self.calls = 0
        self.channel = channel(self._does, name, kind).model_copy(update=settings)

    def _does(self, batch: Batch, now) -> list[Receipt]:
        self.calls += 1
        if self.error:
            raise self.error()
        return accepts(batch, now)

    @property
    def told(self) -> list[str]:
        return [address for _, address, _ in self.channel.book]


class Two:
    def __init__(
        self, database: Database, clock, kind: type[Told] = Small, more: tuple[Account, ...] = ()
    ) -> None:
        self.a, self.b = Account("a", kind), Account("b", standby_for="a")
        self.town = Town(database, clock, [self.b.channel, *(m.channel for m in more), self.a.channel])
        self.town.people(list(PHONES))

    async def warn(self) -> None:
        self.town.alert()
        await self.town.settle()
        self.town.clock.forward(timedelta(seconds=1))

    def faults(self) -> set[str]:
        return {key for (key,) in self.town.rows("SELECT key FROM fault")}

    def trail(self) -> list[tuple[str, str]]:
        with self.town.database.session() as session:
            return [(e.action, e.subject_id) for e in entries(session) if e.action.startswith("provider.")]


@pytest.fixture
def two(database: Database, clock) -> Two:
    return Two(database, clock)


async def test_while_the_first_is_well_the_other_is_silent(two: Two) -> None:
    await two.warn()
    assert sorted(two.a.told) == PHONES and two.b.calls == 0
    assert {
        c for (c,) in two.town.rows("SELECT DISTINCT channel FROM segment WHERE channel <> 'person'")
    } == {"a"}


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        pytest.param(lambda: ChannelBroken("HTTP 401"), 1, id="broken-at-once"),
        pytest.param(lambda: QuotaSpent("no credit"), 1, id="no-credit-at-once"),
        pytest.param(lambda: TryLater("HTTP 429"), 3, id="three-in-a-row"),
    ],
)
async def test_what_plainly_was_not_taken_goes_to_the_other(two: Two, error, tries: int) -> None:
    two.a.error = error
    await two.warn()
    await two.town.play(0.4, every_s=8)
    assert sorted(two.b.told) == PHONES and two.a.told == [] and two.a.calls == tries
    assert two.town.states() == {"accepted": 60}
    assert two.faults() == {"provider a"}
    assert two.trail() == [("provider.out", "a")]
    (why,) = two.town.rows("SELECT why FROM fault WHERE key = 'provider a'")
    assert "b" in why[0] and "(" in why[0]  # in both languages


async def test_what_may_have_been_taken_is_never_told_by_the_other(two: Two) -> None:
    two.a.error = lambda: OutcomeUnknown("the answer was lost")
    await two.warn()
    await two.town.play(1)
    states = two.town.states()
    assert states == {"unknown": 30, "accepted": 30}  # three calls in a row, then the other
    assert len(set(two.b.told)) == len(two.b.told) == 30


async def test_nor_where_the_carrier_would_refuse_the_repeat(database: Database, clock) -> None:
    """503 and lost answers of a carrier with repeat keys: only that carrier knows whether it has them."""
    two = Two(database, clock, SmallTwice)
    two.a.error = lambda: TryLater("HTTP 503", maybe_taken=True)
    await two.warn()
    await two.town.play(0.4, every_s=8)
    asked_of_a = 60 - len(two.b.told)
    assert asked_of_a >= 30 and two.town.states()["accepted"] == 60 - asked_of_a
    two.a.error = None
    await two.town.play(3, every_s=30)
    assert two.town.states() == {"accepted": 60}
    assert not set(two.a.told) & set(two.b.told)


async def test_back_after_it_is_well(two: Two) -> None:
    """Not at once: one segment is tried after a while, and a failure of that one costs nobody anything."""
    two.a.error = lambda: ChannelBroken("HTTP 500")
    await two.warn()
    calls = two.a.calls
    await two.warn()
    assert two.a.calls == calls  # it stays with the other
    two.town.clock.forward(timedelta(seconds=STAY_S))
    await two.warn()
    assert two.a.calls == calls + 1 and len(two.b.told) == 180
    two.a.error = None
    two.town.clock.forward(timedelta(seconds=STAY_S))
    await two.warn()
    assert len(two.a.told) == 60 and two.faults() == set()
    assert [action for action, _ in two.trail()] == ["provider.out", "provider.back"]
    assert two.town.states() == {"accepted": 240}


async def test_the_last_resort_comes_last(database: Database, clock) -> None:
    modem = Account("modem", last_resort=True)
    two = Two(database, clock, more=(modem,))
    two.a.error = lambda: ChannelBroken("HTTP 401")
    await two.warn()
    assert modem.calls == 0 and len(two.b.told) == 60
    two.b.error = lambda: ChannelBroken("HTTP 403")
    await two.warn()
    assert sorted(modem.told) == PHONES
    assert two.faults() == {"provider a", "provider b"}


async def test_alone_the_last_resort_is_a_channel_as_any_other(database: Database, clock) -> None:
    modem = Account("modem", last_resort=True)
    town = Town(database, clock, [modem.channel])
    town.people(list(PHONES))
    town.alert()
    await town.settle()
    assert sorted(modem.told) == PHONES


async def test_when_nobody_is_well_it_is_told_as_ever(two: Two) -> None:
    two.a.error = two.b.error = lambda: ChannelBroken("HTTP 401")
    await two.warn()
    assert two.town.states() == {"failed": 60}
    assert {"provider a", "provider b", "channel a"} <= two.faults()


@pytest.mark.parametrize(
    ("late_s", "out"),
    [pytest.param(90, True, id="a-minute-and-a-half"), pytest.param(20, False, id="twenty-seconds")],
)
async def test_receipts_that_come_late(two: Two, late_s: int, out: bool) -> None:
    await two.warn()
    two.town.clock.forward(timedelta(seconds=late_s))
    deliver(two.town, 30)
    await two.warn()
    assert ("provider a" in two.faults()) is out
    await two.warn()
    assert (len(two.b.told) >= 60) is out


async def test_receipts_that_come_no_more(two: Two) -> None:
    """They came for the first alert; of the second, nobody's. What was handed over stays where it is."""
    await two.warn()
    deliver(two.town, 60)
    two.town.clock.forward(timedelta(minutes=10))
    await two.warn()
    assert two.faults() == set()
    two.town.clock.forward(timedelta(seconds=90))
    await two.warn()
    assert two.faults() == {"provider a"}
    (why,) = two.town.rows("SELECT why FROM fault")
    assert "no report of 60 of 60" in why[0]


def deliver(town: Town, n: int) -> None:
    now = town.clock.now()
    ids = [i for (i,) in town.rows("SELECT id FROM delivery_status WHERE channel <> 'person' ORDER BY id")][
        :n
    ]
    take_in(town.office, "a", [Receipt(i, S.DELIVERED, now) for i in ids], "sms")
