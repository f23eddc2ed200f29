"""One PostgreSQL a run, one migrated template, a fresh copy of it for every test that wants a database."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

from warning.clock import HandClock
from warning.store.database import Database
from warning.store.embedded import EmbeddedPostgres
from warning.store.migrate import migrate

TEMPLATE = "raksa_template"


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """RAKSA_TEST_DATABASE_URL (an empty PostgreSQL of 15 or newer), or the embedded one."""
    given = os.environ.get("RAKSA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="raksa-test-", dir="/tmp"))
    server = EmbeddedPostgres(folder, fast_and_loose=True)
    try:
        yield server.url
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _named(url: str, name: str) -> str:
    from sqlalchemy.engine import make_url

    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _admin(url: str, *statements: str) -> None:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    _admin(server_url, f"DROP DATABASE IF EXISTS {TEMPLATE}", f"CREATE DATABASE {TEMPLATE}")
    database = Database.connect(_named(server_url, TEMPLATE))
    migrate(database)
    database.close()
    return TEMPLATE


@pytest.fixture
def database(server_url: str, template: str) -> Iterator[Database]:
    """A fresh, migrated, empty database. Rows are really committed: workers must see them."""
    name = f"t_{uuid4().hex[:12]}"
    _admin(server_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
    made = Database.connect(_named(server_url, name), pool=8)
    try:
        yield made
    finally:
        made.close()
        _admin(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(database: Database) -> Engine:
    return database.engine


@pytest.fixture
def clock() -> HandClock:
    """02:00 in Bangkok on a November night."""
    return HandClock(datetime(2026, 11, 22, 19, 0, tzinfo=UTC))
