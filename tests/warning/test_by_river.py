"""A gauge upstream over its level warns the town, and then the lake shore, before their own gauges have risen."""

from datetime import timedelta
from pathlib import Path

import pytest

from geo.gazetteer import gazetteer
from geo.rivers import downstream
from tests.warning.rule_cases import NIGHT
from tests.warning.words.facts_made import facts
from warning.config_rules import rules_of
from warning.lookout import Finding, Lookout
from warning.rounds import rounds_of
from warning.rule_board import microseconds
from warning.words.template import compose

SHIPPED = rules_of(Path(__file__).parents[2] / "config.yaml")
FOOT, TOWN, SHORE = "930112", "930101", "930109"  # Rom Mueang; Khuha Sawan in the town; Lampam by the lake
HIGH = {"X.170": 25.4, "X.68": 12.6, "ONE025": 0.2}  # only the first is over its level


def travel(gauge: str) -> dict[str, timedelta]:
    return {a.tambon: timedelta(minutes=a.minutes) for a in downstream(gauge) if a.minutes}


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    """What one look at the shipped rules of the river finds, with only X.170 over its bank."""
    rules = [rule for rule in SHIPPED if rule.hazard in ("river_overflow", "lake_flood")]
    lookout = Lookout(rules, gazetteer(), travel)
    heard = {
        nth: [(microseconds(NIGHT), HIGH[station])]
        for nth, (station, subject) in enumerate(lookout.board.series)
        if station in HIGH and subject.name == "water_level"
    }
    assert {lookout.board.series[nth][0] for nth in heard} == set(HIGH)
    return [f for f in lookout.look(rounds_of(lookout.plan, lookout.board, heard), NIGHT) if f.fires]


def test_only_the_gauge_upstream_calls_and_both_town_and_shore_are_warned(found: list[Finding]) -> None:
    (one,) = found
    assert one.transition.station == "X.170"
    assert {FOOT, TOWN, SHORE} <= set(one.tambons)


def test_the_foot_at_once_then_the_town_then_the_shore_each_by_the_travel_time_of_its_reach(
    found: list[Finding],
) -> None:
    (one,) = found
    assert FOOT not in one.water_by
    assert NIGHT < one.water_by[TOWN] < one.water_by[SHORE]
    assert one.water_by == {tambon: NIGHT + span for tambon, span in travel("X.170").items()}
    later = [t for t in one.tambons if t in one.water_by]
    assert later == sorted(later, key=one.water_by.__getitem__)


def test_the_text_for_the_town_says_when(found: list[Finding]) -> None:
    (one,) = found
    at = one.water_by[TOWN]
    said = compose(facts(event="river_overflow", water_by=at)).sms_th
    clock = (at + timedelta(hours=7)).strftime("%H:%M")
    assert f"{clock} น." in said
