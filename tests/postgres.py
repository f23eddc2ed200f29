"""The PostgreSQL servers of the tests: the embedded one, Debian's own, or the one of RAKSA_TEST_DATABASE_URL.

A test takes `database` and gets the embedded server; `on_every_server` runs it once on each. Each server is started once a
run, holds one migrated template, and gives every test a fresh copy of it.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.services.require import free_ports, missing
from warning.store.database import Database
from warning.store.embedded import EmbeddedPostgres
from warning.store.migrate import migrate

TEMPLATE = "raksa_template"
DEBIAN = Path("/usr/lib/postgresql")

on_every_server = pytest.mark.parametrize("server", ["embedded", "debian"], indirect=True)


class Server(Protocol):
    url: str

    def restart(self, mode: str) -> None:
        """mode: `fast` ends every session and stops in order; `immediate` is a crash, mended from the log at the start."""


class Embedded:
    def __init__(self, folder: Path) -> None:
        self.own = EmbeddedPostgres(folder, fast_and_loose=True)
        self.url = self.own.url

    def restart(self, mode: str) -> None:
        inside = self.own._server
        _ctl(
            inside.bin_path / "pg_ctl",
            inside.pgdata,
            "restart",
            "-m",
            mode,
            "-l",
            str(inside.log),
            user=inside.system_user,
        )


class Debian:
    """A cluster of our own made with Debian's programs, on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        self._bin = newest_debian()
        self._data = folder / "data"
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        if self._user:
            shutil.chown(folder, self._user)
        _run(str(self._bin / "initdb"), "-D", str(self._data), "-U", "raksa", "-A", "trust", "-E", "UTF8",
             "--locale", "C.UTF-8", "--no-sync", user=self._user)  # fmt: skip
        port = free_ports(1)[0]
        self._options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
        self._log = folder / "log"
        _ctl(
            self._bin / "pg_ctl",
            self._data,
            "start",
            "-o",
            self._options,
            "-l",
            str(self._log),
            user=self._user,
        )
        self.url = f"postgresql+psycopg://raksa@127.0.0.1:{port}/postgres"

    def restart(self, mode: str) -> None:
        _ctl(
            self._bin / "pg_ctl",
            self._data,
            "restart",
            "-m",
            mode,
            "-o",
            self._options,
            "-l",
            str(self._log),
            user=self._user,
        )

    def stop(self) -> None:
        with suppress(subprocess.CalledProcessError):
            _ctl(self._bin / "pg_ctl", self._data, "stop", "-m", "immediate", user=self._user)


class Given:
    """A server somebody else runs: it is not ours to restart."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql://", "postgresql+psycopg://", 1)

    def restart(self, mode: str) -> None:
        missing("the server of RAKSA_TEST_DATABASE_URL is not ours to restart")


def newest_debian() -> Path:
    """Where Debian keeps the programs of its newest PostgreSQL; skips, or fails where services are required."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return (
        found[-1].parent if found else Path(missing("PostgreSQL of Debian is not installed (make services)"))
    )


@contextmanager
def running(kind: str) -> Iterator[Server]:
    """kind: `embedded` or `debian`. RAKSA_TEST_DATABASE_URL stands in for the embedded one."""
    given = os.environ.get("RAKSA_TEST_DATABASE_URL")
    if kind == "embedded" and given:
        yield Given(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="raksa-test-", dir="/tmp"))
    try:
        if kind == "embedded":
            embedded = Embedded(folder)
            try:
                yield embedded
            finally:
                embedded.own.stop()
        else:
            debian = Debian(folder)
            try:
                yield debian
            finally:
                debian.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_template(server: Server) -> None:
    administer(server, f"DROP DATABASE IF EXISTS {TEMPLATE}", f"CREATE DATABASE {TEMPLATE}")
    database = Database.connect(of(server, TEMPLATE))
    migrate(database)
    database.close()


def of(server: Server, name: str) -> str:
    """The address of one database of a server."""
    return make_url(server.url).set(database=name).render_as_string(hide_password=False)


def administer(server: Server, *statements: str) -> None:
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _ctl(program: Path, data: Path, act: str, *more: str, user: str | None) -> None:
    _run(str(program), "-w", "-D", str(data), act, *more, user=user)


def _run(*command: str, user: str | None) -> None:
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd="/tmp"
    )
