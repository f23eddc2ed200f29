"""The board says of every cell what the plain reference says of one."""

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warning.rule_cases import minutes, rule
from warning.rule_board import PHASES, RuleBoard, evaluate_many, microseconds
from warning.rules import Reading, RuleState, judge, step_rule, transition_of

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
        observed = np.array([np.nan if age is None else microseconds(minutes(minute - age)) for age in ages])
        changes = board.evaluate(values, observed, microseconds(now))
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
        told = zip(changes.cells, changes.before, changes.after, strict=True)
        assert [(int(c), PHASES[b], PHASES[a]) for c, b, a in told] == expected_changes


SPOKEN = st.lists(
    st.tuples(st.integers(0, 400), VALUES, st.integers(0, 999_999)),
    max_size=12,
    unique_by=lambda spoken: spoken[0],
)  # seconds before the look, value, and the microseconds a clock may show


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 9000), SPOKEN, SPOKEN), max_size=8))
def test_a_backlog_kept_in_the_database_is_judged_as_station_by_station(looks: list[Any]) -> None:
    """Each look begins with a new board that takes up what the last one left, as the step `assess` does."""
    kept: dict[str, dict[str, Any]] = {r.name: {s: RuleState().to_json() for s in STATIONS} for r in RULES}
    states = {r.name: dict.fromkeys(STATIONS, RuleState()) for r in RULES}
    second = 0
    for wait, *spoken in looks:
        second += wait
        now = minutes(second / 60)
        heard = {
            station: sorted(
                Reading(now - timedelta(seconds=age, microseconds=us), value) for age, value, us in said
            )
            for station, said in zip(STATIONS, spoken, strict=True)
        }
        board = RuleBoard(RULES, {r.name: STATIONS for r in RULES})
        before = {
            cell: RuleState.from_json(json.loads(json.dumps(kept[r.name][s])))
            for cell, (r, s) in enumerate(board.cells)
        }
        board.remember(before)
        rounds = []
        for turn in range(max(map(len, heard.values()))):
            turns = [heard[s][turn] if turn < len(heard[s]) else None for s, _ in board.series]
            rounds.append((
                np.array([np.nan if r is None else r.value for r in turns]),
                np.array([microseconds(r and r.at) for r in turns]),
            ))  # fmt: skip
        changes = board.walk(rounds, microseconds(now))
        told = {r.name: step_rule(r, states[r.name], heard, now) for r in RULES}
        for cell, (r, station) in enumerate(board.cells):
            assert board.state(cell) == states[r.name][station]
            assert (cell in changes.touched) == (board.state(cell) != before[cell])
            kept[r.name][station] = board.state(cell).to_json()
        assert [
            transition_of(*board.cells[cell], before[cell], board.state(cell), now)
            for cell in map(int, changes.cells)
        ] == [transition for r in RULES for transition in told[r.name]]


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
