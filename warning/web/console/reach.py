"""How far the alerts in force have come: by channel and by village."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, select

from warning.alert import Alert
from warning.delivery import Coverage
from warning.web.console.arrivals import water_hours
from warning.web.console.names import tambon_name, village_name


@dataclass(frozen=True)
class ChannelNow:
    name: str
    confirmed: int
    delivered: int
    unconfirmed: int  # taken by the provider. Not reached.
    waiting: int
    failed: int

    @property
    def total(self) -> int:
        return self.confirmed + self.delivered + self.unconfirmed + self.waiting + self.failed


@dataclass(frozen=True)
class VillageNow:
    code: str
    name: str
    tambon: str
    water_at: datetime | None
    answered: bool
    announced: bool
    last_word: str | None
    homes: int
    reached: int
    waiting: int
    unreached: int
    vulnerable_unreached: int
    contacts: int


_BY_CHANNEL = text(
    """
SELECT channel, count(*) FILTER (WHERE state = 'confirmed') AS confirmed, count(*) FILTER (WHERE state = 'delivered') AS delivered,
       count(*) FILTER (WHERE state IN ('accepted', 'handed_over', 'unknown')) AS unconfirmed,
       count(*) FILTER (WHERE state IN ('planned', 'try_later')) AS waiting,
       count(*) FILTER (WHERE state IN ('failed', 'expired', 'refused', 'suppressed')) AS failed
FROM delivery_status WHERE alert_id = ANY(:alerts) GROUP BY channel ORDER BY channel = 'person', channel
"""
)


def channels_now(session: Session, in_force: Sequence[Alert]) -> list[ChannelNow]:
    if not in_force:
        return []
    rows = session.execute(_BY_CHANNEL, {"alerts": [a.id for a in in_force]}).all()
    return [ChannelNow(*row) for row in rows]


def villages_now(session: Session, in_force: Sequence[Alert], lang: str) -> list[VillageNow]:
    """In order of the water; a village under two alerts once, with the more severe one's numbers."""
    found: dict[str, VillageNow] = {}
    for alert in in_force:
        hours = water_hours(session, alert)
        for row in session.exec(select(Coverage).where(Coverage.alert_id == alert.id)):
            code = row.village_code
            found.setdefault(
                code,
                VillageNow(
                    code, village_name(code, lang), tambon_name(code[:6], lang), hours.get(code[:6], alert.issued_at),
                    row.answered, row.announced, row.last_word, row.homes, row.reached, row.waiting, row.unreached,
                    row.vulnerable_unreached, row.contacts,
                ),
            )  # fmt: skip
    far = datetime.max.replace(tzinfo=next((v.water_at.tzinfo for v in found.values() if v.water_at), None))
    return sorted(found.values(), key=lambda v: (v.answered, v.water_at or far, v.code))
