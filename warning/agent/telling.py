"""What the controller says of each order, kept until the broker has it."""

import asyncio
import json
import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiomqtt

from warning.agent.memory import Memory

MOST_REFUSALS = 100  # of strangers, while there is no line

log = logging.getLogger(__name__)


class Told:
    def __init__(self, memory: Memory, now: Callable[[], datetime]) -> None:
        self._memory, self._now = memory, now
        self._refusals: deque[dict[str, Any]] = deque(maxlen=MOST_REFUSALS)
        self.more = asyncio.Event()

    def words(self, name: str, state: str, **more: object) -> dict[str, Any]:
        """`at` is this box's own time: the office sees a clock that is off."""
        given = {key: value for key, value in more.items() if value is not None}
        return {"id": name, "state": state, "at": self._now().isoformat(), **given}

    def once(self, said: dict[str, Any]) -> None:
        """Said, and not remembered."""
        self._refusals.append(said)
        self.more.set()

    def playing(self, name: str) -> None:
        self._write(self._memory.begin, name, self.words(name, "playing"))

    def ended(self, name: str, state: str, **more: object) -> None:
        self._write(self._memory.end, name, self.words(name, state, **more))

    def _write(self, how: Callable[[str, dict[str, Any]], None], name: str, said: dict[str, Any]) -> None:
        try:
            how(name, said)
            self.more.set()
        except sqlite3.Error as error:  # the card is full: said from memory that a power cut takes
            log.error("memory: %s", error)
            self.once(said)

    async def speak(self, client: aiomqtt.Client, device: str) -> None:
        """Send what nobody has heard of, oldest first, and whatever comes; ends when the line breaks."""
        try:
            while True:
                self.more.clear()
                while self._refusals:
                    await self._send(client, device, self._refusals[0])
                    self._refusals.popleft()
                for said in self._memory.untold():
                    await self._send(client, device, said)
                    self._memory.told(said)
                await self.more.wait()
        except aiomqtt.MqttError:
            return  # the line's own task begins again

    async def _send(self, client: aiomqtt.Client, device: str, said: dict[str, Any]) -> None:
        await client.publish(f"pa/{device}/ack/{said['id']}", json.dumps(said, ensure_ascii=False), qos=1)
