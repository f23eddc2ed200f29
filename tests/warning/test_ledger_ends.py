"""The end of a warning goes to exactly those who may have its words: nobody is frightened afresh, nobody left on the roof."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from channels.contract import Batch, OutcomeUnknown, Receipt, ReceiptState, TryLater
from tests.warning.test_told_already import update
from tests.warning.town import Told, ToldTwice, Town, channel
from warning.alert import Alert
from warning.ends_for import ends_for
from warning.issue import expire
from warning.store.database import Database

HEARD, TAKEN, LOST, REFUSED, NEW = (f"+6681000000{n}" for n in range(5))
WORD = {HEARD: ReceiptState.DELIVERED, LOST: ReceiptState.UNKNOWN, REFUSED: ReceiptState.REFUSED}
CORRECTION = {"kind": "correction", "msg_type": "Cancel", "urgency": "Past", "response_type": "AllClear"}
ALL_CLEAR = CORRECTION | {"kind": "all_clear", "msg_type": "Update"}


def one_word_each(batch: Batch, now: Any) -> list[Receipt]:
    return [Receipt(m.id, WORD.get(m.address, ReceiptState.ACCEPTED), now) for m in batch.messages]


@pytest.fixture
def town(database: Database, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr("warning.issue.cap_of", lambda session, alert, office: b"<alert/>")
    town = Town(database, clock, [channel(one_word_each)])
    town.people([HEARD, TAKEN, LOST, REFUSED])
    return town


def moves_in(town: Town, phone: str) -> None:
    """A home the registry learns of after the alert went out."""
    town.people([phone], first=4)


def told_since(town: Town, before: int) -> list[str]:
    return sorted(address for _, address, _ in town.channels[0].book[before:])  # type: ignore[attr-defined]


async def follows(town: Town, old: UUID, **values: Any) -> tuple[UUID, list[str]]:
    """An alert that follows goes out: its id, and who is told."""
    before = len(town.channels[0].book)  # type: ignore[attr-defined]
    town.clock.forward(timedelta(minutes=60))
    made = update(town, old, **values)
    await town.settle()
    await town.play(1)
    return made, told_since(town, before)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param(CORRECTION, [HEARD, TAKEN, LOST], id="correction-to-those-who-may-have-it"),
        pytest.param(ALL_CLEAR, [HEARD, TAKEN, LOST], id="all-clear-too"),
        pytest.param({}, [TAKEN, LOST, REFUSED, NEW], id="an-update-also-to-the-new-home"),
    ],
)
async def test_who_is_told_what_follows(town: Town, values: dict[str, Any], told: list[str]) -> None:
    first = town.alert()
    await town.settle()
    moves_in(town, NEW)
    assert (await follows(town, first, **values))[1] == sorted(told)


async def test_an_end_looks_back_past_an_update_that_did_not_wake_everybody(town: Town) -> None:
    first = town.alert()
    await town.settle()
    second, _ = await follows(town, first)  # HEARD has proof of the first and is not woken again
    end, told = await follows(town, second, **ALL_CLEAR)
    assert HEARD in told
    with town.database.session() as session:
        assert set(ends_for(session.get_one(Alert, end))) == {first, second}


async def test_an_end_of_what_reached_nobody_is_told_to_nobody(database: Database, clock: Any) -> None:
    def down(batch: Batch, now: Any) -> list[Receipt]:
        raise TryLater("down")

    town = Town(database, clock, [channel(down)])
    town.people([HEARD, TAKEN])
    first = town.alert()
    await town.settle()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warning.issue.cap_of", lambda session, alert, office: b"<alert/>")
        _, told = await follows(town, first, **CORRECTION)
    assert told == []
    assert set(town.states()) == {"suppressed"}


@pytest.mark.parametrize(
    ("error", "says"),
    [
        pytest.param(TryLater("busy"), "expired", id="plainly-not-taken"),
        pytest.param(TryLater("answer lost", maybe_taken=True), "unknown", id="may-have-been-taken"),
        pytest.param(OutcomeUnknown("answer lost"), "unknown", id="answer-lost"),
    ],
)
async def test_what_may_have_arrived_is_never_closed_as_if_it_had_not(
    database: Database, clock: Any, error: Exception, says: str
) -> None:
    def fails(batch: Batch, now: Any) -> list[Receipt]:
        raise error

    carrier: Told = channel(fails, kind=ToldTwice)
    town = Town(database, clock, [carrier])
    town.people([HEARD])
    alert = town.alert(hours=0.02)
    await town.settle()
    town.clock.forward(timedelta(minutes=5))
    with database.session() as session:
        expire(session, str(alert), clock.now(), town.office)
    await town.settle()
    assert town.states() == {says: 1}
