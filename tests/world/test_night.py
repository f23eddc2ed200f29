from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warning.world.night import (
    DEMO_NIGHT,
    Dirt,
    Fault,
    Shower,
    level_m,
    over_bank_h,
    rain_mm_h,
    rain_sum_mm,
    reported,
)
from warning.world.stations import GAUGES


def minutes_to_bank(code: str) -> float:
    hours = over_bank_h(code)
    assert hours is not None
    return hours * 60


def test_water_goes_over_the_bank_from_the_hills_to_the_lake() -> None:
    order = ["MOU510", "X.170", "MDC005", "X.68", "PLG001", "ONE025"]
    assert sorted(order, key=minutes_to_bank) == order
    assert 15 <= minutes_to_bank("X.170") <= 20
    assert minutes_to_bank("MOU510") > 0
    assert minutes_to_bank("ONE025") < 60


@pytest.mark.parametrize("code", [c for c in DEMO_NIGHT.rises if over_bank_h(c) is not None])
def test_the_bank_is_passed_exactly_once_on_the_way_up(code: str) -> None:
    hours, bank = over_bank_h(code), GAUGES[code].bank_m
    assert hours is not None
    assert level_m(code, hours - 1 / 60) <= bank < level_m(code, hours + 1 / 60)


@pytest.mark.parametrize(
    ("code", "fault", "expected"),
    [
        pytest.param("X.170", Fault(Dirt.STUCK, 0.1), (0.5, level_m("X.170", 0.1)), id="stuck-clock-goes-on"),
        pytest.param(
            "X.170", Fault(Dirt.SILENT, 0.1), (0.1, level_m("X.170", 0.1)), id="silent-keeps-old-row"
        ),
        pytest.param("X.170", Fault(Dirt.SPIKE, 0.5, 9), (0.5, level_m("X.170", 0.5) + 9), id="spike-now"),
        pytest.param("X.170", Fault(Dirt.SPIKE, 0.4, 9), (0.5, level_m("X.170", 0.5)), id="spike-over"),
        pytest.param("X.170", Fault(Dirt.STUCK, 0.6), (0.5, level_m("X.170", 0.5)), id="not-yet"),
    ],
)
def test_dirt(code: str, fault: Fault, expected: tuple[float, float]) -> None:
    night = replace(DEMO_NIGHT, faults={code: fault})
    assert reported(code, 0.5, night) == pytest.approx(expected)


def test_the_tick_holds_a_reading_until_the_next() -> None:
    night = replace(DEMO_NIGHT, tick=timedelta(minutes=10), faults={})
    assert reported("X.170", 0.34, night).at_h == pytest.approx(2 / 6)
    assert reported("X.170", 0.34, night).level_m == pytest.approx(level_m("X.170", 2 / 6))


def test_pace_stretches_the_story() -> None:
    slow = replace(DEMO_NIGHT, pace=24.0)
    assert level_m("X.170", 24 * 0.3, slow) == level_m("X.170", 0.3)
    assert over_bank_h("X.170", slow) == pytest.approx(24 * minutes_to_bank("X.170") / 60)


@given(st.floats(-6, 6), st.floats(0.1, 24))
def test_rain_sum_is_the_area_under_the_rain(t: float, over: float) -> None:
    steps = 2000
    each = over / steps
    counted = sum(rain_mm_h("STN0103", t - over + (i + 0.5) * each) for i in range(steps)) * each
    assert rain_sum_mm("STN0103", t, over) == pytest.approx(counted, abs=0.2)


def test_a_station_outside_the_script_is_dry() -> None:
    assert rain_mm_h("NOWHERE", 1) == 0 == rain_sum_mm("NOWHERE", 1, 24)
    assert Shower(0, 1, 2, 10).fallen_mm(9) == pytest.approx(10)
