"""Nobody falls out of the count: whoever has no village, no number, no tower or no registry stands in a figure of their own."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from channels.contract import Answer, Receipt, ReceiptState, Reply
from geo.gazetteer import gazetteer
from geo.people import AddressKind, Audience, Household, Resident, Tower, TowerKind
from tests.warning.town import TAMBON, VILLAGE, Town, accepts, channel, delivers
from warning.alert import Alert, AlertState, Mode
from warning.cover import cover
from warning.cover_totals import totals
from warning.delivery import ReplyRow
from warning.respond import heard
from warning.running import take_in
from warning.store.database import Database
from warning.web.console.names import village_name
from warning.web.places import place_words

UNPLACED = f"{TAMBON}00"  # the tambon's line of homes without a known village
NUMBERED = "930101"  # a tambon without numbered villages


def lives(
    town: Town, village: str, phone: str | None, *, tambon: str = TAMBON, nth: int = 0, vulnerable: int = 0
) -> UUID:
    """A household whose village code is as given, whatever it is; its number in the roll of `tambon`."""
    home, ring = (
        Household(id=uuid4(), village_code=village, people=2, vulnerable=vulnerable),
        town.office.keyring,
    )
    with town.database.session() as session:
        session.add(home)
        session.flush()
        if phone:
            person = Resident(id=uuid4(), household_id=home.id, name_sealed=ring.seal("somebody"))
            session.add(person)
            session.flush()
            address = town._address(Audience.RESIDENT, AddressKind.SMS, nth, person.id, home.id, phone)
            address.tambon_code, address.village_code = tambon, village
            session.add(address)
        return home.id


def counted(town: Town) -> dict[str, Any]:
    with town.database.session() as session:
        return dict(totals(session, town.office.mode))


def adds_up(part: dict[str, int]) -> bool:
    return part["reached"] + part["waiting"] + part["unreached"] == part["total"]


def line(town: Town, code: str) -> Any:
    [row] = town.rows("SELECT * FROM coverage WHERE village_code = :code", code=code)
    return row


@pytest.mark.parametrize(
    "village",
    [
        pytest.param(f"{TAMBON}77", id="a-number-the-gazetteer-does-not-know"),
        pytest.param(f"{TAMBON}00", id="only-the-tambon"),
        pytest.param(TAMBON, id="six-digits"),
        pytest.param("", id="empty-and-placed-by-its-address"),
        pytest.param("99999999", id="of-no-province-and-placed-by-its-address"),
    ],
)
async def test_a_home_whose_village_nobody_knows_is_counted_and_reached(
    database: Database, clock: Any, village: str
) -> None:
    town = Town(database, clock, [channel(delivers)])
    lives(town, village, "+66810000001", nth=0)
    town.people([None, None])
    town.alert(villages=[])
    await town.settle()
    await town.play(0.5)
    row = line(town, UNPLACED)
    assert (row.homes, row.registered, row.reached, row.unreached) == (1, 1, 1, 0)
    assert row.by_channel == '{"sms": 1}'
    found = counted(town)
    homes = found["households"]
    assert homes["village_unknown"] == {"total": 1, "reached": 1, "waiting": 0, "unreached": 0}
    assert homes["total"] == 1 + sum(v.households for v in gazetteer().villages_of(TAMBON))
    assert adds_up(homes) and adds_up(found["villages"])
    assert found["villages"]["total"] == len(gazetteer().villages_of(TAMBON))  # the line is no village


async def test_what_is_only_taken_is_not_reached_there_either(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(accepts)])
    lives(town, f"{TAMBON}77", "+66810000001", nth=0)
    lives(town, f"{TAMBON}77", None)
    town.alert(villages=[])
    await town.settle()
    await town.play(0.5)
    unknown = counted(town)["households"]["village_unknown"]
    assert unknown == {"total": 2, "reached": 0, "waiting": 1, "unreached": 1}


async def test_their_silence_is_one_task_and_the_helpless_have_their_own(
    database: Database, clock: Any
) -> None:
    town = Town(database, clock, [channel(accepts)])
    lives(town, f"{TAMBON}77", "+66810000001", nth=0)
    weak = lives(town, f"{TAMBON}77", None, vulnerable=1)
    town.alert(villages=[])
    await town.play(12)
    found = town.rows(
        "SELECT kind, household_id, homes FROM mission WHERE village_code = :code", code=UNPLACED
    )
    assert {(m.kind, m.household_id, m.homes) for m in found} == {
        ("SILENT_HOMES", None, 2),  # nobody is rung: there is no village to ring
        ("VULNERABLE_HOME", weak, 1),
    }


async def test_a_tambon_without_numbered_villages_is_its_own_village(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(delivers)])
    lives(town, f"{NUMBERED}05", "+66810000001", tambon=NUMBERED)
    alert = town.alert(villages=[])
    town.rows(
        "UPDATE alert SET tambons = CAST(:t AS json) WHERE id = :a RETURNING 1", t=f'["{NUMBERED}"]', a=alert
    )
    await town.settle()
    await town.play(0.5)
    row = line(town, f"{NUMBERED}00")
    assert (row.homes, row.reached) == (gazetteer().tambon(NUMBERED).households, 1)
    assert counted(town)["households"]["village_unknown"]["total"] == 0


async def test_a_home_that_found_its_village_leaves_the_line(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(delivers)])
    home = lives(town, f"{TAMBON}77", "+66810000001")
    town.alert(villages=[])
    await town.settle()
    await town.play(0.5)
    assert line(town, UNPLACED).homes == 1
    town.rows("UPDATE household SET village_code = :v WHERE id = :h RETURNING 1", v=VILLAGE, h=home)
    await town.play(2)
    assert town.rows("SELECT 1 FROM coverage WHERE village_code = :code", code=UNPLACED) == []
    assert line(town, VILLAGE).reached == 1


@pytest.mark.parametrize("village", [f"{TAMBON}77", f"{TAMBON}00", TAMBON, "", "99999999"])
async def test_an_alert_for_some_villages_speaks_to_homes_whose_village_nobody_knows(
    database: Database, clock: Any, village: str
) -> None:
    """They may stand in one that is named. Homes known to be in another village, and that village's word, stay out of it."""
    town = Town(database, clock, [channel(delivers)])
    lives(town, village, "+66810000001", nth=0)
    elsewhere = [lives(town, f"{TAMBON}02", "+66810000002", nth=1), lives(town, f"{TAMBON}02", None)]
    alert = town.alert()
    await town.settle()
    said = Reply("e1", Answer.ANNOUNCED, clock.now(), homes=9)
    take_in(town.office, "relay", [said], "phone")
    town.rows(
        "UPDATE reply SET village_code = :v, alert_id = :a RETURNING 1", v=f"{TAMBON}02", a=alert
    )  # the head of the other village rang all the same
    await town.play(1)
    assert [r.village_code for r in town.rows("SELECT village_code FROM coverage ORDER BY 1")] == [
        UNPLACED,
        VILLAGE,
    ]
    row = line(town, UNPLACED)
    assert (row.homes, row.reached, row.answered, row.by_channel) == (1, 1, False, '{"sms": 1}')
    told = town.rows("SELECT household_id FROM delivery WHERE household_id = ANY(:h)", h=elsewhere)
    assert told == []


async def test_such_a_home_without_a_number_is_somebodys_to_visit(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(delivers)])
    home = lives(town, f"{TAMBON}77", None)
    town.alert()
    await town.settle()
    [row] = town.rows("SELECT channel FROM delivery_status WHERE household_id = :h", h=home)
    assert row.channel == "person"
    assert counted(town)["households"]["village_unknown"]["unreached"] == 1


async def test_a_home_without_any_place_is_said_though_no_alert_speaks_to_it(
    database: Database, clock: Any
) -> None:
    town = Town(database, clock, [channel(delivers)])
    lives(town, "", None)
    town.people([None])
    town.alert(villages=[])
    await town.settle()
    await town.play(0.5)
    homes = counted(town)["households"]
    assert homes["place_unknown"] == 1
    assert adds_up(homes) and homes["village_unknown"]["total"] == 0


async def test_a_household_with_no_contact_shows_in_the_totals(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(delivers)])
    town.people(["+66810000001", None, None])
    town.alert()
    await town.settle()
    await town.play(0.5)
    homes = counted(town)["households"]
    assert homes["by_reason"]["no_contact"] == 2
    assert homes["unreached"] == homes["total"] - 1 and adds_up(homes)


async def test_a_village_with_no_tower_shows_in_the_totals(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(delivers)])
    villages = [v.code for v in gazetteer().villages_of(TAMBON)]
    with database.session() as session:
        session.add(Tower(id=uuid4(), village_code=villages[0], kind=TowerKind.MICROPHONE))
    lives(town, f"{TAMBON}77", None)
    town.alert(villages=[])
    await town.settle()
    await town.play(0.5)
    assert counted(town)["villages"]["without_tower"] == len(villages) - 1


async def test_an_office_with_no_registry_shows_in_the_totals(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(delivers)])
    town.alert(villages=[])
    await town.settle()
    await town.play(0.5)
    found = counted(town)
    villages, homes = found["villages"], found["households"]
    assert (
        villages["without_contact"]
        == villages["without_tower"]
        == villages["unreached"]
        == villages["total"]
        > 0
    )
    assert homes["by_reason"]["not_in_registry"] == homes["unreached"] == homes["total"] > 0
    assert homes["share_reached"] == 0.0 and adds_up(homes) and adds_up(villages)


async def test_what_has_not_moved_is_not_counted_again(database: Database, clock: Any) -> None:
    """Counting 200,000 homes costs half a second: once everything is sent and said, it is done twice a minute."""
    town = Town(database, clock, [channel(accepts)])
    homes = town.people(["+66810000001", "+66810000002"])
    town.alert()
    await town.settle()
    await town.play(1, every_s=2)

    def counted_at() -> datetime:
        [row] = town.rows("SELECT counted_at FROM coverage")
        return cast("datetime", row.counted_at)

    seen = set()
    for _ in range(30):  # a minute of silence, thirty sweeps
        await town.play(1 / 30, every_s=2)
        seen.add(counted_at())
    assert 2 <= len(seen) <= 3  # not thirty; and not one, for the registry may have been mended
    [told] = town.rows("SELECT id FROM delivery WHERE household_id = :h", h=homes[0])
    take_in(town.office, "sms", [Receipt(told.id, ReceiptState.DELIVERED, clock.now())], "sms")
    await town.play(0.1, every_s=2)
    assert counted_at() > max(seen) and line(town, VILLAGE).reached == 1  # a receipt is counted at once


@pytest.mark.parametrize(
    ("code", "th", "en"),
    [
        pytest.param(UNPLACED, "ไม่รู้หมู่บ้าน", "village unknown", id="the-line-of-a-tambon"),
        pytest.param(f"{TAMBON}77", "ไม่รู้หมู่บ้าน", "village unknown", id="a-number-nobody-knows"),
        pytest.param("", "ไม่รู้หมู่บ้าน", "village unknown", id="empty"),
        pytest.param(
            f"{NUMBERED}00", gazetteer().tambon(NUMBERED).th, gazetteer().tambon(NUMBERED).en, id="no-numbers"
        ),
    ],
)
def test_a_page_names_every_line(code: str, th: str, en: str) -> None:
    assert th in village_name(code, "th") and en in village_name(code, "en")
    if code == UNPLACED:
        words = place_words(code, "th")
        assert (words.village, words.moo, words.tambon) == (th, 0, gazetteer().tambon(TAMBON).th)


def test_two_last_answers_of_one_moment_are_counted_also_when_the_alert_is_over(
    database: Database, clock: Any
) -> None:
    """Neither sees the other heard, and no sweep counts an alert that is over."""
    town = Town(database, clock, [channel(accepts)])
    alert, now = town.alert(), clock.now()
    said = [
        ReplyRow(id=uuid4(), alert_id=alert, mode=Mode.EXERCISE, village_code=VILLAGE, answer="announced", homes=n,
                 via="sms", at=now, received_at=now)
        for n in (8, 9)
    ]  # fmt: skip
    ids = [str(row.id) for row in said]
    with database.session() as session:
        session.get_one(Alert, alert).state = AlertState.CANCELLED
        session.add_all(said)
        session.flush()
        cover(session, str(alert), now, town.office)
    with database.session() as one, database.session() as other:
        rung = [*heard(one, ids[0], now, town.office), *heard(other, ids[1], now, town.office)]
    assert {wake_up.step for wake_up in rung} == {"cover"}
