"""The registry: twice is once, an empty cell deletes nothing, nothing readable is stored."""

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from geo.gazetteer import gazetteer
from geo.household_file import HouseholdReport, read_households
from geo.household_import import import_households
from geo.people import Address, AddressKind, Contact, Role, Tower, TowerKind, Vulnerability
from geo.roster import known_rows, set_device_key, weak_villages
from geo.roster_import import ImportReport, Kind, import_contacts
from geo.sealed import Keyring
from geo.sheet import NO_TOWER, NOBODY, Person, SheetUnreadable, Slot, TowerEntry, VillageRow
from geo.sheet_read import read_sheet
from geo.sheet_write import write_sheet

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
DAY = date(2026, 10, 1)
RING = Keyring.generate()
A, B = "93010301", "93010302"
HEAD, KEY_HOLDER = Slot(Role.HEAD, 1), Slot(Role.KEY_HOLDER, 1)
SOMCHAI = Person("นายสมมุติชัย ทดลองดี", "+66690000001", "U" + "ab" * 16, DAY)
SOMSRI = Person("นางสมมุติศรี ทดลองงาม", "+66690000002")
TOWER = TowerEntry(TowerKind.MICROPHONE, None, 80)
FULL = VillageRow(A, {HEAD: SOMCHAI, KEY_HOLDER: SOMSRI}, TOWER)


def put(db: Engine, *rows: VillageRow, dry_run: bool = False) -> ImportReport:
    with Session(db) as session, session.begin():
        return import_contacts(session, RING, rows, NOW, dry_run)


def known(db: Engine) -> dict[str, VillageRow]:
    with Session(db) as session:
        return known_rows(session, RING)


def active(db: Engine) -> set[tuple[str, int]]:
    with Session(db) as session:
        found = session.exec(select(Address).where(Address.active))
        return {(RING.open(address.sealed), address.nth) for address in found}


def dump(db: Engine) -> str:
    """Everything the people's tables hold, as text and with the bytes read as UTF-8."""
    with Session(db) as session:
        rows = [
            row
            for name in ("contact", "tower", "household", "resident", "address")
            for row in session.execute(text(f"SELECT * FROM {name}"))
        ]
    return "\n".join(
        bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes | memoryview) else str(cell)
        for row in rows
        for cell in row
    )


def test_what_is_imported_is_known(db: Engine) -> None:
    report = put(db, FULL)
    assert report.counts == {Kind.ADDED: 3}
    assert known(db) == {A: FULL}
    with Session(db) as session:
        tower, holder = (
            session.exec(select(Tower)).one(),
            session.exec(select(Contact).where(Contact.role == Role.KEY_HOLDER)).one(),
        )
        assert tower.key_holder_id == holder.id


def test_twice_is_once(db: Engine) -> None:
    put(db, FULL)
    before = active(db)
    assert put(db, FULL).counts == {Kind.UNCHANGED: 3}
    assert active(db) == before


def test_a_dry_run_says_the_same_and_writes_nothing(db: Engine) -> None:
    dry = put(db, FULL, dry_run=True)
    assert known(db) == {}
    assert put(db, FULL).changes == dry.changes
    changed = VillageRow(A, {HEAD: SOMSRI, KEY_HOLDER: NOBODY}, NO_TOWER)
    dry = put(db, changed, dry_run=True)
    assert known(db) == {A: FULL}
    assert put(db, changed).changes == dry.changes != []


def test_empty_cells_delete_nothing(db: Engine) -> None:
    put(db, FULL)
    report = put(db, VillageRow(A, {HEAD: Person(SOMCHAI.name)}))
    assert report.counts == {Kind.UNCHANGED: 1}
    assert known(db) == {A: FULL}


def test_a_new_name_drops_what_was_the_others(db: Engine) -> None:
    put(db, FULL)
    report = put(db, VillageRow(A, {HEAD: Person("นายสมมุติใหม่ ทดลองมา", "+66690000003")}))
    assert [change.fields for change in report.changes] == [("name", "verified", "phone", "line")]
    assert known(db)[A].people[HEAD] == Person("นายสมมุติใหม่ ทดลองมา", "+66690000003")


def test_a_new_phone_is_a_new_place_in_the_roll_and_the_old_one_comes_back_to_its_own(db: Engine) -> None:
    put(db, FULL)
    first = active(db)
    put(db, VillageRow(A, {HEAD: Person(SOMCHAI.name, "+66690000009")}))
    assert ("+66690000009", 2) in active(db)
    assert not any(value == SOMCHAI.phone for value, _ in active(db))
    put(db, FULL)
    assert active(db) == first


def test_a_landline_is_rung_and_written_to_by_nobody(db: Engine) -> None:
    put(db, FULL)
    landline = VillageRow(A, {HEAD: Person("นายสมมุติใหม่ ทดลองมา", "+6674612345")})
    put(db, landline)
    with Session(db) as session:
        head = [
            a
            for a in session.exec(select(Address).where(Address.active))
            if RING.open(a.sealed) == "+6674612345"
        ]
    assert [a.kind for a in head] == [AddressKind.VOICE]
    assert not any(value == SOMCHAI.phone for value, _ in active(db))  # the one before is written to no more
    assert known(db)[A].people[HEAD] == landline.people[HEAD]
    assert put(db, landline).counts == {Kind.UNCHANGED: 1}


def test_nobody_takes_the_person_out(db: Engine) -> None:
    put(db, FULL)
    report = put(db, VillageRow(A, {KEY_HOLDER: NOBODY}, NO_TOWER))
    assert report.counts == {Kind.REMOVED: 2}
    assert known(db) == {A: VillageRow(A, {HEAD: SOMCHAI})}
    assert {value for value, _ in active(db)} == {SOMCHAI.phone, SOMCHAI.line_id}
    assert put(db, VillageRow(A, {KEY_HOLDER: NOBODY}, NO_TOWER)).counts == {}


def test_the_roll_is_dense_over_villages_of_a_tambon(db: Engine) -> None:
    put(db, FULL)
    put(db, VillageRow(B, {HEAD: Person("สมมุติ ง", "+66690000004")}))
    with Session(db) as session:
        phones = session.exec(select(Address.nth).where(Address.kind == AddressKind.SMS)).all()
    assert sorted(phones) == [0, 1, 2]


def test_an_mqtt_tower_has_an_address_and_loses_its_key_with_its_device(db: Engine) -> None:
    put(db, VillageRow(A, {}, TowerEntry(TowerKind.MQTT, "tower-1", 80)))
    with Session(db) as session, session.begin():
        assert set_device_key(session, RING, "tower-1", "s3cret")
        assert not set_device_key(session, RING, "tower-9", "s3cret")
    assert {value for value, _ in active(db)} == {"tower-1"}
    put(db, VillageRow(A, {}, TowerEntry(TowerKind.MQTT, "tower-2")))
    assert {value for value, _ in active(db)} == {"tower-2"}
    with Session(db) as session:
        tower = session.exec(select(Tower)).one()
        assert (tower.device_key_sealed, tower.homes_in_earshot) == (None, 80)


def test_sheet_to_registry_to_sheet(db: Engine) -> None:
    put(db, FULL)
    file = io.BytesIO()
    write_sheet(file, gazetteer().villages_of("930103"), known(db))
    report = read_sheet(io.BytesIO(file.getvalue()), NOW.date())
    assert report.bad == []
    assert put(db, *report.good).counts == {Kind.UNCHANGED: 3}


@pytest.mark.parametrize(
    ("people", "phones"),
    [
        pytest.param({}, 0, id="nobody"),
        pytest.param({HEAD: SOMCHAI}, 1, id="one"),
        pytest.param({HEAD: SOMCHAI, KEY_HOLDER: SOMCHAI}, 1, id="one-person-of-two-roles"),
        pytest.param({HEAD: SOMCHAI, KEY_HOLDER: SOMSRI}, 1, id="second-not-verified"),
        pytest.param({HEAD: SOMCHAI, KEY_HOLDER: Person("ก", "+66690000005", None, DAY)}, None, id="two"),
        pytest.param(
            {HEAD: SOMCHAI, KEY_HOLDER: Person("ก", "+6674612345", None, DAY)}, None, id="a-landline-is-rung"
        ),
    ],
)
def test_weak_villages(db: Engine, people: dict[Slot, Person], phones: int | None) -> None:
    put(db, VillageRow(A, people))
    with Session(db) as session:
        assert [village.verified_phones for village in weak_villages(session, [A])] == (
            [] if phones is None else [phones]
        )
        assert len(weak_villages(session)) == (669 if phones is None else 670)


HOMES = """รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ-สกุล,โทรศัพท์,LINE,กลุ่มเปราะบาง,กลุ่มอายุ
93010301,12/3,นายลองดู สมมุติวงศ์,0690000011,,,18-59
93010301,12/3,นางลองฟัง สมมุติวงศ์,๐๖๙๐๐๐๐๐๑๑,,ติดเตียง,80+
93010301,99 หมู่ 1,เด็กหญิงลองเล่น สมมุติพันธ์,,,,<5
๙๓๐๑๐๓๐๒,7,,,,,
93019999,1,ใครสักคน,,,,
93010302,8,ใครอีกคน,12345,,,
93010302,,ใครไม่รู้,,,,
93010302,9,ใครเปราะบาง,,,ใช่,18-59
"""


def homes(body: bytes = HOMES.encode()) -> HouseholdReport:
    return read_households(io.BytesIO(body))


def test_households_read_good_and_bad() -> None:
    report = homes()
    assert [(row.row, row.house_no, row.phone, row.vulnerability) for row in report.good] == [
        (2, "12/3", "+66690000011", None),
        (3, "12/3", "+66690000011", Vulnerability.BEDRIDDEN),
        (4, "99 หมู่ 1", None, Vulnerability.YOUNG_CHILD),
        (5, "7", None, None),
    ]
    assert [(remark.row, remark.column) for remark in report.bad] == [
        (6, "village_code"),
        (7, "phone"),
        (8, "house_no"),
        (9, "vulnerable"),
    ]


def test_households_of_windows_and_of_excel_read_the_same() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in HOMES.splitlines():
        sheet.append(line.split(","))
    file = io.BytesIO()
    book.save(file)
    assert homes(HOMES.encode("cp874")).good == homes(file.getvalue()).good == homes().good
    assert homes(HOMES.replace(",", ";").encode("utf-8-sig")).good == homes().good


def test_households_of_old_macs_have_their_rows() -> None:
    assert homes(HOMES.replace("\n", "\r").encode()).good == homes().good


def test_a_name_of_a_place_is_no_name_of_a_person() -> None:
    body = "ชื่อหมู่บ้าน,รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ,เบอร์บ้าน,เบอร์มือถือ,ละติจูด\nบ้านลอง,93010301,1,สมมุติ,,0690000011,-\n"
    (row,) = homes(body.encode()).good
    assert (row.name, row.phone, row.lat) == ("สมมุติ", "+66690000011", None)


def test_a_quotation_mark_that_is_never_closed_is_told() -> None:
    with pytest.raises(SheetUnreadable, match="not closed"):
        homes(HOMES.encode() + b'93010301,"' + b"1" * 200_000)


def test_fields_may_be_named() -> None:
    body = "mooban,no,who\n93010301,1,สมมุติ\n".encode()
    with pytest.raises(SheetUnreadable, match="village code and house no"):
        homes(body)
    report = read_households(io.BytesIO(body), {"village_code": "mooban", "house_no": "no", "name": "who"})
    assert [row.name for row in report.good] == ["สมมุติ"]
    with pytest.raises(SheetUnreadable, match="no such field: colour"):
        read_households(io.BytesIO(body), {"colour": "no"})


def test_households_twice_is_once_and_nothing_readable_is_stored(db: Engine) -> None:
    put(db, FULL)
    with Session(db) as session, session.begin():
        assert import_households(session, RING, homes().good, dry_run=True)["households new"] == 3
    with Session(db) as session, session.begin():
        first = import_households(session, RING, homes().good)
    with Session(db) as session, session.begin():
        second = import_households(session, RING, homes().good)
    assert first == {"households new": 3, "residents new": 3, "addresses new": 1}
    assert second == {"households there": 3, "residents there": 3, "addresses there": 1}
    with Session(db) as session:
        counted = session.execute(text("SELECT people, vulnerable FROM household ORDER BY 1, 2")).all()
    assert [tuple(row) for row in counted] == [(1, 0), (1, 1), (2, 1)]
    stored = dump(db)
    for plain in ("สมมุติ", "ลองดู", "690000011", "690000001", "12/3", "99 หมู่", "U" + "ab" * 16):
        assert plain not in stored
    assert A in stored  # the dump does see what is not sealed


def test_a_person_told_twice_is_counted_once_and_the_nameless_each(db: Engine) -> None:
    told = "รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ,กลุ่มเปราะบาง\n93010301,1,ก,ติดเตียง\n93010301,1,ก,ติดเตียง\n93010301,2,,พิการ\n93010301,2,,พิการ\n"
    with Session(db) as session, session.begin():
        import_households(session, RING, homes(told.encode()).good)
    with Session(db) as session:
        counted = session.execute(text("SELECT people, vulnerable FROM household ORDER BY 1")).all()
    assert [tuple(row) for row in counted] == [(1, 1), (2, 2)]
