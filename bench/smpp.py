"""Our SMPP client beside smpplib, aiosmpplib and Kannel, at one SMSC that keeps the book; and the contract's rate, held and throttled.

Messages of one part, no receipts, a window of 100 where the client has one. A figure is messages a second of the client's own
processor time, because the SMSC and whatever else runs share the machine; the wall's figure stands beside it.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import SecretStr

from bench import smpp_kannel
from bench.row import Row, Tell, row
from channels.contract import Batch, Message, ReceiptState
from channels.sms_smpp import SmsSmpp

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
TEXT = "น้ำท่วมฉับพลัน บ้านคลองนา ภายใน 2 ชม. ไปโรงเรียนวัดดอนเดี๋ยวนี้"
BATCH, WINDOW, TARGET = 100, 100, 12_000
CONTRACT_PER_S = 200.0
PATIENCE_S = 30.0


class Run(NamedTuple):
    cpu_s: float
    wall_s: float
    wrong: str

    def per_core(self, n: int) -> float:
        return n / self.cpu_s


class Judge(NamedTuple):
    port: int
    control: int

    def book(self, *, forget: bool = True) -> dict[str, Any]:
        with socket.create_connection(("127.0.0.1", self.control), timeout=5) as asked:
            asked.sendall(b"f" if forget else b"k")
            told = b""
            while more := asked.recv(4096):
                told += more
        return dict(json.loads(told))

    def verdict(self, n: int) -> tuple[str, dict[str, Any]]:
        book = self.book()
        return _wrong(book, n), book


def _wrong(book: dict[str, Any], n: int) -> str:
    if book["phones"] != n:
        return f"{book['phones']} of {n} phones were told"
    return f"{book['twice']} came twice" if book["twice"] else ""


@contextmanager
def judge(per_s: float | None = None) -> Iterator[Judge]:
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    words = [sys.executable, "-m", "bench.smsc", *map(str, ports), *([str(per_s)] if per_s else [])]
    process = subprocess.Popen(words)
    try:
        made = Judge(*ports)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                made.book()
                break
            except OSError:
                time.sleep(0.05)
        yield made
    finally:
        process.terminate()
        process.wait()


def measure(quick: bool, tell: Tell) -> list[Row]:
    n = 10_000 if quick else 40_000
    with judge() as smsc:
        asyncio.run(_ours(smsc.port, 2000, 0.0))  # what is used for the first time is made then
        smsc.book()
        ours = _timed(lambda: asyncio.run(_ours(smsc.port, n, 0.0)), smsc, n)
        rows = [_row("smpp", ours, n, None, f"target {TARGET}")]
        for name, peer, few in (
            ("smpplib", partial(_peer, _smpplib), n // 4), ("aiosmpplib", partial(_peer, _aiosmpplib), n // 8),
            ("kannel", _kannel, n // 2),
        ):  # fmt: skip
            rows.append(_beside(name, ours, n, partial(peer, smsc, few), few))
    return rows


def measure_rate(quick: bool, tell: Tell) -> list[Row]:
    """At the contract's rate, and above what the SMSC takes: the first within two in a hundred, the second with nobody lost."""
    n = 400 if quick else 800
    with judge() as smsc:
        asyncio.run(_ours(smsc.port, n, CONTRACT_PER_S))
        wrong, book = smsc.verdict(n)
        rate = (n - 1) / book["span_s"] if book["span_s"] else 0.0
        off = abs(rate / CONTRACT_PER_S - 1)
        if not wrong and off > 0.02:
            wrong = f"{rate:.1f} a second, {off:.1%} off the contract"
        why = f"contract {CONTRACT_PER_S:g}, target within 2 %; {n} messages in {book['span_s']:.2f} s, load {_load()}"
        rows = [row("sms_rate", rate, "messages/s", wrong=wrong, floor=CONTRACT_PER_S, why=why)]
    with judge(CONTRACT_PER_S) as smsc:
        n *= 2
        asyncio.run(_ours(smsc.port, n, 2 * CONTRACT_PER_S))
        wrong, book = smsc.verdict(n)
        rate = (n - 1) / book["span_s"] if book["span_s"] else 0.0
        why = f"we at {2 * CONTRACT_PER_S:g}, the SMSC at {CONTRACT_PER_S:g} after a burst; {book['throttled']} times 0x58"
        if not wrong and not book["throttled"]:
            wrong = "the SMSC never throttled"
        rows.append(row("sms_rate_throttled", rate, "messages/s", wrong=wrong, why=why))
    return rows


def _timed(run: Callable[[], None], smsc: Judge, n: int) -> Run:
    cpu, wall = time.process_time(), time.monotonic()
    run()
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    return Run(cpu, wall, smsc.verdict(n)[0])


def _row(phase: str, run: Run, n: int, peer: Run | None, why: str, peer_n: int = 0) -> Row:
    told = f"{why}; {n} messages, {n / run.wall_s:.0f}/s of the wall with the SMSC beside it, load {_load()}"
    wrong = run.wrong or (f"the peer: {peer.wrong}" if peer and peer.wrong else "")
    return row(
        phase, run.per_core(n), "messages/s/core", wrong=wrong, more_is_better=True,
        peer=peer.per_core(peer_n) if peer and not peer.wrong else None, why=told,
    )  # fmt: skip


def _beside(name: str, ours: Run, n: int, peer: Callable[[], Run], peer_n: int) -> Row:
    """Our figure again with the peer's; a peer that cannot run is null, with the reason."""
    try:
        return _row(f"smpp_{name}", ours, n, peer(), f"peer {name}, {peer_n} messages", peer_n)
    except (ImportError, OSError, RuntimeError, TimeoutError) as error:
        return _row(f"smpp_{name}", ours, n, None, f"no peer: {name}: {type(error).__name__} {error}")


async def _ours(port: int, n: int, rate_per_s: float) -> None:
    """Through the channel as the office uses it: eight batches at once."""
    channel = SmsSmpp(
        kind="sms_smpp", name="bench", host="127.0.0.1", port=port, system_id="raksa", password=SecretStr("s3cret"),
        sender="PHT", rate_per_s=rate_per_s, window=WINDOW, message_ids="same",
    )  # fmt: skip
    left = iter(range(0, n, BATCH))

    async def some(wire: Any) -> None:
        for start in left:
            messages = tuple(
                Message(UUID(int=i), f"+668{i:08}", TEXT) for i in range(start, min(start + BATCH, n))
            )
            batch = Batch(UUID(int=start), UUID(int=1), "Severe", False, messages, NOW + timedelta(hours=1))
            receipts = await channel.send(wire, batch, NOW)
            if any(r.state is not ReceiptState.ACCEPTED for r in receipts):
                raise RuntimeError(f"not all taken: {receipts[0]}")

    async with channel.open(None) as wire:
        await asyncio.gather(*(some(wire) for _ in range(8)))


def _smpplib(port: int, n: int) -> None:
    """It has no window: as many as ours has are written, then as many answers read."""
    from smpplib.client import Client

    client = Client("127.0.0.1", port, timeout=10, allow_unknown_opt_params=True, logger_name="bench.smpplib")
    client.set_message_sent_handler(lambda pdu: None)  # its own writes a line a message
    client.connect()
    client.bind_transceiver(system_id="raksa", password="s3cret")
    words = TEXT.encode("utf-16-be")
    for start in range(0, n, WINDOW):
        some = range(start, min(start + WINDOW, n))
        for i in some:
            client.send_message(
                source_addr_ton=5, source_addr_npi=0, source_addr="PHT", dest_addr_ton=1, dest_addr_npi=1,
                destination_addr=f"668{i:08}", short_message=words, data_coding=8, registered_delivery=True,
            )  # fmt: skip
        for _ in some:
            client.read_once()
    client.unbind()
    client.disconnect()


def _aiosmpplib(port: int, n: int) -> None:
    asyncio.run(_aiosmpplib_run(port, n))


async def _aiosmpplib_run(port: int, n: int) -> None:
    from aiosmpplib import ESME, NPI, TON, AbstractHook, PhoneNumber, SubmitSm, SubmitSmResp

    done = asyncio.Event()
    answers = 0

    class Hook(AbstractHook):  # type: ignore[misc]
        async def sending(self, smpp_message: Any, pdu: bytes, client_id: str) -> None: ...

        async def received(self, smpp_message: Any, pdu: bytes, client_id: str) -> None:
            nonlocal answers
            if isinstance(smpp_message, SubmitSmResp):
                answers += 1
                if answers >= n:
                    done.set()

        async def send_error(self, smpp_message: Any, error: Exception, client_id: str) -> None: ...

    esme = ESME("127.0.0.1", port, "raksa", "s3cret", log_level=50, hook=Hook())
    running = asyncio.create_task(esme.start())
    for i in range(n):
        await esme.broker.enqueue(
            SubmitSm(
                short_message=TEXT, source=PhoneNumber("PHT", TON.ALPHANUMERIC, NPI.UNKNOWN),
                destination=PhoneNumber(f"668{i:08}", TON.INTERNATIONAL, NPI.ISDN), log_id=str(i), encoding="ucs2",
            )
        )  # fmt: skip
    try:
        await asyncio.wait_for(done.wait(), PATIENCE_S)
    finally:
        await esme.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _peer(send: Callable[[int, int], None], smsc: Judge, n: int) -> Run:
    return _timed(partial(send, smsc.port, n), smsc, n)


def _kannel(smsc: Judge, n: int) -> Run:
    """Both of its processes count: one takes the order, the other speaks SMPP."""
    numbers = [f"668{i:08}" for i in range(n)]
    cpu_s, wall_s = smpp_kannel.send(
        smsc.port, numbers, TEXT, lambda: smsc.book(forget=False)["phones"] >= n, PATIENCE_S
    )
    return Run(cpu_s, wall_s, smsc.verdict(n)[0])


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"
