"""kill -9 of one of two workers in mid fan-out: nothing lost, repeats within what was in flight, work taken back.

Nobody restarts the dead worker. The figure is the time from the kill until the last segment it held has been sent.
"""

import time

from bench.fanout import PATIENCE_S, judged, wait_until_sent
from bench.office import RECIPIENTS, Bench, stop
from bench.office import bench as make
from bench.row import Row, Tell, row

CONCURRENCY = 16


def measure(quick: bool, tell: Tell) -> list[Row]:
    recipients, runs = (100_000, 1) if quick else (RECIPIENTS, 3)
    with make() as bench:
        bench.load(recipients)
        found = [_once(bench, recipients, share) for share in (0.3, 0.15, 0.5)[:runs]]
    back = [seconds for seconds, _, _ in found]
    wrong = next((w for _, w, _ in found if w), "")
    repeats = max(r for _, _, r in found)
    return [
        row(
            "kill", max(back), "s", wrong=wrong,
            why=f"the slowest of {runs}; one of two workers, not restarted; nothing lost, at most {repeats} calls came again "
            f"({CONCURRENCY} in flight); target 7 s; no peer in this run",
        )
    ]  # fmt: skip


def _once(bench: Bench, recipients: int, share: float) -> tuple[float, str, int]:
    """Kill when this share has arrived. Returns seconds to take the work back, what is wrong, calls repeated."""
    bench.clean()
    processes = [bench.worker(f"k{n}", CONCURRENCY) for n in range(2)]
    try:
        bench.issue()
        deadline = time.monotonic() + PATIENCE_S
        while bench.book()["people"] < recipients * share and time.monotonic() < deadline:
            time.sleep(0.01)
        processes[0].kill()
        killed = time.monotonic()
        processes[0].wait()
        held = [r.id for r in bench.sql("SELECT id FROM segment WHERE state = 'SENDING'")]
        if not held:
            return 0.0, "the kill came after the last send: nothing was proved", 0
        open_still = "SELECT count(*) AS n FROM segment WHERE id = ANY(:held) AND state <> 'SENT'"
        while bench.sql(open_still, held=held)[0].n and time.monotonic() < deadline:
            time.sleep(0.05)
        back_s = time.monotonic() - killed
        wait_until_sent(bench, recipients, PATIENCE_S)
    finally:
        stop([p for p in processes if p.poll() is None])
    return back_s, judged(bench, recipients, repeats=CONCURRENCY), bench.book()["repeated_calls"]
