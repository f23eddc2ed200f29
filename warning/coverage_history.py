"""How the count of an alert went over time: a row whenever its totals changed, so that a curve can be drawn and asked about.

The rows of `coverage` are replaced with each count; these are only added. reached + waiting + unreached = homes in each of them.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, text
from sqlmodel import Field, Session, SQLModel, col, select


class CoverageHistory(SQLModel, table=True):
    """One count of all villages of an alert, in homes."""

    __tablename__ = "coverage_history"

    alert_id: UUID = Field(primary_key=True, foreign_key="alert.id")
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    homes: int
    reached: int  # confirmed only
    waiting: int  # sent or about to be
    accepted: int  # of the waiting: a provider took it. Not reached.
    unreached: int


_REMEMBER = text(
    """
INSERT INTO coverage_history (alert_id, at, homes, reached, waiting, accepted, unreached)
SELECT CAST(:alert AS uuid), CAST(:now AS timestamptz), n.* FROM (
    SELECT sum(homes)::int AS homes, sum(reached)::int AS reached, sum(waiting)::int AS waiting,
           sum(sent_unconfirmed)::int AS accepted, sum(unreached)::int AS unreached
    FROM coverage WHERE alert_id = :alert HAVING count(*) > 0) n
WHERE NOT EXISTS (
    SELECT 1 FROM (SELECT * FROM coverage_history WHERE alert_id = :alert ORDER BY at DESC LIMIT 1) o
    WHERE (o.homes, o.reached, o.waiting, o.accepted, o.unreached)
        = (n.homes, n.reached, n.waiting, n.accepted, n.unreached))
ON CONFLICT (alert_id, at) DO UPDATE SET homes = excluded.homes, reached = excluded.reached,
    waiting = excluded.waiting, accepted = excluded.accepted, unreached = excluded.unreached
"""
)


def remember(session: Session, alert_id: UUID, now: datetime) -> None:
    """Add the count as it stands in this session, if its totals are others than the last ones kept. now: aware UTC."""
    session.execute(_REMEMBER, {"alert": alert_id, "now": now})


def history(session: Session, alert_id: UUID) -> list[CoverageHistory]:
    """All counts kept of one alert, the oldest first."""
    found = select(CoverageHistory).where(CoverageHistory.alert_id == alert_id)
    return list(session.exec(found.order_by(col(CoverageHistory.at))))
