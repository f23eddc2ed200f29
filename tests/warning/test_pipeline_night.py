"""The whole line over real sockets: gauge, rule, draft, people's yes, CAP, three carriers, answers, coverage.

The simulated world keeps its own book of what arrived; it shares no code with us and judges our ledger.
"""

from datetime import timedelta
from uuid import UUID

import pytest

from geo.areas import built_in_areas
from geo.errors import NotAllowed
from tests.warning.night_office import NightOffice, night_office
from warning.alert import AlertState, ApprovalPolicy
from warning.cap.reader import read_cap
from warning.cap.shapes import MOST_VERTICES, crosses_itself, rings
from warning.cap.validate import problems
from warning.cover_totals import totals
from warning.follow_up import follow_up
from warning.store.database import Database
from warning.words.facts import Kind
from warning.world.sms import Trouble

TAKEN = {
    "accepted",
    "delivered",
    "confirmed",
    "failed",
    "expired",
    "unknown",
}  # the carrier had it, whatever came of it
PROVED = {"delivered", "confirmed"}


async def test_from_the_gauge_to_the_list_of_those_not_reached(database: Database) -> None:
    async with night_office(database) as night:
        draft = await night.until_drafted()
        assert (draft.state, draft.untested) == (AlertState.DRAFT, False)
        assert night.book() == set()  # nothing leaves before somebody has said yes

        night.approve(draft.id, "duty")
        issued = await night.until_issued(draft.id)
        assert issued.cap_xml is not None and problems(issued.cap_xml) == []
        document = read_cap(issued.cap_xml)
        assert (document.status, document.msg_type, document.identifier) == (
            "Exercise",
            "Alert",
            issued.identifier,
        )
        assert [info.language[:2] for info in document.infos] == ["th", "en"]

        await night.until_quiet(draft.id)
        the_book_and_the_ledger_agree(night, draft.id)
        assert {channel for channel, _ in night.book()} == {"line", "sms", "towers"}
        assert night.world.book.repeats() == []
        assert all(
            status == 200 for status in night.world.sms_hooks.statuses + night.world.line_hooks.statuses
        )

        await the_coverage_adds_up(night, draft.id)


def the_book_and_the_ledger_agree(night: NightOffice, alert_id: UUID) -> None:
    ledger, book = night.ledger(alert_id), night.book()
    missing = {place for place in book if not ledger.get(place, set()) & TAKEN}
    assert missing == set(), "arrived, and our ledger does not know it was taken"
    invented = {place for place, states in ledger.items() if states & PROVED and place not in book}
    assert invented == set(), "we call it delivered, and nothing arrived"


async def the_coverage_adds_up(night: NightOffice, alert_id: UUID) -> None:
    said = {(s.channel, s.address) for s in night.world.people.said}
    assert said

    def counted() -> bool:
        with night.office.database.session() as session:
            return totals(session, night.office.mode, alert_id)["villages"]["reached"] > 0

    night.clock.forward(timedelta(minutes=1))
    await night.until(counted, "an answering village is counted")
    await night.until_quiet(alert_id)
    with night.office.database.session() as session:
        told = totals(session, night.office.mode, alert_id)
    homes, villages = told["households"], told["villages"]
    assert homes["reached"] + homes["waiting"] + homes["unreached"] == homes["total"] > 0
    assert villages["reached"] + villages["waiting"] + villages["unreached"] == villages["total"] > 0
    assert (
        homes["by_reason"]["not_in_registry"] <= homes["unreached"]
    )  # a home that waits is not counted again here
    rows = night.rows(
        "SELECT village_code, reached, waiting, unreached, homes FROM coverage WHERE alert_id = :a",
        a=alert_id,
    )
    assert all(r.reached + r.waiting + r.unreached == r.homes for r in rows)
    assert 0 < homes["reached"] < homes["total"]  # homes nobody has registered are never called reached


async def test_two_person_means_two_people(database: Database) -> None:
    async with night_office(database, approval=ApprovalPolicy.TWO_PERSON) as night:
        draft = await night.until_drafted()
        night.approve(draft.id, "somchai")
        with pytest.raises(NotAllowed, match="second person"):
            night.approve(draft.id, "somchai")
        night.clock.forward(timedelta(minutes=2))
        await night.until(lambda: not night.busy(), "what was due is done")
        assert night.alert(draft.id).state is AlertState.DRAFT
        assert night.book() == set()
        night.approve(draft.id, "malee")
        await night.until_issued(draft.id)


@pytest.mark.parametrize(
    ("released", "sends"),
    [
        pytest.param(True, True, id="released-sends-by-itself"),
        pytest.param(False, False, id="unreleased-waits-for-a-person"),
    ],
)
async def test_a_rule_sends_by_itself_only_when_released(
    database: Database, released: bool, sends: bool
) -> None:
    async with night_office(database, approval=ApprovalPolicy.NONE, released=released) as night:
        draft = await night.until_drafted()
        if sends:
            await night.until_issued(draft.id)
            await night.until_quiet(draft.id)
        else:
            night.clock.forward(timedelta(minutes=30))
            await night.until(lambda: not night.busy(), "what was due is done")
        alert = night.alert(draft.id)
        assert alert.untested is not released
        assert (alert.state is AlertState.ISSUED) is sends
        assert bool(night.book()) is sends


async def test_what_is_over_is_closed_and_never_sent_late(database: Database) -> None:
    async with night_office(database) as night:
        night.world.sms.troubles.extend([Trouble.SERVER_ERROR] * 100_000)  # the gateway takes nothing tonight
        draft = await night.until_drafted()
        night.approve(draft.id, "duty")
        issued = await night.until_issued(draft.id)
        await night.until(lambda: bool(night.world.book.arrivals("line")), "LINE has brought it")
        assert night.world.book.arrivals("sms") == []

        night.clock.forward(issued.expires_at - night.clock.now() + timedelta(seconds=1))
        await night.until(lambda: night.alert(draft.id).state is AlertState.EXPIRED, "the alert is expired")
        night.world.sms.troubles.clear()  # the gateway is back, too late
        night.clock.forward(timedelta(minutes=30))
        await night.until(lambda: not waiting(night, draft.id) and not night.busy(), "nothing waits any more")
        assert night.world.book.arrivals("sms") == []
        states = set().union(*(s for (channel, _), s in night.ledger(draft.id).items() if channel == "sms"))
        assert states and not states & {"planned", "handed_over", "accepted", "delivered", "confirmed"}


def waiting(night: NightOffice, alert_id: UUID) -> bool:
    query = "SELECT 1 FROM segment WHERE alert_id = :a AND channel <> 'person' AND state IN ('WAITING', 'SENDING')"
    return bool(night.rows(query, a=alert_id))


@pytest.mark.parametrize(
    ("kind", "msg_type", "old_becomes"),
    [
        pytest.param(Kind.UPDATE, "Update", AlertState.SUPERSEDED, id="update"),
        pytest.param(Kind.ALL_CLEAR, "Update", AlertState.SUPERSEDED, id="all-clear"),
        pytest.param(Kind.CANCEL, "Cancel", AlertState.CANCELLED, id="cancel"),
    ],
)
async def test_what_follows_names_what_it_replaces(
    database: Database, kind: Kind, msg_type: str, old_becomes: AlertState
) -> None:
    async with night_office(database) as night:
        draft = await night.until_drafted()
        night.approve(draft.id, "duty")
        old = await night.until_issued(draft.id)
        night.clock.forward(timedelta(minutes=5))
        with night.office.database.session() as session:
            follows = follow_up(session, old.id, kind, "duty", night.clock.now(), night.office)
            new_id = follows.id
            if kind is Kind.UPDATE:  # one that says something new
                follows.response_type = "Shelter"
        assert night.alert(old.id).state is AlertState.ISSUED  # a draft ends nothing
        night.approve(new_id, "malee")
        new = await night.until_issued(new_id)
        assert new.cap_xml is not None and old.cap_xml is not None
        assert problems(new.cap_xml) == []
        before, after = read_cap(old.cap_xml), read_cap(new.cap_xml)
        assert after.msg_type == msg_type
        assert [(r.sender, r.identifier, r.sent) for r in after.references] == [
            (before.sender, before.identifier, before.sent)
        ]
        assert after.incidents == before.incidents != ()
        if kind is Kind.ALL_CLEAR:
            assert {info.response_types for info in after.infos} == {("AllClear",)}
        assert night.alert(old.id).state is old_becomes
        assert night.alert(old.id).cap_xml == old.cap_xml  # what was issued never changes


def test_no_tambon_is_drawn_with_a_ring_that_crosses_itself() -> None:
    areas = built_in_areas()
    found = {code: rings(areas.outline(code)) for code in areas.codes}
    assert [code for code, drawn in found.items() if any(crosses_itself(ring) for ring in drawn)] == []
    assert max(len(ring) for drawn in found.values() for ring in drawn) <= MOST_VERTICES
