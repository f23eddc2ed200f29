"""The carrier of the benches: 500 recipients a call, to `bench.provider`. Its `dedupes` can be switched to judge repeats."""

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from channels.contract import (
    Batch,
    Channel,
    Message,
    OutcomeUnknown,
    Plan,
    Proof,
    Receipt,
    ReceiptState,
    TryLater,
)


class Carrier(Channel):
    batch: ClassVar[int] = 500
    proof: ClassVar[Proof] = Proof.NOTHING
    needs: ClassVar[str] = "sms"
    dedupes: ClassVar[bool] = True

    url: str

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, 0.0, Decimal(0))

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        body = {
            "key": str(batch.key),
            "text": batch.messages[0].text,
            "to": [m.address for m in batch.messages],
        }
        try:
            async with wire.post(f"{self.url}/send", json=body) as answer:
                await answer.read()
                if answer.status == 429:
                    raise TryLater("429")
                if answer.status != 200:
                    raise OutcomeUnknown(f"HTTP {answer.status}")
        except (OSError, TimeoutError) as error:
            raise OutcomeUnknown(type(error).__name__) from error
        return [Receipt(m.id, ReceiptState.ACCEPTED, now) for m in batch.messages]


class OneByOne(Carrier):
    """One call a person, as a plain HTTP gateway wants it (Kannel's sendsms). The engine still plans and writes down by the batch."""

    batch: ClassVar[int] = 100

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        async def tell(message: Message) -> Receipt:
            async with wire.post(
                f"{self.url}/one/{message.address.removeprefix('+')}", json={"text": message.text}
            ) as answer:
                await answer.read()
                if answer.status != 200:
                    raise OutcomeUnknown(f"HTTP {answer.status}")
            return Receipt(message.id, ReceiptState.ACCEPTED, now)

        try:
            return list(await asyncio.gather(*map(tell, batch.messages)))
        except (OSError, TimeoutError) as error:
            raise OutcomeUnknown(type(error).__name__) from error

    def calls(self, messages: int) -> int:
        return messages
