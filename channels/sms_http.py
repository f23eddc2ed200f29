"""SMS through an HTTP gateway. Four ways of asking, chosen by `profile`:

http    one message a call and a repeat key: 202 taken, 409 taken before, 422 not a mobile number,
        402 no credit, 429 and 5xx wait; all else is ours to mend.
bulk    the same gateway, up to 500 messages a call, each with its own repeat key and its own status.
kannel  Kannel's sendsms: no repeat key, no message id; our delivery id travels in `dlr-url` (kannel.py).
thaibulk  ThaiBulkSMS v2: one text to many numbers, no repeat key, a number of the provider's for each (sms_thaibulk.py).

Notes on gateways and what a Thai office must arrange: docs/channels/sms.md.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal
from uuid import UUID

import aiohttp
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from channels import kannel, sms_callback, sms_thaibulk, webhook
from channels.contract import (
    Batch,
    Channel,
    ChannelBroken,
    Health,
    Message,
    Plan,
    Proof,
    QuotaSpent,
    Receipt,
    ReceiptState,
    Reply,
    TryLater,
)
from channels.outcome import ask_all, expired, retry_after, settled

# Raised before a byte of the message went out: asking again can make no second SMS.
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class _Row(BaseModel):
    key: UUID
    status: int


class _Taken(BaseModel):
    id: str | int | None = None


_ROWS = TypeAdapter(list[_Row])


class SmsHttp(Channel):
    """Thai text is UCS-2: 70 characters in one part, 67 a part when joined; the gateway joins them."""

    proof: ClassVar[Proof] = Proof.HANDSET
    needs: ClassVar[str] = "sms"

    url: str  # the very address messages are posted to (Kannel: .../cgi-bin/sendsms)
    sender: str  # registered sender name, at most 11 Latin letters or digits
    token: SecretStr  # Bearer token; Kannel: the password of its sendsms-user; ThaiBulkSMS: the API secret
    callback_secret: SecretStr | None = None  # signs reports and replies; without it none is believed
    profile: Literal["http", "bulk", "kannel", "thaibulk"] = "http"
    username: str = ""  # Kannel; ThaiBulkSMS: the API key
    force: Literal["corporate", "standard"] = (
        "corporate"  # ThaiBulkSMS only: traced to the handset, or to the operator
    )
    callback_url: str = ""  # Kannel only: where it is to report to
    timeout_s: float = 10.0
    in_flight: int = 32  # calls at once, of one batch
    baht_per_part: Decimal = Decimal("0.35")  # placeholder until the contract says
    parts_per_message: int = 2  # the budget of the words (docs/channels/sms.md)

    @property
    def batch(self) -> int:  # type: ignore[override]
        return 500 if self._many else 50

    @property
    def dedupes(self) -> bool:  # type: ignore[override]
        return self.profile in ("http", "bulk")

    @property
    def _many(self) -> bool:
        return self.profile in ("bulk", "thaibulk")

    def plan(self, recipients: int) -> Plan:
        calls = -(-recipients // self.batch) if self._many else recipients
        baht = recipients * self.parts_per_message * self.baht_per_part
        return Plan(recipients, minutes=calls / self.rate_per_s / 60, baht=baht)

    def calls(self, messages: int) -> int:
        return -(-messages // self.batch) if self._many else messages

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        if self.profile == "bulk":
            return await self._send_bulk(wire, batch, now)
        if self.profile == "thaibulk":
            return await self._send_thaibulk(wire, batch, now)

        ask = self._ask_kannel if self.profile == "kannel" else self._send_one

        async def call(group: Sequence[Message]) -> list[Receipt]:
            return [await ask(wire, batch, message, now) for message in group]

        return await ask_all([(m,) for m in batch.messages], call, in_flight=self.in_flight, now=now)

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Receipt | Reply]:
        secret = self.callback_secret.get_secret_value() if self.callback_secret else None
        if not secret:
            raise ValueError(f"{self.name} has no callback_secret: no report can be believed")
        if self.profile == "kannel":
            return kannel.read(secret, body, now)
        if self.profile == "thaibulk":
            return sms_thaibulk.read(secret, body, now)
        webhook.require(webhook.header(headers, "X-Signature"), webhook.sign_hex(secret, body), body)
        return sms_callback.read(body, now)

    async def probe(self, wire: Any, now: datetime) -> Health:
        """Is the gateway there, and does it know us? Sends nothing: an empty order has to be refused."""
        query = {"username": self.username, "password": self.token.get_secret_value()}
        if self.profile == "kannel":
            ask = wire.get(self.url, params=query, timeout=self._timeout())
        elif self.profile == "thaibulk":
            credit = f"{self.url.rstrip('/').rsplit('/', 1)[0]}/credit"
            ask = wire.get(credit, headers=self._basic(), timeout=self._timeout())
        else:
            ask = wire.post(self.url, json={}, headers=self._headers(), timeout=self._timeout())
        try:
            async with ask as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return Health(
                False,
                "เกตเวย์ SMS ไม่ตอบ: ตรวจ url และเครือข่าย",
                f"no answer ({type(error).__name__}): check url",
            )
        if status in (401, 403):
            return Health(False, "เกตเวย์ SMS ไม่รับรหัส: ตรวจ token", "the gateway refuses our token")
        if status >= 500:
            return Health(
                False, f"เกตเวย์ SMS ขัดข้อง (HTTP {status})", f"the gateway is in trouble (HTTP {status})"
            )
        return _credit(body) if self.profile == "thaibulk" else Health(True)

    async def _send_one(self, wire: Any, batch: Batch, message: Message, now: datetime) -> Receipt:
        order = {
            "to": message.address,
            "from": self.sender,
            "text": message.text,
            "valid_until": batch.expires_at.isoformat(),
        }
        headers = self._headers() | {"Idempotency-Key": str(message.id)}
        try:
            async with wire.post(self.url, json=order, headers=headers, timeout=self._timeout()) as answer:
                status, wait = answer.status, retry_after(answer.headers.get("Retry-After"))
                provider_id = _id_in(await answer.read()) if status in (202, 409) else None
        except _NEVER_SENT as error:
            raise TryLater("the gateway is not there") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            # The repeat key makes asking again safe, taken or not.
            return Receipt(message.id, ReceiptState.TRY_LATER, now, why=f"no answer ({type(error).__name__})")
        if status in (202, 409):
            return Receipt(message.id, ReceiptState.ACCEPTED, now, provider_id=provider_id)
        if status == 429:
            raise TryLater("HTTP 429", wait)
        return self._judged(message, status, now)

    async def _send_bulk(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        order = {
            "from": self.sender,
            "valid_until": batch.expires_at.isoformat(),
            "messages": [{"key": str(m.id), "to": m.address, "text": m.text} for m in batch.messages],
        }
        headers = self._headers() | {"Idempotency-Key": str(batch.key)}
        try:
            async with wire.post(self.url, json=order, headers=headers, timeout=self._timeout()) as answer:
                status, wait = answer.status, retry_after(answer.headers.get("Retry-After"))
                body = await answer.read()
        except _NEVER_SENT as error:
            raise TryLater("the gateway is not there") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TryLater(f"no answer ({type(error).__name__})", maybe_taken=True) from error
        if status == 429 or status >= 500:
            raise TryLater(f"HTTP {status}", wait, maybe_taken=status != 429)
        if status == 402:
            raise QuotaSpent(f"{self.name}: no credit (HTTP 402)")
        if not 200 <= status < 300:
            raise ChannelBroken(f"{self.name}: HTTP {status}")
        try:
            told = {row.key: row.status for row in _ROWS.validate_json(body)}
        except ValidationError as error:
            raise TryLater("an answer that cannot be read", maybe_taken=True) from error
        groups = [(m,) for m in batch.messages]
        return settled(groups, [self._told(m, told.get(m.id), now) for m in batch.messages], now)

    async def _send_thaibulk(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        async def call(group: Sequence[Message]) -> list[Receipt]:
            form = sms_thaibulk.order(group, self.sender, self.force)
            try:
                async with wire.post(
                    self.url, data=form, headers=self._basic(), timeout=self._timeout()
                ) as answer:
                    return sms_thaibulk.judged(group, answer.status, await answer.read(), now)
            except _NEVER_SENT as error:
                raise TryLater("the gateway is not there") from error
            except (aiohttp.ClientError, TimeoutError) as error:
                why = f"the answer was lost ({type(error).__name__})"
                return [Receipt(m.id, ReceiptState.UNKNOWN, now, why=why) for m in group]

        groups = sms_thaibulk.alike(batch.messages)
        told = {r.delivery_id: r for r in await ask_all(groups, call, in_flight=self.in_flight, now=now)}
        return [told[m.id] for m in batch.messages]

    def _told(
        self, message: Message, status: int | None, now: datetime
    ) -> list[Receipt] | ChannelBroken | QuotaSpent:
        if status in (200, 202, 409):
            return [Receipt(message.id, ReceiptState.ACCEPTED, now)]
        if status is None or status == 429:
            why = "HTTP 429" if status else "the gateway did not mention it"
            return [Receipt(message.id, ReceiptState.TRY_LATER, now, why=why)]
        try:
            return [self._judged(message, status, now)]
        except (ChannelBroken, QuotaSpent) as error:
            return error

    def _judged(self, message: Message, status: int, now: datetime) -> Receipt:
        """What a status other than taken and slower means, one message or one row of many."""
        if status == 422:
            return Receipt(message.id, ReceiptState.REFUSED, now, why="not a mobile number")
        if status >= 500:
            return Receipt(message.id, ReceiptState.TRY_LATER, now, why=f"HTTP {status}")
        if status == 402:
            raise QuotaSpent(f"{self.name}: no credit (HTTP 402)")
        raise ChannelBroken(f"{self.name}: HTTP {status}")

    async def _ask_kannel(self, wire: Any, batch: Batch, message: Message, now: datetime) -> Receipt:
        query = kannel.order(
            message,
            username=self.username,
            password=self.token.get_secret_value(),
            sender=self.sender,
            minutes=max(1, int((batch.expires_at - now).total_seconds()) // 60),
            report_to=self._report_to(message.id),
        )
        try:
            async with wire.get(self.url, params=query, timeout=self._timeout()) as answer:
                return kannel.judged(message, answer.status, (await answer.text()).strip(), now)
        except _NEVER_SENT as error:
            raise TryLater("Kannel is not there") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            # Kannel cannot tell a repeat: a second order would be a second SMS.
            why = f"Kannel's answer was lost ({type(error).__name__})"
            return Receipt(message.id, ReceiptState.UNKNOWN, now, why=why)

    def _report_to(self, delivery_id: UUID) -> str:
        if not self.callback_url or self.callback_secret is None:
            return ""
        return kannel.report_url(self.callback_url, self.callback_secret.get_secret_value(), delivery_id)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token.get_secret_value()}"}

    def _basic(self) -> dict[str, str]:
        pair = f"{self.username}:{self.token.get_secret_value()}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def _timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=self.timeout_s)


def _credit(body: bytes) -> Health:
    """An account without credit sends nothing, however well the gateway is."""
    try:
        left = sms_thaibulk.balance(body)
    except ValueError:
        return Health(False, "อ่านยอดเครดิต SMS ไม่ได้", "the credit left cannot be read")
    if left < 1:
        return Health(False, "เครดิต SMS หมด: เติมเครดิต", "no SMS credit left: buy some")
    return Health(True, f"เครดิตเหลือ {left:,.0f}", f"{left:,.0f} credits left")


def _id_in(body: bytes) -> str | None:
    """The provider's id, if it gave one. 202 alone is enough: our key comes back with every report."""
    try:
        taken = _Taken.model_validate_json(body)
    except ValidationError:
        return None
    return None if taken.id is None else str(taken.id)
