"""What is forecast for the hours to come, and how surely."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.contract import UNITS, Forecast, Quantity
from warning.indicators import Indicator
from warning.indicators.forecast import ForecastValue, forecast

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def step(
    hours: float,
    value: float,
    quantity: Quantity = Quantity.RAIN_1H,
    issued: float = -1,
    quantile: float | None = None,
) -> Forecast:
    return Forecast(
        "model", "930112", quantity, value, UNITS[quantity], NOW + hours * HOUR, NOW + issued * HOUR,
        quantile=quantile,
    )  # fmt: skip


def test_hours_are_added_and_a_newer_issue_takes_the_place_of_an_older() -> None:
    told = [step(h, 9.0, issued=-7) for h in range(1, 8)] + [step(h, 2.0) for h in range(1, 6)]
    found = forecast(Indicator.FORECAST_RAIN_6H, told[::-1], NOW)
    assert (found.value, found.share, found.least) == (19.0, 1.0, 19.0)
    assert found.issued_at == NOW - 7 * HOUR and found.lead == 6 * HOUR


def test_what_is_issued_later_or_is_over_is_not_known_now() -> None:
    told = [step(1, 5.0, issued=1), step(0, 50.0), step(-1, 50.0)]
    assert math.isnan(forecast(Indicator.FORECAST_RAIN_6H, told, NOW).least)


def test_half_a_window_is_no_value_but_at_least() -> None:
    found = forecast(Indicator.FORECAST_RAIN_24H, [step(h, 3.0) for h in range(1, 13)], NOW)
    assert math.isnan(found.value) and (found.share, found.least) == (0.5, 36.0)


def test_days_stand_where_hours_end_early() -> None:
    days = [step(h, 40.0, Quantity.RAIN_24H) for h in (24, 48, 72)]
    found = forecast(Indicator.FORECAST_RAIN_72H, [*days, step(1, 1.0)], NOW)
    assert (found.value, found.share, found.lead) == (120.0, 1.0, 72 * HOUR)


def test_a_day_that_began_counts_when_its_larger_part_is_to_come() -> None:
    days = [step(h, float(h), Quantity.RAIN_24H) for h in (-5, 19, 43)]
    found = forecast(Indicator.FORECAST_RAIN_24H, days, NOW)
    assert found.value == 19.0
    days = [step(h, float(h), Quantity.RAIN_24H) for h in (5, 29, 53)]
    assert forecast(Indicator.FORECAST_RAIN_24H, days, NOW).value == 29.0


def test_a_window_holds_as_many_steps_as_it_is_long_wherever_it_begins() -> None:
    days = [step(h, 10.0, Quantity.RAIN_24H) for h in (-12, 12, 36, 60)]
    assert forecast(Indicator.FORECAST_RAIN_24H, days, NOW).value == 10.0
    hours = [step(h + 0.5, 1.0) for h in range(-3, 12)]
    assert forecast(Indicator.FORECAST_RAIN_6H, hours, NOW).value == 6.0


def test_the_highest_flow_and_when() -> None:
    told = [step(h, v, Quantity.DISCHARGE) for h, v in ((24, 80.0), (48, 210.0), (72, 150.0), (240, 900.0))]
    found = forecast(Indicator.FORECAST_DISCHARGE, told, NOW)
    assert (found.value, found.lead, found.share) == (210.0, 48 * HOUR, 1.0)


ENSEMBLE = ForecastValue(20, NOW, HOUR, 1, 20, ((0.1, 5.0), (0.5, 20.0), (0.9, 80.0)))


@pytest.mark.parametrize(
    ("limit", "chance"),
    [
        pytest.param(1.0, 0.9, id="under-all"),
        pytest.param(20.0, 0.5, id="median"),
        pytest.param(50.0, 0.3, id="between"),
        pytest.param(80.0, 0.1, id="at-the-highest"),
        pytest.param(500.0, 0.1, id="above-all-is-at-most"),
    ],
)
def test_chance_over(limit: float, chance: float) -> None:
    assert ENSEMBLE.chance_over(limit) == pytest.approx(chance)


def test_without_an_ensemble_there_is_no_chance() -> None:
    assert math.isnan(forecast(Indicator.FORECAST_RAIN_6H, [step(1, 5.0)], NOW).chance_over(1))


def test_an_ensemble_without_a_best_value_is_told_by_its_median() -> None:
    told = [step(24, v, Quantity.RAIN_24H, quantile=q) for q, v in ((0.1, 10.0), (0.5, 60.0), (0.9, 130.0))]
    found = forecast(Indicator.FORECAST_RAIN_24H, told, NOW)
    assert found.value == 60.0 and found.chance_over(95) == pytest.approx(0.3)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 500)), min_size=1, max_size=9, unique_by=lambda q: q[0]),
    st.floats(-10, 600),
    st.floats(-10, 600),
)
def test_a_higher_limit_is_never_likelier(
    ensemble: list[tuple[float, float]], one: float, other: float
) -> None:
    told = [step(24, v, Quantity.RAIN_24H, quantile=q) for q, v in ensemble]
    found = forecast(Indicator.FORECAST_RAIN_24H, told, NOW)
    low, high = sorted((one, other))
    assert 0 <= found.chance_over(high) <= found.chance_over(low) <= 1


def test_a_rain_sum_is_no_forecast() -> None:
    with pytest.raises(ValueError, match="readings"):
        forecast(Indicator.RAIN_1H, [], NOW)
