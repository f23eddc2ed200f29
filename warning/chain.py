"""Who is rung in turn in one village: a snapshot taken when the alert is issued (docs/decisions/0008-the-chain.md).

One row a contact who has a telephone, in the order in which a village's people are rung. Edits of the registry change nothing of
it, and what is over never comes back: an alert of a higher level makes its own chain.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, String, text
from sqlmodel import Field, Session, SQLModel

from channels.contract import Answer, Channel
from geo.names import id_for
from warning.alert import Alert, Mode
from warning.alert_places import villages_of
from warning.delivery import Delivery, Segment
from warning.office import Office
from warning.step import ONE_OF_ITS_KIND, Next, priority_of
from warning.store.insert import insert_new
from warning.told_already import told_by
from warning.words.facts import Kind

# Somebody of the village has it and acts, or has spoken of it: nobody else need be rung.
PROOF = (Answer.ANNOUNCED, Answer.WILL_ANNOUNCE, Answer.WATER_HERE, Answer.NEED_HELP)
ANSWERED, BY_HAND, TRUNK, ENDED = "answered", "by_hand", "trunk", "ended"


class Turn(StrEnum):
    """Where one contact of a chain stands."""

    LATER = "later"  # somebody before is still to be rung
    WAITING = "waiting"  # is next: at `due_at` by the machine, at any time by the relay desk
    RINGING = "ringing"  # the machine rings
    OVER = "over"


class ChainCall(SQLModel, table=True):
    """One contact of one village's chain, for one alert."""

    __tablename__ = "chain_call"
    __table_args__ = (
        Index("chain_call_village", "alert_id", "village_code", "place", unique=True),
        Index("chain_call_open", "state", "due_at", postgresql_where=text("state <> 'OVER'")),
    )

    id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(foreign_key="alert.id")
    mode: Mode
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False))
    place: int  # 0 is rung first
    contact_id: UUID
    role: str  # as it was at issue
    channel: str | None = None  # None: no machine rings, the relay desk does
    segment_id: UUID | None = None
    delivery_id: UUID | None = None
    priority: int
    state: Turn
    tries: int = 0
    outcome: str = ""  # of the last try, or why it is over
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


# The order of geo.people.Role; of two numbers the mobile: it lies beside the bed.
_WHO = text(
    """
SELECT c.id, lower(c.role::text) AS role, c.village_code, a.id AS address_id, a.nth,
       row_number() OVER (PARTITION BY c.village_code
           ORDER BY array_position(CAST(:roles AS text[]), lower(c.role::text)), c.rank, c.id) - 1 AS place
FROM contact c JOIN LATERAL (
    SELECT a.id, a.nth FROM address a WHERE a.owner_id = c.id AND a.audience = 'CONTACT' AND a.active
    AND a.kind IN ('SMS', 'VOICE') ORDER BY a.kind = 'VOICE', a.nth, a.id LIMIT 1) a ON true
WHERE c.village_code = ANY(:villages) AND lower(c.role::text) = ANY(:roles) AND c.village_code <> ALL(:told)
ORDER BY c.village_code, place
"""
)
# A hospital on the telephone, one home at its door and a stranger speak for themselves: the village's contacts are still rung.
_OF_THE_VILLAGE = (
    "r.answer = ANY(:proof) AND (r.contact_id IS NOT NULL "
    "OR r.keyed_by IS NOT NULL AND r.household_id IS NULL AND r.institution_id IS NULL AND r.caller_id IS NULL)"
)
PROVED = (
    "EXISTS (SELECT 1 FROM reply r WHERE r.alert_id = {alert} AND r.village_code = {village} "  # noqa: S608 - our own words
    f"AND {_OF_THE_VILLAGE})"
)
_TOLD = text(
    "SELECT DISTINCT village_code FROM reply r WHERE r.alert_id = ANY(:told) AND r.village_code IS NOT NULL "  # noqa: S608 - the same
    f"AND {_OF_THE_VILLAGE}"
)


def make(session: Session, alert: Alert, now: datetime, office: Office) -> list[Next]:
    """The chains of an alert that is being issued, in its very transaction. Twice is once.

    A village that has answered to what this alert continues without a new level (`told_by`) is not rung again.
    """
    settings = office.config.chain
    if alert.severity not in settings.levels or alert.kind not in (Kind.ALERT, Kind.UPDATE):
        return []
    told: list[str] = []
    if before := told_by(alert):
        told = list(session.execute(_TOLD, {"told": before, "proof": [p.value for p in PROOF]}).scalars())
    about = {"roles": [r.value for r in settings.roles], "villages": villages_of(alert), "told": told}
    people = session.execute(_WHO, about).all()
    trunk = next((c for c in office.channels.values() if c.needs == "voice" and not c.standby_for), None)
    if trunk is not None:
        segments = [_segment(alert, trunk, who, now, office) for who in people]
        insert_new(session, Segment, segments)
        insert_new(session, Delivery, [_delivery(s, who) for s, who in zip(segments, people, strict=True)])
    insert_new(session, ChainCall, [_call(alert, trunk, who, now) for who in people])
    return [Next("ring", trunk.name, ONE_OF_ITS_KIND)] if trunk is not None and people else []


def _ids(alert: Alert, trunk: Channel, who: Any) -> tuple[UUID, UUID]:
    """(segment, delivery). A delivery's id is half its segment's and half its address's, as everywhere."""
    segment = id_for("segment", alert.mode, alert.id, trunk.name, "chain", who.id)
    return segment, UUID(str(segment)[:19] + str(who.address_id)[-17:])


def _segment(alert: Alert, trunk: Channel, who: Any, now: datetime, office: Office) -> dict[str, object]:
    """Of one person. Not due before its turn: until then it is due when the alert ends, which closes it."""
    return {
        "id": _ids(alert, trunk, who)[0], "alert_id": alert.id, "mode": alert.mode, "channel": trunk.name,
        "audience": "contact", "tambon_code": who.village_code[:6], "first_nth": who.nth, "last_nth": who.nth,
        "priority": _priority(alert), "rung": 0, "state": "WAITING", "expanded": True, "outcome": "planned", "why": "",
        "retry_key": id_for("retry key", alert.mode, alert.id, trunk.name, "chain", who.id), "attempts": 0,
        "due_at": alert.expires_at, "expires_at": alert.expires_at,
    }  # fmt: skip


def _delivery(segment: dict[str, object], who: Any) -> dict[str, object]:
    return {
        "id": UUID(str(segment["id"])[:19] + str(who.address_id)[-17:]), "segment_id": segment["id"], "owner_id": who.id,
        "address_id": who.address_id, "village_code": who.village_code,
    }  # fmt: skip


def _call(alert: Alert, trunk: Channel | None, who: Any, now: datetime) -> dict[str, object]:
    segment, delivery = _ids(alert, trunk, who) if trunk else (None, None)
    return {
        "id": id_for("chain", alert.mode, alert.id, who.id), "alert_id": alert.id, "mode": alert.mode,
        "village_code": who.village_code, "place": who.place, "contact_id": who.id, "role": who.role,
        "channel": trunk.name if trunk else None, "segment_id": segment, "delivery_id": delivery,
        "priority": _priority(alert), "state": (Turn.LATER if who.place else Turn.WAITING).name, "tries": 0, "outcome": "",
        "due_at": now, "changed_at": now,
    }  # fmt: skip


def _priority(alert: Alert) -> int:
    return priority_of(alert.severity, alert.mode is Mode.EXERCISE) + 1


def advance(
    calls: Sequence[ChainCall], outcome: str, now: datetime, office: Office, *, final: bool = False
) -> None:
    """One try at the contact who was next brought no answer: again after a while, or the next one. calls: of one village, locked."""
    settings = office.config.chain
    current = next(c for c in calls if c.state in (Turn.WAITING, Turn.RINGING))
    current.tries, current.outcome, current.changed_at = current.tries + 1, outcome, now
    if not final and current.tries < settings.tries:
        current.state, current.due_at = Turn.WAITING, now + settings.again
        return
    current.state = Turn.OVER
    following = next((c for c in calls if c.state is Turn.LATER), None)
    if following is not None:
        following.state, following.due_at, following.changed_at = Turn.WAITING, now, now
