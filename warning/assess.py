"""From observations to hazard: which rules changed state, and for which tambon."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime
from sqlmodel import Field, SQLModel


class RuleStateRow(SQLModel, table=True):
    """What a rule remembers of one station, so that a restart forgets nothing."""

    __tablename__ = "rule_state"

    rule: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    state: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class HazardAssessment(SQLModel, table=True):
    """A rule's word at one moment, with what it saw."""

    id: UUID = Field(primary_key=True)
    rule: str = Field(index=True)
    rule_version: str  # hash of the rule as it stood
    station: str
    state: str  # the state the rule went into: active, no_data, calm
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    value: float | None = None
    why: str
    tambons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    observations: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    water_by: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # tambon -> UTC
