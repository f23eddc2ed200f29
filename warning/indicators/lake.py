"""How much the wind lifts the lake at the Phatthalung shore.

S = k U^2 F cos(angle) / (g d), the Zuider Zee formula; constants and their sources: settings.yaml, all draft.
"""

import numpy as np

from warning.indicators.evaluated import HOUR, Evaluated, Floats
from warning.indicators.level import exact
from warning.indicators.rain import Readings
from warning.indicators.ring import Places
from warning.indicators.settings import Lake

_TOGETHER = HOUR / 2  # speed and direction further apart are of two winds


def set_up_m(speed_m_s: Floats, from_deg: Floats, lake: Lake) -> Floats:
    """Metres above the lake at rest, on the shore the wind blows to; negative: lowered, by a wind from the land.

    from_deg: where the wind comes from, clockwise from north. Of several axes the one that lifts most. It is the set-up
    of a wind that has blown until the lake stands still, some hours: before that it is less.
    """
    lifts = [
        axis.fetch_km * 1000 * np.cos(np.deg2rad(np.asarray(from_deg) - axis.from_deg)) for axis in lake.axes
    ]
    lifted: Floats = lake.k * speed_m_s**2 * np.max(lifts, axis=0) / (lake.gravity_m_s2 * lake.depth_m)
    return lifted


def wind_set_up(speed: Readings, direction: Readings, stations: Places, lake: Lake) -> Evaluated:
    """Of the newest wind speed and the direction told with it, at most half an hour before."""
    value, at = np.full(len(stations), np.nan), np.full(len(stations), np.nan)
    has = np.flatnonzero(speed.has(stations) & direction.has(stations))
    blew, metres = speed.latest(stations[has], np.full(len(has), np.inf))
    heard = np.isfinite(blew)
    has, blew, metres = has[heard], blew[heard], metres[heard]
    turned, degrees = direction.latest(stations[has], blew)
    one = turned >= blew - _TOGETHER
    value[has] = np.where(one, set_up_m(metres, degrees, lake), np.nan)
    at[has] = np.where(one, blew, np.nan)
    return exact(value, at)
