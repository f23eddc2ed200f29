"""One look at everything: readings go onto the board, levels stand or fall, and what is new of them comes out.

The same code judges the night, a rule's tests and a past year: it knows neither the database nor the clock.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from geo.gazetteer import Gazetteer
from geo.when import bangkok
from warning.rule import Rule, rank
from warning.rule_board import (
    ACTIVE,
    ENDING,
    PHASES,
    Bools,
    Changes,
    Floats,
    Phases,
    RuleBoard,
    microseconds,
    moment,
)
from warning.rule_level import LevelState, call, see, stand, timed
from warning.rule_plan import Unit, plan_of
from warning.rule_words import level_words
from warning.rules import DANGER, RuleState, Transition, transition_of

Key = tuple[str, str, str]  # rule, part, station or place: of what is remembered
Downstream = Callable[[str], Mapping[str, timedelta]]  # station -> tambon, travel time
Rounds = Sequence[tuple[Floats, Floats]]  # values and times of one further reading of every series


@dataclass(frozen=True)
class Finding:
    """A level changed for a place, or became stale, fresh or confirmed, or its cooldown has ended."""

    unit: Unit
    transition: Transition
    tambons: tuple[str, ...]  # at once, then downstream by arrival
    water_by: Mapping[str, datetime]  # of those downstream
    fires: bool  # an alert is called for
    sure: bool  # False: what should have confirmed it has not, so a person must look
    standing: str | None  # the highest level of the rule in danger here
    cells: tuple[int, ...]  # of the board, the leading one last

    @property
    def level(self) -> str:
        return str(self.unit.level.name)


def in_season(rule: Rule, now: datetime) -> bool:
    """Does the rule speak in this month of Bangkok?"""
    return bangkok(now).month in rule.months


class Lookout:
    """Rules with what they remember. `levels`: number of the unit -> its state; plain units stand as their cell does."""

    def __init__(self, rules: Sequence[Rule], places: Gazetteer, downstream: Downstream) -> None:
        """rules: those that are on and in season, with different names."""
        self.plan = plan_of(rules, places)
        self.board = RuleBoard(self.plan.leaves, self.plan.stations, self.plan.group)
        self.levels: dict[int, LevelState] = {}
        self._downstream = downstream
        self._was: tuple[Phases, Bools, Floats, Floats] = self.board.copied()
        self._levels_were: dict[int, LevelState] = {}
        self._touched: Sequence[int] = ()
        self._joined = [n for n, unit in enumerate(self.plan.units) if not unit.plain]
        self._plain = {unit.cells[0]: unit for unit in self.plan.units if unit.plain}
        self._in_danger: dict[tuple[str, str], set[str]] = {}
        self._siblings: dict[tuple[str, str, str], list[int]] = {}
        self._watching: dict[int, list[int]] = {}
        for n in self._joined:
            unit = self.plan.units[n]
            for cell in (*unit.cells, *unit.confirm):
                self._watching.setdefault(cell, []).append(n)
            for tambon in unit.tambons:
                self._siblings.setdefault((unit.rule.name, unit.part, tambon), []).append(n)

    def remember(self, kept: Mapping[Key, Mapping[str, Any]]) -> None:
        """Take up what was kept. A rule of one level and one condition may have been kept under its stations alone."""
        cells = {}
        alone = {u.rule.name for u in self.plan.units if len(u.rule.levels) == 1 and not u.level.when.parts}
        for cell, (leaf, station) in enumerate(self.plan.cells):
            state = kept.get((leaf.rule, leaf.part, station))
            if state is None and leaf.rule in alone:
                state = kept.get((leaf.rule, "", station))
            if state is not None:
                cells[cell] = RuleState.from_json(state)
        self.board.remember(cells)
        for n in self._joined:
            unit = self.plan.units[n]
            state = kept.get((unit.rule.name, unit.part, unit.place))
            if state is not None:
                self.levels[n] = LevelState.from_json(state)

    def kept(self) -> Iterable[tuple[Key, dict[str, Any]]]:
        """What the last look changed in what is remembered."""
        for cell in self._touched:
            leaf, station = self.plan.cells[cell]
            yield (leaf.rule, leaf.part, station), self.board.state(cell).to_json()
        for n, state in self.levels.items():
            if state != self._levels_were.get(n):
                unit = self.plan.units[n]
                yield (unit.rule.name, unit.part, unit.place), state.to_json()

    def look(self, rounds: Rounds, now: datetime) -> list[Finding]:
        """Judge a backlog, laid out by `warning.rounds.rounds_of`, then silence and what runs out, as it is at `now`."""
        self._was, self._levels_were = self.board.copied(), dict(self.levels)
        for values, observed in rounds:
            before = self._marks()
            judged = self.board.turn(values, observed, microseconds(now))
            self._stand(self._flipped(before), judged)
        before = self._marks()
        self.board.heed_silence(microseconds(now))
        waiting = {n for n, state in self.levels.items() if timed(self.plan.units[n].level, state)}
        self._stand(self._flipped(before) | waiting, None, now)
        self._in_danger = self._dangers()
        changes = self.board.changes_since(self._was)
        self._touched = [int(cell) for cell in changes.touched]
        return [*self._of_cells(changes, now), *self._of_levels(now)]

    def _marks(self) -> tuple[Phases, Bools] | None:
        return (self.board.phase.copy(), self.board.stale.copy()) if self._joined else None

    def _flipped(self, before: tuple[Phases, Bools] | None) -> set[int]:
        """Units of which a cell has changed."""
        if before is None:
            return set()
        cells = np.flatnonzero((self.board.phase != before[0]) | (self.board.stale != before[1]))
        return {n for cell in cells for n in self._watching.get(int(cell), ())}

    def _stand(self, units: set[int], judged: Floats | None, now: datetime | None = None) -> None:
        """judged: when each cell was judged; without it, at `now`."""
        for n in units:
            unit = self.plan.units[n]
            if judged is not None:
                now = moment(float(judged[[*unit.cells, *unit.confirm]].max()))
            if now is not None:
                state = self.levels.get(n, LevelState())
                self.levels[n] = stand(unit.level, state, see(unit, self.board.state), now)

    def _of_cells(self, changes: Changes, now: datetime) -> Iterable[Finding]:
        for cell, before in zip(map(int, changes.cells), changes.before, strict=True):
            unit = self._plain.get(cell)
            if unit is None:
                continue
            leaf, station = self.plan.cells[cell]
            was = RuleState(PHASES[before])
            found = transition_of(leaf, station, was, self.board.state(cell), now)._replace(
                rule=unit.rule.name
            )
            yield self._finding(unit, found, (cell,), fires=found.fires, sure=True)

    def _of_levels(self, now: datetime) -> Iterable[Finding]:
        for n, state in sorted(self.levels.items()):
            was = self._levels_were.get(n, LevelState())
            if state is was or (state == was and not state.due):
                continue
            unit = self.plan.units[n]
            after, fires = call(unit.level, was, state, self._last_fired(unit), now)
            self.levels[n] = after
            if fires or (was.phase, was.stale, was.sure) != (after.phase, after.stale, after.sure):
                cells = self._by_weight(unit)
                told = self._told(unit, was, after, cells, now)
                yield self._finding(unit, told, cells, fires=fires, sure=after.sure)

    def _last_fired(self, unit: Unit) -> datetime | None:
        same = (n for t in unit.tambons for n in self._siblings[unit.rule.name, unit.part, t])
        return max((at for n in same if n in self.levels and (at := self.levels[n].fired)), default=None)

    def _by_weight(self, unit: Unit) -> tuple[int, ...]:
        """Its cells with the leading one last: in danger before others, then what changed last."""
        board = self.board

        def weight(cell: int) -> tuple[bool, float, float]:
            dangerous = PHASES[board.phase[cell]] in DANGER
            own = self.plan.cells[cell][1] == unit.place
            return dangerous, float(own), float(np.nan_to_num(board.since[cell], nan=-np.inf))

        return tuple(sorted(unit.cells, key=weight))

    def _told(
        self, unit: Unit, was: LevelState, after: LevelState, cells: Sequence[int], now: datetime
    ) -> Transition:
        states = [(*self.plan.cells[cell], self.board.state(cell)) for cell in cells]
        at = now if was.phase is after.phase or after.since is None else after.since
        why = level_words(unit, was, after, states)
        station, value = (states[-1][1], states[-1][2].value) if states else (unit.place, None)
        return Transition(unit.rule.name, station, was.phase, after.phase, at, value, why, after.stale)

    def _finding(
        self, unit: Unit, told: Transition, cells: tuple[int, ...], *, fires: bool, sure: bool
    ) -> Finding:
        standing = self.standing(unit.rule, unit.tambons)
        if fires and standing is not None and rank(standing) > rank(unit.level.name):
            fires = False  # whoever hears of the red need not be told of the yellow
        water_by: dict[str, datetime] = {}
        if unit.rule.reach == "downstream":
            for station in dict.fromkeys(self.plan.cells[cell][1] for cell in self._sources(unit, cells)):
                for tambon, span in self._downstream(station).items():
                    water_by[tambon] = min(water_by.get(tambon, told.at + span), told.at + span)
        tambons = tuple(dict.fromkeys((*unit.tambons, *sorted(water_by, key=water_by.__getitem__))))
        return Finding(unit, told, tambons, water_by, fires, sure, standing, cells)

    def _sources(self, unit: Unit, cells: Sequence[int]) -> Sequence[int]:
        """The cells whose water reaches others: those in danger, or the leading one."""
        if unit.place:
            return cells[-1:]
        return [c for c in cells if PHASES[self.board.phase[c]] in DANGER] or cells[-1:]

    def standing(self, rule: Rule, tambons: Iterable[str]) -> str | None:
        """The highest level of the rule in danger for all these tambon, None when there is none."""
        wanted = set(tambons)
        danger = [
            str(level.name)
            for level in rule.levels
            if wanted <= self._in_danger.get((rule.name, str(level.name)), set())
        ]
        return danger[-1] if danger else None

    def _dangers(self) -> dict[tuple[str, str], set[str]]:
        """Rule and level -> the tambon in danger by it."""
        found: dict[tuple[str, str], set[str]] = {}
        dangerous = np.flatnonzero((self.board.phase == ACTIVE) | (self.board.phase == ENDING))
        plain = (self._plain[cell] for cell in map(int, dangerous) if cell in self._plain)
        joined = (self.plan.units[n] for n, state in sorted(self.levels.items()) if state.phase in DANGER)
        for unit in (*plain, *joined):
            found.setdefault((unit.rule.name, unit.part), set()).update(unit.tambons)
        return found
