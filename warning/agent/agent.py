"""The controller at work: orders in, sounds out, and one honest word about each.

An order is written down before the broker is told that we have it; a word is written down before it is sent. So a box whose
power goes loses neither: it comes back, plays what it had not finished, and says what nobody has heard of it yet.
"""

import asyncio
import json
import logging
import re
import sqlite3
import ssl
from contextlib import suppress
from datetime import datetime, timedelta

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from channels import pa_command
from channels.pa_accept import COMMAND_ID, ROLE_OF, Clock, Play, Refused, SelfTest, Stop, accept
from channels.pa_wire import end
from warning.agent.clips import Clips
from warning.agent.memory import Memory
from warning.agent.playing import Playing
from warning.agent.self_testing import SelfTesting
from warning.agent.settings import Settings
from warning.agent.sounding import Horn
from warning.agent.telling import Told
from warning.clock import Clock as Watch

SESSION_S = 7 * 86_400  # orders wait so long at the broker for a box that is away
_IS_ID = re.compile(COMMAND_ID).fullmatch
log = logging.getLogger(__name__)


class Agent:
    def __init__(self, settings: Settings, watch: Watch) -> None:
        self._settings, self._watch = settings, watch
        self._memory = Memory(settings.folder / "memory.sqlite3")
        token = pa_command.clip_token(settings.device, settings.keys.alert)
        self._clips = Clips(
            settings.folder / "clips", settings.clips_url, settings.device, token, settings.clips_mb
        )
        horn = Horn(settings)
        self._told = Told(self._memory, self._now)
        self._playing = Playing(
            settings, self._memory, self._clips, horn, self._told, lambda: self._clock().now
        )
        self._testing = SelfTesting(settings, horn, self._told, lambda: self._clock().now)

    async def run(self) -> None:
        """Until cancelled. A line that breaks is no reason to be silent: what was ordered sounds."""
        self._memory.forget(self._now())
        sounding = asyncio.create_task(self._playing.run(), name="horn")
        try:
            while True:
                try:
                    await self._live()
                except (aiomqtt.MqttError, OSError) as error:
                    log.warning("no broker: %s", str(error) or type(error).__name__)
                except sqlite3.Error as error:  # the card is full or worn out: what it told the broker stands
                    log.error("memory: %s", error)
                await asyncio.sleep(self._settings.broker.reconnect_s)
        finally:
            await self._testing.end()
            await end(sounding)
            self._memory.close()

    async def _live(self) -> None:
        broker, device = self._settings.broker, self._settings.device
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_S
        state = f"pa/{device}/state"
        client = aiomqtt.Client(
            broker.host, broker.port, identifier=device, protocol=aiomqtt.ProtocolVersion.V5, clean_start=False,
            properties=properties, keepalive=broker.keepalive_s, timeout=10,
            will=aiomqtt.Will(state, json.dumps({"online": False}), qos=1, retain=True),
            username=broker.username or device,
            password=broker.password.get_secret_value() if broker.password else None,
            tls_context=ssl.create_default_context(cafile=broker.ca) if broker.tls else None,
        )  # fmt: skip
        client._client.manual_ack_set(True)  # the broker keeps an order until `_take` has written it down
        async with client:
            await client.subscribe(f"pa/{device}/cmd/#", qos=1)
            online = {"online": True, "at": self._now().isoformat(), "agent": 1}
            await client.publish(state, json.dumps(online), qos=1, retain=True)
            log.info("at the broker as %s", device)
            speaking = asyncio.create_task(self._told.speak(client, device), name="acks")
            try:
                async for message in client.messages:
                    raw = bytes(message.payload) if isinstance(message.payload, bytes | bytearray) else b""
                    self._take(str(message.topic).rsplit("/", 1)[1], raw)
                    client._client.ack(message.mid, message.qos)
            finally:
                await end(speaking)
                with suppress(aiomqtt.MqttError):
                    await client.publish(state, json.dumps({"online": False}), qos=1, retain=True, timeout=2)

    def _take(self, verb: str, raw: bytes) -> None:
        clock = self._clock()
        try:
            order = accept(verb, raw, self._settings.keys, self._memory.last_seq(), clock)
        except Refused as refused:
            self._refuse(refused, raw)
            return
        known = self._memory.said(order.id)
        again = known is not None and (known["state"] != "refused" or known.get("why") == "stopped")
        said = self._told.words(order.id, "received")
        if isinstance(order, Play) and order.exercise:
            self._told.once(self._told.words(order.id, "refused", why="an exercise sounds no real horn"))
            return
        if again and known is not None:
            said = known  # sent anew by an office that lost our word: a new number, the same order
        new_play = order if isinstance(order, Play) and not again else None
        try:
            self._memory.take(ROLE_OF[verb], order.seq, order.at, said, new_play)
        except sqlite3.OperationalError:  # no room on the card: an order is worth more than clips
            self._clips.give_up_half()
            self._memory.take(ROLE_OF[verb], order.seq, order.at, said, new_play)
        self._told.more.set()
        if again:
            return
        match order:
            case Play():
                self._testing.give_way()
                self._playing.came(order)
            case Stop():
                self._playing.stop(order.alert)
                self._told.ended(order.id, "done", seconds=0.0)
            case SelfTest():
                self._testing.begin(order, busy=self._playing.busy)

    def _refuse(self, refused: Refused, raw: bytes) -> None:
        name = refused.command_id
        log.warning("refused an order: %s", refused.why)
        if name is None or not _IS_ID(name):
            return
        if refused.why == "old seq" and self._memory.said(name) is not None:
            self._memory.say_again(name)
            self._told.more.set()
            return
        # Not written down: a stranger's words must not stand where a true one may come.
        self._told.once(self._told.words(name, "refused", why=refused.why))

    def _clock(self) -> Clock:
        return Clock(self._now(), self._memory.newest_signed())

    def _now(self) -> datetime:
        return self._watch.now() + timedelta(seconds=self._settings.clock_off_s)
