"""Five million recipients planned and sent, and whether a sender's memory grows on the way; twenty million by rule of three.

The people lie on the province's 65 tambon and share one sealed number: a sender opens each all the same, and the provider counts
calls and people.
"""

import os
import time

import psycopg

from bench.fanout import LINE_CALLS_PER_S, WORKERS, judged, rss_mb
from bench.office import Bench, stop
from bench.office import bench as make
from bench.row import Row, Tell, row
from geo.gazetteer import gazetteer

PEOPLE, NATION = 5_000_000, 20_000_000
PATIENCE_S = 900.0
EVERY_S = 1.0

_FILL = """
INSERT INTO address (id, audience, kind, tambon_code, village_code, nth, owner_id, sealed, hash, active)
SELECT gen_random_uuid(), 'RESIDENT', 'SMS', code, code || '01', n / %(tambons)s, gen_random_uuid(), %(sealed)s,
    lpad(n::text, 64, '0'), true
FROM generate_series(0, %(people)s - 1) AS n JOIN unnest(%(codes)s::text[]) WITH ORDINALITY AS t(code, nth)
    ON t.nth = n %% %(tambons)s + 1 ORDER BY code, n
"""


def measure(quick: bool, tell: Tell, recipients: int | None = None) -> list[Row]:
    people = recipients or (200_000 if quick else PEOPLE)
    with make() as bench:
        start = time.monotonic()
        _fill(bench, people)
        loaded_s = time.monotonic() - start
        tell(f"{people:,} addresses in {loaded_s:.0f} s")
        planned_s, total_s, memory, wrong = _once(bench, people)
    half = memory[len(memory) // 4 : len(memory) // 2]
    early, late = max(half, default=0.0), max(memory[len(memory) // 2 :], default=0.0)
    return [
        row(
            "scale", total_s, "s", wrong=wrong,
            why=f"{people} recipients, all planned after {planned_s:.1f} s, {people / total_s:.0f} people/s; memory of the "
            f"larger sender {early:.0f} MB in the second quarter, {late:.0f} MB in the second half;"
            f" {NATION} by rule of three "
            f"{total_s * NATION / people:.0f} s, by one account of {LINE_CALLS_PER_S}/s {NATION / 500 / LINE_CALLS_PER_S:.0f} s; "
            f"load {os.getloadavg()[0]:.1f}; no peer",
        ),
        row(
            "scale_memory", late / early if early else 0.0, "x of the second quarter", wrong=wrong, why="target: flat, 1.1"
        ),
    ]  # fmt: skip


def _fill(bench: Bench, people: int) -> None:
    codes = sorted(gazetteer().tambons)
    values = {
        "people": people,
        "codes": codes,
        "tambons": len(codes),
        "sealed": bench.office.keyring.seal("+66000000000"),
    }
    with psycopg.connect(bench.office.database.conninfo, autocommit=True) as raw:
        raw.execute("TRUNCATE address CASCADE")
        raw.execute(_FILL, values)
        raw.execute("VACUUM ANALYZE address")


def _once(bench: Bench, people: int) -> tuple[float, float, list[float], str]:
    """Seconds to the last segment's row and to the last accepted call, the senders' memory second by second, what is wrong."""
    bench.clean()
    processes = [bench.worker(f"s{n}", 64) for n in range(WORKERS)]
    memory: list[float] = []
    planned_s, segments = 0.0, 0
    try:
        start = time.monotonic()
        bench.issue()
        while time.monotonic() - start < PATIENCE_S:
            memory.append(max(rss_mb(p.pid) for p in processes))
            now = int(bench.sql("SELECT count(*) AS n FROM segment")[0].n)
            if now > segments:
                segments, planned_s = now, time.monotonic() - start
            if bench.book()["people"] >= people and bench.unsent() == 0:
                break
            time.sleep(EVERY_S)
        total_s = time.monotonic() - start
    finally:
        stop(processes)
    return planned_s, total_s, memory, judged(bench, people, repeats=0)
