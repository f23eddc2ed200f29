"""Somebody calls whom nobody knows: it is work at once, as grave as a known home's call, and nothing of it is lost."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels.contract import Answer, Reply
from channels.line_webhook import read as read_line
from channels.sms_callback import said as sms_said
from geo.errors import NotAllowed
from geo.people import Role
from geo.sheet import Slot
from teams.response.mission import MissionKind
from tests.warning.town import TAMBON, VILLAGE, Town, channel, delivers
from warning import respond
from warning.audit import verify
from warning.audited import differences
from warning.caller import URGENCY, unknown_callers
from warning.caller_found import Place, bind, close, no_answer
from warning.engine.app import defer
from warning.running import take_in
from warning.store.database import Database

STRANGER = "+66899990001"
OTHER = "+66899990002"
OFFICER = UUID(int=7)


@pytest.fixture
def town(database: Database, clock: Any) -> Town:
    return Town(database, clock, [channel(delivers)])


def sms(town: Town, text: str, sender: str = STRANGER, event: str | None = None) -> None:
    take_in(town.office, "sms", sms_said(sender, text, town.clock.now(), event or uuid4().hex, ""), "sms")


def open_callers(town: Town) -> list[Any]:
    with town.database.session() as session:
        found = unknown_callers(session, town.office.mode)
        for one in found:
            session.expunge(one)
        return found


def bound_to(town: Town, caller: UUID, place: Place) -> None:
    with town.database.session() as session:
        defer(session, bind(session, caller, place, OFFICER, town.clock.now(), town.office))


async def test_a_cry_for_help_from_a_stranger_is_work_at_once(town: Town) -> None:
    sms(town, "ช่วยด้วย น้ำเข้าบ้าน")
    (caller,) = open_callers(town)
    assert (caller.answer, caller.priority, caller.calls, caller.tail) == ("need_help", 1, 1, "•••001")
    assert town.office.keyring.open(caller.address_sealed) == STRANGER
    words = [town.office.keyring.open(r.text_sealed) for r in town.rows("SELECT text_sealed FROM reply")]
    assert words == ["ช่วยด้วย น้ำเข้าบ้าน"] * 2  # help and water, one call
    assert town.rows("SELECT count(DISTINCT caller_id) AS n FROM reply WHERE caller_id IS NOT NULL")[0].n == 1


async def test_help_from_a_stranger_is_never_judged_lower_than_from_a_known_home(town: Town) -> None:
    priority, within = URGENCY[Answer.NEED_HELP]
    assert priority == respond.PRIORITY[MissionKind.RESCUE] and within == respond.DUE[MissionKind.RESCUE]
    town.people(["+66890001111"])
    sms(town, "ช่วยด้วย", "+66890001111")
    sms(town, "ช่วยด้วย")
    await town.settle()
    (mission,), (caller,) = town.rows("SELECT priority, due_at FROM mission"), open_callers(town)
    assert (caller.priority, caller.due_at) == (mission.priority, mission.due_at)


async def test_calls_of_one_number_are_one_task_and_the_gravest_stands(town: Town) -> None:
    sms(town, "ปลอดภัย")
    assert open_callers(town)[0].priority == 3
    town.clock.forward(timedelta(minutes=2))
    sms(town, "ขอเรือด่วน ช่วยด้วย", event="e1")
    sms(town, "ขอเรือด่วน ช่วยด้วย", event="e1")  # the gateway repeats itself
    town.clock.forward(timedelta(minutes=2))
    sms(town, "ปลอดภัย")
    sms(town, "ฝนตกหนัก", "+66899990002")
    first, second = open_callers(town)
    assert (first.calls, first.answer, first.priority) == (3, "need_help", 1)
    assert first.due_at == town.clock.now() - timedelta(minutes=2) + timedelta(minutes=15)
    assert (second.answer, second.priority) == ("seen", 2)  # words nobody has read may mean anything


async def test_a_stranger_on_line_is_work_too(town: Town) -> None:
    event = {
        "type": "message", "webhookEventId": "w1", "timestamp": int(town.clock.now().timestamp() * 1000),
        "source": {"userId": "U" + "a" * 32}, "message": {"type": "text", "text": "น้ำมาแล้ว"},
    }  # fmt: skip
    body = json.dumps({"events": [event]})
    take_in(town.office, "line", read_line(body.encode(), town.clock.now()), "line")
    (caller,) = open_callers(town)
    assert (caller.via, caller.answer, caller.tail) == ("line", "water_here", "•••aaa")


async def test_an_answer_without_any_number_is_not_lost(town: Town) -> None:
    take_in(town.office, "sms", [Reply("x1", Answer.NEED_HELP, town.clock.now(), text="ช่วยด้วย")], "sms")
    take_in(town.office, "sms", [Reply("x2", Answer.NEED_HELP, town.clock.now(), text="ช่วยด้วย")], "sms")
    assert [(c.tail, c.priority) for c in open_callers(town)] == [
        ("", 1),
        ("", 1),
    ]  # two people, for all we know


async def test_two_webhooks_with_the_same_strangers_in_opposite_order_do_not_wait_for_each_other(
    town: Town,
) -> None:
    halfway = Barrier(2)
    now = town.clock.now()

    def webhook(name: str, *senders: str) -> Iterator[Reply]:
        for nth, sender in enumerate(senders):
            yield Reply(f"{name}{nth}", Answer.NEED_HELP, now, address=sender, text="ช่วยด้วย")
            halfway.wait(timeout=10)  # what is written down as it is read has its first caller by now

    orders = {"a": (STRANGER, OTHER), "b": (OTHER, STRANGER)}
    await asyncio.gather(
        *(
            asyncio.to_thread(take_in, town.office, "sms", webhook(n, *who), "sms")
            for n, who in orders.items()
        )
    )
    assert [caller.calls for caller in open_callers(town)] == [2, 2]


async def test_bound_to_a_village_the_call_becomes_a_rescue_there(town: Town) -> None:
    sms(town, "ช่วยด้วย น้ำเข้าบ้าน")
    sms(town, "ช่วยด้วย", "+66899990002")
    await town.settle()
    for caller in open_callers(town):
        bound_to(town, caller.id, Place(VILLAGE, help=True, people=3, note="บ้านสีฟ้าหลังวัด"))
    await town.settle()
    missions = town.rows("SELECT village_code, kind, priority, people FROM mission")
    assert [tuple(m) for m in missions] == [
        (VILLAGE, "RESCUE", 1, 3)
    ] * 2  # two homes of one village are two needs
    assert town.rows("SELECT village_code, state FROM village_water") == [(VILLAGE, "IN_HOMES")]
    assert open_callers(town) == []
    with town.database.session() as session:
        assert verify(session).ok and differences(session) == []


async def test_a_strangers_words_do_not_make_a_silent_village_look_told(town: Town) -> None:
    town.alert(villages=[VILLAGE])
    await town.settle()
    sms(town, "ช่วยด้วย")
    bound_to(town, open_callers(town)[0].id, Place(VILLAGE, help=True))
    await town.play(1)
    assert [r.answered for r in town.rows("SELECT answered FROM coverage")] == [False]


async def test_a_stranger_who_speaks_for_the_village_is_saved_and_counts(town: Town) -> None:
    alert = town.alert(villages=[VILLAGE])
    await town.settle()
    sms(town, "1 85")
    assert open_callers(town)[0].answer == "safe"  # what a resident's digit means
    slot = Slot(Role.HEAD, 1)
    bound_to(town, open_callers(town)[0].id, Place(VILLAGE, slot=slot, name="นายสมมุติ ใหม่"))
    await town.settle()
    (row,) = town.rows("SELECT answered, announced, contacts FROM coverage WHERE alert_id = :a", a=alert)
    assert tuple(row) == (True, True, 1)
    assert [m[1] for m in town.channels[0].book] == [STRANGER]  # and gets the alert
    sms(town, "น้ำมาแล้ว")  # known from now on
    assert open_callers(town) == []
    assert town.rows("SELECT count(*) AS n FROM reply WHERE contact_id IS NOT NULL")[0].n == 2


async def test_a_bound_number_keeps_its_village_and_needs_no_second_task(town: Town) -> None:
    sms(town, "ปลอดภัย")
    bound_to(town, open_callers(town)[0].id, Place(VILLAGE))
    await town.settle()
    assert town.rows("SELECT 1 FROM mission") == []
    sms(town, "ช่วยด้วย")
    await town.settle()
    assert [tuple(m) for m in town.rows("SELECT village_code, kind FROM mission")] == [(VILLAGE, "RESCUE")]
    assert open_callers(town) == []
    town.clock.forward(timedelta(days=31))
    sms(town, "ช่วยด้วย")
    assert len(open_callers(town)) == 1  # by now it may be anywhere


async def test_help_said_on_the_telephone_is_a_rescue_too(town: Town) -> None:
    sms(town, "ฝนตกหนักมาก")
    bound_to(town, open_callers(town)[0].id, Place(VILLAGE, help=True, people=2))
    await town.settle()
    assert [tuple(m) for m in town.rows("SELECT village_code, people FROM mission")] == [(VILLAGE, 2)]


async def test_no_longer_needed_makes_no_rescue(town: Town) -> None:
    sms(town, "ช่วยด้วย")
    bound_to(town, open_callers(town)[0].id, Place(VILLAGE, help=False, note="พบแล้ว ปลอดภัย"))
    await town.settle()
    assert town.rows("SELECT 1 FROM mission") == []


def shut(town: Town, caller: UUID, outcome: str, note: str) -> None:
    with town.database.session() as session:
        close(session, caller, outcome, note, OFFICER, town.clock.now(), town.office)


async def test_a_cry_for_help_is_not_put_away_lightly(town: Town) -> None:
    sms(town, "ช่วยด้วย")
    caller = open_callers(town)[0].id
    with pytest.raises(NotAllowed, match="how you know"):
        shut(town, caller, "safe", " ")
    for _ in range(3):
        with pytest.raises(NotAllowed, match="at least 3"):
            shut(town, caller, "no_reach", "ไม่รับ")
        with town.database.session() as session:
            no_answer(session, caller, town.clock.now(), town.office)
    assert open_callers(town)[0].due_at == town.clock.now() + timedelta(minutes=5)
    shut(town, caller, "no_reach", "โทรสามครั้ง แจ้ง ผญบ. แล้ว")
    assert open_callers(town) == []
    with pytest.raises(NotAllowed, match="already"):
        shut(town, caller, "safe", "x")
    sms(town, "ช่วยด้วย")  # and is work again when they write again
    (again,) = open_callers(town)
    assert again.id != caller and again.calls == 1


@pytest.mark.parametrize("village", ["", "99999999", "99999900", TAMBON, "9311020x"])
async def test_a_caller_is_bound_to_a_village_there_is(town: Town, village: str) -> None:
    sms(town, "ช่วยด้วย")
    with pytest.raises(NotAllowed, match="choose the village"):
        bound_to(town, open_callers(town)[0].id, Place(village))
    assert len(open_callers(town)) == 1


async def test_help_goes_to_a_tambon_when_no_more_is_known(town: Town) -> None:
    sms(town, "ช่วยด้วย")
    with pytest.raises(NotAllowed, match="belongs to a village"):
        bound_to(town, open_callers(town)[0].id, Place(f"{TAMBON}00", slot=Slot(Role.HEAD, 1), name="นายก"))
    bound_to(town, open_callers(town)[0].id, Place(f"{TAMBON}00", help=True))
    await town.settle()
    assert [m.village_code for m in town.rows("SELECT village_code FROM mission")] == [f"{TAMBON}00"]


async def test_a_known_number_is_no_unknown_caller(town: Town, clock: Any) -> None:
    town.people(["+66890001111"])
    sms(town, "ช่วยด้วย", "+66890001111")
    assert open_callers(town) == [] and isinstance(clock.now(), datetime)
