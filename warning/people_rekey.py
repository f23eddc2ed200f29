"""All sealed columns sealed anew under the newest key, a batch a transaction: stopped anywhere, it goes on where it was.

Which rows are left is told by their first byte, the key's id; so a row written meanwhile under an old key is found too.
A column is sealed when its name is `sealed` or ends in `_sealed`: a table made tomorrow is taken along.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, Table, bindparam, func, or_, select
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_rows

from geo.sealed import Keyring
from warning.audited import FOLLOWED
from warning.store.database import Database
from warning.store.tables import metadata

BATCH = 2_000
FOLLOWED_BATCH = 200  # each row of these is an entry of the trail


class Sealed(NamedTuple):
    """One table and its sealed columns."""

    table: Table
    columns: tuple[str, ...]


def sealed_tables() -> list[Sealed]:
    found = []
    for table in metadata().sorted_tables:
        names = tuple(
            c.name for c in table.columns
            if isinstance(c.type, LargeBinary) and (c.name == "sealed" or c.name.endswith("_sealed"))
        )  # fmt: skip
        if names:
            found.append(Sealed(table, names))
    return found


def left(session: Session, keyring: Keyring) -> dict[str, int]:
    """Table -> how many rows are not all sealed under the newest key; only tables with any."""
    newest = max(keyring.keys)
    counts = {
        one.table.name: int(
            session.execute(select(func.count()).select_from(one.table).where(_old(one, newest))).scalar_one()
        )
        for one in sealed_tables()
    }
    return {name: n for name, n in counts.items() if n}


def keys_in_use(session: Session) -> set[int]:
    """Ids of the keys that any row needs."""
    found: set[int] = set()
    for one in sealed_tables():
        for name in one.columns:
            column = one.table.c[name]
            # An empty value is no seal; it opens with nothing.
            ids = select(func.get_byte(column, 0)).where(func.octet_length(column) > 0).distinct()
            found.update(int(n) for (n,) in session.execute(ids))
    return found


def reseal(database: Database, keyring: Keyring, most: int | None = None) -> Iterator[tuple[str, int]]:
    """Seal what is left anew; yields (table, rows) after each batch, committed. most: stop after so many batches.

    Raises NotSealed for a value no key of this keyring opens: nothing of its batch is changed.
    """
    newest, batches = max(keyring.keys), 0
    followed = {str(model.__tablename__): model for model in FOLLOWED}
    for one in sealed_tables():
        model = followed.get(one.table.name)
        while most is None or batches < most:
            with database.session() as session:
                session.info["actor"] = "command line"
                done = (
                    _followed(session, model, one, keyring, newest)
                    if model is not None
                    else _plain(session, one, keyring, newest)
                )
            if not done:
                break
            batches += 1
            yield one.table.name, done


def _old(one: Sealed, newest: int) -> Any:
    return or_(*(
        (func.octet_length(one.table.c[name]) > 0) & (func.get_byte(one.table.c[name], 0) != newest)
        for name in one.columns
    ))  # fmt: skip


def _plain(session: Session, one: Sealed, keyring: Keyring, newest: int) -> int:
    keys = list(one.table.primary_key.columns)
    wanted = [*keys, *(one.table.c[name] for name in one.columns)]
    rows = session.execute(select(*wanted).where(_old(one, newest)).limit(BATCH).with_for_update()).all()
    if not rows:
        return 0
    statement = (
        one.table.update()
        .where(*(key == bindparam(f"k_{key.name}") for key in keys))
        .values({name: bindparam(f"v_{name}") for name in one.columns})
    )
    values = [
        {f"k_{key.name}": row[n] for n, key in enumerate(keys)}
        | {f"v_{name}": _anew(keyring, row[len(keys) + n]) for n, name in enumerate(one.columns)}
        for row in rows
    ]
    session.connection().execute(statement, values)
    return len(rows)


def _followed(session: Session, model: type[SQLModel], one: Sealed, keyring: Keyring, newest: int) -> int:
    """Through the session, so that the trail learns of the new digests."""
    key = col(getattr(model, one.table.primary_key.columns.keys()[0]))
    rows = session.exec(
        select_rows(model).where(_old(one, newest)).order_by(key).limit(FOLLOWED_BATCH).with_for_update()
    ).all()
    for row in rows:
        for name in one.columns:
            setattr(row, name, _anew(keyring, getattr(row, name)))
    return len(rows)


def _anew(keyring: Keyring, sealed: bytes | None) -> bytes | None:
    """As it was, under the newest key; nothing stays nothing."""
    return keyring.seal_bytes(keyring.open_bytes(sealed)) if sealed else sealed
