"""ThaiBulkSMS v2: one text to at most 500 numbers a call, a provider's number for each, and reports by GET.

POST {url} with Basic (key : secret) and a form `msisdn` (comma list), `message`, `sender`, `force`; 200 or 201 names
the numbers taken and those that are none, else `{error: {code, name, description}}`. `force=corporate` is traced to
the handset and not billed if undelivered; `standard` only to the operator. There is no repeat key: a call whose answer
was lost is never made again. Shapes read in public code that uses it (docs/channels/sms.md), 23 November 2026.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from urllib.parse import parse_qs

from pydantic import BaseModel, ValidationError

from channels import webhook
from channels.contract import ChannelBroken, Message, QuotaSpent, Receipt, ReceiptState, TryLater
from geo.phone import e164

MOST = 500  # numbers a call
# A state we have never heard of claims no more than that the provider has the message.
STATES: Mapping[str, ReceiptState] = {
    "delivered": ReceiptState.DELIVERED,
    "delivrd": ReceiptState.DELIVERED,
    "success": ReceiptState.DELIVERED,
    "undelivered": ReceiptState.FAILED,
    "undeliv": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "fail": ReceiptState.FAILED,
    "rejected": ReceiptState.FAILED,
    "rejectd": ReceiptState.FAILED,
    "expired": ReceiptState.EXPIRED,
}


class _Number(BaseModel):
    number: str
    message_id: str = ""


class _Taken(BaseModel):
    phone_number_list: list[_Number] = []
    bad_phone_number_list: list[_Number] = []


class _Error(BaseModel):
    name: str = ""
    description: str = ""


class _Refused(BaseModel):
    error: _Error = _Error()


def alike(messages: Sequence[Message]) -> list[tuple[Message, ...]]:
    """The messages by text, which a call has one of, in calls of at most MOST, no number twice in a call."""
    calls: list[tuple[Message, ...]] = []
    for _, same in groupby(sorted(messages, key=lambda m: m.text), key=lambda m: m.text):
        rows: list[dict[str, Message]] = []
        for message in same:
            row = next((r for r in rows if len(r) < MOST and message.address not in r), None)
            if row is None:
                rows.append(row := {})
            row[message.address] = message
        calls += [tuple(row.values()) for row in rows]
    return calls


def order(group: Sequence[Message], sender: str, force: str) -> dict[str, str]:
    """The form of one call; the group shares one text."""
    numbers = ",".join(m.address.removeprefix("+") for m in group)
    return {"msisdn": numbers, "message": group[0].text, "sender": sender, "force": force}


def judged(group: Sequence[Message], status: int, body: bytes, now: datetime) -> list[Receipt]:
    """One receipt a message. A number the provider does not mention is `unknown`: it may have been told.

    Raises TryLater (429), QuotaSpent (no credit), ChannelBroken; all mean that nothing was taken.
    """
    if status == 429:
        raise TryLater("HTTP 429")
    if status >= 500:
        return _all(group, ReceiptState.UNKNOWN, f"HTTP {status}: whether it was taken is not known", now)
    if not 200 <= status < 300:
        raise _complaint(status, body)
    try:
        told = _Taken.model_validate_json(body)
    except ValidationError:
        return _all(group, ReceiptState.UNKNOWN, "an answer that cannot be read", now)
    taken = {_plain(row.number): row.message_id for row in told.phone_number_list}
    bad = {_plain(row.number) for row in told.bad_phone_number_list}
    return [_receipt(m, taken, bad, now) for m in group]


def _receipt(message: Message, taken: Mapping[str, str], bad: set[str], now: datetime) -> Receipt:
    number = _plain(message.address)
    if number in taken:
        return Receipt(message.id, ReceiptState.ACCEPTED, now, provider_id=taken[number] or None)
    if number in bad:
        return Receipt(message.id, ReceiptState.REFUSED, now, why="not a mobile number")
    return Receipt(message.id, ReceiptState.UNKNOWN, now, why="the provider did not mention this number")


def _complaint(status: int, body: bytes) -> Exception:
    try:
        error = _Refused.model_validate_json(body).error
    except ValidationError:
        error = _Error()
    said = f"{error.name} {error.description}".lower()
    if status == 402 or ("credit" in said and ("insufficient" in said or "enough" in said)):
        return QuotaSpent("no credit")
    # The description may quote a number: only the error's name is passed on.
    return ChannelBroken(f"HTTP {status} {error.name[:60]}".strip())


def mark(secret: str) -> str:
    """What stands as `k=` in the report address entered at the provider (method GET)."""
    return webhook.sign_hex(secret, b"thaibulk")[:32]


def read(secret: str, body: bytes, now: datetime) -> list[Receipt]:
    """One report: the query string of the provider's GET. Raises BadSignature, ValueError.

    Two spellings are in use: message_id, status, ... and Transaction, Status, ...
    """
    if len(body) > webhook.MAX_BODY:
        raise ValueError(f"query of {len(body)} bytes")
    raw = parse_qs(body.decode("ascii"), max_num_fields=50)
    fields = {name.lower(): values[-1] for name, values in raw.items()}
    webhook.require(fields.get("k"), mark(secret), body)
    provider_id = fields.get("message_id") or fields.get("transaction")
    status = fields.get("status", "").strip().lower()
    if not provider_id or not status:
        raise ValueError("a report needs message_id and status")
    known = STATES.get(status)
    why = "" if known in (None, ReceiptState.DELIVERED) else status[:40]
    if known is None:
        known, why = ReceiptState.ACCEPTED, f"unknown state {status[:40]}"
    return [Receipt(None, known, now, why=why, provider_id=provider_id)]


def balance(body: bytes) -> float:
    """Credits left, from GET /credit: `{remaining_credit: {standard, corporate}}` or one number. Raises ValueError."""
    return _Balance.model_validate_json(body).least


class _Balance(BaseModel):
    remaining_credit: float | dict[str, float]

    @property
    def least(self) -> float:
        left = self.remaining_credit
        return left.get("corporate", min(left.values(), default=0.0)) if isinstance(left, dict) else left


def _all(group: Sequence[Message], state: ReceiptState, why: str, now: datetime) -> list[Receipt]:
    return [Receipt(m.id, state, now, why=why) for m in group]


def _plain(number: str) -> str:
    """66812345678 and 0812345678 are one number."""
    try:
        return e164(number if number.startswith(("+", "0")) else f"+{number}")
    except ValueError:
        return number
