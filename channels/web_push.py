"""Web push: a notification in the browser of whoever asked for one on the public pages. RFC 8030, 8188, 8291, 8292.

The push service's 201 is its own word; the page's service worker calls back when the notification was shown, and that is a
device's word (`DELIVERED`), not a person's. 404 and 410: the browser has forgotten us, the address is over.
An address is the browser's subscription as JSON, sealed like every address.
"""

import base64
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives import serialization
from py_vapid import Vapid
from pydantic import SecretStr
from pywebpush import WebPusher

from channels.contract import (
    Batch,
    Channel,
    ChannelBroken,
    Health,
    Message,
    Plan,
    Proof,
    Receipt,
    ReceiptState,
)
from channels.outcome import ask_all, expired, retry_after

MOST_BODY = 3000  # bytes before encryption; a push service takes 4096 after it
GONE = "the browser has given up its subscription"
# One subscription made with another key, which anybody may hand in, must not keep the others from hearing: only when all are
# refused so is it our key.
NOT_OURS = "the push service does not know the key of this office"
_URGENCY = {"Extreme": "high", "Severe": "high", "Moderate": "normal"}


class WebPush(Channel):
    """The office's own voice to push services. key: a VAPID private key, PEM or base64url."""

    batch: ClassVar[int] = 100
    proof: ClassVar[Proof] = Proof.DEVICE
    needs: ClassVar[str] = "web_push"
    each_its_own: ClassVar[bool] = True  # a push service, which limits one device at a time
    dedupes: ClassVar[bool] = True  # `Topic`: a newer push replaces an undelivered one of the same alert

    key: SecretStr
    contact: str  # mailto: or https:, where a push service asks whose we are
    in_flight: int = 20
    timeout_s: float = 10.0

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, minutes=recipients / self.rate_per_s / 60, baht=Decimal(0))

    def calls(self, messages: int) -> int:
        return messages

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        vapid = self._vapid()

        async def one(group: Any) -> list[Receipt]:
            return [await self._one(wire, vapid, group[0], batch, now)]

        receipts = await ask_all([[m] for m in batch.messages], one, in_flight=self.in_flight, now=now)
        if all(r.why == NOT_OURS for r in receipts):
            raise ChannelBroken(f"{self.name}: {NOT_OURS}")
        return receipts

    async def _one(self, net: Any, vapid: Any, message: Message, batch: Batch, now: datetime) -> Receipt:
        try:
            subscription = json.loads(message.address)
            url = str(subscription["endpoint"])
            body = WebPusher(subscription).encode(_body(message, batch), content_encoding="aes128gcm")["body"]
        except Exception:  # whatever a browser, or somebody who plays one, has sent us as its subscription
            return Receipt(message.id, ReceiptState.REFUSED, now, why="not a subscription")
        headers = self._headers(vapid, url, batch, now)
        try:
            timeout = aiohttp.ClientTimeout(total=self.timeout_s)
            async with net.post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                status, wait = answer.status, retry_after(answer.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Receipt(message.id, ReceiptState.TRY_LATER, now, why=type(error).__name__)
        if 200 <= status < 300:
            return Receipt(message.id, ReceiptState.ACCEPTED, now)
        if status in (404, 410):
            return Receipt(message.id, ReceiptState.REFUSED, now, why=GONE)
        if status == 429 or status >= 500:
            return Receipt(message.id, ReceiptState.TRY_LATER, now, why=f"HTTP {status}", retry_after=wait)
        if status in (401, 403):
            return Receipt(message.id, ReceiptState.REFUSED, now, why=NOT_OURS)
        return Receipt(message.id, ReceiptState.REFUSED, now, why=f"HTTP {status}")

    def _headers(self, vapid: Any, url: str, batch: Batch, now: datetime) -> dict[str, str]:
        parts = urlsplit(url)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}", "sub": self.contact,
            "exp": int((now + timedelta(hours=12)).timestamp()),
        }  # fmt: skip
        return {
            **vapid.sign(claims), "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
            "TTL": str(int((batch.expires_at - now).total_seconds())), "Urgency": _URGENCY.get(batch.severity, "low"),
            "Topic": batch.alert_id.hex,
        }  # fmt: skip

    def _vapid(self) -> Any:
        try:
            key = self.key.get_secret_value()
            return Vapid.from_pem(key.encode()) if "BEGIN" in key else Vapid.from_string(key)
        except Exception as error:
            raise ChannelBroken(
                f"{self.name}: the key is no VAPID private key ({type(error).__name__})"
            ) from None

    async def probe(self, wire: Any, now: datetime) -> Health:
        try:
            self._vapid()
        except ChannelBroken:
            return Health(
                False,
                "กุญแจ VAPID ใช้ไม่ได้ สร้างใหม่แล้วใส่ใน key",
                "The VAPID key cannot be used: make one and set `key`",
            )
        return Health(ok=True)


def _body(message: Message, batch: Batch) -> bytes:
    """What the service worker shows; the words are cut so that the whole fits a push."""
    told = {
        "id": str(message.id), "alert": str(batch.alert_id), "severity": batch.severity, "exercise": batch.exercise,
        "title": message.data.get("title", "")[:200], "link": message.data.get("link", ""), "mark": message.data.get("mark", ""),
    }  # fmt: skip
    words = message.data.get("body") or message.text
    while True:
        body = json.dumps(told | {"body": words}, ensure_ascii=False).encode()
        if len(body) <= MOST_BODY:
            return body
        words = words[: len(words) * 2 // 3]


def public_key_of(channel: WebPush) -> str:
    """What a browser is given to subscribe with: the uncompressed point in base64url. Raises ChannelBroken for a key that is none."""
    key = channel._vapid().public_key
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
