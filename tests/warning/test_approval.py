"""A yes is to what stood on the page; of all who press in one moment each hears one clear result."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from geo.errors import NotAllowed
from tests.warning.rule_cases import rule
from tests.warning.test_issue import OTHER, alerts, becomes, fires, town
from tests.warning.town import TAMBON, Town
from warning import demo
from warning.alert import Alert, AlertState, ApprovalPolicy
from warning.approval import agreed, approve, reject
from warning.audited import differences
from warning.follow_up import follow_up
from warning.seen import changed_since, last_change, seen_of
from warning.words.facts import Kind

__all__ = ["town"]  # a fixture
THIRD = "931103"


def says_yes(town: Town, alert: Alert, who: str) -> int:
    """`alert` as it stood on their page. Returns how many wake-ups the yes made."""
    with town.database.session() as session:
        return len(approve(session, alert.id, who, who, town.clock.now(), seen_of(alert)))


def says_no(town: Town, alert: Alert, why: str = "a gate was tested") -> None:
    with town.database.session() as session:
        reject(session, alert.id, why, town.clock.now(), seen_of(alert))


def edited(town: Town, alert: Alert, **values: object) -> Alert:
    """The draft changed by whoever may; as it stands now."""
    with town.database.session() as session:
        kept = session.get_one(Alert, alert.id)
        for name, value in values.items():
            setattr(kept, name, value)
        return kept


def waits(town: Town, policy: ApprovalPolicy = ApprovalPolicy.DUTY_OFFICER) -> Alert:
    alert = {"severity": "Extreme"} if policy is ApprovalPolicy.SEND_THEN_REVIEW else {}
    town.office.config.rules = [rule(name="rises", approval=policy.value, released=True, alert=alert)]
    fires(town, TAMBON)
    return alerts(town)[-1]


def test_a_draft_that_grew_is_read_again_before_it_is_approved(town: Town) -> None:
    read = waits(town)
    town.clock.forward(timedelta(minutes=3))
    fires(town, OTHER)
    town.clock.forward(timedelta(minutes=3))
    fires(town, THIRD)
    for press in (says_yes, says_no):
        with pytest.raises(NotAllowed, match=r"ร่างเปลี่ยนไปแล้ว.*read it again"):
            press(town, read, "a")
    [grown] = alerts(town)
    assert grown.state is AlertState.DRAFT
    change = changed_since(grown, seen_of(read))
    assert change is not None and (change.tambons, change.at) == ((OTHER, THIRD), town.clock.now())
    assert changed_since(grown, seen_of(grown)) is None
    latest = last_change(grown)
    assert latest is not None and latest.tambons == (THIRD,)
    assert says_yes(town, grown, "a") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("tambons", [OTHER], id="places"),
        pytest.param("villages", ["93110201"], id="villages"),
        pytest.param("severity", "Extreme", id="severity"),
        pytest.param("urgency", "Future", id="urgency"),
        pytest.param("certainty", "Possible", id="certainty"),
        pytest.param("response_type", "Monitor", id="what-to-do"),
        pytest.param("kind", "update", id="kind"),
        pytest.param("references", ["x"], id="references"),
        pytest.param("expires_at", timedelta(hours=1), id="end"),
        pytest.param("water_by", timedelta(hours=1), id="water"),
        pytest.param("words", "sms_en", id="one-letter-of-an-english-text"),
    ],
)
def test_whatever_a_person_approves_is_in_the_fingerprint(town: Town, name: str, value: object) -> None:
    alert = waits(town)
    before = seen_of(alert)
    if isinstance(value, timedelta):
        value = town.clock.now() + value
    if name == "words":
        value = alert.words | {str(value): alert.words[str(value)] + "."}
    setattr(alert, name, value)
    assert seen_of(alert) != before


def test_the_fingerprint_outlives_the_database(town: Town) -> None:
    alert = waits(town)
    assert seen_of(alert) == seen_of(alerts(town)[0])
    alert.changed_at, alert.facts = town.clock.now() + timedelta(hours=1), {}
    assert seen_of(alert) == seen_of(alerts(town)[0])  # what nobody reads changes no version


def test_the_second_person_agrees_to_what_the_first_read_or_the_first_is_asked_again(town: Town) -> None:
    first = waits(town, ApprovalPolicy.TWO_PERSON)
    says_yes(town, first, "a")
    now = edited(town, first, severity="Extreme")
    with town.database.session() as session:
        assert list(agreed(session, now)) == []
    says_yes(town, now, "b")
    assert alerts(town)[0].state is AlertState.DRAFT  # one yes to each version is no two
    says_yes(town, now, "a")
    assert alerts(town)[0].state is AlertState.APPROVED
    with town.database.session() as session:
        assert differences(session) == []


def test_a_draft_whose_only_yes_is_void_grows_again(town: Town) -> None:
    alert = waits(town, ApprovalPolicy.TWO_PERSON)
    says_yes(town, alert, "a")
    edited(town, alert, severity="Extreme")
    fires(town, OTHER)
    assert [a.tambons for a in alerts(town)] == [[TAMBON, OTHER]]


def at_once(town: Town, *presses: Callable[[Session], object]) -> list[str]:
    """Each in a transaction of its own, in the same moment; "yes" or the first words of the refusal."""

    def press(one: Callable[[Session], object]) -> str:
        try:
            with town.database.session() as session:
                one(session)
        except NotAllowed as error:
            return str(error)
        return "yes"

    with ThreadPoolExecutor(len(presses)) as pool:
        return sorted(pool.map(press, presses), key=lambda told: told != "yes")


def test_two_officers_at_once_are_one_approval(town: Town) -> None:
    alert = waits(town)
    now, seen = town.clock.now(), seen_of(alert)
    told = at_once(town, *(lambda s, who=who: approve(s, alert.id, who, who, now, seen) for who in "abcd"))
    assert told[0] == "yes" and all("อนุมัติครบแล้ว" in one and "goes out now" in one for one in told[1:])
    assert len(town.rows("SELECT 1 FROM approval")) == 1


def test_yes_and_no_at_once_end_in_one_state(town: Town) -> None:
    alert = waits(town)
    now, seen = town.clock.now(), seen_of(alert)
    told = at_once(
        town,
        lambda s: approve(s, alert.id, "a", "a", now, seen),
        lambda s: reject(s, alert.id, "no", now, seen),
    )
    state = alerts(town)[0].state
    # a no after the yes still stops it; a yes after the no is refused
    assert state is AlertState.REJECTED
    assert told == ["yes", "yes"] or "ถูกปฏิเสธไปแล้ว: no" in told[1]


@pytest.mark.parametrize("policy", [ApprovalPolicy.DUTY_OFFICER, ApprovalPolicy.SEND_THEN_REVIEW])
@pytest.mark.parametrize("issued", [False, True], ids=["being-sent", "gone-out"])
def test_the_same_press_twice_is_one_yes(town: Town, policy: ApprovalPolicy, issued: bool) -> None:
    alert = waits(town, policy)
    assert says_yes(town, alert, "a") == 1
    if issued:
        becomes(town, alert, AlertState.ISSUED)
    assert says_yes(town, alert, "a") == 0
    assert len(town.rows("SELECT 1 FROM approval")) == 1


LATE = {
    "yes after it went out": (says_yes, [AlertState.APPROVED, AlertState.ISSUED], "ส่งไปแล้ว 02:00"),
    "no after it went out": (says_no, [AlertState.APPROVED, AlertState.ISSUED], "to change or end it"),
    "yes after a no": (says_yes, [AlertState.REJECTED], "rejected already"),
    "no after another's no": (says_no, [AlertState.REJECTED], "rejected already"),
    "yes to what is over": (
        says_yes,
        [AlertState.APPROVED, AlertState.ISSUED, AlertState.EXPIRED],
        "went out",
    ),
}


@pytest.mark.parametrize(("press", "states", "told"), LATE.values(), ids=LATE)
def test_who_presses_too_late_hears_what_happened(town: Town, press, states, told) -> None:
    alert = waits(town)
    becomes(town, alert, *states)
    with pytest.raises(NotAllowed, match=told):
        press(town, alert, "late")
    assert alerts(town)[0].state is states[-1]


def test_a_no_twice_is_one_and_a_no_stops_what_has_not_gone_out(town: Town) -> None:
    alert = waits(town)
    says_yes(town, alert, "a")
    says_no(town, alert, "wrong village")
    says_no(town, alert, "wrong village")
    assert alerts(town)[0].state is AlertState.REJECTED


def issued(town: Town) -> Alert:
    alert = waits(town)
    becomes(town, alert, AlertState.APPROVED, AlertState.ISSUED)
    return alerts(town)[-1]


def follows(town: Town, alert_id: UUID, kind: Kind) -> Alert:
    with town.database.session() as session:
        made = follow_up(session, alert_id, kind, "author", town.clock.now(), town.office)
        if kind is Kind.UPDATE:  # one that says something new
            made.response_type = "Avoid" if made.response_type != "Avoid" else "Shelter"
        return made


@pytest.mark.parametrize("first", [Kind.UPDATE, Kind.CANCEL, Kind.ALL_CLEAR])
@pytest.mark.parametrize("second", [Kind.UPDATE, Kind.CANCEL, Kind.ALL_CLEAR])
def test_of_two_that_follow_one_alert_only_one_goes_out(town: Town, first: Kind, second: Kind) -> None:
    alert = issued(town)
    one, two = follows(town, alert.id, first), follows(town, alert.id, second)
    if first is second:
        assert one.id == two.id  # asked for again is the draft that waits already
        return
    says_yes(town, two, "a")  # the later draft: an update while a cancel waits, and the other way round
    with pytest.raises(NotAllowed, match=f"{two.number} was approved first"):
        says_yes(town, one, "a")
    states = {a.number: a.state for a in alerts(town)}
    assert (states[one.number], states[two.number]) == (AlertState.REJECTED, AlertState.APPROVED)
    with pytest.raises(NotAllowed, match=f"{two.number} is replacing"):
        follows(town, alert.id, second)


def test_two_that_follow_one_alert_approved_at_once(town: Town) -> None:
    alert = issued(town)
    drafts = [follows(town, alert.id, kind) for kind in (Kind.UPDATE, Kind.CANCEL, Kind.ALL_CLEAR)]
    now = town.clock.now()
    told = at_once(town, *(lambda s, d=d: approve(s, d.id, "a", "a", now, seen_of(d)) for d in drafts))
    assert told[0] == "yes" and all("was approved first" in one for one in told[1:])


def test_a_draft_left_behind_by_a_replaced_alert_is_refused(town: Town) -> None:
    """As an older release could leave it: the alert it follows has been replaced, and nobody put it away."""
    alert = issued(town)
    cancel, update = follows(town, alert.id, Kind.CANCEL), follows(town, alert.id, Kind.UPDATE)
    becomes(town, update, AlertState.APPROVED, AlertState.ISSUED)
    becomes(town, alert, AlertState.SUPERSEDED)
    with pytest.raises(NotAllowed, match=f"{update.number} has replaced what it follows"):
        says_yes(town, cancel, "a")


def test_the_chain_goes_on_from_the_newest(town: Town) -> None:
    alert = issued(town)
    update = follows(town, alert.id, Kind.UPDATE)
    says_yes(town, update, "a")
    becomes(town, update, AlertState.ISSUED)
    becomes(town, alert, AlertState.SUPERSEDED)
    over = follows(town, update.id, Kind.ALL_CLEAR)
    assert over.references == [str(update.id)]
    assert says_yes(town, over, "a") == 1


def test_water_that_rises_after_a_cancel_is_drafted_though_an_update_waited(town: Town) -> None:
    alert = issued(town)
    follows(town, alert.id, Kind.UPDATE)
    cancel = follows(town, alert.id, Kind.CANCEL)
    says_yes(town, cancel, "a")
    becomes(town, cancel, AlertState.ISSUED)
    becomes(town, alert, AlertState.CANCELLED)
    town.clock.forward(timedelta(minutes=30))
    fires(town, TAMBON)
    assert [a.kind for a in alerts(town) if a.state is AlertState.DRAFT] == ["alert"]


def test_the_robot_officer_reads_again_what_changed(town: Town) -> None:
    waits(town)
    robot = demo.RobotOfficer(town.office)
    wait = timedelta(seconds=demo.APPROVES_AFTER_S) * demo.RATE
    assert robot.look() == []
    town.clock.forward(wait / 2)
    fires(town, OTHER)
    assert robot.look() == []
    town.clock.forward(wait / 2)
    assert robot.look() == []  # it has not read the new version long enough
    town.clock.forward(wait / 2)
    assert robot.look() == [alerts(town)[0].number]
    assert robot.look() == []
