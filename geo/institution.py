"""Houses that must move many people or animals: schools, hospitals, care homes, temples, prisons. Alerted with village contacts.

Their numbers stand in the roll of addresses (`geo.people.Address`, audience INSTITUTION); a landline, which takes no SMS, is
kept for ringing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, String
from sqlmodel import Field, Session, SQLModel, col, select


class InstitutionKind(StrEnum):
    SCHOOL = "school"
    CLINIC = "clinic"
    HOSPITAL = "hospital"
    CARE_HOME = "care_home"
    WAT = "wat"
    MOSQUE = "mosque"
    DORMITORY = "dormitory"
    PRISON = "prison"
    LIVESTOCK = "livestock"


# Whose people cannot leave by themselves, or may not: their silence is a telephone call within minutes.
HOLDS_PEOPLE = frozenset({
    InstitutionKind.HOSPITAL, InstitutionKind.CARE_HOME, InstitutionKind.DORMITORY, InstitutionKind.PRISON,
})  # fmt: skip


class Institution(SQLModel, table=True):
    """`lead_minutes`: how long it needs to bring everybody away. Heads by day and by night; of livestock, animals."""

    id: UUID = Field(primary_key=True)
    kind: InstitutionKind
    name: str  # of a house, not of a person
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False, index=True))
    lat: float | None = None
    lon: float | None = None
    lead_minutes: int | None = None
    heads_day: int | None = None
    heads_night: int | None = None
    contact_sealed: bytes | None = None  # who answers there
    landline_sealed: bytes | None = None
    lang: str | None = None  # geo.people.Language
    verified_on: date | None = None
    source: str = ""
    active: bool = True
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def names_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Institution -> its name, for those of `ids` there are."""
    return dict(
        session.exec(select(Institution.id, Institution.name).where(col(Institution.id).in_(ids))).all()
    )
