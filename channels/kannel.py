"""Kannel's own words: the sendsms query, its answers, delivery reports and incoming SMS (Kannel 1.4.5).

Kannel gives no message id and cannot tell a repeat, so our delivery id stands in the report address. It
reports by GET; the query string is the body here. The mark `k` in it is an HMAC of the delivery id: no secret
stands in an address or a log, and a mark opens one delivery only. Incoming SMS carry the mark of the word
`mo` (`mo_mark`), written into Kannel's configuration once (docs/channels/sms.md).
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from channels import sms_callback, webhook
from channels.contract import ChannelBroken, Message, Receipt, ReceiptState, Reply, TryLater

# dlr-mask bits. 1 may come before 8; 16 comes well after the 202 (both seen): the ledger moves forward only.
TYPES: dict[str, tuple[ReceiptState, str]] = {
    "1": (ReceiptState.DELIVERED, ""),
    "2": (ReceiptState.FAILED, "not delivered to the phone"),
    "4": (ReceiptState.ACCEPTED, "queued in Kannel"),
    "8": (ReceiptState.ACCEPTED, ""),
    "16": (ReceiptState.FAILED, "the operator refused it"),
    "32": (ReceiptState.ACCEPTED, "on its way"),
}
_MASK = "31"


def order(
    message: Message, *, username: str, password: str, sender: str, minutes: int, report_to: str
) -> dict[str, str]:
    """The query of one sendsms call. `minutes`: validity; the operator drops it after that."""
    query = {
        "username": username,
        "password": password,
        "from": sender,
        "to": message.address.removeprefix("+"),
        "charset": "UTF-8",
        "coding": "2",
        "text": message.text,
        "validity": str(minutes),
    }
    return query | ({"dlr-mask": _MASK, "dlr-url": report_to} if report_to else {})


def judged(message: Message, status: int, said: str, now: datetime) -> Receipt:
    """Raises TryLater when Kannel is full or unwell, ChannelBroken for our own mistakes."""
    if status == 202:
        return Receipt(message.id, ReceiptState.ACCEPTED, now)
    if status >= 500:
        raise TryLater(f"Kannel: HTTP {status}")
    if status == 400 and "receiver" in said.lower():
        return Receipt(message.id, ReceiptState.REFUSED, now, why="not a mobile number")
    raise ChannelBroken(f"Kannel: HTTP {status} {said[:60]}")


def mark(secret: str, delivery_id: str) -> str:
    return webhook.sign_hex(secret, f"dlr {delivery_id}".encode())[:32]


def mo_mark(secret: str) -> str:
    """What stands as `k=` in the get-url of Kannel's sms-service."""
    return webhook.sign_hex(secret, b"mo")[:32]


def report_url(callback_url: str, secret: str, delivery_id: UUID) -> str:
    """Kannel puts the report's type for %d and the SMSC's words for %A."""
    known = urlencode({"id": str(delivery_id), "k": mark(secret, str(delivery_id))})
    joint = "&" if "?" in callback_url else "?"
    return f"{callback_url}{joint}{known}&type=%d&said=%A"


def read(secret: str, body: bytes, now: datetime) -> Sequence[Receipt | Reply]:
    """One report (`type`, `id`) or one incoming SMS (`from`, `text`). Raises BadSignature, ValueError."""
    if len(body) > webhook.MAX_BODY:
        raise ValueError(f"query of {len(body)} bytes")
    # latin-1 keeps every byte: an SMS in Thai comes as bare UTF-16, whatever the rest of the query is.
    raw = parse_qs(body.decode("ascii"), max_num_fields=50, encoding="latin-1")
    fields = {name: values[-1] for name, values in raw.items()}
    given = fields.get("k")
    if "type" in fields:
        webhook.require(given, mark(secret, fields.get("id", "")), body)
        state, why = TYPES.get(fields["type"], (ReceiptState.ACCEPTED, f"unknown type {fields['type'][:8]}"))
        return [Receipt(UUID(fields["id"]), state, now, why=why)]
    webhook.require(given, mo_mark(secret), body)
    sender = fields.get("from", "")
    if not sender:
        raise ValueError("neither a report nor an SMS")
    event = fields.get("id") or hashlib.sha256(body).hexdigest()
    text = _words(fields.get("text", ""), fields.get("coding", ""), fields.get("charset", ""))
    return sms_callback.said(sender, text, now, event, "")


def _words(text: str, coding: str, charset: str) -> str:
    """`text` with one letter a byte. Seen: %b of a Thai SMS is UTF-16BE, with coding=2&charset=UTF-16BE."""
    wide = coding == "2" or charset.upper().startswith("UTF-16")
    return text.encode("latin-1").decode("utf-16-be" if wide else "utf-8", errors="replace")
