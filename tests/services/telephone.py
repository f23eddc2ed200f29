"""A telephone that a real SIP program answers: it lifts by itself, keeps what it heard, and presses keys when told to."""

import asyncio
import json
import wave
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import sin
from pathlib import Path
from typing import NamedTuple

from tests.services.require import free_ports, require
from tests.services.running import listening, running

CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{sip}
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
audio_source aufile,{folder}/silence.wav
audio_player aubridge,x
audio_alert aubridge,y
ausrc_srate 8000
auplay_srate 8000
snd_path {folder}/heard
"""


class Telephone(NamedTuple):
    port: int
    control: int
    folder: Path

    async def press(self, key: str) -> None:
        """As a finger does: the key goes down and up."""
        await self.order("sndcode", key)

    async def order(self, command: str, about: str = "") -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.control)
        order = json.dumps({"command": command, "params": about}).encode()
        writer.write(str(len(order)).encode() + b":" + order + b",")
        await writer.drain()
        await asyncio.wait_for(reader.read(200), 5)
        writer.close()

    def heard(self) -> list[float]:
        """How loud it was, 0.1 s at a time, of all that came out of the earpiece."""
        found = sorted((self.folder / "heard").glob("*dec.wav"))
        if not found:
            return []
        samples = array("h", found[0].read_bytes()[44:][: found[0].stat().st_size // 2 * 2 - 46])
        return [max(map(abs, samples[n : n + 800]), default=0) for n in range(0, len(samples), 800)]


def sound(path: Path, seconds: float = 1.0, hertz: float = 440) -> Path:
    """A WAV as the voice channels play it: 8 kHz, mono, 16 bit."""
    samples = array(
        "h", (int(12000 * sin(2 * 3.14159 * hertz * n / 8000)) for n in range(int(seconds * 8000)))
    )
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(samples.tobytes())
    return path


@asynccontextmanager
async def telephone(folder: Path, answers: str = "auto") -> AsyncIterator[Telephone]:
    """baresip on loopback. answers: `auto` lifts, `manual` lets it ring."""
    baresip = require("baresip")
    modules = next(Path("/usr/lib").rglob("baresip/modules"), Path("/usr/lib/baresip/modules"))
    sip, control = free_ports(2)
    (folder / "heard").mkdir(parents=True)
    sound(folder / "silence.wav", 60, 0)
    config = CONFIG.format(sip=sip, control=control, modules=modules, folder=folder)
    (folder / "config").write_text(config)
    account = (
        f"<sip:phone@127.0.0.1:{sip}>;regint=0;answermode={answers};audio_codecs=PCMA/8000/1,PCMU/8000/1"
    )
    (folder / "accounts").write_text(account + "\n")
    (folder / "contacts").write_text("\n")
    async with running(baresip, "-f", str(folder), folder=folder, log="log"):
        await listening(control)
        yield Telephone(sip, control, folder)
