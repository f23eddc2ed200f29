"""A slow account and a flood of answers hold nothing else up: the count goes on, sources are asked, and the account is kept busy."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import pytest

from channels.contract import Batch, Receipt, ReceiptState
from geo.people import AddressKind, Audience, Household, Resident
from tests.warning.town import VILLAGE, Told, Town, accepts, channel
from warning.address import address_contacts, address_persons, address_residents
from warning.alert import Mode
from warning.clock import WallClock
from warning.delivery import ReplyRow
from warning.engine.worker import Worker
from warning.pipeline import run_step
from warning.running import ring, wake
from warning.step import EXERCISE, EXTREME, ONE_OF_ITS_KIND, SEVERE, Next
from warning.store.database import Database
from warning.sweep import sweep
from warning.turns import AT_ONCE_S, LATE_S, MOST_WAITING, SHORT_WAIT_S, Line, Turns

SLOTS = 4
ANSWERS = 200


class Slow(Told):
    batch: ClassVar[int] = 1


def slow(rate_per_s: float) -> Slow:
    return Slow(kind="slow", name="sms", does=accepts, book=[], simulated=True, rate_per_s=rate_per_s)


def crowd(town: Town, phones: int) -> None:
    """Homes of one village with a phone each."""
    ring_ = town.office.keyring
    homes = [Household(id=uuid4(), village_code=VILLAGE, people=2) for _ in range(phones)]
    people = [Resident(id=uuid4(), household_id=h.id, name_sealed=ring_.seal("somebody")) for h in homes]
    with town.database.session() as session:
        session.add_all(homes)
        session.flush()
        session.add_all(people)
        session.flush()
        session.add_all(
            town._address(Audience.RESIDENT, AddressKind.SMS, n, p.id, p.household_id, f"+6681{n:07d}")
            for n, p in enumerate(people)
        )


def answers(town: Town, alert: UUID) -> None:
    now = town.clock.now()
    rows = [
        ReplyRow(id=uuid4(), alert_id=alert, mode=Mode.EXERCISE, village_code=VILLAGE, answer="safe", via="sms",
                 at=now, received_at=now)
        for _ in range(ANSWERS)
    ]  # fmt: skip
    wake_ups = [Next("heard", str(row.id), SEVERE) for row in rows]
    with town.database.session() as session:
        session.add_all(rows)
    wake(town.office, *wake_ups)


def planned(town: Town, alert: UUID) -> list[Next]:
    """The alert is planned and nothing of it rung; what its plan's end would ring."""
    town.rows("DELETE FROM procrastinate_jobs RETURNING 1")
    with town.database.session() as session:
        now = town.clock.now()
        address_contacts(session, str(alert), now, town.office)
        address_residents(session, str(alert), now, town.office)
        return address_persons(session, str(alert), now, town.office)


class Night:
    """What ran, in order, with the seconds of the wall since the worker began."""

    def __init__(self, town: Town) -> None:
        self.town, self.ran, self.zero = town, list[tuple[str, float]](), time.monotonic()

    async def run(self, step: str, work: str, job: int) -> None:
        await run_step(self.town.office, step, work, job)
        self.ran.append((step, time.monotonic() - self.zero))

    def first(self, step: str) -> tuple[int, float]:
        """How many steps ended before the first of this kind, and when it ended."""
        return next((n, at_s) for n, (ran, at_s) in enumerate(self.ran) if ran == step)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        async def sweeping(lost: list[int]) -> None:
            await asyncio.to_thread(sweep, self.town.office)

        worker = Worker(self.town.database.conninfo, self.run, sweeping, name="t", concurrency=SLOTS)
        self.zero = time.monotonic()
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_the_count_and_the_sources_overtake_a_flood_of_answers_and_a_slow_account(
    database: Database,
) -> None:
    town = Town(database, WallClock(), [slow(1.0)])  # type: ignore[arg-type]
    crowd(town, 60)
    alert = town.alert()
    [count] = planned(town, alert)
    rung = town.rows("SELECT id::text FROM segment")
    wake(town.office, *(Next("deliver", row.id, EXERCISE) for row in rung))
    answers(town, alert)  # 60 messages at one a second, 200 answers, and then:
    wake(town.office, count)
    await ring(town.office, "gauges")
    night = Night(town)
    async with night.at_work():
        await asyncio.sleep(6)
    for step in ("cover", "observe"):
        before, at_s = night.first(step)
        assert at_s < 3 and before < ANSWERS / 2, (step, before, at_s)
    assert len(town.rows("SELECT 1 FROM coverage WHERE counted_at IS NOT NULL")) == 1
    assert [s for s, _ in night.ran].count("heard") == ANSWERS
    assert [s for s, _ in night.ran].count("cover") <= 8  # not once an answer


async def test_a_slow_account_is_kept_busy_and_in_the_order_of_danger(database: Database) -> None:
    account = slow(4.0)
    town = Town(database, WallClock(), [account])  # type: ignore[arg-type]
    crowd(town, 32)
    town.alert()
    night = Night(town)
    async with night.at_work():
        await asyncio.sleep(10)  # 4 at once, 28 more take 7 s
    assert len(account.book) == 32
    assert len({delivery for delivery, _, _ in account.book}) == 32
    sent = [int(phone[-7:]) for _, phone, _ in account.book]
    late = [place - nth for place, nth in enumerate(sent)]
    assert max(late) <= 2 * SLOTS, sent  # nobody is put behind the whole line
    tried = town.rows("SELECT max(attempts) AS most FROM segment")[0].most
    assert tried == 1  # waiting costs no attempt
    assert [s for s, _ in night.ran].count("deliver") <= 3 * 32  # few came back in vain


class Account:
    """A bucket of one token, a second apart."""

    def __init__(self, each_s: float) -> None:
        self.each_s, self.free_s, self.holding, self.most = each_s, 0.0, 0, 0

    async def ask(self) -> float:
        now_s = asyncio.get_running_loop().time()
        if self.free_s > now_s:
            return self.free_s - now_s
        self.free_s = now_s + self.each_s
        return 0.0


async def test_two_wait_and_the_others_come_back_one_after_the_other() -> None:
    turns, account, line = Turns(), Account(0.5), Line("sms", uuid4(), 30)
    await account.ask()
    begun_s = time.monotonic()
    told = await asyncio.gather(*(turns.wait(line, uuid4(), 0.5, account.ask) for _ in range(10)))
    back = [wait_s for wait_s in told if wait_s]
    assert len(back) == 10 - MOST_WAITING and told[:MOST_WAITING] == [0.0] * MOST_WAITING
    assert back == pytest.approx([0.5 * (n + 1) for n in range(8)], abs=0.1)
    assert time.monotonic() - begun_s < 2


@pytest.mark.parametrize(
    ("wait_s", "goes"),
    [(AT_ONCE_S / 2, False), (SHORT_WAIT_S * 0.5, False), (SHORT_WAIT_S * 1.5, True)],
    ids=["at-once", "short", "a-pause-the-carrier-asked-for"],
)
async def test_who_waits_and_who_goes(wait_s: float, goes: bool) -> None:
    account = Account(wait_s)
    await account.ask()
    left_s = await Turns().wait(Line("sms", uuid4(), 30), uuid4(), wait_s, account.ask)
    assert (left_s > 0) is goes and left_s <= wait_s


async def test_nobody_stands_behind_an_alert_that_was_called_off() -> None:
    turns = Turns()

    async def never() -> float:
        return 60.0

    off, urgent = Line("sms", uuid4(), 30), Line("sms", uuid4(), 40)
    for _ in range(100):
        await turns.wait(off, uuid4(), 10.0, never)
    assert await turns.wait(off, uuid4(), 10.0, never) > 1000
    assert await turns.wait(urgent, uuid4(), 10.0, never) == pytest.approx(60.0, abs=0.1)


async def test_who_matters_more_goes_first_and_few_come_back_in_vain() -> None:
    """Contacts before residents, Extreme before Severe, also when the others stand there already."""
    turns, account, went = Turns(), Account(0.05), list[int]()
    tries = 0

    async def come(line: Line) -> None:
        nonlocal tries
        who, wait_s = uuid4(), 1.0
        while wait_s:
            tries += 1
            wait_s = await turns.wait(line, who, account.each_s, account.ask)
            await asyncio.sleep(wait_s)
        went.append(line.priority)

    residents, contacts = Line("sms", uuid4(), 30), Line("sms", uuid4(), 31)
    coming = [asyncio.create_task(come(residents)) for _ in range(30)]
    await asyncio.sleep(account.each_s * 3)
    await asyncio.gather(*coming, *(come(contacts) for _ in range(15)))
    last = len(went) - 1 - went[::-1].index(31)
    assert last < 15 + 3 + 2 * max(MOST_WAITING, AT_ONCE_S / account.each_s), went
    assert tries < 3 * 45


async def test_an_account_holds_two_slots_however_many_alerts_it_has() -> None:
    turns, account = Turns(), Account(0.5)
    await account.ask()
    here = [
        asyncio.create_task(turns.wait(Line("sms", uuid4(), 30), uuid4(), 0.5, account.ask))
        for _ in range(10)
    ]
    await asyncio.sleep(0.1)
    assert sum(not task.done() for task in here) == MOST_WAITING
    await asyncio.gather(*here)


async def test_who_went_out_of_another_process_holds_nobody_up() -> None:
    """Of a hundred placed here none comes back: whoever comes late is due soon, not behind them all."""
    turns, line = Turns(), Line("sms", uuid4(), 30)

    async def busy() -> float:
        return SHORT_WAIT_S * 1.5

    late, waits = uuid4(), [await turns.wait(line, uuid4(), 0.01, busy) for _ in range(100)]
    waits.append(await turns.wait(line, late, 0.01, busy))
    assert waits[-1] > waits[0] + 0.9
    await asyncio.sleep(max(waits) + LATE_S)
    assert await turns.wait(line, late, 0.01, busy) == pytest.approx(SHORT_WAIT_S * 1.5, abs=0.1)


async def test_alerts_long_over_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warning.turns.FORGOTTEN_S", 0.0)
    turns, account = Turns(), Account(0.01)
    for _ in range(100):
        await turns.wait(Line("sms", uuid4(), 30), uuid4(), 0.01, account.ask)
        await asyncio.sleep(0.01)
    assert len(turns._lines) < 5


def test_the_count_is_below_extreme_sending() -> None:
    assert SEVERE < ONE_OF_ITS_KIND < EXTREME


@pytest.mark.parametrize("said_by", ["first", "last"])
async def test_a_carrier_that_takes_a_part_and_asks_for_time_gets_it(
    database: Database, said_by: str
) -> None:
    """Calls this process had paid for already wait too, whichever of the batch says so."""

    def part(batch: Batch, now: datetime) -> list[Receipt]:
        taken = [Receipt(m.id, ReceiptState.ACCEPTED, now) for m in batch.messages[2:]]
        last, first = (
            Receipt(m.id, ReceiptState.TRY_LATER, now, why="busy", retry_after=after)
            for m, after in zip(batch.messages, (timedelta(minutes=5), None), strict=False)
        )
        return [first, last, *taken] if said_by == "last" else [last, first, *taken]

    account = channel(part)
    town = Town(database, WallClock(), [account])  # type: ignore[arg-type]
    crowd(town, 3 * account.batch)
    town.alert()
    await town.worker().drain()
    assert len(account.book) == account.batch
    assert town.rows("SELECT 1 FROM account WHERE paused_until > now() + interval '4 minutes'")
    assert account.name not in town.office.paid_calls


async def test_a_stop_loses_nobody_who_waits_for_the_account(database: Database) -> None:
    """Its message was never sent: it waits again, and is not called unknown."""
    account = slow(0.52)
    town = Town(database, WallClock(), [account])  # type: ignore[arg-type]
    crowd(town, 8)
    town.alert()
    async with Night(town).at_work():
        await asyncio.sleep(2.1)
    assert town.rows("SELECT 1 FROM segment WHERE state = 'SENDING'") == []
    async with Night(town).at_work():
        async with asyncio.timeout(40):
            while len(account.book) < 8:
                await asyncio.sleep(0.2)
    assert town.states() == {"accepted": 8}
