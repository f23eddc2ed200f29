"""What a field team sees and may press: its own missions, and those of its area that nobody has taken. Officers see all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from teams.response.mission import OVER, Mission, MissionState, MissionStep, advance, give, stepped
from teams.response.team import Team, known_areas

CALLED_OFF_STANDS = timedelta(hours=6)  # on the page of the team; about a shift, our own choice
STEPS = (MissionState.ACCEPTED, MissionState.EN_ROUTE, MissionState.ON_SCENE, MissionState.DONE)


class Actor(NamedTuple):
    """Who presses. by: a user's id. An officer of the centre acts on any mission, also on behalf of a team heard by radio."""

    by: str
    officer: bool
    team: Team | None = None

    def sees(self, mission: Mission) -> bool:
        return self.officer or self.owns(mission) or self.may_take(mission)

    def owns(self, mission: Mission) -> bool:
        return self.team is not None and mission.team_id == self.team.id

    def may_take(self, mission: Mission) -> bool:
        """Open, nobody's, and where this team is."""
        return (
            self.team is not None and self.team.active
            and mission.team_id is None and mission.state is MissionState.REQUESTED
            and self.team.serves(mission.village_code)
        )  # fmt: skip


def following(state: MissionState) -> MissionState | None:
    """The next of the four steps."""
    steps = (MissionState.REQUESTED, *STEPS)
    return steps[steps.index(state) + 1] if state in steps[:-1] else None


def open_missions(session: Session, mode: str, actor: Actor, tambon: str = "") -> list[Mission]:
    """One's own first, then by priority and the time it is due: life at risk stands first whatever the time."""
    wanted = select(Mission).where(
        Mission.mode == mode, col(Mission.state).not_in(OVER), col(Mission.village_code).startswith(tambon)
    )
    ordered = wanted.order_by(col(Mission.priority), col(Mission.due_at), col(Mission.id))
    seen = [mission for mission in session.exec(ordered) if actor.sees(mission)]
    return sorted(seen, key=lambda mission: not actor.owns(mission))


def called_off(session: Session, mode: str, actor: Actor, now: datetime) -> list[Mission]:
    """Missions a team had, or was given, that ended without it: whoever is on the way must read it. The newest first."""
    wanted = select(Mission).where(
        Mission.mode == mode, Mission.state == MissionState.CANCELLED, col(Mission.team_id).is_not(None),
        col(Mission.changed_at) > now - CALLED_OFF_STANDS,
    )  # fmt: skip
    ordered = wanted.order_by(col(Mission.changed_at).desc(), col(Mission.id))
    return [mission for mission in session.exec(ordered) if actor.sees(mission)]


def steps_of(session: Session, missions: Sequence[Mission]) -> dict[UUID, list[MissionStep]]:
    """Who moved each of these missions, oldest first."""
    wanted = select(MissionStep).where(col(MissionStep.mission_id).in_([m.id for m in missions]))
    found: dict[UUID, list[MissionStep]] = {}
    for step in session.exec(wanted.order_by(col(MissionStep.nth))):
        found.setdefault(step.mission_id, []).append(step)
    return found


def held(session: Session, mission_id: UUID, mode: str, actor: Actor) -> Mission:
    """A mission the actor may see, its row locked. Raises NotAllowed; what another team does is not told."""
    mission = session.get(Mission, mission_id, with_for_update=True)
    if mission is not None and mission.mode == mode:
        if actor.sees(mission):
            return mission
        if actor.team is not None and actor.team.serves(mission.village_code):
            raise NotAllowed("งานนี้ทีมอื่นหรือศูนย์รับไปแล้ว (another team or the centre has this mission)")
    raise NotAllowed("ไม่พบงานนี้ (no such mission)")


def take_step(
    session: Session, mission_id: UUID, mode: str, to: MissionState, actor: Actor, now: datetime, *,
    outcome: str = "", head_count: int | None = None,
) -> None:  # fmt: skip
    """One of the four steps; the first takes an open mission for the actor's team.

    A step the mission has already behind it changes nothing: a phone whose answer was lost presses again.
    Raises NotAllowed, and ValueError when `done` comes without outcome or head count.
    """
    mission = held(session, mission_id, mode, actor)
    if to not in STEPS:
        raise NotAllowed("ไม่พบขั้นนี้ (no such step)")
    if mission.state in STEPS and STEPS.index(to) <= STEPS.index(mission.state):
        return
    if to is MissionState.DONE:
        if not outcome.strip() or head_count is None:
            raise ValueError("a mission that is done needs its outcome and head count")
        mission.outcome, mission.head_count = outcome.strip()[:500], head_count
    elif to is MissionState.ACCEPTED and actor.may_take(mission) and actor.team is not None:
        mission.team_id = actor.team.id
    advance(mission, to, now)
    stepped(session, mission, actor.by, now)


def assign(
    session: Session, mission_id: UUID, mode: str, team_id: UUID | None, actor: Actor, now: datetime
) -> None:
    """An officer gives a mission to a team, or back to whoever is free. Twice is once. Raises NotAllowed."""
    if not actor.officer:
        raise NotAllowed("ศูนย์เป็นผู้มอบงาน (the centre assigns missions)")
    team = session.get(Team, team_id) if team_id else None
    if team_id and team is None:
        raise NotAllowed("ไม่พบทีมนี้ (no such team)")
    mission = held(session, mission_id, mode, actor)
    if give(mission, team, now):
        stepped(session, mission, actor.by, now)


def active_teams(session: Session) -> list[Team]:
    return list(session.exec(select(Team).where(col(Team.active).is_(True)).order_by(col(Team.name))))


def change_team(session: Session, team: Team, areas: Sequence[str], now: datetime) -> None:
    """Serve other areas from now on; missions it has stay its own. Raises NotAllowed."""
    wanted = known_areas(areas)
    if team.areas != wanted:
        team.areas, team.changed_at = wanted, now


def stand_down(session: Session, team: Team, by: str, now: datetime) -> int:
    """The team rests: its open missions go back to whoever is free; returns how many. Its members see nothing until it is up."""
    team.active, team.changed_at = False, now
    theirs = select(Mission).where(Mission.team_id == team.id, col(Mission.state).not_in(OVER))
    missions = session.exec(theirs.with_for_update()).all()
    for mission in missions:
        if give(mission, None, now):
            stepped(session, mission, by, now)
    return len(missions)


def stand_up(team: Team, now: datetime) -> None:
    team.active, team.changed_at = True, now
