"""Village groups on LINE as a way to tell a village: one push a group, to groups its own contact has bound (`geo.line_groups`).

Each member is billed, so the members are counted before the push. Nothing is proved by it: LINE does not say who read, and a button
pressed there is that one person's word. What only a head may do (the link of his own page, ประกาศแล้ว) is not put into a group.
"""

import asyncio
from datetime import datetime
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ValidationError

from channels import line_message, line_quota, line_webhook
from channels.contract import (
    Batch,
    ChannelBroken,
    Message,
    Plan,
    Proof,
    QuotaSpent,
    Receipt,
    ReceiptState,
    TryLater,
)
from channels.line import LIFE_SAFETY, Line
from channels.line_wire import Refused, TooLarge
from channels.outcome import Group, all_alike, ask_all, expired

SHOWN = ("title", "body", "alert", "map", "page")  # of a message's data: the rest is one person's own
COUNT_LIVES_S = 3600.0


class _Count(BaseModel):
    count: int


class LineGroup(Line):
    """The same account as `line`, with the same token; off unless entered in config.yaml."""

    batch: ClassVar[int] = 50
    proof: ClassVar[Proof] = Proof.NOTHING
    needs: ClassVar[str] = "line_group"

    members_a_group: int = 80  # for the plan before a send; the true number is asked of LINE

    def plan(self, recipients: int) -> Plan:
        members = recipients * self.members_a_group
        short = self.monthly_quota is not None and members > self.monthly_quota
        warning = (
            f"โควตาเดือนละ {self.monthly_quota} ไม่พอ คิดตามสมาชิก (not enough monthly quota: each member counts)"
            if short
            else ""
        )
        return Plan(recipients, recipients / self.rate_per_s / 60, members * self.baht_per_message, warning)

    def calls(self, messages: int) -> int:
        return messages

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)

        async def call(group: Group) -> list[Receipt]:
            return [await self._tell(wire, batch, group[0], now)]

        receipts = await ask_all([(m,) for m in batch.messages], call, in_flight=self.in_flight, now=now)
        if all(r.state is ReceiptState.FAILED for r in receipts):
            raise QuotaSpent(f"{self.name}: {receipts[0].why}")
        return receipts

    async def try_words(self, wire: Any, batch: Batch) -> str:
        return ""  # the same words as `line` is asked about

    async def members(self, wire: Any, group: str) -> int | None:
        """How many people are billed for one message there, the account not counted. None: LINE does not say."""
        known = _COUNTS.setdefault(wire, {})
        at, count = known.get(group, (-COUNT_LIVES_S, None))
        clock = asyncio.get_running_loop().time()
        if count is None or clock - at > COUNT_LIVES_S:
            try:
                raw = await self.account.get(
                    wire, f"/v2/bot/group/{group}/members/count", line_quota.ANSWER_S
                )
                count = _Count.model_validate_json(raw).count
            except (TryLater, ChannelBroken, ValidationError):
                return count
            known[group] = clock, count
        return count

    async def _tell(self, wire: Any, batch: Batch, message: Message, now: datetime) -> Receipt:
        if not line_webhook.ADDRESS.fullmatch(message.address) or message.address.startswith("U"):
            return Receipt(message.id, ReceiptState.REFUSED, now, why="not a LINE group")
        members = await self.members(wire, message.address)
        billed = self.members_a_group if members is None else members
        rest = line_quota.allowance(wire, self.account)
        keep = 0 if batch.severity in LIFE_SAFETY else self.reserve
        if not batch.maybe_taken and not await rest.take(wire, billed, keep):
            why = f"โควตาหมด: กลุ่มมีสมาชิก {billed} คน (quota spent: {billed} members are more than the month has left)"
            return Receipt(message.id, ReceiptState.FAILED, now, why=why)  # a smaller group may still be told
        shown = message._replace(data={k: v for k, v in message.data.items() if k in SHOWN})
        body = {
            "to": message.address,
            "messages": line_message.messages(batch, shown, shared=True),
            "customAggregationUnits": [line_message.alert_unit(batch.alert_id)],
        }
        try:
            taken = await self.account.post(wire, "/v2/bot/message/push", body, message.id)
        except (Refused, TooLarge) as error:
            rest.give_back(billed)
            return all_alike((message,), ReceiptState.REFUSED, now, why=str(error))[0]
        except QuotaSpent:
            rest.ended(billed)
            raise
        except TryLater as error:
            if not error.maybe_taken:
                rest.give_back(billed)
            raise
        cost = (
            f"สมาชิก {members} คน (billed for {members} members)"
            if members is not None
            else "(members not known)"
        )
        return Receipt(message.id, ReceiptState.ACCEPTED, now, why=f"LINE {taken.request_id} {cost}")


_COUNTS: WeakKeyDictionary[Any, dict[str, tuple[float, int | None]]] = WeakKeyDictionary()
