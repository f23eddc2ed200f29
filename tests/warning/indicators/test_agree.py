"""Board, series and the plain reference say the same of any night, in any order, before and after a restart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.contract import Quantity
from tests.warning.indicators.told import FACTS, SERIES, Spoken, at, board_of, same, spoken_nights, told
from warning.indicators import OBSERVED, Evaluated, GaugeFacts, IndicatorBoard, series
from warning.indicators import settings as as_shipped
from warning.indicators.reference import Reading, Said, reference


def plainly(spoken: list[Spoken], station: str, until: float = np.inf) -> dict[Quantity, list[Reading]]:
    """What one station told; every series of SERIES, be it silent."""
    found: dict[Quantity, list[Reading]] = {q: [] for s, q in SERIES if s == station}
    for place, time, value, verdict in spoken:
        if SERIES[place][0] == station and time <= until:
            found[SERIES[place][1]].append(Reading(time, value, verdict))
    return found


def as_arrays(said: list[Said]) -> Evaluated:
    return Evaluated(*(np.array(part, np.float64) for part in zip(*said, strict=True)))


@settings(max_examples=150, deadline=None)
@given(spoken_nights(), st.integers(1, 6), st.booleans())
def test_the_board_says_what_the_reference_says(spoken: list[Spoken], rounds: int, use_suspect: bool) -> None:
    half = len(spoken) // 2
    board = board_of(spoken[:half], rounds)
    for indicator in OBSERVED:
        board.evaluate(indicator, use_suspect)  # what was made before must not linger
    board_of(spoken[half:], rounds, board)
    for indicator in OBSERVED:
        expected = [
            reference(indicator, plainly(spoken, station), FACTS[station], as_shipped(), use_suspect)
            for station in board.stations
        ]
        same(board.evaluate(indicator, use_suspect), as_arrays(expected))


@settings(max_examples=100, deadline=None)
@given(spoken_nights(), st.integers(1, 6))
def test_a_restart_changes_no_number(spoken: list[Spoken], rounds: int) -> None:
    board = board_of(spoken, rounds)
    again = IndicatorBoard(SERIES, FACTS)
    again.take(*board.readings())
    for indicator in OBSERVED:
        same(again.evaluate(indicator), board.evaluate(indicator))


@settings(max_examples=60, deadline=None)
@given(spoken_nights(), st.booleans())
def test_a_past_played_through_says_what_was_said_at_each_moment(
    spoken: list[Spoken], use_suspect: bool
) -> None:
    heard = plainly(spoken, "A")
    for indicator in OBSERVED:
        moments, found = series(
            indicator, {q: told(r) for q, r in heard.items() if r}, FACTS["A"], use_suspect=use_suspect
        )
        some = range(0, len(moments), max(1, len(moments) // 7))
        for nth in some:
            until = {q: [x for x in r if x.time <= moments[nth]] for q, r in heard.items() if r}
            expected = reference(indicator, until, FACTS["A"], as_shipped(), use_suspect)
            same(Evaluated(*(part[nth : nth + 1] for part in found)), as_arrays([expected]))


def test_a_series_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        IndicatorBoard([("A", Quantity.STAGE), ("A", Quantity.STAGE)])


def test_a_verdict_told_again_takes_the_value_away() -> None:
    place = SERIES.index(("A", Quantity.WATER_LEVEL))
    board = board_of([(place, at(0), 4.0, 0), (place, at(10), 0.0, 0)])
    assert board.evaluate(OBSERVED[7]).value[0] == 0.0
    board_of([(place, at(10), 0.0, 2)], board=board)
    assert board.evaluate(OBSERVED[7]).value[0] == 4.0


def test_only_what_told_something_is_made_again() -> None:
    """O(new): the second look hands the group no station but the one that spoke."""
    board = IndicatorBoard(
        [(f"S{n:02}", Quantity.RAIN_1H) for n in range(50)], {"S07": GaugeFacts(bank_m=1.0)}
    )
    board.evaluate(OBSERVED[0])
    board.take(np.array([7]), np.array([12.0]), np.array([at(0)]), np.zeros(1, np.int8))
    marked = board.evaluate(OBSERVED[0])
    marked.value[:7] = -1.0  # would be made anew if they were touched
    board.take(np.array([7]), np.array([13.0]), np.array([at(60)]), np.zeros(1, np.int8))
    assert board.evaluate(OBSERVED[0]).value[7] == 13.0
    assert (board.evaluate(OBSERVED[0]).value[:7] == -1.0).all()


def test_everybody_who_told_something_in_a_round_is_made_again() -> None:
    board = IndicatorBoard([(station, Quantity.RAIN_1H) for station in "ABC"])
    board.evaluate(OBSERVED[0])
    board.take(np.array([2, 0]), np.array([12.0, 3.0]), np.array([at(0), at(5)]), np.zeros(2, np.int8))
    np.testing.assert_array_equal(board.evaluate(OBSERVED[0]).value, [3.0, np.nan, 12.0])
