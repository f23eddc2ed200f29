"""What is said of all rules at once is what the plain reference says of each, however often we look and wherever we restart."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.gazetteer import gazetteer
from tests.warning.rule_cases import level, levels, minutes
from warning.lookout import Finding, Key, Lookout
from warning.rounds import rounds_of
from warning.rule_board import LOOK_BACK, microseconds
from warning.rule_level import Memory, step_levels
from warning.rule_plan import plan_of
from warning.rules import Reading, RuleState
from warning.subject import Subject

LEVEL, RAIN = Subject("quantity", "water_level"), Subject("quantity", "rain_24h")
X170 = {"quantity": "water_level", "station": "X.170", "above": 24.5, "lasting": "PT20M"}
X68 = {
    "quantity": "water_level",
    "station": "X.68",
    "above": 14.9,
    "lasting": "PT0S",
    "until": {"below": 14.5, "lasting": "PT30M"},
}
TOWNS = ["930203", "931104"]
WET = {"quantity": "rain_24h", "any_station_in": TOWNS, "above": 90, "lasting": "PT0S"}
RULES = (
    levels(
        "two-levels",
        level("yellow", when=X170, until={"below": 24.2, "lasting": "PT1H"}, keep_for="PT30M", cooldown="PT3H"),
        level("red", when={"all_of": [X170 | {"lasting": "PT0S"}, X68]}, keep_for="PT1H"),
    ),
    levels(
        "two-of-three",
        level("orange", when={"at_least": {"count": 2, "of": [X170, X68, {"any_of": [WET, X68 | {"above": 15.2}]}]}}),
        no_data="blind",
    ),
    levels(
        "agreed",
        level("yellow", when=X170 | {"lasting": "PT0S"}, until={"below": 24.2, "lasting": "PT0S"},
              confirmed_by={"any_of": [X68], "within": "PT1H", "hold": "PT40M"}),
        level("orange", when=X68 | {"until": None}, until={"below": 14.5, "lasting": "PT0S"},
              confirmed_by={"any_of": [X170], "within": "PT30M"}),
    ),
    levels(
        "rain-here",
        level("yellow", when=WET | {"min_stations": 2}, until={"below": 60, "lasting": "PT1H"}, cooldown="PT1H"),
        level("orange", when={"all_of": [WET, X170]}),
        tambons="of_station",
    ),
)  # fmt: skip
SERIES = [
    ("X.170", LEVEL),
    ("X.68", LEVEL),
    *((s, RAIN) for s in plan_of(RULES, gazetteer()).stations["rain-here orange rain_24h"]),
][:5]
VALUES = {"water_level": [14.0, 14.7, 15.0, 24.3, 25.0, 25.3], "rain_24h": [10.0, 70.0, 95.0]}


def nowhere(station: str) -> Mapping[str, timedelta]:
    return {}


def look(out: Lookout, readings: Mapping[Any, Sequence[Reading]], now: Any) -> list[Finding]:
    """One look as the step `assess` does it: only what no rule has judged yet."""
    heard = {
        n: [(microseconds(r.at), r.value) for r in readings.get(series, ()) if r.at <= now]
        for n, series in enumerate(out.board.series)
    }
    return out.look(rounds_of(out.plan, out.board, heard), now)


NIGHTS = st.lists(
    st.tuples(st.integers(0, len(SERIES) - 1), st.integers(0, 25), st.integers(0, 5)), max_size=40
)  # which series speaks, minutes after the one before, which of its values


def night(spoken: Sequence[tuple[int, int, int]]) -> dict[Any, list[Reading]]:
    readings: dict[Any, list[Reading]] = {series: [] for series in SERIES}
    minute = 0
    for nth, gap, which in spoken:
        minute += gap
        values = VALUES[SERIES[nth][1].name]
        if not readings[SERIES[nth]] or readings[SERIES[nth]][-1].at < minutes(minute):
            readings[SERIES[nth]].append(Reading(minutes(minute), values[which % len(values)]))
    return readings


@settings(max_examples=120, deadline=None)
@given(NIGHTS, st.lists(st.integers(0, 1000), max_size=8))
def test_board_and_reference_agree_and_a_restart_changes_nothing(spoken: Any, looks: list[int]) -> None:
    readings = night(spoken)
    plan = plan_of(RULES, gazetteer())
    memory, kept = Memory({}, {}), dict[Key, Any]()
    running = Lookout(RULES, gazetteer(), nowhere)
    for minute in sorted(looks):
        now = minutes(minute)
        recent = {s: [r for r in heard if now - LOOK_BACK < r.at <= now] for s, heard in readings.items()}
        fired = step_levels(plan, memory, recent, now)
        restarted = Lookout(RULES, gazetteer(), nowhere)
        restarted.remember(kept)
        told = look(restarted, readings, now)
        assert [f.transition for f in look(running, readings, now)] == [f.transition for f in told]
        kept |= {key: json.loads(json.dumps(state)) for key, state in restarted.kept()}
        for cell in range(len(plan.cells)):
            assert restarted.board.state(cell) == memory.cells.get(cell, RuleState()), plan.cells[cell]
        for n, state in memory.units.items():
            assert restarted.levels.get(n, type(state)()) == state, plan.units[n]
        covered = [f for f in told if not f.fires and f.standing not in (None, f.level)]
        calling = [f.unit for f in told if not f.unit.plain and f.fires]
        assert len(calling) <= len(fired) <= len(calling) + len(covered)
