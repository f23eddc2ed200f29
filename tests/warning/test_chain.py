"""Who is rung in turn: three tries each, then the next one; the first answer of the village, by any way, ends it for good."""

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from channels.contract import Answer, Batch, ChannelBroken, Receipt, ReceiptState, TryLater
from geo.errors import NotAllowed
from geo.people import AddressKind, Audience, Contact, Role
from tests.warning.ringing import ASSISTANT, HEAD, KEY_HOLDER, Village, hands_over, village_of
from tests.warning.town import VILLAGE, ToldTwice, channel
from warning import chain, chain_turn
from warning.alert import Alert
from warning.chain import ChainCall
from warning.clock import HandClock
from warning.store.database import Database


@pytest.fixture
def village(database: Database, clock: HandClock) -> Village:
    return village_of(database, clock)


async def test_three_tries_ninety_seconds_apart_then_the_next_one(village: Village) -> None:
    village.issue()
    await village.town.settle()
    at = []
    for nth, why in enumerate(["no_answer", "busy", "voicemail"] * 3, start=1):
        assert len(village.rung) == nth
        at.append(village.trunk.book[-1][2])
        village.ends(why)
        await village.town.settle()
        if nth % 3:
            assert len(village.rung) == nth  # not at once
            village.town.clock.forward(timedelta(seconds=90))
            await village.town.settle()
    assert village.rung == [HEAD] * 3 + [ASSISTANT] * 3 + [KEY_HOLDER] * 3
    assert [b - a for a, b in pairwise(at)][:2] == [timedelta(seconds=90)] * 2
    assert {state for _, state, _, _ in village.calls()} == {"over"}
    ledger = village.town.rows("SELECT state, why FROM delivery_status WHERE channel = 'voice'")
    assert [tuple(row) for row in ledger] == [("failed", "voicemail")] * 3
    assert village.town.rows("SELECT count(*) FROM receipt WHERE channel = 'voice'")[0][0] == 9


async def test_a_clock_that_goes_back_rings_nobody_out_of_turn_and_keeps_nobody_waiting(
    village: Village,
) -> None:
    village.issue()
    await village.town.settle()
    village.ends("no_answer")
    await village.town.settle()
    village.town.clock.forward(timedelta(hours=-1))
    await village.town.settle()
    assert village.rung == [HEAD]  # the assistant's turn has not come
    village.town.clock.forward(timedelta(seconds=90))
    await village.town.settle()
    assert village.rung == [HEAD] * 2  # not in an hour


async def test_a_wrong_number_is_not_tried_again(village: Village) -> None:
    village.issue()
    await village.town.settle()
    village.ends("wrong_number")
    await village.town.settle()
    assert village.rung == [HEAD, ASSISTANT]


@pytest.mark.parametrize("answer", chain.PROOF)
async def test_an_answer_by_key_ends_the_chain(village: Village, answer: Answer) -> None:
    village.issue()
    await village.town.settle()
    village.answers(answer)
    await village.town.play(4, every_s=120)
    assert village.rung == [HEAD]
    states = village.town.rows(
        "SELECT state, why FROM delivery_status WHERE channel = 'voice' ORDER BY state"
    )
    assert [tuple(r) for r in states] == [
        ("confirmed", None),
        ("suppressed", "answered"),
        ("suppressed", "answered"),
    ]


async def test_an_answer_by_sms_ends_the_calls(village: Village) -> None:
    village.issue()
    await village.town.settle()
    [sms] = village.town.rows(
        "SELECT d.id FROM delivery_status d JOIN contact c ON c.id = d.owner_id WHERE d.channel = 'sms' AND c.role = 'ASSISTANT'"
    )
    village.answers(Answer.WILL_ANNOUNCE, sms.id)
    village.ends("no_answer")  # of the call that was on
    await village.town.play(4, every_s=120)
    assert village.rung == [HEAD]


async def test_seen_is_no_proof(village: Village) -> None:
    village.issue()
    await village.town.settle()
    [sms] = village.town.rows("SELECT id FROM delivery_status WHERE channel = 'sms' LIMIT 1")
    village.answers(Answer.SEEN, sms.id)
    village.ends("no_answer")
    await village.town.settle()
    await village.town.play(2, every_s=60)
    assert village.rung == [HEAD, HEAD]


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        pytest.param(False, "suppressed", id="plainly-not-taken"),
        pytest.param(True, "unknown", id="it-may-have-been-taken"),
    ],
)
async def test_what_waits_on_other_channels_is_closed(
    database: Database, clock: HandClock, lost: bool, said: str
) -> None:
    """Nobody says of a message whose answer was lost that it never went out."""

    def busy(batch: Batch, now: datetime) -> list[Receipt]:
        raise TryLater("busy", maybe_taken=lost)

    village = village_of(database, clock)
    village.town.channels[0] = held = channel(busy, kind=ToldTwice)
    village.issue()
    await village.town.settle()
    village.answers(Answer.ANNOUNCED)
    await village.town.play(4, every_s=120)
    states = village.town.rows("SELECT state, why FROM delivery_status WHERE channel = 'sms'")
    assert [tuple(row) for row in states] == [(said, "answered")] * 2
    assert held.book == []


async def test_edits_of_the_registry_change_nothing(village: Village) -> None:
    """The snapshot rings whom it held at issue, in that order; who comes later is not in it."""
    village.issue()
    with village.town.database.session() as session:
        for who in session.exec(select(Contact)):
            who.role, who.rank = Role.HEALTH_VOLUNTEER, 9
        new = Contact(id=uuid4(), village_code=VILLAGE, role=Role.HEAD, name_sealed=b"x",
                      changed_at=village.town.clock.now())  # fmt: skip
        session.add(new)
        session.add(village.town._address(Audience.CONTACT, AddressKind.SMS, 9, new.id, None, "+66812349999"))
    await village.town.settle()
    village.ends("wrong_number")
    await village.town.settle()
    assert village.rung == [HEAD, ASSISTANT]


async def test_a_chain_that_is_over_never_comes_back_and_a_higher_level_opens_its_own(
    village: Village,
) -> None:
    first = village.issue()
    await village.town.settle()
    village.answers(Answer.WILL_ANNOUNCE)
    await village.town.settle()
    with village.town.database.session() as session:  # planned twice is once
        assert chain.make(
            session, session.get_one(Alert, first), village.town.clock.now(), village.town.office
        )
    await village.town.play(4, every_s=120)
    assert village.rung == [HEAD]
    village.issue(severity="Extreme")
    await village.town.settle()
    assert village.rung == [HEAD, HEAD]


async def test_an_update_of_the_same_level_leaves_an_answered_village_in_peace(village: Village) -> None:
    first = village.issue()
    await village.town.settle()
    village.answers(Answer.WILL_ANNOUNCE)
    await village.town.play(1, every_s=60)
    second = village.town.alert(severity="Severe")
    with village.town.database.session() as session:
        alert = session.get_one(Alert, second)
        alert.facts = {"told_by": [str(first)]}
        assert chain.make(session, alert, village.town.clock.now(), village.town.office) == []
        assert session.exec(select(ChainCall).where(ChainCall.alert_id == second)).all() == []


async def test_no_more_calls_than_lines(village: Village) -> None:
    lines = village.trunk.model_copy(update={"lines": 0})
    village.town.channels[1] = lines
    village.issue()
    await village.town.settle()
    assert village.rung == []
    village.town.channels[1] = village.trunk
    await village.town.play(0.1, every_s=6)
    assert village.rung == [HEAD]


async def test_a_trunk_that_is_broken_costs_nobody_a_try(database: Database, clock: HandClock) -> None:
    broken = [True]

    def does(batch: Batch, now: datetime) -> list[Receipt]:
        if broken[0]:
            raise ChannelBroken("the trunk refuses us")
        return hands_over(batch, now)

    village = village_of(database, clock, does)
    village.issue()
    await village.town.settle()
    assert village.calls()[0][2:] == (0, "trunk")
    broken[0] = False
    await village.town.play(1, every_s=60)
    assert village.rung == [HEAD]


async def test_a_call_whose_worker_died_counts_as_a_try(village: Village) -> None:
    village.issue()
    await village.town.settle()
    await village.town.play(9, every_s=180)
    assert village.rung == [HEAD, HEAD]


async def test_no_clips_and_a_person_rings(database: Database, clock: HandClock) -> None:
    def refuses(batch: Batch, now: datetime) -> list[Receipt]:
        return [Receipt(m.id, ReceiptState.REFUSED, now, "no clips") for m in batch.messages]

    village = village_of(database, clock, refuses)
    alert = village.issue()
    await village.town.play(4, every_s=120)
    assert village.rung == [HEAD]
    assert village.calls() == [
        ("head", "waiting", 0, "by_hand"), ("assistant", "later", 0, "by_hand"), ("key_holder", "later", 0, "by_hand"),
    ]  # fmt: skip
    village_is_tried(village, alert, "busy")
    assert village.calls()[0][:3] == ("head", "waiting", 1)


def village_is_tried(village: Village, alert: UUID, *outcomes: str) -> None:
    for outcome in outcomes:
        with village.town.database.session() as session:
            current = _next(session, alert)
            now, office = village.town.clock.now(), village.town.office
            chain_turn.tried(session, alert, VILLAGE, current, outcome, uuid4(), now, office)


def _next(session: Session, alert: UUID) -> UUID:
    calls = session.exec(select(ChainCall).where(ChainCall.alert_id == alert)).all()
    return next(c.id for c in calls if c.state is chain.Turn.WAITING)


async def test_without_a_trunk_the_desk_rings_in_the_same_order(database: Database, clock: HandClock) -> None:
    village = village_of(database, clock)
    village.town.channels.pop()
    alert = village.issue()
    await village.town.settle()
    with village.town.database.session() as session:
        seen = _next(session, alert)
    village_is_tried(village, alert, "no_answer", "busy", "no_answer", "wrong_number")
    with village.town.database.session() as session, pytest.raises(NotAllowed):
        now, office = village.town.clock.now(), village.town.office
        chain_turn.tried(session, alert, VILLAGE, seen, "busy", uuid4(), now, office)  # an old page
    by_role = {role: (state, tries, outcome) for role, state, tries, outcome in village.calls()}
    assert by_role == {
        "head": ("over", 3, "no_answer"), "assistant": ("over", 1, "wrong_number"), "key_holder": ("waiting", 0, ""),
    }  # fmt: skip


async def test_a_minor_alert_rings_nobody(village: Village) -> None:
    village.issue(severity="Minor")
    await village.town.settle()
    assert village.calls() == []


async def test_an_alert_that_ended_rings_nobody(village: Village) -> None:
    alert = village.issue()
    await village.town.settle()
    village.ends("no_answer")
    village.town.clock.forward(timedelta(hours=7))
    await village.town.settle()
    assert village.rung == [HEAD]
    assert {(state, outcome) for _, state, _, outcome in village.calls()} == {("over", "ended")}
    assert alert
