"""kill -9 of the whole of Raksa in mid fan-out, with and without its database server: started again, it goes on."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from bench.office import Bench, _wait_for
from geo.sealed import Keyring
from tests.services.require import free_ports
from tests.warning.crash_worker import BATCH, crash_office
from warning.store.database import Database
from warning.store.embedded import EmbeddedPostgres
from warning.store.migrate import migrate

CONCURRENCY = 4
PATIENCE_S = 180.0
PEOPLE = 12_000
KILLS = 4


class Whole:
    """One folder of data, the process that holds it, and the provider's book."""

    def __init__(self, var: Path, book: str, dedupes: bool) -> None:
        self.var, self.book, self.dedupes = var, book, dedupes
        self.keyfile = var / "keyring.json"
        self.port = free_ports(1)[0]
        self.process: subprocess.Popen[bytes] | None = None
        server = EmbeddedPostgres(var)
        database = Database.connect(server.url)
        migrate(database)
        self.bench = Bench(
            crash_office(database, Keyring.load(self.keyfile), book, dedupes, CONCURRENCY), book, self.keyfile
        )
        self.bench.load(PEOPLE)
        self.bench.issue()
        database.close()
        server.stop()

    def start(self) -> None:
        """Returns when its pages are served: as an operator would wait."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.warning.crash_whole", str(self.var), self.book, str(self.keyfile),
             str(self.dedupes), str(CONCURRENCY), str(self.port)]
        )  # fmt: skip
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            assert self.process.poll() is None, "it did not start again"
            with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{self.port}/healthz"):
                return
            time.sleep(0.05)
        pytest.fail("its pages were not served in time")

    def kill(self, *, server_too: bool) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if server_too:
            os.kill(int((self.var / "pg" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def arrived(self) -> int:
        return int(self.bench.book()["people"])


@pytest.fixture
def whole(request: pytest.FixtureRequest) -> Iterator[Whole]:
    port = free_ports(1)[0]
    book = subprocess.Popen([sys.executable, "-m", "bench.provider", str(port), "20"])
    with tempfile.TemporaryDirectory(prefix="raksa-test-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        made = None
        try:
            _wait_for(f"http://127.0.0.1:{port}/book")
            made = Whole(Path(folder), f"http://127.0.0.1:{port}", request.param)
            yield made
        finally:
            book.kill()
            book.wait()
            if made and made.process and made.process.poll() is None:
                made.process.terminate()
                made.process.wait(30)


@pytest.mark.parametrize(
    "whole",
    [pytest.param(True, id="refuses-repeats"), pytest.param(False, id="cannot-refuse-repeats")],
    indirect=True,
)
def test_everything_killed_and_started_again_loses_nobody(whole: Whole) -> None:
    chance = random.Random(4)
    met_at_work = 0
    for n in range(KILLS):
        whole.start()
        began = time.monotonic()
        while whole.arrived() < PEOPLE * (n + 1) // (KILLS + 2) and time.monotonic() - began < PATIENCE_S:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.05))
        met_at_work += whole.bench.unsent() > 0
        whole.bench.office.database.close()
        whole.kill(server_too=n % 2 == 1)
    whole.start()
    began = time.monotonic()
    while whole.bench.unsent() and time.monotonic() - began < PATIENCE_S:
        time.sleep(0.1)

    assert met_at_work == KILLS
    book, states = whole.bench.book(), whole.bench.states()
    print(f"calls again {book['repeated_calls']}, people arrived {book['people']}, ledger {states}")
    assert sum(states.values()) == PEOPLE
    if whole.dedupes:
        assert (book["people"], states) == (PEOPLE, {"accepted": PEOPLE})
    else:
        assert book["repeated_calls"] == 0
        assert PEOPLE - states.get("unknown", 0) == states["accepted"] <= book["people"]
        assert states.get("unknown", 0) <= KILLS * CONCURRENCY * BATCH
