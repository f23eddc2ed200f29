"""What a person must act on: shown on the console until it is mended, one row a fault however often it happens."""

from datetime import datetime

from sqlalchemy import Column, DateTime, text
from sqlmodel import Field, Session, SQLModel


class Fault(SQLModel, table=True):
    key: str = Field(primary_key=True)  # what is broken: "step deliver", "channel sms", "worker"
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    times: int = 1
    why: str


def note(session: Session, key: str, why: str, now: datetime) -> None:
    session.execute(
        text(
            "INSERT INTO fault (key, since, last_at, times, why) VALUES (:key, :now, :now, 1, :why) "
            "ON CONFLICT (key) DO UPDATE SET last_at = :now, times = fault.times + 1, why = :why"
        ),
        {"key": key, "why": why[:500], "now": now},
    )


def mended(session: Session, key: str) -> None:
    session.execute(text("DELETE FROM fault WHERE key = :key"), {"key": key})
