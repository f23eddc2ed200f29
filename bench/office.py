"""An office for the benches: the real steps, queue and ledger; a carrier that talks to the fake provider."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID, uuid4

import psycopg
from sqlalchemy.exc import OperationalError

from bench.carrier import Carrier
from geo.areas import built_in_areas
from geo.gazetteer import gazetteer
from geo.sealed import Keyring
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode
from warning.chain_settings import ChainSettings
from warning.clock import WallClock
from warning.impact import ImpactSettings
from warning.office import Office
from warning.opening import open_database
from warning.running import free_port, wake
from warning.step import Next, priority_of
from warning.store.database import Database

DELAY_MS = 50
RECIPIENTS = 520_000
WORDS = "ฝึกซ้อม ฝึกซ้อม ฝึกซ้อม น้ำจะถึงใน 1 ชม. ไปที่สูง โทร 1784"
_OF_ONE_NIGHT = (
    "delivery, segment, coverage, receipt, reply, mission, approval, alert, procrastinate_jobs, account, fault, "
    "hazard_assessment, rule_state, observation, latest"
)


def make_office(
    database: Database, keyring: Keyring, provider: str, concurrency: int, rules: Any = (), *,
    kind: type[Carrier] = Carrier, calls_per_s: float = 1e6,
) -> Office:  # fmt: skip
    carrier = kind(kind="carrier", name="carrier", url=provider, simulated=True, rate_per_s=calls_per_s)
    config = SimpleNamespace(
        channels=(carrier,), rules=rules, sources=(), impact=ImpactSettings(),
        ladder=SimpleNamespace(wait=timedelta(seconds=90), patience=timedelta(minutes=10)), chain=ChainSettings(),
        office=SimpleNamespace(public_url=None, name_th="สำนักงาน", name_en="Office", phone="1784"),
        engine=SimpleNamespace(concurrency=concurrency),
        retention=SimpleNamespace(payloads=timedelta(days=400), people=timedelta(days=400)),
    )  # fmt: skip
    return Office(config, database, WallClock(), keyring, built_in_areas(), Mode.EXERCISE)  # type: ignore[arg-type]


@dataclass
class Bench:
    office: Office
    provider: str
    keyfile: Path

    def book(self) -> dict[str, Any]:
        with urlopen(f"{self.provider}/book") as answer:
            return dict(json.load(answer))

    def forget(self) -> None:
        urlopen(Request(f"{self.provider}/forget", method="POST")).read()

    def sql(self, query: str, **values: Any) -> list[Any]:
        from sqlalchemy import text

        with self.office.database.session() as session:
            result = session.execute(text(query), values)
            return list(result.all()) if result.returns_rows else []

    def clean(self) -> None:
        """As before the first alert, the people kept."""
        for _ in range(10):
            try:
                self.sql(f"TRUNCATE {_OF_ONE_NIGHT} CASCADE")
                break
            except OperationalError:  # a sweep was reading in another order: the server chose us to step back
                time.sleep(0.05)
        self.forget()

    def halt(self) -> None:
        """Nothing more is sent: what waits is closed, and what is on the wire is waited for."""
        self.sql("UPDATE alert SET state = 'EXPIRED'")
        self.sql("UPDATE segment SET state = 'CLOSED' WHERE state = 'WAITING'")
        self.sql("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
        for _ in range(400):
            if self.sql("SELECT count(*) AS n FROM procrastinate_jobs")[0].n == 0:
                return
            time.sleep(0.01)

    def unsent(self) -> int:
        """Segments of the carrier that are not through."""
        return int(
            self.sql("SELECT count(*) AS n FROM segment WHERE state <> 'SENT' AND channel = 'carrier'")[0].n
        )

    def states(self) -> dict[str, int]:
        """How many rows of the carrier the ledger has in which state."""
        query = "SELECT state, count(*) AS n FROM delivery_status WHERE channel = 'carrier' GROUP BY state"
        return {r.state: r.n for r in self.sql(query)}

    def load(self, recipients: int, *, contacts: bool = False, tambons: int = 0) -> None:
        """So many residents' addresses, spread over the first `tambons` (0: all 65); with `contacts`, one of a head in each of all."""
        ring = self.office.keyring
        everywhere = sorted(gazetteer().tambons)
        tambons_told = everywhere[: tambons or len(everywhere)]
        with psycopg.connect(self.office.database.conninfo) as raw, raw.cursor() as cursor:
            cursor.execute("TRUNCATE address CASCADE")
            with cursor.copy(
                "COPY address (id, audience, kind, tambon_code, village_code, nth, owner_id, sealed, hash, active) FROM STDIN"
            ) as copy:
                heads = [("CONTACT", n) for n in range(len(everywhere) if contacts else 0)]
                for audience, n in chain(heads, (("RESIDENT", n) for n in range(recipients))):
                    here = everywhere if audience == "CONTACT" else tambons_told
                    code = here[n % len(here)]
                    phone = f"+66{int(audience == 'CONTACT'):02d}{n:08d}"
                    copy.write_row((uuid4(), audience, "SMS", code, f"{code}01", n // len(here), uuid4(),
                                    ring.seal(phone), f"{audience}{n:050d}", True))  # fmt: skip
        with psycopg.connect(self.office.database.conninfo, autocommit=True) as raw:
            raw.execute("VACUUM ANALYZE address")  # as the server does by itself a minute after an import

    def issue(self, *, severity: str = "Extreme", tambons: Sequence[str] = (), words: str = WORDS) -> UUID:
        """An alert issued now, for the whole province where no tambon are named."""
        now = self.office.clock.now()
        alert = Alert(
            id=uuid4(), mode=Mode.EXERCISE, number=f"bench-{uuid4().hex[:8]}", identifier="bench", msg_type="Alert",
            kind="alert", state=AlertState.ISSUED, event="river_overflow", severity=severity, urgency="Immediate",
            certainty="Observed", response_type="Evacuate", tambons=sorted(tambons or gazetteer().tambons),
            words={"sms_th": words}, approval=ApprovalPolicy.NONE,
            drafted_at=now, issued_at=now, changed_at=now, expires_at=now + timedelta(hours=6),
        )  # fmt: skip
        with self.office.database.session() as session:
            session.add(alert)
        wake(self.office, Next("address_contacts", str(alert.id), priority_of(severity, exercise=False) + 1))
        return alert.id

    def worker(self, name: str, concurrency: int, *how: str) -> "subprocess.Popen[bytes]":
        """A worker process, ready: it says so before this returns. how: words of `bench.worker`."""
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bench.worker",
                self.office.database.url,
                self.provider,
                str(self.keyfile),
                name,
                str(concurrency),
                *how,
            ],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        return process


def stop(processes: list["subprocess.Popen[bytes]"]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(timeout=10)


@contextmanager
def bench(delay_ms: int = DELAY_MS, calls_per_s: int = 0) -> Iterator[Bench]:
    """A database, a provider (that refuses more than `calls_per_s`) and an office; RAKSA_BENCH_DATABASE_URL or the embedded server."""
    with tempfile.TemporaryDirectory(prefix="raksa-bench-", ignore_cleanup_errors=True) as folder:
        keyfile = Path(folder) / "keyring.json"
        keyring = Keyring.load(keyfile)
        port = free_port("127.0.0.1", 18500)
        provider = subprocess.Popen(
            [sys.executable, "-m", "bench.provider", str(port), str(delay_ms), str(calls_per_s)]
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{url}/book")
            with open_database(Path(folder) / "var", os.environ.get("RAKSA_BENCH_DATABASE_URL")) as database:
                yield Bench(make_office(database, keyring, url, 16), url, keyfile)
        finally:
            provider.terminate()
            provider.wait()


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            urlopen(url).read()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)


def calibrate() -> dict[str, float]:
    """What this machine does: a million additions, one fdatasync. Runs of differing machines are not compared."""
    start = time.perf_counter()
    total = 0
    for n in range(1_000_000):
        total += n
    adding_s = time.perf_counter() - start
    with tempfile.NamedTemporaryFile() as file:
        start = time.perf_counter()
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
        sync_us = (time.perf_counter() - start) / 50 * 1e6
    return {
        "million_additions_ms": adding_s * 1000,
        "fdatasync_us": sync_us,
        "cores": float(multiprocessing.cpu_count()),
    }
