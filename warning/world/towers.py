"""Village loudspeaker controllers: MQTT 5 clients that check a signed command, play it and say so.

Topics: pa/<device>/cmd/play|stop|test, pa/<device>/state (retained, with a will),
pa/<device>/ack/<command id>. Acks: received -> playing -> done{seconds, mic_ok} | refused{why}. A
command repeated under its own id (the sender missed an ack) is not played again: its last ack is said
once more.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from warning.world.book import Book
from warning.world.serving import end
from warning.world.tower_command import Refused, accept

SESSION_S = 86400  # the broker keeps commands for a tower that is away (mosquitto; not the demo's broker)


@dataclass(frozen=True)
class Mqtt:
    """Where and how the towers connect. `passwords` by device, for a broker that asks."""

    host: str
    port: int
    qos: int = 0
    keepalive_s: int = 30
    passwords: dict[str, str] | None = None
    reconnect_s: float = 0.5


@dataclass(frozen=True)
class TowerPlan:
    device: str
    key: str
    homes: int = 0  # homes in earshot
    dead: bool = False  # was once there, has no power tonight
    play_s: float = 0.5  # wall seconds a play takes
    seconds: float = 38.0  # what it reports as played
    mic_ok: bool | None = True  # None: no microphone
    test_key: str = ""  # signs self-tests; without one it takes none
    battery_v: float = 12.6
    amplifier: bool = True


class Tower:
    def __init__(self, plan: TowerPlan, mqtt: Mqtt, book: Book, now: Callable[[], datetime]) -> None:
        self.plan, self._mqtt, self._book, self._now = plan, mqtt, book, now
        self.last_seq = -1
        self.last_test_seq = -1
        self.heard: list[str] = []  # ids of commands really played to the end
        self.online = asyncio.Event()
        self._said: dict[str, dict[str, Any]] = {}
        self._playing: dict[str, asyncio.Task[None]] = {}
        self._client: aiomqtt.Client | None = None

    async def run(self) -> None:
        """Live until cancelled, back when the line breaks. A dead one loses power after its hello."""
        try:
            while True:
                with contextlib.suppress(aiomqtt.MqttError):
                    await self._live()
                self.online.clear()
                if self.plan.dead:
                    return
                await asyncio.sleep(self._mqtt.reconnect_s)
        finally:
            await self._silence()

    def cut(self) -> None:
        """The socket breaks without a goodbye: the broker publishes the will."""
        wire = self._client._client.socket() if self._client is not None else None
        if isinstance(wire, socket.socket):
            wire.shutdown(socket.SHUT_RDWR)

    async def _live(self) -> None:
        device, mqtt = self.plan.device, self._mqtt
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_S
        secret = (mqtt.passwords or {}).get(device)
        will = aiomqtt.Will(f"pa/{device}/state", json.dumps({"online": False}), qos=mqtt.qos, retain=True)
        async with aiomqtt.Client(
            mqtt.host, mqtt.port, identifier=device, protocol=aiomqtt.ProtocolVersion.V5, will=will,
            clean_start=False, keepalive=mqtt.keepalive_s, properties=properties, timeout=5,
            username=device if secret is not None else None, password=secret,
        ) as client:  # fmt: skip
            self._client = client
            await client.subscribe(f"pa/{device}/cmd/#", qos=mqtt.qos)
            await self._state()
            self.online.set()
            if self.plan.dead:
                self.cut()
            async for message in client.messages:
                verb = str(message.topic).rsplit("/", 1)[1]
                await self._obey(verb, bytes(message.payload) if isinstance(message.payload, bytes) else b"")

    async def _obey(self, verb: str, raw: bytes) -> None:
        try:
            said = json.loads(raw)
            again = said.get("id") if isinstance(said, dict) else None
        except ValueError:
            again = None
        try:
            key, last = self.plan.key, self.last_seq
            if verb == "test":
                key, last = self.plan.test_key, self.last_test_seq
            command = accept(raw, key, last, self._now(), verb)
        except Refused as refused:
            if refused.why == "old seq" and again in self._said:
                self._book.turn_away("tower", "repeated command")
                await self._send(again, self._said[again])
                return
            self._book.turn_away("tower", refused.why)
            if refused.command_id is not None:
                await self._ack(refused.command_id, "refused", why=refused.why)
            return
        if verb == "test":
            self.last_test_seq = command["seq"]
        else:
            self.last_seq = command["seq"]
        if again in self._said and self._said[again]["state"] != "refused":
            self._book.turn_away("tower", "repeated command")
            await self._send(again, self._said[again])
            return
        await self._ack(command["id"], "received")
        match verb:
            case "play":
                self._start(command, raw.decode())
            case "stop":
                stopped = list(self._playing)
                await self._silence()
                for name in stopped:
                    await self._ack(name, "refused", why="stopped")
                await self._ack(command["id"], "done", seconds=0.0)
            case "test":
                audible = (
                    {"seconds": 8.0, "mic_ok": self.plan.mic_ok} if command.get("mode") == "audible" else {}
                )
                state = {
                    "amplifier": self.plan.amplifier,
                    "battery_v": self.plan.battery_v,
                    "mic": self.plan.mic_ok,
                }
                await self._ack(command["id"], "done", **state, **audible)
            case _:
                await self._ack(command["id"], "refused", why="unknown command")

    def _start(self, command: dict[str, Any], text: str) -> None:
        name = command["id"]
        task = asyncio.create_task(self._play(name, text, command), name=f"play {self.plan.device}")
        self._playing[name] = task
        task.add_done_callback(lambda _: self._playing.pop(name, None))

    async def _play(self, name: str, text: str, command: dict[str, Any]) -> None:
        with contextlib.suppress(aiomqtt.MqttError):
            await self._ack(name, "playing")
        await asyncio.sleep(self.plan.play_s)
        # A horn that sounds is heard in the village, whether or not the line for the ack still stands.
        self._book.record("tower", [self.plan.device], name, text, command)
        self.heard.append(name)
        proof = {} if self.plan.mic_ok is None else {"mic_ok": self.plan.mic_ok}
        with contextlib.suppress(aiomqtt.MqttError):
            await self._ack(name, "done", seconds=self.plan.seconds, **proof)

    async def _silence(self) -> None:
        await end(list(self._playing.values()))

    async def _ack(self, name: str, state: str, **more: object) -> None:
        said = {"id": name, "state": state, "at": self._now().isoformat(), **more}
        if more.get("why") not in (
            "bad signature",
            "old seq",
        ):  # a stranger's words must not shadow a true ack
            self._said[name] = said
        await self._send(name, said)

    async def _send(self, name: str, said: dict[str, Any]) -> None:
        if self._client is not None:
            topic = f"pa/{self.plan.device}/ack/{name}"
            await self._client.publish(topic, json.dumps(said), qos=self._mqtt.qos)

    async def _state(self) -> None:
        state = {"online": True, "at": self._now().isoformat(), "seq": self.last_seq}
        if self._client is not None:
            topic = f"pa/{self.plan.device}/state"
            await self._client.publish(topic, json.dumps(state), qos=self._mqtt.qos, retain=True)


class Towers:
    """All towers of the night, one task each."""

    def __init__(
        self, plans: Iterable[TowerPlan], mqtt: Mqtt, book: Book, now: Callable[[], datetime]
    ) -> None:
        self.by_device = {plan.device: Tower(plan, mqtt, book, now) for plan in plans}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def keys(self) -> dict[str, str]:
        return {device: tower.plan.key for device, tower in self.by_device.items()}

    async def start(self, within_s: float = 10.0) -> None:
        """Connect all; returns when each has said hello. Raises TimeoutError when some cannot."""
        towers = self.by_device.values()
        self._tasks = [asyncio.create_task(t.run(), name=f"tower {t.plan.device}") for t in towers]
        living = [t.online.wait() for t in towers if not t.plan.dead]
        try:
            async with asyncio.timeout(within_s):
                await asyncio.gather(*living)
        except TimeoutError:
            await self.stop()
            raise

    async def stop(self) -> None:
        await end(self._tasks)
        self._tasks = []
