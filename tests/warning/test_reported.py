"""A head's SMS or LINE becomes a reading and water on the map, by the same webhooks as any answer."""

import json
from typing import Any
from uuid import uuid4

import pytest

from channels.line_webhook import read as read_line
from channels.sms_callback import said as sms_said
from geo.people import AddressKind, Role
from geo.sheet import Slot
from tests.warning.test_callers import bound_to, open_callers
from tests.warning.town import VILLAGE, Town, channel, delivers
from warning.audited import differences
from warning.caller_found import Place
from warning.running import take_in
from warning.store.database import Database

HEAD, HOME, STRANGER = "+66890002222", "+66890001111", "+66899990001"


@pytest.fixture
def town(database: Database, clock: Any) -> Town:
    made = Town(database, clock, [channel(delivers)])
    made.people([HOME], head=HEAD)
    return made


async def sms(town: Town, text: str, sender: str = HEAD, event: str | None = None) -> None:
    take_in(town.office, "sms", sms_said(sender, text, town.clock.now(), event or uuid4().hex, ""), "sms")
    await town.settle()


def seen(town: Town) -> list[tuple[str, str, str]]:
    rows = town.rows(
        "SELECT village_code, lower(state::text) AS state, reported_by FROM village_water ORDER BY state"
    )
    return [(r.village_code, r.state, r.reported_by) for r in rows]


def read(town: Town) -> list[tuple[str, str, float]]:
    rows = town.rows("SELECT source, station, quantity, value FROM observation ORDER BY station, quantity")
    assert {r.source for r in rows} <= {"volunteer"}
    return [(r.station, r.quantity, r.value) for r in rows]


@pytest.mark.parametrize(
    ("text", "readings", "water"),
    [
        pytest.param("น้ำ 1.35 X.170", [("X.170", "stage", 1.35)], [], id="a-staff"),
        pytest.param("น้ำเข้าบ้านแล้ว หมู่ 2", [("93110202", "water_seen", 2.0)], [("93110202", "in_homes", "contact")],
                     id="homes-of-another-moo"),
        pytest.param("น้ำท่วมถนนแล้ว", [(VILLAGE, "water_seen", 1.0)], [(VILLAGE, "on_road", "contact")], id="road"),
        pytest.param("น้ำลดแล้ว", [], [(VILLAGE, "falling", "contact")], id="falling"),
        pytest.param("3", [(VILLAGE, "water_seen", 2.0)], [(VILLAGE, "in_homes", "contact")], id="keypad"),
        pytest.param("3*80#", [(VILLAGE, "water_seen", 2.0)], [(VILLAGE, "in_homes", "contact")], id="keypad-no-staff-known"),
        pytest.param("ช่วยด้วย น้ำเข้าบ้าน X.170 2.10 ม.",
                     [(VILLAGE, "water_seen", 2.0), ("X.170", "stage", 2.1)], [(VILLAGE, "in_homes", "contact")],
                     id="all-at-once-counts-once"),
        pytest.param("ระดับ 80", [], [], id="unclear-stays-words"),
        pytest.param("ประกาศแล้ว 85 หลัง", [], [], id="announced"),
    ],
)  # fmt: skip
async def test_what_a_head_writes(
    town: Town, text: str, readings: list[tuple[str, str, float]], water: list[tuple[str, str, str]]
) -> None:
    await sms(town, text)
    assert (read(town), seen(town)) == (readings, water)
    with town.database.session() as session:
        assert differences(session) == []


async def test_twice_is_once_and_nothing_personal_is_kept(town: Town) -> None:
    await sms(town, "X.170 1.35 ม. ผู้ใหญ่แดง", event="one")
    await sms(town, "X.170 1.35 ม. ผู้ใหญ่แดง", event="one")
    assert read(town) == [("X.170", "stage", 1.35)]
    import zlib

    (payload,) = town.rows("SELECT body FROM payload")
    body = zlib.decompress(payload.body).decode()
    assert "แดง" not in body and HEAD[-4:] not in body and "1.35" in body


async def test_a_home_tells_of_water_but_reads_no_gauge(town: Town) -> None:
    await sms(town, "X.170 9.99 ม. น้ำท่วมถนน", sender=HOME)
    assert (read(town), seen(town)) == ([], [(VILLAGE, "on_road", "resident")])


async def test_a_stranger_is_believed_when_an_officer_knows_who_it_is(town: Town) -> None:
    await sms(town, "X.170 1.35 ม. น้ำท่วมถนน", sender=STRANGER)
    assert (read(town), seen(town)) == ([], [])
    (caller,) = open_callers(town)
    slot = Slot(Role.HEALTH_VOLUNTEER, 1)
    bound_to(town, caller.id, Place(VILLAGE, slot=slot, name="อสม."))
    await town.settle()
    assert read(town) == [(VILLAGE, "water_seen", 1.0), ("X.170", "stage", 1.35)]
    assert seen(town) == [(VILLAGE, "on_road", "contact")]


async def test_by_line_through_its_own_webhook(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(delivers)])
    head = "U" + "a" * 32
    town.people([], head=head, kind=AddressKind.LINE)
    event = {
        "type": "message", "webhookEventId": "e1", "timestamp": int(clock.now().timestamp() * 1000),
        "source": {"userId": head}, "message": {"type": "text", "text": "X.170 135 ซม."},
    }  # fmt: skip
    for _ in range(2):  # redelivered
        body = json.dumps({"events": [event]}).encode()
        take_in(town.office, "line", read_line(body, clock.now()), "line")
        await town.settle()
    assert read(town) == [("X.170", "stage", 1.35)]
