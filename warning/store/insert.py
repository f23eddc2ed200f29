"""The two ways rows come in: once for ever, or the newest only. Both are safe to repeat."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, SQLModel

_ROWS_A_STATEMENT = 1000  # PostgreSQL takes 65,535 parameters a statement


def _table(model: type[SQLModel]) -> Table:
    return model.__table__  # type: ignore[attr-defined,no-any-return]


def _values(rows: Sequence[Mapping[str, Any]], table: Table) -> list[dict[str, Any]]:
    known = {column.name for column in table.columns}
    return [{name: value for name, value in row.items() if name in known} for row in rows]


def insert_new(
    session: Session,
    model: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    *,
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """INSERT .. ON CONFLICT DO NOTHING. Returns the `returning` columns of the rows really inserted."""
    table = _table(model)
    found: list[tuple[Any, ...]] = []
    values = _values(rows, table)
    wanted = [table.c[name] for name in returning] or list(table.primary_key.columns)
    # Rows as parameters, not in the statement: its text is then made once and kept, which was a fifth of a fan-out's work.
    # It always returns something: only then does SQLAlchemy put many rows into one statement.
    statement = insert(table).on_conflict_do_nothing().returning(*wanted)
    for start in range(0, len(values), _ROWS_A_STATEMENT):
        chunk = values[start : start + _ROWS_A_STATEMENT]
        result = session.execute(statement, chunk)
        if returning:
            found.extend(tuple(row) for row in result)
    return found


def inserted(session: Session, row: SQLModel) -> bool:
    """Add one row unless it is there already; says whether it was new. Follow-up work is made only when it was."""
    table = _table(type(row))
    values = {column.name: getattr(row, column.key) for column in table.columns}
    statement = insert(table).values(values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return session.execute(statement).first() is not None


def upsert(
    session: Session,
    model: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    *,
    only_if_newer: str | None = None,
) -> None:
    """INSERT .. ON CONFLICT DO UPDATE; with `only_if_newer`, an older row never replaces a newer one."""
    table = _table(model)
    keys = [column.name for column in table.primary_key.columns]
    values = _values(rows, table)
    for start in range(0, len(values), _ROWS_A_STATEMENT):
        chunk = values[start : start + _ROWS_A_STATEMENT]
        statement = insert(table)
        changes = {name: statement.excluded[name] for name in chunk[0] if name not in keys}
        where = None if only_if_newer is None else table.c[only_if_newer] < statement.excluded[only_if_newer]
        changing = statement.on_conflict_do_update(index_elements=keys, set_=changes, where=where)
        session.execute(changing.returning(*table.primary_key.columns), chunk)
