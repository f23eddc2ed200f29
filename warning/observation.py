"""What was observed, as rows: the bytes as they came, each value for ever, the newest of each station, and what nobody could read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, Index, String
from sqlmodel import Field, SQLModel


class PayloadRow(SQLModel, table=True):
    """Raw bytes of one answer, zlib-compressed."""

    __tablename__ = "payload"

    id: UUID = Field(primary_key=True)
    source: str = Field(index=True)
    fetched_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    body: bytes
    fault: str | None = None  # why it could not be read


class ObservationRow(SQLModel, table=True):
    """One value, for ever, with what quality control said of it when it came (a later word: warning.judging)."""

    __tablename__ = "observation"
    __table_args__ = (Index("observation_series", "station", "quantity", "observed_at"),)

    source: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    observed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    value: float
    unit: str
    payload_id: UUID
    verdict: str | None = None  # good | suspect | bad; None: older than quality control
    reason: str | None = None  # of a verdict that is not good, in words: Thai (English)


class Latest(SQLModel, table=True):
    """The newest value of each station and quantity: what rules and pages read."""

    __table_args__ = (Index("latest_tambon", "tambon"),)

    source: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    value: float
    unit: str
    observed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    tambon: str | None = Field(default=None, sa_column=Column(String(6, collation="C")))
    station_name: str | None = None
    lat: float | None = None
    lon: float | None = None
    bank_m: float | None = None
    verdict: str | None = None
    reason: str | None = None


BEST = -1.0  # stands for "the feed's one best value" where a quantile would stand


class ForecastRow(SQLModel, table=True):
    __tablename__ = "forecast"

    source: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    valid_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    issued_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    value: float
    unit: str
    tambon: str | None = None
    quantile: float = Field(default=BEST, primary_key=True)  # 0..1 of an ensemble


class BulletinRow(SQLModel, table=True):
    """An agency's own words."""

    __tablename__ = "bulletin"

    source: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    title_th: str
    title_en: str | None = None
    text_th: str
    text_en: str | None = None
    announced_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    effective_from: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    effective_to: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    areas: str  # codes, comma between
    severity: str | None = None
    url: str | None = None
    hazard: str | None = None
    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None
    magnitude: float | None = None
    polygons: list[Any] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )  # rings of [lat, lon]


class RejectedRow(SQLModel, table=True):
    """A row nobody could read, with the reason."""

    __tablename__ = "rejected"

    payload_id: UUID = Field(primary_key=True)
    nth: int = Field(primary_key=True)
    source: str = Field(index=True)
    raw: str
    why: str
