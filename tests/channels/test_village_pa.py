"""Loudspeakers over real MQTT on loopback, on the demo's broker (QoS 0). mosquitto: tests/services."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from channels.contract import Batch, Receipt, ReceiptState, TryLater
from channels.pa_wire import PaWire
from channels.village_pa import VillagePa
from tests.channels.cases import CASES, NOW, batch, ids
from warning.world.book import Book
from warning.world.broker import LoopbackBroker
from warning.world.towers import Mqtt, Tower, TowerPlan, Towers

S = ReceiptState


def towers_batch(*devices: str, key: str = "key-{}", **changed: Any) -> Batch:
    made = batch(list(devices))
    signed = tuple(m._replace(data={"device_key": key.format(m.address)}) for m in made.messages)
    return made._replace(messages=signed, **changed)


def plan(device: str, **changed: Any) -> TowerPlan:
    return TowerPlan(device, f"key-{device}", play_s=0.05, **changed)


def channel(host: str, port: int, **changed: Any) -> VillagePa:
    settings = {"host": host, "port": port, "qos": 0, "ack_timeout_s": 0.3, "reconnect_s": 0.1} | changed
    made = CASES["village_pa"].build("", Path("."), **settings)
    assert isinstance(made, VillagePa)
    return made


class Night:
    """A broker, some towers, our channel, and all it heard."""

    def __init__(self, pa: VillagePa, wire: PaWire, towers: Towers, book: Book) -> None:
        self.pa, self.wire, self.towers, self.book = pa, wire, towers, book
        self.heard: list[Receipt] = []

    async def listen(self) -> None:
        async for item in self.pa.listen(self.wire, lambda: NOW):
            assert isinstance(item, Receipt)
            self.heard.append(item)

    async def until(self, *states: ReceiptState, within_s: float = 5) -> None:
        async with asyncio.timeout(within_s):
            while sorted(r.state for r in self.heard if r.state is not S.ACCEPTED) != sorted(states):
                await asyncio.sleep(0.02)


@asynccontextmanager
async def night(*plans: TowerPlan, now: datetime = NOW, **changed: Any) -> AsyncIterator[Night]:
    book = Book(lambda: now)
    async with LoopbackBroker() as broker:
        towers = Towers(plans, Mqtt(broker.host, broker.port), book, lambda: now)
        await towers.start()
        pa = channel(broker.host, broker.port, **changed)
        async with pa.open(None) as wire:
            made = Night(pa, wire, towers, book)
            listening = asyncio.create_task(made.listen())
            try:
                yield made
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                await towers.stop()


async def test_devices_move_the_receipts_on() -> None:
    async with night(plan("t1"), plan("t2", mic_ok=False)) as it:
        receipts = await it.pa.send(it.wire, towers_batch("t1", "t2"), NOW)
        assert [r.state for r in receipts] == [S.HANDED_OVER] * 2  # the broker's word proves nothing
        await it.until(S.DELIVERED, S.FAILED)
        done = next(r for r in it.heard if r.state is S.DELIVERED)
        assert done.delivery_id == ids(1)[0]
        assert [a.address for a in it.book.arrivals("tower")]


@pytest.mark.parametrize("ack_timeout_s", [0.3, 60], ids=["repeated-by-time", "repeated-at-its-return"])
async def test_a_command_lost_on_the_way_is_repeated_and_played_once(ack_timeout_s: float) -> None:
    """QoS 0 to a tower that is away: lost. It comes back, the command too, and sounds once."""
    async with night(plan("t1"), ack_timeout_s=ack_timeout_s) as it:
        tower: Tower = it.towers.by_device["t1"]
        tower.cut()
        await until(lambda: it.wire.online.get("t1") is False)
        (receipt,) = await it.pa.send(it.wire, towers_batch("t1"), NOW)
        assert (receipt.state, receipt.why) == (S.HANDED_OVER, "the controller is offline")
        await it.until(S.DELIVERED)
        again = await it.pa.send(it.wire, towers_batch("t1"), NOW)  # as after a restart of ours
        assert [r.state for r in again] == [S.HANDED_OVER]
        await asyncio.sleep(0.5)
        assert len(it.book.arrivals("tower")) == 1


@pytest.mark.parametrize(
    ("made", "now", "expected"),
    [
        pytest.param(towers_batch("t1", key="stolen"), NOW, S.REFUSED, id="wrong-key"),
        pytest.param(
            towers_batch("t1"), NOW + timedelta(hours=3), S.EXPIRED, id="device-clock-past-its-time"
        ),
    ],
)
async def test_a_device_may_refuse(made: Batch, now: datetime, expected: ReceiptState) -> None:
    async with night(plan("t1"), now=now) as it:
        await it.pa.send(it.wire, made, NOW)
        await it.until(expected)
        assert it.book.arrivals("tower") == []


async def test_unfit_addresses_stop_nobody_else() -> None:
    async with night(plan("t1")) as it:
        made = towers_batch("t1", "a/b", "+", "")
        keyless = made.messages[0]._replace(id=ids(9)[8], data={})
        receipts = await it.pa.send(it.wire, made._replace(messages=(*made.messages, keyless)), NOW)
        assert [r.state for r in receipts] == [S.HANDED_OVER, *[S.REFUSED] * 4]
        await it.until(S.DELIVERED)


async def test_another_device_cannot_answer_for_it() -> None:
    async with night(plan("t1", dead=True)) as it:
        (receipt,) = await it.pa.send(it.wire, towers_batch("t1"), NOW)
        async with aiomqtt.Client(
            it.pa.host, it.pa.port, identifier="t2", protocol=aiomqtt.ProtocolVersion.V5
        ) as liar:
            await liar.publish(f"pa/t2/ack/{receipt.delivery_id}", json.dumps({"state": "done"}))
        await asyncio.sleep(0.3)
        assert it.heard == []


async def test_a_dead_tower_claims_nothing() -> None:
    async with night(plan("t1", dead=True), resend_most=3) as it:
        await until(lambda: it.wire.online.get("t1") is False)
        await it.pa.send(it.wire, towers_batch("t1"), NOW)
        await asyncio.sleep(1.2)
        assert it.heard == []
        health = await it.pa.probe(it.wire, NOW)
        assert (health.ok, health.note_en) == (True, "0 of 1 controllers online")
        assert it.pa.devices(it.wire) == {"t1": False}


async def test_expired_is_never_sent() -> None:
    async with night(plan("t1")) as it:
        receipts = await it.pa.send(it.wire, towers_batch("t1", expires_at=NOW), NOW)
        assert [r.state for r in receipts] == [S.EXPIRED]
        await asyncio.sleep(0.2)
        assert it.heard == []


async def test_no_broker_no_claim_and_back_again() -> None:
    """The worker starts without a broker; when it comes, the channel works without a restart."""
    broker = LoopbackBroker()
    await broker.start()
    port = broker.port
    await broker.stop()
    pa = channel("127.0.0.1", port)
    async with pa.open(None) as wire:
        with pytest.raises(TryLater):
            await pa.send(wire, towers_batch("t1"), NOW)
        health = await pa.probe(wire, NOW)
        assert not health.ok
        assert health.note
        broker = LoopbackBroker(port)
        await broker.start()
        await asyncio.wait_for(wire.connected.wait(), 5)
        assert [r.state for r in await pa.send(wire, towers_batch("t1"), NOW)] == [S.HANDED_OVER]
        await broker.stop()


async def until(true: Any, within_s: float = 5) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)
