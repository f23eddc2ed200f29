"""From an accepted observation to the first call at the provider, through every step: rules, alert, words, CAP, plan.

A rule that may send by itself (released, approval none) warns the whole province. Measured with a small registry and with
520,000 recipients; each tambon has one village contact, who is called first. The clock starts before the observation is written.
"""

import time
from datetime import timedelta
from statistics import median
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from bench.office import RECIPIENTS, Bench, stop
from bench.office import bench as make
from bench.row import Row, Tell, row
from geo.gazetteer import gazetteer
from sources.contract import Observation, Payload, Quantity
from warning import observe
from warning.engine.app import defer
from warning.rule import Rule
from warning.step import Next

STATION = "X.170"
PATIENCE_S = 10.0
FEW = 650


def the_rule() -> Rule:
    """Extreme, for the whole province, sent without a person: the shortest way there is."""
    return Rule.model_validate(
        {
            "name": "bench-rises", "because": "a threshold of the bench", "tambons": sorted(gazetteer().tambons),
            "when": {"quantity": "water_level", "station": STATION, "above": 24.5, "lasting": "PT0S"},
            "until": {"below": 24.2, "lasting": "PT0S"}, "stale_after": "PT45M", "approval": "none", "released": True,
            "alert": {"event": "river_overflow", "severity": "Extreme", "urgency": "Immediate",
                      "certainty": "Observed", "responseType": "Evacuate"},
        }
    )  # fmt: skip


def measure(quick: bool, tell: Tell) -> list[Row]:
    rows: list[Row] = []
    with make(delay_ms=5) as bench:
        for name, recipients, trials in (
            ("first_send", FEW, 10 if quick else 100),
            ("first_send_520k", 50_000 if quick else RECIPIENTS, 3 if quick else 20),
        ):
            bench.load(recipients, contacts=True)
            rows.extend(_rows(name, bench, recipients, trials))
    return rows


def _rows(name: str, bench: Bench, recipients: int, trials: int) -> list[Row]:
    processes = [bench.worker(f"f{n}", 16, "with-rule") for n in range(2)]
    try:
        found = [_trial(bench) for _ in range(trials + 2)]
    finally:
        stop(processes)
    lost = sum(ms is None for ms in found)
    wrong = f"{lost} of {len(found)} observations sent nothing in {PATIENCE_S:.0f} s" if lost else ""
    times = sorted(ms for ms in found[2:] if ms is not None) or [
        0.0
    ]  # two to warm up; the first is told below
    why = f"first to a village contact; {recipients} residents, {trials} trials, of a new worker {found[0] or 0:.0f} ms; no peer"
    high = times[min(len(times) - 1, int(len(times) * 0.99))]
    return [
        row(f"{name}_p50", median(times), "ms", wrong=wrong, why=f"{why}; target 50 ms"),
        row(f"{name}_p99", high, "ms", wrong=wrong,
            why="target 150 ms" + ("" if trials >= 100 else f"; of {trials} trials this is the slowest")),
    ]  # fmt: skip


def _trial(bench: Bench) -> float | None:
    """Milliseconds from the observation to the first call; None when none came."""
    bench.halt()
    bench.clean()
    now = bench.office.clock.now()
    source: Any = SimpleNamespace(name="bench", stale_after=timedelta(hours=1), may_be_empty=False)
    seen = Observation("bench", STATION, Quantity.WATER_LEVEL, 25.5, "m", now - timedelta(seconds=1))
    start = time.monotonic()
    with bench.office.database.session() as session:
        payload = observe.keep(session, source, Payload(uuid4().bytes, now))
        observe.record(session, source, payload, [seen], now, bench.office.areas.at, bench.office.bound)
        defer(session, [Next("assess", "rules", bench.office.severity_priority("Extreme"))])
    while time.monotonic() - start < PATIENCE_S:
        first = bench.book()["first"]
        if first is not None:
            return float(first - start) * 1000
        time.sleep(0.1)  # the provider has noted the moment; who asks more often only takes a core away
    return None
