"""An MQTT 5 broker on loopback for the demo: no server to install.

mqttools does QoS 0, wildcards, retained state and the will of a broken socket; it does no QoS 1, no
enforced expiry, no keep-alive will and no passwords. Those are asked of mosquitto, against which the
same towers run.
"""

import asyncio
from typing import Self

import mqttools

from warning.world.serving import HOST


class LoopbackBroker:
    def __init__(self, port: int = 0) -> None:
        self.host, self.port = HOST, port
        self._broker = mqttools.Broker((HOST, port))
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._broker.serve_forever(), name="world broker")
        _, self.port = await self._broker.getsockname()

    async def stop(self) -> None:
        if self._task is None:
            return
        # The broker cancels its clients without waiting for them, and closes no socket: both are done here.
        clients = list(self._broker._client_tasks)
        sessions = list(self._broker._sessions.values())
        self._task.cancel()
        await asyncio.gather(self._task, *clients, return_exceptions=True)
        for session in sessions:
            if session.client is not None:
                session.client._writer.close()
        self._task = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
