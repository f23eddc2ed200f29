"""One answer of a source judged: every value gets its verdict, doubts of before are settled, and what must be kept is said.

`judge_round` is pure: what is remembered of each series comes in and goes out, so an office that starts again goes on as if
it had never stopped. Words of the codes: sources.verdict; the figures: limits.csv; the tests: docs/quality.md.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from geo.gazetteer import gazetteer
from geo.when import utc
from sources.checks import AHEAD_AT_MOST
from sources.contract import Observation, Quantity
from sources.limits import Limits, limits_of
from sources.quality import HOUR, Held
from sources.quality_around import LEVELS, Around, Series
from sources.quality_board import QualityBoard
from sources.verdict import GOOD, MISSING, REASONS, VERDICTS, Reason, Verdict

NOTHING = Held()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Said(NamedTuple):
    verdict: Verdict
    reason: Reason = Reason.NONE


class Later(NamedTuple):
    """A second judgement of what a series told from `since` to `until` (microseconds, both counted) and was doubted for."""

    series: Series
    since: float
    until: float
    said: Said


class Round(NamedTuple):
    said: list[Said]  # in the order of the observations
    held: dict[Series, Held]  # of the series that told something
    later: list[Later]


def judge_round(
    observations: Sequence[Observation],
    held: Mapping[Series, Held],
    received_at: datetime,
    *,
    around: Around | None = None,
    by_people: bool = False,
) -> Round:
    """Judge the new values of one source, each series in order of time. held: what is remembered of these series.

    by_people: somebody read a staff. Nobody reads it each hour, and a rise nobody saw begin is what reports are for: such a
    value is held to what the place can show and to the clock, and to nothing else.
    """
    around = around or Around()
    received = microseconds(received_at)
    said = [Said(Verdict.MISSING)] * len(observations)
    places: dict[Series, list[tuple[float, int]]] = defaultdict(list)
    for nth, o in enumerate(observations):
        at = microseconds(o.observed_at)
        if at - received > AHEAD_AT_MOST.total_seconds() * 1e6:
            said[nth] = Said(Verdict.BAD, Reason.CLOCK_SKEW)
        elif by_people:
            limits = limits_here(o.quantity, o.station)
            within = limits.low <= o.value <= limits.high
            said[nth] = Said(Verdict.GOOD) if within else Said(Verdict.BAD, Reason.RANGE)
        else:
            places[o.station, o.quantity].append((at, nth))
    order = {series: sorted(told) for series, told in places.items()}
    kept: dict[Series, Held] = {}
    later: list[Later] = []
    for turn in range(max(map(len, order.values()), default=0)):
        ours = [series for series, told in order.items() if len(told) > turn]
        told = [order[series][turn] for series in ours]
        before = [kept.get(series) or held.get(series, NOTHING) for series in ours]
        found = _turn(ours, told, observations, before, around)
        for place, (series, (at, nth)) in enumerate(zip(ours, told, strict=True)):
            kept[series] = found.held[place]
            said[nth] = _aged(found.said[place], at, received, limits_here(series[1], series[0]))
        later += found.later
    return Round(said, kept, later)


class _Turn(NamedTuple):
    said: list[Said]
    held: list[Held]
    later: list[Later]


def _turn(
    series: Sequence[Series],
    told: Sequence[tuple[float, int]],
    observations: Sequence[Observation],
    before: Sequence[Held],
    around: Around,
) -> _Turn:
    """One further value of each series."""
    limits = [limits_here(quantity, station) for station, quantity in series]
    board = QualityBoard(limits)
    board.remember(before)
    values = np.array([observations[nth].value for _, nth in told], np.float64)
    observed = np.array([at for at, _ in told], np.float64)
    wondering = np.flatnonzero(board.rises(values, observed)).tolist()
    agreed = np.zeros(len(series), np.bool_)
    for place in wondering:
        station, quantity = series[place]
        agreed[place] = quantity in LEVELS and around.may_rise(station, float(observed[place]))
    turn = board.turn(values, observed, agreed)
    after = [Held(*row) for row in np.stack(board.held, axis=1).tolist()]
    said = [
        Said(VERDICTS[verdict], REASONS[reason])
        for verdict, reason in zip(turn.verdicts.tolist(), turn.reasons.tolist(), strict=True)
    ]
    for place in np.flatnonzero(turn.verdicts == GOOD).tolist():
        doubt = around.against(
            series[place], float(observed[place]), float(values[place]), after[place], limits[place]
        )
        if doubt is not None:
            said[place] = Said(Verdict.SUSPECT, doubt)
    later = [
        Later(series[place], float(turn.since[place]), float(turn.until[place]), _settled(int(turn.settled[place])))
        for place in np.flatnonzero(turn.settled != MISSING).tolist()
    ]  # fmt: skip
    return _Turn(said, after, later)


def _settled(code: int) -> Said:
    return Said(Verdict.GOOD, Reason.CONFIRMED) if code == GOOD else Said(Verdict.BAD, Reason.SPIKE)


def _aged(said: Said, at: float, received: float, limits: Limits) -> Said:
    old = said.verdict is Verdict.GOOD and received - at > limits.late_h * HOUR
    return Said(Verdict.SUSPECT, Reason.STALE) if old else said


@lru_cache(maxsize=1 << 16)
def limits_here(quantity: Quantity, station: str) -> Limits:
    """With the bed and bank of the gazetteer's gauge where there is one."""
    gauge = gazetteer().gauges.get(station)
    if gauge is None:
        return limits_of(quantity, station)
    return limits_of(quantity, station, bed_m=gauge.bed_m, bank_m=gauge.bank_m)


def microseconds(moment: datetime) -> float:
    """Since 1970, as float64: exact to the microsecond beyond the year 2200."""
    return float((utc(moment) - EPOCH) // MICROSECOND)


def moment_of(time: float) -> datetime:
    """The aware UTC moment of `microseconds`."""
    return EPOCH + timedelta(microseconds=time)
