"""Groups that are closed to us (an OpenChat, another office's account inside): a person posts the words there and says where.

Posted is a word of its own. Nobody is reached by it in any count: it shows where people may have read it, and where the end of the
warning has to be posted too. A place is posted to once an alert, whoever presses.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from geo.errors import NotAllowed
from geo.names import id_for
from warning.alert import Alert, AlertState, Mode
from warning.audit import record
from warning.store.insert import insert_new

MOST_LETTERS = 80
MOST_SHOWN = 20


class Posted(SQLModel, table=True):
    """One alert in one group."""

    __table_args__ = (Index("posted_alert", "alert_id"), Index("posted_at", "mode", "at"))

    id: UUID = Field(primary_key=True)  # made of alert and place: twice is once
    alert_id: UUID = Field(foreign_key="alert.id")
    mode: Mode
    place: str  # the group's name as people there call it; never a person's
    by: str  # a user's id
    by_name: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Group(NamedTuple):
    """A group that was posted to before and not yet for this alert. had_old: it has the words that this alert ends or changes."""

    place: str
    had_old: bool


_BEFORE = text(
    "SELECT p.place, bool_or(p.alert_id = ANY(CAST(:old AS uuid[]))) AS had_old FROM posted p JOIN alert a ON a.id = p.alert_id "
    "WHERE p.mode = :mode AND p.alert_id <> :alert AND p.place NOT IN (SELECT place FROM posted WHERE alert_id = :alert) "
    "AND (p.alert_id = ANY(CAST(:old AS uuid[])) OR CAST(a.tambons AS jsonb) ?| CAST(:tambons AS text[])) "
    "GROUP BY p.place ORDER BY had_old DESC, max(p.at) DESC LIMIT :most"
)


def say_posted(
    session: Session, alert_id: UUID, place: str, by: tuple[str, str], mode: Mode, now: datetime
) -> bool:
    """Write down that it was posted there. by: a user's id and name. False: somebody had said so before. Raises NotAllowed,
    worded for the officer."""
    called = " ".join(place.split())
    if not called:
        raise NotAllowed("ใส่ชื่อกลุ่มที่โพสต์ (give the name of the group it was posted in)")
    if len(called) > MOST_LETTERS:
        raise NotAllowed(f"ชื่อกลุ่มยาวเกิน {MOST_LETTERS} ตัวอักษร (a name of more than {MOST_LETTERS} letters)")
    alert = session.get(Alert, alert_id)
    if alert is None or alert.mode is not mode or alert.state is not AlertState.ISSUED:
        raise NotAllowed("การเตือนนี้ไม่มีผลแล้ว (this alert is no longer in force)")
    row = {"id": id_for("posted", alert_id, called.casefold()), "alert_id": alert_id, "mode": mode, "place": called,
           "by": by[0], "by_name": by[1], "at": now}  # fmt: skip
    if not insert_new(session, Posted, [row], returning=("id",)):
        return False
    record(session, "posted.said", "alert", alert_id, {"place": called}, now)
    return True


def posted_of(session: Session, alert_id: UUID) -> list[Posted]:
    """Where an alert was posted, in the order in which it was."""
    return list(session.exec(select(Posted).where(Posted.alert_id == alert_id).order_by(col(Posted.at))))


def groups_left(session: Session, alert: Alert) -> list[Group]:
    """Groups posted to before for these places and not yet for this alert; those that have the old words first."""
    asked = {
        "alert": alert.id, "mode": alert.mode.name, "old": list(alert.references), "tambons": list(alert.tambons),
        "most": MOST_SHOWN,
    }  # fmt: skip
    return [Group(place, had_old) for place, had_old in session.execute(_BEFORE, asked)]
