"""Water as people see it: the truth for scoring warnings, for relief and for the map. Reports are added, never changed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, String
from sqlmodel import Field, SQLModel


class WaterState(StrEnum):
    NONE = "none"
    ON_ROAD = "on_road"
    IN_HOMES = "in_homes"
    CUT_OFF = "cut_off"
    FALLING = "falling"


class VillageWater(SQLModel, table=True):
    """One report of one village."""

    __tablename__ = "village_water"

    id: UUID = Field(primary_key=True)
    mode: str  # actual | exercise
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False, index=True))
    state: WaterState
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reported_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reported_by: str  # a role (head, health_volunteer, officer on behalf, ...), never a name
    alert_id: UUID | None = None
