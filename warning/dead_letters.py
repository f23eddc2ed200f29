"""What could not be told and why: deliveries that failed for good, expired, or nobody knows of. A person works through them.

A dead letter counts as open while nothing else has reached its home or person, and nobody has taken it in hand. What the
carrier or the ledger wrote as the reason is a row's `why`; rows of one alert, channel, state and reason are one group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, text
from sqlmodel import Field, Session, SQLModel

from geo.errors import NotAllowed
from geo.names import id_for
from warning.audit import record


class TakenCare(StrEnum):
    HANDED = "handed"  # to somebody who goes or rings
    CORRECTED = "corrected"  # the number or address was put right in the registry
    DONE = "done"  # they know


class Undelivered(SQLModel, table=True):
    """What a person did about one dead letter; without a row nobody has."""

    delivery_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(index=True)
    care: TakenCare
    to_whom: str = ""  # a post or a team, never a private name
    by: str  # the user
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Reason(StrEnum):
    """What a person is told of a group, in plain words (locale/undelivered.yaml)."""

    REFUSED = "refused"  # the carrier does not take this number or address
    QUOTA = "quota"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # may have arrived: never sent again by a machine


@dataclass(frozen=True)
class Group:
    """Dead letters of one alert that are alike. open: reached by nothing else, and in nobody's hands."""

    key: str
    channel: str
    state: str
    why: str
    letters: int
    reached: int  # their home or person was reached another way
    cared: int  # of the others
    contacts: int  # of the open ones: village contacts and institutions, who come first

    @property
    def open(self) -> int:
        return self.letters - self.reached - self.cared

    @property
    def reason(self) -> Reason:
        return (
            Reason.QUOTA
            if self.state == "failed" and self.why.startswith(QUOTA_SPENT)
            else Reason(self.state)
        )


@dataclass(frozen=True)
class Letter:
    id: UUID
    audience: str
    village_code: str
    household_id: UUID | None
    owner_id: UUID | None
    at: datetime | None
    care: TakenCare | None
    to_whom: str


QUOTA_SPENT = "โควตาหมด"  # how `deliver` begins the reason
MOST_LETTERS, MOST_GROUPS = 100, 50
MOST_IN_POST = 120
_LETTERS = """
WITH proof AS MATERIALIZED (
    SELECT household_id, owner_id FROM delivery_status WHERE alert_id = :alert AND state IN ('delivered', 'confirmed')
), letter AS (
    SELECT d.id, d.channel, d.state, COALESCE(d.why, '') AS why, d.audience, d.village_code, d.household_id, d.owner_id,
           d.changed_at AS at, u.care, COALESCE(u.to_whom, '') AS to_whom,
           (d.household_id IS NOT NULL AND d.household_id IN (SELECT household_id FROM proof WHERE household_id IS NOT NULL))
           OR (d.owner_id IS NOT NULL AND d.owner_id IN (SELECT owner_id FROM proof WHERE owner_id IS NOT NULL)) AS reached
    FROM delivery_status d LEFT JOIN undelivered u ON u.delivery_id = d.id
    WHERE d.alert_id = :alert AND d.channel <> 'person' AND d.state IN ('refused', 'failed', 'expired', 'unknown')
    AND (CAST(:areas AS text[]) IS NULL
         OR EXISTS (SELECT 1 FROM unnest(CAST(:areas AS text[])) AS area (code) WHERE starts_with(d.village_code, area.code))))
"""
_GROUPS = text(
    _LETTERS
    + """
SELECT channel, state, why, count(*) AS letters, count(*) FILTER (WHERE reached) AS reached,
    count(*) FILTER (WHERE NOT reached AND care IS NOT NULL) AS cared,
    count(*) FILTER (WHERE NOT reached AND care IS NULL AND audience IN ('contact', 'institution')) AS contacts
FROM letter GROUP BY 1, 2, 3 ORDER BY count(*) FILTER (WHERE NOT reached AND care IS NULL) DESC, 1, 2, 3 LIMIT :most
"""
)
_OPEN = "FROM letter WHERE NOT reached AND channel = :channel AND state = :state AND why = :why"
_OF_GROUP = text(
    _LETTERS + f"SELECT id, audience, village_code, household_id, owner_id, at, care, to_whom {_OPEN} "
    "ORDER BY care IS NOT NULL, audience NOT IN ('contact', 'institution'), village_code, id LIMIT :most"
)
_TAKE_CARE = text(
    _LETTERS + "INSERT INTO undelivered (delivery_id, alert_id, care, to_whom, by, at) "
    f"SELECT id, :alert, CAST(:care AS takencare), :to_whom, :by, :now {_OPEN} "
    "AND (id = CAST(:letter AS uuid) OR CAST(:letter AS uuid) IS NULL AND care IS NULL) "
    "ON CONFLICT (delivery_id) DO UPDATE SET care = EXCLUDED.care, to_whom = EXCLUDED.to_whom, by = EXCLUDED.by, "
    "at = EXCLUDED.at RETURNING delivery_id"
)
Areas = Sequence[str] | None  # amphoe and tambon whose people somebody may see; None: all


def groups(session: Session, alert_id: UUID, areas: Areas) -> list[Group]:
    """The dead letters of one alert, most open ones first."""
    rows = session.execute(_GROUPS, _about(alert_id, areas) | {"most": MOST_GROUPS})
    return [Group(_key(alert_id, r.channel, r.state, r.why), *r) for r in rows]


def letters(session: Session, alert_id: UUID, group: Group, areas: Areas) -> list[Letter]:
    """Those of one group that nothing else has reached: the open ones first, contacts before homes; at most MOST_LETTERS."""
    rows = session.execute(_OF_GROUP, _about(alert_id, areas, group) | {"most": MOST_LETTERS})
    return [
        Letter(r.id, r.audience, r.village_code, r.household_id, r.owner_id, r.at, TakenCare[r.care] if r.care else None, r.to_whom)
        for r in rows
    ]  # fmt: skip


def take_care(
    session: Session, alert_id: UUID, group: Group, letter: UUID | None, care: TakenCare, to_whom: str, by: UUID,
    now: datetime, areas: Areas,
) -> int:  # fmt: skip
    """Write down what was done about one dead letter, or about all open ones of a group. Returns how many.

    to_whom: a post or a team. Raises NotAllowed, worded for the officer. now: aware UTC.
    """
    post = " ".join(to_whom.split())
    if care is TakenCare.HANDED and not post:
        raise NotAllowed("ใส่ว่ามอบให้ใคร เช่น ตำแหน่งหรือชุดปฏิบัติ (say whom it is handed to: a post or a team)")
    if len(post) > MOST_IN_POST:
        raise NotAllowed(f"ยาวเกิน {MOST_IN_POST} ตัวอักษร (more than {MOST_IN_POST} letters)")
    if care is TakenCare.CORRECTED and letter is None:
        raise NotAllowed("แก้เบอร์ได้ทีละราย (numbers are put right one at a time)")
    values = _about(alert_id, areas, group) | {
        "care": care.name, "to_whom": post if care is TakenCare.HANDED else "", "by": str(by), "now": now, "letter": letter,
    }  # fmt: skip
    done = session.execute(_TAKE_CARE, values).all()
    if done:
        about = {"channel": group.channel, "state": group.state, "letters": len(done)}
        told = about | ({"delivery": str(letter)} if letter else {})
        record(session, f"undelivered.{care}", "alert", alert_id, told, now, str(by))
    return len(done)


def _about(alert_id: UUID, areas: Areas, group: Group | None = None) -> dict[str, object]:
    about: dict[str, object] = {"alert": alert_id, "areas": None if areas is None else list(areas)}
    return about | ({"channel": group.channel, "state": group.state, "why": group.why} if group else {})


def _key(alert_id: UUID, channel: str, state: str, why: str) -> str:
    return id_for("undelivered", alert_id, channel, state, why).hex[:16]
