"""What the relay desk writes down: who rings which village, and answers of telephone, radio and paper on their behalf.

It works with no carrier and no registry at all: a village is enough.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, DateTime, String
from sqlmodel import Field, Session, SQLModel

from channels.contract import Answer
from geo.errors import NotAllowed
from geo.names import id_for
from teams.response.village_water import VillageWater, WaterState
from warning.alert import Alert
from warning.alert_places import villages_of
from warning.audited import audited, insert_audited
from warning.delivery import ReplyRow
from warning.office import Office
from warning.step import SEVERE, Next
from warning.store.insert import upsert

VIA = ("phone", "radio", "paper")
HOLD_FOR = timedelta(minutes=10)  # a village somebody took and forgot is free again; our own choice
MOST_HOMES = 5_000  # more homes than any village of the province has: a slip of the finger
_BY_DESK = frozenset(
    {Answer.WILL_ANNOUNCE, Answer.ANNOUNCED, Answer.NO_ANSWER, Answer.NEED_HELP, Answer.WATER_HERE}
)


class RelayClaim(SQLModel, table=True):
    """Who rings a village now, so that two people do not. The newest claim counts."""

    __tablename__ = "relay_claim"

    alert_id: UUID = Field(primary_key=True, foreign_key="alert.id")
    village_code: str = Field(sa_column=Column(String(8, collation="C"), primary_key=True))
    user_id: UUID
    user_name: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


@dataclass(frozen=True)
class Said:
    """One answer as the officer heard it. `heard_from` is a post (ผู้ใหญ่บ้าน ม.3), never a private name."""

    event_id: str  # made with the form: pressing twice is once
    answer: Answer
    via: str  # phone | radio | paper
    heard_from: str
    homes: int | None = None
    people: int | None = None
    water: WaterState | None = None
    since: datetime | None = None  # aware UTC: since when the water is there


def village_alert(session: Session, alert_id: UUID, village: str) -> Alert:
    """The issued alert that speaks to this village. Raises NotAllowed when there is none."""
    alert = session.get(Alert, alert_id)
    if alert is None or alert.issued_at is None or village not in villages_of(alert):
        raise NotAllowed("ไม่มีการเตือนนี้สำหรับหมู่บ้านนี้ (no such alert for this village)")
    return alert


def claim(
    session: Session, alert_id: UUID, village: str, user_id: UUID, user_name: str, now: datetime
) -> None:
    """Take a village to ring it. Taking over from somebody else is allowed: at night the list matters, not the desk."""
    village_alert(session, alert_id, village)
    row = {
        "alert_id": alert_id,
        "village_code": village,
        "user_id": user_id,
        "user_name": user_name,
        "at": now,
    }
    upsert(session, RelayClaim, [row])


def keyed(
    session: Session, alert_id: UUID, village: str, said: Said, keyed_by: UUID, now: datetime, office: Office
) -> list[Next]:
    """Write one answer on behalf of a village. Twice is once.

    Raises NotAllowed, worded for the officer: no such alert, an answer the desk cannot give, nobody named who said it,
    a count of homes no village has.
    """
    alert = village_alert(session, alert_id, village)
    if said.answer not in _BY_DESK or said.via not in VIA:
        raise NotAllowed("เลือกคำตอบและทางที่ได้ยิน (choose the answer and how it was heard)")
    if said.answer is not Answer.NO_ANSWER and not said.heard_from.strip():
        raise NotAllowed("ใครเป็นผู้แจ้ง กรุณาใส่ตำแหน่ง (who said so? please give the post)")
    for number in (said.homes, said.people):
        if number is not None and not 0 <= number <= MOST_HOMES:
            raise NotAllowed(f"จำนวนต้องอยู่ระหว่าง 0 ถึง {MOST_HOMES:,} (a number from 0 to {MOST_HOMES:,})")
    row = ReplyRow(
        id=id_for("reply", "relay", alert_id, village, said.event_id), alert_id=alert.id, mode=alert.mode,
        village_code=village, answer=said.answer.value, homes=said.homes, people=said.people, via=said.via,
        keyed_by=str(keyed_by), heard_from=said.heard_from.strip()[:120] or None, at=now, received_at=now,
    )  # fmt: skip
    if not audited(session, row):
        return []
    if said.answer is Answer.WATER_HERE and said.water is not None:
        water_seen(session, row, said.water, said.since or now, row.heard_from or "officer on behalf")
    return [Next("heard", str(row.id), SEVERE)]


def water_seen(session: Session, said: ReplyRow, state: WaterState, since: datetime, by: str) -> None:
    """What exactly the water does. It has the id the step `heard` would give its own coarser row, so it stands instead."""
    row = {
        "id": id_for("village water", said.id), "mode": said.mode.value, "village_code": said.village_code,
        "state": state, "since": since, "reported_at": said.at, "reported_by": by, "alert_id": said.alert_id,
    }  # fmt: skip
    insert_audited(session, VillageWater, [row])
