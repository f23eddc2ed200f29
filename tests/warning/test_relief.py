"""From a gauge to the money in one household's hand, on a real database, and nobody of the village forgotten."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import Session

from channels.contract import Answer, Reply
from geo.errors import NotAllowed
from geo.names import id_for
from teams.relief.claim import Claim, ClaimState
from teams.relief.event import Evidence, declare
from teams.relief.gaps import BucketKind, Gap
from teams.relief.payment import Failure, Method
from teams.relief.rates import Item
from tests.warning.town import TAMBON, VILLAGE, Town, channel, delivers
from warning.alert import Alert
from warning.assess import HazardAssessment
from warning.audit import entries, verify
from warning.audited import differences
from warning.exposed import unlisted_homes
from warning.relief import (
    confirm_rate,
    exposures,
    file_claim,
    gap_list,
    move,
    open_event,
    paid_without_evidence,
    pay,
    rates,
    survey,
)  # fmt: skip
from warning.running import take_in
from warning.store.database import Database
from warning.story import story

PHONES = [f"+6681000{n:04d}" for n in range(4)]
REPAIR = [Item(code="HOUSE_REPAIR", cost=Decimal(60000))]


async def a_night(database: Database, clock) -> tuple[UUID, list[UUID]]:
    """Four homes with a phone and one with nothing are warned; the first answers that water is here."""
    town = Town(database, clock, [channel(delivers)])
    homes = town.people([*PHONES, None])
    now = clock.now()
    seen = HazardAssessment(
        id=id_for("seen"), rule="khlong", rule_version="1", station="X.170", state="danger", at=now, value=25.4,
        why="25.4 > 25.2", fires=True, tambons=[TAMBON], observations=[{"at": now.isoformat(), "value": 25.4}],
    )  # fmt: skip
    alert_id = town.alert()
    with database.session() as session:
        session.add(seen)
        session.get_one(Alert, alert_id).assessment_id = seen.id
    await town.settle()
    [(delivery,)] = town.rows(
        "SELECT id FROM delivery_status WHERE household_id = :home AND channel = 'sms'", home=homes[0]
    )
    clock.forward(timedelta(minutes=20))
    take_in(town.office, "sms", [Reply("e1", Answer.WATER_HERE, clock.now(), delivery_id=delivery)], "sms")
    await town.settle()
    return alert_id, homes


async def test_from_the_gauge_to_the_payment(database: Database, clock) -> None:
    alert_id, homes = await a_night(database, clock)
    clock.forward(timedelta(days=1))
    now = clock.now()
    with database.session() as session:
        event = open_event(session, alert_id, "officer", now)
        assert open_event(session, alert_id, "officer", now).id == event.id
        claim = file_claim(session, event.id, homes[0], "head", now)
        assert file_claim(session, event.id, homes[0], "head", now).id == claim.id
        now = clock.forward(timedelta(hours=2))
        move(session, claim.id, ClaimState.VILLAGE_ENDORSED, "head", "village head", now)
        now = clock.forward(timedelta(hours=2))
        survey(session, claim.id, REPAIR, "surveyor", now, depth_cm=80)
        move(session, claim.id, ClaimState.DISTRICT_APPROVED, "chief", "district", now)
        move(session, claim.id, ClaimState.PROVINCE_APPROVED, "governor", "province", now)
        move(session, claim.id, ClaimState.IN_PAYMENT, "cashier", "finance", now)
    paid = (Method.PROMPTPAY, "KTB-778899", "cashier", now, "cashier", now)
    with database.session() as session:
        pay(session, claim.id, Decimal(60000), *paid, failure=Failure.NO_PROMPTPAY)
        assert gap_list(session, event.id, "officer", now).named[homes[0]].gap is Gap.G4
        move(session, claim.id, ClaimState.IN_PAYMENT, "cashier", "finance", now)
        pay(session, claim.id, Decimal(60000), *paid)
        with pytest.raises(NotAllowed):
            pay(session, claim.id, Decimal(60000), *paid)
    with database.session() as session:
        told = story(session, homes[0], now)
        listed = gap_list(session, event.id, "officer", now)
        assert paid_without_evidence(session, event.id) == []
    steps = [m.step for m in told.moments]
    for step in (
        "reading",
        "assessment",
        "issue",
        "delivery",
        "reply",
        "water",
        "coverage",
        "claim",
        "damage",
        "payment",
    ):
        assert step in steps, step
    assert steps.index("reading") < steps.index("issue") < steps.index("reply") < steps.index("payment")
    assert all(m.audit for m in told.moments if m.row in ("alert", "reply", "claim", "damage", "payment"))
    claimed = [m.audit[0] for m in told.moments if m.row == "claim" and m.audit]
    assert len(set(claimed)) > 1 and claimed == sorted(
        claimed
    )  # each step shows its own entry, not the row's first
    assert told.bucket and told.bucket.kind is BucketKind.PAID
    assert told.reached_at and told.exposure and told.exposure.strong
    assert listed.named[homes[1]].gap is Gap.G1 and listed.broad == 5
    with Session(database.engine) as session:
        verdict, whole = verify(session), "".join(e.data for e in entries(session))
        assert verdict.ok and verdict.entries > 10
        assert differences(session) == []
        assert "KTB-778899" not in whole and PHONES[0] not in whole
        actions = [e.action for e in entries(session)]
        assert {"segments.sent", "reply.added", "payment.added", "gaps.read"} <= set(actions)


async def test_signs_come_with_source_and_time(database: Database, clock) -> None:
    alert_id, homes = await a_night(database, clock)
    now = clock.now()
    with database.session() as session:
        event = open_event(session, alert_id, "officer", now)
        by_home = {e.household_id: e for e in exposures(session, event)}
        assert by_home[homes[0]].kinds == {Evidence.WARNED, Evidence.WATER, Evidence.OWN_REPORT}
        assert by_home[homes[4]].kinds == {Evidence.WARNED, Evidence.WATER}
        assert not by_home[homes[0]].strict
        declare(event, [TAMBON], "พท 12/2569", now)
        assert all(e.strict for e in exposures(session, event))
        assert {f.source for f in by_home[homes[0]].flags} >= {
            "village water: in_homes",
            "reply: water_here (sms)",
        }


async def test_buckets_and_unlisted_homes_add_up(database: Database, clock) -> None:
    alert_id, _ = await a_night(database, clock)
    with database.session() as session:
        event = open_event(session, alert_id, "officer", clock.now())
        found = gap_list(session, event.id, "officer", clock.now())
        [here] = [v for v in found.villages if v.village_code == VILLAGE]
        assert (here.exposed, here.gaps) == (5, {Gap.G1: 5})
        assert here.unlisted == unlisted_homes(session, event)[VILLAGE] > 0
        assert sum(v.exposed for v in found.villages) == found.broad == 5
        assert all(v.unlisted for v in found.villages if v.village_code != VILLAGE)


async def test_a_refused_survey_leaves_nothing(database: Database, clock) -> None:
    """Also when the page catches the refusal and goes on with its session."""
    alert_id, homes = await a_night(database, clock)
    now = clock.now()
    with database.session() as session:
        event = open_event(session, alert_id, "officer", now)
        claim_id = file_claim(session, event.id, homes[0], "head", now).id
        move(session, claim_id, ClaimState.VILLAGE_ENDORSED, "head", "village head", now)
        with pytest.raises(NotAllowed):
            survey(session, claim_id, REPAIR, "head", now)
    with database.session() as session:
        kept = session.get_one(Claim, claim_id)
        assert (kept.state, kept.amount) == (ClaimState.VILLAGE_ENDORSED, None)
        assert differences(session) == []


def test_an_officer_attaches_the_document_of_a_rate(database: Database, clock) -> None:
    version = "advance/HOUSE_REPAIR@2026-03-06"
    with database.session() as session:
        confirm_rate(session, version, "กค 0402.5/ว 17", "officer", clock.now())
        assert next(r for r in rates(session) if r.version == version).status == "confirmed"
        with pytest.raises(NotAllowed):
            confirm_rate(session, "advance/PEARLS@2026-03-06", "x", "officer", clock.now())


async def test_a_home_nothing_happened_to_has_a_story_too(database: Database, clock) -> None:
    town = Town(database, clock, [])
    [home] = town.people([None])
    with database.session() as session:
        told = story(session, home, clock.now())
    assert (told.moments, told.bucket, told.alert_id) == ((), None, None)
    assert told.standing.th and told.village.th
