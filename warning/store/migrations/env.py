"""Alembic's entry: the connection is handed in by `warning.store.migrate`; procrastinate's tables are its own."""

from typing import Any

from alembic import context

from warning.store.tables import metadata


def ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata(), include_object=ours
)
with context.begin_transaction():
    context.run_migrations()
