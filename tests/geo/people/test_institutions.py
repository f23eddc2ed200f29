"""Lists of institutions as offices write them, and the registry after taking one twice."""

import io
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from geo.institution import Institution, InstitutionKind
from geo.institution_file import InstitutionReport, InstitutionRow, kind_of, read_institutions
from geo.institution_import import import_institutions, stand_down
from geo.people import Address, AddressKind, Audience
from geo.sealed import Keyring
from warning.store.database import Database

NOW = datetime(2026, 11, 22, 19, tzinfo=UTC)
TODAY = date(2026, 11, 23)
HEAD = "รหัสหมู่บ้าน,ชื่อสถานที่,ประเภท,กลางวัน,กลางคืน,เวลาเตรียม,ผู้ติดต่อ,โทร,ภาษา,ยืนยันเมื่อ\n"
HOSPITAL = (
    "93010301,โรงพยาบาลสมมุติ,โรงพยาบาล,120,80 คน,1.5 ชม.,นางสมมุติ ใจดี,0691112222 / 074-612-345,ไทย,1/10/2569\n"
)


def houses(text: str) -> InstitutionReport:
    return read_institutions(io.BytesIO(text.encode()), TODAY)


def test_a_row_is_read_whole() -> None:
    report = houses(HEAD + HOSPITAL)
    assert report.bad == []
    assert report.good == [
        InstitutionRow(
            row=2, village_code="93010301", kind=InstitutionKind.HOSPITAL, name="โรงพยาบาลสมมุติ", lead_minutes=90,
            heads_day=120, heads_night=80, contact="นางสมมุติ ใจดี", phones=("+66691112222",), landline="+6674612345",
            lang="th", verified_on=date(2026, 10, 1),
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("รพ.สต.บ้านสมมุติ", InstitutionKind.CLINIC),
        ("โรงพยาบาลส่งเสริมสุขภาพตำบลสมมุติ", InstitutionKind.CLINIC),
        ("โรงพยาบาลสมมุติ", InstitutionKind.HOSPITAL),
        ("โรงเรียนวัดสมมุติ", InstitutionKind.SCHOOL),
        ("วัดสมมุติ", InstitutionKind.WAT),
        ("มัสยิดบ้านสมมุติ", InstitutionKind.MOSQUE),
        ("ศูนย์ดูแลผู้สูงอายุสมมุติ", InstitutionKind.CARE_HOME),
        ("หอพักสมมุติ", InstitutionKind.DORMITORY),
        ("เรือนจำกลางสมมุติ", InstitutionKind.PRISON),
        ("ฟาร์มหมูสมมุติ", InstitutionKind.LIVESTOCK),
        ("ร้านสมมุติ", None),
    ],
)
def test_the_kind_is_told_from_a_name(name: str, kind: InstitutionKind | None) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("99999999,โรงเรียน,,,,,,,,", "no such village"),
        ("93010301,ร้านสมมุติ,,,,,,,,", "say which kind"),
        ("93010301,โรงเรียน,,มาก,,,,,,", "whole number"),
        ("93010301,โรงเรียน,,,,นาน,,,,", "in minutes"),
        ("93010301,โรงเรียน,,,,,,12345,,", "not a Thai telephone"),
        ("93010301,โรงเรียน,,,,,,,ลาว,", "Thai, English, Burmese and Malay"),
    ],
    ids=["village", "kind", "heads", "lead", "phone", "language"],
)
def test_a_row_that_cannot_be_used_is_refused_whole(row: str, why: str) -> None:
    report = houses(HEAD + row)
    assert report.good == []
    assert why in report.bad[0].why_en


def take(database: Database, ring: Keyring, text: str, *, dry_run: bool = False) -> dict[str, int]:
    with database.session() as session:
        return dict(import_institutions(session, ring, houses(text).good, NOW, dry_run))


def stand(database: Database) -> tuple[list[Institution], list[Address]]:
    with database.session() as session:
        return list(session.exec(select(Institution))), list(session.exec(select(Address)))


def test_twice_is_once_and_a_dry_run_is_never(database: Database) -> None:
    ring = Keyring.generate()
    assert take(database, ring, HEAD + HOSPITAL, dry_run=True) == {"institutions new": 1}
    assert stand(database) == ([], [])
    assert take(database, ring, HEAD + HOSPITAL) == {"institutions new": 1}
    assert take(database, ring, HEAD + HOSPITAL) == {"institutions there": 1}
    (house,), addresses = stand(database)
    assert {(a.audience, a.owner_id, a.nth) for a in addresses} == {(Audience.INSTITUTION, house.id, 0)}
    assert {a.kind: ring.open(a.sealed) for a in addresses} == {
        AddressKind.SMS: "+66691112222",
        AddressKind.VOICE: "+6674612345",
    }
    assert house.landline_sealed and ring.open(house.landline_sealed) == "+6674612345"


def test_a_new_number_takes_the_place_of_the_old_and_an_empty_cell_deletes_nothing(
    database: Database,
) -> None:
    ring = Keyring.generate()
    take(database, ring, HEAD + HOSPITAL)
    assert take(database, ring, HEAD + "93010301,โรงพยาบาล สมมุติ,,,,,,0693334444,,\n") == {
        "institutions changed": 1
    }
    (house,), addresses = stand(database)
    assert {ring.open(a.sealed): a.active for a in addresses if a.kind is AddressKind.SMS} == {
        "+66691112222": False,
        "+66693334444": True,
    }
    assert (house.heads_day, house.lead_minutes) == (120, 90)


def test_a_house_that_is_no_more_is_silent(database: Database) -> None:
    ring = Keyring.generate()
    take(database, ring, HEAD + HOSPITAL)
    with database.session() as session:
        stand_down(session, ring, session.exec(select(Institution)).one(), NOW)
    (house,), addresses = stand(database)
    assert (house.active, [a.active for a in addresses]) == (False, [False, False])


def test_a_house_may_be_told_by_mail_and_by_its_own_system(database: Database) -> None:
    secret = "whsec_" + "QUJD" * 11
    row = f"93010301,โรงพยาบาลสมมุติ,duty@hospital.example,{secret}@https://hospital.example/pager\n"
    text = f"รหัสหมู่บ้าน,ชื่อสถานที่,อีเมล,webhook\n{row}"
    report = houses(text)
    assert report.bad == [] and not any("ต้องมีคนไปบอก" in note.why_th for note in report.notes)
    ring = Keyring.generate()
    take(database, ring, text)
    kept = {a.kind: (a.audience, ring.open(a.sealed)) for a in stand(database)[1]}
    assert kept[AddressKind.EMAIL] == (Audience.INSTITUTION, "duty@hospital.example")
    assert kept[AddressKind.WEBHOOK] == (Audience.INSTITUTION, f"{secret}@https://hospital.example/pager")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("อีเมล", "hospital.example", id="no-mail-address"),
        pytest.param("อีเมล", "a@b.example; c@d.example", id="two-of-them"),
        pytest.param("webhook", "https://hospital.example/pager", id="no-secret"),
        pytest.param("webhook", "whsec_" + "QUJD" * 11 + "@http://hospital.example", id="not-secured"),
    ],
)
def test_an_address_that_is_none_refuses_the_row(column: str, value: str) -> None:
    report = houses(f"รหัสหมู่บ้าน,ชื่อสถานที่,{column}\n93010301,โรงพยาบาลสมมุติ,{value}\n")
    assert report.good == [] and len(report.bad) == 1
