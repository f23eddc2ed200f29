"""Which hazard of which tambon can be judged now, and by what; the office's own rules leave no tambon to a river gauge alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geo.gazetteer import gazetteer
from tests.config.test_shipped import flows
from tests.warning.rule_cases import level, levels
from warning.blindness import Newest, blindness, without_river
from warning.config import load
from warning.event import Event
from warning.rule import Rule

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
PLACES = gazetteer()
ROOT = Path(__file__).parents[2]
HERE, BELOW = "930112", "930101"  # X.170 stands here; its water comes here later
RIVER = {"quantity": "water_level", "station": "X.170", "above": 24.0, "lasting": "PT0S"}
RAIN = {"indicator": "rain_24h", "station": "TH30", "above": 90.0, "lasting": "PT0S"}


def rule(when: dict[str, object], **more: object) -> Rule:
    """A condition that stands alone says beside it when it ends."""
    until = {} if len(when) == 1 else {"until": {"below": 0.1, "lasting": "PT0S"}}
    return levels("looks", level("yellow", when=when, **until), stale_after="PT1H", tambons=[HERE], **more)


def told(minutes: float = 10, verdict: str | None = "good", station: str = "X.170", quantity: str = "water_level"
         ) -> dict[tuple[str, str], Newest]:  # fmt: skip
    return {(station, quantity): Newest(NOW - timedelta(minutes=minutes), verdict)}


RAINED = told(station="TH30", quantity="rain_1h")


@pytest.mark.parametrize(
    ("when", "newest", "state"),
    [
        pytest.param(RIVER, told(), "seen", id="it-speaks"),
        pytest.param(RIVER, told(verdict=None), "seen", id="older-than-quality-control"),
        pytest.param(RIVER, told(90), "silent", id="stale"),
        pytest.param(RIVER, {}, "silent", id="never-spoke"),
        pytest.param(RIVER, told(verdict="suspect"), "doubted", id="stuck"),
        pytest.param({"all_of": [RIVER, RAIN]}, told(), "silent", id="one-of-two-is-not-both"),
        pytest.param({"all_of": [RIVER, RAIN]}, told() | RAINED, "seen", id="both-speak"),
        pytest.param({"any_of": [RIVER, RAIN]}, RAINED, "seen", id="an-indicator-of-any-of-its-readings"),
    ],
)
def test_a_hazard_is_seen_when_its_rule_could_fire(
    when: dict[str, object], newest: dict[tuple[str, str], Newest], state: str
) -> None:
    found = blindness([rule(when)], PLACES, newest, flows, NOW)
    assert found[HERE][Event.FLOOD].state == state
    assert found[HERE][Event.TSUNAMI].state == "blind" and found[BELOW][Event.FLOOD].state == "blind"
    assert set(found) == set(PLACES.tambons) and all(set(hazards) == set(Event) for hazards in found.values())


def test_a_gauge_upstream_sees_for_those_below_with_its_travel_time() -> None:
    found = blindness([rule(RIVER, reach="downstream")], PLACES, told(), flows, NOW)
    (own,), (below,) = (found[code][Event.FLOOD].looks for code in (HERE, BELOW))
    assert (own.station, own.travel_min, own.river) == ("X.170", 0, True)
    assert below.travel_min > 0 and found[BELOW][Event.FLOOD].state == "seen"


def test_a_rule_that_is_off_sees_nothing() -> None:
    off = rule(RIVER).model_copy(update={"on": False})
    assert blindness([off], PLACES, told(), flows, NOW)[HERE][Event.FLOOD].state == "blind"


@pytest.mark.parametrize(
    ("when", "without"),
    [
        pytest.param(RIVER, False, id="river"),
        pytest.param(RAIN, True, id="rain"),
        pytest.param({"all_of": [RIVER, RAIN]}, False, id="both-needed"),
        pytest.param({"any_of": [RIVER, RAIN]}, True, id="either"),
        pytest.param({"indicator": "rise_m_per_h", "station": "X.170", "above": 0.3, "lasting": "PT0S"}, False, id="rise"),
    ],
)  # fmt: skip
def test_what_works_without_the_river_gauge(when: dict[str, object], without: bool) -> None:
    assert (HERE in without_river([rule(when)], PLACES, flows)) is without


def test_every_tambon_has_a_rule_that_needs_no_river_gauge() -> None:
    rules = load(ROOT / "config.yaml", {}).rules
    assert set(PLACES.tambons) - without_river(rules, PLACES, flows) == set()
