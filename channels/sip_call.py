"""One call we make (RFC 3261, the caller's side): INVITE, its answers, CANCEL, ACK and BYE, each repeated until it is heard.

The trunk's word is kept apart from the person's: `taken` says that the trunk works at it, `answered` that somebody (or a
machine) lifted the receiver, `ended` with what status the call came to its end.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from channels import sip_text
from channels.sip_text import Sip

T1_S = 0.5  # RFC 3261 17.1.1.1: an estimate of the way there and back
T2_S = 4.0


class Ended(NamedTuple):
    """Why a call is over before anybody answered. status 0: the trunk said nothing at all."""

    status: int
    reason: str = ""


class Line(Protocol):
    """What a call needs of the socket it shares with the other calls."""

    host: str
    port: int
    username: str
    password: str
    caller: str

    @property
    def here(self) -> tuple[str, int]: ...
    def send(self, packet: bytes, to: tuple[str, int]) -> None: ...
    @property
    def trunk(self) -> tuple[str, int]: ...


class Call:
    """From the first INVITE to the last BYE. `line` hands it every packet of its Call-ID."""

    def __init__(self, line: Line, number: str, offer: bytes, pressed: Callable[[str], None]) -> None:
        self.id = f"{secrets.token_hex(12)}@raksa"
        self.taken = asyncio.Event()  # more than 100 Trying was said, or the end
        self.trying = asyncio.Event()
        self.answered = asyncio.Event()
        self.over = asyncio.Event()  # they hung up, or it ended before an answer
        self.ended: Ended | None = None
        self.answer_sdp = b""
        self._line, self._offer, self._pressed = line, offer, pressed
        self._uri = f"sip:{number}@{line.host}:{line.port}"
        self._tag, self._cseq = secrets.token_hex(6), secrets.randbelow(1000) + 1
        self._to = f"<{self._uri}>"
        self._branch, self._invite = "", b""
        self._target, self._routes = self._uri, list[str]()
        self._proof: tuple[str, str] | None = None
        self._proofs, self._cancelled = 0, False
        self._acks: dict[int, bytes] = {}
        self._answers: dict[str, asyncio.Event] = {}  # branch of a BYE or CANCEL -> it was heard
        self._ringing: asyncio.Task[None] | None = None

    def begin(self, trunk_silent_s: float) -> None:
        """Send INVITE; without any answer for `trunk_silent_s` the call ends with status 0."""
        self._send_invite()
        self._ringing = asyncio.create_task(self._repeat_invite(trunk_silent_s), name="sip invite")

    async def _repeat_invite(self, within_s: float) -> None:
        wait_s, spent_s = T1_S, 0.0
        while not self.trying.is_set() and spent_s < within_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.trying.wait(), min(wait_s, within_s - spent_s))
            spent_s, wait_s = spent_s + wait_s, wait_s * 2
            if not self.trying.is_set() and spent_s < within_s:
                self._line.send(self._invite, self._line.trunk)
        if not self.trying.is_set():
            self._end(Ended(0, "no answer of the trunk"))

    def _headers(self, method: str, branch: str, cseq: int, to: str) -> list[tuple[str, str]]:
        host, port = self._line.here
        caller = f"<sip:{self._line.caller}@{self._line.host}>"
        return [
            ("Via", f"SIP/2.0/UDP {host}:{port};branch={branch};rport"), ("Max-Forwards", "70"),
            ("From", f"{caller};tag={self._tag}"), ("To", to), ("Call-ID", self.id), ("CSeq", f"{cseq} {method}"),
        ]  # fmt: skip

    def _send_invite(self) -> None:
        self._branch = f"z9hG4bK{secrets.token_hex(8)}"
        host, port = self._line.here
        headers = [
            *self._headers("INVITE", self._branch, self._cseq, f"<{self._uri}>"),
            ("Contact", f"<sip:{self._line.caller}@{host}:{port}>"), ("User-Agent", "raksa"),
            ("Allow", "INVITE, ACK, CANCEL, BYE, INFO, OPTIONS, UPDATE"), ("Content-Type", "application/sdp"),
        ]  # fmt: skip
        if self._proof:
            headers.append(self._proof)
        self._invite = sip_text.write(f"INVITE {self._uri} SIP/2.0", headers, self._offer)
        self._line.send(self._invite, self._line.trunk)

    def hear(self, said: Sip, source: tuple[str, int]) -> None:
        """A packet of this call. Raises ValueError on nonsense."""
        if said.method:
            self._asked(said, source)
            return
        number, method = said.cseq
        if method != "INVITE":
            if (heard := self._answers.get(said.branch)) is not None and said.status >= 200:
                heard.set()
            return
        self.trying.set()
        if said.status < 200:
            if said.status > 100:
                self.taken.set()
            return
        if said.status < 300:
            self._picked_up(said)
        elif number in self._acks:
            self._line.send(self._acks[number], self._line.trunk)  # our ACK was lost
        else:
            self._acks[number] = self._refused(said, number)
            if number == self._cseq:
                self._after_refusal(said)

    def _refused(self, said: Sip, number: int) -> bytes:
        ack = sip_text.write(
            f"ACK {self._uri} SIP/2.0", self._headers("ACK", said.branch, number, said.one("to"))
        )
        self._line.send(ack, self._line.trunk)
        return ack

    def _after_refusal(self, said: Sip) -> None:
        kind = {
            401: ("www-authenticate", "Authorization"),
            407: ("proxy-authenticate", "Proxy-Authorization"),
        }
        asked, given = kind.get(said.status, ("", ""))
        if asked and self._proofs < 2 and self._line.password and not self._cancelled:
            stale = "stale=true" in said.one(asked).lower().replace('"', "").replace(" ", "")
            if self._proofs == 0 or stale:
                with suppress(ValueError):
                    value = next(filter(_can, said.all(asked)), said.one(asked))
                    made = sip_text.proof(
                        value, "INVITE", self._uri, self._line.username, self._line.password
                    )
                    self._proof, self._proofs, self._cseq = (given, made), self._proofs + 1, self._cseq + 1
                    self._send_invite()
                    return
        self._end(Ended(said.status, said.reason))

    def _picked_up(self, said: Sip) -> None:
        tag = sip_text.tag_of(said.one("to"))
        if self.answered.is_set() and tag != sip_text.tag_of(self._to):
            self._second(said)  # two telephones were lifted: the later one is let go
            return
        first = not self.answered.is_set()
        if first:
            self._to = said.one("to")
            self._target = sip_text.uri_of(said.one("contact")) or self._uri
            self._routes = [sip_text.uri_of(r) for r in reversed(said.all("record-route"))]
            self.answer_sdp = said.body
        self._in_dialog("ACK", self._cseq, f"z9hG4bK{secrets.token_hex(8)}")
        if first:
            self.answered.set()
            self.taken.set()

    def _second(self, said: Sip) -> None:
        kept = self._to, self._target, self._routes
        self._to, self._target = said.one("to"), sip_text.uri_of(said.one("contact")) or self._uri
        self._routes = [sip_text.uri_of(r) for r in reversed(said.all("record-route"))]
        self._in_dialog("ACK", self._cseq, f"z9hG4bK{secrets.token_hex(8)}")
        self._in_dialog("BYE", self._cseq + 1, f"z9hG4bK{secrets.token_hex(8)}")
        self._to, self._target, self._routes = kept

    def _in_dialog(self, method: str, cseq: int, branch: str) -> tuple[bytes, tuple[str, int]]:
        headers = self._headers(method, branch, cseq, self._to)
        headers += [("Route", f"<{route}>") for route in self._routes]
        if method == "ACK" and self._proof:
            headers.append(self._proof)
        packet = sip_text.write(f"{method} {self._target} SIP/2.0", headers)
        host, port = sip_text.host_of(self._routes[0] if self._routes else self._target)
        # A name behind the trunk is the trunk's own affair; an address is where the call is.
        to = (host, port) if host.replace(".", "").isdecimal() else self._line.trunk
        self._line.send(packet, to)
        return packet, to

    def _asked(self, said: Sip, source: tuple[str, int]) -> None:
        """They speak within the call: hang up, keys by INFO, a question whether we are there."""
        if said.method == "ACK":
            return
        if said.method == "INFO" and (key := _key_of_info(said.body)):
            self._pressed(key)
        again = said.method in (
            "INVITE",
            "UPDATE",
        )  # the call is refreshed or put on hold: the same voice goes on
        host, port = self._line.here
        contact = f"<sip:{self._line.caller}@{host}:{port}>" if again else ""
        body = self._offer if again and (said.body or said.method == "INVITE") else b""
        self._line.send(sip_text.answer(said, 200, "OK", self._tag, body, contact), source)
        if said.method == "BYE":
            self.over.set()

    async def stop_ringing(self) -> bool:
        """CANCEL. True: somebody picked up in that very moment, and the call is on."""
        if self.ended is None and not self.answered.is_set():
            self._cancelled = True
            await self._heard_cancel()
            if not self.answered.is_set():
                self._end(Ended(487, "cancelled"))
        return self.answered.is_set()

    async def hang_up(self) -> None:
        """CANCEL what still rings, BYE what was answered; returns when that was heard or 32 x T1 have passed. Twice is once."""
        if await self.stop_ringing() and not self.over.is_set():
            self.over.set()
            branch = f"z9hG4bK{secrets.token_hex(8)}"
            self._cseq += 1
            packet, to = self._in_dialog("BYE", self._cseq, branch)
            await self._until_heard(branch, packet, to)

    async def _heard_cancel(self) -> None:
        headers = self._headers("CANCEL", self._branch, self._cseq, f"<{self._uri}>")
        packet = sip_text.write(f"CANCEL {self._uri} SIP/2.0", headers)
        self._line.send(packet, self._line.trunk)
        sent = asyncio.create_task(self._until_heard(self._branch, packet, self._line.trunk))
        # The last word is 487, or a 200 of somebody who picked up in the very moment: then the call is on.
        waits = [asyncio.create_task(event.wait()) for event in (self.over, self.answered)]
        await asyncio.wait(waits, timeout=16 * T1_S, return_when=asyncio.FIRST_COMPLETED)
        for task in (*waits, sent):
            task.cancel()

    async def _until_heard(self, branch: str, packet: bytes, to: tuple[str, int]) -> None:
        heard = self._answers.setdefault(branch, asyncio.Event())
        wait_s, spent_s = T1_S, 0.0
        while spent_s < 32 * T1_S:
            with suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), wait_s)
                return
            spent_s, wait_s = spent_s + wait_s, min(T2_S, wait_s * 2)
            self._line.send(packet, to)

    def _end(self, why: Ended) -> None:
        if self.ended is None:
            self.ended = why
        self.trying.set()
        self.taken.set()
        self.over.set()

    def close(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()


def _can(challenge: str) -> bool:
    return "sha-512-256" not in challenge.lower()


def _key_of_info(body: bytes) -> str:
    """`Signal=1` (application/dtmf-relay) or the bare key (application/dtmf)."""
    for line in body.decode(errors="replace").splitlines():
        name, equals, value = line.partition("=")
        key = value.strip() if equals and name.strip().lower() == "signal" else name.strip()
        if len(key) == 1 and (equals == "" or name.strip().lower() == "signal"):
            return key
    return ""
