"""One horn, several orders: the graver first, and what it broke into again afterwards."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from channels.pa_accept import Play
from channels.pa_wire import end
from warning.agent.clips import Clips
from warning.agent.joining import joined
from warning.agent.memory import Memory
from warning.agent.settings import Settings
from warning.agent.sounding import CannotPlay, Horn
from warning.agent.telling import Told

MOST_BEGUN = 3  # a horn whose start takes the box's power would else sound its first second for ever
log = logging.getLogger(__name__)


class Playing:
    def __init__(
        self,
        settings: Settings,
        memory: Memory,
        clips: Clips,
        horn: Horn,
        told: Told,
        now: Callable[[], datetime],
    ) -> None:
        self._settings, self._memory, self._clips = settings, memory, clips
        self._horn, self._told, self._now = horn, told, now
        self._more = asyncio.Event()
        self._playing: Play | None = None
        self._task: asyncio.Task[None] | None = None
        self._over: set[str] = set()

    @property
    def busy(self) -> bool:
        return self._playing is not None

    def came(self, order: Play) -> None:
        """The order is in the memory. Only a graver one breaks in; the same or less waits its turn."""
        if self._playing is not None and order.priority > self._playing.priority and self._task is not None:
            self._task.cancel()
        self._more.set()

    def stop(self, alert: str) -> None:
        """Silence, and no more of what waits: of one alert, or of all when it is empty."""
        for order, _ in self._memory.waiting():
            if not alert or order.alert == alert:
                self._ended(order, "refused", why="stopped")
        if (
            self._playing is not None
            and self._task is not None
            and (not alert or self._playing.alert == alert)
        ):
            self._task.cancel()

    async def run(self) -> None:
        """Sound what waits, also from before the power went. Until cancelled."""
        while True:
            self._more.clear()
            waiting = [w for w in self._memory.waiting() if w[0].id not in self._over]
            if not waiting:
                await self._more.wait()
                continue
            order, begun = waiting[0]
            if self._now() > order.not_after:
                self._ended(order, "refused", why="too late")
            elif begun >= MOST_BEGUN:
                self._ended(order, "failed", why=f"broke off {begun} times")
            else:
                await self._one(order)

    async def _one(self, order: Play) -> None:
        self._playing = order
        self._task = task = asyncio.create_task(self._sound(order), name=f"play {order.id}")
        try:
            await asyncio.wait({task})
            if task.cancelled():  # broken into or stopped: whoever did it has said so
                self._memory.unbegin(order.id)
            elif (error := task.exception()) is not None:
                log.error("%s did not sound: %s", order.id, error)
                why = str(error) if isinstance(error, CannotPlay) else type(error).__name__
                self._ended(order, "failed", why=why)
        finally:
            if not task.done():  # we are put away: it sounds again from its beginning when we are back
                await end(task)
                self._memory.unbegin(order.id)
            self._playing = self._task = None

    def _ended(self, order: Play, state: str, **more: object) -> None:
        self._over.add(order.id)  # also when the card takes no more words: it must not sound for ever
        self._told.ended(order.id, state, **more)

    async def _sound(self, order: Play) -> None:
        files = await self._clips.files(order.clips, self._settings.fetch_s) if order.clips else None
        standing = not files and self._settings.standing is not None
        if self._settings.standing is not None and not files:
            files = [self._settings.standing]
        if not files:
            raise CannotPlay(
                "clips are missing" if order.clips else "a text without clips, and nobody to read it"
            )
        files = await asyncio.to_thread(joined, files, self._settings.folder / "joined.wav")
        self._told.playing(order.id)
        heard = await self._horn.message(
            files, repeat=order.repeat, gap_s=order.gap_s, volume=order.volume,
            in_time=lambda: self._now() <= order.not_after,
        )  # fmt: skip
        seconds = round(heard.seconds, 1)
        self._ended(order, "done", seconds=seconds, mic_ok=heard.mic_ok, standing=standing or None)
