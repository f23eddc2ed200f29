"""670 village loudspeakers commanded and acknowledged, over a real mosquitto, through the channel an alert goes through.

The clock runs from the first command to the last device's first ack. Oracle: every device said received once and played once,
exactly one sound each, and no command got another outcome. The peer sends the same 670 signed commands from a bare MQTT client
that only counts; the devices are the same.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import paho.mqtt.client as paho

from bench.pa_devices import plans
from bench.row import Row, Tell, row
from channels import pa_command
from channels.contract import Batch, Message, Receipt, ReceiptState
from channels.village_pa import VillagePa
from warning.running import free_port

VILLAGES, TARGET_S, PATIENCE_S = 670, 2.0, 30.0
RUNS = 5
CONFIG = (
    "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\nmax_queued_messages 0\n"
)


def measure(quick: bool, tell: Tell) -> list[Row]:
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        made = row("pa", 0.0, "s", why="mosquitto is not installed (make services)")
        return [made | {"figure": None}]
    runs = 2 if quick else RUNS
    with tempfile.TemporaryDirectory() as folder, _broker(found, Path(folder)) as port, _devices(port) as ask:
        wrong, ours, played, theirs = "", [], [], []
        for nth in range(runs):
            first_s, done_s, problem = asyncio.run(_commanded(port))
            ours.append(first_s)
            played.append(done_s)
            theirs.append(_bare(port))
            wrong = wrong or problem or _heard(ask(), 2 * (nth + 1))
    why = (
        f"the slowest of {runs}, median {sorted(ours)[runs // 2]:.2f} s; all said played after {max(played):.2f} s at most; "
        f"one broker, one worker, devices in one process; target {TARGET_S:g} s; peer: the same commands by bare paho, slowest"
    )
    return [row("pa", max(ours), "s", wrong=wrong, peer=max(theirs), why=why)]


def batches() -> list[Batch]:
    """One alert to every village, as the worker cuts it."""
    messages = [Message(uuid4(), p.device, "น้ำมา ขึ้นที่สูง", data={"device_key": p.key}) for p in plans(VILLAGES)]
    alert, ends = uuid4(), datetime.now(UTC) + timedelta(hours=2)
    return [
        Batch(uuid4(), alert, "Extreme", False, tuple(messages[n : n + VillagePa.batch]), ends)
        for n in range(0, VILLAGES, VillagePa.batch)
    ]


async def _commanded(port: int) -> tuple[float, float, str]:
    """Seconds to the last device's first ack, seconds to the last `played`, and what is wrong."""
    # Not repeated within a run: a repeat makes a device say its last word again, and the oracle counts each.
    channel = VillagePa(kind="village_pa", name="pa", host="127.0.0.1", port=port, ack_timeout_s=PATIENCE_S)
    made = batches()
    wanted = {m.id for b in made for m in b.messages}
    heard: list[Receipt] = []
    acked: dict[object, float] = {}
    done: dict[object, float] = {}
    async with channel.open(None) as wire:

        async def listen() -> None:
            async for item in channel.listen(wire, lambda: datetime.now(UTC)):
                assert isinstance(item, Receipt)
                if item.delivery_id not in wanted:  # a late word of the run before
                    continue
                heard.append(item)
                acked.setdefault(item.delivery_id, time.monotonic())
                if item.state is ReceiptState.DELIVERED:
                    done[item.delivery_id] = time.monotonic()

        listening = asyncio.create_task(listen())
        while len(wire.online) < VILLAGES:  # a worker has been connected for long when an alert comes
            await asyncio.sleep(0.02)
        began = time.monotonic()
        sent = await asyncio.gather(
            *(channel.send(wire, b, datetime.now(UTC)) for b in made)
        )  # a worker has 16 in flight
        receipts = [r for of_batch in sent for r in of_batch]
        while len(done) < len(wanted) and time.monotonic() - began < PATIENCE_S:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)  # whatever would come twice
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return (
        max(acked.values(), default=began + PATIENCE_S) - began,
        max(done.values(), default=began + PATIENCE_S) - began,
        judged(wanted, receipts, heard),
    )


def judged(wanted: set[Any], receipts: list[Receipt], heard: list[Receipt]) -> str:
    if Counter(r.state for r in receipts) != {ReceiptState.HANDED_OVER: len(wanted)}:
        return f"handed over: {Counter(r.state for r in receipts)}"
    said = Counter((r.delivery_id, r.why.split(" ")[0]) for r in heard)
    for word in ("the", "playing", "played"):
        once = {i for (i, w), times in said.items() if w == word and times == 1}
        if once != wanted:
            return f"{len(once)} of {len(wanted)} devices said {word!r} exactly once"
    return "" if len(said) == 3 * len(wanted) else "a device said something else"


def _heard(sounded: dict[str, int], times: int) -> str:
    return (
        ""
        if sounded == {str(times): VILLAGES}
        else f"devices by how often they sounded: {sounded}, {times} expected"
    )


def _bare(port: int) -> float:
    """The peer: publish and count, nothing else. Seconds to the last device's first ack."""
    signed = [
        (str(m.id), m.address, pa_command.signed(
            pa_command.command(b, m, now=datetime.now(UTC), repeat=3, gap_s=8, volume=100), m.data["device_key"]
        ))
        for b in batches() for m in b.messages
    ]  # fmt: skip
    mine = {name for name, _, _ in signed}
    acked: dict[str, float] = {}
    ready, all_in = threading.Event(), threading.Event()
    done: set[str] = set()

    def took(_client: Any, _data: Any, message: Any) -> None:
        name = message.topic.rsplit("/", 1)[1]
        if name not in mine:
            return
        acked.setdefault(name, time.monotonic())
        if b'"done"' in message.payload:
            done.add(name)
        if len(done) == VILLAGES:
            all_in.set()

    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.max_inflight_messages_set(1000)
    client.on_message = took
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", port)
    client.subscribe("pa/+/ack/+", qos=1)
    client.loop_start()
    ready.wait(PATIENCE_S)
    began = time.monotonic()
    for _, device, payload in signed:
        client.publish(f"pa/{device}/cmd/play", payload, qos=1)
    all_in.wait(PATIENCE_S)
    client.disconnect()
    client.loop_stop()
    return max(acked.values(), default=began + PATIENCE_S) - began


@contextmanager
def _broker(program: str, folder: Path) -> Iterator[int]:
    port = free_port("127.0.0.1", 21883)
    (folder / "m.conf").write_text(CONFIG.format(port=port))
    process = subprocess.Popen(
        [program, "-c", str(folder / "m.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _devices(port: int) -> Iterator[Any]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.pa_devices", str(port), str(VILLAGES)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    out, into = process.stdout, process.stdin

    def ask() -> dict[str, int]:
        into.write("how often\n")
        into.flush()
        answer: dict[str, int] = json.loads(out.readline())
        return answer

    try:
        if out.readline().strip() != "ready":
            raise RuntimeError("the devices did not come up")
        yield ask
    finally:
        into.close()
        out.close()
        process.wait(30)
