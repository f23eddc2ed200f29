"""One person's data: found by the number alone, handed over whole, wiped so that the ledger leads to nobody."""

import io
import json
from uuid import UUID

import pytest
from sqlmodel import select

from channels.contract import Answer, Reply
from geo.errors import NotAllowed
from geo.household_file import read_households
from geo.household_import import Grounds, import_households
from geo.institution import Institution, InstitutionKind
from geo.institution_file import InstitutionRow
from geo.institution_import import import_institutions
from geo.people import Address, Contact, Household, LegalBasis, Resident, Role
from geo.roster_import import import_contacts
from geo.sheet import Person, VillageRow
from tests.warning.town import VILLAGE, Town, accepts, channel
from warning.audit import verify
from warning.audited import differences
from warning.clock import HandClock
from warning.contact_found import SLOT_OF
from warning.people_person import Kept, erase, export, kept_of
from warning.running import take_in
from warning.store.database import Database

ONE, TWO, HEAD, STRANGER = "0691110001", "0691110002", "+66810009999", "+66691119999"
LIST = f"""รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ,โทรศัพท์,โทรเพื่อนบ้าน,เปราะบาง
{VILLAGE},12/1,สมมุติ หนึ่ง,{ONE},,ติดเตียง
{VILLAGE},12/2,สมมุติ สอง,{TWO},{ONE},
"""
BY = "an officer"


@pytest.fixture
async def town(database: Database, clock: HandClock) -> Town:
    """An alert went out, the first answered in words, the head has the number of a contact."""
    town = Town(database, clock, [channel(accepts)])
    town.people([], head=HEAD)
    rows = read_households(io.BytesIO(LIST.encode())).good
    with town.database.session() as session:
        grounds = Grounds("อบต.สมมุติ", None, LegalBasis.PUBLIC_DUTY)
        import_households(session, town.office.keyring, rows, grounds=grounds)
    town.alert()
    await town.settle()
    said = Reply("a", Answer.SEEN, clock.now(), address="+66691110001", text="น้ำมาถึงหน้าบ้านสมมุติแล้ว")
    take_in(town.office, "sms", [said], "sms")
    await town.settle()
    return town


def kept(town: Town, phone: str) -> Kept:
    with town.database.session() as session:
        found = kept_of(session, town.office.keyring, phone)
        session.expunge_all()
        return found


def handed(town: Town, phone: str) -> str:
    with town.database.session() as session:
        ring = town.office.keyring
        return json.dumps(export(session, ring, kept_of(session, ring, phone)), ensure_ascii=False)


def wiped(town: Town, phone: str) -> dict[str, int]:
    with town.database.session() as session:
        ring = town.office.keyring
        return erase(session, ring, kept_of(session, ring, phone), BY, town.clock.now())


async def test_everything_of_one_person_is_handed_over_and_nothing_of_another(town: Town) -> None:
    body = handed(town, "069-111-0001")
    for words in ("สมมุติ หนึ่ง", "12/1", "น้ำมาถึงหน้าบ้านสมมุติแล้ว", "public_duty", "carry", "neighbour", "ฝึก-"):
        assert words in body
    assert "สมมุติ สอง" not in body and TWO[1:] not in body


async def test_nothing_leads_to_the_person_any_more_and_the_ledger_stays(town: Town) -> None:
    before = town.rows("SELECT count(*) AS n FROM delivery")[0].n
    assert wiped(town, ONE)["people"] == 1
    assert kept(town, ONE).nothing
    ring = town.office.keyring
    with town.database.session() as session:
        names = {ring.open(r.name_sealed) for r in session.exec(select(Resident))}
        ways = {ring.open(a.sealed): a.active for a in session.exec(select(Address)) if a.hash}
        homes = session.exec(select(Household).order_by(Household.people)).all()
    assert names == {"", "สมมุติ สอง"}
    assert ways == {HEAD: True, "+66691110002": True}  # the neighbour's number went with its owner
    assert sorted((h.people, h.vulnerable, h.house_no_sealed is None) for h in homes) == [
        (1, 0, False),
        (1, 0, True),
    ]
    assert town.rows("SELECT count(*) AS n FROM delivery")[0].n == before
    assert town.rows("SELECT text_sealed FROM reply")[0].text_sealed is None


async def test_the_trail_says_that_it_happened_and_holds(town: Town) -> None:
    wiped(town, ONE)
    with town.database.session() as session:
        assert verify(session).ok
        assert differences(session) == []
    (entry,) = town.rows("SELECT actor, data FROM audit_entry WHERE action = 'person.erased'")
    assert entry.actor == BY and "สมมุติ" not in entry.data and "691110001" not in entry.data


async def test_a_contact_leaves_the_role_empty(town: Town) -> None:
    wiped(town, HEAD)
    with town.database.session() as session:
        assert session.exec(select(Contact)).all() == []
    assert not town.rows("SELECT 1 FROM address WHERE active AND audience = 'CONTACT'")


async def test_whoever_waits_to_be_rung_back_is_not_wiped(town: Town) -> None:
    said = Reply("b", Answer.NEED_HELP, town.clock.now(), address=STRANGER, text="ช่วยด้วย")
    take_in(town.office, "sms", [said], "sms")
    with pytest.raises(NotAllowed, match="close that first"):
        wiped(town, STRANGER)
    town.rows("UPDATE unknown_caller SET state = 'CLOSED' RETURNING id")
    assert wiped(town, STRANGER)["callers"] == 1
    (caller,) = town.rows("SELECT address_sealed, hash, tail FROM unknown_caller")
    assert (caller.address_sealed, caller.hash, caller.tail) == (None, "", "")


async def test_a_number_that_is_none_is_refused(town: Town) -> None:
    with pytest.raises(NotAllowed, match="not a telephone number"):
        kept(town, "12345")
    assert kept(town, "0699999999").nothing
    assert UUID(int=0)


def told(town: Town) -> dict[str, bool]:
    ring = town.office.keyring
    with town.database.session() as session:
        return {ring.open(a.sealed): a.active for a in session.exec(select(Address)) if a.hash}


async def test_the_same_list_again_brings_the_person_back_to_be_told(town: Town) -> None:
    before = told(town)
    wiped(town, ONE)
    rows = read_households(io.BytesIO(LIST.encode())).good
    for counted in (1, 0):  # taken in twice is once
        with town.database.session() as session:
            counts = import_households(session, town.office.keyring, rows)
            assert counts["residents new"] == counted
    assert told(town) == before
    body = handed(town, ONE)
    assert "สมมุติ หนึ่ง" in body and "12/1" in body


async def test_a_contact_wiped_by_mistake_is_rung_again_once_they_are_written_down_again(town: Town) -> None:
    slot, number = next(slot for slot in SLOT_OF.values() if slot.role is Role.HEAD), HEAD.replace("+66", "0")

    def write_down() -> None:
        with town.database.session() as session:
            row = VillageRow(VILLAGE, {slot: Person("นายสมมุติ", HEAD)})
            import_contacts(session, town.office.keyring, [row], town.clock.now())

    write_down()
    wiped(town, number)
    assert HEAD not in told(town)
    write_down()
    assert told(town)[HEAD]


async def test_who_answers_at_a_school_is_forgotten_with_their_number_and_the_school_stays(
    town: Town,
) -> None:
    phone, ring = "+66691118888", town.office.keyring
    with town.database.session() as session:
        row = InstitutionRow(
            row=1,
            village_code=VILLAGE,
            name="โรงเรียนสมมุติ",
            kind=InstitutionKind.SCHOOL,
            phones=(phone,),
            contact="ครูสมมุติ",
            landline="+6674612345",
        )
        import_institutions(session, ring, [row], town.clock.now())
    assert wiped(town, "074-612-345")["addresses"] == wiped(town, phone)["addresses"] == 1
    assert phone not in told(town)
    with town.database.session() as session:
        [house] = session.exec(select(Institution)).all()
        assert (house.name, house.active) == ("โรงเรียนสมมุติ", True)
        assert (house.contact_sealed, house.landline_sealed) == (None, None)
        assert differences(session) == []
        import_institutions(session, ring, [row], town.clock.now())
    assert told(town)[phone] and told(town)["+6674612345"]
