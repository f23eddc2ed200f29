"""Partners are providers of their own: one that asks for an hour delays nobody else's warning."""

from datetime import datetime, timedelta
from typing import ClassVar

from channels.contract import Batch, Receipt, ReceiptState
from tests.warning.town import Told, Town, channel
from warning.clock import HandClock
from warning.store.database import Database

SLOW, AWAY = "+66810000001", "+66810000002"


class ToEach(Told):
    each_its_own: ClassVar[bool] = True


async def test_one_that_asks_for_an_hour_delays_nobody_else(database: Database, clock: HandClock) -> None:
    def does(batch: Batch, now: datetime) -> list[Receipt]:
        hour = timedelta(hours=1)
        return [
            Receipt(
                m.id, ReceiptState.TRY_LATER, now, why="busy", retry_after=hour if m.address == SLOW else None
            )
            if not partners.book
            else Receipt(m.id, ReceiptState.ACCEPTED, now)
            for m in batch.messages
        ]

    partners = channel(does, kind=ToEach)
    town = Town(database, clock, [partners])
    town.people([SLOW, AWAY])
    town.alert()
    await town.settle()
    assert not town.rows("SELECT 1 FROM account WHERE paused_until > now()")
    await town.play(0.5)
    assert [address for _, address, _ in partners.book].count(AWAY) == 2
