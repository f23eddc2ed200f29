"""A worker runs on what it made itself; its bell walks along and says at every moment what is left to do."""

import pytest
from sqlalchemy import text

from tests.warning.town import Told, ToldTwice, Town, accepts, channel
from warning import pipeline
from warning.engine.app import defer
from warning.step import Next
from warning.store.database import Database
from warning.straight_on import straight_on


@pytest.fixture
def town(database: Database, clock) -> Town:
    town = Town(database, clock, [channel(accepts)])
    town.people(["+66800000001"], head="+66800000000")
    return town


def rung(town: Town, wake_up: Next) -> int:
    """A wake-up that a worker has taken."""
    with town.database.session() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        defer(session, [wake_up])
        return int(
            session.execute(text("UPDATE procrastinate_jobs SET status = 'doing' RETURNING id")).scalar_one()
        )


def queue(town: Town) -> set[tuple[str, str]]:
    found = town.rows("SELECT status::text AS status, args->>'step' AS step FROM procrastinate_jobs")
    return {(row.status, row.step) for row in found}


def test_the_first_of_the_most_urgent_is_run_at_once_and_the_others_wait(town: Town) -> None:
    job = rung(town, Next("address_contacts", "a"))
    made = [
        Next("cover", "a", 90),
        Next("address_residents", "a", 40),
        Next("deliver", "x", 41),
        Next("deliver", "y", 41),
    ]
    with town.database.session() as session:
        first, others = straight_on(session, job, made)
    assert first == Next("deliver", "x", 41)
    assert others == [made[0], made[1], made[3]]
    (bell,) = town.rows(
        "SELECT id, args, queueing_lock, priority, status::text AS status FROM procrastinate_jobs"
    )
    assert (bell.id, bell.args, bell.queueing_lock, bell.priority, bell.status) == (
        job, {"step": "deliver", "work": "x"}, "deliver:x", 41, "doing",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("step", "waited"), [("issue", "off"), ("address_contacts", "on"), ("deliver", "on")]
)
def test_the_disk_is_waited_for_before_anything_leaves_the_house(step: str, waited: str, town: Town) -> None:
    job = rung(town, Next("draft", "h"))
    with town.database.session() as session:
        session.execute(text("SET LOCAL synchronous_commit TO on"))
        straight_on(session, job, [Next(step, "a")])
        assert session.execute(text("SHOW synchronous_commit")).scalar() == waited


@pytest.mark.parametrize("gone", ["DELETE FROM procrastinate_jobs", "UPDATE procrastinate_jobs SET status = 'todo'"],
                         ids=["deleted", "given back"])  # fmt: skip
def test_who_was_thought_dead_goes_no_further(gone: str, town: Town) -> None:
    job = rung(town, Next("draft", "h"))
    with town.database.session() as session:
        session.execute(text(gone))
        assert straight_on(session, job, [Next("issue", "a")]) == (None, [Next("issue", "a")])


async def test_a_worker_that_dies_between_two_steps_leaves_a_bell_for_the_second(town: Town) -> None:
    alert = str(town.alert())
    job = rung(town, Next("address_contacts", alert))
    first = pipeline._run_plain(town.office, "address_contacts", alert, job)
    assert first is not None and first.step == "deliver"
    assert queue(town) == {("doing", "deliver"), ("todo", "address_vulnerable")}
    # here it dies; its bell goes back into the queue
    with town.database.session() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'todo' WHERE id = :job"), {"job": job})
    await town.settle()
    assert queue(town) == set()
    assert town.states() == {"accepted": 2}


async def test_one_wake_up_goes_from_the_plan_to_the_first_call(town: Town) -> None:
    alert = str(town.alert())
    job = rung(town, Next("address_contacts", alert))
    await pipeline.run_step(town.office, "address_contacts", alert, job)
    assert town.states() == {"accepted": 1}
    assert ("doing", "deliver") in queue(town)


@pytest.mark.parametrize(
    ("kind", "ahead"), [(ToldTwice, True), (Told, False)], ids=["refused", "not refused"]
)
def test_the_first_call_is_claimed_with_its_plan_where_a_repeat_is_refused(
    kind: type[Told], ahead: bool, database: Database, clock
) -> None:
    """Else it would be claimed beside all those its plan rings for."""
    town = Town(database, clock, [channel(accepts, kind=kind)])
    town.people(["+66800000001"], head="+66800000000")
    alert = str(town.alert())
    job = rung(town, Next("address_contacts", alert))
    onward = pipeline._run_plain(town.office, "address_contacts", alert, job)
    assert onward is not None and onward.step == "deliver"
    assert (onward.claimed is not None) is ahead
    held = town.rows("SELECT job FROM segment WHERE state = 'SENDING'")
    assert [row.job for row in held] == ([job] if ahead else [])


async def test_a_first_call_that_cannot_be_claimed_costs_the_plan_nothing(town: Town, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no words for this carrier")

    monkeypatch.setattr(pipeline.claim, "claim_ahead", broken)
    alert = str(town.alert())
    job = rung(town, Next("address_contacts", alert))
    await pipeline.run_step(town.office, "address_contacts", alert, job)
    assert town.states() == {"accepted": 1}
