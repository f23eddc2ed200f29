"""Who presses a button of the field: an officer of the centre, or a member of one team."""

from fastapi import Request
from sqlmodel import Session

from teams.response.field import Actor
from teams.response.team import Team
from warning.accounts.user import UserRole
from warning.web.render import must

OFFICERS = (UserRole.DUTY_OFFICER, UserRole.APPROVER)


def actor_of(request: Request, session: Session) -> Actor:
    """Raises NotAllowed for whoever is neither. What is changed in this session is theirs in the audit trail."""
    person = must(request, *OFFICERS, UserRole.TEAM_MEMBER)
    session.info["actor"] = str(person.id)
    team = session.get(Team, person.team_id) if person.team_id else None
    return Actor(str(person.id), person.may(*OFFICERS), team if team and team.active else None)
