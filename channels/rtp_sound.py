"""The voice of a call: a WAV as G.711 over RTP (RFC 3550, 3551), and the keys people press (RFC 4733).

Twenty milliseconds a packet, by the clock of the loop; a late packet is followed by the next at once, so that no voice slows.
"""

import asyncio
import math
import secrets
import struct
import wave
from array import array
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

RATE = 8000
FRAME = 160  # samples: 20 ms
FRAME_S = FRAME / RATE
PCMU, PCMA = 0, 8
_KEYS = "0123456789*#ABCD"
_LONGEST_S = 300


class NoSound(ValueError):
    """The file is not there, or is not 8 kHz mono 16 bit."""


def _ulaw(sample: int) -> int:
    mask, size = (0x7F, -(sample >> 2)) if sample < 0 else (0xFF, sample >> 2)
    size = min(size, 8158) + 33
    exponent = size.bit_length() - 6
    return (exponent << 4 | (size >> exponent + 1 & 15)) ^ mask


def _alaw(sample: int) -> int:
    sign, size = (0x80, sample >> 3) if sample >= 0 else (0, ~sample >> 3)
    exponent = max(0, size.bit_length() - 5)
    code = exponent << 4 | (size >> max(1, exponent) & 15)
    return (sign | code) ^ 0x55


@lru_cache(maxsize=2)
def _table(payload: int) -> bytes:
    code = _ulaw if payload == PCMU else _alaw
    return bytes(code(n - 65536 if n > 32767 else n) for n in range(65536))


def encoded(samples: "array[int]", payload: int) -> bytes:
    """16 bit samples as G.711. payload: PCMU or PCMA."""
    table = _table(payload)
    return bytes(table[sample & 0xFFFF] for sample in samples)


def tone(hertz: float, seconds: float) -> "array[int]":
    """What says that a key was heard."""
    return array(
        "h", (int(9000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(int(seconds * RATE)))
    )


@lru_cache(maxsize=64)
def _voice(path: str, payload: int, changed: float) -> bytes:
    with wave.open(path, "rb") as found:
        if (found.getframerate(), found.getnchannels(), found.getsampwidth()) != (RATE, 1, 2):
            raise NoSound("not 8 kHz, mono, 16 bit")
        if found.getnframes() > _LONGEST_S * RATE:
            raise NoSound(f"longer than {_LONGEST_S} s")
        samples = array("h", found.readframes(found.getnframes()))
    return encoded(samples, payload)


def voice(path: Path, payload: int = PCMA) -> bytes:
    """The file as G.711, kept for the next calls of the same alert. Raises NoSound."""
    try:
        return _voice(str(path), payload, path.stat().st_mtime)
    except (OSError, EOFError, wave.Error) as error:
        raise NoSound(f"no sound: {type(error).__name__}") from error


def key_of(packet: bytes, events: int) -> tuple[str, int] | None:
    """(key, when it was pressed in their ticks) of a telephone-event packet; the several packets of one press share the time.

    events: the payload type both sides agreed upon."""
    if len(packet) < 16 or packet[0] >> 6 != 2 or packet[1] & 0x7F != events:
        return None
    start = 12 + 4 * (packet[0] & 15)
    if packet[0] & 0x10:  # an extension of the header
        if len(packet) < start + 4:
            return None
        start += 4 + 4 * int(struct.unpack_from("!H", packet, start + 2)[0])
    if len(packet) < start + 4 or packet[start] >= len(_KEYS):
        return None
    return _KEYS[packet[start]], int(struct.unpack_from("!I", packet, 4)[0])


class Rtp(asyncio.DatagramProtocol):
    """One call's port: speaks to where the other side's SDP says, and hears keys only."""

    def __init__(self, pressed: Callable[[str], None]) -> None:
        self._pressed = pressed
        self._transport: Any = None
        self._to: tuple[str, int] | None = None
        self._last: int | None = None
        self._sequence, self._stamp = secrets.randbelow(2**15), secrets.randbelow(2**31)
        self._source = secrets.randbits(32)
        self._payload, self._events = PCMA, 101
        self._first = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        found = key_of(data, self._events)
        if found is not None and found[1] != self._last:
            self._last = found[1]
            self._pressed(found[0])

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there (yet): the call's own end says more."""

    def agreed(self, to: tuple[str, int], payload: int, events: int) -> None:
        self._to, self._payload, self._events = to, payload, events

    async def play(self, voice: bytes) -> None:
        """Returns when the last packet is out."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for start in range(0, len(voice), FRAME):
            self._send(voice[start : start + FRAME])
            due += FRAME_S
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)

    async def pause(self, seconds: float) -> None:
        """Silence is sent too: some gateways end a call that falls silent."""
        quiet = encoded(array("h", [0]), self._payload)
        await self.play(quiet * int(seconds * RATE))

    @property
    def payload(self) -> int:
        return self._payload

    def _send(self, frame: bytes) -> None:
        if self._to is not None and self._transport is not None and not self._transport.is_closing():
            mark = 0x80 if self._first else 0
            head = struct.pack(
                "!BBHII", 0x80, mark | self._payload, self._sequence & 0xFFFF, self._stamp, self._source
            )
            self._transport.sendto(head + frame, self._to)
            self._first = False
        self._sequence += 1
        self._stamp = (self._stamp + len(frame)) & 0xFFFFFFFF

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def offer(host: str, port: int) -> bytes:
    """What we can: A-law first (Thailand's network), mu-law, and keys."""
    return (
        f"v=0\r\no=raksa {port} 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 0 101\r\n"
        "a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
        "a=ptime:20\r\na=sendrecv\r\n"
    ).encode()


def chosen(body: bytes) -> tuple[tuple[str, int], int, int]:
    """Where to speak, in which law, and the number of key events, of the other side's SDP. Raises ValueError."""
    host, port, payloads, events = "", 0, [], 101
    for line in body.decode(errors="replace").splitlines():
        words = line[2:].split()
        if line.startswith("c=IN IP4 ") and len(words) >= 3:
            host = words[2].partition("/")[0]
        elif line.startswith("m=audio ") and len(words) >= 4:
            port, payloads = int(words[1]), [int(w) for w in words[3:] if w.isdecimal()]
        elif (
            line.startswith("a=rtpmap:")
            and len(words) == 2
            and words[1].lower().startswith("telephone-event/")
        ):
            events = int(words[0].removeprefix("rtpmap:"))
    law = next((p for p in payloads if p in (PCMA, PCMU)), None)
    if not host or not port or law is None:
        raise ValueError("no voice both sides can speak")
    return (host, port), law, events
