"""E-mail over SMTP: for offices, schools and partners. Nobody is woken by it, and nothing of it proves that anybody read it.

One connection a batch, one message a recipient. A refusal at RCPT (5xx) is the recipient's, 4xx waits; a connection that broke after
the message was handed over leaves that one unknown: mail servers do not tell repeats. RFC 5321, RFC 5322, RFC 3834 (`Auto-Submitted`).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from html import escape
from typing import Any, ClassVar, Literal

import aiosmtplib
from pydantic import SecretStr

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
    TryLater,
)
from channels.outcome import all_alike, expired

_SIGNED_OUT = {530, 534, 535, 538}  # RFC 4954: sign in, or the way to sign in is wrong


class Email(Channel):
    """One mail account."""

    batch: ClassVar[int] = 100
    proof: ClassVar[Proof] = Proof.NOTHING
    needs: ClassVar[str] = "email"

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"  # none: a relay on this machine only
    username: str | None = None
    password: SecretStr | None = None
    sender: str  # the address in From
    sender_name: str = ""
    stop_at: str | None = None  # a mailto: or https: address where a reader can stop information mail
    timeout_s: float = 20.0

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, minutes=recipients / self.rate_per_s / 60, baht=Decimal(0))

    def calls(self, messages: int) -> int:
        return messages

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        async with _Line(self) as line:
            receipts: list[Receipt] = []
            for nth, message in enumerate(batch.messages):
                receipt = await self._one(line, message, batch, now)
                if (
                    receipt is None
                ):  # the line broke before this one was handed over: nothing of the rest was taken
                    rest = batch.messages[nth:]
                    return receipts + all_alike(
                        rest, ReceiptState.TRY_LATER, now, why="the mail server hung up"
                    )
                receipts.append(receipt)
            return receipts

    async def _one(
        self, line: aiosmtplib.SMTP, message: Message, batch: Batch, now: datetime
    ) -> Receipt | None:
        try:
            await line.mail(self.sender)
            await line.rcpt(message.address)
        except aiosmtplib.SMTPResponseException as error:
            await _forget(line)
            state = ReceiptState.REFUSED if error.code >= 500 else ReceiptState.TRY_LATER
            return Receipt(message.id, state, now, why=f"SMTP {error.code}")
        except (aiosmtplib.SMTPException, OSError):
            return None
        try:
            await line.data(self.written(message, batch, now).as_bytes())
        except aiosmtplib.SMTPResponseException as error:
            await _forget(line)
            state = ReceiptState.REFUSED if error.code >= 500 else ReceiptState.TRY_LATER
            return Receipt(message.id, state, now, why=f"SMTP {error.code}")
        except (aiosmtplib.SMTPException, OSError):
            return Receipt(
                message.id, ReceiptState.UNKNOWN, now, why="the mail server hung up before it said yes"
            )
        return Receipt(message.id, ReceiptState.ACCEPTED, now)

    def written(self, message: Message, batch: Batch, now: datetime) -> EmailMessage:
        """Plain text and the same in HTML. The Message-ID is the delivery's: the same message twice is the same mail."""
        mail = EmailMessage()
        domain = self.sender.rpartition("@")[2]
        mail["Message-ID"] = f"<{message.id}@{domain}>"
        mail["Date"] = format_datetime(now)
        mail["From"] = formataddr((self.sender_name, self.sender))
        mail["To"] = message.address
        mail["Subject"] = _one_line(message.data.get("title") or message.text)
        mail["Auto-Submitted"] = "auto-generated"
        mail["Expires"] = format_datetime(batch.expires_at)
        if batch.severity in ("Extreme", "Severe") and not batch.exercise:
            mail["Importance"], mail["X-Priority"] = "high", "1"
        if self.stop_at:
            mail["List-Unsubscribe"] = f"<{self.stop_at}>"
        mail.set_content(message.data.get("body") or message.text)
        mail.add_alternative(_html(message), subtype="html")
        return mail

    async def probe(self, wire: Any, now: datetime) -> Health:
        try:
            async with _Line(self):
                return Health(ok=True)
        except TryLater:
            return Health(
                False,
                f"ติดต่อเครื่องเมลไม่ได้ ตรวจ {self.host}:{self.port}",
                f"No mail server at {self.host}:{self.port}",
            )
        except ChannelBroken:
            return Health(
                False,
                "เครื่องเมลไม่รับชื่อหรือรหัสผ่าน ตรวจ username และ password",
                "The mail server refuses the user name or password",
            )


class _Line:
    """An open and signed-in connection. Raises TryLater, ChannelBroken: nothing was sent."""

    def __init__(self, account: Email) -> None:
        self._account = account
        self._line = aiosmtplib.SMTP(
            hostname=account.host, port=account.port, timeout=account.timeout_s, use_tls=account.security == "tls",
            start_tls=account.security == "starttls",
        )  # fmt: skip

    async def __aenter__(self) -> aiosmtplib.SMTP:
        account = self._account
        try:
            await self._line.connect()
            if account.username is not None:
                await self._line.login(
                    account.username, account.password.get_secret_value() if account.password else ""
                )
            else:
                await self._line.ehlo()
        except aiosmtplib.SMTPResponseException as error:
            self._line.close()
            if error.code in _SIGNED_OUT:
                raise ChannelBroken(f"{account.name}: SMTP {error.code}") from None
            raise TryLater(f"{account.name}: SMTP {error.code}", timedelta(seconds=10)) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._line.close()
            raise TryLater(f"{account.name}: {type(error).__name__}") from None
        return self._line

    async def __aexit__(self, *_: object) -> None:
        try:
            await asyncio.wait_for(self._line.quit(), 2)
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            self._line.close()


async def _forget(line: aiosmtplib.SMTP) -> None:
    """Begin the next message on a clean table."""
    try:
        await line.rset()
    except (aiosmtplib.SMTPException, OSError):
        line.close()


def _one_line(words: str) -> str:
    return " ".join(words.split())[:200]


def _html(message: Message) -> str:
    data: Mapping[str, str] = message.data
    lines = "".join(
        f"<p>{escape(line)}</p>" for line in (data.get("body") or message.text).splitlines() if line.strip()
    )
    link = f'<p><a href="{escape(data["link"])}">{escape(data["link"])}</a></p>' if data.get("link") else ""
    style = "font-size:18px;line-height:1.6"
    return f'<!doctype html><html lang="{escape(message.lang)}"><body style="{style}">{lines}{link}</body></html>'
