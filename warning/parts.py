"""The parts of a long SMS: each has a number and a report of its own, and the message is delivered when all of them are.

Only carriers that name every part make rows here (`provider_id` with spaces). Why in the database, and why a part that failed
fails the message: docs/decisions/0009-parts-of-an-sms.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel

from channels.contract import Receipt
from warning.store.insert import insert_new


class SmsPart(SQLModel, table=True):
    """One part of one message. Two carriers may use the same number."""

    __tablename__ = "sms_part"
    __table_args__ = (Index("sms_part_delivery", "delivery_id"),)

    channel: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    delivery_id: UUID
    delivered: bool = False


def keep(session: Session, channel: str, receipts: Iterable[Receipt]) -> list[str]:
    """A row for each part the carrier named. Returns their numbers, whose reports may be parked already. Twice is once."""
    rows: list[dict[str, object]] = [
        {"channel": channel, "provider_id": number, "delivery_id": said.delivery_id, "delivered": False}
        for said in receipts
        if said.delivery_id is not None and said.provider_id and " " in said.provider_id
        for number in said.provider_id.split()
    ]
    if rows:
        insert_new(session, SmsPart, rows)
    return [str(row["provider_id"]) for row in rows]


_WHOSE = text(
    "SELECT provider_id, delivery_id FROM sms_part WHERE channel = :channel AND provider_id = ANY(:ids)"
)


def whose(session: Session, channel: str, provider_ids: Sequence[str]) -> dict[str, UUID]:
    """Which delivery a part's number belongs to; numbers of no part are left out."""
    if not provider_ids:
        return {}
    found = session.execute(_WHOSE, {"channel": channel, "ids": list(provider_ids)})
    return dict(tuple(row) for row in found)


# All parts of a message are held, in one order, so that two reports at once cannot each find the other's part missing.
_HELD = text(
    "SELECT 1 FROM sms_part WHERE delivery_id IN (SELECT delivery_id FROM sms_part WHERE channel = :channel "
    "AND provider_id = ANY(:ids)) ORDER BY delivery_id, provider_id FOR UPDATE"
)
_DELIVERED = text("UPDATE sms_part SET delivered = true WHERE channel = :channel AND provider_id = ANY(:ids)")
_OPEN = text(
    "SELECT DISTINCT mine.provider_id FROM sms_part mine JOIN sms_part other USING (delivery_id) "
    "WHERE mine.channel = :channel AND mine.provider_id = ANY(:ids) AND NOT other.delivered"
)


def whole(session: Session, channel: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The reports that may move the ledger: all but `delivered` of a part while another part of its message is not.

    rows: reports by their columns of `receipt` (provider_id, state), of one channel.
    """
    ids = [str(row["provider_id"]) for row in rows if row["state"] == "delivered" and row["provider_id"]]
    if not ids:
        return list(rows)
    about = {"channel": channel, "ids": ids}
    if session.execute(_HELD, about).first() is None:
        return list(rows)
    session.execute(_DELIVERED, about)
    still_open = set(session.execute(_OPEN, about).scalars())
    return [row for row in rows if row["state"] != "delivered" or row["provider_id"] not in still_open]


_PARKED = text(
    "UPDATE receipt r SET matched = true, delivery_id = p.delivery_id FROM sms_part p WHERE NOT r.matched "
    "AND r.provider_id = ANY(:ids) AND p.provider_id = r.provider_id AND p.channel = r.channel "
    "RETURNING r.channel, r.provider_id, r.delivery_id, r.state, r.why, r.at"
)


def parked(session: Session, provider_ids: Sequence[str]) -> list[tuple[UUID, str, str, Any]]:
    """Reports of parts that came before their numbers were known: (delivery, state, why, at) of those that move the ledger."""
    if not provider_ids:
        return []
    by_channel: dict[str, list[Any]] = {}
    for row in session.execute(_PARKED, {"ids": list(provider_ids)}).mappings():
        by_channel.setdefault(row["channel"], []).append(row)
    return [
        (row["delivery_id"], row["state"], row["why"], row["at"])
        for channel, rows in by_channel.items()
        for row in whole(session, channel, rows)
    ]
