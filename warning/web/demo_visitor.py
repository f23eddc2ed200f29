"""Whoever opens the demo is its trainee: signed in by opening the page, because nothing in an exercise's own database is real.

`/demo/team` makes the visitor a member of the demo's field team; signing out makes them the trainee again.
"""

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import text
from sqlmodel import Session, SQLModel, select

from teams.response.team import Team, make_team
from warning.accounts.admin import join_team
from warning.accounts.user import User, UserRole, make_user, sign_in
from warning.audit import SYSTEM
from warning.office import Office
from warning.web.render import COOKIE, office_of

Row = TypeVar("Row", bound=SQLModel)
TRAINEE = "ผู้ฝึก / trainee"
MEMBER = "สมาชิกทีมฝึก / team trainee"
TEAM = "ทีมเรือ 1 (ฝึกซ้อม) / boat team 1 (exercise)"
TEAM_AREAS = ("9301", "9311")  # Mueang and Srinagarindra: along Khlong Na Thom, where the night is flooded
router = APIRouter(prefix="/demo")  # only where `make_app(demo=True)` puts it


def demo_token(office: Office) -> str:
    """A session of the trainee, who may do what every role may."""
    with office.database.session() as session:
        _team(session, office)  # there from the first page, so that work can be given to it
        roles = (UserRole.DUTY_OFFICER, UserRole.APPROVER, UserRole.RELIEF_OFFICER)
        return sign_in(session, _user(session, office, TRAINEE, *roles).id, office.clock.now())


@router.get("/team")
def as_a_team(request: Request) -> Response:
    """The field as its team sees it."""
    office = office_of(request)
    with office.database.session() as session:
        member, now = _user(session, office, MEMBER, UserRole.TEAM_MEMBER), office.clock.now()
        join_team(session, member.id, _team(session, office), SYSTEM, now)
        token = sign_in(session, member.id, now)
    answer = RedirectResponse("/field", status_code=303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax")
    return answer


def _user(session: Session, office: Office, name: str, *roles: UserRole) -> User:
    return _there(
        session,
        lambda: session.exec(select(User).where(User.name == name)).first(),
        lambda: make_user(session, name, roles, office.clock.now()),
    )


def _team(session: Session, office: Office) -> Team:
    return _there(
        session,
        lambda: session.exec(select(Team).where(Team.name == TEAM)).first(),
        lambda: make_team(session, TEAM, TEAM_AREAS, office.clock.now()),
    )


def _there(session: Session, find: Callable[[], Row | None], make: Callable[[], Row]) -> Row:
    """Made by the first visitor; a browser asks for several things at once, so those beside wait and find it."""
    if found := find():
        return found
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('demo visitor'))"))
    return find() or make()
