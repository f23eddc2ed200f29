"""The board says of every cell what the plain reference says of one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warning.rule_cases import NIGHT, minutes, rule
from warning.rule_board import PHASES, RuleBoard, evaluate_many
from warning.rules import Reading, RuleState, judge

ZERO = NIGHT.timestamp()
VALUES = st.sampled_from([9.0, 10.2, 20.0, 24.3, 24.5, 25.0, float("nan")])
RULES = (
    rule(),
    rule(name="at-once", when={"lasting": "PT0S"}, until={"lasting": "PT0S"}),
    rule(name="low", when={"below": 10.0, "lasting": "PT5M"}, until={"above": 10.5, "lasting": "PT30M"}),
)
STATIONS = ("A", "B")


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),  # minutes until the next look
            st.lists(st.tuples(VALUES, st.none() | st.integers(-20, 90)), min_size=2, max_size=2),
        ),
        max_size=15,
    )
)
def test_board_and_reference_agree(looks: list[tuple[int, list[tuple[float, int | None]]]]) -> None:
    board = RuleBoard(RULES, {r.name: STATIONS for r in RULES})
    states = {(r.name, s): RuleState() for r in RULES for s in STATIONS}
    minute = 0
    for wait, readings in looks:
        minute += wait
        now = minutes(minute)
        by_station = dict(zip(STATIONS, readings, strict=True))
        values = np.array([by_station[station][0] for station, _ in board.series])
        ages = [by_station[station][1] for station, _ in board.series]
        observed = np.array([np.nan if age is None else ZERO + 60 * (minute - age) for age in ages])
        changes = board.evaluate(values, observed, now.timestamp())
        expected_changes = []
        for cell, (r, station) in enumerate(board.cells):
            value, age = by_station[station]
            usable = age is not None and np.isfinite(value) and -age <= 15
            reading = Reading(minutes(minute - age), value) if usable and age is not None else None
            before = states[r.name, station]
            after = judge(r, before, reading, now)
            states[r.name, station] = after
            if (before.phase, before.stale) != (after.phase, after.stale):
                expected_changes.append((cell, before.phase, after.phase))
        assert [board.state(i) for i in range(len(board.cells))] == [
            states[r.name, station] for r, station in board.cells
        ]
        assert [(int(c), PHASES[b], PHASES[a]) for c, b, a in zip(*changes, strict=True)] == expected_changes


def plain(values: Any, above: Any, below: Any, active: Any) -> list[list[bool]]:
    return [
        [value > above[j] or (bool(active[i][j]) and not value < below[j]) for j in range(len(above))]
        for i, value in enumerate(values)
    ]


@pytest.mark.parametrize("order", ["C", "F"])
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 9), m=st.integers(0, 5))
def test_thresholds_with_hysteresis_agree_with_a_loop(order: Any, seed: int, n: int, m: int) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(0, 6, n).astype(float)
    values[random.random(n) < 0.2] = np.nan
    above = random.integers(1, 6, m).astype(float)
    below = above - random.integers(0, 3, m).astype(float)
    active = np.asarray(random.random((n, m)) < 0.5, order=order)
    held = active.copy()
    assert evaluate_many(values, above, below, active).tolist() == plain(values, above, below, active)
    assert (active == held).all()
