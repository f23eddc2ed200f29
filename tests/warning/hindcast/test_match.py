"""What is an event, what is a hit, and what the figures say of both."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warning.hindcast.rivers import channel
from warning.hindcast.match import Stretch, match, stretches
from warning.hindcast.score import figures, intervals, plain
from warning.hindcast.truth import Happened, events_of, nodata_h

DAY, HOUR = 86400.0, 3600.0
NAN = math.nan


@pytest.mark.parametrize(
    ("values", "starts"),
    [
        ([1, 2, 3, 4, 2], [2]),
        ([1, 2.999, 2], []),
        ([4, 4, 1, 1], []),
        ([1, 4, 4, *[1] * 22, 4], [1]),
        ([1, 4, 4, *[1] * 23, 4], [1, 26]),
        ([1, 2, NAN, NAN, 4, 1], [4]),
        ([1, 2, 0.0, 4, 4.1, 1], [3]),
        ([*[4.02, 4.03] * 30, 0.0, 4.02, 4.03], []),
        ([*[1.0, 1.01] * 30, 9.99, 1.01, 1.0], []),
    ],
    ids=["crossing at the line", "under it", "begins above", "within separate", "after separate", "nobody saw it", "a real rise",
         "a dropout crosses nothing", "nor does a lone spike"],
)  # fmt: skip
def test_what_is_an_event(values: list[float], starts: list[int]) -> None:
    assert [e.start / HOUR for e in events_of(channel(values), 3.0, DAY)] == starts


E = Happened(100 * HOUR, 110 * HOUR, 4.0, 99 * HOUR)


@pytest.mark.parametrize(
    ("spans", "lead_h", "kinds"),
    [
        ([(98, 120)], 2, ["hit"]),
        ([(100, 101)], 0, ["hit"]),
        ([(52, 101)], 48, ["hit"]),
        ([(51, 101)], None, ["false"]),
        ([(70, 88)], 30, ["hit"]),
        ([(70, 87)], None, ["false"]),
        ([(101, 120)], None, ["late"]),
        ([(98, 105), (106, 120)], 2, ["hit", "again"]),
        ([(90, 95), (98, 120)], 10, ["hit", "again"]),
        ([(200, 210)], None, ["false"]),
        ([], None, []),
    ],
    ids=["two hours before", "at the crossing", "48 h before", "too early", "still on at 12 h", "over too soon", "late",
         "again in the event", "two before it", "elsewhere", "none"],
)  # fmt: skip
def test_what_is_a_hit(spans: list[tuple[float, float]], lead_h: float | None, kinds: list[str]) -> None:
    matched = match([E], [Stretch(a * HOUR, b * HOUR) for a, b in spans], DAY)
    assert matched.leads == (None if lead_h is None else lead_h * HOUR,)
    assert list(matched.kinds) == kinds


def test_one_alert_over_two_events_hits_both_and_counts_once() -> None:
    second = Happened(140 * HOUR, 150 * HOUR, 4.0, 139 * HOUR)
    said = figures(match([E, second], [Stretch(95 * HOUR, 160 * HOUR)], DAY), 1000, 24)
    assert (said["alerts"], said["hits"], said["false_alarms"], said["lead_h"]) == (1, 2, 0, [5.0, 45.0])


def test_a_silence_is_bridged_for_two_days_and_no_longer() -> None:
    at = np.array([0, 1, 30, 31, 100, 101]) * HOUR
    on = np.array([False, True, True, True, True, False])
    assert stretches(at, on, HOUR) == [Stretch(1 * HOUR, 79 * HOUR), Stretch(100 * HOUR, 101 * HOUR)]


def test_hours_without_a_reading() -> None:
    assert nodata_h(channel([1, 1, NAN, NAN, 1, 1])) == 2


COUNTS = st.integers(0, 30)


@given(COUNTS, COUNTS, COUNTS)
def test_the_figures_agree_with_each_other(a: int, b: int, c: int) -> None:
    """CSI = 1 / (1/(1-FAR) + 1/POD - 1); what has nothing below it is no number, never 0."""
    events = [Happened(n * 100 * HOUR, (n * 100 + 1) * HOUR, 1.0, 0.0) for n in range(1, a + c + 1)]
    alerts = [Stretch(e.start - HOUR, e.end) for e in events[:a]]
    alerts += [Stretch((9000 + 100 * n) * HOUR, (9001 + 100 * n) * HOUR) for n in range(b)]
    said = figures(match(events, alerts, DAY), 24.0 * 1000, 24.0)
    assert (said["hits"], said["false_alarms"], said["misses"]) == (a, b, c)
    assert (said["pod"] is None) == (a + c == 0) and (said["far"] is None) == (a + b == 0)
    assert (said["csi"] is None) == (a + b + c == 0)
    if a:
        assert said["csi"] == pytest.approx(1 / (1 / (1 - said["far"]) + 1 / said["pod"] - 1), abs=1e-3)
        low, high = intervals(match(events, alerts, DAY))["csi"] or (0, 0)
        assert 0 <= low <= high <= 1


def test_json_has_no_nan() -> None:
    assert plain({"a": [float("nan"), np.float64(1), np.int64(2), None, True, "x", math.inf]}) == {
        "a": [None, 1.0, 2, None, True, "x", None]
    }
