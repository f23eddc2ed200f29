"""Wake-ups commit with their rows, wait at most once, and a dead worker's are taken back."""

from sqlalchemy import text

from tests.postgres import on_every_server
from warning.engine.app import defer
from warning.fault import note
from warning.step import Next
from warning.store.database import Database


def waiting(database: Database) -> list[str]:
    with database.session() as session:
        return [
            r[0] for r in session.execute(text("SELECT queueing_lock FROM procrastinate_jobs ORDER BY id"))
        ]


@on_every_server
def test_a_wake_up_and_its_row_commit_together_or_not_at_all(database: Database, clock) -> None:
    class Stop(Exception): ...

    try:
        with database.session() as session:
            note(session, "x", "y", clock.now())
            defer(session, [Next("cover", "1")])
            raise Stop
    except Stop:
        pass
    assert waiting(database) == []
    with database.session() as session:
        assert session.execute(text("SELECT count(*) FROM fault")).scalar_one() == 0


@on_every_server
def test_what_waits_already_is_not_queued_again(database: Database) -> None:
    for _ in range(2):
        with database.session() as session:
            defer(session, [Next("cover", "1"), Next("cover", "1"), Next("respond", "1")])
    assert waiting(database) == ["cover:1", "respond:1"]


@on_every_server
def test_two_transactions_that_wake_the_same_work_do_not_spoil_each_other(database: Database, clock) -> None:
    """The slower one meets the quicker one's job only when it writes: it goes on without it, its rows are kept."""
    import threading

    ready, go = threading.Event(), threading.Event()

    def slow() -> None:
        with database.session() as session:
            note(session, "slow", "kept", clock.now())
            session.execute(text("SELECT 1"))
            ready.set()
            go.wait(5)
            defer(session, [Next("cover", "1"), Next("cover", "2")])

    thread = threading.Thread(target=slow)
    thread.start()
    ready.wait(5)
    with database.session() as first:
        defer(first, [Next("cover", "1")])
        go.set()
        thread.join(0.3)  # it now waits for our commit
    thread.join(5)
    assert sorted(waiting(database)) == ["cover:1", "cover:2"]
    with database.session() as session:
        assert session.execute(text("SELECT why FROM fault WHERE key = 'slow'")).scalar_one() == "kept"
