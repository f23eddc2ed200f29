"""The audit trail: every change from alert to payment, in one chain that shows any later touch.

Each entry's hash covers the entry and the hash before it, so an edited, removed or reordered entry breaks the chain at its
number. A cut-off tail or a whole new chain cannot be seen from inside: print the head (`head`) on every situation report,
and give it to `verify`. No personal data: ids, codes, states, amounts, and digests of what people wrote.

Entries are collected while a transaction works and written at its very end, under one lock that is the last it takes: the
chain has one writer at a time and nobody who waits for it is waited for.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy.orm
from sqlalchemy import BigInteger, Column, DateTime, Index, Text, event, func, text
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.schema import DDL
from sqlmodel import Field, Session, SQLModel, col, select

from geo.when import utc

FIRST = "0" * 64  # the hash before the first entry
SYSTEM = "system"
_LOCK = 0x617564697472616C  # "auditral": one writer a chain
_PENDING = "audit_pending"


class AuditEntry(SQLModel, table=True):
    """One change. `data` is canonical JSON text; `actor` is a user's id, `system`, or the demo's robot."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_subject", "subject", "subject_id"),)

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    actor: str
    action: str
    subject: str
    subject_id: str
    data: str = Field(sa_column=Column(Text, nullable=False))
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


_TABLE = AuditEntry.__table__  # type: ignore[attr-defined]
for _statement in (
    "CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit trail is never changed'; END $$",
    "CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()",
    "CREATE TRIGGER audit_entry_stays_whole BEFORE TRUNCATE ON audit_entry EXECUTE FUNCTION audit_entry_stays()",
    # What an entry was taken from must never pass for older than the trail: see migration 0011.
    "CREATE FUNCTION audit_entry_adopts_no_more() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'rows are adopted by a migration, once'; END $$",
    "CREATE TRIGGER audit_entry_adopts_no_more BEFORE INSERT ON audit_entry FOR EACH ROW "
    "WHEN (NEW.action ~ '[.]adopted$') EXECUTE FUNCTION audit_entry_adopts_no_more()",
):
    event.listen(_TABLE, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]


class Verdict(NamedTuple):
    """`why` is worded for the auditor. `first_broken_seq` is None when the chain holds."""

    ok: bool
    entries: int  # checked up to the first break
    first_broken_seq: int | None = None
    why: str = ""


class _Pending(NamedTuple):
    at: datetime
    actor: str
    action: str
    subject: str
    subject_id: str
    data: str
    savepoint: SessionTransaction | None  # a rolled-back savepoint takes its entries with it


def canonical(value: Any) -> str:
    """JSON in one form only: keys sorted, no spaces, times in UTC, amounts as text. RFC 8785 for what we write."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | str():
            return value
        case datetime():
            return utc(value).isoformat()
        case date() | UUID() | Decimal():
            return str(value)
        case float():
            return repr(value)
        case bytes():
            return hashlib.sha256(value).hexdigest()
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise TypeError(f"the audit trail takes no {type(value).__name__}")


def record(
    session: Session | sqlalchemy.orm.Session,
    action: str,
    subject: str,
    subject_id: object,
    data: Mapping[str, Any],
    now: datetime,
    actor: str | None = None,
) -> None:
    """Note one change; it is written when this session's transaction commits, and not at all when it is rolled back.

    actor: a user's id; without it `session.info["actor"]` (set where a request is signed in), else `system`.
    data: no names, numbers or free text of people: ids, codes, states, amounts.
    """
    session.info.setdefault(_PENDING, []).append(
        _Pending(
            utc(now), actor or str(session.info.get("actor", SYSTEM)), action, subject, str(subject_id),
            canonical(data), session.get_nested_transaction(),
        )
    )  # fmt: skip


@event.listens_for(sqlalchemy.orm.Session, "before_commit")
def _write(session: sqlalchemy.orm.Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()  # what is still in memory is a change too
    pending: list[_Pending] = session.info.pop(_PENDING, [])
    if not pending:
        return
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.execute(select(_TABLE.c.seq, _TABLE.c.hash).order_by(_TABLE.c.seq.desc()).limit(1)).first()
    seq, before = (last.seq, last.hash) if last else (0, FIRST)
    rows = []
    for entry in pending:
        seq += 1
        values = {**entry._asdict(), "seq": seq}
        del values["savepoint"]
        values |= {"prev_hash": before, "hash": hash_of(values, before)}
        rows.append(values)
        before = values["hash"]
    session.execute(_TABLE.insert(), rows)


@event.listens_for(sqlalchemy.orm.Session, "after_soft_rollback")
def _forget(session: sqlalchemy.orm.Session, rolled_back: SessionTransaction) -> None:
    kept = [p for p in session.info.pop(_PENDING, []) if not _inside(p.savepoint, rolled_back)]
    if rolled_back.nested and kept:
        session.info[_PENDING] = kept


@event.listens_for(sqlalchemy.orm.Session, "after_transaction_end")
def _forget_all(session: sqlalchemy.orm.Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_PENDING, None)


def _inside(savepoint: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while savepoint is not None:
        if savepoint is outer:
            return True
        savepoint = savepoint.parent
    return False


def hash_of(entry: Mapping[str, Any], before: str) -> str:
    """SHA-256 over the canonical entry without its hashes, then the hash before it (response-and-relief, section 8)."""
    covered = {
        name: entry[name] for name in ("seq", "at", "actor", "action", "subject", "subject_id", "data")
    }
    return hashlib.sha256((canonical(covered) + before).encode()).hexdigest()


def entries(session: Session, after: int = 0) -> Iterator[AuditEntry]:
    """All entries in order, a thousand at a time."""
    while page := session.exec(
        select(AuditEntry).where(col(AuditEntry.seq) > after).order_by(col(AuditEntry.seq)).limit(1000)
    ).all():
        after = page[-1].seq
        for entry in page:
            session.expunge(entry)
        yield from page


def entries_of(session: Session, subject_ids: list[str]) -> list[AuditEntry]:
    """What the trail says of these subjects, oldest first."""
    found = (
        select(AuditEntry).where(col(AuditEntry.subject_id).in_(subject_ids)).order_by(col(AuditEntry.seq))
    )
    return list(session.exec(found))


def adoptions(session: Session) -> list[tuple[datetime, int]]:
    """When rows older than their trail were taken into it, and how many; a whole trail has one such moment at most."""
    found = (
        select(_TABLE.c.at, func.count())
        .where(_TABLE.c.action.endswith(".adopted"))
        .group_by(_TABLE.c.at)
        .order_by(_TABLE.c.at)
    )
    return [(at, int(rows)) for at, rows in session.execute(found)]


def head(session: Session) -> tuple[int, str]:
    """Number and hash of the newest entry: what to print where nobody here can change it. (0, zeros) when empty."""
    last = session.execute(select(_TABLE.c.seq, _TABLE.c.hash).order_by(_TABLE.c.seq.desc()).limit(1)).first()
    return (int(last.seq), str(last.hash)) if last else (0, FIRST)


def verify(session: Session, known_head: tuple[int, str] | None = None) -> Verdict:
    """Walk the whole chain. known_head: a (seq, hash) printed earlier; it must still stand on the chain.

    Reports the first entry that was edited, removed or moved; the session should be one that is used for nothing else.
    """
    before, count = FIRST, 0
    for entry in entries(session):
        expected = count + 1
        if entry.seq != expected:
            return _broken(count, expected, "หายไป", "is missing")
        if entry.prev_hash != before:
            return _broken(count, expected, "ไม่ต่อจากรายการก่อนหน้า", "does not follow the entry before it")
        if entry.hash != hash_of(entry.model_dump(), before):
            return _broken(count, expected, "ถูกแก้ไข", "was changed after it was written")
        if known_head and known_head[0] == entry.seq and known_head[1] != entry.hash:
            return _broken(count, expected, "ไม่ตรงกับค่าที่พิมพ์ไว้", "is not the one that was printed")
        before, count = entry.hash, expected
    if known_head and known_head[0] > count:
        return _broken(count, count + 1, "ถูกตัดท้าย", "and what follows were cut off")
    return Verdict(True, count)


def _broken(count: int, seq: int, th: str, en: str) -> Verdict:
    return Verdict(False, count, seq, f"รายการที่ {seq} {th} (entry {seq} {en})")


def line_of(entry: AuditEntry) -> str:
    """One entry as a line of JSON, hashes included, for an auditor's own tool. `data` stays the text that was hashed."""
    return canonical(entry.model_dump() | {"at": entry.at.astimezone(UTC)})


def count(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(_TABLE)).scalar_one())
