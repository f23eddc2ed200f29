"""An Extreme alert for one tambon while a Severe one for everybody else is still on its way, on an account with a cap.

The figure is the 99th of a hundred, from before the alert's row is written until its first call arrives at the provider.
"""

import os
import statistics
import time

from bench.fanout import LINE_CALLS_PER_S
from bench.office import RECIPIENTS, Bench, stop
from bench.office import bench as make
from bench.row import Row, Tell, row
from geo.gazetteer import gazetteer

PATIENCE_S = 10.0
CALLS_PER_S = LINE_CALLS_PER_S // 2  # a backlog of ten seconds


def measure(quick: bool, tell: Tell, recipients: int | None = None) -> list[Row]:
    asked, trials = recipients or (100_000 if quick else RECIPIENTS), 10 if quick else 100
    places = sorted(gazetteer().tambons)
    with make(calls_per_s=CALLS_PER_S) as bench:
        bench.load(asked, contacts=True, tambons=len(places) - 1)
        processes = [bench.worker(f"u{n}", 64, f"calls-per-s={CALLS_PER_S}") for n in range(2)]
        try:
            took, left = _trials(bench, asked, places[-1], trials)
        finally:
            stop(processes)
        again = bench.book()["repeated_calls"]
    found = sorted(ms for ms in took if ms is not None)
    lost = len(took) - len(found)
    wrong = (
        f"{lost} urgent alerts did not arrive within {PATIENCE_S:.0f} s" if lost
        else "the backlog was gone before an urgent alert: nothing was proved" if not left
        else f"{again} calls came twice" if again else ""
    )  # fmt: skip
    p99 = found[min(len(found) - 1, round(0.99 * len(found)))] if found else 0.0
    p50 = statistics.median(found) if found else 0.0
    return [
        row(
            "urgent", p99, "ms", wrong=wrong,
            why=f"p99 of {trials}; p50 {p50:.0f}, slowest {max(found, default=0):.0f}; at least {left} segments of {asked} waited "
            f"beside, the account makes {CALLS_PER_S}/s, load {os.getloadavg()[0]:.1f}; target 100 ms; no peer",
        )
    ]  # fmt: skip


def _trials(bench: Bench, recipients: int, place: str, trials: int) -> tuple[list[float | None], int]:
    """Milliseconds of each; the fewest segments of a backlog that waited right after one had arrived."""
    for n in range(
        3
    ):  # a new worker's first alerts are slower: its statements and rings are not yet known to it
        _once(bench, place, f"before {n}")
    took: list[float | None] = []
    fewest, waits = recipients, 0
    for n in range(trials):
        if waits < recipients // 500 // 4:  # a quarter of it is left: everybody is warned once more
            bench.issue(severity="Severe")
            end = time.monotonic() + PATIENCE_S
            while (waits := _waiting(bench)) < recipients // 500 // 2 and time.monotonic() < end:
                time.sleep(0.02)
        took.append(_once(bench, place, f"urgent {n}"))
        waits = _waiting(bench)
        fewest = min(fewest, waits)
    return took, fewest


def _waiting(bench: Bench) -> int:
    count = (
        "SELECT count(*) AS n FROM segment s JOIN alert a ON a.id = s.alert_id "
        "WHERE s.state = 'WAITING' AND a.severity = 'Severe'"
    )
    return int(bench.sql(count)[0].n)


def _once(bench: Bench, place: str, words: str) -> float | None:
    start = time.monotonic()
    bench.issue(tambons=[place], words=words)
    while time.monotonic() - start < PATIENCE_S:
        if first := bench.book()["first_of"].get(words):
            return float((first - start) * 1000)
        time.sleep(0.005)
    return None
