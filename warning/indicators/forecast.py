"""Rain and river flow somebody expects: over how many hours, told how long ago, how surely.

A forecast is valid at the end of its span (`sources.contract.Forecast`). Of one span the latest issue counts. An ensemble's
quantiles of a sum are taken as the sum of the quantiles, as if a wet hour went with wet hours: that is the widest spread
the steps allow, exact where the feed tells the whole span at once. Draft: nobody has checked it on this province's nights.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from sources.contract import Forecast, Quantity
from warning.indicators.names import FORECAST_HOURS, Indicator

_SPANS = {Quantity.RAIN_1H: timedelta(hours=1), Quantity.RAIN_24H: timedelta(days=1)}
_STEP = timedelta(days=1)  # discharge is told by the day
_BEST = None  # the feed's one best value, where a quantile would stand


class ForecastValue(NamedTuple):
    """What is forecast for a window that begins at the moment asked about."""

    value: float  # best value, else the median of the ensemble; NaN: less than `least_share` is told
    issued_at: datetime | None  # of the oldest forecast used; None: there is none
    lead: timedelta | None  # from the moment asked about to the end of the rain, or to the highest flow
    share: float  # 0..1 of the window that is forecast
    least: float  # what is forecast of it, be it the whole or not; NaN: nothing
    quantiles: tuple[tuple[float, float], ...] = ()  # (quantile, value), ascending; of an ensemble only

    def chance_over(self, limit: float) -> float:
        """Probability 0..1 that it is above the limit, between the quantiles told in proportion; NaN without an ensemble.

        Beyond the outermost quantiles the feed says no more than theirs: above the highest one the answer is "at most this".
        """
        if not self.quantiles:
            return math.nan
        if limit < self.quantiles[0][1]:
            return 1 - self.quantiles[0][0]
        for (low, below), (high, above) in pairwise(self.quantiles):
            if below <= limit < above:
                return 1 - (low + (high - low) * (limit - below) / (above - below))
        return 1 - self.quantiles[-1][0]


NOTHING = ForecastValue(math.nan, None, None, 0.0, math.nan)


def forecast(
    indicator: Indicator, told: Sequence[Forecast], at: datetime, least_share: float = 0.75
) -> ForecastValue:
    """Rain in the hours after `at`, or the highest discharge in them. told: of one place, in any order, any issues.

    at: aware UTC. A step (an hour, a day) counts when its larger part lies inside the window. Rain is taken from days only
    where they cover more of the window than hours do. Raises ValueError for what is no forecast.
    """
    if indicator not in FORECAST_HOURS:
        raise ValueError(f"{indicator} is made of readings: use series or an IndicatorBoard")
    window = timedelta(hours=FORECAST_HOURS[indicator])
    known = [f for f in told if f.issued_at <= at]
    if indicator is Indicator.FORECAST_DISCHARGE:
        return _highest([f for f in known if f.quantity is Quantity.DISCHARGE], at, window, least_share)
    ways = [
        _sum([f for f in known if f.quantity is quantity], at, window, span, least_share)
        for quantity, span in _SPANS.items()
        if span <= window
    ]
    return max(ways, key=lambda way: way.share)  # of equals the hours


Steps = dict[float | None, dict[datetime, Forecast]]


def _steps(told: Sequence[Forecast], at: datetime, window: timedelta, span: timedelta) -> Steps:
    """quantile -> valid_at -> the latest issue, of the steps whose larger part lies inside the window."""
    steps: Steps = {}
    for f in sorted(told, key=lambda f: f.issued_at):
        if at + span / 2 < f.valid_at <= at + window + span / 2 and math.isfinite(f.value):
            steps.setdefault(f.quantile, {})[f.valid_at] = f
    return steps


def _sum(
    told: Sequence[Forecast], at: datetime, window: timedelta, span: timedelta, least_share: float
) -> ForecastValue:
    steps = _steps(told, at, window, span)
    if not steps:
        return NOTHING
    sums = {quantile: math.fsum(f.value for f in of.values()) for quantile, of in steps.items()}
    shares = {quantile: min(len(of) * span / window, 1.0) for quantile, of in steps.items()}
    lasts = max(valid_at for of in steps.values() for valid_at in of)
    return _answer(steps, sums, shares, lasts - at, least_share)


def _highest(told: Sequence[Forecast], at: datetime, window: timedelta, least_share: float) -> ForecastValue:
    steps = _steps(told, at, window, _STEP)
    if not steps:
        return NOTHING
    peaks = {quantile: max(of.values(), key=lambda f: f.value) for quantile, of in steps.items()}
    shares = {quantile: min(len(of) * _STEP / window, 1.0) for quantile, of in steps.items()}
    values = {quantile: peak.value for quantile, peak in peaks.items()}
    return _answer(steps, values, shares, peaks[_central(values)].valid_at - at, least_share)


def _answer(
    steps: Steps,
    values: dict[float | None, float],
    shares: dict[float | None, float],
    lead: timedelta,
    least_share: float,
) -> ForecastValue:
    central = _central(values)
    share = shares[central]
    told = sorted((q, value) for q, value in values.items() if q is not None and shares[q] >= least_share)
    quantiles, highest = [], -math.inf
    for quantile, value in told:  # quantiles that cross are a fault of the feed: they never fall
        highest = max(highest, value)
        quantiles.append((quantile, highest))
    return ForecastValue(
        value=values[central] if share >= least_share else math.nan,
        issued_at=min(f.issued_at for f in steps[central].values()),
        lead=lead,
        share=share,
        least=values[central],
        quantiles=tuple(quantiles),
    )


def _central(values: dict[float | None, float]) -> float | None:
    """The best value, else the quantile nearest the median."""
    told = [quantile for quantile in values if quantile is not None]
    return _BEST if _BEST in values else min(told, key=lambda quantile: abs(quantile - 0.5))
