"""One call a person, as a plain gateway wants it: the whole of Raksa with its ledger beside Apprise, which keeps none.

Same provider, same 50 ms, same message. Apprise is given all people at once and chooses its own threads.
"""

import logging
import os
import time

import apprise

from bench.office import WORDS, Bench, stop
from bench.office import bench as make
from bench.row import Row, Tell, row

PEOPLE, PEOPLE_OF_PEER = 20_000, 500
PATIENCE_S = 60.0


def measure(quick: bool, tell: Tell) -> list[Row]:
    people, of_peer, runs = (2_000, 100, 1) if quick else (PEOPLE, PEOPLE_OF_PEER, 3)
    ours: list[float] = []
    theirs: list[float] = []
    wrong = ""
    with make() as bench:
        bench.load(people)
        for _ in range(runs):  # by turns
            for rates, (rate, fault) in (
                (ours, one_call_each(bench, people)),
                (theirs, _apprise(bench, of_peer)),
            ):
                rates.append(rate)
                wrong = wrong or fault
    return [
        row(
            "apprise", sorted(ours)[runs // 2], "people/s", wrong=wrong, peer=sorted(theirs)[runs // 2], more_is_better=True,
            why=f"one call a person at 50 ms, {people} of ours with the ledger, {of_peer} of Apprise's by its own threads, median of "
            f"{runs} by turns, load {os.getloadavg()[0]:.1f}; target 8x",
        )
    ]  # fmt: skip


def one_call_each(bench: Bench, people: int) -> tuple[float, str]:
    """People a second from the alert's commit on, and what is wrong."""
    bench.clean()
    processes = [bench.worker(f"o{n}", 64, "one-by-one") for n in range(2)]
    try:
        start = time.monotonic()
        bench.issue()
        while time.monotonic() - start < PATIENCE_S and (bench.book()["ones"] < people or bench.unsent()):
            time.sleep(0.02)
        took_s = time.monotonic() - start
    finally:
        stop(processes)
    book, states = bench.book(), bench.states()
    right = (book["ones"], book["ones_again"], states) == (people, 0, {"accepted": people})
    fault = f"ours: {book['ones']} arrived, {book['ones_again']} again, the ledger says {states}"
    return people / took_s, "" if right else fault


def _apprise(bench: Bench, people: int) -> tuple[float, str]:
    bench.clean()
    logging.getLogger("apprise").setLevel(logging.ERROR)
    told = apprise.Apprise()
    for n in range(people):
        told.add(f"{bench.provider.replace('http://', 'json://')}/one/{n:08d}")
    start = time.monotonic()
    said = told.notify(body=WORDS)
    took_s = time.monotonic() - start
    book = bench.book()
    right = said and (book["ones"], book["ones_again"]) == (people, 0)
    return people / took_s, "" if right else f"Apprise: {book['ones']} of {people} arrived"
