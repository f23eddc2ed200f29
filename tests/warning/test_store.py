"""The database comes up migrated, twice over, and inserts are safe to repeat."""

from sqlalchemy import text

from tests.postgres import on_every_server
from warning.fault import Fault
from warning.store.database import Database
from warning.store.insert import insert_new, inserted, upsert
from warning.store.migrate import migrate


@on_every_server
def test_migrating_twice_changes_nothing(database: Database) -> None:
    with database.session() as session:
        before = session.execute(text("SELECT count(*) FROM information_schema.tables")).scalar_one()
    migrate(database)
    with database.session() as session:
        assert session.execute(text("SELECT count(*) FROM information_schema.tables")).scalar_one() == before


@on_every_server
def test_twice_is_once(database: Database, clock) -> None:
    row = {"key": "x", "since": clock.now(), "last_at": clock.now(), "times": 1, "works": [], "why": "first"}
    with database.session() as session:
        assert insert_new(session, Fault, [row], returning=("key",)) == [("x",)]
    with database.session() as session:
        assert insert_new(session, Fault, [row | {"why": "second"}], returning=("key",)) == []
        assert not inserted(session, Fault(**row))
        assert session.get_one(Fault, "x").why == "first"


@on_every_server
def test_an_older_row_never_replaces_a_newer_one(database: Database, clock) -> None:
    from datetime import timedelta

    new = {"key": "x", "since": clock.now(), "last_at": clock.now(), "times": 2, "works": [], "why": "new"}
    old = new | {"last_at": clock.now() - timedelta(minutes=1), "why": "old"}
    with database.session() as session:
        upsert(session, Fault, [new], only_if_newer="last_at")
        upsert(session, Fault, [old], only_if_newer="last_at")
    with database.session() as session:
        assert session.get_one(Fault, "x").why == "new"
