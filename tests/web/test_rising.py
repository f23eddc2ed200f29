"""The rate an officer reads is of now, stands one wild reading, and is not said of old water."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warning.web.console.rising import STALE, rise_m_h

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def readings(*pairs: tuple[float, float]) -> list[tuple[datetime, float]]:
    """(minutes before now, metres) -> a series, oldest first."""
    return [(NOW - timedelta(minutes=ago), value) for ago, value in pairs]


@pytest.mark.parametrize(
    ("series", "rate"),
    [
        pytest.param(readings(), None, id="no-reading"),
        pytest.param(readings((5, 3.0)), None, id="one-reading"),
        pytest.param(readings((61, 3.0), (1, 3.5)), 0.5, id="an-hourly-gauge-of-RID"),
        pytest.param(readings((80, 3.0), (1, 3.5)), None, id="the-reading-before-is-too-old"),
        pytest.param(readings((150, 3.0), (140, 3.4), (130, 3.8)), None, id="stale-gives-no-rate"),
        pytest.param(
            readings((60, 3.0), (50, 3.0), (40, 3.0), (30, 3.0), (20, 3.2), (10, 3.4), (0, 3.6)), 1.2,
            id="rising-since-half-an-hour-not-averaged-over-the-calm-before",
        ),
        pytest.param(
            readings((60, 2.0), (50, 2.5), (40, 3.0), (30, 3.6), (20, 3.6), (10, 3.6), (0, 3.6)), 0.0,
            id="it-has-stopped-rising",
        ),
        pytest.param(
            readings((30, 3.0), (20, 3.1), (10, 13.2), (0, 3.3)), 0.6, id="one-wild-reading-does-not-turn-it"
        ),
        pytest.param(readings((5, 3.0), (4, 3.01), (3, 3.0)), None, id="two-minutes-are-a-ripple"),
        pytest.param(readings((20, 3.0), (2, 2.7)), -1.0, id="falling"),
        pytest.param(readings((0, 3.0), (0, 3.4)), None, id="twice-the-same-moment"),
        pytest.param([*readings((20, 3.0), (0, 3.2)), (NOW + timedelta(hours=7), 9.0)], 0.6, id="a-clock-7-h-ahead"),
    ],
)  # fmt: skip
def test_the_rate_of_now(series: list[tuple[datetime, float]], rate: float | None) -> None:
    found = rise_m_h(series, NOW)
    assert found is None if rate is None else found == pytest.approx(rate, abs=0.01)


@given(st.floats(-3, 3), st.integers(0, 59), st.sampled_from([1, 5, 10, 15, 60]), st.integers(2, 60))
def test_a_steady_river_has_its_own_rate_at_any_beat(slope: float, age: int, beat: int, count: int) -> None:
    series = readings(*((age + n * beat, 10 - slope * n * beat / 60) for n in range(count - 1, -1, -1)))
    found = rise_m_h(series, NOW)
    if (count - 1) * beat >= 15:
        assert found == pytest.approx(slope, abs=1e-6)
    else:
        assert found is None


@given(st.integers(61, 10_000), st.lists(st.floats(0, 20), min_size=1, max_size=30))
def test_old_water_has_no_rate(age: int, values: list[float]) -> None:
    assert timedelta(minutes=age) > STALE
    series = readings(*((age + n * 10, value) for n, value in reversed(list(enumerate(values)))))
    assert rise_m_h(series, NOW) is None
