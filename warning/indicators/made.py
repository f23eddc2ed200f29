"""Which indicators are made together of which readings: the one place where board and series meet."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from sources.contract import Quantity
from warning.indicators import lake, level
from warning.indicators.evaluated import Evaluated, Floats
from warning.indicators.names import RAIN_HOURS, Indicator, needs
from warning.indicators.rain import Readings, rain_sums
from warning.indicators.ring import Places
from warning.indicators.settings import Settings


class Facts(NamedTuple):
    """What stands still, of every station; NaN: not known."""

    bed_m: Floats
    bank_m: Floats


Views = Mapping[Quantity, Readings]
Found = Mapping[Indicator, Evaluated]


def nothing(n: int) -> Evaluated:
    """n values of which nothing is known."""
    return Evaluated(np.full(n, np.nan), np.full(n, np.nan), np.zeros(n), np.full(n, np.nan))


def _rain(views: Views, stations: Places, facts: Facts, settings: Settings) -> Found:
    sums = rain_sums(views, stations, settings)
    found = {indicator: sums.of(hours) for indicator, hours in RAIN_HOURS.items()}
    return {**found, Indicator.ANTECEDENT_RAIN: sums.antecedent}


def _level(views: Views, stations: Places, facts: Facts, settings: Settings) -> Found:
    bed, bank = facts.bed_m[stations], facts.bank_m[stations]
    water, stage = (
        level.as_it_is(views[q], stations) if q in views else nothing(len(stations))
        for q in (Quantity.WATER_LEVEL, Quantity.STAGE)
    )
    rising = nothing(len(stations))
    for quantity in (Quantity.STAGE, Quantity.WATER_LEVEL):  # the water level counts where both are told
        if quantity in views:
            told, has = level.rise(views[quantity], stations, settings.rise), views[quantity].has(stations)
            rising = Evaluated(
                *(np.where(has, ours, other) for ours, other in zip(told, rising, strict=True))
            )
    room = level.freeboard(water, bank)
    return {
        Indicator.WATER_LEVEL: water,
        Indicator.STAGE: stage,
        Indicator.FREEBOARD: room,
        Indicator.RISE: rising,
        Indicator.TIME_TO_BANK: level.time_to_bank(room, rising),
        Indicator.PERCENT_FULL: level.percent_full(water, bed, bank),
    }


def _lake(views: Views, stations: Places, facts: Facts, settings: Settings) -> Found:
    speed, direction = views.get(Quantity.WIND_SPEED), views.get(Quantity.WIND_DIRECTION)
    if speed is None or direction is None:
        return {Indicator.WIND_SETUP: nothing(len(stations))}
    return {Indicator.WIND_SETUP: lake.wind_set_up(speed, direction, stations, settings.lake)}


class Group(NamedTuple):
    indicators: tuple[Indicator, ...]
    make: Callable[[Views, Places, Facts, Settings], Found]

    @property
    def quantities(self) -> frozenset[Quantity]:
        return frozenset(q for indicator in self.indicators for q in needs(indicator))


GROUPS = (
    Group((*RAIN_HOURS, Indicator.ANTECEDENT_RAIN), _rain),
    Group(
        (Indicator.WATER_LEVEL, Indicator.STAGE, Indicator.FREEBOARD, Indicator.RISE, Indicator.TIME_TO_BANK,
         Indicator.PERCENT_FULL),
        _level,
    ),
    Group((Indicator.WIND_SETUP,), _lake),
)  # fmt: skip


def group_of(indicator: Indicator) -> Group:
    """Raises ValueError for a forecast, which is not made of readings."""
    for group in GROUPS:
        if indicator in group.indicators:
            return group
    raise ValueError(f"{indicator} is made of forecasts: use warning.indicators.forecast")
