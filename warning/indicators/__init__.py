"""What a rule may look at beside raw readings: rain sums, the river's distance to its bank, its rise, forecasts, lake wind.

Pure: numpy in, numpy out; no database, no clock. Times are microseconds of the epoch as float64, as in
`warning.rule_board` (whose `microseconds` and `moment` convert). Verdicts are those of `sources.quality` as int8.

    needs(indicator) -> tuple[Quantity, ...]            the readings it is made of
    WORDS[indicator] -> th, en, unit, unit_th
    series(indicator, {quantity: Told}, facts) -> moments, Evaluated
                                                        one station, at each moment it told anything: hindcast, tests
    IndicatorBoard([(station, quantity), ...], {station: GaugeFacts})
        .take(places, values, observed, verdicts)       new readings; places index `board.series`
        .evaluate(indicator, use_suspect=False)         -> Evaluated, one place a station of `board.stations`
        .readings()                                     what it holds: taken by a new board it makes the same
    forecast(indicator, steps, at) -> ForecastValue     with lead and `chance_over(limit)`
    surely_above(evaluated, limit), surely_below(evaluated, limit)
    gap_words(indicator, share, least) -> th, en        "at least 43 mm; 6 of 24 h unknown"

`Evaluated` is value, at, share, least. Rules compare `least` for `above` (a part of a sum that is over the limit is
over it) and refuse `below` unless share is 1: the two functions do just that. Which sums are made of which readings:
docs/indicators.md.
"""

from warning.indicators.board import IndicatorBoard
from warning.indicators.evaluated import (
    Evaluated,
    Gap,
    GaugeFacts,
    Told,
    gap_words,
    surely_above,
    surely_below,
)
from warning.indicators.forecast import ForecastValue, forecast
from warning.indicators.names import OBSERVED, WORDS, Indicator, needs
from warning.indicators.series import series
from warning.indicators.settings import Settings, settings

__all__ = [
    "OBSERVED",
    "WORDS",
    "Evaluated",
    "ForecastValue",
    "Gap",
    "GaugeFacts",
    "Indicator",
    "IndicatorBoard",
    "Settings",
    "Told",
    "forecast",
    "gap_words",
    "needs",
    "series",
    "settings",
    "surely_above",
    "surely_below",
]
