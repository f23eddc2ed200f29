"""An MQTT 5 broker on loopback for the demo: no server to install.

mqttools does QoS 0, wildcards, retained state and the will of a broken socket; it does no QoS 1, no
enforced expiry, no keep-alive will and no passwords. Those are asked of mosquitto, against which the
same towers run.
"""

import asyncio
import contextlib
from typing import Self

import mqttools

from warning.world.serving import HOST


class _Broker(mqttools.Broker):  # type: ignore[misc]
    """mqttools leaves the socket of a client that went open, and its tasks unawaited."""

    async def serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await super().serve_client(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    @property
    def clients(self) -> "set[asyncio.Task[None]]":
        return set(self._client_tasks)


class LoopbackBroker:
    def __init__(self, port: int = 0) -> None:
        self.host, self.port = HOST, port
        self._broker = _Broker((HOST, port))
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._broker.serve_forever(), name="world broker")
        _, self.port = await self._broker.getsockname()

    async def stop(self) -> None:
        if self._task is None:
            return
        clients = self._broker.clients
        self._task.cancel()
        await asyncio.gather(self._task, *clients, return_exceptions=True)
        self._task = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
