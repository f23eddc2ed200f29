"""What broke is shown until it works again, and no longer; a silent or old source is never calm."""

from datetime import datetime, timedelta

import pytest

from sources.contract import Observation, Payload, Quantity, Reading, Source
from tests.warning.town import Town
from warning import observe, pipeline, source_state
from warning.pipeline import run_step
from warning.source_state import SourceState
from warning.store.database import Database


class Feed(Source):
    def fetch(self, http, now) -> Payload:
        return Payload(b"", now)

    def read(self, payload: Payload) -> list[Reading]:
        return []


class Bulletins(Feed):
    may_be_empty = True


def level(at: datetime) -> Observation:
    return Observation("feed", "X.1", Quantity.WATER_LEVEL, 1.0, "m", at)


def told(database: Database, kind: type[Source], readings: list[Reading], now: datetime) -> SourceState:
    source = kind(kind="feed", name="feed", every=timedelta(minutes=10), stale_after=timedelta(hours=2))
    with database.session() as session:
        payload_id = observe.keep(session, source, Payload(b"x", now))
        observe.record(
            session, source, payload_id, readings, now, lambda lat, lon: None, lambda station: None
        )
        session.flush()
        return session.get_one(SourceState, "feed")


CASES = {
    "fresh": (Feed, 30, None),
    "answers with what it said long ago": (Feed, 180, "180 minutes old"),
    "an empty answer of gauges": (Feed, None, "no rows"),
    "an empty answer of bulletins": (Bulletins, None, None),
}


@pytest.mark.parametrize(("kind", "minutes", "fault"), CASES.values(), ids=CASES)
def test_a_source_is_judged_by_what_it_says_and_how_old_that_is(
    database, clock, kind, minutes, fault
) -> None:
    readings = [] if minutes is None else [level(clock.now() - timedelta(minutes=minutes))]
    state = told(database, kind, readings, clock.now())
    assert (state.fault is None) if fault is None else (fault in (state.fault or ""))


def test_not_modified_does_not_make_an_old_value_young(database, clock) -> None:
    told(database, Feed, [level(clock.now())], clock.now())
    clock.forward(timedelta(hours=3))
    source = Feed(kind="feed", name="feed", every=timedelta(minutes=10), stale_after=timedelta(hours=2))
    with database.session() as session:
        source_state.note_alive(session, source, clock.now())
    with database.session() as session:
        assert "180 minutes" in (session.get_one(SourceState, "feed").fault or "")


async def test_a_step_that_works_again_clears_its_fault(database, clock, monkeypatch) -> None:
    town = Town(database, clock, [])

    def breaks(session, work, now, office):
        raise ValueError("no")

    works = pipeline.STEPS["assess"]
    monkeypatch.setattr(pipeline, "STEPS", {"assess": breaks})
    await run_step(town.office, "assess", "rules", 1)
    assert [row.key for row in town.rows("SELECT key FROM fault")] == ["step assess"]
    monkeypatch.setattr(pipeline, "STEPS", {"assess": works})
    await run_step(town.office, "assess", "rules", 1)
    assert not town.rows("SELECT key FROM fault")


async def test_old_payloads_are_forgotten(database, clock) -> None:
    town = Town(database, clock, [])
    told(database, Feed, [level(clock.now())], clock.now())
    await town.settle()
    assert len(town.rows("SELECT 1 FROM payload")) == 1
    clock.forward(timedelta(days=401))
    await town.settle()
    assert not town.rows("SELECT 1 FROM payload")
    assert town.rows("SELECT 1 FROM observation")
