"""Two who approve in one moment wait for each other only where they decide on the same thing."""

from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session

from tests.warning.test_approval import at_once, follows, issued
from tests.warning.test_issue import OTHER, alerts, becomes, fires, town
from tests.warning.town import Town
from warning import approval
from warning.alert import Alert, AlertState
from warning.approval import approve
from warning.seen import seen_of
from warning.words.facts import Kind

__all__ = ["town"]  # a fixture


def test_what_follows_two_alerts_is_approved_at_once_and_nobody_waits_in_a_circle(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = issued(town)
    fires(town, OTHER)
    second = alerts(town)[-1]
    becomes(town, second, AlertState.APPROVED, AlertState.ISSUED)
    drafts = [follows(town, alert.id, Kind.UPDATE) for alert in (first, second)]
    both, free = Barrier(2, timeout=10), approval.replaced_by

    def when_both_hold_their_draft(session: Session, alert: Alert) -> Any:
        both.wait()
        return free(session, alert)

    monkeypatch.setattr(approval, "replaced_by", when_both_hold_their_draft)
    now = town.clock.now()
    told = at_once(town, *(lambda s, d=d: approve(s, d.id, "a", "a", now, seen_of(d)) for d in drafts))
    assert told == ["yes", "yes"]
