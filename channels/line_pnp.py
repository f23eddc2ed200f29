"""LINE to a telephone number (LINE notification messages): reaches people who never added the account, where LINE has entitled us.

The number goes out as its SHA-256 only. LINE takes no retry key here, so a lost answer is `unknown` and never sent again. What comes
back is the one receipt LINE gives for a single person: a `delivery` event with our tag. It is the telephone's word, not a person's;
none within a day means that it did not arrive.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, ClassVar

from pydantic import SecretStr

from channels import line_message, line_webhook, webhook
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
    Reply,
    TryLater,
)
from channels.line_wire import LineAccount, Refused, TooLarge
from channels.outcome import Group, all_alike, ask_all, expired

PATH = "/bot/pnp/push"
_THAI_MOBILE = re.compile(r"\+66[689][0-9]{8}")  # LINE does this in Japan, Thailand and Taiwan only
_TEXT_UNITS = 5000


class LinePnp(Channel):
    """The LINE official account, by number. Off unless entered: it wants LINE's approval of the account and of the words."""

    batch: ClassVar[int] = 100
    proof: ClassVar[Proof] = Proof.HANDSET
    needs: ClassVar[str] = "sms"

    token: SecretStr  # channel access token; it must not be bound to our IP addresses
    secret: SecretStr
    base_url: str = "https://api.line.me"
    timeout_s: float = 10.0
    in_flight: int = 32
    rate_per_s: float = 1000.0  # LINE allows 2,000
    baht_per_message: Decimal = Decimal("0.25")  # placeholder until the contract is known

    @property
    def account(self) -> LineAccount:
        return LineAccount(self.base_url, self.token, self.timeout_s)

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, recipients / self.rate_per_s / 60, recipients * self.baht_per_message)

    def calls(self, messages: int) -> int:
        return messages

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)

        async def call(group: Group) -> list[Receipt]:
            return [await self._tell(wire, batch, group[0], now)]

        return await ask_all([(m,) for m in batch.messages], call, in_flight=self.in_flight, now=now)

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Receipt | Reply]:
        signature = webhook.sign_base64(self.secret.get_secret_value(), body)
        webhook.require(webhook.header(headers, "x-line-signature"), signature, body)
        return line_webhook.read(body, now)

    async def probe(self, wire: Any, now: datetime) -> Health:
        """Whether the account is there; whether it is entitled only a send tells."""
        try:
            await self.account.get(wire, "/v2/bot/info")
        except (TryLater, ChannelBroken) as error:
            return Health(
                False, "LINE ไม่ตอบหรือไม่รับรหัส", f"LINE does not answer or refuses our token: {error}"
            )
        return Health(True)

    async def _tell(self, wire: Any, batch: Batch, message: Message, now: datetime) -> Receipt:
        if not _THAI_MOBILE.fullmatch(message.address):
            return Receipt(message.id, ReceiptState.REFUSED, now, why="not a Thai mobile number")
        body = {"to": hashed(message.address), "messages": _words(batch, message)}
        tag = {"X-Line-Delivery-Tag": str(message.id)}
        try:
            taken = await self.account.post(wire, PATH, body, None, tag)
        except (Refused, TooLarge) as error:
            return all_alike((message,), ReceiptState.REFUSED, now, why=str(error))[0]
        except TryLater as error:
            if not error.maybe_taken:
                raise
            return Receipt(message.id, ReceiptState.UNKNOWN, now, why=str(error))  # no key: never sent again
        return Receipt(message.id, ReceiptState.ACCEPTED, now, why=f"LINE {taken.request_id}".rstrip())


def hashed(number: str) -> str:
    """How LINE is told a number in E.164: SHA-256, as hex."""
    return sha256(number.encode()).hexdigest()


def _words(batch: Batch, message: Message) -> list[dict[str, str]]:
    """One text, as LINE approved it: no buttons, since whoever reads it may be no friend of the account."""
    front = f"{line_message.EXERCISE} " if batch.exercise and not message.text.startswith("ฝึกซ้อม") else ""
    title, body = message.data.get("title") or "", message.data.get("body") or message.text
    return [{"type": "text", "text": line_message.cut(f"{front}{title}\n{body}".strip(), _TEXT_UNITS)}]
