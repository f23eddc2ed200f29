"""Bring a database to the newest schema, with Alembic. Safe to run twice and from several processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from warning.store.database import Database

_LOCK = 0x52616B7361  # "Raksa": an advisory lock, so that two starting processes take turns


def migrate(database: Database, to: str = "head") -> None:
    """to: the number of an older schema, for tests of the way on from it."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            settings.attributes["connection"] = connection
            command.upgrade(settings, to)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
