"""An Update wakes people only for what is new to them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from geo.errors import NotAllowed
from tests.warning.test_issue import agrees, alerts, becomes, fires
from tests.warning.test_issue import town as town
from tests.warning.town import TAMBON, Town
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode
from warning.changed import changes, changes_nothing
from warning.follow_up import follow_up
from warning.words.facts import Kind

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def warning_of(**values: Any) -> Alert:
    plain = {
        "id": uuid4(), "mode": Mode.ACTUAL, "number": "พท-2569-0001", "identifier": "x", "msg_type": "Alert", "kind": "alert",
        "event": "river_overflow", "severity": "Severe", "urgency": "Expected", "certainty": "Likely",
        "response_type": "Prepare", "tambons": ["930101", "930103"], "approval": ApprovalPolicy.DUTY_OFFICER,
        "facts": {"shelter_th": "วัด"}, "drafted_at": NOW, "expires_at": NOW + timedelta(hours=8), "changed_at": NOW,
        "water_by": NOW + timedelta(hours=4),
    }  # fmt: skip
    return Alert(**plain | values)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        pytest.param({}, set(), id="nothing"),
        pytest.param({"certainty": "Observed"}, set(), id="surer-of-the-same"),
        pytest.param({"urgency": "Immediate"}, {"level"}, id="level-up"),
        pytest.param({"severity": "Moderate"}, {"level"}, id="level-down"),
        pytest.param({"severity": "Extreme"}, set(), id="another-word-for-the-same-level"),
        pytest.param({"tambons": ["930101"]}, {"places"}, id="a-place-less"),
        pytest.param({"tambons": ["930103", "930101"]}, set(), id="the-same-places-in-another-order"),
        pytest.param({"villages": ["93010101"]}, {"places"}, id="only-a-village"),
        pytest.param({"response_type": "Evacuate"}, {"instruction"}, id="something-else-to-do"),
        pytest.param({"facts": {"shelter_th": "โรงเรียน"}}, {"instruction"}, id="another-shelter"),
        pytest.param({"water_by": NOW + timedelta(hours=3, minutes=1)}, set(), id="59-minutes-sooner"),
        pytest.param({"water_by": NOW + timedelta(hours=3)}, {"arrival"}, id="an-hour-sooner"),
        pytest.param({"water_by": None}, {"arrival"}, id="nobody-knows-when-any-more"),
        pytest.param({"expires_at": NOW + timedelta(hours=20)}, set(), id="longer-though-hours-are-left"),
    ],
)
def test_what_is_new(values: dict[str, Any], what: set[str]) -> None:
    assert changes(warning_of(**values), warning_of(), NOW) == what
    assert changes_nothing(warning_of(**values), [warning_of()], NOW) is (not what)


def test_a_warning_about_to_run_out_may_be_renewed() -> None:
    old = warning_of(expires_at=NOW + timedelta(hours=2))
    assert changes(warning_of(), old, NOW) == {"validity"}


def test_an_update_that_says_nothing_new_is_not_approved_and_one_that_does_is(town: Town) -> None:
    fires(town, TAMBON)
    (first,) = alerts(town)
    agrees(town, first, "a")
    agrees(town, first, "b")
    becomes(town, first, AlertState.ISSUED)
    with town.database.session() as session:
        update = follow_up(session, first.id, Kind.UPDATE, "a", town.clock.now(), town.office)
    with pytest.raises(NotAllowed, match="nothing is new for people"):
        agrees(town, update, "b")
    with town.database.session() as session:
        session.get_one(Alert, update.id).response_type = "Avoid"
    agrees(town, alerts(town)[-1], "b")
