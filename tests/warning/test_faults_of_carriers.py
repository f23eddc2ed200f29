"""What carriers, reports and clocks do on a bad night. After each: nobody lost, nobody told twice by a carrier that refuses
repeats, the ledger says what the carrier's own book says, and the trail verifies."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from channels.contract import Batch, OutcomeUnknown, QuotaSpent, Receipt, ReceiptState, TryLater
from geo.people import AddressKind
from tests.warning.town import Told, ToldByLine, ToldTwice, Town, channel
from warning.audit import verify
from warning.dead_letters import Reason, groups
from warning.delivery import SegmentState
from warning.running import take_in
from warning.store.database import Database

PHONES = [f"+6681000{n:04d}" for n in range(90)]


@dataclass
class Provider:
    """Keeps its own book, key by key, as a gateway that refuses repeats; `fault` happens before or after it took a batch."""

    before: Callable[["Provider"], None] = lambda _: None
    after: Callable[["Provider"], None] = lambda _: None
    numbered: bool = False
    calls: int = 0
    keys: set[UUID] = field(default_factory=set)
    got: Counter[str] = field(default_factory=Counter)  # address -> messages that really arrived
    numbers: dict[str, str] = field(default_factory=dict)  # the provider's number -> address

    def __call__(self, batch: Batch, now: datetime) -> list[Receipt]:
        self.calls += 1
        self.before(self)
        if batch.key not in self.keys:
            self.keys.add(batch.key)
            self.got.update(m.address for m in batch.messages)
        self.after(self)
        receipts = []
        for message in batch.messages:
            number = f"n-{message.address}" if self.numbered else None
            if number:
                self.numbers[number] = message.address
            receipts.append(Receipt(message.id, ReceiptState.ACCEPTED, now, provider_id=number))
        return receipts


class Small(ToldTwice):
    batch = 6


class SmallByLine(ToldByLine):
    batch = 6
    dedupes = True


def night(database: Database, clock: Any, provider: Provider, kind: type[Told] = Small) -> Town:
    town = Town(database, clock, [channel(provider, kind=kind)])
    town.people(PHONES)
    return town


def adds_up(town: Town, provider: Provider, said: dict[str, int]) -> None:
    """The ledger's totals, and those of the book; nobody twice; nothing waits; the trail verifies."""
    assert town.states() == said
    assert max(provider.got.values(), default=1) == 1
    open_still = town.rows(
        "SELECT 1 FROM segment WHERE state IN (:w, :s)", w=SegmentState.WAITING.name, s=SegmentState.SENDING.name
    )  # fmt: skip
    assert open_still == []
    with town.database.session() as session:
        assert verify(session).ok


def times(n: int, error: Exception) -> Callable[[Provider], None]:
    left = [n]

    def fault(_: Provider) -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return fault


async def test_a_storm_of_throttling_costs_time_and_nobody(database: Database, clock: Any) -> None:
    chance = random.Random(7)

    def storm(_: Provider) -> None:
        if chance.random() < 0.6:
            raise TryLater(
                "429", timedelta(seconds=chance.choice([0.05, 0.2])) if chance.random() < 0.5 else None
            )

    provider = Provider(before=storm)
    town = night(database, clock, provider)
    town.alert()
    await town.settle()
    await town.play(20, every_s=60)
    assert set(provider.got) == set(PHONES) and provider.calls > 20
    adds_up(town, provider, {"accepted": 90})


@pytest.mark.parametrize("n", [1, 5, 15], ids=["once", "a-few", "every-batch"])
async def test_taken_and_then_500_is_told_once(database: Database, clock: Any, n: int) -> None:
    provider = Provider(after=times(n, OutcomeUnknown("HTTP 500")))
    town = night(database, clock, provider)
    town.alert()
    await town.play(2)
    assert set(provider.got) == set(PHONES) and provider.calls == 15 + n
    adds_up(town, provider, {"accepted": 90})


class SmallKannel(Told):
    batch = 6  # and no memory of keys


async def test_taken_and_then_500_by_a_carrier_without_memory_is_never_sent_again(
    database: Database, clock: Any
) -> None:
    provider = Provider(after=times(4, OutcomeUnknown("HTTP 500")))
    town = night(database, clock, provider, SmallKannel)
    alert = town.alert()
    await town.play(2)
    assert provider.calls == 15 and set(provider.got) == set(PHONES)
    adds_up(town, provider, {"accepted": 66, "unknown": 24})
    with database.session() as session:
        (group,) = groups(session, alert, None)
    assert (group.reason, group.open) == (Reason.UNKNOWN, 24)  # on somebody's list


@pytest.mark.parametrize("seed", range(3))
async def test_reports_lost_early_doubled_and_in_any_order(database: Database, clock: Any, seed: int) -> None:
    chance = random.Random(seed)
    provider = Provider(numbered=True)
    town = night(database, clock, provider)

    def early(p: Provider) -> None:
        """Some reports come before the provider's numbers are known to us."""
        for address in list(p.got)[-6:]:
            if chance.random() < 0.3:
                dead.discard(address)
                delivered.add(address)
                reported(address, ReceiptState.DELIVERED)

    def reported(address: str, state: ReceiptState) -> None:
        take_in(town.office, "sms", [Receipt(None, state, clock.now(), provider_id=f"n-{address}")], "sms")

    delivered: set[str] = set()
    dead = {p for p in PHONES if chance.random() < 0.1}
    provider.after = early
    town.alert()
    await town.settle()
    lost = {p for p in PHONES if p not in delivered and chance.random() < 0.2}
    words = [
        (p, ReceiptState.FAILED if p in dead else ReceiptState.DELIVERED) for p in PHONES if p not in lost
    ]
    words += [(p, ReceiptState.ACCEPTED) for p in PHONES if p not in lost]  # comes late as often as early
    words += chance.sample(words, 40)
    chance.shuffle(words)
    for address, state in words:
        reported(address, state)
    await town.settle()
    failed = dead - lost
    said = {"accepted": len(lost), "failed": len(failed), "delivered": 90 - len(lost) - len(failed)}
    adds_up(town, provider, {state: n for state, n in said.items() if n})
    assert town.rows("SELECT 1 FROM receipt WHERE NOT matched") == []


async def test_the_quota_ends_half_way_and_the_rest_is_told_the_next_way_at_once(
    database: Database, clock: Any
) -> None:
    def quota(p: Provider) -> None:
        if len(p.got) >= 45:
            raise QuotaSpent("You have reached your monthly limit.")

    line, sms = Provider(before=quota), Provider()
    town = Town(database, clock, [channel(line, "line", SmallByLine), channel(sms, kind=Small)])
    homes = town.people(PHONES)
    town.people_also(homes, [f"U{n:04d}" for n in range(90)], AddressKind.LINE)
    alert = town.alert(severity="Moderate")  # by ladder: LINE first, SMS a minute and a half later
    await town.settle()
    assert (
        len(line.got) == 48 and len(sms.got) == 90
    )  # without waiting for the rung; LINE proves nothing by itself
    adds_up(town, sms, {"accepted": 48 + 90, "failed": 42})
    assert max(line.got.values()) == 1
    assert town.rows("SELECT 1 FROM fault WHERE key = 'channel line'")
    with database.session() as session:
        (group,) = groups(session, alert, None)
    assert (group.reason, group.letters) == (Reason.QUOTA, 42)


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=-2)], ids=["ahead", "back", "far-back"]
)
async def test_a_clock_that_jumps_keeps_nobody_waiting(
    database: Database, clock: Any, jump: timedelta
) -> None:
    provider = Provider(before=times(5, TryLater("busy")))
    town = night(database, clock, provider)
    town.alert(hours=6)
    await town.settle()  # five calls are put off for seconds
    clock.forward(jump)
    await town.play(3)
    assert set(provider.got) == set(PHONES)
    adds_up(town, provider, {"accepted": 90})


async def test_a_rung_keeps_its_wait_when_the_clock_goes_back(database: Database, clock: Any) -> None:
    line, sms = Provider(), Provider()
    town = Town(database, clock, [channel(line, "line", SmallByLine), channel(sms, kind=Small)])
    homes = town.people(PHONES[:6])
    town.people_also(homes, [f"U{n:04d}" for n in range(6)], AddressKind.LINE)
    town.alert(severity="Moderate")
    await town.settle()
    clock.forward(timedelta(hours=-1))
    await town.play(1)
    assert not sms.got  # not sooner
    await town.play(2)
    assert len(sms.got) == 6  # nor an hour later


async def test_dead_devices_are_not_reached_and_their_village_is_somebodys_work(
    database: Database, clock: Any
) -> None:
    """A broker takes the command; of every fifth device nothing is ever heard."""
    dead = {p for n, p in enumerate(PHONES) if n % 5 == 0}

    def devices(batch: Batch, now: datetime) -> list[Receipt]:
        word = {True: ReceiptState.HANDED_OVER, False: ReceiptState.DELIVERED}
        return [Receipt(m.id, word[m.address in dead], now) for m in batch.messages]

    town = Town(database, clock, [channel(devices)])
    town.people(PHONES)
    town.alert()
    await town.settle()
    await town.play(12)
    assert town.states() == {"handed_over": 18, "delivered": 72}
    [row] = town.rows("SELECT reached, waiting, unreached, homes FROM coverage")
    assert row.reached == 72 and row.reached + row.waiting + row.unreached == row.homes
    [silent] = town.rows("SELECT homes FROM mission WHERE kind = 'SILENT_HOMES'")
    assert silent.homes == row.homes - 72


def test_the_book_can_fail() -> None:
    """The oracle sees what it is there for: one told twice."""
    provider = Provider()
    provider.got.update(["a", "a"])
    town: Any = type("T", (), {"states": lambda self: {"accepted": 1}})()
    with pytest.raises(AssertionError):
        adds_up(town, provider, {"accepted": 1})
