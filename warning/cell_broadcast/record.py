"""A request and the minutes of its way: rows that are added and never changed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from warning.alert import Mode
from warning.audited import FOLLOWED, Followed


class Step(StrEnum):
    """What happened to a request, as a person at a telephone or a hand-set in the field says it."""

    PREPARED = "prepared"
    RUNG = "rung"  # DDPM's desk was spoken to
    SENT_LINE = "sent_line"  # the text or the sheet was posted to DDPM's LINE
    ACCEPTED = "accepted"  # DDPM says it takes the request
    DECLINED = "declined"  # DDPM says no; the note says why
    BROADCASTING = "broadcasting"  # one operator is on air
    STOPPED = "stopped"  # one operator is off again


class Operator(StrEnum):
    AIS = "ais"
    TRUE = "true"
    NT = "nt"


class CellBroadcast(SQLModel, table=True):
    """One request, fixed when prepared.

    `chain`: the alert that began it; its message code stays, its update number rises (after 15 a new code)."""

    __tablename__ = "cell_broadcast"
    __table_args__ = (UniqueConstraint("alert_id"), UniqueConstraint("mode", "chain", "nth"))

    id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(foreign_key="alert.id")
    mode: Mode
    chain: UUID = Field(index=True)
    nth: int  # request of the chain, from 0
    replaces: UUID | None = Field(default=None, foreign_key="cell_broadcast.id")
    level: str  # identifiers.Level
    message_code: int
    update_no: int
    identifier: str  # of the CAP document of the request
    sent: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    text_th: str
    text_en: str
    points: int = Field(sa_column=Column(Integer, nullable=False))
    cap_xml: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    approved_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    prepared_by: str  # a user's id


class CellBroadcastStep(SQLModel, table=True):
    """One hand-over: what, when, by whom here, with whom there."""

    __tablename__ = "cell_broadcast_step"
    __table_args__ = (Index("cell_broadcast_step_of", "request_id", "at"),)

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="cell_broadcast.id")
    step: str  # Step
    operator: str = ""  # Operator, of broadcasting and stopped
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))  # when it happened
    noted_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False)
    )  # when it was written down
    by: str  # a user's id
    by_name: str
    spoken_to_sealed: bytes | None = None  # who it was at the other end
    note: str = ""


FOLLOWED[CellBroadcast] = Followed(
    "cell_broadcast", "sent",
    ("alert_id", "mode", "chain", "nth", "replaces", "level", "message_code", "update_no", "identifier", "points",
     "approved_at", "expires_at", "prepared_by"),
    ("text_th", "text_en", "cap_xml"), by="prepared_by",
)  # fmt: skip
FOLLOWED[CellBroadcastStep] = Followed(
    "cell_broadcast_step",
    "noted_at",
    ("request_id", "step", "operator", "at", "by"),
    ("spoken_to_sealed", "note"),
    by="by",
)
