"""The contact sheet: one row a village, who can tell it and through which loudspeaker.

This is the form itself: its columns, its rows, its words. `geo/sheet_write.py` prints it, `geo/sheet_read.py`
takes it back, `geo/roster_import.py` stores it.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from geo.people import Role, TowerKind

SHEET = "ผู้ติดต่อหมู่บ้าน"
NOBODY_WORD = "-"  # typed in a name cell: there is nobody in this role; an empty cell says nothing
NO_TOWER_WORD = "ไม่มี"
TOWER_WORDS = {TowerKind.MICROPHONE: "ไมค์ในบ้าน", TowerKind.MQTT: "MQTT"}


class Slot(NamedTuple):
    """A place in the sheet for one person: the role, and which one of it."""

    role: Role
    rank: int

    @property
    def key(self) -> str:
        return f"{self.role.value}_{self.rank}"


class Title(NamedTuple):
    th: str
    en: str

    @property
    def both(self) -> str:
        return f"{self.th}\n{self.en}"


SLOTS: dict[Slot, Title] = {
    Slot(Role.HEAD, 1): Title("ผู้ใหญ่บ้าน / กำนัน", "Village head"),
    Slot(Role.ASSISTANT, 1): Title("ผู้ช่วยผู้ใหญ่บ้าน คนที่ 1", "Assistant 1"),
    Slot(Role.ASSISTANT, 2): Title("ผู้ช่วยผู้ใหญ่บ้าน คนที่ 2", "Assistant 2"),
    Slot(Role.KEY_HOLDER, 1): Title("ผู้ถือกุญแจหอกระจายข่าว", "Loudspeaker key-holder"),
    Slot(Role.HEALTH_VOLUNTEER, 1): Title("ประธาน อสม.", "Lead health volunteer"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever fills a slot. All empty but the name `-`: known to be nobody."""

    name: str = ""
    phone: str | None = field(default=None, repr=False)  # E.164
    line_id: str | None = field(default=None, repr=False)  # LINE's own user id, U and 32 hex digits
    verified_on: date | None = None


NOBODY = Person(name=NOBODY_WORD)


@dataclass(frozen=True, slots=True)
class TowerEntry:
    """The loudspeaker as the sheet tells it. `kind` None: known to have none."""

    kind: TowerKind | None
    device_id: str | None = None
    homes_in_earshot: int | None = None


NO_TOWER = TowerEntry(kind=None)


@dataclass(frozen=True, slots=True)
class VillageRow:
    """One village of the sheet. A slot that is absent, a tower that is None: the sheet says nothing of it."""

    code: str
    people: dict[Slot, Person] = field(default_factory=dict)
    tower: TowerEntry | None = None

    @property
    def empty(self) -> bool:
        return not self.people and self.tower is None


class Remark(NamedTuple):
    """Something in a file that a person should look at. `value` may be personal: show it, never log it."""

    row: int  # as the spreadsheet counts, from 1; 0 means the whole sheet
    column: str  # letter and heading
    value: str
    why_th: str
    why_en: str


BadRow = Remark


class SheetUnreadable(ValueError):
    """The whole file cannot be used. Both texts say what to do."""

    def __init__(self, why_th: str, why_en: str) -> None:
        super().__init__(f"{why_th} / {why_en}")
        self.why_th = why_th
        self.why_en = why_en


@dataclass(frozen=True)
class SheetReport:
    """What came out of a sheet. A village stands in `good`, in `bad`, or was left empty."""

    good: list[VillageRow]
    bad: list[BadRow]  # nothing of these rows is taken
    notes: list[Remark]  # taken, but look
    empty: int  # villages listed with nothing filled in


class Column(NamedTuple):
    """`key` stands in a hidden row of the sheet, so that columns may be moved and renamed."""

    key: str
    title: Title
    width: float
    group: Title | None = None


PLACE_COLUMNS = (
    Column("village_code", Title("รหัสหมู่บ้าน", "Village code"), 11),
    Column("amphoe", Title("อำเภอ", "Amphoe"), 12),
    Column("tambon", Title("ตำบล", "Tambon"), 13),
    Column("moo", Title("หมู่ที่", "Moo"), 6),
    Column("village", Title("หมู่บ้าน", "Village"), 19),
    Column("homes", Title("ครัวเรือน (ประมาณ)", "Homes (estimate)"), 10),
)

PERSON_FIELDS: dict[str, tuple[Title, float]] = {
    "name": (Title("ชื่อ-สกุล", "Name"), 20),
    "phone": (Title("โทรศัพท์มือถือ", "Mobile phone"), 13),
    "line": (Title("LINE ID ในระบบ", "LINE user id"), 12),
    "verified": (Title("ยืนยันเมื่อ", "Verified on"), 11),
}

PERSON_COLUMNS = tuple(
    Column(f"{slot.key}_{name}", title, width, group)
    for slot, group in SLOTS.items()
    for name, (title, width) in PERSON_FIELDS.items()
)

TOWER_GROUP = Title("หอกระจายข่าว / เสียงตามสาย", "Loudspeaker")
TOWER_COLUMNS = (
    Column("tower_kind", Title("ชนิด", "Kind"), 11, TOWER_GROUP),
    Column("tower_device", Title("รหัสเครื่อง", "Device id"), 13, TOWER_GROUP),
    Column("tower_homes", Title("บ้านที่ได้ยิน", "Homes in earshot"), 9, TOWER_GROUP),
)

COLUMNS = PLACE_COLUMNS + PERSON_COLUMNS + TOWER_COLUMNS
