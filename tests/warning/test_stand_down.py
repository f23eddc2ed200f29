"""A danger that is over or less by readings is not kept up for ever, and not called off by a machine: a draft waits for a person."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.warning.rule_cases import level, levels
from tests.warning.test_dropped import goes_out
from tests.warning.test_issue import OTHER, alerts, drafted
from tests.warning.test_issue import town as town
from tests.warning.town import TAMBON, Town
from warning.alert import Alert, AlertState
from warning.approval import reject
from warning.assess import HazardAssessment
from warning.pipeline import STEPS
from warning.seen import seen_of
from warning.sweep import sweep

WHEN = {"quantity": "water_level", "station": "X.170"}
EXTREME = {"severity": "Extreme", "urgency": "Immediate", "certainty": "Observed", "responseType": "Evacuate"}
RIVER = levels(
    "rises",
    level("orange", when=WHEN | {"above": 24.2, "lasting": "PT0S"}, until={"below": 23.8, "lasting": "PT0S"}),
    level("red", alert=EXTREME, when=WHEN | {"above": 25.2, "lasting": "PT0S"}, until={"below": 24.8, "lasting": "PT0S"}),
)  # fmt: skip

_RUNG = "SELECT args->>'work' AS work FROM procrastinate_jobs WHERE args->>'step' = 'stand_down' AND status = 'todo'"


@pytest.fixture
def river(town: Town) -> Town:
    town.office.config.rules = [RIVER]
    return town


def says(town: Town, name: str, state: str, *tambons: str, station: str = "X.170") -> str:
    """The rule's word on one of its levels; ten minutes pass."""
    town.clock.forward(timedelta(minutes=10))
    told = HazardAssessment(
        id=uuid4(), rule="rises", rule_version="1", level=name, station=station, state=state, at=town.clock.now(), value=24.5,
        why="w (w)", fires=state == "active", ends=state == "calm", tambons=list(tambons), observations=[], water_by={},
    )  # fmt: skip
    with town.database.session() as session:
        session.add(told)
    if told.fires:
        drafted(town, str(told.id))
    return str(told.id)


def swept(town: Town) -> None:
    """What the sweep finds is done at once; a second sweep finds nothing more."""
    for _ in range(2):
        made = [row.work for row in town.rows(_RUNG)]
        for work in made:
            with town.database.session() as session:
                STEPS["stand_down"](session, work, town.clock.now(), town.office)
        sweep(town.office)


def found(town: Town, kind: str) -> list[Alert]:
    return [alert for alert in alerts(town) if alert.kind == kind]


def red(town: Town, *tambons: str) -> Alert:
    says(town, "orange", "active", *tambons)
    says(town, "red", "active", *tambons)
    (draft,) = alerts(town)
    goes_out(town, draft)
    return draft


def done(town: Town) -> None:
    sweep(town.office)
    swept(town)
    assert not town.office.faults


def test_red_that_became_orange_is_drafted_an_update_to_orange(river: Town) -> None:
    red(river, TAMBON, OTHER)
    done(river)
    assert not found(river, "update")
    says(river, "red", "calm", TAMBON, OTHER)
    done(river)
    (update,) = found(river, "update")
    assert (update.state, update.facts["level"], update.tambons) == (
        AlertState.DRAFT,
        "orange",
        [TAMBON, OTHER],
    )
    assert (update.severity, update.urgency) == ("Severe", RIVER.levels[0].alert.urgency)
    goes_out(river, update)
    says(river, "orange", "calm", TAMBON, OTHER)
    done(river)
    (clear,) = found(river, "all_clear")
    assert (clear.state, clear.references, clear.urgency) == (AlertState.DRAFT, [str(update.id)], "Past")


def test_what_one_gauge_still_says_is_not_called_off(river: Town) -> None:
    red(river, TAMBON)
    says(river, "red", "active", TAMBON, station="X.68")
    says(river, "red", "calm", TAMBON)
    says(river, "orange", "calm", TAMBON)
    done(river)
    assert not found(river, "update") and not found(river, "all_clear")


def test_places_that_are_over_are_dropped_by_the_update(river: Town) -> None:
    red(river, TAMBON)
    says(river, "red", "active", OTHER, station="X.68")
    first, second = alerts(river)
    goes_out(river, second)
    says(river, "red", "calm", TAMBON)
    says(river, "orange", "calm", TAMBON)
    done(river)
    (clear,) = found(river, "all_clear")
    assert clear.tambons == [TAMBON] and clear.references == [str(first.id)]


def test_a_draft_of_the_end_is_put_away_when_the_danger_rises_again(river: Town) -> None:
    red(river, TAMBON)
    says(river, "red", "calm", TAMBON)
    says(river, "orange", "calm", TAMBON)
    done(river)
    assert len(found(river, "all_clear")) == 1
    says(river, "orange", "active", TAMBON)
    assert found(river, "all_clear")[0].state is AlertState.REJECTED
    done(river)
    says(river, "orange", "calm", TAMBON)
    done(river)
    assert [a.state for a in found(river, "all_clear")] == [AlertState.REJECTED, AlertState.DRAFT]


def test_what_a_person_refused_is_not_drafted_again_for_the_same_end(river: Town) -> None:
    red(river, TAMBON)
    says(river, "red", "calm", TAMBON)
    says(river, "orange", "calm", TAMBON)
    done(river)
    (clear,) = found(river, "all_clear")
    with river.database.session() as session:
        reject(session, clear.id, "ยังมีน้ำในหมู่บ้าน", river.clock.now(), seen_of(clear))
    done(river)
    assert [a.state for a in found(river, "all_clear")] == [AlertState.REJECTED]
