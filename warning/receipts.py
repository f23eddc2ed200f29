"""Reports of carriers, many at once: in a flood of them each costs a row, not three statements.

Repeats are one row, order does not matter, what matches nothing yet is parked. Of several reports on one delivery the
strongest counts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import Receipt
from geo.names import id_for
from warning import parts
from warning.delivery import ReceiptRow
from warning.forward import FORWARD_MANY, rank
from warning.store.insert import insert_new

# Two carriers may use the same number: a report counts for its own channel only.
_FOUND_BY_PROVIDER = text(
    "SELECT d.provider_id, d.id FROM delivery d JOIN segment s ON s.id = d.segment_id "
    "WHERE d.provider_id = ANY(:provider_ids) AND s.channel = :channel"
)
# One order for all: two floods that name the same people would each wait for the other's row.
_HELD = text("SELECT 1 FROM delivery WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")


def take_receipts(session: Session, channel: str, receipts: Sequence[Receipt], now: datetime) -> None:
    """Keep what a carrier said, as it came, and move the ledger's rows forward. Twice is once."""
    if not receipts:
        return
    found = _by_provider(
        session, channel, [r.provider_id for r in receipts if r.delivery_id is None and r.provider_id]
    )
    about: dict[UUID, dict[str, object]] = {}
    for said in receipts:
        delivery_id = said.delivery_id or found.get(said.provider_id or "")
        row_id = id_for(
            "receipt", channel, said.delivery_id, said.provider_id, said.state, said.at.isoformat()
        )
        about[row_id] = {
            "id": row_id, "channel": channel, "delivery_id": delivery_id, "provider_id": said.provider_id,
            "state": said.state.value, "why": said.why, "at": said.at, "received_at": now, "matched": delivery_id is not None,
        }  # fmt: skip
    new = [
        about[row_id]
        for (row_id,) in insert_new(session, ReceiptRow, list(about.values()), returning=("id",))
    ]
    strongest: dict[UUID, Mapping[str, object]] = {}
    for row in parts.whole(session, channel, new):
        to = row["delivery_id"]
        if isinstance(to, UUID) and (
            to not in strongest or rank(row["state"]) > rank(strongest[to]["state"])
        ):
            strongest[to] = row
    _forward(session, strongest)


def _by_provider(session: Session, channel: str, provider_ids: Sequence[str]) -> dict[str, UUID]:
    if not provider_ids:
        return {}
    asked = {"provider_ids": list(provider_ids), "channel": channel}
    found = dict(tuple(row) for row in session.execute(_FOUND_BY_PROVIDER, asked))
    return found | parts.whose(session, channel, provider_ids)


def _forward(session: Session, said: Mapping[UUID, Mapping[str, object]]) -> None:
    if not said:
        return
    ids = sorted(said)
    if len(ids) > 1:
        session.execute(_HELD, {"ids": ids})
    rows = [said[one] for one in ids]
    session.execute(
        FORWARD_MANY,
        {
            "ids": ids,
            "states": [r["state"] for r in rows],
            "whys": [r["why"] for r in rows],
            "ats": [r["at"] for r in rows],
        },
    )
