"""Work with a name on it: what one person or team goes out to do, and the one table of its states."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, String
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed


class MissionKind(StrEnum):
    TELL_VILLAGE = "tell_village"  # nobody of the village answered: ring or go
    SILENT_HOMES = "silent_homes"  # one door-knock task a village for all its silent homes
    VULNERABLE_HOME = "vulnerable_home"  # one home whose people cannot leave alone
    RESCUE = "rescue"  # somebody asked for help


class MissionState(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"
    CANCELLED = "cancelled"


NEXT: dict[MissionState, set[MissionState]] = {
    MissionState.REQUESTED: {MissionState.ACCEPTED, MissionState.CANCELLED},
    MissionState.ACCEPTED: {MissionState.EN_ROUTE, MissionState.CANCELLED},
    MissionState.EN_ROUTE: {MissionState.ON_SCENE, MissionState.CANCELLED},
    MissionState.ON_SCENE: {MissionState.DONE, MissionState.CANCELLED},
    MissionState.DONE: set(),
    MissionState.CANCELLED: set(),
}


class Mission(SQLModel, table=True):
    """`priority` 1 threat to life now .. 4 supply. `assigned_to` is the contact it is given to; it may be nobody yet."""

    __table_args__ = (Index("mission_open", "mode", "state", "priority"),)

    id: UUID = Field(primary_key=True)
    mode: str  # actual | exercise
    alert_id: UUID | None = None
    kind: MissionKind
    state: MissionState = MissionState.REQUESTED
    priority: int
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False, index=True))
    household_id: UUID | None = None
    homes: int = 1
    people: int | None = None
    assigned_to: UUID | None = None  # a contact's id
    assigned_role: str = ""
    why: str
    outcome: str | None = None
    head_count: int | None = None
    requested_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def advance(mission: Mission, to: MissionState, now: datetime) -> None:
    """Move a mission one step. Raises NotAllowed, worded for the person who pressed the button."""
    if to not in NEXT[mission.state]:
        raise NotAllowed(
            f"ภารกิจนี้อยู่ในสถานะ {mission.state} จึงเปลี่ยนเป็น {to} ไม่ได้ "
            f"(a mission that is {mission.state} cannot become {to})"
        )
    mission.state, mission.changed_at = to, now
