"""LINE Messaging API: one push a contact, multicast to 500 residents, answers by button.

A retry key makes asking again safe: 409 means that it was taken the first time. A 200 says only that LINE
took it; a user who blocked the account is a 200 too. Why our own small client and not the SDK:
docs/channels/line.md.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, ClassVar
from uuid import UUID, uuid5

from pydantic import SecretStr

from channels import line_broadcast, line_cut, line_message, line_quota, line_webhook, webhook
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
from channels.line_quota import Quota
from channels.line_wire import LineAccount, NotEntitled, Refused, TooLarge
from channels.outcome import Group, all_alike, ask_all, expired

LIFE_SAFETY = ("Extreme", "Severe")


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
    reserve: int = 0  # of the month's rest, kept for Severe and Extreme
    # An alert for the whole area goes to residents by one broadcast: quicker, and whoever is a friend without being in our lists
    # hears it too; each of them is billed.
    broadcast: bool = False
    baht_per_message: Decimal = Decimal("0.10")  # placeholder until the account's plan is known

    def plan(self, recipients: int) -> Plan:
        calls = -(-recipients // self.batch)
        short = self.monthly_quota is not None and recipients > self.monthly_quota
        warning = f"โควตาเดือนละ {self.monthly_quota} ไม่พอ / not enough monthly quota" if short else ""
        minutes = calls / self.rate_per_s / 60
        return Plan(recipients, minutes, recipients * self.baht_per_message, warning)

    @property
    def account(self) -> LineAccount:
        return LineAccount(self.base_url, self.token, self.timeout_s)

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        fit = [m for m in batch.messages if line_webhook.ADDRESS.fullmatch(m.address)]
        found = {
            m.id: Receipt(m.id, ReceiptState.REFUSED, now, why="not a LINE user id") for m in batch.messages
        }

        async def call(group: Group) -> list[Receipt]:
            return await self._call(wire, batch, group, now)

        if fit and (by_all := await self._by_broadcast(wire, batch, fit, now)):
            found |= {r.delivery_id: r for r in by_all if r.delivery_id is not None}
            fit = [m for m in fit if found[m.id].state is not ReceiptState.ACCEPTED]
        if fit:
            await self._require_quota(wire, batch, len({m.address for m in fit}))
            receipts = await ask_all(_groups(batch, fit), call, in_flight=self.in_flight, now=now)
            found |= {r.delivery_id: r for r in receipts if r.delivery_id is not None}
        return [found[m.id] for m in batch.messages]

    async def _by_broadcast(
        self, wire: Any, batch: Batch, fit: Sequence[Message], now: datetime
    ) -> list[Receipt]:
        """Those whom one broadcast to all friends tells in the words of the alert; none where it is not for everybody, or LINE
        will not have it. Who reads another language gets their own words besides."""
        told = [m for m in fit if m.lang == "th" and not line_message.personal(m)]
        if not (self.broadcast and batch.everybody and told):
            return []
        messages = line_message.messages(batch, told[0])
        key = uuid5(batch.alert_id, "broadcast " + json.dumps(messages, ensure_ascii=False, sort_keys=True))
        request_id = await line_broadcast.to_all(wire, self.account, key, {"messages": messages})
        if request_id is None:
            return []
        return all_alike(told, ReceiptState.ACCEPTED, now, why=f"LINE broadcast {request_id}".rstrip())

    async def _require_quota(self, wire: Any, batch: Batch, recipients: int) -> None:
        """Raises QuotaSpent before a call that LINE would refuse. What may have been taken before is asked for again
        whatever is left: LINE knows its key before it counts."""
        if batch.maybe_taken:
            return
        keep = 0 if batch.severity in LIFE_SAFETY else self.reserve
        if not await line_quota.allowance(wire, self.account).take(wire, recipients, keep):
            raise QuotaSpent(f"{self.name}: {recipients} recipients are more than the month has left")

    async def try_words(self, wire: Any, batch: Batch) -> str:
        for message in batch.messages:
            kind = "push" if line_message.personal(message) else "multicast"
            body = {"messages": line_message.messages(batch, message)}
            try:
                await self.account.post(wire, f"/v2/bot/message/validate/{kind}", body)
            except NotEntitled:
                return ""
            except (Refused, TooLarge) as error:
                return "; ".join([str(error), *getattr(error, "details", ())])
        return ""

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Receipt | Reply]:
        signature = webhook.sign_base64(self.secret.get_secret_value(), body)
        webhook.require(webhook.header(headers, "x-line-signature"), signature, body)
        return line_webhook.read(body, now)

    async def quota(self, wire: Any) -> Quota:
        """Ask LINE what is left. Raises TryLater, ChannelBroken."""
        return await line_quota.ask(wire, self.account)

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
        """One push or one multicast; more where LINE finds it too large. Every outcome is the same for a whole call."""
        one = line_message.personal(group[0])
        messages = line_message.messages(batch, group[0])
        path = f"/v2/bot/message/{'push' if one else 'multicast'}"
        shared = {"messages": messages, "customAggregationUnits": [line_message.alert_unit(batch.alert_id)]}

        async def post(part: Group, key: UUID) -> list[Receipt]:
            to = part[0].address if one else list(dict.fromkeys(m.address for m in part))
            return await self._post(wire, path, {"to": to, **shared}, part, key, now)

        return await line_cut.whole_or_halves(post, group, _retry_key(batch, group, messages), now)

    async def _post(
        self, wire: Any, path: str, body: dict[str, Any], group: Group, key: UUID, now: datetime
    ) -> list[Receipt]:
        recipients = len({m.address for m in group})
        rest = line_quota.allowance(wire, self.account)
        try:
            taken = await self.account.post(wire, path, body, key)
        except Refused as error:
            rest.give_back(recipients)
            return all_alike(group, ReceiptState.REFUSED, now, why=str(error))
        except QuotaSpent as error:
            rest.ended(recipients)
            raise QuotaSpent(f"{self.name}: {error}") from error
        except TryLater as error:
            if not error.maybe_taken:
                rest.give_back(recipients)
            raise
        # The id is for LINE's support. It stands for the whole call, so it is no provider id of one delivery.
        return all_alike(group, ReceiptState.ACCEPTED, now, why=f"LINE {taken.request_id}".rstrip())


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
