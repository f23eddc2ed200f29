"""One door to PostgreSQL: embedded by default, or the server of DATABASE_URL.

Sessions are short and never held across a send.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from geo.errors import ConfigError

POOL = 24  # connections a process; PostgreSQL's default is 100 for all
# A server whose network went silent (power, cable) is given up in seconds; without these Linux waits two hours.
NOT_FOR_EVER = {
    "connect_timeout": "5", "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}  # fmt: skip


def _patience(url: str) -> dict[str, str]:
    """What the address does not say itself."""
    return {key: value for key, value in NOT_FOR_EVER.items() if key not in make_url(url).query}


@dataclass(frozen=True)
class Database:
    """An engine and its address. `url` is SQLAlchemy's (`postgresql+psycopg://`)."""

    url: str
    engine: Engine

    @classmethod
    def connect(cls, url: str, pool: int = POOL) -> "Database":
        """url: `postgresql://` or `postgresql+psycopg://`.

        Raises ConfigError, without the address (a password stands in it), for what is no address of PostgreSQL.
        """
        url = (
            url.replace("postgresql://", "postgresql+psycopg://", 1)
            if url.startswith("postgresql://")
            else url
        )
        try:
            if make_url(url).drivername != "postgresql+psycopg":
                raise ValueError
            engine = create_engine(
                url, pool_size=pool, max_overflow=8, pool_pre_ping=True, pool_timeout=10, hide_parameters=True,
                connect_args=_patience(url),
                pool_use_lifo=True,  # the last one used knows the statements already; the others rest
            )  # fmt: skip
        except (ArgumentError, ValueError):
            # `from None`: the text of the error repeats the address
            raise ConfigError(
                "DATABASE_URL: no address; write it as postgresql://user@host:5432/name"
            ) from None
        return cls(url, engine)

    @property
    def conninfo(self) -> str:
        """The same address as psycopg and procrastinate want it: libpq's `key=value`, whose paths may hold spaces."""
        url = make_url(self.url)
        given: dict[str, Any] = url.translate_connect_args(username="user", database="dbname") | dict(
            url.query
        )
        return make_conninfo(**given, **_patience(self.url))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back when anything is raised."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()
