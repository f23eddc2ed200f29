"""One worker and the database it may lose in any moment: its heart is watched, no wake-up stays with nobody, it can be stopped."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from psycopg import OperationalError
from sqlalchemy import text

from tests.postgres import Server, of, on_every_server
from warning.engine.app import defer, ring_again
from warning.engine.worker import DEAD_AFTER_S, Missed, Worker
from warning.step import Next
from warning.store.database import Database

PATIENCE_S = 40.0  # a busy machine; a mended worker needs about six


@asynccontextmanager
async def at_work(database: Database, run: Callable[[str, int], Awaitable[None]]) -> AsyncIterator[None]:
    """A worker whose steps are `run(work, job)`."""

    async def sweep(lost: list[int]) -> None:
        with database.session() as session:
            ring_again(session, lost)

    worker = Worker(database.conninfo, lambda _, work, job: run(work, job), sweep, name="t", concurrency=2)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true() and time.monotonic() < end:
        await asyncio.sleep(0.05)
    assert true()


def one(database: Database, query: str) -> int:
    with database.session() as session:
        return int(session.execute(text(query)).scalar_one())


def do(database: Database, *statements: str) -> None:
    with database.session() as session:
        for statement in statements:
            session.execute(text(statement))


@on_every_server
async def test_a_worker_whose_heart_stopped_opens_anew(database: Database) -> None:
    """Else others believe it dead and run its work a second time, for as long as it lives."""
    beats = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '2 seconds'"

    async def nothing(work: str, job: int) -> None: ...

    async with at_work(database, nothing):
        await until(lambda: one(database, beats) == 1)
        first = one(database, "SELECT max(id) FROM procrastinate_workers")
        await asyncio.to_thread(
            do, database, "ALTER FUNCTION procrastinate_update_heartbeat_v1 RENAME TO away"
        )
        await asyncio.sleep(2.5)
        await asyncio.to_thread(
            do, database, "ALTER FUNCTION away RENAME TO procrastinate_update_heartbeat_v1"
        )
        await until(lambda: one(database, f"{beats} AND id > {first}") == 1)


@on_every_server
async def test_a_wake_up_whose_end_was_not_heard_is_rung_again(database: Database) -> None:
    """The step's own rows may be written or not: only running it again tells. The queue alone would wait for ever, because
    the worker it believes to be at it is alive."""
    heard: list[tuple[str, int]] = []

    async def run(work: str, job: int) -> None:
        heard.append((work, job))

    do(
        database,
        "CREATE FUNCTION deaf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''deaf''; END'",
        "CREATE TRIGGER deaf BEFORE DELETE ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION deaf()",
    )
    with database.session() as session:
        defer(session, [Next("cover", "here")])
    async with at_work(database, run):
        await until(lambda: len(heard) == 1)
        await asyncio.sleep(1)
        assert one(database, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 1
        await asyncio.to_thread(do, database, "DROP TRIGGER deaf ON procrastinate_jobs")
        await until(lambda: len(heard) == 2)
        await until(lambda: one(database, "SELECT count(*) FROM procrastinate_jobs") == 0)
    (first, one_job), (second, other_job) = heard
    assert (first, second) == ("here", "here")
    assert one_job != other_job  # who still believes to run the first finds its number gone


@on_every_server
async def test_a_wake_up_that_runs_long_is_not_lost(database: Database) -> None:
    heard: list[str] = []

    async def run(work: str, job: int) -> None:
        heard.append(work)
        await asyncio.sleep(DEAD_AFTER_S + 3)

    with database.session() as session:
        defer(session, [Next("cover", "long")])
    async with at_work(database, run):
        await until(lambda: one(database, "SELECT count(*) FROM procrastinate_jobs") == 0)
    assert heard == ["long"]


def test_only_what_was_missing_all_the_time_is_lost() -> None:
    missed = Missed()
    assert missed.since({1, 2}, 0.0) == []
    assert missed.since({2}, 3.0) == []
    assert missed.since({1, 2}, DEAD_AFTER_S) == [2]
    assert missed.since({1}, 2 * DEAD_AFTER_S) == [1]


@pytest.mark.parametrize(
    "told", [OperationalError("server closed the connection"), None], ids=["lost", "nothing"]
)
@on_every_server
async def test_a_cancelled_sweep_ends_though_it_was_told_otherwise(
    database: Database, told: Exception | None
) -> None:
    """psycopg tells a cancellation that meets a dying connection as OperationalError; its pool, waiting with Python 3.11's
    `wait_for`, may swallow it. Nobody may wait for ever for who took it for an ordinary fault, or for nothing, and went on.
    (The restarts of test_crash meet the real thing now and then.)"""
    swept = asyncio.Event()

    async def sweep(lost: list[int]) -> None:
        swept.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if told is not None:
                raise told from None

    async def run(step: str, work: str, job: int) -> None: ...

    task = asyncio.create_task(Worker(database.conninfo, run, sweep, name="t").run())
    async with asyncio.timeout(PATIENCE_S):
        await swept.wait()
    task.cancel()
    _, waiting = await asyncio.wait({task}, timeout=PATIENCE_S / 2)
    assert not waiting


@on_every_server
def test_an_address_that_never_answers_is_given_up_soon(server: Server) -> None:
    made = Database.connect(of(server, "postgres"))
    assert "connect_timeout=5" in made.conninfo and "tcp_user_timeout=10000" in made.conninfo
    with made.session() as session:
        assert session.execute(text("SHOW tcp_keepalives_idle")).scalar_one() is not None
    patient = Database.connect(
        f"{of(server, 'postgres')}{'&' if '?' in of(server, 'postgres') else '?'}connect_timeout=9"
    )
    assert "connect_timeout=9" in patient.conninfo
    with patient.session() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1
    for each in (made, patient):
        each.close()
