"""10,000 stations x 50 thresholds with hysteresis: `warning.rule_board.evaluate_many` against a Python loop.

The oracle is `warning.rules.judge`, the plain reference, asked for every rule of some of the stations.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bench.row import Row, Tell, row
from warning.rule import Rule
from warning.rule_board import RuleBoard, evaluate_many, microseconds
from warning.rules import DANGER, Phase, Reading, RuleState, judge

STATIONS, RULES = 10_000, 50
JUDGED = 400  # stations of the oracle
NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def measure(quick: bool, tell: Tell) -> list[Row]:
    random = np.random.default_rng(2569)
    values = random.normal(20.0, 3.0, STATIONS)
    values[random.random(STATIONS) < 0.02] = np.nan
    above = random.uniform(18.0, 28.0, RULES)
    below = above - random.uniform(0.1, 1.0, RULES)
    active = np.asfortranarray(random.random((STATIONS, RULES)) < 0.1)
    plain = values.tolist(), above.tolist(), below.tolist(), active.tolist()  # not part of the loop's time
    ours, loop = [], []
    for _ in range(5 if quick else 15):
        start = time.perf_counter()
        danger = evaluate_many(values, above, below, active)
        ours.append(time.perf_counter() - start)
        if len(loop) < (1 if quick else 3):
            start = time.perf_counter()
            looped = _loop(*plain)
            loop.append(time.perf_counter() - start)
    wrong = (
        "differs from the loop"
        if danger.tolist() != looped
        else _judged(values, above, below, active, danger)
    )
    millions = STATIONS * RULES / 1e6
    return [
        row(
            "rules", millions / statistics.median(ours), "M evaluations/s", wrong=wrong, more_is_better=True,
            peer=millions / statistics.median(loop), why="hysteresis without `lasting`; peer: Python loop; target 250 M/s, 25x",
        ),
        _board(values, above, below, 3 if quick else 10),
    ]  # fmt: skip


def _board(values: Floats, above: Floats, below: Floats, runs: int) -> Row:
    """The whole state machine (`lasting`, silence) over the same cells, against `judge` one by one on some of them.

    This is what the step `assess` runs.
    """
    names = [f"S{n:05d}" for n in range(STATIONS)]
    rules = [
        _rule(float(a), float(b), name=f"bench-{n}")
        for n, (a, b) in enumerate(zip(above, below, strict=True))
    ]
    before = NOW - timedelta(minutes=10)
    calm = np.where(np.isnan(values), values, 10.0)
    ours = []
    for _ in range(runs):
        board = RuleBoard(rules, {rule.name: names for rule in rules})
        board.evaluate(calm, np.full(STATIONS, microseconds(before)), microseconds(before))
        start = time.perf_counter()
        board.evaluate(values, np.full(STATIONS, microseconds(NOW)), microseconds(NOW))
        ours.append(time.perf_counter() - start)
    wrong, judged_s = "", 0.0
    for n, rule in enumerate(rules):
        for station in range(JUDGED):
            value = float(values[station])
            known = not np.isnan(value)
            state = RuleState(Phase.CALM, before, at=before, value=10.0) if known else RuleState()
            start = time.perf_counter()
            said = judge(rule, state, Reading(NOW, value) if known else None, NOW)
            judged_s += time.perf_counter() - start
            if said.phase != board.state(n * STATIONS + station).phase:
                wrong = f"the reference judges rule {n} at station {station} otherwise"
    return row(
        "rules_board", STATIONS * RULES / 1e6 / statistics.median(ours), "M evaluations/s", wrong=wrong,
        more_is_better=True, peer=JUDGED * RULES / 1e6 / judged_s,
        why="with `lasting` and silence; what the step `assess` runs, without its database; peer: `judge` one by one",
    )  # fmt: skip


def _loop(
    values: list[float], above: list[float], below: list[float], active: list[list[bool]]
) -> list[list[bool]]:
    out = []
    for value, was in zip(values, active, strict=True):
        out.append([value > a or (w and not value < b) for a, b, w in zip(above, below, was, strict=True)])
    return out


def _judged(values: Floats, above: Floats, below: Floats, active: Bools, danger: Bools) -> str:
    """What the reference says otherwise, or nothing."""
    before = NOW - timedelta(minutes=10)
    for n in range(RULES):
        rule = _rule(float(above[n]), float(below[n]))
        for station in range(JUDGED):
            state = RuleState(
                Phase.ACTIVE if active[station, n] else Phase.CALM, before, at=before, value=20.0
            )
            value = float(values[station])
            reading = None if np.isnan(value) else Reading(NOW, value)
            if (judge(rule, state, reading, NOW).phase in DANGER) != danger[station, n]:
                return f"the reference judges rule {n} at station {station} otherwise"
    return ""


def _rule(above: float, below: float, name: str = "bench") -> Rule:
    return Rule.model_validate(
        {
            "name": name, "because": "a threshold of the bench", "tambons": ["930112"], "stale_after": "PT1H",
            "when": {"quantity": "water_level", "station": "X.170", "above": above, "lasting": "PT0S"},
            "until": {"below": below, "lasting": "PT0S"}, "approval": "none",
            "alert": {"event": "river_overflow", "severity": "Severe", "urgency": "Expected", "certainty": "Likely",
                      "responseType": "Prepare"},
        }
    )  # fmt: skip
