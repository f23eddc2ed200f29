"""What broke is shown until it works again, and no longer; a silent or old source is never calm."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from sources.contract import Observation, Payload, Quantity, Reading, Source
from tests.warning.town import Town, accepts, channel
from warning import observe, pipeline, source_state
from warning.fault import MOST_NAMED, known, mended, note
from warning.issue import close_queued
from warning.pipeline import run_step
from warning.source_state import SourceState
from warning.store.database import Database
from warning.sweep import sweep


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


def breaks(*works: str):
    def step(session, work, now, office):
        if work in works:
            raise ValueError(f"no {work}")
        return []

    return step


def faults(town: Town) -> dict[str, set[str]]:
    return {row.key: set(row.works) for row in town.rows("SELECT key, works FROM fault")}


async def test_a_piece_that_works_clears_its_own_fault_and_no_other(database, clock, monkeypatch) -> None:
    town = Town(database, clock, [])
    monkeypatch.setattr(pipeline, "STEPS", {"assess": breaks("a", "b")})
    for work in "abc":
        await run_step(town.office, "assess", work, 1)
    assert faults(town) == {"step assess": {"a", "b"}}
    monkeypatch.setattr(pipeline, "STEPS", {"assess": breaks("b")})
    for work in "bac":  # another's success comes last
        await run_step(town.office, "assess", work, 1)
    assert faults(town) == {"step assess": {"b"}}
    monkeypatch.setattr(pipeline, "STEPS", {"assess": breaks()})
    await run_step(town.office, "assess", "b", 1)
    assert faults(town) == {}


async def test_one_failing_segment_of_a_wake_up_does_not_keep_the_others(
    database, clock, monkeypatch
) -> None:
    town = Town(database, clock, [])
    sent = []

    async def deliver(office, work, job, claimed):
        if work == "a":
            raise ValueError("no")
        sent.append(work)

    monkeypatch.setattr(pipeline, "_deliver", deliver)
    await run_step(town.office, "deliver", "a b c", 1)
    assert (sent, faults(town)) == (["b", "c"], {"step deliver": {"a"}})


async def test_a_thousand_that_fail_alike_are_one_line_and_all_are_let_go(
    database, clock, monkeypatch
) -> None:
    town = Town(database, clock, [])
    works = [str(n) for n in range(1000)]
    monkeypatch.setattr(pipeline, "STEPS", {"cover": breaks(*works)})
    for work in works:
        await run_step(town.office, "cover", work, 1)
    (row,) = town.rows("SELECT key, times, works FROM fault")
    assert (row.key, row.times, len(row.works)) == ("step cover", 1000, MOST_NAMED)
    sweep(town.office)  # no alert is in force: nothing of it is due any more
    assert faults(town) == {}


async def test_what_is_due_stays_a_fault_until_its_row_is_closed(database, clock, monkeypatch) -> None:
    town = Town(database, clock, [channel(accepts)])
    town.people(["+66800000001"])
    alert_id = town.alert()
    await town.settle()
    (segment,) = town.rows("SELECT id::text FROM segment WHERE channel = 'sms'")

    async def deliver(office, work, job, claimed):
        raise ValueError("no")

    monkeypatch.setattr(pipeline, "_deliver", deliver)
    with database.session() as session:
        session.execute(text("UPDATE segment SET state = 'WAITING'"))
    await run_step(town.office, "deliver", segment.id, 1)
    sweep(town.office)
    assert faults(town) == {"step deliver": {segment.id}}
    with database.session() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        close_queued(session, alert_id, "suppressed", "over")
    sweep(town.office)
    assert faults(town) == {}


async def test_a_fault_another_process_noted_is_cleared_by_whoever_succeeds(database, clock) -> None:
    town = Town(database, clock, [])
    with database.session() as session:
        note(session, "step assess", "elsewhere", clock.now(), "rules")
        note(session, "channel sms", "elsewhere", clock.now())
        assert known(session) == {"step assess rules", "channel sms"}
        town.office.faults.update(known(session))
    await run_step(town.office, "assess", "rules", 1)
    assert faults(town) == {"channel sms": set()}


def test_two_who_clear_at_once_leave_no_empty_fault(database, clock) -> None:
    with database.session() as session:
        for work in "ab":
            note(session, "step deliver", "no", clock.now(), work)
    with ThreadPoolExecutor(2) as pool, database.session() as first:
        mended(first, "step deliver", "a")
        other = pool.submit(_mend_alone, database, "b")
        with pytest.raises(TimeoutError):
            other.result(0.3)  # it waits for the row
        first.commit()
        other.result(5)
    with database.session() as session:
        assert known(session) == set()


def _mend_alone(database: Database, work: str) -> None:
    with database.session() as session:
        mended(session, "step deliver", work)


async def test_old_payloads_are_forgotten(database, clock) -> None:
    town = Town(database, clock, [])
    told(database, Feed, [level(clock.now())], clock.now())
    await town.settle()
    assert len(town.rows("SELECT 1 FROM payload")) == 1
    clock.forward(timedelta(days=401))
    await town.settle()
    assert not town.rows("SELECT 1 FROM payload")
    assert town.rows("SELECT 1 FROM observation")
