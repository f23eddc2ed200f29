"""From the ledger over a real SMPP link and back: parts, reports, and a worker that is gone when they come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from pydantic import SecretStr

from channels.sms_smpp import SmsSmpp
from tests.warning.town import Town
from warning.running import take_in
from warning.store.database import Database
from warning.world.book import Book
from warning.world.smsc import Smsc, SmscRules

PHONES = [f"+6681000{n:04d}" for n in range(20)]
LONG = "น้ำท่วมฉับพลัน บ้านคลองนา ภายใน 2 ชม. ไปโรงเรียนวัดดอนเดี๋ยวนี้ " * 2


class Night:
    def __init__(self, database: Database, clock, rules: SmscRules) -> None:
        self.smsc = Smsc(rules, Book(clock.now), clock.now)
        self.database, self.clock = database, clock

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        async with self.smsc:
            self.channel = SmsSmpp(
                kind="sms_smpp", name="operator", host="127.0.0.1", port=self.smsc.port, system_id="raksa",
                password=SecretStr("s3cret"), sender="PHT", rate_per_s=1000, simulated=True,
            )  # fmt: skip
            self.town = Town(self.database, self.clock, [self.channel])
            self.town.people(list(PHONES))
            yield

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        office = self.town.office
        async with self.channel.open(None) as wire:
            office.wires["operator"] = wire

            async def listen() -> None:
                async for item in self.channel.listen(wire, self.clock.now):
                    await asyncio.to_thread(take_in, office, "operator", [item], "sms")

            task = asyncio.create_task(listen())
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def warn(self) -> None:
        alert = self.town.alert()
        self.town.rows(
            "UPDATE alert SET words = jsonb_build_object('sms_th', CAST(:words AS text)) WHERE id = :id RETURNING id",
            words=LONG, id=alert,
        )  # fmt: skip
        await self.town.settle()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not true():
                await asyncio.sleep(0.05)


async def test_delivered_when_every_part_is(database: Database, clock) -> None:
    """Reports before the answer, ids in two spellings: the ledger and the phones agree."""
    night = Night(database, clock, SmscRules(receipt_first=True, ids="hex_dec"))
    async with night.playing(), night.worker():
        await night.warn()
        await night.until(lambda: night.town.states() == {"delivered": 20})
        assert night.smsc.book.addresses("sms") == set(PHONES)
        assert night.town.rows("SELECT 1 FROM receipt WHERE NOT matched") == []


async def test_half_a_message_is_not_delivered(database: Database, clock) -> None:
    night = Night(database, clock, SmscRules(undelivered_parts=frozenset({2})))
    async with night.playing(), night.worker():
        await night.warn()
        await night.until(lambda: night.town.states() == {"failed": 20})
        assert night.smsc.book.arrivals("sms") == []


async def test_reports_come_to_another_worker(database: Database, clock) -> None:
    """The one that sent is gone when they come: what belongs together stands in the database."""
    night = Night(database, clock, SmscRules(receipt_after_s=3.0))
    async with night.playing():
        async with night.worker():
            await night.warn()
            assert night.town.states() == {"accepted": 20}
        async with night.worker():
            await night.until(lambda: night.town.states() == {"delivered": 20})
