"""The ledger's laws, on a real queue and a real database."""

from datetime import timedelta

import pytest

from channels.contract import (
    Answer,
    Batch,
    ChannelBroken,
    OutcomeUnknown,
    QuotaSpent,
    Receipt,
    ReceiptState,
    Reply,
    TryLater,
)
from geo.people import AddressKind
from tests.postgres import on_every_server
from tests.warning.town import Told, ToldByLine, ToldTwice, Town, accepts, channel, delivers
from warning.running import take_in
from warning.store.database import Database

PHONES = [f"+6681000{n:04d}" for n in range(7)]


def failing(error: Exception, times: int):
    left = [times]

    def does(batch: Batch, now):
        if left[0]:
            left[0] -= 1
            raise error
        return accepts(batch, now)

    return does


@on_every_server
async def test_everybody_has_a_row_and_accepted_is_not_reached(database: Database, clock) -> None:
    town = Town(database, clock, [channel(accepts)])
    town.people([*PHONES, None, None], head="+66810009999")
    town.alert()
    await town.settle()
    assert town.states() == {"accepted": 8}
    assert town.states(person=True) == {"planned": 2}
    await town.play(0.5)
    [row] = town.rows("SELECT homes, reached, waiting, sent_unconfirmed, unreached FROM coverage")
    assert row.reached == 0 and row.sent_unconfirmed == 7 and row.waiting == 7
    assert row.reached + row.waiting + row.unreached == row.homes


@on_every_server
async def test_twice_is_once(database: Database, clock) -> None:
    from warning.running import wake
    from warning.step import Next

    sms = channel(accepts)
    town = Town(database, clock, [sms])
    town.people(PHONES)
    alert = town.alert()
    await town.settle()
    for step in ("address_contacts", "address_residents", "cover", "respond"):
        wake(town.office, Next(step, str(alert)))
    for (segment,) in town.rows("SELECT id::text FROM segment"):
        wake(town.office, Next("deliver", segment))
    await town.settle()
    assert len(sms.book) == len(PHONES) == len({m for m, _, _ in sms.book})


@pytest.mark.parametrize(
    ("error", "outcome", "arrivals"),
    [
        pytest.param(TryLater("busy", timedelta(seconds=1)), {"accepted": 7}, 7, id="busy-then-taken"),
        pytest.param(
            OutcomeUnknown("answer lost"), {"unknown": 7}, 0, id="answer-lost-is-never-resent-blindly"
        ),
        pytest.param(ChannelBroken("401"), {"failed": 7}, 0, id="broken-needs-a-person"),
        pytest.param(QuotaSpent("monthly"), {"failed": 7}, 0, id="quota-spent"),
    ],
)
async def test_what_an_error_means(database: Database, clock, error, outcome, arrivals) -> None:
    sms = channel(failing(error, 1))
    town = Town(database, clock, [sms])
    town.people(PHONES)
    town.alert()
    await town.settle()
    await town.play(2)
    assert town.states() == outcome
    assert len(sms.book) == arrivals
    if isinstance(error, ChannelBroken | QuotaSpent):
        assert town.rows("SELECT 1 FROM fault WHERE key = 'channel sms'")


async def test_a_carrier_that_refuses_repeats_is_asked_again(database: Database, clock) -> None:
    sms = channel(failing(OutcomeUnknown("answer lost"), 1), kind=ToldTwice)
    town = Town(database, clock, [sms])
    town.people(PHONES)
    town.alert()
    await town.play(2)
    assert town.states() == {"accepted": 7}


@on_every_server
async def test_expired_work_is_closed_never_sent_late(database: Database, clock) -> None:
    sms = channel(failing(TryLater("down"), 1000))
    town = Town(database, clock, [sms])
    town.people(PHONES)
    town.alert(hours=0.05)
    await town.play(5)
    assert sms.book == []
    assert set(town.states()) == {"expired"}
    assert [r.state for r in town.rows("SELECT state FROM alert")] == ["EXPIRED"]


async def test_severe_goes_out_on_all_channels_and_lower_climbs_the_ladder(database: Database, clock) -> None:
    sms, line = channel(accepts), channel(delivers, "line", ToldByLine)
    town = Town(database, clock, [sms, line])
    town.people(PHONES)
    town.people(["U1"], kind=AddressKind.LINE)
    town.alert(severity="Moderate")
    await town.settle()
    assert (len(line.book), len(sms.book)) == (1, 0)  # LINE first, SMS waits for its rung
    await town.play(3)
    assert len(sms.book) == 7


@on_every_server
async def test_a_later_rung_leaves_out_who_is_reached(database: Database, clock) -> None:
    sms, line = channel(accepts), channel(delivers, "line", ToldByLine)
    town = Town(database, clock, [sms, line])
    [home] = town.people(["U1"], kind=AddressKind.LINE)
    with database.session() as session:
        from geo.people import Address, Audience

        owner = town.rows("SELECT owner_id FROM address")[0].owner_id
        address = town._address(Audience.RESIDENT, AddressKind.SMS, 0, owner, home, PHONES[0])
        session.add(address)
        assert isinstance(address, Address)
    town.alert(severity="Moderate")
    await town.play(3)
    assert (len(line.book), len(sms.book)) == (1, 0)


@pytest.mark.parametrize(
    "order", [("delivered", "accepted"), ("accepted", "delivered"), ("delivered", "failed")]
)
@on_every_server
async def test_states_only_move_forward(database: Database, clock, order) -> None:
    sms = channel(accepts)
    town = Town(database, clock, [sms])
    town.people(PHONES[:1])
    town.alert()
    await town.settle()
    [(delivery,)] = town.rows("SELECT id FROM delivery WHERE address_id IS NOT NULL")
    for state in order:
        take_in(town.office, "sms", [Receipt(delivery, ReceiptState(state), clock.now())] * 2, "sms")
    assert town.states() == {"delivered": 1}


async def test_a_report_before_its_number_is_known_is_parked_and_found(database: Database, clock) -> None:
    town = Town(database, clock, [])

    def early(batch: Batch, now):
        take_in(town.office, "sms", [Receipt(None, ReceiptState.DELIVERED, now, provider_id="P1")], "sms")
        return [Receipt(m.id, ReceiptState.ACCEPTED, now, provider_id="P1") for m in batch.messages]

    sms = channel(early)
    town.channels.append(sms)
    town.office.wires["sms"] = object()
    town.people(PHONES[:1])
    town.alert()
    await town.settle()
    assert town.states() == {"delivered": 1}


async def test_an_answer_confirms_and_repeats_are_harmless(database: Database, clock) -> None:
    town = Town(database, clock, [channel(accepts)])
    town.people(PHONES[:2], head="+66810009999")
    town.alert()
    await town.settle()
    said = Reply("ev-1", Answer.ANNOUNCED, clock.now(), address="+66810009999", homes=40)
    help_ = Reply("ev-2", Answer.NEED_HELP, clock.now(), address=PHONES[0], people=3)
    for _ in range(3):
        take_in(town.office, "sms", [said, help_], "sms")
    clock.forward(timedelta(seconds=5))
    await town.settle()
    [row] = town.rows("SELECT * FROM coverage")
    assert (
        row.announced and row.reached == min(40, row.homes) and row.reached_by_announcement == row.reached - 1
    )
    assert len(town.rows("SELECT 1 FROM reply")) == 2
    assert [r.kind for r in town.rows("SELECT kind FROM mission WHERE kind = 'RESCUE'")] == ["RESCUE"]


async def test_silence_becomes_work(database: Database, clock) -> None:
    town = Town(database, clock, [channel(accepts)])
    town.people([*PHONES, None], head="+66810009999", vulnerable={1, 7})
    town.alert()
    await town.settle()
    assert town.rows("SELECT 1 FROM mission") == []  # silence at night is normal, for a while
    await town.play(12)
    kinds = dict(tuple(r) for r in town.rows("SELECT kind, count(*) FROM mission GROUP BY kind"))
    assert kinds == {"TELL_VILLAGE": 1, "SILENT_HOMES": 1, "VULNERABLE_HOME": 2}
    assert town.rows("SELECT 1 FROM mission WHERE assigned_to IS NULL") == []


async def test_a_village_nobody_can_ring_is_a_task_at_once(database: Database, clock) -> None:
    town = Town(database, clock, [channel(accepts)])
    town.alert()
    await town.settle()
    assert [r.kind for r in town.rows("SELECT kind FROM mission")] == ["TELL_VILLAGE"]
    assert town.states(person=True) == {"planned": 1}  # the village's own row, on the channel `person`


async def test_an_exercise_never_touches_a_live_channel(database: Database, clock) -> None:
    live = Told(kind="Told", name="sms", does=accepts, book=[], simulated=False, rate_per_s=1000)
    town = Town(database, clock, [live])
    town.people(PHONES)
    town.alert()
    await town.play(2)
    assert live.book == []


async def test_a_failure_is_worth_more_than_accepted_and_less_than_a_proof(database: Database, clock) -> None:
    def mixed(batch: Batch, now):
        states = [ReceiptState.REFUSED] * 5 + [ReceiptState.ACCEPTED] * 2
        return [Receipt(m.id, state, now) for m, state in zip(batch.messages, states, strict=True)]

    town = Town(database, clock, [channel(mixed)])
    town.people(PHONES)
    town.alert()
    await town.settle()
    assert town.states() == {"refused": 5, "accepted": 2}
    accepted = [r.id for r in town.rows("SELECT id FROM delivery_status WHERE state = 'accepted'")]
    take_in(
        town.office, "sms", [Receipt(accepted[0], ReceiptState.FAILED, clock.now(), why="undelivered")], "sms"
    )
    assert town.states() == {"refused": 5, "accepted": 1, "failed": 1}
    take_in(town.office, "sms", [Receipt(accepted[0], ReceiptState.DELIVERED, clock.now())], "sms")
    take_in(town.office, "sms", [Receipt(accepted[0], ReceiptState.FAILED, clock.now(), why="late")], "sms")
    assert town.states() == {"refused": 5, "accepted": 1, "delivered": 1}


@on_every_server
async def test_a_report_parked_as_its_number_was_written_is_matched_by_the_sweep(
    database: Database, clock
) -> None:
    town = Town(database, clock, [channel(accepts)])
    town.people(PHONES[:1])
    town.alert()
    await town.settle()
    for carrier in ("other", "sms"):
        take_in(
            town.office,
            carrier,
            [Receipt(None, ReceiptState.DELIVERED, clock.now(), provider_id="n-1")],
            carrier,
        )
    town.rows("UPDATE delivery SET provider_id = 'n-1' RETURNING id")
    await town.settle()
    assert town.states() == {"delivered": 1}
    assert [r.channel for r in town.rows("SELECT channel FROM receipt WHERE NOT matched")] == ["other"]


async def test_a_call_for_help_after_the_first_was_served_is_a_new_need(database: Database, clock) -> None:
    town = Town(database, clock, [channel(accepts)])
    town.people(PHONES[:1])
    for nth in range(3):  # to no alert at all: the caller is known by the address
        clock.forward(timedelta(minutes=5))
        take_in(
            town.office, "sms", [Reply(f"e{nth}", Answer.NEED_HELP, clock.now(), address=PHONES[0])], "sms"
        )
        await town.settle()
        if nth == 1:
            town.rows("UPDATE mission SET state = 'DONE' RETURNING id")
    missions = town.rows(
        "SELECT state, village_code FROM mission WHERE kind = 'RESCUE' ORDER BY requested_at"
    )
    assert [(m.state, m.village_code) for m in missions] == [("DONE", "93110201"), ("REQUESTED", "93110201")]
