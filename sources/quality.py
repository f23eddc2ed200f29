"""Is a value to be believed, by what was known when it arrived? Pure; only the past of the series is looked at.

    check_series(quantity, times_us, values, limits)    one series: verdicts int8[n], reasons int8[n]
    judge(held, at, value, limits)                      one value: the plain words of the rule
    QualityBoard(limits).turn(values, observed)         many series, one further reading of each   (sources.quality_board)
    limits_of(quantity, station, bed_m=, bank_m=)       sourced limits                             (sources.limits)

A step up waits for one reading: when the next bears it out (or a neighbour, or rain, agrees at once) it is good. A step
down waits longer, and for movement, since that is what a dropout looks like and nobody drowns of a late all-clear.
Times are microseconds of the epoch as float64, as in warning.rule_board. Codes: sources.verdict.
The tests are those of QARTOD's manual for water level (range, spike, rate of change, flat line), made causal.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sources.contract import Quantity
from sources.limits import Limits, limits_of
from sources.verdict import BAD, CODE, GOOD, MISSING, SUSPECT, Reason

HOUR = 3_600e6  # microseconds
AS_FAR_AGAIN = 2.0  # a rise that goes on may go this many times as far as it went before

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
NAN = math.nan
_NONE, _STEP, _DROPOUT = CODE[Reason.NONE], CODE[Reason.STEP], CODE[Reason.DROPOUT]
_FLAT, _JUMP = CODE[Reason.FLAT], CODE[Reason.DATUM_JUMP]


class Held(NamedTuple):
    """All that is remembered of a series; NaN: never. `doubt_since` set: `last` is doubted, and has been since then."""

    last: float = NAN  # newest value that is not bad by itself
    last_at: float = NAN
    sure: float = NAN  # newest value believed
    sure_at: float = NAN
    doubt_since: float = NAN
    flat_since: float = NAN  # since when `last` has not changed
    pace: float = NAN  # a microsecond, of the steep rise it is in the middle of


class Judged(NamedTuple):
    """settled: what is now known of the doubted values from `held.doubt_since` to `held.last_at` (GOOD or BAD), else MISSING."""

    verdict: int
    reason: int
    held: Held
    settled: int = MISSING


def up(limits: Limits, value: float, span: float) -> float:
    """How far it may rise in `span` microseconds from `value`."""
    return limits.rise + limits.rise_per_h * min(span / HOUR, limits.cap_h) + limits.rise_share * abs(value)


def down(limits: Limits, value: float, span: float) -> float:
    """How far it may fall in `span` microseconds from `value`."""
    return limits.fall + limits.fall_per_h * min(span / HOUR, limits.cap_h) + limits.fall_share * abs(value)


def reach(limits: Limits, held: Held, at: float) -> float:
    """How far over the last value believed it may stand now: a steep rise that was borne out may go on, even twice as steep."""
    span = abs(at - held.sure_at)
    usual = up(limits, held.sure, span)
    return usual if math.isnan(held.pace) else max(usual, min(AS_FAR_AGAIN * held.pace * span, limits.jump))


def judge(held: Held, at: float, value: float, limits: Limits, *, agreed: bool = False) -> Judged:
    """One further value of a series. agreed: a neighbour or rain says that the water may well rise now."""
    if not (math.isfinite(value) and math.isfinite(at)):
        return Judged(MISSING, _NONE, held)
    if not limits.low <= value <= limits.high:
        return Judged(BAD, _DROPOUT if value == 0.0 and limits.never_still else CODE[Reason.RANGE], held)
    if at == held.last_at:
        return Judged(BAD, CODE[Reason.DUPLICATE], held)
    if math.isnan(held.sure):
        return Judged(GOOD, _NONE, Held(value, at, value, at, NAN, at))
    delta, span = value - held.sure, abs(at - held.sure_at)
    rises, falls = delta > reach(limits, held, at), delta < -down(limits, held.sure, span)
    if at < held.last_at:  # an older one that comes later: it changes nothing of what came after it
        return Judged(SUSPECT, _STEP, held) if rises or falls else Judged(GOOD, _NONE, held)
    changed = value != held.last
    flat_since = at if changed else held.flat_since
    doubted = not math.isnan(held.doubt_since)
    stuck = doubted and held.last < held.sure and not changed and limits.never_still
    stuck = stuck and held.flat_since <= held.doubt_since
    if rises:
        return _risen(held, at, value, limits, flat_since, agreed=agreed)
    if falls or stuck:
        return _fallen(held, at, value, limits, flat_since)
    settled = MISSING
    if doubted:
        settled = GOOD if abs(value - held.last) < abs(delta) else BAD
    pace = delta / span if delta > up(limits, held.sure, span) else NAN
    return _believed(at, value, limits, flat_since, settled, pace)


def _believed(
    at: float, value: float, limits: Limits, flat_since: float, settled: int = MISSING, pace: float = NAN
) -> Judged:
    held = Held(value, at, value, at, NAN, flat_since, pace)
    if at - flat_since >= limits.flat_h * HOUR and value > limits.flat_above:
        return Judged(SUSPECT, _FLAT, held, settled)
    return Judged(GOOD, _NONE, held, settled)


def _doubted(held: Held, at: float, value: float, since: float, flat_since: float) -> Held:
    return Held(value, at, held.sure, held.sure_at, since, flat_since, held.pace)


def _risen(held: Held, at: float, value: float, limits: Limits, flat_since: float, *, agreed: bool) -> Judged:
    leap = value - held.sure > limits.jump
    first = _STEP if not leap else _JUMP
    if not (held.last > held.sure and not math.isnan(held.doubt_since)):
        if agreed and not leap:
            pace = (value - held.sure) / (at - held.sure_at)
            return _believed(at, value, limits, flat_since, pace=pace)
        return Judged(SUSPECT, first, _doubted(held, at, value, at, flat_since))
    on, span = value - held.last, at - held.last_at
    if on < -down(limits, held.last, span):  # part of the way back: the one before it was a spike
        held_now = _doubted(held, at, value, at, flat_since)
        return Judged(SUSPECT, first, held_now, BAD)
    far = on > max(up(limits, held.last, span), AS_FAR_AGAIN * (held.last - held.sure))
    if far and not agreed:
        if held.last - held.sure <= limits.jump:  # so far it is borne out, and no further
            held = held._replace(sure=held.last, sure_at=held.last_at, pace=NAN)
            leap = value - held.sure > limits.jump
            reason = _JUMP if leap else _STEP
            return Judged(SUSPECT, reason, _doubted(held, at, value, at, flat_since), GOOD)
        return Judged(SUSPECT, _JUMP, _doubted(held, at, value, at, flat_since))
    moved = flat_since > held.doubt_since or not limits.never_still
    if leap and not (at - held.doubt_since >= limits.settle_h * HOUR and moved):
        return Judged(SUSPECT, _JUMP, _doubted(held, at, value, held.doubt_since, flat_since))
    return _believed(at, value, limits, flat_since, GOOD, max(0.0, on / span))


def _fallen(held: Held, at: float, value: float, limits: Limits, flat_since: float) -> Judged:
    span, on = at - held.last_at, value - held.last
    same = held.last < held.sure and not math.isnan(held.doubt_since)
    same = same and -down(limits, held.last, span) <= on <= up(limits, held.last, span)
    since = held.doubt_since if same else at
    moved = flat_since > since or not limits.never_still
    if same and moved and at - since >= limits.settle_h * HOUR:
        return _believed(at, value, limits, flat_since, GOOD)
    if value == 0.0 and limits.never_still:
        return Judged(BAD, _DROPOUT, _doubted(held, at, value, since, flat_since))
    reason = _JUMP if same else _STEP
    return Judged(SUSPECT, reason, _doubted(held, at, value, since, flat_since))


def check_series(
    quantity: Quantity, times_us: Floats, values: Floats, limits: Limits | None = None
) -> tuple[Codes, Codes]:
    """Verdict and reason of each value of one series as it arrived, in that order. NaN is missing.

    What is calm is judged in sweeps, the rest value by value: the answers are those of `judge`, one after the other.
    """
    of = limits_of(quantity) if limits is None else limits
    times, told = np.asarray(times_us, np.float64), np.asarray(values, np.float64)
    n = len(told)
    verdicts, reasons = np.zeros(n, np.int8), np.full(n, _NONE, np.int8)
    breaks = np.append(np.flatnonzero(~_calm(times, told, of)), n)
    held, i = Held(), 0
    while i < n:
        stop = int(breaks[np.searchsorted(breaks, i)])
        quiet = math.isnan(held.doubt_since) and i > 0 and held.sure_at == held.last_at == times[i - 1]
        quiet = quiet and held.last == told[i - 1]  # not when the one before was the same time told twice
        if quiet and stop > i:
            since = _flat_since(times[i:stop], told[i:stop], held)
            flat = (times[i:stop] - since >= of.flat_h * HOUR) & (told[i:stop] > of.flat_above)
            verdicts[i:stop][flat], reasons[i:stop][flat] = SUSPECT, _FLAT
            value, at = float(told[stop - 1]), float(times[stop - 1])
            held, i = Held(value, at, value, at, NAN, float(since[-1])), stop
            continue
        judged = judge(held, float(times[i]), float(told[i]), of)
        verdicts[i], reasons[i], held = judged.verdict, judged.reason, judged.held
        i += 1
    return verdicts, reasons


def _calm(times: Floats, values: Floats, of: Limits) -> NDArray[np.bool_]:
    """Values that are good (or flat) whenever the one before them was believed."""
    calm = np.zeros(len(values), np.bool_)
    if len(values) > 1:
        with np.errstate(invalid="ignore"):
            span, delta = np.diff(times), np.diff(values)
            hours, size = np.minimum(span / HOUR, of.cap_h), np.abs(values[:-1])
            calm[1:] = (span > 0) & (values[1:] >= of.low) & (values[1:] <= of.high)
            calm[1:] &= delta <= of.rise + of.rise_per_h * hours + of.rise_share * size
            calm[1:] &= delta >= -(of.fall + of.fall_per_h * hours + of.fall_share * size)
    return calm & np.isfinite(values) & np.isfinite(times)


def _flat_since(times: Floats, values: Floats, held: Held) -> Floats:
    before = np.concatenate([[held.last], values[:-1]])
    return np.maximum.accumulate(np.where(values != before, times, held.flat_since))
