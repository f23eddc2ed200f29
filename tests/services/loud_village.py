"""A broker with TLS, an office, and a real controller process beside an amplifier whose player writes down what it played."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from pydantic import SecretStr

from channels.contract import Batch, Message, Receipt, ReceiptState
from channels.pa_wire import PaWire
from channels.village_pa import VillagePa
from tests.services.running import running

ALERT_KEY, TEST_KEY = "the key of its alerts", "the key of its tests"
CONFIG = """\
per_listener_settings false
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
persistence false
user root
listener {plain} 127.0.0.1
listener {tls} 127.0.0.1
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
"""
PLAYER = '#!/bin/sh\nhead -c 9 "$1" >> {folder}/played\necho >> {folder}/played\nsleep {sound_s}\n'


class Village:
    """A broker, an office and one box beside an amplifier whose player writes down what it played."""

    def __init__(self, folder: Path, plain: int, tls: int) -> None:
        self.folder, self.plain, self.tls = folder, plain, tls
        self.heard: list[Receipt] = []
        self.now = datetime.now(UTC)
        self.settings: dict[str, Any] = {
            "device": "t1",
            "broker": {"host": "localhost", "port": tls, "ca": str(folder / "ca.pem"), "password": "pw-t1", "reconnect_s": 0.1},
            "alert_key": ALERT_KEY, "test_key": TEST_KEY, "folder": str(folder / "box"),
            "player": ["sh", str(folder / "player.sh"), "{file}"],
            "state": ["echo", '{"amplifier": true, "battery_v": 12.4}'],
        }  # fmt: skip
        self.sounds(0.05)
        self.clip = self.put(b"RIFF clip of the flood")

    def sounds(self, sound_s: float) -> None:
        (self.folder / "player.sh").write_text(PLAYER.format(folder=self.folder, sound_s=sound_s))

    def put(self, body: bytes) -> str:
        name = hashlib.sha256(body).hexdigest()
        (self.folder / "box/clips").mkdir(parents=True, exist_ok=True)
        (self.folder / "box/clips" / name).write_bytes(body)
        return name

    @property
    def played(self) -> list[str]:
        log = self.folder / "played"
        return log.read_text().split("\n")[:-1] if log.exists() else []

    @asynccontextmanager
    async def box(self, **changed: Any) -> AsyncIterator[asyncio.subprocess.Process]:
        (self.folder / "agent.yaml").write_text(yaml.safe_dump(self.settings | changed))
        command = (sys.executable, "-m", "warning.agent", "--config", "agent.yaml")
        async with running(*command, folder=self.folder, log="agent.log") as process:
            yield process

    @asynccontextmanager
    async def office(self) -> AsyncIterator[tuple[VillagePa, PaWire]]:
        channel = VillagePa(
            kind="village_pa", name="pa", host="127.0.0.1", port=self.plain, username="server",
            password=SecretStr("pw-server"), ack_timeout_s=30, reconnect_s=0.1, repeat=2, gap_s=0,
        )  # fmt: skip
        async with channel.open(None) as wire:
            task = asyncio.create_task(self._listen(channel, wire))
            try:
                yield channel, wire
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _listen(self, channel: VillagePa, wire: PaWire) -> None:
        async for item in channel.listen(wire, lambda: datetime.now(UTC)):
            assert isinstance(item, Receipt)
            self.heard.append(item)

    def batch(
        self, *, key: str = ALERT_KEY, clips: str | None = None, severity: str = "Severe", **more: Any
    ) -> Batch:
        data = {"device_key": key, "clips": self.clip if clips is None else clips}
        made = Batch(
            uuid4(),
            uuid4(),
            severity,
            False,
            (Message(uuid4(), "t1", "น้ำมา", data=data),),
            self.now + timedelta(minutes=10),
        )
        return made._replace(**more)

    def states(self) -> list[ReceiptState]:
        return [r.state for r in self.heard]

    async def until(self, true: Callable[[], bool], within_s: float = 15) -> None:
        try:
            async with asyncio.timeout(within_s):
                while not true():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log = self.folder / "agent.log"
            raise TimeoutError(
                f"{self.heard} {self.played} {log.read_text()[-800:] if log.exists() else ''}"
            ) from None
