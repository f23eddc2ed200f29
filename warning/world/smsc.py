"""An operator's SMSC on loopback: SMPP 3.4, a rate it keeps, receipts, and every way it may go wrong.

Written from the specification alone; it shares nothing with our client, so that each proves the other. Who is bound,
what each part was and what whole texts reached which phone stand in its own lists and in the world's book.
"""

import asyncio
import random
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from warning.world.book import Book
from warning.world.serving import HOST, Rate

_HEADER = struct.Struct(">4I")
SUBMIT, DELIVER, UNBIND, BIND_TRX, ENQUIRE = 0x04, 0x05, 0x06, 0x09, 0x15
BINDS = (0x01, 0x02, BIND_TRX)
ANSWER = 0x80000000
THROTTLED, BAD_DESTINATION, BIND_FAILED, NOT_BOUND, BAD_COMMAND = 0x58, 0x0B, 0x0D, 0x04, 0x03


@dataclass
class SmscRules:
    """May be changed while it runs."""

    system_id: str = "raksa"
    password: str = "s3cret"  # noqa: S105 - of a gateway of the simulated world
    rate_per_s: float | None = None  # parts; beyond it 0x58
    ids: Literal["dec", "hex", "hex_dec", "dec_hex"] = "hex"  # of the answer, of the receipt
    receipts: bool = True
    receipt_first: bool = False  # before the answer to the submit
    receipt_after_s: float = 0.0
    receipt_tlvs: bool = True  # receipted_message_id and message_state; else the text alone
    undelivered_parts: frozenset[int] = frozenset()  # which part of a joined message never arrives, from 1
    silent: bool = False  # the link stands and nothing is answered any more
    cut_after: int | None = None  # submits, then all connections break, the last ones taken but unanswered
    out_of_reach: frozenset[str] = frozenset()  # phones (66...) whose validity ends: EXPIRED
    refused: frozenset[str] = frozenset()  # phones (66...) that are none: 0x0B
    keep_texts: bool = True  # off for a bench: only counted


class Part(NamedTuple):
    phone: str  # as it came, 66...
    sender: str
    coding: int
    validity: str
    payload: bytes  # with its header of user data
    reference: int | None
    total: int
    nth: int
    raw: bytes  # the whole PDU


class Smsc:
    def __init__(self, rules: SmscRules, book: Book, now: Callable[[], datetime], port: int = 0) -> None:
        self.rules, self.book, self._now, self.port = rules, book, now, port
        self.parts: list[Part] = []
        self.taken = 0
        self.refusals: Counter[int] = Counter()
        self.times: list[float] = []  # loop time of each part taken
        self.reported = 0  # receipts sent
        self.acknowledged = 0  # deliver_sm_resp
        self.sessions: set[_Session] = set()
        self._whole: dict[tuple[str, str, int], dict[int, bytes]] = {}
        self._server: asyncio.Server | None = None
        self._later: set[asyncio.TimerHandle] = set()
        self._number = random.Random(2569).randrange(0x10000, 0x20000)
        self._rate: Rate | None = None

    async def __aenter__(self) -> "Smsc":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Session(self), HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Down: every link breaks at once; `start` brings it back on the same port, with a new memory of nothing."""
        for handle in self._later:
            handle.cancel()
        self._later.clear()
        self.cut()
        if self._server is not None:
            self._server.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), 1)
            self._server = None

    def cut(self) -> None:
        for session in list(self.sessions):
            session.break_off()

    def writes(self, number: str, text: str, parts: int = 1) -> None:
        """Somebody sends an SMS, Thai in UCS-2, in so many joined parts. number: 66..."""
        size = -(-len(text) // parts)
        for nth in range(parts):
            words = text[nth * size : (nth + 1) * size].encode("utf-16-be")
            header = b"\5\0\3" + bytes((77, parts, nth + 1)) if parts > 1 else b""
            self._bound().deliver(number, "4567", 0x40 if header else 0, 8, header + words)

    def _bound(self) -> "_Session":
        return next(s for s in self.sessions if s.bound)

    def throttles(self) -> bool:
        per_s = self.rules.rate_per_s
        if per_s is None:
            return False
        if self._rate is None or self._rate.per_s != per_s:
            self._rate = Rate(per_s)
        return not self._rate.take()

    def take(self, session: "_Session", part: Part, wants_receipt: bool) -> str:
        """The id of the answer."""
        self._number += 1
        number = self._number
        self.taken += 1
        loop = asyncio.get_running_loop()
        if self.rules.keep_texts:
            self.times.append(loop.time())
            self.parts.append(part)
            self._join(part)
        told, named = {
            "dec": (f"{number}", f"{number}"), "hex": (f"{number:08x}", f"{number:08x}"),
            "hex_dec": (f"{number:X}", f"{number:010d}"), "dec_hex": (f"{number}", f"{number:x}"),
        }[self.rules.ids]  # fmt: skip
        if wants_receipt and self.rules.receipts:
            if self.rules.receipt_first:
                self._receipt(session, part, named)
            else:
                handle = loop.call_later(self.rules.receipt_after_s, self._receipt, session, part, named)
                if self.rules.receipt_after_s:
                    self._later.add(handle)
        return told

    def _join(self, part: Part) -> None:
        if part.phone in self.rules.out_of_reach or (
            part.nth in self.rules.undelivered_parts and part.total > 1
        ):
            return
        words = part.payload[6:] if part.reference is not None else part.payload
        key = (part.phone, part.sender, -1 if part.reference is None else part.reference)
        held = self._whole.setdefault(key, {})
        held[part.nth] = words
        if len(held) == part.total:
            del self._whole[key]
            coding = "utf-16-be" if part.coding == 8 else "latin-1"
            text = b"".join(held[n] for n in sorted(held)).decode(coding)
            self.book.record("sms", [f"+{part.phone}"], None, text, text)

    def _receipt(self, session: "_Session", part: Part, named: str) -> None:
        bad = part.nth in self.rules.undelivered_parts and part.total > 1
        late = part.phone in self.rules.out_of_reach
        word, state = ("EXPIRED", 3) if late else ("UNDELIV", 5) if bad else ("DELIVRD", 2)
        good = word == "DELIVRD"
        stamp = self._now().strftime("%y%m%d%H%M")
        text = (
            f"id:{named} sub:001 dlvrd:{good:03d} submit date:{stamp} done date:{stamp} stat:{word} "
            f"err:{0 if good else 11:03d} text:"
        )
        tlvs = b""
        if self.rules.receipt_tlvs:
            name = named.encode() + b"\0"
            tlvs = struct.pack(">2H", 0x1E, len(name)) + name + struct.pack(">2HB", 0x427, 1, state)
        to = session if session in self.sessions else next((s for s in self.sessions if s.bound), None)
        if to is not None:
            self.reported += 1
            to.deliver(part.phone, part.sender, 0x04, 0, text.encode(), tlvs)


class _Session(asyncio.Protocol):
    def __init__(self, smsc: Smsc) -> None:
        self._smsc, self._buffer, self._sequence = smsc, b"", 0
        self.bound = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._smsc.sessions.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._smsc.sessions.discard(self)

    def break_off(self) -> None:
        self._smsc.sessions.discard(self)
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._smsc.rules.silent:
            return
        self._buffer += data
        buffer, at, out = self._buffer, 0, []
        while len(buffer) - at >= 16:
            length, command, _, sequence = _HEADER.unpack_from(buffer, at)
            if length < 16 or length > 65536:
                self.break_off()
                return
            if len(buffer) - at < length:
                break
            answer = self._answer(command, sequence, buffer[at : at + length])
            if self not in self._smsc.sessions:
                return
            out.append(answer)
            at += length
        self._buffer = buffer[at:]
        self._write(b"".join(out))

    def _answer(self, command: int, sequence: int, raw: bytes) -> bytes:
        if command == SUBMIT:
            status, body = self._submit(raw) if self.bound else (NOT_BOUND, b"\0")
            return _pdu(SUBMIT | ANSWER, status, sequence, body)
        if command in BINDS:
            system_id, password = raw[16:].split(b"\0")[:2]
            rules = self._smsc.rules
            self.bound = (system_id.decode(), password.decode()) == (rules.system_id, rules.password)
            return _pdu(command | ANSWER, 0 if self.bound else BIND_FAILED, sequence, b"SMSC\0")
        if command in (ENQUIRE, UNBIND):
            return _pdu(command | ANSWER, 0, sequence)
        if command == DELIVER | ANSWER:
            self._smsc.acknowledged += 1
            return b""
        return b"" if command & ANSWER else _pdu(ANSWER, BAD_COMMAND, sequence)

    def _submit(self, raw: bytes) -> tuple[int, bytes]:
        smsc = self._smsc
        part, wants_receipt = _read(raw)
        if part.phone in smsc.rules.refused:
            smsc.refusals[BAD_DESTINATION] += 1
            return BAD_DESTINATION, b"\0"
        if smsc.throttles():
            smsc.refusals[THROTTLED] += 1
            return THROTTLED, b"\0"
        told = smsc.take(self, part, wants_receipt)
        if smsc.rules.cut_after is not None and smsc.taken >= smsc.rules.cut_after:
            smsc.rules.cut_after = None
            smsc.cut()
        return 0, told.encode() + b"\0"

    def deliver(
        self, source: str, destination: str, esm: int, coding: int, text: bytes, tlvs: bytes = b""
    ) -> None:
        self._sequence += 1
        body = b"".join((
            b"\0\1\1", source.encode(), b"\0\0\0", destination.encode(), b"\0", bytes((esm, 0, 0)), b"\0\0",
            bytes((0, 0, coding, 0, len(text))), text, tlvs,
        ))  # fmt: skip
        self._write(_pdu(DELIVER, 0, self._sequence, body))

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def _pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return _HEADER.pack(16 + len(body), command, status, sequence) + body


def _read(raw: bytes) -> tuple[Part, bool]:
    """A submit_sm, and does it want a receipt?"""
    at = raw.index(b"\0", 16) + 3
    end = raw.index(b"\0", at)
    sender, at = raw[at:end].decode("latin-1"), end + 3
    end = raw.index(b"\0", at)
    phone, esm = raw[at:end].decode("latin-1"), raw[end + 1]
    at = raw.index(b"\0", end + 4) + 1
    end = raw.index(b"\0", at)
    validity = raw[at:end].decode("latin-1")
    wants, coding, length = raw[end + 1], raw[end + 3], raw[end + 5]
    payload = raw[end + 6 : end + 6 + length]
    reference, total, nth = None, 1, 1
    if esm & 0x40:
        reference, total, nth = payload[3], payload[4], payload[5]
    return Part(phone, sender, coding, validity, payload, reference, total, nth, raw), bool(wants & 1)
