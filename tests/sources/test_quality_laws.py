"""What holds of any series: the board and the sweep say what `judge` says, no good value leaps, no flood is called a fault."""

import csv
import itertools
import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sources.contract import Quantity
from sources.limits import limits_of
from sources.quality import Held, check_series, judge, reach
from sources.quality_board import QualityBoard
from sources.verdict import GOOD
from tests.shared_data import shared_data
from tests.sources.test_quality import said

LEVEL = limits_of(Quantity.WATER_LEVEL)


@pytest.mark.parametrize(
    ("file", "time", "column", "quantity", "per_m"),
    [
        pytest.param("astico_lugo_hourly_2011_2014_2020.csv", "time_local", "stage_m", Quantity.STAGE, 1, id="astico"),
        pytest.param(
            "guaiba_portoalegre_15min_2023-08_2023-12.csv", "time_local", "level_cm", Quantity.STAGE, 100, id="guaiba"
        ),
        pytest.param(
            "thungsong_nst_station795_10min_2022-12.csv", "time_bkk_naive", "waterlevel_msl", Quantity.WATER_LEVEL, 1,
            id="thung-song",
        ),
    ],
)  # fmt: skip
def test_real_floods_are_good_and_every_dropout_in_them_is_seen(
    file: str, time: str, column: str, quantity: Quantity, per_m: float
) -> None:
    with shared_data(f"hindcast/{file}").open() as lines:
        rows = [(row[time], row[column]) for row in csv.DictReader(lines)]
    times = np.array([datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1e6 for at, _ in rows])
    values = np.array([float(value) / per_m if value else math.nan for _, value in rows])
    verdicts, _ = check_series(quantity, times, values)
    assert set(verdicts[~np.isnan(values)].tolist()) == {GOOD}
    holes = np.flatnonzero(values > 1.0)[5:-1:40]  # each stands alone
    holed = values.copy()
    holed[holes] = 0.0
    again, _ = check_series(quantity, times, holed)
    assert len(holes) > 5 and not np.any(again[holes] == GOOD)
    assert np.array_equal(np.delete(again, holes), np.delete(verdicts, holes))


LEVELS = st.one_of(
    st.floats(0, 20).map(lambda v: round(v, 2)),
    st.just(0.0),
    st.just(math.nan),
    st.sampled_from([-50.0, 4e3]),
)
WALK = st.lists(st.tuples(st.sampled_from([-2.0, 0.0, 0.01, 0.1, 0.3, 1.0, 4.0, 12.0]), LEVELS, st.integers(0, 9)),
                min_size=1, max_size=40)  # fmt: skip
GAPS = st.lists(st.sampled_from([-20.0, 0.0, 1.0, 10.0, 60.0, 600.0, 6000.0]), min_size=40, max_size=40)


def series_of(walk: list[tuple[float, float, int]], gaps: list[float]) -> tuple[list[float], list[float]]:
    """A river that drifts, sticks and leaps, now and then replaced by anything."""
    values, times, level, at = [], [], 4.0, 600.0
    for (by, anything, kind), gap in zip(walk, gaps, strict=False):
        level = round(min(max(level + by * (1 if kind % 2 else -1), 0.0), 30.0), 2)
        at = max(at + gap, 0.0)
        values.append(anything if kind == 0 else level)
        times.append(at * 60e6)
    return values, times


@settings(max_examples=150)
@given(st.lists(WALK, min_size=1, max_size=4), GAPS, st.lists(st.booleans(), min_size=40, max_size=40))
def test_the_board_says_of_all_what_judge_says_of_one(
    walks: list[list[tuple[float, float, int]]], gaps: list[float], agreed: list[bool]
) -> None:
    """And a board made again at any moment from what was kept goes on the same way."""
    many = [
        limits_of(q)
        for q in (Quantity.WATER_LEVEL, Quantity.RAIN_24H, Quantity.DISCHARGE, Quantity.AIR_TEMPERATURE)
    ]
    limits = [of._replace(low=0.5) if nth == 0 else of for nth, of in enumerate(many[: len(walks)])]
    told = [series_of(walk, gaps) for walk in walks]
    board, held = QualityBoard(limits), [Held()] * len(walks)
    for n in range(max(map(len, walks))):
        values = np.array([v[n] if n < len(v) else np.nan for v, _ in told])
        times = np.array([t[n] if n < len(t) else np.nan for _, t in told])
        turn = board.turn(values, times, np.full(len(walks), agreed[n]))
        ones = [
            judge(h, float(t), float(v), of, agreed=agreed[n])
            for h, t, v, of in zip(held, times, values, limits, strict=True)
        ]
        assert [(o.verdict, o.reason, o.settled) for o in ones] == list(
            zip(turn.verdicts.tolist(), turn.reasons.tolist(), turn.settled.tolist(), strict=True)
        )
        held = [o.held for o in ones]
        np.testing.assert_array_equal(np.stack(board.held, axis=1), np.array(held))
        board = QualityBoard(limits)
        board.remember(held)


@given(WALK, GAPS)
def test_a_sweep_says_what_one_by_one_says(walk: list[tuple[float, float, int]], gaps: list[float]) -> None:
    values, times = series_of(walk, gaps)
    verdicts, reasons = check_series(Quantity.WATER_LEVEL, np.array(times), np.array(values), LEVEL)
    held = Held()
    for n, (at, value) in enumerate(zip(times, values, strict=True)):
        one = judge(held, at, value, LEVEL)
        assert (one.verdict, one.reason) == (verdicts[n], reasons[n])
        held = one.held


@given(WALK, GAPS)
def test_a_good_value_is_possible_and_no_leap_from_the_last_one_believed(
    walk: list[tuple[float, float, int]], gaps: list[float]
) -> None:
    values, times = series_of(walk, gaps)
    held = Held()
    for at, value in zip(times, values, strict=True):
        one = judge(held, at, value, LEVEL)
        if one.verdict == GOOD:
            assert LEVEL.low <= value <= LEVEL.high
            if not math.isnan(held.sure) and at >= held.last_at:
                near = value - held.sure <= reach(LEVEL, held, at)
                assert near or not math.isnan(held.doubt_since)  # never at the first reading of a leap
        held = one.held


@given(st.lists(st.floats(-0.03, 0.08), min_size=3, max_size=60), st.data())
def test_a_dropout_is_never_good_and_takes_nobody_with_it(steps: list[float], data: st.DataObject) -> None:
    values = [round(5.0 + v, 3) for v in np.cumsum(steps)]
    where = data.draw(st.integers(1, len(values) - 2))
    holed = [*values[:where], 0.0, *values[where + 1 :]]
    found = said(holed)
    assert found[where] == "bad dropout"
    assert [*found[:where], *found[where + 1 :]] == ["good"] * (len(values) - 1)


@given(st.integers(5, 300), st.integers(6, 40))
def test_a_steady_rise_is_seen_from_its_second_reading_on(cm_per_10min: int, readings: int) -> None:
    """However steep a river makes it: what goes on is water."""
    values = [4.0 + cm_per_10min / 100 * max(0, n - 2) for n in range(readings)]
    of = LEVEL._replace(high=10_000.0, jump=10_000.0)
    assert said(values, of)[4:] == ["good"] * (readings - 4)


@given(st.floats(0.05, 3.0), st.integers(6, 40))
@example(0.6640625, 6)  # 66 cm is just usual, 67 just not: each 67 after a 66 is as a first one
def test_a_rise_told_in_whole_centimetres_is_never_doubted_twice_running(
    m_per_10min: float, readings: int
) -> None:
    values = [round(4.0 + m_per_10min * max(0, n - 2), 2) for n in range(readings)]
    found = said(values, LEVEL._replace(high=10_000.0, jump=10_000.0))
    assert all("good" in (a, b) for a, b in itertools.pairwise(found))
