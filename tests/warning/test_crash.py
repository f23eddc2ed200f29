"""kill -9 again and again, and a database that goes away, in the middle of one long fan-out.

The provider's own book judges: nobody is lost; a call comes again only where its worker died with it on the wire, and
never where the carrier cannot refuse the repeat.
"""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bench.office import Bench, _wait_for
from geo.sealed import Keyring
from tests.postgres import Server, administer
from tests.warning.crash_worker import BATCH, crash_office, start
from warning.running import free_port
from warning.store.database import Database

CONCURRENCY = 4
PATIENCE_S = 180.0  # a busy machine starts a worker in seconds


@dataclass
class Night:
    """One fan-out, its worker processes, and the provider's book."""

    bench: Bench
    dedupes: bool
    workers: list[BaseProcess] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        office, bench = self.bench.office, self.bench
        self.workers.append(
            start(
                office.database.url,
                bench.provider,
                bench.keyfile,
                dedupes=self.dedupes,
                concurrency=CONCURRENCY,
            )
        )

    def kill(self, nth: int) -> None:
        self.workers[nth].kill()  # -9
        self.workers.pop(nth).join()

    def arrived(self) -> int:
        return int(self.bench.book()["people"])

    def until(self, people: int) -> None:
        """Wait for so many arrivals, or for patience to end."""
        while self.arrived() < people and time.monotonic() - self.began < PATIENCE_S:
            time.sleep(0.01)

    def until_over(self) -> None:
        """Wait until no segment is open; the oracle then says what is missing."""
        while time.monotonic() - self.began < PATIENCE_S and (self.bench.unsent() or not self.arrived()):
            time.sleep(0.1)


@pytest.fixture
def night(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Night]:
    """A night whose carrier refuses repeats, or (param False) does not."""
    dedupes: bool = request.param
    keyfile = tmp_path / "keyring.json"
    port = free_port("127.0.0.1", 18700)
    book = subprocess.Popen([sys.executable, "-m", "bench.provider", str(port), "5"])
    url = f"http://127.0.0.1:{port}"
    made = None
    try:
        _wait_for(f"{url}/book")
        office = crash_office(database, Keyring.load(keyfile), url, dedupes, CONCURRENCY)
        made = Night(Bench(office, url, keyfile), dedupes)
        yield made
    finally:
        for worker in made.workers if made else []:
            worker.kill()
            worker.join()
        book.kill()
        book.wait()


def refuses_or_not(*, refuses: bool) -> object:
    return pytest.param(refuses, id="refuses-repeats" if refuses else "cannot-refuse-repeats")


@pytest.mark.parametrize(
    "night", [refuses_or_not(refuses=True), refuses_or_not(refuses=False)], indirect=True
)
def test_fifty_kills_lose_nobody(night: Night) -> None:
    """50 in one long fan-out; 25 where the carrier cannot refuse a repeat."""
    people, kills = (24_000, 50) if night.dedupes else (12_000, 25)
    chance = random.Random(50)
    night.bench.load(people)
    night.start()
    night.start()
    night.bench.issue()
    killed_at_work = 0
    for n in range(kills):
        night.until(people * (n + 1) // (kills + 8))
        time.sleep(chance.uniform(0, 0.05))
        night.kill(0)  # the older of two: the other may still be starting, and its death would prove nothing
        killed_at_work += night.bench.unsent() > 0
        night.start()
    night.until_over()

    assert killed_at_work == kills  # each kill met a fan-out still going: else nothing was proved
    book, states = night.bench.book(), night.bench.states()
    assert night.bench.unsent() == 0
    assert sum(states.values()) == people  # everybody has a row and an outcome
    print(f"calls again {book['repeated_calls']}, people arrived {book['people']}, ledger {states}")
    if night.dedupes:
        assert (book["people"], states) == (people, {"accepted": people})
        assert 0 < book["repeated_calls"] <= kills * CONCURRENCY  # none: no kill met a call on the wire
    else:
        assert book["repeated_calls"] == 0  # never sent again blindly
        assert set(states) <= {"accepted", "unknown"}
        assert (
            people - states["unknown"] == states["accepted"] <= book["people"]
        )  # nobody is called reached whom the provider never saw
        assert 0 < states.get("unknown", 0) <= kills * CONCURRENCY * BATCH


def throw_out(night: Night, server: Server) -> None:
    """Every connection is ended while its user is in the middle of something."""
    name = night.bench.sql("SELECT current_database() AS name")[0].name
    administer(
        server,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )


def restart(night: Night, server: Server) -> None:
    """In order: sessions are ended, the log is closed, and a new server starts."""
    server.restart("fast")


def crash(night: Night, server: Server) -> None:
    """As by kill -9: nothing is closed, the new server mends itself from the log."""
    server.restart("immediate")


@pytest.mark.parametrize(
    ("server", "fault", "times"),
    [
        pytest.param("embedded", throw_out, 6, id="embedded-thrown-out"),
        pytest.param("embedded", restart, 2, id="embedded-restarted"),
        pytest.param("embedded", crash, 2, id="embedded-crashed"),
        pytest.param("debian", restart, 2, id="debian-restarted"),
        pytest.param("debian", crash, 2, id="debian-crashed"),
    ],
    indirect=["server"],
)
@pytest.mark.parametrize(
    "night", [refuses_or_not(refuses=True), refuses_or_not(refuses=False)], indirect=True
)
def test_a_database_that_goes_away_and_comes_back_loses_nobody(
    night: Night, server: Server, fault: Callable[[Night, Server], None], times: int
) -> None:
    people = 12_000
    name = night.bench.sql("SELECT current_database() AS name")[0].name
    administer(server, f"ALTER DATABASE {name} SET synchronous_commit = on")  # as in production
    night.bench.office.database.close()
    night.bench.load(people)
    night.start()
    night.start()
    night.bench.issue()
    met_at_work = 0
    for n in range(times):
        night.until(people * (n + 1) // (times + 4))
        met_at_work += night.bench.unsent() > 0
        fault(night, server)
        night.bench.office.database.close()
    night.until_over()

    assert met_at_work == times
    assert night.bench.unsent() == 0
    assert all(worker.is_alive() for worker in night.workers)  # nobody had to restart them
    book, states = night.bench.book(), night.bench.states()
    print(f"calls again {book['repeated_calls']}, people arrived {book['people']}, ledger {states}")
    assert sum(states.values()) == people
    if night.dedupes:
        assert (book["people"], states) == (people, {"accepted": people})
    else:
        assert book["repeated_calls"] == 0
        assert states.get("accepted", 0) <= book["people"]
        assert states.get("unknown", 0) <= times * 2 * CONCURRENCY * BATCH
