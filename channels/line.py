"""LINE Messaging API: one push a contact, multicast to 500 residents, answers by button.

A retry key makes asking again safe: 409 means that it was taken the first time. A 200 says only that LINE
took it; a user who blocked the account is a 200 too. Why our own small client and not the SDK:
docs/channels/line.md.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, ClassVar, NamedTuple
from uuid import UUID, uuid5

import aiohttp
from pydantic import BaseModel, SecretStr, ValidationError

from channels import line_message, line_webhook, webhook
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
from channels.outcome import Group, all_alike, ask_all, expired

_SLOWER = timedelta(seconds=1)  # LINE sends no Retry-After; its limits are a second's
_MONTHLY = "monthly limit"


class Quota(NamedTuple):
    """What may still be sent this month, counted in recipients. None: no limit."""

    limit: int | None
    used: int

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


class _Limit(BaseModel):
    type: str
    value: int | None = None


class _Used(BaseModel):
    totalUsage: int


class Line(Channel):
    """The office's LINE official account."""

    batch: ClassVar[int] = 500
    proof: ClassVar[Proof] = Proof.ANSWER
    needs: ClassVar[str] = "line"
    dedupes: ClassVar[bool] = True

    token: SecretStr  # channel access token
    secret: SecretStr  # channel secret: signs the webhooks
    base_url: str = "https://api.line.me"
    timeout_s: float = 10.0
    in_flight: int = 32  # pushes at once, of one batch
    monthly_quota: int | None = None  # recipients a month the plan includes; the true rest: `quota(wire)`
    baht_per_message: Decimal = Decimal("0.10")  # placeholder until the account's plan is known

    def plan(self, recipients: int) -> Plan:
        calls = -(-recipients // self.batch)
        short = self.monthly_quota is not None and recipients > self.monthly_quota
        warning = f"โควตาเดือนละ {self.monthly_quota} ไม่พอ / not enough monthly quota" if short else ""
        minutes = calls / self.rate_per_s / 60
        return Plan(recipients, minutes, recipients * self.baht_per_message, warning)

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        fit = [m for m in batch.messages if line_webhook.ADDRESS.fullmatch(m.address)]
        found = {
            m.id: Receipt(m.id, ReceiptState.REFUSED, now, why="not a LINE user id") for m in batch.messages
        }

        async def call(group: Group) -> list[Receipt]:
            return await self._call(wire, batch, group, now)

        if fit:
            receipts = await ask_all(_groups(batch, fit), call, in_flight=self.in_flight, now=now)
            found |= {r.delivery_id: r for r in receipts if r.delivery_id is not None}
        return [found[m.id] for m in batch.messages]

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Receipt | Reply]:
        signature = webhook.sign_base64(self.secret.get_secret_value(), body)
        webhook.require(webhook.header(headers, "x-line-signature"), signature, body)
        return line_webhook.read(body, now)

    async def quota(self, wire: Any) -> Quota:
        """Ask LINE what is left. Raises TryLater, ChannelBroken."""
        limit, used = await asyncio.gather(
            self._get(wire, "/v2/bot/message/quota"), self._get(wire, "/v2/bot/message/quota/consumption")
        )
        try:
            told, spent = _Limit.model_validate_json(limit), _Used.model_validate_json(used)
        except ValidationError as error:
            raise TryLater("LINE: a quota that cannot be read") from error
        return Quota(told.value if told.type == "limited" else None, spent.totalUsage)

    async def probe(self, wire: Any, now: datetime) -> Health:
        try:
            quota = await self.quota(wire)
        except ChannelBroken as error:
            note = "LINE ไม่รับรหัส: ออก channel access token ใหม่"
            return Health(False, note, f"LINE refuses our token: {error}")
        except TryLater as error:
            return Health(False, "LINE ไม่ตอบ: ตรวจเครือข่าย", f"LINE does not answer: {error}")
        if quota.left is None:
            return Health(True, f"ไม่จำกัดโควตา ส่งไปแล้ว {quota.used}", f"no limit, {quota.used} sent")
        note = f"โควตาเหลือ {quota.left} จาก {quota.limit}"
        note_en = f"{quota.left} of {quota.limit} messages left this month"
        return Health(quota.left > 0, note, note_en)

    async def _call(self, wire: Any, batch: Batch, group: Group, now: datetime) -> list[Receipt]:
        """One push or one multicast. Every outcome is the same for the whole group."""
        one = line_message.personal(group[0])
        messages = line_message.messages(batch, group[0])
        to = group[0].address if one else list(dict.fromkeys(m.address for m in group))
        body = {
            "to": to,
            "messages": messages,
            "customAggregationUnits": [line_message.alert_unit(batch.alert_id)],
        }
        headers = self._headers() | {"X-Line-Retry-Key": str(_retry_key(batch, group, messages))}
        url = f"{self.base_url}/v2/bot/message/{'push' if one else 'multicast'}"
        try:
            async with wire.post(url, json=body, headers=headers, timeout=self._timeout()) as answer:
                status, raw, told = answer.status, await answer.read(), dict(answer.headers)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TryLater(f"LINE: no answer ({type(error).__name__})", maybe_taken=True) from error
        if status in (200, 409):
            name = "x-line-request-id" if status == 200 else "x-line-accepted-request-id"
            # For LINE's support. It stands for the whole call, so it is no provider id of one delivery.
            why = f"LINE {webhook.header(told, name) or ''}".rstrip()
            return all_alike(group, ReceiptState.ACCEPTED, now, why=why)
        said = _message(raw)
        if status == 429:
            if _MONTHLY in said:
                raise QuotaSpent(f"{self.name}: {said}")
            raise TryLater(f"LINE: {said}", _SLOWER)
        if status >= 500:
            raise TryLater(f"LINE: HTTP {status}", maybe_taken=True)  # LINE may have taken it before it fell
        if status == 400:
            return all_alike(group, ReceiptState.REFUSED, now, why=f"LINE: {said}")
        raise ChannelBroken(f"{self.name}: HTTP {status} {said}".rstrip())

    async def _get(self, wire: Any, path: str) -> bytes:
        try:
            async with wire.get(
                self.base_url + path, headers=self._headers(), timeout=self._timeout()
            ) as answer:
                status, body = answer.status, bytes(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TryLater(f"no answer ({type(error).__name__})") from error
        if status == 429 or status >= 500:
            raise TryLater(f"HTTP {status}")
        if status != 200:
            raise ChannelBroken(f"HTTP {status} {_message(body)}".rstrip())
        return body

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token.get_secret_value()}"}

    def _timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=self.timeout_s)


def _groups(batch: Batch, messages: Sequence[Message]) -> list[Group]:
    """One group a call: each contact alone, residents together as far as they are told the same."""
    alone: list[Group] = [(m,) for m in messages if line_message.personal(m)]
    shared = sorted((m for m in messages if not line_message.personal(m)), key=_same_words)
    return alone + [tuple(group) for _, group in groupby(shared, key=_same_words)]


def _same_words(message: Message) -> str:
    return json.dumps([message.lang, message.text, sorted(message.data.items())], ensure_ascii=False)


def _retry_key(batch: Batch, group: Group, messages: list[dict[str, Any]]) -> UUID:
    """A contact's own delivery id; for many, made from the batch's stored key and the words.

    A changed body is thereby a new key, and a batch of two languages two keys. Fewer recipients at the second
    try keep the key: either the first call was taken with all of them (409), or the key is still unused.
    """
    if line_message.personal(group[0]):
        return group[0].id
    return uuid5(batch.key, json.dumps(messages, ensure_ascii=False, sort_keys=True))


def _message(body: bytes) -> str:
    """LINE's own sentence; there is no code to go by."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("message", ""))[:200] if isinstance(told, dict) else ""
