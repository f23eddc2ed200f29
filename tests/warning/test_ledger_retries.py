"""When a carrier that cannot now is asked again: soon at first, then more seldom, never all at once, and until the alert ends."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from channels.contract import Batch, Receipt, ReceiptState, TryLater
from tests.warning.town import ToldTwice, Town, accepts, channel
from warning.deliver import _again
from warning.delivery import SegmentState
from warning.running import wake
from warning.step import Next
from warning.store.database import Database

PHONES = [f"+6681000{n:04d}" for n in range(60)]
OFFICE: Any = SimpleNamespace(clock=SimpleNamespace(rate=1.0))


def wait_s(clock: Any, attempt: int, retry_after: timedelta | None = None) -> float:
    segment: Any = SimpleNamespace(attempts=attempt, outcome="planned")
    _again(segment, "busy", clock.now(), OFFICE, retry_after)
    assert segment.state is SegmentState.WAITING
    return float((segment.due_at - clock.now()).total_seconds())


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [
        pytest.param(1, 2, 4, id="first-within-seconds"),
        pytest.param(2, 4, 8, id="twice-as-long"),
        pytest.param(4, 16, 32, id="and-again"),
        pytest.param(9, 60, 120, id="never-longer-than-two-minutes"),
        pytest.param(5000, 60, 120, id="nor-ever-given-up"),
    ],
)
def test_waits_grow_and_are_scattered(clock: Any, attempt: int, least: float, most: float) -> None:
    waits = {wait_s(clock, attempt) for _ in range(50)}
    assert least <= min(waits) and max(waits) <= most
    assert len(waits) > 10  # not all in one moment


@pytest.mark.parametrize("asked", [1, 90, 3600])
def test_what_the_carrier_asks_for_is_kept(clock: Any, asked: int) -> None:
    assert wait_s(clock, 1, timedelta(seconds=asked)) >= asked


@pytest.mark.parametrize("down", [timedelta(seconds=30), timedelta(minutes=10), timedelta(minutes=50)])
async def test_a_carrier_that_was_down_still_reaches_everybody(
    database: Database, clock: Any, down: timedelta
) -> None:
    back = clock.now() + down

    def does(batch: Batch, now: Any) -> list[Receipt]:
        if now < back:
            raise TryLater("down")
        return accepts(batch, now)

    sms = channel(does)
    town = Town(database, clock, [sms])
    town.people(PHONES[:7])
    town.alert()
    await town.settle()
    await town.play(down / timedelta(minutes=1) + 2.5, every_s=max(15, down.total_seconds() / 20))
    assert town.states() == {ReceiptState.ACCEPTED: 7}
    assert sorted(address for _, address, _ in sms.book) == PHONES[:7]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(TryLater("429"), [False, False], id="plainly-not-taken"),
        pytest.param(TryLater("500", maybe_taken=True), [False, True], id="the-answer-was-lost"),
    ],
)
async def test_a_batch_says_whether_it_may_have_been_taken_before(
    database: Database, clock: Any, error: TryLater, said: list[bool]
) -> None:
    """What may have been taken is asked for again with its key, whatever the quota: the carrier must know which it is."""
    seen: list[bool] = []

    def does(batch: Batch, now: Any) -> list[Receipt]:
        seen.append(batch.maybe_taken)
        if len(seen) == 1:
            raise error
        return accepts(batch, now)

    town = Town(database, clock, [channel(does, kind=ToldTwice)])
    town.people(PHONES[:3])
    town.alert()
    await town.settle()
    await town.play(1)
    assert seen == said
    assert town.states() == {ReceiptState.ACCEPTED: 3}


async def test_what_a_dead_worker_had_in_hand_may_have_been_taken(database: Database, clock: Any) -> None:
    """Until it is settled: a plain refusal of a later call says nothing of the dead worker's."""
    seen: list[bool] = []

    def does(batch: Batch, now: Any) -> list[Receipt]:
        seen.append(batch.maybe_taken)
        if len(seen) < 3:
            raise TryLater("429")
        return accepts(batch, now)

    town = Town(database, clock, [channel(does, kind=ToldTwice)])
    town.people(PHONES[:3])
    town.alert()
    await town.settle()
    with database.session() as session:
        in_hand = text(
            "UPDATE segment SET state = 'SENDING', job = -1, due_at = :now WHERE channel = 'sms' RETURNING id::text"
        )
        segment = session.execute(in_hand, {"now": clock.now()}).scalar_one()
    wake(town.office, Next("deliver", segment))
    await town.settle()
    await town.play(1)
    assert seen == [False, True, True]
    assert town.states() == {ReceiptState.ACCEPTED: 3}
