"""Start a server for one test, wait until it listens, and leave nothing behind."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path


@asynccontextmanager
async def running(*command: str, folder: Path, log: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of its own group; what it says stands in `folder/log`."""
    with (folder / log).open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, stdout=out, stderr=asyncio.subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.returncode is not None:
                break
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 3)


async def listening(port: int, within_s: float = 10) -> None:
    """Returns when somebody listens there. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            return


async def said(folder: Path, log: str, word: str, within_s: float = 15) -> str:
    """Wait until the log holds `word`; the whole log. Raises TimeoutError with its end."""
    text = ""
    try:
        async with asyncio.timeout(within_s):
            while word not in text:
                await asyncio.sleep(0.05)
                text = (folder / log).read_bytes().decode(errors="replace")
    except TimeoutError:
        raise TimeoutError(f"{word!r} never came; {log} ends: {text[-600:]}") from None
    return text
