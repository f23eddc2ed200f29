"""Where one level of a rule stands for one place: its conditions together, what must agree, how long it is kept on.

Pure, and the plain reference: `step_levels` says of all rules what `warning.lookout` says of them on the board, reading
by reading; a test holds both together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple

from geo.when import utc
from warning.rule import Level
from warning.rule_plan import Gate, Plan, Unit
from warning.rules import CLOCK_AHEAD, DANGER, Phase, Reading, RuleState, judge, weigh
from warning.subject import Subject


@dataclass(frozen=True, slots=True)
class LevelState:
    """What is remembered of one level for one place."""

    phase: Phase = Phase.NO_DATA
    since: datetime | None = None
    stale: bool = False  # in danger only by instruments that have fallen silent
    begun: datetime | None = None  # the conditions hold since then, confirmed or not
    over: datetime | None = None  # they hold no longer since then, and it is kept on
    agreeing: bool = False  # what must confirm it says yes now
    agreed: datetime | None = None  # and said so last, when it says so no more
    sure: bool = True  # False: in danger without the confirmation, so a person must look
    fired: datetime | None = None  # when it last called for an alert
    due: datetime | None = None  # in danger within its cooldown: it calls for one then

    def to_json(self) -> dict[str, Any]:
        return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(self).items()}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "LevelState":
        def time(name: str) -> datetime | None:
            return datetime.fromisoformat(raw[name]) if raw.get(name) else None

        return cls(
            phase=Phase(raw["phase"]), since=time("since"), stale=bool(raw.get("stale")), begun=time("begun"),
            over=time("over"), agreeing=bool(raw.get("agreeing")), agreed=time("agreed"), sure=bool(raw.get("sure", True)),
            fired=time("fired"), due=time("due"),
        )  # fmt: skip


class Seen(NamedTuple):
    """The conditions of a level together, as they are this moment."""

    phase: Phase
    stale: bool
    silent_since: datetime | None  # of the last of its instruments that fell silent
    agreeing: bool
    mute: bool  # nobody could confirm it: all who might are silent


def see(unit: Unit, state_of: Callable[[int], RuleState]) -> Seen:
    """state_of: number of a cell -> its state."""
    states = {cell: state_of(cell) for cell in (*unit.cells, *unit.confirm)}
    phase = _weigh(unit.gate, {cell: state.phase for cell, state in states.items()})
    fresh = {cell: Phase.NO_DATA if state.stale else state.phase for cell, state in states.items()}
    silent = [states[c].since for c in unit.cells if states[c].phase is Phase.NO_DATA]
    confirming = [states[c] for c in unit.confirm]
    return Seen(
        phase,
        stale=phase in DANGER and _weigh(unit.gate, fresh) not in DANGER,
        silent_since=max((at for at in silent if at), default=None),
        agreeing=any(s.phase in DANGER and not s.stale for s in confirming),
        mute=all(s.phase is Phase.NO_DATA or s.stale for s in confirming),
    )


def _weigh(gate: Gate, phases: Mapping[int, Phase]) -> Phase:
    return weigh(gate.need, [phases[p] if isinstance(p, int) else _weigh(p, phases) for p in gate.of])


def stand(level: Level, state: LevelState, seen: Seen, at: datetime) -> LevelState:
    """The state after what is seen at `at`; what ran out before then has run out at its own time."""
    state = _run_out(level, state, at)
    agreed = at if state.agreeing and not seen.agreeing else state.agreed
    state = replace(state, agreeing=seen.agreeing, agreed=agreed)
    if seen.phase not in DANGER:
        return _not_in_danger(level, state, seen, at)
    state = replace(state, begun=state.begun or at, over=None)
    yes = _confirmed(level, state, at)
    if state.phase in DANGER:
        return _go(state, seen.phase, at, stale=seen.stale, sure=state.sure or yes)
    if (
        yes
        or seen.mute
        or (level.confirmed_by and level.confirmed_by.hold is not None and not level.confirmed_by.hold)
    ):
        return _go(state, seen.phase, at, stale=seen.stale, sure=yes)
    return _go(state, Phase.PENDING, at)


def _not_in_danger(level: Level, state: LevelState, seen: Seen, at: datetime) -> LevelState:
    state = replace(state, begun=None)
    unknown = seen.phase is Phase.NO_DATA and state.over is None  # not over: lost from sight
    if level.keep_for and state.phase in DANGER and not unknown:
        return _go(replace(state, over=state.over or at), Phase.ENDING, at, sure=state.sure)
    silent = seen.silent_since if seen.phase is Phase.NO_DATA else None
    return _go(replace(state, over=None), seen.phase, min(at, silent or at))


def _go(
    state: LevelState, phase: Phase, at: datetime, *, stale: bool = False, sure: bool = True
) -> LevelState:
    since = state.since if state.phase is phase else at
    return replace(state, phase=phase, since=since, stale=stale, sure=sure)


def _run_out(level: Level, state: LevelState, at: datetime) -> LevelState:
    if state.over and at >= state.over + level.keep_for:
        return _go(replace(state, over=None), Phase.CALM, state.over + level.keep_for)
    hold = level.confirmed_by.hold if level.confirmed_by else None
    if state.phase is Phase.PENDING and state.begun and hold is not None and at >= state.begun + hold:
        return _go(state, Phase.ACTIVE, state.begun + hold, sure=False)
    return state


def _confirmed(level: Level, state: LevelState, at: datetime) -> bool:
    if level.confirmed_by is None or state.agreeing:
        return True
    return state.agreed is not None and at - state.agreed <= level.confirmed_by.within


def timed(level: Level, state: LevelState) -> bool:
    """May it change by the mere passing of time?"""
    waits = state.phase is Phase.PENDING and state.begun is not None
    return waits or state.over is not None or state.due is not None


class Call(NamedTuple):
    """What one look makes of a level for a place."""

    state: LevelState
    fires: bool


def call(level: Level, was: LevelState, state: LevelState, last: datetime | None, now: datetime) -> Call:
    """Does it call for an alert? When danger begins, unless its cooldown runs: then when that ends, if danger lasts.

    was: before this look. last: when this level last called for one of the same tambon.
    """
    if state.phase not in DANGER:
        return Call(replace(state, due=None), fires=False)
    began = was.phase not in DANGER
    at = (state.since or now) if began else state.due
    if at is None:
        return Call(state, fires=False)
    free = max(at, last + level.cooldown) if last else at
    if free > now:
        return Call(replace(state, due=free), fires=False)
    return Call(replace(state, fired=max(at, free), due=None), fires=True)


def last_fired(units: Sequence[Unit], states: Mapping[int, LevelState], n: int) -> datetime | None:
    """When the level of unit `n` last called for an alert in one of its tambon, be it for another place."""
    mine = units[n]
    same = (
        states[other].fired
        for other, unit in enumerate(units)
        if other in states and unit.level is mine.level and not set(unit.tambons).isdisjoint(mine.tambons)
    )
    return max((at for at in same if at), default=None)


@dataclass
class Memory:
    """Everything that is remembered: by number of the cell and of the unit."""

    cells: dict[int, RuleState]
    units: dict[int, LevelState]


Series = tuple[str, Subject]  # a station, and what is watched of it


def step_levels(
    plan: Plan, memory: Memory, readings: Mapping[Series, Sequence[Reading]], now: datetime
) -> list[int]:
    """Judge everything on the readings up to `now`, bringing the memory up to date in place.

    readings: oldest first; ones judged before are skipped. A level's conditions are judged in the order of time.
    Returns the numbers of the units, other than plain ones, that call for an alert.
    """
    was = dict(memory.units)
    for group in sorted(set(plan.group)):
        cells = [cell for cell, its in enumerate(plan.group) if its == group]
        units = [n for n, unit in enumerate(plan.units) if set(unit.cells) & set(cells)]
        heard = [
            (r, cell) for cell in cells for r in readings.get(_series(plan, cell), ()) if _usable(r, now)
        ]
        for at in sorted({r.at for r, _ in heard}):
            _moment(plan, memory, cells, units, {c: r for r, c in heard if r.at == at}, at, joined=group >= 0)
        for cell in cells:
            memory.cells[cell] = judge(plan.cells[cell][0], memory.cells.get(cell, RuleState()), None, now)
        _stand_all(plan, memory, units, now)
    fired = []
    for n, state in sorted(memory.units.items()):
        last = last_fired(plan.units, memory.units, n)
        memory.units[n], fires = call(plan.units[n].level, was.get(n, LevelState()), state, last, now)
        fired += [n] if fires else []
    return fired


def _moment(
    plan: Plan, memory: Memory, cells: Iterable[int], units: Iterable[int], heard: Mapping[int, Reading],
    at: datetime, *, joined: bool,
) -> None:  # fmt: skip
    news = {
        c for c, r in heard.items() if (last := memory.cells.get(c, RuleState()).at) is None or r.at > last
    }
    for cell in cells if joined and news else news:
        reading = heard[cell] if cell in news else None
        memory.cells[cell] = judge(plan.cells[cell][0], memory.cells.get(cell, RuleState()), reading, at)
    if news:
        _stand_all(plan, memory, [n for n in units if joined or set(plan.units[n].cells) & news], at)


def _stand_all(plan: Plan, memory: Memory, units: Iterable[int], at: datetime) -> None:
    for n in units:
        unit = plan.units[n]
        if not unit.plain:
            seen = see(unit, lambda cell: memory.cells.get(cell, RuleState()))
            memory.units[n] = stand(unit.level, memory.units.get(n, LevelState()), seen, at)


def _series(plan: Plan, cell: int) -> Series:
    leaf, station = plan.cells[cell]
    return station, leaf.subject


def _usable(reading: Reading, now: datetime) -> bool:
    return isfinite(reading.value) and utc(reading.at) <= now + CLOCK_AHEAD
