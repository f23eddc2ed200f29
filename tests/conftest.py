"""A fresh, migrated database for every test that wants one, and a clock that stands still."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from tests.postgres import TEMPLATE, Server, administer, make_template, of, running
from warning.clock import HandClock
from warning.store.database import Database

# A law holds however slow the machine is in that moment; speed is measured in bench/.
settings.register_profile("raksa", deadline=None)
settings.load_profile("raksa")


class Servers(dict[str, Server]):
    """By kind; each is started when it is first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __missing__(self, kind: str) -> Server:
        self[kind] = self._stack.enter_context(running(kind))
        make_template(self[kind])
        return self[kind]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture
def server(servers: Servers, request: pytest.FixtureRequest) -> Server:
    """The embedded server, or the one named by `on_every_server`."""
    return servers[getattr(request, "param", "embedded")]


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A fresh, migrated, empty database. Rows are really committed: workers must see them."""
    name = f"t_{uuid4().hex[:12]}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    made = Database.connect(of(server, name), pool=8)
    try:
        yield made
    finally:
        made.close()
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(database: Database) -> Engine:
    return database.engine


@pytest.fixture
def clock() -> HandClock:
    """02:00 in Bangkok on a November night."""
    return HandClock(datetime(2026, 11, 22, 19, 0, tzinfo=UTC))
