"""Readings made up for the tests: minutes after a Bangkok evening, told in any order, with gaps and repeats."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sources.contract import Quantity
from warning.indicators import Evaluated, GaugeFacts, IndicatorBoard, Told
from warning.indicators.reference import Reading
from warning.rule_board import microseconds

START = microseconds(
    datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
)  # 03:00 in Bangkok; its rain day turns 4 h later
FACTS = {"A": GaugeFacts(bed_m=0.0, bank_m=5.0), "B": GaugeFacts(bank_m=4.0), "C": GaugeFacts()}
RAIN = (
    Quantity.RAIN_15M, Quantity.RAIN_1H, Quantity.RAIN_3H, Quantity.RAIN_12H, Quantity.RAIN_24H, Quantity.RAIN_TODAY,
)  # fmt: skip
OTHERS = (Quantity.WATER_LEVEL, Quantity.STAGE, Quantity.WIND_SPEED, Quantity.WIND_DIRECTION)
SERIES = [(station, quantity) for station in "AB" for quantity in (*RAIN, *OTHERS)]
SERIES += [("C", Quantity.STAGE), ("C", Quantity.RAIN_1H), ("C", Quantity.WIND_SPEED)]

Spoken = tuple[int, float, float, int]  # place in SERIES, time, value, verdict


def at(minutes: float) -> float:
    return START + minutes * 60e6


def reading(minutes: float, value: float, verdict: float = 0) -> Reading:
    return Reading(at(minutes), value, int(verdict))


def told(readings: Iterable[Reading]) -> Told:
    times, values, verdicts = zip(*readings, strict=True)
    return Told(np.array(times), np.array(values), np.array(verdicts, np.int8))


def board_of(
    spoken: Sequence[Spoken], rounds: int = 1, board: IndicatorBoard | None = None
) -> IndicatorBoard:
    """A board that took these readings in so many rounds, in the order they stand in."""
    board = board or IndicatorBoard(SERIES, FACTS)
    for part in np.array_split(np.arange(len(spoken)), rounds):
        some = [spoken[nth] for nth in part]
        places, times, values, verdicts = zip(*some, strict=True) if some else ((), (), (), ())
        board.take(
            np.array(places, np.intp), np.array(values, np.float64), np.array(times, np.float64),
            np.array(verdicts, np.int8),
        )  # fmt: skip
    return board


def same(one: Evaluated, other: Evaluated) -> None:
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


_VERDICTS = st.sampled_from([0, 0, 0, 0, 0, 1, 2, 3])
_AMOUNTS = st.sampled_from([0.0, 0.2, 1.0, 3.5, 40.0, float("nan")])


@st.composite
def _ticks(draw: Any) -> list[Spoken]:
    """One series ticking as gauges do, with a clock that is off, some of it missing, some told twice."""
    place = draw(st.integers(0, len(SERIES) - 1))
    quantity = SERIES[place][1]
    every = draw(st.sampled_from([1, 5, 10, 15, 60, 180, 720, 1440]))
    first = draw(st.sampled_from([0, 0, 7, 180, 239, 240]))  # 240 is 07:00 in Bangkok
    most = min(90, 5000 // every)
    ticks = draw(st.lists(st.integers(0, most), max_size=40))
    if draw(st.booleans()):  # a gauge at work, with a few ticks lost
        begun = draw(st.integers(0, most))
        lost = draw(st.sets(st.integers(0, 20), max_size=4))
        ticks = [begun + nth for nth in range(20) if nth not in lost]
    spoken = []
    for tick in ticks:
        off = draw(st.sampled_from([0, 0, 0, 0, -3, -1, 2, 4, 5.5, 1 / 60e6]))
        value = draw(_AMOUNTS)
        if quantity is Quantity.RAIN_TODAY and draw(st.booleans()):
            value = (first + tick * every) / 60  # it rises through the day
        spoken.append((place, at(first + tick * every + off), value, draw(_VERDICTS)))
    return spoken


@st.composite
def spoken_nights(draw: Any) -> list[Spoken]:
    """Several series, shuffled together or in the order of time."""
    told = [spoken for ticks in draw(st.lists(_ticks(), max_size=5)) for spoken in ticks]
    if draw(st.booleans()):
        return sorted(told, key=lambda spoken: spoken[1])
    return list(draw(st.permutations(told)))
