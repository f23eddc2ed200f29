"""A backlog of readings laid out for the board: round after round one further reading of every series.

Series that make one level together are read in the order of time; the others each at their own pace.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from warning.lookout import Rounds
from warning.rule_board import Floats, RuleBoard
from warning.rule_plan import Plan

Heard = Mapping[int, Sequence[tuple[float, float]]]  # number of the series -> (time, value), oldest first


def rounds_of(plan: Plan, board: RuleBoard, heard: Heard) -> Rounds:
    """heard: times as the board counts them, no time twice in a series."""
    kin = _kin(plan, board)
    turns: list[list[tuple[int, float, float]]] = []
    together: dict[int, dict[float, list[tuple[int, float, float]]]] = defaultdict(lambda: defaultdict(list))
    for series, readings in heard.items():
        for at, value in readings:
            together[kin[series]][at].append((series, at, value))
    for moments in together.values():
        for nth, at in enumerate(sorted(moments)):
            if nth == len(turns):
                turns.append([])
            turns[nth] += moments[at]
    return [_round(len(board.series), turn) for turn in turns]


def _round(n: int, turn: Sequence[tuple[int, float, float]]) -> tuple[Floats, Floats]:
    values, observed = np.full(n, np.nan), np.full(n, np.nan)
    for series, at, value in turn:
        values[series], observed[series] = value, at
    return values, observed


def _kin(plan: Plan, board: RuleBoard) -> list[int]:
    """Of each series the first of those it is judged with."""
    first = list(range(len(board.series)))

    def root(series: int) -> int:
        while first[series] != series:
            series = first[series]
        return series

    place = {series: nth for nth, series in enumerate(board.series)}
    of_group: dict[int, int] = {}
    for group, (leaf, station) in zip(plan.group, plan.cells, strict=True):
        series = root(place[station, leaf.subject])
        if group >= 0:
            first[series] = root(of_group.setdefault(group, series))
    return [root(series) for series in first]
