"""What an SMS gateway calls us back with: reports {id, key, to, state, at} and replies {from, text, at}.

One object or a list of them. The signature has been checked before a byte comes here.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from channels import replies, webhook
from channels.contract import Receipt, ReceiptState, Reply
from geo.phone import e164

# A state we have never heard of claims no more than that the gateway has the message.
STATES: dict[str, ReceiptState] = {
    "accepted": ReceiptState.ACCEPTED,
    "delivered": ReceiptState.DELIVERED,
    "undelivered": ReceiptState.FAILED,
    "rejected": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "expired": ReceiptState.EXPIRED,
}


class _Report(BaseModel):
    id: str | int | None = None
    key: UUID | None = None
    state: str
    at: AwareDatetime
    why: str = ""


class _Said(BaseModel):
    sender: str = Field(alias="from")
    text: str = Field(max_length=5000)
    at: AwareDatetime
    id: str | int | None = None


_BODY = TypeAdapter(list[_Report | _Said] | _Report | _Said)


def read(body: bytes, now: datetime) -> list[Receipt | Reply]:
    """Raises ValueError (pydantic's) on anything else, so that the gateway's mistake is answered with 400."""
    told = _BODY.validate_json(body)
    heard: list[Receipt | Reply] = []
    for one in told if isinstance(told, list) else [told]:
        if isinstance(one, _Report):
            heard.append(_receipt(one, now))
        else:
            heard += said(one.sender, one.text, webhook.not_after(one.at, now), one.id, one.at.isoformat())
    return heard


def said(sender: str, text: str, at: datetime, event_id: str | int | None, salt: str) -> Sequence[Reply]:
    """One reply a meaning, gravest first. Without a gateway id the words and their time are the id."""
    event = str(event_id) if event_id is not None else _digest(sender, text, salt)
    address = _address(sender)
    return [
        Reply(
            event_id=event if n == 0 else f"{event}#{answer}",
            answer=answer,
            at=at,
            address=address,
            homes=replies.homes(text),
            text=text,
        )
        for n, answer in enumerate(replies.meanings(text))
    ]


def _receipt(report: _Report, now: datetime) -> Receipt:
    known = STATES.get(report.state)
    return Receipt(
        delivery_id=report.key,
        state=known or ReceiptState.ACCEPTED,
        at=webhook.not_after(report.at, now),
        why=report.why if known else f"unknown state {report.state[:40]}",
        provider_id=None if report.id is None else str(report.id),
    )


def _address(sender: str) -> str:
    """As the registry spells it, so that the keyed hash matches; a foreign number stays as it came."""
    try:
        return e164(sender)
    except ValueError:
        return sender


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
