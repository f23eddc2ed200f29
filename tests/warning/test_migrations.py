"""The migrations and the tables of the code say the same, down to triggers and views; a new one can be drafted."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, Table, text

from tests.postgres import Server, administer, of, on_every_server
from warning.delivery import DELIVERY_STATUS_VIEW
from warning.store.database import Database
from warning.store.next_migration import VERSIONS, draft
from warning.store.tables import metadata

MEND = (
    "the tables of the code are not those of the migrations. Make the next migration:\n"
    '    .venv/bin/python -m warning.store.next_migration "why the schema changes"\n'
    "read it, add by hand what Alembic cannot see (views, triggers), and commit it with the tables."
)

# Everything of ours that PostgreSQL keeps, in words that can be compared; procrastinate's own is left out.
CATALOGUE = {
    "column": """SELECT table_name || '.' || column_name, data_type, udt_name, is_nullable, column_default,
        character_maximum_length, collation_name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name !~ '^(procrastinate|alembic)'""",
    "constraint": """SELECT c.conrelid::regclass || ' ' || c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
        WHERE c.connamespace = 'public'::regnamespace AND c.conrelid <> 0
        AND c.conrelid::regclass::text !~ '^(procrastinate|alembic)'""",
    "index": """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        AND tablename !~ '^(procrastinate|alembic)'""",
    "enum": """SELECT t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_type t
        JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typname !~ '^procrastinate' GROUP BY t.typname""",
    "view": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' AND viewname !~ '^procrastinate'",
    "trigger": """SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        AND tgrelid::regclass::text !~ '^procrastinate'""",
    "function": """SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND proname !~ '^procrastinate' AND prokind = 'f'""",
}


@pytest.fixture
def as_the_code_says(server: Server) -> Iterator[Database]:
    """A database made of the tables themselves, without any migration."""
    name = f"t_{uuid4().hex[:12]}"
    administer(server, f"CREATE DATABASE {name}")
    made = Database.connect(of(server, name), pool=1)
    try:
        with made.engine.begin() as connection:
            metadata().create_all(connection)
            connection.execute(text(DELIVERY_STATUS_VIEW))
        yield made
    finally:
        made.close()
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def catalogue(database: Database) -> set[tuple[str, ...]]:
    with database.session() as session:
        return {
            (kind, *(re.sub(r"\s+", " ", str(value)) for value in row))
            for kind, query in CATALOGUE.items()
            for row in session.execute(text(query))
        }


@on_every_server
def test_the_migrations_make_what_the_code_says(database: Database, as_the_code_says: Database) -> None:
    migrated, coded = catalogue(database), catalogue(as_the_code_says)
    assert {kind for kind, *_ in coded} == set(CATALOGUE)  # nothing is compared with nothing
    only_code, only_migrated = sorted(coded - migrated), sorted(migrated - coded)
    assert (only_code, only_migrated) == ([], []), MEND


@on_every_server
def test_alembic_finds_no_difference(database: Database) -> None:
    def ours(_thing: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
        return not (kind == "table" and (name or "").startswith(("procrastinate_", "alembic_")))

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata()) == [], MEND


def test_migrations_stand_in_one_line_and_are_written_out() -> None:
    files = sorted(VERSIONS.glob("[0-9]*.py"))
    for number, file in enumerate(files, start=1):
        words = file.read_text(encoding="utf-8")
        before = "None" if number == 1 else repr(f"{number - 1:04d}")
        assert file.name.startswith(f"{number:04d}_")
        assert re.search(rf"^revision = ['\"]{number:04d}['\"]$", words, re.MULTILINE)
        assert re.search(rf"^down_revision = {before}$", words.replace('"', "'"), re.MULTILINE)
        assert (
            "create_all" not in words and "from warning" not in words
        )  # the code of today is not that of then


def test_the_next_migration_is_drafted_from_what_is_new(database: Database, tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    shutil.copytree(VERSIONS, versions, ignore=shutil.ignore_patterns("__pycache__"))
    table = Table("a_new_table", metadata(), Column("id", Integer, primary_key=True))
    try:
        made = draft("a new table is wanted", database, versions)
    finally:
        metadata().remove(table)
    last = len(list(VERSIONS.glob("[0-9]*.py")))
    assert made.name == f"{last + 1:04d}_a_new_table_is_wanted.py"
    words = made.read_text(encoding="utf-8")
    assert words.count("op.create_table(") == 1 and "a_new_table" in words
    assert f"down_revision = '{last:04d}'" in words.replace('"', "'")
