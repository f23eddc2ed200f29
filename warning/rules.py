"""When does what we see become a warning? The word of one rule on one station at one moment.

Pure: values in, values out, time as an argument. `judge` is the plain reference; `warning/rule_board.py` does
the same for all stations at once and is held to it by a test.

    CALM -> PENDING -> ACTIVE -> ENDING -> CALM        and NO_DATA beside them

Silence is never read as calm: a station without fresh readings is NO_DATA, and an ACTIVE one stays ACTIVE,
marked stale.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from geo.when import utc
from warning.condition import Line
from warning.rule import Rule
from warning.subject import Subject, subject_words, value_words

CLOCK_AHEAD = timedelta(minutes=15)  # a reading further in the future than this comes from a wrong clock


class Phase(StrEnum):
    CALM = "calm"
    PENDING = "pending"  # over the limit, not yet for long enough
    ACTIVE = "active"
    ENDING = "ending"  # over the `until` line again, not yet for long enough: the danger still counts
    NO_DATA = "no_data"


DANGER = frozenset({Phase.ACTIVE, Phase.ENDING})


class Watch(Protocol):
    """One condition, looked for at some stations: a rule of one level and one condition, or a part of a larger one."""

    @property
    def name(self) -> str: ...
    @property
    def when(self) -> Line: ...
    @property
    def until(self) -> Line: ...
    @property
    def stale_after(self) -> timedelta: ...
    @property
    def blind(self) -> bool: ...  # a danger whose station falls silent is no longer known, instead of kept
    @property
    def subject(self) -> Subject: ...


class Reading(NamedTuple):
    at: datetime  # aware UTC
    value: float  # in the quantity's own unit


@dataclass(frozen=True, slots=True)
class RuleState:
    """What one rule remembers of one station. `since`: when the phase began, by the time of readings."""

    phase: Phase = Phase.NO_DATA
    since: datetime | None = None  # None: nothing was ever heard
    stale: bool = False  # ACTIVE, and the readings have stopped
    at: datetime | None = None  # the newest reading judged
    value: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "phase": self.phase.value, "since": self.since.isoformat() if self.since else None, "stale": self.stale,
            "at": self.at.isoformat() if self.at else None, "value": self.value,
        }  # fmt: skip

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "RuleState":
        since, at = raw.get("since"), raw.get("at")
        return cls(
            phase=Phase(raw["phase"]),
            since=datetime.fromisoformat(since) if since else None,
            stale=bool(raw.get("stale", False)),
            at=datetime.fromisoformat(at) if at else None,
            value=raw.get("value"),
        )


class Transition(NamedTuple):
    """A station changed its phase, or only became stale or fresh again: then both phases are ACTIVE."""

    rule: str  # the name of its `Watch`
    station: str
    from_: Phase
    to: Phase
    at: datetime  # aware UTC: when the new phase began
    value: float | None
    why: str  # Thai (English)
    stale: bool = False

    @property
    def fires(self) -> bool:
        """Danger begins here."""
        return self.to in DANGER and self.from_ not in DANGER

    @property
    def ends(self) -> bool:
        """Danger is over, by readings; what became unknown is not over."""
        return self.from_ in DANGER and self.to not in DANGER and self.to is not Phase.NO_DATA


def judge(rule: Watch, state: RuleState, reading: Reading | None, now: datetime) -> RuleState:
    """The state after one reading (None: nothing new), seen at `now`.

    A reading not newer than the last one judged changes nothing. Two readings prove the time between them
    when they are at most `stale_after` apart; so "lasting" needs both ends, and neither one spike nor two
    readings a day apart fire. An hourly gauge therefore needs a `stale_after` above one hour. How often we
    look makes no difference: only readings and silence do.
    """
    if reading is not None and (state.at is None or reading.at > state.at):
        state = _hear(rule, _heed_silence(rule, state, reading.at), reading)
    return _heed_silence(rule, state, now)


def _hear(rule: Watch, state: RuleState, reading: Reading) -> RuleState:
    phase, since = state.phase, state.since
    if phase in DANGER:
        if rule.until.met(reading.value):
            begun = since if phase is Phase.ENDING and since else reading.at
            over = reading.at - begun >= rule.until.lasting
            phase, since = (Phase.CALM, reading.at) if over else (Phase.ENDING, begun)
        elif phase is Phase.ENDING:
            phase, since = Phase.ACTIVE, reading.at
    elif rule.when.met(reading.value):
        begun = since if phase is Phase.PENDING and since else reading.at
        lasted = reading.at - begun >= rule.when.lasting
        phase, since = (Phase.ACTIVE, reading.at) if lasted else (Phase.PENDING, begun)
    elif phase is not Phase.CALM:
        phase, since = Phase.CALM, reading.at
    return RuleState(phase, since, stale=False, at=reading.at, value=reading.value)


def _heed_silence(rule: Watch, state: RuleState, now: datetime) -> RuleState:
    if state.at is None or now - state.at <= rule.stale_after:
        return state
    since = state.at + rule.stale_after
    if rule.blind and state.phase in DANGER:
        return replace(state, phase=Phase.NO_DATA, since=since)
    match state.phase:
        case Phase.ACTIVE:
            return replace(state, stale=True)
        case Phase.ENDING:  # the end was not proved: the danger stands
            return replace(state, phase=Phase.ACTIVE, since=since, stale=True)
        case Phase.NO_DATA:
            return state
        case _:
            return replace(state, phase=Phase.NO_DATA, since=since)


def step_rule(
    rule: Watch, states: dict[str, RuleState], readings: Mapping[str, Sequence[Reading]], now: datetime
) -> list[Transition]:
    """Judge the stations of one rule; one net transition for each station that changed.

    states: by station, as kept from the last time, brought up to date IN PLACE. Give every station of
    `watched` (a new one as `RuleState()`): silence is judged too.
    readings: by station, the rule's quantity, the last hours, oldest first; ones judged before are skipped.
    now: aware UTC. Readings that are no number, or from more than 15 minutes ahead of it, are left out.

    Raises ValueError when readings are not oldest first, or a time has no zone.
    """
    now = utc(now)
    changed = []
    for station in sorted(set(states) | set(readings)):
        before = states.get(station, RuleState())
        after = _walk(rule, before, readings.get(station, ()), now)
        states[station] = after
        if (before.phase, before.stale) != (after.phase, after.stale):
            changed.append(transition_of(rule, station, before, after, now))
    return changed


def _walk(rule: Watch, state: RuleState, readings: Sequence[Reading], now: datetime) -> RuleState:
    if any(later.at < earlier.at for earlier, later in pairwise(readings)):
        raise ValueError("readings must be oldest first")
    for reading in readings:
        if math.isfinite(reading.value) and utc(reading.at) <= now + CLOCK_AHEAD:
            state = judge(rule, state, reading, reading.at)
    return judge(rule, state, None, now)


def transition_of(
    rule: Watch, station: str, before: RuleState, after: RuleState, now: datetime
) -> Transition:
    at = now if before.phase is after.phase or after.since is None else after.since
    return Transition(
        rule.name, station, before.phase, after.phase, at, after.value, _why(rule, before, after), after.stale
    )


def _why(rule: Watch, before: RuleState, after: RuleState) -> str:
    """What the duty officer reads. Thai, and English in brackets."""
    if after.at is None or after.value is None:
        return "ยังไม่เคยมีข้อมูลจากสถานีนี้ (nothing was ever heard from this station)"
    _, _, unit_th, unit_en = subject_words(rule.subject)
    seen_th, seen_en = value_words(rule.subject, after.value)
    quiet_min = int(rule.stale_after.total_seconds() // 60)
    if after.phase is Phase.NO_DATA:
        worry = before.phase is Phase.PENDING or before.phase in DANGER
        extra_th, extra_en = (" ขณะเกินเกณฑ์", ", last seen beyond the limit") if worry else ("", "")
        return (
            f"ไม่มีข้อมูลเกิน {quiet_min} นาที{extra_th} ไม่ได้แปลว่าปกติ ค่าสุดท้าย {seen_th} "
            f"(silent for more than {quiet_min} min{extra_en}; not a sign of calm; last {seen_en})"
        )
    if after.stale:
        return (
            f"ยังถือว่าอันตราย แต่ไม่มีข้อมูลเกิน {quiet_min} นาที ค่าสุดท้าย {seen_th} "
            f"(still in danger; silent for more than {quiet_min} min; last {seen_en})"
        )
    line = rule.until if after.phase in (Phase.ENDING, Phase.CALM) and before.phase in DANGER else rule.when
    side_th, side_en = line.words(met=line.met(after.value))
    text_th = f"{seen_th} {side_th} {line.limit:.2f} {unit_th}"
    text_en = f"{seen_en}, {side_en} {line.limit:.2f} {unit_en}"
    if after.phase in (Phase.ACTIVE, Phase.CALM) and line.met(after.value) and line.lasting:
        lasted = int(line.lasting.total_seconds() // 60)
        text_th, text_en = f"{text_th} นานอย่างน้อย {lasted} นาที", f"{text_en} for at least {lasted} min"
    return f"{text_th} ({text_en})"


def standing(rule: Rule, states: Iterable[RuleState]) -> Phase:
    """A rule of one condition as a whole, over the states of all its stations."""
    return weigh(rule.when.min_stations, [state.phase for state in states])


def weigh(need: int, phases: Sequence[Phase]) -> Phase:
    """Several phases as one, of which `need` must be in danger.

    ACTIVE: that many are in danger (ENDING when all of those are ending). NO_DATA: too few speak for it ever to be.
    PENDING: it would be if the pending ones were. Else CALM.
    """
    dangerous = [phase for phase in phases if phase in DANGER]
    if len(dangerous) >= need:
        return Phase.ENDING if all(phase is Phase.ENDING for phase in dangerous) else Phase.ACTIVE
    if sum(phase is not Phase.NO_DATA for phase in phases) < need:
        return Phase.NO_DATA
    return Phase.PENDING if len(dangerous) + phases.count(Phase.PENDING) >= need else Phase.CALM
