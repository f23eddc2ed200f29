"""A value that says how much of it is known: what every indicator answers, and what a rule may conclude from it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from warning.indicators.names import FORECAST_HOURS, RAIN_HOURS, WORDS, Indicator

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Verdicts = NDArray[np.int8]  # of sources.quality: 0 good, 1 suspect, 2 bad, 3 missing
GOOD, SUSPECT, BAD, MISSING = range(4)
HOUR = (
    3_600e6  # microseconds, in which all times here are told: float64, of the epoch, as in warning.rule_board
)
WHOLE = 1 - 1e-6  # a share this near to 1 is 1: sums of shares are not exact


class Told(NamedTuple):
    """Readings of one quantity of one station, in any order. Of one instant the last told counts."""

    times: Floats  # microseconds of the epoch
    values: Floats  # in the quantity's own unit; NaN: nothing was told
    verdicts: Verdicts


class GaugeFacts(NamedTuple):
    """What stands still at a station. NaN: not known, so what needs it is NaN too."""

    bed_m: float = math.nan  # above mean sea level
    bank_m: float = math.nan  # lowest bank, same datum


class Evaluated(NamedTuple):
    """One place for each station of a board, or for each moment of a series."""

    value: Floats  # NaN: not known well enough
    at: Floats  # the newest reading used; NaN: none
    share: Floats  # 0..1 of the window that readings really cover
    least: Floats  # it is at least this much: with gaps a sum can only be larger; NaN: nothing is known


def usable(values: Floats, verdicts: Verdicts, use_suspect: bool) -> Bools:
    """Bad and missing readings are gaps; suspect ones too, unless the caller's policy takes them."""
    return np.asarray(np.isfinite(values) & (verdicts <= (SUSPECT if use_suspect else GOOD)))


def surely_above(found: Evaluated, limit: ArrayLike) -> Bools:
    """Is it above the limit whatever the gaps hide? A part of a sum that is above it already is enough."""
    return np.asarray(np.greater(found.least, limit) | (np.greater(found.value, limit)))


def surely_below(found: Evaluated, limit: ArrayLike) -> Bools:
    """Is it below the limit, with nothing left unknown? A sum with gaps is never below anything."""
    return np.asarray((found.share >= WHOLE) & np.less(found.value, limit))


class Gap(NamedTuple):
    """The same in Thai and English; both empty where nothing is missing."""

    th: str
    en: str


def gap_words(indicator: Indicator, share: float, least: float) -> Gap:
    """What is not known of one value: `at least 43 mm; 6 of 24 h unknown`. share, least: of one `Evaluated`."""
    hours = {**RAIN_HOURS, **FORECAST_HOURS}.get(indicator)
    hours = 72 if indicator is Indicator.ANTECEDENT_RAIN else hours
    if math.isnan(least):
        return Gap("ไม่มีข้อมูล", "no data")
    if hours is None or share >= WHOLE:
        return Gap("", "")
    words, gone = WORDS[indicator], _hours((1 - share) * hours)
    return Gap(
        f"อย่างน้อย {least:.0f} {words.unit_th} ไม่มีข้อมูล {gone} ใน {hours} ชม.",
        f"at least {least:.0f} {words.unit}; {gone} of {hours} h unknown",
    )


def _hours(hours: float) -> str:
    """Never `0` where something is missing."""
    return f"{max(hours, 0.1):.1f}".removesuffix(".0")
