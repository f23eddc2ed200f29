"""The two ways rows come in: once for ever, or the newest only. Both are safe to repeat."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Column, Float, Table, TextClause, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Dialect
from sqlmodel import Session, SQLModel

_ROWS_A_STATEMENT = 1000  # PostgreSQL takes 65,535 parameters a statement
_MANY = 8  # rows from which on they go as one array a column


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
    if len(rows) >= _MANY and _plain(table, tuple(rows[0])):
        ending = (
            f"ON CONFLICT DO NOTHING RETURNING {_listed(returning)}"
            if returning
            else "ON CONFLICT DO NOTHING"
        )
        return _insert_columns(session, table, rows, ending)
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


def _insert_columns(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], ending: str
) -> list[tuple[Any, ...]]:
    """Many rows as one array a column, and one value where all rows agree: the statement stays short however many they
    are. A thousand segments took 85 ms as a thousand lists of values, and take 6."""
    dialect = session.get_bind().dialect
    same, differing, values = [], [], {}
    for column in (table.c[name] for name in rows[0] if name in table.c):
        process = _into_array(column, dialect)
        held = [row[column.name] for row in rows]
        first = held[0]
        if all(value is first or value == first for value in held):
            same.append(column.name)
            values[column.name] = process(first) if process else first
        else:
            differing.append(column.name)
            values[column.name] = [process(value) for value in held] if process else held
    result = session.execute(_from_arrays(table, tuple(differing), tuple(same), ending, dialect), values)
    return [tuple(row) for row in result] if "RETURNING" in ending else []


def _into_array(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What is done to each value first; None for nothing. psycopg takes no array in which 12 stands beside 12.5."""
    if isinstance(column.type, Float):
        return _as_float
    process: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return process


def _as_float(value: float | None) -> float | None:
    return None if value is None else float(value)


@lru_cache(maxsize=256)
def _from_arrays(
    table: Table, differing: tuple[str, ...], same: tuple[str, ...], ending: str, dialect: Dialect
) -> TextClause:
    quote = dialect.identifier_preparer.quote

    def kind(name: str) -> str:
        return table.c[name].type.compile(dialect).split(" COLLATE")[0]

    arrays = ", ".join(f"CAST(:{name} AS {kind(name)}[])" for name in differing)
    chosen = [f"u.{quote(name)}" for name in differing] + [f"CAST(:{name} AS {kind(name)})" for name in same]
    source = f"FROM unnest({arrays}) AS u({_listed(differing)})" if differing else ""
    return text(
        f"INSERT INTO {quote(table.name)} ({_listed((*differing, *same))}) SELECT {', '.join(chosen)} {source} {ending}"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@lru_cache(maxsize=256)
def _plain(table: Table, names: tuple[str, ...]) -> bool:
    """Can these columns be written as arrays? Lists cannot, nor what Python fills in for a column left out."""
    return not any(
        isinstance(column.type, ARRAY) if column.name in names else column.default is not None
        for column in table.columns
    )


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
    if len(rows) >= _MANY and _plain(table, tuple(rows[0])):
        changed = ", ".join(
            f'"{name}" = excluded."{name}"' for name in rows[0] if name in table.c and name not in keys
        )
        newer = (
            f'WHERE "{table.name}"."{only_if_newer}" < excluded."{only_if_newer}"' if only_if_newer else ""
        )
        _insert_columns(
            session, table, rows, f"ON CONFLICT ({_listed(keys)}) DO UPDATE SET {changed} {newer}"
        )
        return
    values = _values(rows, table)
    for start in range(0, len(values), _ROWS_A_STATEMENT):
        chunk = values[start : start + _ROWS_A_STATEMENT]
        statement = insert(table)
        changes = {name: statement.excluded[name] for name in chunk[0] if name not in keys}
        where = None if only_if_newer is None else table.c[only_if_newer] < statement.excluded[only_if_newer]
        changing = statement.on_conflict_do_update(index_elements=keys, set_=changes, where=where)
        session.execute(changing.returning(*table.primary_key.columns), chunk)
