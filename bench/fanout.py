"""520,000 recipients: from the alert's commit to the last accepted call, and how close that is to the floor."""

import statistics
import time

from bench.office import DELAY_MS, RECIPIENTS, Bench, stop

PATIENCE_S = 120.0


def once(bench: Bench, workers: int, concurrency: int, recipients: int) -> dict[str, float]:
    """One fan-out. The oracle: every recipient arrived once, nothing is left waiting, the ledger says accepted for all."""
    bench.clean()
    processes = [bench.worker(f"w{n}", concurrency) for n in range(workers)]
    try:
        start = time.monotonic()
        bench.issue()
        while time.monotonic() - start < PATIENCE_S:
            book = bench.book()
            if book["people"] >= recipients:
                done = bench.sql(
                    "SELECT count(*) AS n FROM segment WHERE state <> 'SENT' AND channel = 'carrier'"
                )[0].n
                if done == 0:
                    break
            time.sleep(0.05)
        total_s = time.monotonic() - start
        rss_mb = max(_rss_mb(p.pid) for p in processes)
    finally:
        stop(processes)
    book = bench.book()
    states = {
        r.state: r.n
        for r in bench.sql(
            "SELECT state, count(*) AS n FROM delivery_status WHERE channel = 'carrier' GROUP BY state"
        )
    }
    right = (
        book["people"] == recipients and book["repeated_people"] == 0 and states == {"accepted": recipients}
    )
    return {
        "total_s": total_s, "first_send_s": book["first"] - start, "chunks": book["keys"], "rss_mb": rss_mb,
        "most_in_flight": book["most_in_flight"], "right": float(right),
    }  # fmt: skip


def floor_s(chunks: float, in_flight: int) -> float:
    return chunks * DELAY_MS / 1000 / in_flight


def _rss_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status") as status:
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


if __name__ == "__main__":
    from bench.office import bench as make

    with make() as b:
        b.load(RECIPIENTS)
        for in_flight in (32, 128):
            runs = [once(b, 2, in_flight // 2, RECIPIENTS) for _ in range(3)]
            for run in runs:
                print(in_flight, run)
            print(
                "median",
                statistics.median(r["total_s"] for r in runs),
                "floor",
                floor_s(runs[0]["chunks"], in_flight),
            )
