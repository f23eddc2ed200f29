"""One TCP connection to an SMSC: bytes in, whole PDUs out. `ready` is called when there is room to write or an answer came."""

import asyncio
from collections.abc import Callable

from channels import smpp_pdu as smpp
from channels.smpp_pdu import Status


class Link(asyncio.Protocol):
    """Bytes in, PDUs out; one TCP connection."""

    def __init__(self, heard: "Callable[[Link, smpp.Pdu], None]", ready: Callable[[], None]) -> None:
        self._heard, self._ready = heard, ready
        self.loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[None] = self.loop.create_future()
        self.bind_status: asyncio.Future[int] = self.loop.create_future()
        self.heard_at = self.loop.time()
        self.full = False
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        self._buffer += data
        try:
            for pdu in smpp.cut(self._buffer):
                self._heard(self, pdu)
        except ValueError:
            self.close()
            return
        self._ready()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
        if not self.bind_status.done():
            self.bind_status.set_result(Status.SYSTEM_ERROR)

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False
        self._ready()

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
