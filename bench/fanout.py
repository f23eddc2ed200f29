"""520,000 recipients: from the alert's commit to the last accepted call, and how close that is to the floor.

By the provider's floor (calls x delay / in flight), and by an account's cap as LINE has one: 200 calls a second, more is refused.
"""

import os
import statistics
import time

from bench.office import DELAY_MS, RECIPIENTS, Bench, stop
from bench.office import bench as make
from bench.row import Row, Tell, row

PATIENCE_S = 120.0
WORKERS = 2
IN_FLIGHT = (32, 128)
LINE_CALLS_PER_S = 200  # LINE Messaging API, rate limits, multicast
NO_PEER = "no peer: other queues are not installed here"


def measure(quick: bool, tell: Tell, recipients: int | None = None) -> list[Row]:
    asked, runs = recipients or (50_000 if quick else RECIPIENTS), 1 if quick else 3
    rows = []
    with make() as bench:
        bench.load(asked)
        for in_flight in IN_FLIGHT:
            found = [once(bench, WORKERS, in_flight // WORKERS, asked) for _ in range(runs)]
            rows.append(_row(in_flight, found, asked))
            if in_flight == IN_FLIGHT[0]:
                rss = max(float(run["rss_mb"]) for run in found)
                wrong = str(found[0]["wrong"])
                rows.append(
                    row("sender_memory", rss, "MB", wrong=wrong, why="target 150 MB; resident, at the end")
                )
    with make(calls_per_s=LINE_CALLS_PER_S) as bench:
        bench.load(asked)
        how = f"calls-per-s={LINE_CALLS_PER_S}"
        rows.append(_capped([once(bench, WORKERS, 64, asked, how) for _ in range(runs)], asked))
    return rows


def _row(in_flight: int, found: list[dict[str, float | str]], recipients: int) -> Row:
    seconds = [float(run["total_s"]) for run in found]
    floor = floor_s(float(found[0]["chunks"]), in_flight)
    wrong = next((str(run["wrong"]) for run in found if run["wrong"]), "")
    most = max(int(run["most_in_flight"]) for run in found)
    target = "2.5x the floor" if in_flight == IN_FLIGHT[0] else "3.5 s"
    return row(
        f"fanout_{in_flight}", statistics.median(seconds), "s", wrong=wrong, floor=floor,
        why=f"{recipients} recipients, floor {floor:.2f} s, {min(seconds):.2f}..{max(seconds):.2f} in {len(found)} runs, "
        f"at most {most} in flight, load {os.getloadavg()[0]:.1f}; target {target}; {NO_PEER}",
    )  # fmt: skip


def _capped(found: list[dict[str, float | str]], recipients: int) -> Row:
    """The limit: an account used up to its cap in every second."""
    seconds = [float(run["total_s"]) for run in found]
    calls = float(found[0]["chunks"])
    limit = calls / LINE_CALLS_PER_S
    wrong = next((str(run["wrong"]) for run in found if run["wrong"]), "")
    return row(
        "fanout_line_cap", statistics.median(seconds), "s", wrong=wrong, floor=limit,
        why=f"{recipients} recipients, {calls:.0f} calls at {LINE_CALLS_PER_S}/s are {limit:.2f} s, {min(seconds):.2f}.."
        f"{max(seconds):.2f} in {len(found)} runs, {max(int(run['refused']) for run in found)} calls refused above the cap, "
        f"load {os.getloadavg()[0]:.1f}; target 1.1x the limit; no peer",
    )  # fmt: skip


def once(bench: Bench, workers: int, concurrency: int, recipients: int, *how: str) -> dict[str, float | str]:
    """One fan-out. `wrong` is empty when every recipient arrived once and the ledger says accepted for all."""
    bench.clean()
    processes = [bench.worker(f"w{n}", concurrency, *how) for n in range(workers)]
    try:
        start = time.monotonic()
        bench.issue()
        wait_until_sent(bench, recipients, PATIENCE_S)
        total_s = time.monotonic() - start
        resident_mb = max(rss_mb(p.pid) for p in processes)
    finally:
        stop(processes)
    book = bench.book()
    return {
        "total_s": total_s, "first_send_s": (book["first"] or start) - start, "chunks": book["keys"], "rss_mb": resident_mb,
        "most_in_flight": book["most_in_flight"], "refused": book["refused"], "wrong": judged(bench, recipients, repeats=0),
    }  # fmt: skip


def wait_until_sent(bench: Bench, recipients: int, patience_s: float) -> None:
    """Until every recipient has arrived and no segment waits, or patience ends; the oracle then says what is missing."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if bench.book()["people"] >= recipients and bench.unsent() == 0:
            return
        time.sleep(0.05)


def judged(bench: Bench, recipients: int, repeats: int) -> str:
    """What the provider's book and the ledger hold against us; at most `repeats` calls may have come again."""
    book, states = bench.book(), bench.states()
    if book["people"] != recipients:
        return f"{book['people']} of {recipients} people arrived"
    if book["repeated_calls"] > repeats:
        return f"{book['repeated_calls']} calls came again, at most {repeats} may"
    return "" if states == {"accepted": recipients} else f"the ledger says {states}"


def floor_s(chunks: float, in_flight: int) -> float:
    return chunks * DELAY_MS / 1000 / in_flight


def rss_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status") as status:
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
