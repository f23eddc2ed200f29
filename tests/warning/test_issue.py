"""A draft and who agrees to it: what is agreed to never grows, what is over is not sent, an all-clear is no warning."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from geo.errors import NotAllowed
from tests.warning.rule_cases import rule
from tests.warning.town import TAMBON, Town
from warning import failing
from warning.alert import Alert, AlertState, ApprovalPolicy, advance
from warning.approval import approve, reject
from warning.assess import HazardAssessment
from warning.config import ApprovalSettings
from warning.fault import known
from warning.follow_up import follow_up
from warning.issue import draft
from warning.seen import Change, changed_since, seen_of
from warning.store.database import Database
from warning.sweep import sweep
from warning.web.console.arrivals import water_hours
from warning.web.relay.desk_view import water_by
from warning.words.facts import Kind

OTHER = "931101"


@pytest.fixture
def town(database: Database, clock) -> Town:
    town = Town(database, clock, [])
    rises = rule(name="rises", approval="two_person", released=True)
    config = town.office.config
    config.rules, config.office.phone, config.approval = [rises], "074000000", ApprovalSettings()
    return town


def fires(town: Town, *tambons: str, **minutes: int) -> str:
    """A rule fires. minutes: `T931102=55`, when water may be where; other places than `tambons` too."""
    now = town.clock.now()
    water_by = {code[1:]: (now + timedelta(minutes=left)).isoformat() for code, left in minutes.items()}
    assessment = HazardAssessment(
        id=uuid4(), rule="rises", rule_version="1", station="X.170", state="danger", at=now,
        value=21.0, why="above", fires=True, tambons=list(tambons), observations=[], water_by=water_by,
    )  # fmt: skip
    with town.database.session() as session:
        session.add(assessment)
    drafted(town, str(assessment.id))
    return str(assessment.id)


def drafted(town: Town, assessment: str) -> None:
    with town.database.session() as session:
        draft(session, assessment, town.clock.now(), town.office)


def alerts(town: Town) -> list[Alert]:
    with town.database.session() as session:
        return list(session.exec(select(Alert).order_by(Alert.number)))


def agrees(town: Town, alert: Alert, who: str) -> None:
    with town.database.session() as session:
        approve(session, alert.id, who, who, town.clock.now(), seen_of(alert))


def becomes(town: Town, alert: Alert, *states: AlertState) -> None:
    with town.database.session() as session:
        kept = session.get_one(Alert, alert.id)
        for state in states:
            advance(kept, state, town.clock.now())
        kept.issued_at = town.clock.now()


def test_a_draft_grows_until_somebody_agrees_to_it(town: Town) -> None:
    fires(town, TAMBON)
    fires(town, OTHER)
    [grown] = alerts(town)
    assert grown.tambons == [TAMBON, OTHER]
    agrees(town, grown, "a")
    fires(town, "931103")
    first, second = alerts(town)
    assert first.tambons == [TAMBON, OTHER] and second.tambons == ["931103"]


GROWTHS = {
    "the new place is wetted first": ({"T931102": 120}, 0, {"T931101": 40}, 40),
    "the old place is wetted first": ({"T931102": 40}, 0, {"T931101": 120}, 40),
    "the old place is wet by now": ({"T931102": 40}, 50, {"T931101": 60}, 60),
    "another gauge gives the old place less time": ({"T931102": 120}, 0, {"T931101": 90, "T931102": 30}, 30),
    "only the new place is known": ({}, 0, {"T931101": 90}, 90),
    "only the old place is known": ({"T931102": 90}, 30, {}, 60),
    "all is past": ({"T931102": 10}, 20, {}, None),
    "a place that is not warned counts for nothing": ({"T931102": 120, "T931103": 5}, 0, {"T931104": 6}, 120),
}  # first assessment, minutes until the second, second assessment, minutes the draft then gives


@pytest.mark.parametrize(("first", "later", "second", "left"), GROWTHS.values(), ids=GROWTHS)
def test_a_draft_that_grows_gives_the_time_of_the_next_place_the_water_reaches(
    town: Town, first: dict[str, int], later: int, second: dict[str, int], left: int | None
) -> None:
    fires(town, TAMBON, **first)
    [before] = alerts(town)
    town.clock.forward(timedelta(minutes=later))
    again = fires(town, OTHER, **second)
    [grown] = alerts(town)
    now = town.clock.now()
    assert grown.water_by == (None if left is None else now + timedelta(minutes=left))
    drafted(town, again)
    assert alerts(town)[0].water_by == grown.water_by  # twice is once
    with pytest.raises(NotAllowed, match="has changed"):
        agrees(town, before, "a")
    assert changed_since(grown, seen_of(before)) == Change(now, (OTHER,))
    assert (grown.words != before.words) and seen_of(grown) != seen_of(before)


def test_the_desk_and_the_console_know_the_hour_of_each_place_a_draft_grew_by(town: Town) -> None:
    fires(town, TAMBON, T931102=40)
    fires(town, OTHER, T931101=60)
    [grown] = alerts(town)
    hours = {code: town.clock.now() + timedelta(minutes=left) for code, left in ((TAMBON, 40), (OTHER, 60))}
    with town.database.session() as session:
        assert water_by(session, grown) == water_hours(session, grown) == hours


def test_a_draft_of_its_own_gives_the_time_of_its_own_places(town: Town) -> None:
    fires(town, TAMBON, T931102=20)
    agrees(town, alerts(town)[0], "a")
    fires(town, TAMBON, OTHER, T931102=10, T931101=70)
    [_, own] = alerts(town)
    assert (own.tambons, own.water_by) == ([OTHER], town.clock.now() + timedelta(minutes=70))


def test_a_draft_says_how_long_the_water_stays_where_its_rule_does(town: Town) -> None:
    town.office.config.rules = [rule(name="rises", approval="two_person", stays_days=[3, 14])]
    fires(town, TAMBON)
    [draft] = alerts(town)
    assert any("3" in words and "14" in words and "วัน" in words for words in draft.words.values())


def test_two_different_people_agree(town: Town) -> None:
    fires(town, TAMBON)
    [alert] = alerts(town)
    agrees(town, alert, "a")
    with pytest.raises(NotAllowed, match="already"):
        agrees(town, alert, "a")
    assert alerts(town)[0].state is AlertState.DRAFT
    agrees(town, alert, "b")
    assert alerts(town)[0].state is AlertState.APPROVED


def test_an_old_draft_is_neither_sent_nor_in_the_way(town: Town) -> None:
    fires(town, TAMBON)
    [old] = alerts(town)
    town.clock.forward(timedelta(hours=13))
    with pytest.raises(NotAllowed, match="expired"):
        agrees(town, old, "a")
    fires(town, TAMBON)
    assert len(alerts(town)) == 2


def test_water_that_rises_again_after_an_all_clear_is_told_again(town: Town) -> None:
    fires(town, TAMBON)
    [alert] = alerts(town)
    becomes(town, alert, AlertState.APPROVED, AlertState.ISSUED)
    with town.database.session() as session:
        over = follow_up(session, alert.id, Kind.ALL_CLEAR, "a", town.clock.now(), town.office)
    becomes(town, alert, AlertState.SUPERSEDED)
    becomes(town, over, AlertState.APPROVED, AlertState.ISSUED)
    town.clock.forward(timedelta(minutes=30))
    fires(town, TAMBON)
    assert [a.kind for a in alerts(town)] == ["alert", "all_clear", "alert"]


def rises_unheard(town: Town, tambon: str) -> str:
    """An assessment whose wake-up was lost."""
    assessment = HazardAssessment(
        id=uuid4(), rule="rises", rule_version="1", station="X.44", state="danger", at=town.clock.now(),
        value=9.0, why="above", fires=True, tambons=[tambon], observations=[],
    )  # fmt: skip
    with town.database.session() as session:
        session.add(assessment)
    return str(assessment.id)


def asked_for(town: Town, assessment: str) -> bool:
    with town.database.session() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    sweep(town.office)
    queued = "SELECT 1 FROM procrastinate_jobs WHERE args->>'step' = 'draft' AND args->>'work' = :work"
    return bool(town.rows(queued, work=assessment))


@pytest.mark.parametrize(
    "states",
    [[], [AlertState.APPROVED], [AlertState.APPROVED, AlertState.ISSUED], [AlertState.REJECTED]],
    ids=["waits", "approved", "in-force", "rejected"],
)
def test_a_lost_draft_is_asked_for_again_though_the_rule_warns_elsewhere(
    town: Town, states: list[AlertState]
) -> None:
    fires(town, TAMBON)
    lost = rises_unheard(town, OTHER)
    failing.failed(town.office, "draft", lost, RuntimeError("the database was away"))
    town.clock.forward(timedelta(minutes=1))
    becomes(town, alerts(town)[0], *states)
    assert asked_for(town, lost)
    with town.database.session() as session:
        assert failing.named("draft", lost) in known(session)  # nor does it pass for mended
    drafted(town, lost)
    assert not asked_for(town, lost)
    assert {place for alert in alerts(town) for place in alert.tambons} == {TAMBON, OTHER}


def test_a_place_that_is_warned_already_is_not_asked_for_again(town: Town) -> None:
    fires(town, TAMBON)
    assert not asked_for(town, rises_unheard(town, TAMBON))


def test_what_a_person_rejected_is_not_drafted_again_by_the_sweep(town: Town) -> None:
    fires(town, TAMBON)
    town.clock.forward(timedelta(seconds=1))
    fires(town, OTHER)  # joins the same draft
    town.clock.forward(timedelta(minutes=1))
    [alert] = alerts(town)
    with town.database.session() as session:
        reject(session, alert.id, "a gate was tested", town.clock.now(), seen_of(alert))
    sweep(town.office)
    assert not town.rows("SELECT 1 FROM procrastinate_jobs WHERE args->>'step' = 'draft'")


@pytest.mark.parametrize(
    "ahead", [timedelta(), timedelta(minutes=5)], ids=["one-clock", "another-clock-ahead"]
)
def test_what_joined_a_draft_that_was_rejected_is_not_drafted_by_a_wake_up_that_comes_twice(
    town: Town, ahead: timedelta
) -> None:
    """A worker died after its draft was written, or the machine that judged the rules has a clock ahead."""
    first = fires(town, TAMBON)
    town.clock.forward(ahead)
    joined = fires(town, OTHER)
    town.clock.forward(timedelta(seconds=30) - ahead)
    [alert] = alerts(town)
    with town.database.session() as session:
        reject(session, alert.id, "a gate was tested", town.clock.now(), seen_of(alert))
    for assessment in (first, joined):
        assert not asked_for(town, assessment)
        drafted(town, assessment)
    assert [a.state for a in alerts(town)] == [AlertState.REJECTED]
    town.clock.forward(timedelta(minutes=10))
    fires(town, OTHER)  # it rises again
    assert [a.tambons for a in alerts(town)] == [[TAMBON, OTHER], [OTHER]]


LEFT = {
    "none known": (None, "two_person"),
    "two hours": (2, "two_person"),
    "half an hour": (0.5, "send_then_review"),
}


@pytest.mark.parametrize(("hours", "policy"), LEFT.values(), ids=LEFT)
def test_only_haste_sends_first(clock, hours, policy) -> None:
    water_by = None if hours is None else clock.now() + timedelta(hours=hours)
    assert ApprovalSettings().policy_at("Extreme", water_by, clock.now()) == policy


@pytest.mark.parametrize(
    ("drafted_by", "yes_of", "state"),
    [
        pytest.param("rule", ["a"], AlertState.DRAFT, id="rule-and-one-is-not-two"),
        pytest.param("rule", ["a", "b"], AlertState.APPROVED, id="rule-and-two"),
        pytest.param("author", ["a"], AlertState.APPROVED, id="author-and-another"),
    ],
)
def test_two_person_is_two_different_people(database: Database, clock, drafted_by, yes_of, state) -> None:
    town = Town(database, clock, [])
    alert_id = town.alert()
    with database.session() as session:
        alert = session.get_one(Alert, alert_id)
        alert.state, alert.approval, alert.drafted_by = (
            AlertState.DRAFT,
            ApprovalPolicy.TWO_PERSON,
            drafted_by,
        )
        seen = seen_of(alert)
    with pytest.raises(NotAllowed), database.session() as session:
        if drafted_by == "rule":
            approve(session, alert_id, "a", "A", clock.now(), seen)
        approve(session, alert_id, "a" if drafted_by == "rule" else "author", "A", clock.now(), seen)
    for user in yes_of:
        with database.session() as session:
            approve(session, alert_id, user, user, clock.now(), seen)
    with database.session() as session:
        assert session.get_one(Alert, alert_id).state is state
