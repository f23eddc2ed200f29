"""What each indicator is worth on small nights one can reckon by hand."""

import math

import numpy as np
import pytest

from sources.contract import Quantity
from tests.warning.indicators.told import at, reading, told
from warning.indicators import (
    WORDS,
    Evaluated,
    GaugeFacts,
    Indicator,
    gap_words,
    needs,
    series,
    settings,
    surely_above,
    surely_below,
)
from warning.indicators.lake import set_up_m

NAN = math.nan
NO_FACTS = GaugeFacts()
Q = Quantity
HOURLY = [(m, 2.0) for m in range(60, 24 * 60 + 1, 60)]


def newest(
    indicator: Indicator,
    night: dict[Q, list[tuple[float, ...]]],
    facts: GaugeFacts = NO_FACTS,
    use_suspect: bool = False,
) -> tuple[float, float, float, float]:
    """Value, minutes of `at`, share, least after the whole night."""
    heard = {q: told([reading(*r) for r in readings]) for q, readings in night.items()}
    _, found = series(indicator, heard, facts, use_suspect=use_suspect)
    value, when, share, least = (float(part[-1]) for part in found)
    return value, (when - at(0)) / 60e6, share, least


@pytest.mark.parametrize(
    ("indicator", "night", "expected"),
    [
        pytest.param("rain_1h", {Q.RAIN_1H: [(60, 5.0)]}, (5, 60, 1, 5), id="told-as-it-is"),
        pytest.param("rain_3h", {Q.RAIN_1H: [(60, 5.0), (120, 6.0), (180, 7.0)]}, (18, 180, 1, 18), id="of-hours"),
        pytest.param(
            "rain_3h", {Q.RAIN_1H: [(60, 5.0), (180, 7.0)]}, (NAN, 180, 2 / 3, 12), id="an-hour-lost-is-no-value"
        ),
        pytest.param(
            "rain_24h", {Q.RAIN_1H: [r for r in HOURLY if not 300 < r[0] <= 660]}, (36, 1440, 0.75, 36),
            id="six-of-24-hours-lost",
        ),
        pytest.param("rain_24h", {Q.RAIN_24H: [(1440, 50.0)], Q.RAIN_1H: HOURLY}, (50, 1440, 1, 50), id="told-wins"),
        pytest.param(
            "rain_24h", {Q.RAIN_24H: [(1380, 50.0)], Q.RAIN_1H: HOURLY}, (48, 1440, 1, 48), id="newer-hours-win"
        ),
        pytest.param(
            "rain_24h", {Q.RAIN_24H: [(1380, 50.0)], Q.RAIN_1H: [(1440, 9.0)]}, (50, 1380, 1, 50),
            id="older-told-stands-in",
        ),
        pytest.param(
            "rain_24h", {Q.RAIN_24H: [(1380, 50.0)], Q.RAIN_1H: [(1440, 90.0)]}, (NAN, 1440, 1 / 24, 90),
            id="an-hour-with-more-than-the-older-day-is-kept",
        ),
        pytest.param(
            "rain_3h", {Q.RAIN_1H: [(m, 6.0) for m in range(10, 181, 10)]}, (18, 180, 1, 18), id="rolling-not-twice"
        ),
        pytest.param(
            "rain_1h", {Q.RAIN_15M: [(15, 1.0), (30, 2.0), (45, 3.0), (60, 4.0)]}, (10, 60, 1, 10), id="of-quarters"
        ),
        pytest.param(
            "rain_3h", {Q.RAIN_1H: [(60, 6.0), (122, 6.0), (180, 6.0)]}, (17.8, 180, 1, 17.8), id="clock-2-min-late"
        ),
        pytest.param(
            "rain_1h", {Q.RAIN_TODAY: [(270, 3.0), (300, 4.0), (330, 9.0)]}, (6, 330, 1, 6), id="today-differences"
        ),
        pytest.param(
            "rain_1h", {Q.RAIN_TODAY: [(210, 80.0), (240, 85.0), (270, 3.0)]}, (8, 270, 1, 8), id="today-over-07:00"
        ),
        pytest.param(
            "rain_1h", {Q.RAIN_TODAY: [(210, 80.0), (240, 0.0), (270, 3.0)]}, (NAN, 270, 0.5, 3),
            id="today-turned-at-07:00-sharp",
        ),
        pytest.param(
            "rain_72h", {Q.RAIN_TODAY: [(210, 80.0), (240, 0.0), (270, 3.0)]}, (NAN, 270, 1 / 3, 83),
            id="of-the-day-that-ended-the-reading-before-it-turned",
        ),
        pytest.param(
            "rise_m_per_h", {Q.WATER_LEVEL: [(-120, 9.0), *((m, 1 + m / 60) for m in (0, 20, 40, 60))]},
            (1, 60, 1, 1), id="four-in-the-last-hour-are-enough",
        ),
        pytest.param(
            "rain_1h", {Q.RAIN_1H: [(60, 5.0), (120, 99.0, 2)]}, (5, 60, 1, 5), id="bad-is-a-gap"
        ),
        pytest.param("rain_1h", {Q.RAIN_1H: [(60, 5.0), (120, 99.0, 1)]}, (5, 60, 1, 5), id="suspect-not-by-itself"),
        pytest.param("rain_72h", {Q.RAIN_24H: [(1440, 10.0), (2880, 20.0), (4320, 30.0)]}, (60, 4320, 1, 60), id="3-days"),
        pytest.param(
            "antecedent_rain_mm", {Q.RAIN_24H: [(1440, 10.0), (2880, 20.0), (4320, 30.0)]},
            (30 + 0.85 * 20 + 0.85**2 * 10, 4320, 1, 30 + 0.85 * 20 + 0.85**2 * 10), id="kohler-linsley",
        ),
        pytest.param(
            "antecedent_rain_mm", {Q.RAIN_24H: [(4320, 30.0)]}, (NAN, 4320, 1 / 3, 30), id="index-at-least",
        ),
        pytest.param("freeboard_m", {Q.WATER_LEVEL: [(0, 4.25)]}, (0.75, 0, 1, 0.75), id="below-the-bank"),
        pytest.param("percent_full", {Q.WATER_LEVEL: [(0, 4.25)]}, (75, 0, 1, 75), id="as-thaiwater-reckons"),
        pytest.param(
            "rise_m_per_h", {Q.WATER_LEVEL: [(0, 1.0), (60, 1.5), (120, 2.0), (180, 2.5)]}, (0.5, 180, 1, 0.5),
            id="hourly-gauge",
        ),
        pytest.param(
            "rise_m_per_h", {Q.WATER_LEVEL: [(-120, 9.0), *((m, 1 + m / 60) for m in range(0, 61, 10))]},
            (1, 60, 1, 1), id="the-last-hour-where-it-tells-enough",
        ),
        pytest.param(
            "rise_m_per_h", {Q.WATER_LEVEL: [*((m, 1 + m / 60) for m in range(0, 60, 10)), (60, 9.0)]},
            (1, 60, 1, 1), id="one-wild-reading-moves-nothing",
        ),
        pytest.param("rise_m_per_h", {Q.WATER_LEVEL: [(0, 1.0), (20, 2.0)]}, (NAN, NAN, 0, NAN), id="too-near-together"),
        pytest.param("rise_m_per_h", {Q.STAGE: [(0, 1.0), (60, 1.2)]}, (0.2, 60, 1 / 3, 0.2), id="rise-of-a-stage"),
        pytest.param(
            "time_to_bank_h", {Q.WATER_LEVEL: [(0, 3.0), (60, 3.5), (120, 4.0)]}, (2, 120, 2 / 3, 2), id="two-hours-left"
        ),
        pytest.param(
            "time_to_bank_h", {Q.WATER_LEVEL: [(0, 4.0), (60, 3.5)]}, (math.inf, 60, 1 / 3, math.inf), id="falling"
        ),
        pytest.param("time_to_bank_h", {Q.WATER_LEVEL: [(0, 5.5)]}, (0, 0, 1, 0), id="over-the-bank"),
        pytest.param(
            "wind_setup_m", {Q.WIND_SPEED: [(0, 10.0)], Q.WIND_DIRECTION: [(-10, 90.0)]},
            (0.18534, 0, 1, 0.18534), id="east-wind-of-10-m/s",
        ),
        pytest.param(
            "wind_setup_m", {Q.WIND_SPEED: [(0, 10.0)], Q.WIND_DIRECTION: [(-40, 90.0)]}, (NAN, NAN, 0, NAN),
            id="of-two-winds",
        ),
    ],
)  # fmt: skip
def test_values(
    indicator: str, night: dict[Q, list[tuple[float, ...]]], expected: tuple[float, float, float, float]
) -> None:
    found = newest(Indicator(indicator), night, GaugeFacts(bed_m=2.0, bank_m=5.0))
    assert found == pytest.approx(expected, nan_ok=True, rel=1e-4)


def test_where_the_bank_lies_below_the_bed_nothing_is_full() -> None:
    facts = GaugeFacts(bed_m=333.0, bank_m=300.0)
    assert math.isnan(newest(Indicator.PERCENT_FULL, {Q.WATER_LEVEL: [(0, 301.0)]}, facts)[0])


def test_suspect_counts_where_the_policy_says_so_and_bad_never() -> None:
    night: dict[Q, list[tuple[float, ...]]] = {Q.RAIN_1H: [(60, 5.0), (120, 7.0, 1), (180, 9.0, 2)]}
    assert newest(Indicator.RAIN_1H, night)[0] == 5
    assert newest(Indicator.RAIN_1H, night, use_suspect=True)[0] == 7


def test_a_reading_older_than_73_hours_before_the_newest_is_forgotten() -> None:
    night: dict[Q, list[tuple[float, ...]]] = {Q.WATER_LEVEL: [(0, 4.0), (74 * 60, 0.0, 2)]}
    assert math.isnan(newest(Indicator.WATER_LEVEL, night)[0])


def test_part_of_a_sum_over_the_limit_is_over_it_and_no_part_is_below_anything() -> None:
    gappy = Evaluated(*(np.array([x, y]) for x, y in ((NAN, 40.0), (0.0, 0.0), (0.5, 0.75), (95.0, 40.0))))
    assert surely_above(gappy, 90.0).tolist() == [True, False]
    assert surely_below(gappy, 90.0).tolist() == [False, False]
    whole = Evaluated(*(np.array([x]) for x in (40.0, 0.0, 1.0, 40.0)))
    assert surely_below(whole, 90.0).tolist() == [True] and surely_above(whole, 90.0).tolist() == [False]


@pytest.mark.parametrize(
    ("indicator", "share", "least", "en"),
    [
        pytest.param(Indicator.RAIN_24H, 0.75, 43.0, "at least 43 mm; 6 of 24 h unknown", id="gaps"),
        pytest.param(Indicator.RAIN_24H, 1.0, 43.0, "", id="whole"),
        pytest.param(Indicator.RAIN_24H, 0.0, NAN, "no data", id="nothing"),
        pytest.param(
            Indicator.RAIN_1H, 0.9999, 3.0, "at least 3 mm; 0.1 of 1 h unknown", id="never-0-unknown"
        ),
        pytest.param(Indicator.FREEBOARD, 1.0, 0.4, "", id="no-window"),
    ],
)
def test_gaps_are_said_in_both_languages(indicator: Indicator, share: float, least: float, en: str) -> None:
    said = gap_words(indicator, share, least)
    assert said.en == en
    assert bool(said.th) == bool(en)


def test_the_metric_constant_is_that_of_feet_and_miles() -> None:
    """S = U^2 F / (1400 d) in feet, miles an hour, miles and feet."""
    lake = settings().lake
    mph, miles, feet = 20 / 0.44704, lake.axes[0].fetch_km / 1.609344, lake.depth_m / 0.3048
    in_feet = mph**2 * miles / (1400 * feet)
    assert set_up_m(np.array([20.0]), np.array([90.0]), lake)[0] == pytest.approx(in_feet * 0.3048, rel=0.02)


def test_every_indicator_has_words_and_readings() -> None:
    assert set(WORDS) == set(Indicator)
    assert all(needs(indicator) for indicator in Indicator)
    assert all(all(words) for words in WORDS.values())


def test_a_forecast_is_not_made_of_readings() -> None:
    with pytest.raises(ValueError, match="forecasts"):
        series(Indicator.FORECAST_RAIN_24H, {})
