"""A list of institutions: CSV or XLSX, one row a house. What people write of kinds, hours and languages, understood."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

from geo.gazetteer import Village, gazetteer
from geo.institution import InstitutionKind
from geo.languages import language_of
from geo.list_file import (
    CellReader,
    Columns,
    ListForm,
    degree_of,
    find_columns,
    open_list,
    unread,
    village_of,
)
from geo.phone import is_mobile
from geo.sheet import BadRow, Remark, SheetUnreadable
from geo.sheet_cells import (
    Cell,
    CellProblem,
    Guess,
    Understood,
    count_of,
    date_of,
    line_of,
    name_of,
    numbers_of,
    text_of,
)
from geo.sheet_file import Grid, read_bytes

FORM = ListForm(
    patterns={
        "village_code": r"รหัสหมู่บ้าน|village.?code",
        "kind": r"ประเภท|ชนิด|\bkind\b|\btype\b",
        "lead": r"เวลา(ที่ใช้)?(เตรียม|อพยพ|ขนย้าย)|ใช้เวลา|lead.?time|lead|minutes",
        "night": r"กลางคืน|ค้างคืน|night",
        "day": r"กลางวัน|จำนวน(คน|นักเรียน|ผู้ป่วย|ตัว|สัตว์)|\bday\b|heads|people",
        "contact": r"ผู้ติดต่อ|ผู้ประสาน|ผู้รับผิดชอบ|contact.?(name|person)|^contact$",
        "phone": r"โทร|เบอร์|มือถือ|phone|mobile",
        "line": r"\bline\b|line.?id|ไลน์",
        "email": r"อีเมล|e-?mail",
        "webhook": r"webhook|เว็บฮุก|เว็บฮุค",
        "lang": r"ภาษา|lang",
        "verified": r"ยืนยัน|ตรวจสอบ|verified",
        "lat": r"ละติจูด|\blat(itude)?\b",
        "lon": r"ลองจิจูด|\blon(gitude)?\b|\blng\b",
        "name": r"ชื่อ(?!หมู่|บ้าน|ตำบล|อำเภอ|จังหวัด)|สถานที่|(?<!village )(?<!tambon )\bname\b|institution",
    },
    needed=("village_code", "name"),
    missing=SheetUnreadable("ต้องมีคอลัมน์ รหัสหมู่บ้าน และ ชื่อสถานที่", "the columns village code and name are needed"),
)
# The word that comes first in the text decides; of two at one place the one that stands first here.
_KINDS: tuple[tuple[str, InstitutionKind], ...] = (
    (
        r"รพ\.?\s?สต|โรงพยาบาลส่งเสริม|คลินิก|สถานีอนามัย|อนามัย|clinic|health (centre|center)",
        InstitutionKind.CLINIC,
    ),
    (r"โรงพยาบาล|รพ\.|hospital", InstitutionKind.HOSPITAL),
    (r"โรงเรียน|รร\.|ศูนย์พัฒนาเด็ก|วิทยาลัย|school|college|nursery", InstitutionKind.SCHOOL),
    (r"บ้านพักคนชรา|สถานสงเคราะห์|ดูแลผู้สูงอายุ|ผู้สูงอายุ|care.?home|nursing.?home", InstitutionKind.CARE_HOME),
    (r"หอพัก|แคมป์|ที่พักคนงาน|dorm|workers' camp", InstitutionKind.DORMITORY),
    (r"เรือนจำ|ทัณฑสถาน|สถานพินิจ|prison|jail", InstitutionKind.PRISON),
    (r"มัสยิด|สุเหร่า|บาลาย|mosque|masjid", InstitutionKind.MOSQUE),
    (r"ฟาร์ม|ปศุสัตว์|เลี้ยง|คอก|livestock|farm", InstitutionKind.LIVESTOCK),
    (r"วัด|สำนักสงฆ์|temple|\bwat\b", InstitutionKind.WAT),
)
_MOST_HEADS, _MOST_MINUTES = 200_000, 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """One house of a list. None and empty: the list says nothing of it. phones: mobiles, E.164; landline: for ringing."""

    row: int
    village_code: str
    kind: InstitutionKind
    name: str
    lead_minutes: int | None = None
    heads_day: int | None = None
    heads_night: int | None = None
    contact: str = field(default="", repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    landline: str | None = field(default=None, repr=False)
    line_id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    webhook: str | None = field(default=None, repr=False)  # `whsec_...@https://...` (docs/channels/others.md)
    lang: str | None = None
    verified_on: date | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class InstitutionReport:
    good: list[InstitutionRow]
    bad: list[BadRow]
    notes: list[Remark]


def read_institutions(
    source: Path | BinaryIO,
    today: date,
    fields: Mapping[str, str] | None = None,
    villages: Iterable[Village] | None = None,
) -> InstitutionReport:
    """Only the village code and the name must be there. today: in Bangkok. Raises SheetUnreadable."""
    known = {v.code for v in (gazetteer().villages.values() if villages is None else villages)}
    grid = open_list(read_bytes(source))
    columns = find_columns(grid, FORM, fields or {})
    reading = _Reading(grid, columns, known, today)
    for number in range(columns.first, len(grid.cells)):
        reading.read_row(number)
    return InstitutionReport(reading.good, reading.bad, [*unread(grid, columns), *reading.notes])


def kind_of(text: str) -> InstitutionKind | None:
    """`รพ.สต.นาท่อม` clinic, `โรงเรียนวัดนาท่อม` school: the word that comes first decides."""
    found = [
        (match.start(), nth, kind)
        for nth, (pattern, kind) in enumerate(_KINDS)
        if (match := re.search(pattern, text, re.IGNORECASE))
    ]
    return min(found)[2] if found else None


class _Reading(CellReader):
    def __init__(self, grid: Grid, columns: Columns, known: set[str], today: date) -> None:
        super().__init__(grid, columns)
        self.good: list[InstitutionRow] = []
        self._known, self._today = known, today

    def read_row(self, number: int) -> None:
        if not any(text_of(cell) for cell in self._grid.cells[number]):
            return
        before = len(self.bad)
        code = (
            self.cell(number, "village_code", lambda cell: village_of(cell, self._known), needed=True) or ""
        )
        name = self.cell(number, "name", _name, needed=True) or ""
        phones = self.cell(number, "phone", numbers_of) or ()
        mobiles = tuple(phone for phone in phones if is_mobile(phone))
        lat = self.cell(number, "lat", lambda cell: Understood(degree_of(cell, 5, 21)))
        lon = self.cell(number, "lon", lambda cell: Understood(degree_of(cell, 97, 106)))
        row = InstitutionRow(
            row=number + 1, village_code=code, kind=self._kind(number, name), name=name,
            lead_minutes=self.cell(number, "lead", _minutes),
            heads_day=self.cell(number, "day", _heads), heads_night=self.cell(number, "night", _heads),
            contact=self.cell(number, "contact", lambda cell: Understood(name_of(cell))) or "",
            phones=mobiles, landline=next((phone for phone in phones if not is_mobile(phone)), None),
            line_id=self.cell(number, "line", line_of), email=self.cell(number, "email", _email),
            webhook=self.cell(number, "webhook", _webhook), lang=self.cell(number, "lang", _language),
            verified_on=self.cell(number, "verified", lambda cell: date_of(cell, self._today)),
            lat=lat if lon is not None else None, lon=lon if lat is not None else None,
        )  # fmt: skip
        if len(self.bad) == before:
            if not phones and row.line_id is None and row.email is None and row.webhook is None:
                nobody = Guess(
                    "ไม่มีเบอร์ LINE หรืออีเมล: ต้องมีคนไปบอก", "no number, LINE or e-mail: somebody must go there"
                )
                self.note(number, "phone", "", nobody)
            self.good.append(row)

    def _kind(self, number: int, name: str) -> InstitutionKind:
        """By its column, else by the name."""
        told = self.cell(number, "kind", _kind)
        found = told or kind_of(name)
        if found is None:
            why = CellProblem(
                "ไม่รู้ว่าเป็นสถานที่ประเภทใด ใช้ โรงเรียน คลินิก โรงพยาบาล บ้านพักคนชรา วัด มัสยิด หอพัก เรือนจำ ปศุสัตว์",
                "say which kind: school, clinic, hospital, care home, wat, mosque, dormitory, prison, livestock",
            )
            self.bad.append(Remark(number + 1, "kind", name, why.th, why.en))
            return InstitutionKind.SCHOOL  # of a row that is refused
        if told is None:
            self.note(number, "kind", name, Guess("ดูประเภทจากชื่อ", "the kind was told from its name"))
        return found


def _name(cell: Cell) -> Understood[str]:
    name = name_of(cell)
    if not name:
        raise CellProblem("ไม่มีชื่อสถานที่", "no name")
    return Understood(name)


def _kind(cell: Cell) -> Understood[InstitutionKind | None]:
    text = text_of(cell)
    return Understood(kind_of(text.replace("_", " ")) if text else None)


def _heads(cell: Cell) -> Understood[int | None]:
    text = text_of(cell)
    return Understood(count_of(re.sub(r"\s*(ตัว|รูป|เตียง|heads?)$", "", text), most=_MOST_HEADS))


def _minutes(cell: Cell) -> Understood[int | None]:
    """`90`, `90 นาที`, `1.5 ชม.`, `1:30`. Raises CellProblem."""
    text = text_of(cell).replace(",", "")
    if text in ("", "-"):
        return Understood(None)
    if found := re.fullmatch(r"(\d{1,3}):(\d\d)(?::00)?", text):
        minutes = float(int(found[1]) * 60 + int(found[2]))
    elif found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:ชม\.?|ชั่วโมง|h|hrs?|hours?)", text, re.IGNORECASE):
        minutes = float(found[1]) * 60
    elif found := re.fullmatch(r"(\d+)\s*(?:นาที|น\.|min\.?|minutes?)?", text, re.IGNORECASE):
        minutes = float(found[1])
    else:
        raise CellProblem("เขียนเป็นนาที เช่น 90", "say it in minutes: 90")
    if minutes > _MOST_MINUTES:
        raise CellProblem("นานเกิน 7 วัน: เขียนเป็นนาที", "more than 7 days: say it in minutes")
    return Understood(round(minutes))


def _language(cell: Cell) -> Understood[str | None]:
    return Understood(language_of(text_of(cell)))


_MAIL = re.compile(r"[^@\s,;<>()]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def _email(cell: Cell) -> Understood[str | None]:
    text = text_of(cell).removeprefix("mailto:")
    if text in ("", "-", "ไม่มี"):
        return Understood(None)
    if not _MAIL.fullmatch(text):
        raise CellProblem("ไม่ใช่ที่อยู่อีเมล เช่น name@hospital.go.th", "no e-mail address: name@hospital.go.th")
    return Understood(text)


def _webhook(cell: Cell) -> Understood[str | None]:
    """The secret stands before the address; what is refused is told without it."""
    text = text_of(cell)
    if text in ("", "-", "ไม่มี"):
        return Understood(None)
    if not re.fullmatch(r"whsec_[A-Za-z0-9+/=]{32,88}@https://[^\s@]+", text):
        raise CellProblem("เขียนเป็น whsec_รหัสลับ@https://ที่อยู่", "write whsec_SECRET@https://ADDRESS")
    return Understood(text)
