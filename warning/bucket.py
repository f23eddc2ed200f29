"""How fast a provider account may be used: one token bucket a row, shared by every worker of every machine.

Times are the database server's wall clock, because that is the one clock all workers share and gateways live by.
A lane is kept for life safety: lesser traffic may not take the last `lane_share` of the bucket.
"""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session

_TAKE = text(
    """
WITH filled AS (
    SELECT channel, LEAST(:burst, tokens + :rate * EXTRACT(EPOCH FROM clock_timestamp() - at)) AS tokens,
           paused_until FROM account WHERE channel = :channel FOR UPDATE)
UPDATE account a SET at = clock_timestamp(),
       tokens = filled.tokens - CASE WHEN filled.tokens - :want >= :floor
                AND COALESCE(filled.paused_until, '-infinity') <= clock_timestamp() THEN :want ELSE 0 END
FROM filled WHERE a.channel = filled.channel
RETURNING GREATEST(
    CASE WHEN filled.tokens - :want >= :floor THEN 0 ELSE (:floor + :want - filled.tokens) / :rate END,
    COALESCE(EXTRACT(EPOCH FROM filled.paused_until - clock_timestamp()), 0))
"""
)


def take(
    session: Session, channel: str, *, rate_per_s: float, lane_share: float, life_safety: bool, calls: int = 1
) -> float:
    """Take tokens for `calls` calls. Returns 0.0 when taken, else how many seconds to wait before asking again."""
    burst = max(float(calls), rate_per_s)
    floor = 0.0 if life_safety else min(lane_share * burst, burst - calls)
    values = {"channel": channel, "rate": rate_per_s, "burst": burst, "want": float(calls), "floor": floor}
    waited = session.execute(_TAKE, values).scalar()
    if waited is None:
        session.execute(
            text(
                "INSERT INTO account (channel, tokens, at) VALUES (:channel, :burst, clock_timestamp()) "
                "ON CONFLICT DO NOTHING"
            ),
            {"channel": channel, "burst": burst},
        )
        waited = session.execute(_TAKE, values).scalar_one()
    return max(0.0, float(waited))


def pause(session: Session, channel: str, span: timedelta, why: str) -> None:
    """The provider asked us to slow down: nobody sends on this account for `span` of wall time."""
    session.execute(
        text(
            "UPDATE account SET paused_until = clock_timestamp() + CAST(:span AS interval), paused_why = :why "
            "WHERE channel = :channel AND COALESCE(paused_until, '-infinity') < clock_timestamp() + CAST(:span AS interval)"
        ),
        {"channel": channel, "span": span, "why": why},
    )
