"""One door to PostgreSQL: embedded by default, or the server of DATABASE_URL.

Sessions are short and never held across a send.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlmodel import Session

POOL = 24  # connections a process; PostgreSQL's default is 100 for all


@dataclass(frozen=True)
class Database:
    """An engine and its address. `url` is SQLAlchemy's (`postgresql+psycopg://`)."""

    url: str
    engine: Engine

    @classmethod
    def connect(cls, url: str, pool: int = POOL) -> "Database":
        """url: `postgresql://` or `postgresql+psycopg://`."""
        url = (
            url.replace("postgresql://", "postgresql+psycopg://", 1)
            if url.startswith("postgresql://")
            else url
        )
        engine = create_engine(
            url, pool_size=pool, max_overflow=8, pool_pre_ping=True, pool_timeout=10, hide_parameters=True
        )
        return cls(url, engine)

    @property
    def conninfo(self) -> str:
        """The same address as psycopg and procrastinate want it."""
        return make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back when anything is raised."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()
