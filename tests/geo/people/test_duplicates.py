"""What looks like one thing twice is shown, and only that."""

import io

import pytest

from geo.duplicates import TwinKind, household_twins, institution_twins, plain_house_no
from geo.household_file import PersonRow, read_households
from geo.household_import import import_households
from geo.institution import InstitutionKind
from geo.institution_file import InstitutionRow
from geo.needs import needs_of
from geo.people import NeedKind
from geo.sealed import Keyring
from geo.sheet_cells import CellProblem
from warning.store.database import Database

RING = Keyring.generate()
A, B = "93010301", "93010302"


def person(row: int, village: str = A, house: str = "1", **given: str) -> PersonRow:
    return PersonRow(row, village, house, **given)  # type: ignore[arg-type]


def kinds(database: Database, *rows: PersonRow) -> list[tuple[TwinKind, tuple[int, ...]]]:
    with database.session() as session:
        return [(twins.kind, twins.rows) for twins in household_twins(session, RING, rows)]


def test_each_kind_of_twin_is_found_and_families_are_none(database: Database) -> None:
    family = [person(2, name="ก", phone="+66690000001"), person(3, name="ข", phone="+66690000001")]
    assert kinds(database, *family) == []
    assert kinds(database, person(2, phone="+66690000001"), person(3, B, phone="+66690000001")) == [
        (TwinKind.PHONE_IN_TWO_HOMES, (2, 3))
    ]
    assert kinds(database, person(2, house="12/3"), person(3, house="12 - 3")) == [
        (TwinKind.HOUSE_TWICE, (2, 3))
    ]
    assert kinds(database, person(2, name="ก"), person(3, house="2", name="ก")) == [
        (TwinKind.NAME_TWICE, (2, 3))
    ]
    assert kinds(database, person(2, name="ก"), person(3, B, name="ก")) == []


def test_a_telephone_of_the_registry_at_another_home_is_found_by_its_hash(database: Database) -> None:
    with database.session() as session:
        import_households(session, RING, [person(2, name="ก", phone="+66690000001")])
    assert kinds(database, person(2, name="ก", phone="+66690000001")) == []
    assert kinds(database, person(9, B, name="ก", phone="+66690000001")) == [(TwinKind.KNOWN_ELSEWHERE, (9,))]


def test_two_names_nearly_alike_in_a_village_are_twins(database: Database) -> None:
    rows = [
        InstitutionRow(n, village, InstitutionKind.SCHOOL, name)
        for n, (village, name) in enumerate(
            [(A, "โรงเรียนบ้านสมมุติ"), (A, "โรงเรียน บ้านสมมติ"), (A, "โรงเรียนวัดทดลองไกล"), (B, "โรงเรียนบ้านสมมุติ")], start=2
        )
    ]  # fmt: skip
    with database.session() as session:
        assert [(t.kind, t.rows) for t in institution_twins(session, RING, rows)] == [
            (TwinKind.NAME_TWICE, (2, 3))
        ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("12/3", "12-3", True),
        ("99", "99 หมู่ 4", True),
        ("99", "99 ม.4", True),
        ("1/23", "12/3", False),
        ("9", "99", False),
    ],
)
def test_house_numbers_written_in_two_ways(one: str, other: str, same: bool) -> None:
    assert (plain_house_no(one) == plain_house_no(other)) is same


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        ("อุ้ม, เรือ", (NeedKind.CARRY, NeedKind.BOAT)),
        ("ผู้ป่วยติดเตียง ใช้ออกซิเจน", (NeedKind.CARRY, NeedKind.POWER)),
        ("ฟอกไต", (NeedKind.MEDICINE,)),
        ("คุณยาย ต้องใช้เรือ", (NeedKind.BOAT,)),
        ("-", ()),
    ],
)
def test_an_illness_is_read_as_the_help_it_asks_for(words: str, needs: tuple[NeedKind, ...]) -> None:
    assert needs_of(words) == needs


def test_a_word_nobody_knows_is_asked_about() -> None:
    with pytest.raises(CellProblem, match="say the help"):
        needs_of("ไม่สบาย")


def test_heads_language_and_whose_telephone_are_read(database: Database) -> None:
    text = f"รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ,จำนวนคน,ภาษา,โทรเพื่อนบ้าน,เบอร์โทรลูก\n{A},1,,6,พม่า,0690000001,0690000002\n"
    (row,) = read_households(io.BytesIO(text.encode())).good
    assert (row.heads, row.lang, row.neighbour_phone, row.child_phone) == (
        6,
        "my",
        "+66690000001",
        "+66690000002",
    )
    with database.session() as session:
        counts = import_households(session, RING, [row])
    assert counts["addresses new"] == 2
