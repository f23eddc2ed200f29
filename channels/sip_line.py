"""The socket all calls of one trunk share: packets to their call, questions of the trunk answered, and is it there at all."""

import asyncio
import secrets
import socket
from contextlib import suppress
from typing import Any

from channels import sip_text
from channels.sip_call import T1_S, Call
from channels.sip_text import Sip

_ASKED = {"OPTIONS": (200, "OK"), "NOTIFY": (200, "OK"), "INVITE": (480, "Temporarily Unavailable")}


class SipLine(asyncio.DatagramProtocol):
    """UDP towards one trunk. `here` is the address of ours that the trunk sees."""

    def __init__(self, host: str, port: int, username: str, password: str, caller: str) -> None:
        self.host, self.port, self.username, self.password, self.caller = (
            host,
            port,
            username,
            password,
            caller,
        )
        self.calls: dict[str, Call] = {}
        self.gone = False  # the trunk's machine says that nobody listens there
        self._transport: Any = None
        self._here = self._trunk = ("", 0)
        self._asking: dict[str, asyncio.Future[Sip]] = {}

    async def open(self, local_host: str = "", local_port: int = 0) -> None:
        """Raises OSError where the trunk's name is not known or our port is taken."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self.host, self.port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        self._trunk = (str(found[0][4][0]), int(found[0][4][1]))
        if not local_host:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:  # nothing is sent by this
                probe.connect(self._trunk)
                local_host = probe.getsockname()[0]
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(local_host, local_port)
        )
        self._here = (local_host, int(self._transport.get_extra_info("sockname")[1]))

    @property
    def here(self) -> tuple[str, int]:
        return self._here

    @property
    def trunk(self) -> tuple[str, int]:
        return self._trunk

    def send(self, packet: bytes, to: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(packet, to)

    def error_received(self, exc: Exception) -> None:
        self.gone = True

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.gone = False
        with suppress(ValueError):  # keep-alives and nonsense
            said = sip_text.read(data)
            if (call := self.calls.get(said.one("call-id"))) is not None:
                call.hear(said, addr)
            elif said.method:
                self._stranger(said, addr)
            elif (asked := self._asking.get(said.branch)) is not None and not asked.done():
                asked.set_result(said)

    def _stranger(self, said: Sip, addr: tuple[str, int]) -> None:
        """What belongs to no call of ours. Whoever rings back reaches nobody here: the caller number is the office's."""
        if said.method == "ACK":
            return
        status, reason = _ASKED.get(said.method, (481, "Call/Transaction Does Not Exist"))
        self.send(sip_text.answer(said, status, reason, secrets.token_hex(6)), addr)

    async def options(self, within_s: float) -> Sip | None:
        """Is the trunk there? Its answer, with our password when it asks for it. None: silence."""
        said = await self._options(within_s, None, 1)
        asked, given = ("www-authenticate", "Authorization")
        if said is not None and said.status == 407:
            asked, given = ("proxy-authenticate", "Proxy-Authorization")
        if said is not None and said.status in (401, 407) and self.password:
            with suppress(ValueError):
                uri = f"sip:{self.host}:{self.port}"
                made = sip_text.proof(said.one(asked), "OPTIONS", uri, self.username, self.password)
                return await self._options(within_s, (given, made), 2)
        return said

    async def _options(self, within_s: float, proof: tuple[str, str] | None, cseq: int) -> Sip | None:
        branch, uri = f"z9hG4bK{secrets.token_hex(8)}", f"sip:{self.host}:{self.port}"
        host, port = self._here
        headers = [
            ("Via", f"SIP/2.0/UDP {host}:{port};branch={branch};rport"), ("Max-Forwards", "70"),
            ("From", f"<sip:{self.caller}@{self.host}>;tag={secrets.token_hex(6)}"), ("To", f"<{uri}>"),
            ("Call-ID", f"{secrets.token_hex(12)}@raksa"), ("CSeq", f"{cseq} OPTIONS"),
            ("Contact", f"<sip:{self.caller}@{host}:{port}>"), ("Accept", "application/sdp"),
        ]  # fmt: skip
        packet = sip_text.write(f"OPTIONS {uri} SIP/2.0", headers + ([proof] if proof else []))
        heard = self._asking[branch] = asyncio.get_running_loop().create_future()
        wait_s, spent_s = T1_S, 0.0
        try:
            while spent_s < within_s:
                self.send(packet, self._trunk)
                with suppress(TimeoutError):
                    return await asyncio.wait_for(asyncio.shield(heard), min(wait_s, within_s - spent_s))
                spent_s, wait_s = spent_s + wait_s, wait_s * 2
            return None
        finally:
            del self._asking[branch]

    async def close(self) -> None:
        """Whoever is still on the line is rung off."""
        await asyncio.gather(*(call.hang_up() for call in list(self.calls.values())), return_exceptions=True)
        for call in list(self.calls.values()):
            call.close()
        if self._transport is not None:
            self._transport.close()
