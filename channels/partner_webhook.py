"""Other systems told by HTTPS: a hospital's pager, a neighbouring province, a school network. Standard Webhooks.

One POST a recipient, signed with the partner's own secret over id, time and body, so that the receiver can tell us from a
stranger and a repeat from news (https://github.com/standard-webhooks/standard-webhooks, spec 1.0.0). 2xx is taken: a machine's word,
never "reached". 410 means the partner is gone; other 4xx are refusals; 429 and 5xx wait.
An address is `secret@https://...`: the secret begins with `whsec_`, as that specification writes it.
"""

import base64
import binascii
import hmac
import json
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import aiohttp

from channels.contract import Batch, Channel, Health, Message, Plan, Proof, Receipt, ReceiptState
from channels.outcome import expired, retry_after

PREFIX = "whsec_"


class PartnerWebhook(Channel):
    """All partners; each has its own address and secret."""

    batch: ClassVar[int] = 20
    proof: ClassVar[Proof] = Proof.NOTHING
    needs: ClassVar[str] = "webhook"
    each_its_own: ClassVar[bool] = True
    dedupes: ClassVar[bool] = True  # receivers know a repeat by its webhook-id

    timeout_s: float = 15.0  # the specification's own limit for a receiver

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, minutes=recipients / self.rate_per_s / 60, baht=Decimal(0))

    def calls(self, messages: int) -> int:
        return messages

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        return [await self._one(wire, message, batch, now) for message in batch.messages]

    async def _one(self, net: Any, message: Message, batch: Batch, now: datetime) -> Receipt:
        try:
            secret, url = parted(message.address)
        except ValueError as error:
            return Receipt(message.id, ReceiptState.REFUSED, now, why=str(error))
        body = body_of(message, batch)
        timeout = aiohttp.ClientTimeout(total=self.timeout_s)
        try:
            async with net.post(
                url,
                data=body,
                headers=signed(str(message.id), body, secret, now),
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                status, wait = answer.status, retry_after(answer.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Receipt(message.id, ReceiptState.TRY_LATER, now, why=type(error).__name__)
        if 200 <= status < 300:
            return Receipt(message.id, ReceiptState.ACCEPTED, now)
        if status == 429 or status >= 500:
            return Receipt(message.id, ReceiptState.TRY_LATER, now, why=f"HTTP {status}", retry_after=wait)
        return Receipt(
            message.id,
            ReceiptState.REFUSED,
            now,
            why="the partner is gone" if status == 410 else f"HTTP {status}",
        )

    async def probe(self, wire: Any, now: datetime) -> Health:
        return Health(ok=True)  # each partner is its own affair; a refusal stands on its row


def parted(address: str) -> tuple[bytes, str]:
    """The key and the URL of an address. Raises ValueError, without the address in its words."""
    secret, found, url = address.partition("@")
    if not found or not url.startswith(("https://", "http://127.0.0.1")) or not secret.startswith(PREFIX):
        raise ValueError("not an address of a webhook: whsec_...@https://...")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the secret is no base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError("the secret has 24 to 64 bytes")
    return key, url


def body_of(message: Message, batch: Batch) -> bytes:
    """The same bytes at every try. `data.cap` is where the signed CAP document stands, when the office has a public address."""
    told = {
        "type": "alert.exercise" if batch.exercise else "alert.actual",
        "data": {
            "alert": str(batch.alert_id), "severity": batch.severity, "headline": message.data.get("title", ""),
            "text": message.data.get("body") or message.text, "expires_at": batch.expires_at.isoformat(),
            "cap": message.data.get("cap", ""),
        },
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def signed(webhook_id: str, body: bytes, key: bytes, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    at = str(int(now.timestamp()))
    digest = hmac.digest(key, b".".join((webhook_id.encode(), at.encode(), body)), "sha256")
    return {
        "content-type": "application/json", "webhook-id": webhook_id, "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }  # fmt: skip
