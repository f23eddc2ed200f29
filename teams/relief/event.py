"""The disaster as a whole, and the signs by which a household was in it: each with its source and its time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed

LEVELS = {
    1: ("ขนาดเล็ก ผู้อำนวยการท้องถิ่น/อำเภอ", "small: local or district director"),
    2: ("ขนาดกลาง ผู้ว่าราชการจังหวัด", "medium: governor"),
    3: ("ขนาดใหญ่ ผู้บัญชาการแห่งชาติ", "large: national commander"),
    4: ("ร้ายแรงอย่างยิ่ง นายกรัฐมนตรี", "extremely grave: Prime Minister"),
}  # national plan 2564-2570, response-and-relief section 2


class DisasterEvent(SQLModel, table=True):
    """One disaster. `assistance_tambons` is the declared emergency assistance area: it unlocks advance money."""

    __tablename__ = "disaster_event"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 4"),
        Index("disaster_event_open", "mode", postgresql_where=text("closed_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    mode: str  # actual | exercise
    name_th: str
    name_en: str
    level: int
    tambons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    alerts: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )  # ids of its alerts
    assistance_tambons: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    assistance_document: str | None = None  # number of the declaration
    assistance_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    opened_by: str
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def declare(event: DisasterEvent, tambons: Iterable[str], document: str, now: datetime) -> None:
    """The emergency assistance area, by its document. A later declaration adds tambon, it takes none away.

    Raises NotAllowed without a document number, or when the event is closed.
    """
    if not document.strip():
        raise NotAllowed("กรุณาใส่เลขที่ประกาศ (the number of the declaration is needed)")
    if event.closed_at is not None:
        raise NotAllowed("เหตุการณ์นี้ปิดแล้ว (this event is closed)")
    event.assistance_tambons = sorted({*event.assistance_tambons, *tambons})
    event.tambons = sorted({*event.tambons, *event.assistance_tambons})
    event.assistance_document, event.assistance_at, event.changed_at = document.strip(), now, now


def set_level(event: DisasterEvent, level: int, now: datetime) -> None:
    """Raises NotAllowed for a level the national plan does not know."""
    if level not in LEVELS:
        raise NotAllowed(f"ระดับการจัดการมี 1 ถึง 4 ไม่มี {level} (management levels are 1 to 4, not {level})")
    event.level, event.changed_at = level, now


def close(event: DisasterEvent, now: datetime) -> None:
    """The disaster is over; its claims go on. Raises NotAllowed when closed already."""
    if event.closed_at is not None:
        raise NotAllowed("เหตุการณ์นี้ปิดแล้ว (this event is closed)")
    event.closed_at = event.changed_at = now


class Evidence(StrEnum):
    """Signs that a household was in the event (response-and-relief, section 5). E5, by neighbours, is not drawn yet."""

    ASSISTANCE_AREA = "E1"
    WARNED = "E2"  # inside an alert issued for the event
    WATER = "E3"  # inside water people of the village saw in homes, or that cut them off
    OWN_REPORT = "E4"  # the household itself said so, or was rescued


@dataclass(frozen=True)
class Flag:
    """One sign. source: what row says so, such as `alert พท-2569-0012`; never a person's name."""

    evidence: Evidence
    source: str
    at: datetime


@dataclass(frozen=True)
class Exposure:
    """One household and every sign that it was in the event."""

    household_id: UUID
    village_code: str
    flags: tuple[Flag, ...]

    @property
    def kinds(self) -> frozenset[Evidence]:
        return frozenset(flag.evidence for flag in self.flags)

    @property
    def broad(self) -> bool:
        """Any sign at all: the set nobody of which may be lost."""
        return bool(self.flags)

    @property
    def strict(self) -> bool:
        """Inside the assistance area, and wet by somebody's word. The truth lies between strict and broad: report both."""
        return Evidence.ASSISTANCE_AREA in self.kinds and bool(
            self.kinds & {Evidence.WATER, Evidence.OWN_REPORT}
        )

    @property
    def strong(self) -> bool:
        """Water in the village and the household's own report: a refusal of such a claim wants a second look (G5)."""
        return {Evidence.WATER, Evidence.OWN_REPORT} <= self.kinds

    @property
    def since(self) -> datetime:
        """When the first sign was known. Raises ValueError for a household without any."""
        return min(flag.at for flag in self.flags)
