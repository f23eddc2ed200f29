"""Village loudspeakers that play by themselves, over MQTT 5. Device contract: docs/channels/village_pa.md.

The broker's word is no proof: a command taken by the broker is HANDED_OVER, and the device's own acks move it
on. A tower that is only a microphone in somebody's house gets nothing from here: its key-holder is a contact,
and gets the script to read aloud by LINE, SMS or call (docs/channels/keyholder.md).
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal

import aiomqtt
from pydantic import Field, SecretStr

from channels import pa_command
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
from channels.pa_wire import Broker, PaWire, end

_SOON = timedelta(seconds=2)
_TEST_WITHIN = timedelta(minutes=20)
_STOP_WITHIN = timedelta(minutes=10)


class VillagePa(Channel):
    """All towers behind one broker. QoS 1 in production; 0 only for a broker that knows no better."""

    batch: ClassVar[int] = 100
    proof: ClassVar[Proof] = Proof.DEVICE
    needs: ClassVar[str] = "tower"
    dedupes: ClassVar[bool] = True  # a device plays an id once

    host: str
    port: int = 1883
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = False
    qos: Literal[0, 1] = 1
    client_id: str | None = None  # fixed: for a single worker; its session then outlives a restart
    keepalive_s: int = 30
    repeat: int = 3
    gap_s: int = 8
    volume: int = 100  # percent
    connect_s: float = 3.0  # the worker waits so long for the broker, then goes on without
    reconnect_s: float = 1.0
    ack_timeout_s: float = 5.0  # no word of the device: the command goes out once more, the same
    resend_most: int = 60
    self_tests: bool = True  # silent each day, audible each month; never in an exercise
    silent_test_at: Literal["06:00", "10:00", "14:00", "22:00"] = (
        "10:00"  # Bangkok; the office sees what is broken
    )
    audible_test_at: Literal["08:00", "18:00"] = "08:00"  # with the flag, or when people are home
    audible_test_day: int = Field(1, ge=1, le=28)
    dead_after: timedelta = timedelta(days=3)  # not heard of for so long: the village counts as not covered

    @asynccontextmanager
    async def open(self, net: Any) -> AsyncIterator[PaWire]:
        wire = PaWire(self._broker())
        running = asyncio.create_task(wire.run(), name=f"mqtt {self.name}")
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(wire.connected.wait(), self.connect_s)
            yield wire
        finally:
            await end(running)

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, minutes=recipients / self.batch / self.rate_per_s / 60, baht=Decimal(0))

    async def send(self, wire: PaWire, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        if not wire.connected.is_set():
            raise TryLater(f"{self.name}: the broker is not there ({wire.why_not})", _SOON)
        # All at once: waiting for the broker's word after each would be a round trip a village.
        return list(
            await asyncio.gather(*(self._one(wire, batch, message, now) for message in batch.messages))
        )

    async def _one(self, wire: PaWire, batch: Batch, message: Message, now: datetime) -> Receipt:
        if why := self._unfit(message, batch):
            return Receipt(message.id, ReceiptState.REFUSED, now, why=why)
        try:
            await self._play(wire, batch, message, now)
        except aiomqtt.MqttError as error:
            return self._handed_over(wire, message, str(error) or type(error).__name__, now)
        return self._handed_over(wire, message, "", now)

    async def listen(self, wire: PaWire, now: Callable[[], datetime]) -> AsyncIterator[Receipt | Reply]:
        while True:
            command_id, payload = await wire.acks.get()
            if (receipt := pa_command.read_ack(command_id, payload, now())) is not None:
                yield receipt

    async def probe(self, wire: PaWire, now: datetime) -> Health:
        if not wire.connected.is_set():
            return Health(
                False,
                f"ต่อ MQTT broker ที่ {self.host}:{self.port} ไม่ได้: ตรวจว่าทำงานอยู่และรหัสถูกต้อง",
                f"no broker at {self.host}:{self.port} ({wire.why_not}): running? right password?",
            )
        there = sum(wire.online.values())
        note = f"หอกระจายข่าวออนไลน์ {there} จาก {len(wire.online)}"
        return Health(True, note, f"{there} of {len(wire.online)} controllers online")

    async def test(
        self,
        wire: PaWire,
        device: str,
        test_id: uuid.UUID,
        mode: Literal["silent", "audible"],
        key: str,
        now: datetime,
    ) -> None:
        """Ask one device to try itself. key: the device's test key. Raises aiomqtt.MqttError."""
        order = pa_command.self_test(test_id, mode, now=now, not_after=now + _TEST_WITHIN)
        signed = pa_command.signed(order, key)
        await wire.command("test", device, str(order["id"]), signed, _TEST_WITHIN.total_seconds())

    async def stop(
        self, wire: PaWire, keys: Mapping[str, str], now: datetime, alert: str = ""
    ) -> dict[str, str]:
        """Silence devices (device -> its key): one alert, or all that sounds. Answers device -> why not, for those not told."""
        not_told: dict[str, str] = {}
        for device, key in keys.items():
            command_id = f"stop-{uuid.uuid4()}"  # its ack is no delivery's
            order = pa_command.stop(command_id, now=now, not_after=now + _STOP_WITHIN, alert=alert)
            try:
                signed = pa_command.signed(order, key)
                await wire.command("stop", device, command_id, signed, _STOP_WITHIN.total_seconds())
            except aiomqtt.MqttError as error:
                not_told[device] = str(error) or type(error).__name__
        return not_told

    @staticmethod
    def devices(wire: PaWire) -> Mapping[str, bool]:
        """Device -> online, by its own retained word or its will; a device never heard of is not in it."""
        return dict(wire.online)

    async def _play(self, wire: PaWire, batch: Batch, message: Message, now: datetime) -> None:
        order = pa_command.command(
            batch, message, now=now, repeat=self.repeat, gap_s=self.gap_s, volume=self.volume
        )
        payload = pa_command.signed(order, message.data["device_key"])
        left_s = (batch.expires_at - now).total_seconds()
        await wire.command("play", message.address, str(message.id), payload, left_s)

    def _unfit(self, message: Message, batch: Batch) -> str:
        if batch.exercise and not self.simulated:
            return "an exercise reaches no real loudspeaker"
        if not pa_command.DEVICE.fullmatch(message.address):
            return "not a device id"
        return "" if message.data.get("device_key") else "no key of this device"

    def _handed_over(self, wire: PaWire, message: Message, broken: str, now: datetime) -> Receipt:
        if broken:
            return Receipt(message.id, ReceiptState.TRY_LATER, now, why=broken, retry_after=_SOON)
        why = "the controller is offline" if wire.online.get(message.address) is False else ""
        return Receipt(message.id, ReceiptState.HANDED_OVER, now, why=why)

    def _broker(self) -> Broker:
        return Broker(
            host=self.host,
            port=self.port,
            username=self.username,
            password=self.password.get_secret_value() if self.password else None,
            client_id=self.client_id or f"raksa-{self.name}-{uuid.uuid4().hex[:8]}",
            lasting=self.client_id is not None,
            qos=self.qos,
            keepalive_s=self.keepalive_s,
            tls=self.tls,
            reconnect_s=self.reconnect_s,
            resend_s=self.ack_timeout_s,
            resend_most=self.resend_most,
        )
