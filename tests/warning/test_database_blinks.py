"""A database that blinks costs no reading, no message and no second one, also of a carrier that cannot refuse repeats."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from sources.contract import Observation, Payload, Quantity, Reading, Source
from tests.warning.town import Town, accepts, channel
from warning import claim, deliver, observe
from warning.clock import HandClock
from warning.pipeline import run_step
from warning.store.database import Database

BLINKS = [OperationalError("", {}, Exception("gone")), NoneFree("no connection free")]


@pytest.mark.parametrize("blink", BLINKS, ids=["away", "busy"])
@pytest.mark.parametrize(
    ("where", "what"),
    [(claim, "allowed"), (deliver, "write_down")],
    ids=["before-the-send", "after-the-send"],
)
async def test_what_was_sent_is_known_and_what_was_not_is_sent(
    database: Database,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    what: str,
    blink: Exception,
) -> None:
    sms = channel(accepts)
    town = Town(database, clock, [sms])
    town.people(["+66800000001"])
    done, asked = getattr(where, what), []

    def once_away(*given: Any) -> Any:
        asked.append(what)
        if len(asked) == 1:
            raise blink
        return done(*given)

    monkeypatch.setattr(where, what, once_away)
    town.alert()
    await town.settle()
    await town.play(1)
    assert town.states() == {"accepted": 1}
    assert len(sms.book) == 1


class Asked(Source):
    """Says what it has to say once."""

    def fetch(self, http: Any, now: Any) -> Payload:
        return Payload(b"25.0", now)

    def read(self, payload: Payload) -> list[Reading]:
        at = payload.fetched_at
        return [Observation(self.name, "X.170", Quantity.WATER_LEVEL, float(payload.body), "m", at)]


@pytest.mark.parametrize("blink", BLINKS, ids=["away", "busy"])
async def test_a_reading_does_not_wait_for_the_next_tick(
    database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch, blink: Exception
) -> None:
    town = Town(database, clock, [])
    feed = Asked(kind="asked", name="feed", every=timedelta(minutes=10), stale_after=timedelta(hours=2))
    town.office.config.sources.append(feed)
    record, asked = observe.record, []

    def once_away(*given: Any) -> Any:
        asked.append(1)
        if len(asked) == 1:
            raise blink
        return record(*given)

    monkeypatch.setattr(observe, "record", once_away)
    await run_step(town.office, "observe", "feed", 0)
    assert [row.value for row in town.rows("SELECT value FROM observation")] == [25.0]
    assert town.rows("SELECT 1 FROM procrastinate_jobs WHERE args->>'step' = 'assess'")
