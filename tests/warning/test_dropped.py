"""Who was warned and is no more is not left afraid: an all-clear for the places an Update drops waits for a person."""

from datetime import timedelta
from uuid import uuid4

import pytest

from geo.gazetteer import gazetteer
from tests.warning.test_issue import OTHER, agrees, alerts, fires
from tests.warning.test_issue import town as town
from tests.warning.town import TAMBON, Town
from warning.alert import Alert, AlertState, approvals_needed
from warning.follow_up import follow_up
from warning.issue import issue
from warning.words.facts import Kind

THIRD = "931103"
VILLAGES = [village.code for village in gazetteer().villages_of(OTHER)]


def goes_out(town: Town, alert: Alert) -> None:
    for who in ("a", "b")[: approvals_needed(alert)]:
        agrees(town, alert, who)
    with town.database.session() as session:
        issue(session, str(alert.id), town.clock.now(), town.office)


def updated(town: Town, old: Alert, tambons: list[str], villages: list[str] | None = None) -> None:
    town.clock.forward(timedelta(minutes=5))
    with town.database.session() as session:
        new = follow_up(session, old.id, Kind.UPDATE, "c", town.clock.now(), town.office)
        new.tambons, new.villages = tambons, villages or []
    goes_out(town, new)


def of_kind(town: Town, kind: str) -> list[Alert]:
    return [alert for alert in alerts(town) if alert.kind == kind]


@pytest.mark.parametrize(
    ("tambons", "villages", "dropped", "named"),
    [
        pytest.param([TAMBON], None, [OTHER], [], id="a-tambon"),
        pytest.param([TAMBON, OTHER, THIRD], None, [], [], id="grows"),
        pytest.param([OTHER], VILLAGES[:1], [TAMBON, OTHER], VILLAGES[1:], id="all-villages-but-one"),
    ],
)
def test_what_an_update_drops_is_drafted_an_all_clear(
    town: Town, tambons: list[str], villages: list[str] | None, dropped: list[str], named: list[str]
) -> None:
    fires(town, TAMBON, OTHER)
    goes_out(town, *alerts(town))
    (first,) = alerts(town)
    updated(town, first, tambons, villages)
    drafts = of_kind(town, "all_clear")
    assert sorted(code for draft in drafts for code in draft.tambons) == sorted(dropped)
    for draft in drafts:
        assert (draft.state, draft.urgency, draft.response_type) == (AlertState.DRAFT, "Past", "AllClear")
        assert [v for v in draft.villages if v[:6] == OTHER] == named
        assert first.number in draft.words["sms_th"] or first.number in draft.words["line_th"]
        goes_out(town, draft)
    assert {a.state for a in of_kind(town, "all_clear")} <= {AlertState.ISSUED}
    (update,) = of_kind(town, "update")
    assert update.state is AlertState.ISSUED  # its own places stay warned


def test_a_place_that_another_alert_of_the_same_danger_warns_is_given_no_all_clear(town: Town) -> None:
    fires(town, TAMBON, OTHER)
    goes_out(town, *alerts(town))
    (first,) = alerts(town)
    with town.database.session() as session:
        like = first.model_dump(exclude={"id", "number", "tambons"})
        session.add(Alert(**like, id=uuid4(), number="พท-2569-0099", tambons=[OTHER]))
    updated(town, first, [TAMBON])
    assert not of_kind(town, "all_clear")
