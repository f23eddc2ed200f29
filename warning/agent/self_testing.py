"""The controller tries itself: without a sound each day, with a short sound of its own once a month.

The sound, its length and its hours are this box's: the order chooses none of them.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from channels.pa_accept import SelfTest
from channels.pa_wire import end
from geo.when import BANGKOK
from warning.agent.settings import Settings
from warning.agent.sounding import CannotPlay, Horn
from warning.agent.telling import Told

AROUND = timedelta(minutes=30)  # after the hour of a test


class SelfTesting:
    def __init__(self, settings: Settings, horn: Horn, told: Told, now: Callable[[], datetime]) -> None:
        self._settings, self._horn, self._told, self._now = settings, horn, told, now
        self._task: asyncio.Task[None] | None = None

    def begin(self, order: SelfTest, *, busy: bool) -> None:
        if why := self._why_not(order, busy):
            self._told.ended(order.id, "refused", why=why)
            return
        self._task = asyncio.create_task(self._try(order), name=f"self-test {order.id}")

    def give_way(self) -> None:
        """An alert came."""
        if self._task is not None:
            self._task.cancel()

    async def end(self) -> None:
        if self._task is not None:
            await end(self._task)

    def _why_not(self, order: SelfTest, busy: bool) -> str:
        if self._task is not None and not self._task.done():
            return "a test is running"
        if order.mode == "silent":
            return ""
        if busy:
            return "an alert sounds"
        if self._settings.test_sound is None:
            return "no sound of its own for tests"
        return "" if self._is_hour() else "not an hour for tests"

    def _is_hour(self) -> bool:
        here = self._now().astimezone(BANGKOK)
        hours = (
            here.replace(hour=t.hour, minute=t.minute, second=0, microsecond=0)
            for t in self._settings.test_hours
        )
        return any(timedelta(0) <= here - hour <= AROUND for hour in hours)

    async def _try(self, order: SelfTest) -> None:
        try:
            said: dict[str, Any] = await self._horn.state()
            if order.mode == "audible" and self._settings.test_sound is not None:
                heard = await self._horn.test(self._settings.test_sound)
                said |= {"seconds": round(heard.seconds, 1), "mic_ok": heard.mic_ok}
            self._told.ended(order.id, "done", mode=order.mode, **said)
        except CannotPlay as error:
            self._told.ended(order.id, "failed", why=str(error))
        except asyncio.CancelledError:
            self._told.ended(order.id, "refused", why="an alert came")
            raise
