"""One connection to the MQTT broker that comes back by itself and repeats a command until it is answered.

Repeating is safe: the same command has the same id, and a device plays an id once. It is needed where the
broker does QoS 0 only (the demo's), and after a broker that lost its memory.
"""

import asyncio
import ssl
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from channels import pa_command

_SESSION_S = 86_400  # acks that come while we are away wait at the broker
_PENDING = 1000
_REMEMBERED = 20_000  # commands whose device we know, to refuse another device's ack for them


@dataclass(frozen=True)
class Broker:
    host: str
    port: int
    username: str | None
    password: str | None
    client_id: str
    lasting: bool  # a fixed client id: one worker, whose session outlives it
    qos: int
    keepalive_s: int
    tls: bool
    reconnect_s: float
    resend_s: float
    resend_most: int


@dataclass
class _Unanswered:
    device: str
    verb: str
    payload: bytes
    ends: float  # not_after, on the loop's clock
    tries: int = 1


async def end(task: asyncio.Task[None]) -> None:
    """Cancel and wait until it is gone. Again and again: `asyncio.wait_for` of Python 3.11, which aiomqtt uses, may
    swallow a cancel, and an office that then waits for the task never stops."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)


class PaWire:
    """`run` lives as long as the worker. `acks` are (command id, payload), in the order they came."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._client: aiomqtt.Client | None = None
        self._unanswered: dict[str, _Unanswered] = {}
        self._device_of: OrderedDict[str, str] = OrderedDict()
        self.connected = asyncio.Event()
        self.online: dict[str, bool] = {}  # device -> its last word, or its will
        self.acks: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.tests: OrderedDict[str, tuple[str, bytes]] = OrderedDict()  # test id -> device, its newest word
        self.heard: set[str] = set()  # devices that said something of their own, until somebody takes them
        self.why_not = "not connected yet"

    async def run(self) -> None:
        """Connect, listen, and begin again when the line breaks. Ends only when cancelled."""
        while True:
            try:
                await self._live()
            except (aiomqtt.MqttError, OSError) as error:
                self.why_not = str(error) or type(error).__name__
            finally:
                self._client = None
                self.connected.clear()
            await asyncio.sleep(self._broker.reconnect_s)

    async def command(self, verb: str, device: str, command_id: str, payload: bytes, left_s: float) -> None:
        """Publish one command and remember it until the device answers. Raises aiomqtt.MqttError."""
        self._device_of[command_id] = device
        while len(self._device_of) > _REMEMBERED:
            self._device_of.popitem(last=False)
        waiting = _Unanswered(device, verb, payload, asyncio.get_running_loop().time() + left_s)
        self._unanswered[command_id] = waiting  # before the call: an ack may overtake the broker's own
        try:
            await self._publish(waiting)
        except aiomqtt.MqttError:
            self._unanswered.pop(command_id, None)
            raise

    def take_tests(self) -> dict[str, tuple[str, bytes]]:
        """What was said of tests since last asked: test id -> device, its newest word."""
        taken = dict(self.tests)
        self.tests.clear()
        return taken

    def take_heard(self) -> set[str]:
        """Devices that said something of their own since last asked."""
        taken, self.heard = self.heard, set()
        return taken

    async def _live(self) -> None:
        broker = self._broker
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = _SESSION_S if broker.lasting else 0
        async with aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=broker.client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=not broker.lasting,
            properties=properties,
            keepalive=broker.keepalive_s,
            tls_context=ssl.create_default_context() if broker.tls else None,
            timeout=10,
            max_inflight_messages=_PENDING,
        ) as client:
            client.pending_calls_threshold = _PENDING  # a batch goes out at once; that is nothing to warn of
            await client.subscribe("pa/+/state", qos=broker.qos)
            await client.subscribe("pa/+/ack/+", qos=broker.qos)
            self._client = client
            self.connected.set()
            again = asyncio.create_task(self._repeat())
            try:
                async for message in client.messages:
                    if isinstance(message.payload, bytes | bytearray):
                        await self._take(
                            str(message.topic).split("/"), bytes(message.payload), kept=message.retain
                        )
            finally:
                await end(again)

    async def _take(self, topic: list[str], payload: bytes, *, kept: bool) -> None:
        """kept: by the broker, from before. It says how things stood, not that the device lives."""
        device = topic[1]
        if topic[2] == "state":
            online = pa_command.read_state(payload)
            if online is None:
                return
            back = online and (not kept or self.online.get(device) is False)  # also one never heard of before
            self.online[device] = online
            if online and not kept:
                self.heard.add(device)
            if back:
                await self._send_again([w for w in self._unanswered.values() if w.device == device])
        elif self._device_of.get(topic[3], device) == device:
            self._unanswered.pop(topic[3], None)
            self.heard.add(device)
            if topic[3].startswith(pa_command.TEST_ID):
                self.tests[topic[3]] = (device, payload)
                while len(self.tests) > _REMEMBERED:
                    self.tests.popitem(last=False)
            else:
                self.acks.put_nowait((topic[3], payload))

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self._broker.resend_s)
            for command_id, waiting in list(self._unanswered.items()):
                waiting.tries += 1
                if (
                    waiting.ends <= asyncio.get_running_loop().time()
                    or waiting.tries > self._broker.resend_most
                ):
                    self._unanswered.pop(command_id, None)
            await self._send_again(list(self._unanswered.values()))

    async def _send_again(self, commands: list[_Unanswered]) -> None:
        with suppress(aiomqtt.MqttError):  # the line breaks: `run` begins again, and so does this
            for waiting in commands:
                await self._publish(waiting)

    async def _publish(self, waiting: _Unanswered) -> None:
        if self._client is None:
            raise aiomqtt.MqttError(self.why_not)
        left_s = waiting.ends - asyncio.get_running_loop().time()
        if left_s <= 0:
            return
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = max(1, int(left_s))
        topic = f"pa/{waiting.device}/cmd/{waiting.verb}"
        await self._client.publish(topic, waiting.payload, qos=self._broker.qos, properties=properties)
