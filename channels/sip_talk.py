"""One telephone call from the first ring to its outcome: ring, say it three times, hear the keys, say that they were heard.

A receiver that was lifted proves nothing: a voicemail lifts it too. Only a key is a person.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from channels import rtp_sound
from channels.sip_call import Call, Ended
from channels.sip_line import SipLine

_HEARD = rtp_sound.tone(880, 0.35)


class Outcome(StrEnum):
    """Why a call brought no key. The words stand in the ledger as they are."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    VOICEMAIL = "voicemail"  # answered, no key: a machine, or somebody who did not understand. No proof.
    WRONG_NUMBER = "wrong_number"
    AWAY = "away"  # switched off, out of reach
    TRUNK = "trunk"  # the trunk could not carry it: nobody was rung
    PASSWORD = "password"  # noqa: S105 - the trunk refuses ours


_SAID = {
    486: Outcome.BUSY, 600: Outcome.BUSY, 603: Outcome.DECLINED, 607: Outcome.DECLINED, 404: Outcome.WRONG_NUMBER,
    410: Outcome.WRONG_NUMBER, 484: Outcome.WRONG_NUMBER, 604: Outcome.WRONG_NUMBER, 480: Outcome.AWAY,
    408: Outcome.NO_ANSWER, 487: Outcome.NO_ANSWER, 401: Outcome.PASSWORD, 407: Outcome.PASSWORD, 403: Outcome.PASSWORD,
}  # fmt: skip


def outcome_of(ended: Ended) -> Outcome:
    """What a final answer of SIP means for the person who was rung."""
    return _SAID.get(ended.status, Outcome.TRUNK)


@dataclass(frozen=True)
class Manner:
    """How a call is made; times in seconds."""

    ring_s: float = 25.0
    repeat: int = 3
    gap_s: float = 2.0  # a key may be pressed at any time
    after_s: float = 6.0  # silence at the end, for whoever looks for the key
    more_s: float = 2.5  # after a key: another one may follow (water is here, and I announce)
    trunk_silent_s: float = 6.0
    keys: str = "123"


class Talk:
    """A call in the making. `said` (the keys, in their order) grows while it lasts."""

    def __init__(self, line: SipLine, number: str, sound: Path, manner: Manner) -> None:
        self._line, self._number, self._sound, self._manner = line, number, sound, manner
        self.keys: list[str] = []
        self._pressed = asyncio.Event()
        self.call: Call | None = None

    def _press(self, key: str) -> None:
        if key in self._manner.keys and key not in self.keys:
            self.keys.append(key)
            self._pressed.set()

    async def run(self, taken: Callable[[Ended | None], None]) -> Outcome | None:
        """Until the line is free again. None: a key was pressed (`keys`). taken(ended): called once, when the trunk rings
        somebody (None) or has said no.

        Raises OSError where this machine has no port left.
        """
        loop = asyncio.get_running_loop()
        transport, rtp = await loop.create_datagram_endpoint(
            lambda: rtp_sound.Rtp(self._press), local_addr=(self._line.here[0], 0)
        )
        port = int(transport.get_extra_info("sockname")[1])
        call = self.call = Call(
            self._line, self._number, rtp_sound.offer(self._line.here[0], port), self._press
        )
        self._line.calls[call.id] = call
        try:
            call.begin(self._manner.trunk_silent_s)
            await call.taken.wait()
            taken(call.ended)
            return await self._rung(call, rtp)
        finally:
            with suppress(asyncio.CancelledError):
                await asyncio.shield(self._put_down(call, rtp))

    async def _put_down(self, call: Call, rtp: rtp_sound.Rtp) -> None:
        await call.hang_up()
        rtp.close()
        call.close()
        self._line.calls.pop(call.id, None)

    async def _rung(self, call: Call, rtp: rtp_sound.Rtp) -> Outcome | None:
        await _first(self._manner.ring_s, call.answered, call.over)
        if not call.answered.is_set() and not call.over.is_set():
            await call.stop_ringing()
        if not call.answered.is_set():
            return outcome_of(call.ended or Ended(487))
        try:
            rtp.agreed(*rtp_sound.chosen(call.answer_sdp))
            voice = rtp_sound.voice(self._sound, rtp.payload)
        except ValueError:
            return Outcome.TRUNK
        speaking = asyncio.create_task(self._speak(rtp, voice))
        try:
            await _first(None, self._pressed, call.over, speaking)
        finally:
            speaking.cancel()
        if not self.keys:
            return Outcome.VOICEMAIL
        while not call.over.is_set():
            self._pressed.clear()
            await rtp.play(rtp_sound.encoded(_HEARD, rtp.payload))
            if not await _first(self._manner.more_s, self._pressed, call.over) or not self._pressed.is_set():
                break
        return None

    async def _speak(self, rtp: rtp_sound.Rtp, voice: bytes) -> None:
        for nth in range(self._manner.repeat):
            await rtp.pause(self._manner.gap_s if nth else 0.3)
            await rtp.play(voice)
        await rtp.pause(self._manner.after_s)


async def _first(within_s: float | None, *what: "asyncio.Event | asyncio.Task[None]") -> bool:
    """Wait until one of them is so. False: none within that time."""
    waits = [asyncio.create_task(w.wait()) if isinstance(w, asyncio.Event) else w for w in what]
    done, _ = await asyncio.wait(waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    for event, wait in zip(what, waits, strict=True):
        if isinstance(event, asyncio.Event):
            wait.cancel()
    return bool(done)
