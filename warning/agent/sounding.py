"""Making a sound: the player, the microphone and the box's own state are programs of the box, run without a shell."""

import asyncio
import ctypes
import json
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from warning.agent.settings import Settings

TEST_MOST_S = 15.0
_STATE_S = 10.0
_MICROPHONE_ENDS_S = 3.0
_TRIES = 3  # a sound card that is still held by a player that dies
_AGAIN_S = 1.0


class CannotPlay(Exception):
    """The player failed; the words go into the ack."""


class Heard(NamedTuple):
    seconds: float
    mic_ok: bool | None  # None: no microphone, or it cannot tell


def _die_with_us() -> None:
    """A controller killed by force must not leave a horn sounding that nobody can stop (Linux: PR_SET_PDEATHSIG)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


async def _run(words: Sequence[str], sound: Path | None = None) -> asyncio.subprocess.Process:
    source = asyncio.subprocess.DEVNULL if sound is None else sound.open("rb")
    try:
        return await asyncio.create_subprocess_exec(
            *words, stdin=source, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True, preexec_fn=_die_with_us,
        )  # fmt: skip
    finally:
        if not isinstance(source, int):
            source.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


class Horn:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def message(
        self, files: Sequence[Path], *, repeat: int, gap_s: float, volume: int, in_time: Callable[[], bool]
    ) -> Heard:
        """Chime and message, `repeat` times; stops repeating when `in_time` says no more. Raises CannotPlay.

        Cancelled, it is silent at once.
        """
        chime = [self._settings.chime] if self._settings.chime is not None else []
        microphone = await self._listen()
        seconds = 0.0
        try:
            await self._volume(volume)
            for turn in range(repeat):
                if turn:
                    await asyncio.sleep(gap_s)
                    if not in_time():
                        break
                for file in (*chime, *files):
                    seconds += await self._play(file, volume, self._settings.longest_s)
            return Heard(seconds, await self._heard(microphone))
        finally:
            await self._off(microphone)

    async def test(self, sound: Path) -> Heard:
        """The sound of a test, cut at 15 s. Raises CannotPlay."""
        microphone = await self._listen()
        try:
            seconds = await self._play(sound, None, TEST_MOST_S, cut=True)
            return Heard(seconds, await self._heard(microphone))
        finally:
            await self._off(microphone)

    async def state(self) -> dict[str, Any]:
        """Amplifier, microphone and battery without a sound, as the box's program tells; nothing when there is none."""
        if not self._settings.state:
            return {}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._settings.state, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_us,
            )  # fmt: skip
        except OSError as error:
            return {"why": f"state: {type(error).__name__}"}
        try:
            async with asyncio.timeout(_STATE_S):
                told, _ = await process.communicate()
            said = json.loads(told)
        except (TimeoutError, ValueError) as error:
            return {"why": f"state: {type(error).__name__}"}
        finally:
            await _end(process)
        known = ("amplifier", "mic", "battery_v")
        return {k: said[k] for k in known if k in said} if isinstance(said, dict) else {}

    async def _play(self, file: Path, volume: int | None, most_s: float, *, cut: bool = False) -> float:
        loop = asyncio.get_running_loop()
        for attempt in range(_TRIES):
            began = loop.time()
            words = _filled(self._settings.player, file, volume)
            whole = any("{file}" in word for word in self._settings.player)
            try:
                process = await _run(words, None if whole else file)
            except OSError as error:
                raise CannotPlay(f"player: {type(error).__name__}") from error
            try:
                async with asyncio.timeout(most_s):
                    code = await process.wait()
            except TimeoutError:
                if cut:
                    return most_s
                raise CannotPlay(f"the player did not end within {most_s:.0f} s") from None
            finally:
                await _end(process)
            if code == 0:
                return loop.time() - began
            if attempt + 1 < _TRIES:
                await asyncio.sleep(_AGAIN_S)
        raise CannotPlay(f"the player ended with {code}")

    async def _volume(self, volume: int) -> None:
        if self._settings.set_volume:
            with suppress(OSError):  # too loud or too soft is better than silent
                process = await _run(_filled(self._settings.set_volume, None, volume))
                try:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_MICROPHONE_ENDS_S):
                            await process.wait()
                finally:
                    await _end(process)

    async def _listen(self) -> asyncio.subprocess.Process | None:
        if not self._settings.microphone:
            return None
        with suppress(OSError):
            return await _run(self._settings.microphone)
        return None

    async def _heard(self, microphone: asyncio.subprocess.Process | None) -> bool | None:
        """SIGTERM tells the listener that the sound is over; its exit code is what it heard."""
        if microphone is None:
            return None
        with suppress(ProcessLookupError):
            microphone.terminate()
        try:
            async with asyncio.timeout(_MICROPHONE_ENDS_S):
                code = await microphone.wait()
        except TimeoutError:
            return None
        return {0: True, 1: False}.get(code)

    async def _off(self, microphone: asyncio.subprocess.Process | None) -> None:
        if microphone is not None:
            await _end(microphone)


def _filled(words: Sequence[str], file: Path | None, volume: int | None) -> list[str]:
    values = {"{file}": str(file), "{volume}": str(100 if volume is None else volume)}
    filled = []
    for word in words:
        for name, value in values.items():
            word = word.replace(name, value)
        filled.append(word)
    return filled
