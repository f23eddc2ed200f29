"""Loudspeakers on a real mosquitto: QoS 1, sessions, expiry, wills, users and their rights."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiomqtt
import pytest
from pydantic import SecretStr

from channels.contract import Batch, Message, Receipt, ReceiptState, TryLater
from channels.pa_wire import PaWire
from channels.village_pa import VillagePa
from tests.services.require import free_ports, require
from tests.services.running import listening, running
from warning.world.book import Book
from warning.world.towers import Mqtt, TowerPlan, Towers

pytestmark = pytest.mark.service

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
S = ReceiptState
DEVICES = ("t1", "t2", "t3")

CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
persistence false
user root
"""
ACL = """\
user server
topic write pa/+/cmd/#
topic read pa/+/state
topic read pa/+/ack/+

pattern read pa/%u/cmd/#
pattern write pa/%u/state
pattern write pa/%u/ack/#
"""


class Office:
    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.book = Book(lambda: NOW)
        self.heard: list[Receipt] = []

    def channel(self, **changed: Any) -> VillagePa:
        settings: dict[str, Any] = {
            "username": "server",
            "password": SecretStr("pw-server"),
            "ack_timeout_s": 30.0,  # the broker's own queue is to do it here, not our repeating
            "reconnect_s": 0.1,
        }
        made = settings | changed
        return VillagePa(kind="village_pa", name="pa", host="127.0.0.1", port=self.port, **made)

    @asynccontextmanager
    async def towers(self, *devices: str) -> AsyncIterator[Towers]:
        plans = [TowerPlan(device, f"key-{device}", play_s=0.05) for device in devices]
        passwords = {device: f"pw-{device}" for device in DEVICES}
        mqtt = Mqtt("127.0.0.1", self.port, qos=1, passwords=passwords)
        towers = Towers(plans, mqtt, self.book, lambda: NOW)
        await towers.start()
        try:
            yield towers
        finally:
            await towers.stop()

    @asynccontextmanager
    async def open(self, channel: VillagePa) -> AsyncIterator[PaWire]:
        async with channel.open(None) as wire:
            task = asyncio.create_task(self._listen(channel, wire))
            try:
                yield wire
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _listen(self, channel: VillagePa, wire: PaWire) -> None:
        async for item in channel.listen(wire, lambda: NOW):
            assert isinstance(item, Receipt)
            self.heard.append(item)

    def delivered(self) -> int:
        return len({r.delivery_id for r in self.heard if r.state is S.DELIVERED})


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    broker, passwd = require("mosquitto"), require("mosquitto_passwd")
    (port,) = free_ports(1)
    (tmp_path / "acl").write_text(ACL)
    (tmp_path / "m.conf").write_text(CONFIG.format(port=port, folder=tmp_path))
    (tmp_path / "passwords").write_text("".join(f"{who}:pw-{who}\n" for who in ("server", *DEVICES)))
    async with AsyncExitStack() as stack:
        hashed = await asyncio.create_subprocess_exec(passwd, "-U", str(tmp_path / "passwords"))
        assert await hashed.wait() == 0
        await stack.enter_async_context(running(broker, "-c", "m.conf", folder=tmp_path, log="mosquitto.log"))
        await listening(port)
        yield Office(port, tmp_path)


def batch(*devices: str, for_s: float = 600) -> Batch:
    messages = tuple(Message(uuid4(), d, "ประกาศ", data={"device_key": f"key-{d}"}) for d in devices)
    return Batch(uuid4(), uuid4(), "Extreme", False, messages, NOW + timedelta(seconds=for_s))


async def until(true: Callable[[], bool], within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


async def test_every_tower_plays_once_and_says_so(office: Office) -> None:
    channel = office.channel()
    async with office.towers(*DEVICES), office.open(channel) as wire:
        receipts = await channel.send(wire, batch(*DEVICES), NOW)
        assert [r.state for r in receipts] == [S.HANDED_OVER] * 3
        await until(lambda: office.delivered() == 3)
        assert office.book.addresses("tower") == set(DEVICES)
        assert office.book.repeats() == []


async def test_a_command_waits_at_the_broker_for_a_tower_that_is_away(office: Office) -> None:
    """QoS 1 and the device's session: nobody repeats, the broker keeps it."""
    channel = office.channel()
    async with office.open(channel) as wire:
        async with office.towers("t1"):
            pass
        await channel.send(wire, batch("t1"), NOW)
        await asyncio.sleep(0.3)
        assert office.heard == []
        async with office.towers("t1"):
            await until(lambda: office.delivered() == 1)


async def test_an_expired_command_is_dropped_by_the_broker(office: Office) -> None:
    channel = office.channel()
    async with office.open(channel) as wire:
        async with office.towers("t1"):
            pass
        await channel.send(wire, batch("t1", for_s=1), NOW)
        await asyncio.sleep(2.2)
        # The device's own clock stands still here: had the broker kept it, it would have played.
        async with office.towers("t1"):
            await asyncio.sleep(0.6)
            assert office.heard == []
            assert office.book.arrivals("tower") == []


async def test_acks_wait_for_an_office_that_restarts(office: Office) -> None:
    """With a fixed client id the session outlives the worker."""
    channel = office.channel(client_id="raksa-pa")
    made = batch("t1")
    async with office.towers("t1") as towers:
        async with office.open(channel) as wire:
            await channel.send(wire, made, NOW)
        await until(lambda: towers.by_device["t1"].heard == [str(made.messages[0].id)])
        assert office.delivered() == 0
        async with office.open(channel):
            await until(lambda: office.delivered() == 1)


async def test_the_will_tells_who_is_gone(office: Office) -> None:
    channel = office.channel()
    async with office.towers("t1") as towers, office.open(channel) as wire:
        await until(lambda: channel.devices(wire).get("t1") is True)
        seen: list[bool] = []
        towers.by_device["t1"].cut()
        async with asyncio.timeout(5):
            while not seen or seen[-1]:
                seen.append(channel.devices(wire)["t1"])
                await asyncio.sleep(0.005)
        await until(lambda: channel.devices(wire)["t1"])  # and is back


async def test_a_device_cannot_speak_for_another(office: Office) -> None:
    """The broker's rights hold even where our own memory of who was asked is gone."""
    channel = office.channel()
    made = batch("t1")
    async with office.open(channel):
        async with aiomqtt.Client(
            "127.0.0.1", office.port, username="t2", password="pw-t2", protocol=aiomqtt.ProtocolVersion.V5
        ) as liar:
            done = json.dumps({"state": "done"})
            await liar.publish(f"pa/t1/ack/{made.messages[0].id}", done, qos=1)
            await liar.publish("pa/t1/state", json.dumps({"online": True}), qos=1, retain=True)
            await liar.publish("pa/t1/cmd/play", done, qos=1)
        await asyncio.sleep(0.4)
        assert office.heard == []
        async with office.open(channel) as wire:
            await asyncio.sleep(0.3)
            assert channel.devices(wire) == {}


async def test_a_wrong_password_is_told(office: Office) -> None:
    channel = office.channel(password=SecretStr("wrong"), connect_s=0.5)
    async with office.open(channel) as wire:
        health = await channel.probe(wire, NOW)
        assert not health.ok
        assert "wrong" not in health.note + health.note_en
        with pytest.raises(TryLater):
            await channel.send(wire, batch("t1"), NOW)
