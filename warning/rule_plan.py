"""Rules laid out for judging: which conditions look at which stations, and how they make a level for a place."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from geo.gazetteer import Gazetteer
from warning.condition import OF_STATION, Condition, Line
from warning.rule import Level, Rule, warned
from warning.subject import Subject


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition of a level: a `warning.rules.Watch`."""

    rule: str
    part: str  # `yellow water_level`: with the rule and the station the key of what is remembered
    when: Condition
    until: Line
    stale_after: timedelta
    blind: bool
    subject: Subject

    @property
    def name(self) -> str:
        return f"{self.rule} {self.part}"


@dataclass(frozen=True, slots=True)
class Gate:
    """`need` of these must be in danger: cells by their number, or other gates."""

    need: int
    of: tuple["int | Gate", ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """What begins and ends together: one level of a rule for one place."""

    rule: Rule
    level: Level
    place: str  # a station's or a tambon's code; empty: the level as a whole
    gate: Gate
    cells: tuple[int, ...]  # of the gate
    confirm: tuple[int, ...]  # of which one must agree
    tambons: tuple[str, ...]  # warned at once

    @property
    def plain(self) -> bool:
        """It stands as its one cell stands."""
        level = self.level
        return len(self.cells) == 1 and not (level.confirmed_by or level.keep_for or level.cooldown)

    @property
    def part(self) -> str:
        return str(self.level.name)


@dataclass
class Plan:
    """`cells` are numbered as `RuleBoard` numbers them: leaf by leaf, each over its stations."""

    leaves: list[Leaf] = field(default_factory=list)
    stations: dict[str, tuple[str, ...]] = field(default_factory=dict)  # name of a leaf -> its stations
    cells: list[tuple[Leaf, str]] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    group: list[int] = field(default_factory=list)  # cell -> its level's number, -1: it is judged by itself

    def add(self, leaf: Leaf, stations: Sequence[str]) -> range:
        start = len(self.cells)
        self.leaves.append(leaf)
        self.stations[leaf.name] = tuple(stations)
        self.cells += [(leaf, station) for station in stations]
        return range(start, len(self.cells))


def plan_of(rules: Iterable[Rule], places: Gazetteer) -> Plan:
    """rules: with different names."""
    plan = Plan()
    for rule in rules:
        for level in rule.levels:
            _add_level(plan, rule, level, places)
    return plan


def _add_level(plan: Plan, rule: Rule, level: Level, places: Gazetteer) -> None:
    start, number = len(plan.cells), len(plan.units)
    spans: dict[int, range] = {}
    parts: Counter[str] = Counter()
    for leaf, until in level.leaves():
        spans[id(leaf)] = _add(plan, rule, level, "", leaf, until, parts, places)
    confirm: list[int] = []
    for leaf in level.confirmed_by.any_of if level.confirmed_by else ():
        confirm += _add(plan, rule, level, "confirmed ", leaf, leaf.ends(), parts, places)
    units = list(_units(plan, rule, level, spans, confirm, places))
    joined = any(len(unit.cells) + len(unit.confirm) > 1 for unit in units)
    plan.units += units
    plan.group += [number if joined else -1] * (len(plan.cells) - start)


def _add(
    plan: Plan, rule: Rule, level: Level, role: str, leaf: Condition, until: Line, parts: Counter[str],
    places: Gazetteer,
) -> range:  # fmt: skip
    subject = leaf.subject(rule.quality)
    part = f"{level.name} {role}{subject.name}"
    parts[part] += 1
    nth = f" {parts[part]}" if parts[part] > 1 else ""
    made = Leaf(rule.name, part + nth, leaf, until, rule.stale_after, rule.blind, subject)
    return plan.add(made, leaf.named(places))


def _units(
    plan: Plan, rule: Rule, level: Level, spans: dict[int, range], confirm: Sequence[int], places: Gazetteer
) -> Iterable[Unit]:
    if not level.when.parts:  # a unit a station: each fires for its own place
        span = spans[id(level.when)]
        enough = Gate(level.when.min_stations, tuple(span))
        for cell in span:
            leaf, station = plan.cells[cell]
            own = Gate(1, (cell,)) if enough.need == 1 else Gate(2, (cell, enough))
            cells = (cell,) if enough.need == 1 else tuple(span)
            others = tuple(
                c for c in confirm if (plan.cells[c][0].subject, plan.cells[c][1]) != (leaf.subject, station)
            )
            yield Unit(rule, level, station, own, cells, others, warned(rule, station, places))
        return
    if rule.tambons != (OF_STATION,):
        yield _joined(plan, rule, level, "", level.when, spans, confirm, rule.tambons, None)
        return
    leaves = list(level.when.leaves())
    in_lists = {t for leaf in leaves for t in (leaf.named(places) if leaf.look else leaf.any_station_in)}
    named = {
        places.gauge(s).tambon
        for leaf in leaves
        if not leaf.any_station_in and not leaf.look
        for s in leaf.named(places)
    }
    for tambon in sorted(in_lists or named):
        yield _joined(plan, rule, level, tambon, level.when, spans, confirm, (tambon,), places)


def _joined(
    plan: Plan, rule: Rule, level: Level, place: str, when: Condition, spans: dict[int, range],
    confirm: Sequence[int], tambons: tuple[str, ...], places: Gazetteer | None,
) -> Unit:  # fmt: skip
    """places: given, a condition over the instruments of several tambon counts only those of `place`."""

    def gate(condition: Condition) -> Gate:
        if condition.parts:
            return Gate(condition.need, tuple(map(gate, condition.parts)))
        cells = tuple(spans[id(condition)])
        if places is not None and condition.any_station_in:
            cells = tuple(c for c in cells if places.gauge(plan.cells[c][1]).tambon == place)
        if places is not None and condition.look:
            cells = tuple(c for c in cells if plan.cells[c][1] == place)
        return Gate(condition.min_stations, cells)

    whole = gate(when)
    return Unit(rule, level, place, whole, tuple(dict.fromkeys(cells_of(whole))), tuple(confirm), tambons)


def cells_of(gate: Gate) -> Iterable[int]:
    for part in gate.of:
        if isinstance(part, int):
            yield part
        else:
            yield from cells_of(part)
