"""What the relay desk sees of a village's chain: who is next, which try it is, and what the last one brought."""

from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from warning.chain import ChainCall, Turn


class NextCall(NamedTuple):
    """The contact whose turn it is. `ringing`: the machine rings this moment, nobody else need."""

    id: UUID
    role: str
    nth: int  # of the people of this chain, from 1
    people: int
    attempt: int  # the coming one, from 1
    tries: int
    outcome: str  # of the last try; empty: none yet
    ringing: bool
    machine: bool


def next_call(session: Session, alert_id: UUID, village: str, tries: int) -> NextCall | None:
    """None: there is no chain, or it is over."""
    found = select(ChainCall).where(ChainCall.alert_id == alert_id, ChainCall.village_code == village)
    calls = session.exec(found.order_by(col(ChainCall.place))).all()
    current = next((c for c in calls if c.state in (Turn.WAITING, Turn.RINGING)), None)
    if current is None:
        return None
    ringing = current.state is Turn.RINGING
    return NextCall(
        current.id, current.role, current.place + 1, len(calls), current.tries + 1, tries, current.outcome,
        ringing, current.channel is not None,
    )  # fmt: skip
