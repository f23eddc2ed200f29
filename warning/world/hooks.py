"""How the gateways call back: signed, sometimes late, doubled or out of order, and again until taken."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import NamedTuple

import aiohttp

from warning.world.serving import end


class Signed(NamedTuple):
    body: bytes
    headers: dict[str, str]


Make = Callable[[int], Signed]  # try number, from 0 -> what goes out: a redelivery may say that it is one


@dataclass(frozen=True)
class Roughness:
    """How unruly callbacks are. Shares are 0..1, drawn from `seed`; a delayed one is overtaken."""

    lost: float = 0.0
    duplicate: float = 0.0
    delayed: float = 0.0
    delay_s: float = 0.5
    tries: int = 6
    pause_s: float = 0.3  # before the first redelivery, doubling
    timeout_s: float = 2.0  # LINE counts an answer after 2 s as request_timeout
    seed: int = 2569


class Hooks:
    """Posts to one webhook address. `url` may be set late: what comes before is lost, and counted."""

    def __init__(self, url: str | None = None, roughness: Roughness | None = None, workers: int = 16) -> None:
        self.url = url
        self.rough = roughness or Roughness()
        self._draw = random.Random(self.rough.seed)
        self._queue: asyncio.Queue[Make] = asyncio.Queue()
        self._workers = workers
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None
        self.statuses: list[int] = []  # of every post made; 0 for none (timeout, refused)
        self.given_up = 0
        self.swallowed = 0  # lost on purpose
        self.homeless = 0  # no url known

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.rough.timeout_s))
        for _ in range(self._workers):
            self._spawn(self._work())

    async def stop(self) -> None:
        await end(list(self._tasks))
        if self._http is not None:
            await self._http.close()
            self._http = None

    def put(self, make: Make, after_s: float = 0.0) -> None:
        """Post soon; perhaps never, perhaps twice, perhaps late, as `rough` says."""
        if self.rough.lost and self._draw.random() < self.rough.lost:
            self.swallowed += 1
            return
        for _ in range(2 if self._draw.random() < self.rough.duplicate else 1):
            late = self.rough.delay_s if self._draw.random() < self.rough.delayed else 0.0
            self._later(make, after_s + late)

    async def post(self, make: Make, attempt: int = 0) -> int:
        """Post now and wait for the answer: its HTTP status, 0 when none came."""
        if self.url is None or self._http is None:
            self.homeless += 1
            return 0
        body, headers = make(attempt)
        try:
            async with self._http.post(self.url, data=body, headers=headers) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self.statuses.append(status)
        return status

    async def settled(self) -> None:
        """Wait until all that was due has been posted (late ones included)."""
        while True:
            await self._queue.join()
            waiting = [t for t in self._tasks if t.get_name() == "late"]
            if not waiting and self._queue.empty():
                return
            await asyncio.gather(*waiting)

    def _later(self, make: Make, after_s: float) -> None:
        if after_s <= 0:
            self._queue.put_nowait(make)
        else:
            self._spawn(self._wait(make, after_s), "late")

    async def _wait(self, make: Make, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self._queue.put_nowait(make)

    def _spawn(self, work: Coroutine[None, None, None], name: str | None = None) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        while True:
            make = await self._queue.get()
            try:
                await self._until_taken(make)
            finally:
                self._queue.task_done()

    async def _until_taken(self, make: Make) -> None:
        pause = self.rough.pause_s
        for attempt in range(self.rough.tries):
            if 200 <= await self.post(make, attempt) < 300 or self.url is None:
                return
            await asyncio.sleep(pause)
            pause *= 2
        self.given_up += 1
