"""What a person must act on: shown on the console until it is mended, one row a fault however often it happens.

A fault of a step knows the pieces of work that fail, up to `MOST_NAMED`: one piece's success says nothing of another's, and
a thousand that fail alike are one line with a count.
"""

from datetime import datetime

from sqlalchemy import ARRAY, Column, DateTime, String, text
from sqlmodel import Field, Session, SQLModel

MOST_NAMED = 50  # what fails beyond them is named as soon as there is room: it is due, and so fails again


class Fault(SQLModel, table=True):
    key: str = Field(primary_key=True)  # what is broken: "step deliver", "channel sms", "worker"
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    times: int = 1
    why: str  # of the last time
    works: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))


_NOTE = text(
    """
INSERT INTO fault (key, since, last_at, times, why, works) VALUES (:key, :now, :now, 1, :why, CAST(:works AS varchar[]))
ON CONFLICT (key) DO UPDATE SET last_at = :now, times = fault.times + 1, why = :why, works =
  CASE WHEN fault.works @> EXCLUDED.works OR cardinality(fault.works) >= :most THEN fault.works
  ELSE fault.works || EXCLUDED.works END
"""
)


def note(session: Session, key: str, why: str, now: datetime, work: str = "") -> None:
    """work: the piece that failed; empty when the whole thing is broken."""
    works = [work] if work else []
    session.execute(_NOTE, {"key": key, "why": why[:500], "now": now, "works": works, "most": MOST_NAMED})


def mended(session: Session, key: str, work: str = "") -> None:
    """The fault is over; with `work`, for that piece: the fault ends with the last of its pieces."""
    if not work:
        session.execute(text("DELETE FROM fault WHERE key = :key"), {"key": key})
        return
    left = session.execute(
        text(
            "UPDATE fault SET works = array_remove(works, :work) WHERE key = :key AND :work = ANY(works) "
            "RETURNING cardinality(works)"
        ),
        {"key": key, "work": work},
    ).scalar()
    if left == 0:
        session.execute(text("DELETE FROM fault WHERE key = :key AND works = '{}'"), {"key": key})


def known(session: Session) -> set[str]:
    """Every fault, whoever noted it: `key`, or `key work` for each of its pieces."""
    rows = session.execute(text("SELECT key, works FROM fault")).all()
    return {name for key, works in rows for name in ([f"{key} {w}" for w in works] or [key])}
