"""People pages over real HTTP: a list is looked at before it is taken, numbers are masked, every look is in the trail."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import requests

from geo.gazetteer import gazetteer
from geo.people import Role
from geo.sheet import Person, Slot, VillageRow
from geo.sheet_write import write_sheet
from tests.warning.town import TAMBON, VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole, csrf_of, sign_in
from warning.clock import HandClock
from warning.store.database import Database
from warning.web.render import COOKIE

HOMES = f"""รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ,โทรศัพท์,จำนวนคน,ต้องการช่วย,ภาษา
{VILLAGE},1,สมมุติ หนึ่ง,0691110001,5,เรือ,พม่า
{VILLAGE},2,สมมุติ สอง,0691110001,,,
{VILLAGE},2 / 1,สมมุติ สาม,,,,
{VILLAGE},2-1,สมมุติ สี่,,,,
{VILLAGE},3,สมมุติ ห้า,12345,,,
"""
HOUSES = f"""รหัสหมู่บ้าน,ชื่อสถานที่,โทร,กลางคืน
{VILLAGE},โรงพยาบาลสมมุติ,0691112222,80
"""


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def upload(url: str, token: str, what: str, text: str, **form: str) -> requests.Response:
    given = {"csrf": csrf_of(token), "what": what, "source": "อบต.สมมุติ", "legal_basis": "public_duty", **form}
    return requests.post(
        f"{url}/people/import", data=given, files={"file": ("list.csv", text.encode())}, cookies={COOKIE: token}, timeout=10
    )  # fmt: skip


def count(town: Night, table: str) -> int:
    return int(town.rows(f"SELECT count(*) AS n FROM {table}")[0].n)


def test_nothing_is_stored_before_the_confirmation_and_the_file_is_gone_after(town: Night, url: str) -> None:
    token = town.officer()
    seen = upload(url, token, "households", HOMES, told_on="2026-11-01")
    assert (count(town, "household"), count(town, "address"), count(town, "people_upload")) == (0, 0, 1)
    body = town.rows("SELECT body_sealed FROM people_upload")[0].body_sealed
    assert "สมมุติ".encode() not in bytes(body)
    for words in ("1 พ.ย. 2569", "เบอร์เดียวกันในสองแห่ง", "บ้านเลขที่เดียวกัน เขียนสองแบบ", "12345"):
        assert words in seen.text
    press(f"{seen.url}/take", token)
    assert (count(town, "household"), count(town, "people_upload")) == (4, 0)
    (home,) = town.rows("SELECT people, lang, legal_basis, source, told_on FROM household WHERE people = 5")
    assert (home.lang, home.legal_basis, home.source, f"{home.told_on}") == (
        "my",
        "public_duty",
        "อบต.สมมุติ",
        "2026-11-01",
    )
    assert [n.kind for n in town.rows("SELECT kind FROM need")] == ["BOAT"]
    trail = [e.data for e in town.rows("SELECT data FROM audit_entry WHERE action = 'people.imported'")]
    assert len(trail) == 1 and "สมมุติ" not in trail[0] and "069" not in trail[0]


def test_a_twin_is_left_out_and_a_column_is_what_the_officer_says(town: Night, url: str) -> None:
    token = town.officer()
    at = upload(url, token, "households", HOMES).url
    press(f"{at}/skip", token, row="3")
    press(f"{at}/fields", token, **{"f.phone": "", "was.phone": "#4"})
    seen = see(at, token).text
    assert "12345" not in seen.partition("ไม่รับ")[0] and "<strong>4</strong> แถวรับได้" in seen
    press(f"{at}/take", token)
    assert (count(town, "household"), count(town, "address")) == (4, 0)


def test_a_list_is_its_officers_alone_and_gone_after_a_day(town: Night, url: str) -> None:
    token, other = town.officer(), town.officer(name="อีกคน")
    at = upload(url, token, "institutions", HOUSES).url
    assert see(at, other).status_code == 409
    town.clock.forward(timedelta(hours=25))
    with town.database.session() as session:
        again = sign_in(
            session, UUID(f"{town.rows('SELECT user_id FROM people_upload')[0].user_id}"), town.clock.now()
        )
    assert see(at, again).status_code == 409


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"source": ""}, "บอกที่มา"),
        ({"told_on": "2027-01-01"}, "ยังมาไม่ถึง"),
        ({"legal_basis": ""}, "เหตุผลตามกฎหมาย"),
        ({"what": "payments"}, "เป็นรายการอะไร"),
    ],
    ids=["no-source", "tomorrow", "no-basis", "unknown-kind"],
)
def test_a_list_nobody_can_answer_for_is_refused(
    town: Night, url: str, form: dict[str, str], words: str
) -> None:
    answer = upload(url, town.officer(), form.pop("what", "households"), HOMES, **form)
    assert answer.status_code == 422 and words in answer.text
    assert count(town, "people_upload") == 0


def test_rows_outside_an_officers_area_are_refused(town: Night, url: str) -> None:
    token = town.officer()
    town.rows("UPDATE office_user SET areas = '[\"9306\"]' RETURNING id")
    assert "อยู่นอกพื้นที่" in upload(url, token, "households", HOMES).text


def test_a_silent_hospital_is_rung_and_its_number_opened_on_record(town: Night, url: str) -> None:
    token = town.officer()
    press(f"{upload(url, token, 'institutions', HOUSES).url}/take", token)
    town.flood()
    listed = see(f"{url}/people/institutions", token).text
    assert "โรงพยาบาลสมมุติ" in listed and "•••222" in listed and "069-111-2222" not in listed
    (house,) = town.rows("SELECT id FROM institution")
    at = f"{url}/people/institutions/{house.id}"
    page = see(at, token).text
    assert "069-111-2222" not in page
    assert "069-111-2222" in press(f"{at}/open", token).text
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'institution.shown'")) == 1
    found = re.search(r'name="alert" value="([^"]+)".*?name="event" value="([^"]+)"', page)
    assert found
    saved = press(f"{at}/called", token, alert=found[1], event=found[2], answer="seen")
    assert "บันทึกการโทรแล้ว" in saved.text and "ตอบครบทุกแห่ง" in saved.text
    assert press(f"{at}/called", token, alert=found[1], event="x", answer="seen").status_code == 422
    press(f"{at}/stand-down", token)
    assert not town.rows("SELECT 1 FROM address WHERE audience = 'INSTITUTION' AND active")


def test_contacts_are_masked_opened_on_record_and_verified(town: Night, url: str) -> None:
    town.contacts()
    token = town.officer()
    village = town.rows("SELECT village_code FROM contact WHERE role = 'HEALTH_VOLUNTEER'")[0].village_code
    at = f"{url}/people/contacts/{village}"
    listed = see(f"{url}/people/contacts", token, q=village).text
    assert "•••678" in listed and "081-234-5678" not in listed
    assert "นายสมมุติ ใจดี" not in see(at, token).text
    assert "081-234-5678" in press(f"{at}/open", token).text
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'contacts.shown'")) == 1
    (head,) = town.rows("SELECT id FROM contact WHERE role = 'HEAD' AND village_code = :v", v=village)
    press(f"{at}/verified/{head.id}", token)
    assert (
        f"{town.rows('SELECT verified_on FROM contact WHERE id = :i', i=head.id)[0].verified_on}"
        == "2026-11-23"
    )
    assert "บันทึกผู้ติดต่อแล้ว" in press(at, token, slot="assistant_1", name="สมมุติ ใหม่", phone="0691113333").text


def test_gaps_stand_first_and_can_be_chosen(town: Night, url: str) -> None:
    town.contacts()
    token = town.officer()
    page = see(f"{url}/people/contacts", token, amphoe=TAMBON[:4], gap="one_contact").text
    assert "ผู้ติดต่อไม่ถึงสองคน" in page and page.count('class="village"') == 1


@pytest.mark.parametrize("path", ["contacts", "institutions", "import"])
def test_people_are_not_for_every_role(town: Night, url: str, path: str) -> None:
    assert see(f"{url}/people/{path}", town.officer(UserRole.ADMINISTRATOR)).status_code == 409
    assert see(f"{url}/people/{path}").status_code == 401


def test_a_village_of_another_area_is_shut(town: Night, url: str) -> None:
    town.contacts()
    token = town.officer()
    town.rows("UPDATE office_user SET areas = '[\"9306\"]' RETURNING id")
    assert press(f"{url}/people/contacts/{VILLAGE}/open", token).status_code == 409
    assert VILLAGE not in see(f"{url}/people/contacts", token).text


def test_homes_are_numbers_until_one_is_opened_and_help_is_no_illness(town: Night, url: str) -> None:
    token = town.officer()
    list_ = HOMES + f"{VILLAGE},9,สมมุติ เก้า,,,ติดเตียง,\n"
    press(f"{upload(url, token, 'households', list_).url}/take", token)
    assert VILLAGE in see(f"{url}/people/households", token).text
    at = f"{url}/people/households/{VILLAGE}"
    listed = see(at, token).text
    assert "สมมุติ" not in listed.replace("อบต.สมมุติ", "") and "069" not in listed and "อุ้มหรือหาม" in listed
    (home,) = town.rows("SELECT id FROM household WHERE people = 5")
    opened = press(f"{at}/{home.id}", token).text
    assert "สมมุติ หนึ่ง" in opened and "069-111-0001" in opened and "ติดเตียง" not in opened
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'household.opened'")) == 1
    press(f"{at}/{home.id}/change", token, need="power", lang="ms", legal_basis="consent")
    (after,) = town.rows("SELECT lang, legal_basis, consent_at FROM household WHERE id = :i", i=home.id)
    assert (after.lang, after.legal_basis, after.consent_at) == ("ms", "consent", town.clock.now())
    open_needs = "SELECT kind, ended_on IS NULL AS open FROM need WHERE household_id = :i"
    assert {(n.kind, n.open) for n in town.rows(open_needs, i=home.id)} == {("BOAT", False), ("POWER", True)}


def test_homes_of_another_area_are_neither_counted_nor_opened(town: Night, url: str) -> None:
    token = town.officer()
    press(f"{upload(url, token, 'households', HOMES).url}/take", token)
    (home,) = town.rows("SELECT id FROM household WHERE people = 5")
    town.rows("UPDATE office_user SET areas = '[\"9306\"]' RETURNING id")
    assert VILLAGE not in see(f"{url}/people/households", token).text
    assert see(f"{url}/people/households/{VILLAGE}", token).status_code == 409
    assert press(f"{url}/people/households/93060101/{home.id}", token).status_code == 409
    assert not town.rows("SELECT 1 FROM audit_entry WHERE action = 'household.opened'")


def test_one_persons_data_is_shown_handed_over_and_wiped(town: Night, url: str) -> None:
    token = town.officer()
    press(f"{upload(url, token, 'households', HOMES.replace('0691110001', '0691110009', 1)).url}/take", token)
    phone, at = "069-111-0009", f"{url}/people/person"
    assert "สมมุติ หนึ่ง" in press(at, token, phone=phone).text
    handed = press(f"{at}/export", token, phone=phone)
    assert handed.headers["Content-Disposition"].startswith("attachment")
    assert handed.json()["people"][0]["name"] == "สมมุติ หนึ่ง"
    assert press(f"{at}/erase", token, phone=phone).status_code == 422
    press(f"{at}/erase", token, phone=phone, sure="yes")
    assert "ไม่มีข้อมูลของเบอร์นี้" in press(at, token, phone=phone).text
    actions = [
        e.action for e in town.rows("SELECT action FROM audit_entry WHERE subject = 'person' ORDER BY seq")
    ]
    assert actions == ["person.shown", "person.exported", "person.erased"]
    assert not town.rows("SELECT 1 FROM audit_entry WHERE data LIKE '%691110009%'")


def test_nobody_is_told_that_a_person_of_another_area_is_known(town: Night, url: str) -> None:
    token = town.officer()
    press(f"{upload(url, token, 'households', HOMES).url}/take", token)
    town.rows("UPDATE office_user SET areas = '[\"9306\"]' RETURNING id")
    known, unknown = (
        press(f"{url}/people/person", token, phone=p).text for p in ("0691110001", "0699999999")
    )
    assert re.sub(r"069\d+", "", known) == re.sub(r"069\d+", "", unknown)


def test_a_team_reads_which_house_to_ring_and_what_a_home_needs(town: Night, url: str) -> None:
    token = town.officer()
    for what, list_ in (("institutions", HOUSES), ("households", HOMES.replace("เรือ,พม่า", "อุ้ม,พม่า"))):
        press(f"{upload(url, token, what, list_).url}/take", token)
    town.rows("UPDATE household SET vulnerable = 1 WHERE people = 5 RETURNING id")
    town.rows("UPDATE address SET active = false WHERE audience = 'RESIDENT' RETURNING id")
    town.flood()
    town.clock.forward(timedelta(minutes=11))
    town.run()
    page = see(f"{url}/field", town.officer(name="เวรใหม่")).text
    assert "โทรหาสถานที่" in page and "โรงพยาบาลสมมุติ" in page and "โต๊ะโทรแจ้ง" in page
    assert "บ้านที่มีคนออกเองไม่ได้" in page and "อุ้มหรือหาม" in page
    assert "สถานที่ที่มีคนออกเองไม่ได้ ยังไม่ตอบ" in see(f"{url}/", town.officer(name="เวร2")).text


def test_a_contact_sheet_is_looked_at_its_columns_changed_and_taken(town: Night, url: str) -> None:
    token, body = town.officer(), io.BytesIO()
    known = {VILLAGE: VillageRow(VILLAGE, {Slot(Role.HEAD, 1): Person("นายสมมุติ หัวหน้า", "+66691117777")})}
    write_sheet(body, gazetteer().villages_of(TAMBON), known)
    given = {"csrf": csrf_of(token), "what": "contacts", "source": "อำเภอ"}
    seen = requests.post(
        f"{url}/people/import", data=given, files={"file": ("contacts.xlsx", body.getvalue())}, cookies={COOKIE: token},
        timeout=10,
    )  # fmt: skip
    assert "เพิ่ม 1" in seen.text and "ผู้ใหญ่บ้าน / กำนัน" in seen.text
    press(f"{seen.url}/fields", token, **{"f.head_1_phone": "", "was.head_1_phone": "#8"})
    press(f"{seen.url}/take", token)
    (head,) = town.rows("SELECT name_sealed, source FROM contact")
    assert (town.office.keyring.open(bytes(head.name_sealed)), head.source) == ("นายสมมุติ หัวหน้า", "อำเภอ")
    assert count(town, "address") == 0  # the officer said that this column is no telephone
