"""SMS over an operator's SMPP 3.4 account, without a gateway between: one bind a worker, our own client (smpp_wire.py).

The operator's contract gives rate, window and the spelling of ids. SMPP knows no repeat key: what was written and not answered
is `unknown` and never sent again. A long text is one row with an id a part, joined by spaces in `provider_id`; reports come a
part at a time and the ledger puts them together (docs/decisions/0009-parts-of-an-sms.md).
"""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from pydantic import SecretStr

from channels import smpp_pdu as smpp
from channels import sms_callback
from channels.contract import (
    Batch,
    Channel,
    Health,
    Message,
    Plan,
    Proof,
    Receipt,
    ReceiptState,
    Reply,
    TryLater,
)
from channels.outcome import expired
from channels.smpp_ids import SmppIds, Spelling
from channels.smpp_link import Link
from channels.smpp_order import Order, Settings
from channels.smpp_wire import SmppWire

CONNECT_S = 5.0  # the office does not wait longer for the first bind
_URGENT = frozenset({"Extreme", "Severe"})


class _Came(NamedTuple):
    link: Link
    pdu: smpp.Pdu


class _Line:
    """What `open` yields: the bind, what came over it, and how its ids are spelt."""

    def __init__(self, channel: "SmsSmpp") -> None:
        self.came: asyncio.Queue[_Came] = asyncio.Queue()
        self.wire = SmppWire(
            channel.settings(), lambda link, pdu: self.came.put_nowait(_Came(link, pdu)), self._named
        )
        self.held: list[_Came] = []  # reports whose spelling an answer still on its way may tell
        self.ids = SmppIds(channel.message_ids)
        self.references = itertools.count(random.randrange(256))
        self.parts: dict[tuple[str, int, int], dict[int, str]] = {}

    def _named(self, told: str, phone: str) -> str:
        name = self.ids.answered(told, phone)
        if self.held and (self.ids.known or not self.wire.asking):
            for came in self.held:
                self.came.put_nowait(came)
            self.held.clear()
        return name


class SmsSmpp(Channel):
    """Thai text is UCS-2: 70 characters in one part, 67 a part when joined; each part counts as one at the rate."""

    batch: ClassVar[int] = 100
    proof: ClassVar[Proof] = Proof.HANDSET
    needs: ClassVar[str] = "sms"

    host: str
    port: int = 2775
    system_id: str
    password: SecretStr
    sender: str  # registered sender name, at most 11 Latin letters or digits
    system_type: str = ""
    tls: bool = False
    source_ton: int = 5  # a name; 1 with source_npi 1 where the sender is a number
    source_npi: int = 0
    rate_per_s: float = 30.0  # parts a second, as the contract says
    window: int = 10  # submits without an answer, as the contract says
    message_ids: Spelling = "auto"  # of the answer and of the report, where they differ
    enquire_s: float = 30.0
    answer_s: float = 10.0
    submit_s: float = 60.0
    again_s: float = 0.5
    baht_per_part: Decimal = Decimal("0.35")  # placeholder until the contract says
    parts_per_message: int = 2  # the budget of the words (docs/channels/sms.md)

    @asynccontextmanager
    async def open(self, net: Any) -> AsyncIterator[Any]:
        """A bind that comes back by itself. Begins when the first try is over, whatever it brought."""
        line = _Line(self)
        running = asyncio.create_task(line.wire.run(), name=f"smpp {self.name}")
        try:
            await line.wire.first_try(CONNECT_S)
            yield line
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    def settings(self) -> Settings:
        return Settings(
            self.host, self.port, self.system_id, self.password.get_secret_value(), self.system_type, self.window,
            self.rate_per_s, self.enquire_s, self.answer_s, self.submit_s, again_s=self.again_s, tls=self.tls,
        )  # fmt: skip

    def plan(self, recipients: int) -> Plan:
        parts = recipients * self.parts_per_message
        return Plan(recipients, parts / self.rate_per_s / 60, parts * self.baht_per_part)

    def calls(self, messages: int) -> int:
        return messages * self.parts_per_message

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        if not isinstance(wire, _Line):
            raise TryLater("no link to the SMSC")
        orders = [self._order(wire, message, batch, now) for message in batch.messages]
        await wire.wire.submit(orders)
        return [_receipt(message, order, now) for message, order in zip(batch.messages, orders, strict=True)]

    def _order(self, line: _Line, message: Message, batch: Batch, now: datetime) -> Order:
        left = batch.expires_at - now
        bodies = smpp.submits(
            message.text, message.address, source=(self.source_ton, self.source_npi, self.sender),
            valid_for=left, reference=next(line.references) % 256,
        )  # fmt: skip
        until = asyncio.get_running_loop().time() + left.total_seconds()
        return Order(bodies, until, message.address.removeprefix("+"), batch.severity in _URGENT)

    async def listen(self, wire: Any, now: Any) -> AsyncIterator[Receipt | Reply]:
        """Reports and people's answers; the SMSC is told that we have one when the next is asked for."""
        if not isinstance(wire, _Line):
            return
        while True:
            link, pdu = came = await wire.came.get()
            try:
                told = smpp.delivered(pdu.body)
                items = self._items(wire, told, now())
                if not wire.ids.known and wire.wire.asking and smpp.report(told):
                    wire.held.append(came)
                    continue
            except ValueError:
                items = []  # nonsense is not asked for again
            for item in items:
                yield item
            wire.wire.acknowledge(link, pdu.sequence)

    def _items(self, line: _Line, told: smpp.Delivered, at: datetime) -> Sequence[Receipt | Reply]:
        report = smpp.report(told)
        if report is not None:
            name = line.ids.reported(report.message_id, told.source.removeprefix("+"))
            return [Receipt(None, report.state, at, report.why, name)]
        text = smpp.words(told)
        if told.part is not None:
            whole = _joined(line, told.source, told.part, text)
            if whole is None:
                return []
            text = whole
        sender = told.source if told.source.startswith(("+", "0")) else f"+{told.source}"
        return sms_callback.said(sender, text, at, None, at.isoformat())

    async def probe(self, wire: Any, now: datetime) -> Health:
        if not isinstance(wire, _Line):
            return Health(False, "ยังไม่ได้เชื่อมต่อ SMSC", "not connected to the SMSC")
        if wire.wire.broken:
            return Health(
                False,
                "SMSC ไม่รับรหัส: ตรวจ system_id และ password",
                "the SMSC refuses our bind: check system_id",
            )
        if not wire.wire.bound.is_set():
            return Health(
                False,
                "เชื่อมต่อ SMSC ไม่ได้: ตรวจ host, port และเครือข่าย",
                "no link to the SMSC: check host and port",
            )
        return Health(True)


def _joined(line: _Line, source: str, part: tuple[int, int, int], text: str) -> str | None:
    """None until the last part is there. Of people's long answers a few are open at a time; the oldest is let go."""
    reference, total, nth = part
    held = line.parts.setdefault((source, reference, total), {})
    held[nth] = text
    if len(held) < total:
        while len(line.parts) > 1000:
            line.parts.pop(next(iter(line.parts)))
        return None
    del line.parts[source, reference, total]
    return "".join(held[n] for n in sorted(held))


def _receipt(message: Message, order: Order, now: datetime) -> Receipt:
    # Of a message that is not whole no part may speak: its report would be taken for the message's.
    ids = " ".join(filter(None, order.ids)) if order.state is ReceiptState.ACCEPTED else ""
    return Receipt(message.id, order.state or ReceiptState.UNKNOWN, now, order.why, ids or None)
