"""One answer of a source judged: every value gets its verdict, doubts of before are settled, and what must be kept is said.

`judge_round` is pure: what is remembered of each series comes in and goes out, so an office that starts again goes on as if
it had never stopped. Words of the codes: sources.verdict; the figures: limits.csv; the tests: docs/quality.md.
"""

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
from sources.quality import HOUR, Floats, Held
from sources.quality_around import LEVELS, Around, Series
from sources.quality_board import QualityBoard
from sources.verdict import GOOD, MISSING, REASONS, VERDICTS, Reason, Verdict

NOTHING = Held()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Said(NamedTuple):
    verdict: Verdict
    reason: Reason = Reason.NONE


_SAID = [[Said(verdict, reason) for reason in REASONS] for verdict in VERDICTS]


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
    moments = {moment: microseconds(moment) for moment in {o.observed_at for o in observations}}
    times = np.array([moments[o.observed_at] for o in observations], np.float64)
    said = [_SAID[MISSING][0]] * len(observations)
    ahead = times - received > AHEAD_AT_MOST / MICROSECOND
    for nth in np.flatnonzero(ahead).tolist():
        said[nth] = Said(Verdict.BAD, Reason.CLOCK_SKEW)
    in_time = np.argsort(times, kind="stable")
    places: list[int] = in_time[~ahead[in_time]].tolist()
    if by_people:
        for nth in places:
            said[nth] = _by_place(observations[nth])
        return Round(said, {}, [])
    kept: dict[Series, Held] = {}
    later: list[Later] = []
    for ours in _turns(observations, places):
        series = [(observations[nth].station, observations[nth].quantity) for nth in ours]
        before = [kept.get(each) or held.get(each, NOTHING) for each in series]
        values = np.array([observations[nth].value for nth in ours], np.float64)
        found = _turn(series, values, times[ours], before, received, around)
        kept.update(zip(series, found.held, strict=True))
        for nth, judged in zip(ours, found.said, strict=True):
            said[nth] = judged
        later += found.later
    return Round(said, kept, later)


def _by_place(o: Observation) -> Said:
    limits = limits_here(o.quantity, o.station)
    return Said(Verdict.GOOD) if limits.low <= o.value <= limits.high else Said(Verdict.BAD, Reason.RANGE)


def _turns(observations: Sequence[Observation], places: Sequence[int]) -> list[list[int]]:
    """The first value of each series, then the second of those that told two, and so on. places: in order of time."""
    turns: list[list[int]] = []
    told: dict[Series, int] = {}
    for nth in places:
        series = observations[nth].station, observations[nth].quantity
        turn = told.get(series, 0)
        told[series] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(nth)
    return turns


class _Turn(NamedTuple):
    said: list[Said]
    held: list[Held]
    later: list[Later]


def _turn(
    series: Sequence[Series],
    values: Floats,
    observed: Floats,
    before: Sequence[Held],
    received: float,
    around: Around,
) -> _Turn:
    """One further value of each series."""
    limits = [limits_here(quantity, station) for station, quantity in series]
    board = QualityBoard(limits)
    board.remember(before)
    wondering = np.flatnonzero(board.rises(values, observed)).tolist()
    agreed = np.zeros(len(series), np.bool_)
    for place in wondering:
        station, quantity = series[place]
        agreed[place] = quantity in LEVELS and around.may_rise(station, float(observed[place]))
    turn = board.turn(values, observed, agreed)
    after = list(map(Held._make, np.stack(board.held, axis=1).tolist()))
    said = [
        _SAID[verdict][reason]
        for verdict, reason in zip(turn.verdicts.tolist(), turn.reasons.tolist(), strict=True)
    ]
    for place in np.flatnonzero(turn.verdicts == GOOD).tolist() if around.levels or around.newest else ():
        doubt = around.against(
            series[place], float(observed[place]), float(values[place]), after[place], limits[place]
        )
        if doubt is not None:
            said[place] = Said(Verdict.SUSPECT, doubt)
    late_h = np.array([of.late_h for of in limits], np.float64)
    for place in np.flatnonzero((turn.verdicts == GOOD) & (received - observed > late_h * HOUR)).tolist():
        said[place] = Said(Verdict.SUSPECT, Reason.STALE)
    later = [
        Later(series[place], float(turn.since[place]), float(turn.until[place]), _settled(int(turn.settled[place])))
        for place in np.flatnonzero(turn.settled != MISSING).tolist()
    ]  # fmt: skip
    return _Turn(said, after, later)


def _settled(code: int) -> Said:
    return Said(Verdict.GOOD, Reason.CONFIRMED) if code == GOOD else Said(Verdict.BAD, Reason.SPIKE)


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
