"""Telephone calls over a SIP trunk: the alert is said three times, and the person answers by a key. docs/channels/voice_call.md.

`send` answers HANDED_OVER when the trunk rings somebody; what became of it comes by `listen`: a Reply for each key, or FAILED
with the reason. A call that was lifted without a key proves nothing: a voicemail lifts it too.
"""

import asyncio
import os
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from pydantic import Field, SecretStr

from channels.contract import (
    Answer,
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
from channels.outcome import expired
from channels.rtp_sound import NoSound, voice
from channels.sip_call import Ended
from channels.sip_line import SipLine
from channels.sip_talk import Manner, Outcome, Talk, outcome_of

MEANS = {"1": Answer.WILL_ANNOUNCE, "2": Answer.NEED_HELP, "3": Answer.WATER_HERE}
_LINE_FREE = timedelta(seconds=3)
_TRUNK_AWAY = timedelta(seconds=10)
_PHONE = re.compile(r"\+\d{6,15}")


class _Told(NamedTuple):
    delivery_id: uuid.UUID
    event: str  # the call's own id, and which of its keys: what is told twice counts once
    key: str  # empty: none was pressed
    outcome: Outcome | None


class _Exchange:
    """What `open` yields: the socket, the calls that are on, and what became of those that ended."""

    def __init__(self, line: SipLine) -> None:
        self.line = line
        self.calls: set[asyncio.Task[None]] = set()
        self.told: asyncio.Queue[_Told] = asyncio.Queue()


class VoiceCall(Channel):
    """One trunk. `lines` are the trunk's: the chain starts no more calls than that, whatever number of workers there is."""

    batch: ClassVar[int] = 1  # a call is one person
    proof: ClassVar[Proof] = Proof.ANSWER
    needs: ClassVar[str] = "voice"

    host: str
    port: int = 5060
    username: str = ""
    password: SecretStr = SecretStr("")
    caller_id: str  # the number people see, and ring back
    dial: str = "+{national}"  # how the trunk wants a number: {national} 66812345678, {local} 0812345678
    local_host: str = ""  # our address towards the trunk; empty: found out
    local_port: int = 0
    lines: int = Field(30, ge=1, le=500)
    ring_s: float = 25.0
    repeat: int = 3
    gap_s: float = 2.0
    after_s: float = 6.0
    more_s: float = 2.5  # after a key: another may follow
    settle_s: float = 2.0  # so long the trunk may think before the call counts as handed over
    trunk_silent_s: float = 6.0
    baht_per_minute: Decimal = Decimal("1.00")  # placeholder until the contract says
    seconds_per_call: float = 45.0  # ringing and talking of a usual call, for the plan
    rate_per_s: float = 10.0

    @asynccontextmanager
    async def open(self, net: Any) -> AsyncIterator[Any]:
        """A port of ours; the trunk need not be there yet. Who is on the line when it closes is rung off."""
        line = SipLine(
            self.host, self.port, self.username, self.password.get_secret_value(), self.caller_id.removeprefix("+")
        )  # fmt: skip
        await line.open(self.local_host, self.local_port)
        exchange = _Exchange(line)
        try:
            yield exchange
        finally:
            for task in exchange.calls:
                task.cancel()
            await asyncio.gather(*exchange.calls, return_exceptions=True)
            await line.close()

    def plan(self, recipients: int) -> Plan:
        minutes = recipients * self.seconds_per_call / 60
        return Plan(recipients, minutes / self.lines, Decimal(round(minutes, 2)) * self.baht_per_minute)

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        if not isinstance(wire, _Exchange):
            raise TryLater("no port towards the trunk", _TRUNK_AWAY)
        answers: list[Receipt] = []
        for message in batch.messages:
            try:
                answers.append(await self._one(wire, batch, message, now))
            except (TryLater, ChannelBroken) as error:
                if not answers:
                    raise
                left = batch.messages[len(answers) :]
                return answers + [Receipt(m.id, ReceiptState.TRY_LATER, now, str(error)) for m in left]
        return answers

    async def _one(self, wire: _Exchange, batch: Batch, message: Message, now: datetime) -> Receipt:
        if why := self._unfit(batch, message):
            return Receipt(message.id, ReceiptState.REFUSED, now, why)
        if len(wire.calls) >= self.lines:
            raise TryLater(f"{self.name}: all {self.lines} lines are busy", _LINE_FREE)
        ended = await self._ring(wire, message)
        if ended is None:
            return Receipt(message.id, ReceiptState.HANDED_OVER, now)
        match outcome_of(ended):
            case Outcome.PASSWORD:
                raise ChannelBroken(f"{self.name}: the trunk refuses us ({ended.status} {ended.reason})")
            case Outcome.TRUNK:
                word = f"{ended.status} {ended.reason}" if ended.status else ended.reason
                raise TryLater(f"{self.name}: the trunk cannot now ({word})", _TRUNK_AWAY)
            case outcome:
                return Receipt(message.id, ReceiptState.FAILED, now, outcome.value)

    async def _ring(self, wire: _Exchange, message: Message) -> Ended | None:
        """None when the telephone rings, or the trunk has thought for `settle_s`; else why not. Its outcome is not told again."""
        settled: asyncio.Future[Ended | None] = asyncio.get_running_loop().create_future()

        def taken(ended: Ended | None) -> None:
            if not settled.done():
                settled.set_result(ended)

        talk = Talk(wire.line, self._dialled(message.address), Path(message.data["sound"]), self._manner())

        async def whole() -> None:
            outcome = await talk.run(taken)
            told_already = settled.done() and not settled.cancelled() and settled.result() is not None
            if not told_already:
                for told in _told(message.id, talk, outcome):
                    wire.told.put_nowait(told)

        task = asyncio.create_task(whole(), name="call")
        wire.calls.add(task)
        task.add_done_callback(wire.calls.discard)
        limit = asyncio.create_task(self._settle(talk), name="settle")
        try:
            await asyncio.wait((task, limit, settled), return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()
        if not settled.done():
            if task.done() and (error := task.exception()) is not None:
                raise TryLater(f"{self.name}: {type(error).__name__}", _TRUNK_AWAY) from error
            settled.set_result(None)
        return settled.result()

    async def _settle(self, talk: Talk) -> None:
        """Ends when the trunk has said Trying, and then nothing more for a while: it looks for the telephone."""
        while talk.call is None:
            await asyncio.sleep(0)
        await talk.call.trying.wait()
        await asyncio.sleep(self.settle_s)

    async def listen(self, wire: Any, now: Callable[[], datetime]) -> AsyncIterator[Receipt | Reply]:
        while isinstance(wire, _Exchange):
            told = await wire.told.get()
            if told.key:
                yield Reply(told.event, MEANS[told.key], now(), delivery_id=told.delivery_id, text=told.key)
            else:
                why = told.outcome or Outcome.VOICEMAIL
                yield Receipt(told.delivery_id, ReceiptState.FAILED, now(), why.value)

    async def probe(self, wire: Any, now: datetime) -> Health:
        if not isinstance(wire, _Exchange):
            return Health(False, "ยังไม่ได้เปิดสายโทรศัพท์", "no port towards the trunk")
        said = await wire.line.options(3.0)
        if said is None:
            return Health(
                False,
                f"ผู้ให้บริการโทรศัพท์ {self.host}:{self.port} ไม่ตอบ: ตรวจเครือข่ายและที่อยู่",
                f"the trunk {self.host}:{self.port} does not answer: check network and address",
            )
        if said.status in (401, 403, 407):
            return Health(
                False,
                "ผู้ให้บริการโทรศัพท์ไม่รับรหัส: ตรวจ username และ password",
                "the trunk refuses our password: check username and password",
            )
        if said.status >= 500 or said.status == 408:
            return Health(
                False, f"ผู้ให้บริการโทรศัพท์ขัดข้อง ({said.status})", f"the trunk is unwell ({said.status})"
            )
        busy = len(wire.calls)
        return Health(True, f"กำลังโทร {busy} จาก {self.lines} สาย", f"{busy} of {self.lines} lines in use")

    def _manner(self) -> Manner:
        return Manner(
            self.ring_s,
            self.repeat,
            self.gap_s,
            self.after_s,
            self.more_s,
            self.trunk_silent_s,
            "".join(MEANS),
        )

    def _dialled(self, address: str) -> str:
        national = address.removeprefix("+")
        return self.dial.format(national=national, local="0" + national.removeprefix("66"))

    def _unfit(self, batch: Batch, message: Message) -> str:
        if batch.exercise and not self.simulated:
            return "an exercise rings no real telephone"
        if not _PHONE.fullmatch(message.address):
            return "not a telephone number"
        sound = message.data.get("sound", "")
        if not sound:
            return "ไม่มีเสียงของการเตือนนี้ ให้คนโทร (no clips for this alert: the relay desk rings)"
        if not os.path.isabs(sound):
            return "the sound is no absolute path"
        try:
            voice(Path(sound))
        except NoSound as error:
            return f"เล่นเสียงไม่ได้ ให้คนโทร ({error}: the relay desk rings)"
        return ""


def _told(delivery_id: uuid.UUID, talk: Talk, outcome: Outcome | None) -> list[_Told]:
    call = talk.call.id if talk.call else uuid.uuid4().hex
    keyed = [
        _Told(delivery_id, f"call {call}" + (f"#{nth}" if nth else ""), key, None) for nth, key in enumerate(talk.keys)
    ]  # fmt: skip
    return keyed or [_Told(delivery_id, f"call {call}", "", outcome)]
