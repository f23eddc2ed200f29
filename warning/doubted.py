"""How often the values of each instrument were doubted lately: what an officer reads before a technician is sent."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from geo.when import utc

SPAN = timedelta(hours=24)


class Doubted(NamedTuple):
    """One quantity of one station, of one source, over `SPAN`."""

    source: str
    station: str
    quantity: str
    told: int  # values
    suspect: int
    bad: int
    value: float  # the newest, with its own verdict
    at: datetime
    verdict: str | None
    reason: str | None  # of the newest that was not good
    tambon: str | None
    name: str | None

    @property
    def share(self) -> float:
        """Of its values, 0..1."""
        return (self.suspect + self.bad) / self.told


_RATES = text(
    """
WITH rate AS (
    SELECT source, station, quantity, count(*) AS told, count(*) FILTER (WHERE verdict = 'suspect') AS suspect,
        count(*) FILTER (WHERE verdict = 'bad') AS bad,
        (array_agg(reason ORDER BY observed_at DESC) FILTER (WHERE reason IS NOT NULL))[1] AS reason
    FROM observation WHERE observed_at > :since AND observed_at <= :now GROUP BY source, station, quantity
)
SELECT r.source, r.station, r.quantity, r.told, r.suspect, r.bad, l.value, l.observed_at, l.verdict, r.reason,
    l.tambon, l.station_name
FROM rate r JOIN latest l USING (source, station, quantity)
ORDER BY (r.suspect + r.bad)::float / r.told DESC, r.station, r.quantity, r.source
"""
)


def doubted(session: Session, now: datetime) -> list[Doubted]:
    """Every instrument that told something in the last `SPAN`, the most doubted first."""
    rows = session.execute(_RATES, {"since": now - SPAN, "now": now})
    return [Doubted._make((*row[:7], utc(row[7]), *row[8:])) for row in rows]
