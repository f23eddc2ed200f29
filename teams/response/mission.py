"""Work with a name on it: what one person or team goes out to do, the one table of its states, and who took each step."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, String, UniqueConstraint, func
from sqlmodel import Field, Session, SQLModel, select

from geo.errors import NotAllowed
from geo.names import id_for
from teams.response.team import Team


class MissionKind(StrEnum):
    TELL_VILLAGE = "tell_village"  # nobody of the village answered: ring or go
    SILENT_HOMES = "silent_homes"  # one door-knock task a village for all its silent homes
    VULNERABLE_HOME = "vulnerable_home"  # one home whose people cannot leave alone
    RESCUE = "rescue"  # somebody asked for help
    CALL_INSTITUTION = "call_institution"  # a house with people who cannot leave alone says nothing: ring it


class MissionState(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"
    CANCELLED = "cancelled"


STATE_WORDS: dict[MissionState, tuple[str, str]] = {
    MissionState.REQUESTED: ("รอคนรับ", "waiting"),
    MissionState.ACCEPTED: ("รับงานแล้ว", "accepted"),
    MissionState.EN_ROUTE: ("กำลังเดินทาง", "on its way"),
    MissionState.ON_SCENE: ("ถึงที่แล้ว", "on scene"),
    MissionState.DONE: ("เสร็จแล้ว", "done"),
    MissionState.CANCELLED: ("ยกเลิกแล้ว", "cancelled"),
}
# Back to REQUESTED: given to another team, whose own four steps begin.
NEXT: dict[MissionState, set[MissionState]] = {
    MissionState.REQUESTED: {MissionState.ACCEPTED, MissionState.CANCELLED},
    MissionState.ACCEPTED: {MissionState.EN_ROUTE, MissionState.REQUESTED, MissionState.CANCELLED},
    MissionState.EN_ROUTE: {MissionState.ON_SCENE, MissionState.REQUESTED, MissionState.CANCELLED},
    MissionState.ON_SCENE: {MissionState.DONE, MissionState.REQUESTED, MissionState.CANCELLED},
    MissionState.DONE: set(),
    MissionState.CANCELLED: set(),
}
OVER = (MissionState.DONE, MissionState.CANCELLED)


class Mission(SQLModel, table=True):
    """`priority` 1 threat to life now .. 4 supply. `assigned_to` is the contact of the village who should do it, `team_id`
    the field team that was given it or took it; either may be nobody yet."""

    __table_args__ = (Index("mission_open", "mode", "state", "priority"),)

    id: UUID = Field(primary_key=True)
    mode: str  # actual | exercise
    alert_id: UUID | None = None
    kind: MissionKind
    state: MissionState = MissionState.REQUESTED
    priority: int
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False, index=True))
    household_id: UUID | None = None
    institution_id: UUID | None = None
    homes: int = 1
    people: int | None = None
    assigned_to: UUID | None = None  # a contact's id
    assigned_role: str = ""
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    why: str
    outcome: str | None = None
    head_count: int | None = None
    requested_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class MissionStep(SQLModel, table=True):
    """One move of a mission and who made it. `nth` counts from 1; rows are added, never changed."""

    __tablename__ = "mission_step"
    __table_args__ = (UniqueConstraint("mission_id", "nth"),)

    id: UUID = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    nth: int
    state: MissionState
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
    by: str  # a user's id, or `system`
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def advance(mission: Mission, to: MissionState, now: datetime) -> None:
    """Move a mission one step. Raises NotAllowed, worded for the person who pressed the button."""
    if to not in NEXT[mission.state]:
        (is_th, is_en), (to_th, to_en) = STATE_WORDS[mission.state], STATE_WORDS[to]
        raise NotAllowed(
            f"ภารกิจนี้{is_th} จึงเปลี่ยนเป็น{to_th}ไม่ได้ (this mission is {is_en}: it cannot become {to_en})"
        )
    mission.state, mission.changed_at = to, now


def stepped(session: Session, mission: Mission, by: str, now: datetime) -> None:
    """Note who moved a mission to where it is now. The caller holds the mission's row. by: a user's id, or `system`."""
    before = select(func.count()).select_from(MissionStep).where(MissionStep.mission_id == mission.id)
    nth = int(session.exec(before).one()) + 1
    session.add(
        MissionStep(
            id=id_for("mission step", mission.id, nth), mission_id=mission.id, nth=nth, state=mission.state,
            team_id=mission.team_id, by=by, at=now,
        )
    )  # fmt: skip


def call_off(session: Session, mission: Mission, why: str, by: str, now: datetime) -> None:
    """Nobody need go any more. Whoever took it or was given it finds in its steps that it ended, and why in its outcome.

    The caller holds the mission's row. why: `ไทย (English)`. Raises NotAllowed when the mission is over.
    """
    somebodys = mission.team_id is not None or mission.state is not MissionState.REQUESTED
    mission.outcome = why
    advance(mission, MissionState.CANCELLED, now)
    if somebodys:
        stepped(session, mission, by, now)


def give(mission: Mission, team: Team | None, now: datetime) -> bool:
    """Give a mission to a team, or back to whoever is free (None). False when it is theirs already.

    Work another had begun begins anew. Raises NotAllowed when the mission is over or the team stood down.
    """
    if team is not None and not team.active:
        raise NotAllowed(f"ทีม {team.name} พักอยู่ (the team {team.name} is stood down)")
    if mission.state in OVER:
        th, en = STATE_WORDS[mission.state]
        raise NotAllowed(f"ภารกิจนี้{th} (this mission is {en})")
    wanted = team.id if team else None
    if mission.team_id == wanted:
        return False
    if mission.state is not MissionState.REQUESTED:
        advance(mission, MissionState.REQUESTED, now)
    mission.team_id, mission.changed_at = wanted, now
    return True
