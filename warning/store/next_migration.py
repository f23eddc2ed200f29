"""`python -m warning.store.next_migration "why"`: write the migration from the newest schema to the tables as they are now.

Alembic compares a fresh database, made on the side, with the tables of the code. It sees tables, columns, indexes and keys; a
view or a trigger is written by hand. Read what it wrote before it is committed.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from geo.errors import ConfigError
from warning.store.database import Database
from warning.store.embedded import EmbeddedPostgres
from warning.store.migrate import migrate

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def draft(why: str, database: Database, versions: Path = VERSIONS) -> Path:
    """The new file in `versions`. database: empty, or on the newest schema; it is migrated on the way."""
    migrate(database)
    settings = Config()
    settings.set_main_option("script_location", str(VERSIONS.parent))
    settings.set_main_option("path_separator", "os")  # a folder may hold spaces
    settings.set_main_option("version_locations", str(versions))
    number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04d}"
    with database.engine.connect() as connection:
        settings.attributes["connection"] = connection
        made = command.revision(
            settings, why, autogenerate=True, rev_id=number, version_path=str(versions), head="head"
        )
    if made is None or isinstance(made, list):
        raise ConfigError("alembic wrote no migration")
    return Path(made.path)


def main() -> int:
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        print('python -m warning.store.next_migration "why the schema changes"', file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="raksa-") as folder:
        server = EmbeddedPostgres(Path(folder), fast_and_loose=True)
        database = Database.connect(server.url)
        try:
            print(draft(sys.argv[1].strip(), database))
        finally:
            database.close()
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
