"""Which hazards each tambon can be judged for now, by which instruments; what nobody looks at is said, never left green.

Made of the rules as they are laid out for judging (`warning.rule_plan`), the map's instruments, and how old the newest value
of each is. A hazard of a tambon stands in one of four states: `seen`, some rule could fire now on values it may use;
`doubted`, its instruments speak and quality control doubts what they say; `silent`, a rule looks, and its instruments say
nothing; `blind`, no rule looks.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from geo.gazetteer import Gazetteer
from geo.when import utc
from sources.contract import Quantity
from warning.hazards import known
from warning.indicators import Indicator, needs
from warning.observation import Latest
from warning.place_readings import World, look
from warning.rule import Rule
from warning.rule_plan import Gate, Leaf, Plan, Unit, plan_of
from warning.subject import PLACE_KINDS, Subject

SEEN, DOUBTED, SILENT, BLIND = "seen", "doubted", "silent", "blind"
STATES = (SEEN, DOUBTED, SILENT, BLIND)  # best first
_RIVER = frozenset({Quantity.WATER_LEVEL, Quantity.STAGE, Quantity.DISCHARGE})

Downstream = Callable[[str], Mapping[str, timedelta]]


class Newest(NamedTuple):
    """Of one station and quantity."""

    at: datetime
    verdict: str | None


class Look(NamedTuple):
    """One instrument a level of a rule looks at for a tambon."""

    rule: str
    level: str
    station: str
    name: str  # of the quantity or indicator
    kind: str  # quantity | indicator | whatever else a rule may watch
    river: bool  # a gauge in a river
    travel_min: int  # 0: here; else its water comes from upstream
    state: str  # seen | doubted | silent
    at: datetime | None


class Sight(NamedTuple):
    """One hazard of one tambon."""

    state: str
    looks: tuple[Look, ...]


def blindness(
    rules: Iterable[Rule], places: Gazetteer, newest: Mapping[tuple[str, str], Newest], downstream: Downstream, now: datetime
) -> dict[str, dict[str, Sight]]:  # fmt: skip
    """Tambon -> hazard -> how well it is seen, every tambon of the map with every hazard. newest: by station and quantity."""
    plan = plan_of([rule for rule in rules if rule.on], places)
    states = [_state(leaf, station, newest, now) for leaf, station in plan.cells]
    best: dict[tuple[str, str], str] = {}
    looks: dict[tuple[str, str], dict[Look, None]] = defaultdict(dict)
    for unit in plan.units:
        state = _of_gate(unit.gate, [state for state, _ in states])
        for tambon, minutes in reached(unit, plan, downstream).items():
            key = tambon, unit.rule.hazard
            best[key] = min(best.get(key, BLIND), state, key=STATES.index)
            for cell in unit.cells:
                leaf, station = plan.cells[cell]
                looks[key][
                    Look(unit.rule.name, unit.part, station, leaf.subject.name, leaf.subject.kind, is_river(leaf.subject),
                         minutes, *states[cell])
                ] = None  # fmt: skip
    return {
        tambon: {
            hazard: Sight(best.get((tambon, hazard), BLIND), tuple(looks.get((tambon, hazard), ())))
            for hazard in known()
        }
        for tambon in places.tambons
    }


def without_river(rules: Iterable[Rule], places: Gazetteer, downstream: Downstream) -> set[str]:
    """Tambon that some rule can warn though every river gauge is gone."""
    plan = plan_of([rule for rule in rules if rule.on], places)
    states = [SILENT if is_river(leaf.subject) else SEEN for leaf, _ in plan.cells]
    return {
        tambon
        for unit in plan.units
        if _of_gate(unit.gate, states) == SEEN
        for tambon in reached(unit, plan, downstream)
    }


def reached(unit: Unit, plan: Plan, downstream: Downstream) -> dict[str, int]:
    """Tambon the unit may warn -> minutes its water needs."""
    found: dict[str, int] = {}
    if unit.rule.reach == "downstream":
        for station in dict.fromkeys(plan.cells[cell][1] for cell in unit.cells):
            for tambon, span in downstream(station).items():
                minutes = int(span.total_seconds() // 60)
                found[tambon] = min(found.get(tambon, minutes), minutes)
    return found | dict.fromkeys(unit.tambons, 0)


def is_river(subject: Subject) -> bool:
    """Would it be gone with the gauge in the river?"""
    return bool(_RIVER.intersection(_quantities(subject)))


def newest_of(session: Session) -> dict[tuple[str, str], Newest]:
    """The newest value of each station and quantity, of whichever source told it last."""
    found: dict[tuple[str, str], Newest] = {}
    rows = session.exec(select(Latest.station, Latest.quantity, Latest.observed_at, Latest.verdict)
                        .order_by(col(Latest.observed_at)))  # fmt: skip
    for station, quantity, at, verdict in rows:
        found[station, quantity] = Newest(utc(at), verdict)
    return found


def newest_of_places(world: World, rules: Iterable[Rule], places: Gazetteer) -> dict[tuple[str, str], Newest]:
    """The same of what rules look at for places: by tambon and what is asked for it."""
    asked: dict[Subject, set[str]] = defaultdict(set)
    for leaf, tambon in plan_of([rule for rule in rules if rule.on], places).cells:
        if leaf.subject.kind in PLACE_KINDS:
            asked[leaf.subject].add(tambon)
    return {
        (tambon, asked_for(subject)): Newest(seen.at, None)
        for subject, tambons in asked.items()
        for tambon, seen in look(world, subject, tambons).items()
    }


def asked_for(subject: Subject) -> str:
    """What a condition over places asks for, as one key."""
    return f"{subject.kind} {subject.name} {' '.join(subject.of)} {subject.km:g} {subject.hours:g} {subject.chance:g}"


def _quantities(subject: Subject) -> tuple[Quantity, ...]:
    if subject.kind == "forecast":
        return ()  # needs no gauge
    if subject.kind == "indicator":
        return needs(Indicator(subject.name))
    return (Quantity(subject.name),) if subject.name in set(Quantity) else ()


def _state(
    leaf: Leaf, station: str, newest: Mapping[tuple[str, str], Newest], now: datetime
) -> tuple[str, datetime | None]:
    """Of one instrument or place for one condition, by any of the readings it can be made of, and when it last spoke."""
    if leaf.subject.kind in PLACE_KINDS:
        seen = newest.get((station, asked_for(leaf.subject)))
        fresh_enough = seen is not None and now - seen.at <= leaf.stale_after
        return SEEN if fresh_enough else SILENT, seen.at if seen else None
    told = [newest[station, q.value] for q in _quantities(leaf.subject) if (station, q.value) in newest]
    if not told:
        return SILENT, None
    allowed = {None, "good"} | ({"suspect"} if leaf.subject.quality == "suspect" else set())
    fresh = [one for one in told if now - one.at <= leaf.stale_after]
    state = SEEN if any(one.verdict in allowed for one in fresh) else DOUBTED if fresh else SILENT
    return state, max(one.at for one in told)


def _of_gate(gate: Gate, states: list[str]) -> str:
    """The state in which enough of its parts stand: the `need`th best."""
    found = sorted(
        (states[part] if isinstance(part, int) else _of_gate(part, states) for part in gate.of),
        key=STATES.index,
    )
    return found[gate.need - 1] if 0 < gate.need <= len(found) else BLIND
