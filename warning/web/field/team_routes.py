"""The page of teams: an officer or an administrator makes a team, puts members in, and hands out the link of a phone.

Only users who are nothing but team members are touched here: the doors of the office are the administrator's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from teams.response.field import change_team, stand_down, stand_up
from teams.response.team import Team, make_team
from warning.accounts.admin import end_sessions, everybody, join_team
from warning.accounts.user import Person, User, UserRole, make_link, make_user
from warning.web.handed import Handed, handed
from warning.web.paper import paper
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter(prefix="/field/teams")
MAY = (UserRole.DUTY_OFFICER, UserRole.ADMINISTRATOR)


@contextmanager
def _pressed(request: Request) -> Iterator[tuple[Session, Person]]:
    """A transaction in the presser's name. Raises NotAllowed for whoever may not."""
    person = must(request, *MAY)
    with office_of(request).database.session() as session:
        session.info["actor"] = str(person.id)
        yield session, person


@router.get("")
def teams(request: Request) -> Response:
    return _page(request)


@router.post("")
def add(request: Request, name: str = Form(""), areas: list[str] = Form(default=[])) -> Response:  # noqa: B008
    now = office_of(request).clock.now()
    try:
        with _pressed(request) as (session, _):
            team = make_team(session, name, areas, now)
    except NotAllowed as error:
        return _page(request, problem=str(error), typed=name)
    return _back(team.id)


@router.post("/{team_id}/areas")
def areas_of(request: Request, team_id: UUID, areas: list[str] = Form(default=[])) -> Response:  # noqa: B008
    now = office_of(request).clock.now()
    try:
        with _pressed(request) as (session, _):
            change_team(session, session.get_one(Team, team_id), areas, now)
    except NotAllowed as error:
        return _page(request, problem=str(error), at=team_id)
    return _back(team_id)


@router.post("/{team_id}/down")
def down(request: Request, team_id: UUID) -> Response:
    with _pressed(request) as (session, person):
        stand_down(session, session.get_one(Team, team_id), str(person.id), office_of(request).clock.now())
    return _back(team_id)


@router.post("/{team_id}/up")
def up(request: Request, team_id: UUID) -> Response:
    with _pressed(request) as (session, _):
        stand_up(session.get_one(Team, team_id), office_of(request).clock.now())
    return _back(team_id)


@router.post("/{team_id}/members")
def add_member(
    request: Request,
    team_id: UUID,
    name: str = Form(""),
    user: UUID | None = Form(None),  # noqa: B008
) -> Response:
    """A new person by name, with their link; or a team member who is in no team yet."""
    now = office_of(request).clock.now()
    try:
        with _pressed(request) as (session, person):
            team = session.get_one(Team, team_id)
            member = (
                _member(session, user) if user else make_user(session, name, (UserRole.TEAM_MEMBER,), now)
            )
            join_team(session, member.id, team, str(person.id), now)
            token = make_link(session, member.id, now, str(person.id))
    except NotAllowed as error:
        return _page(request, problem=str(error), at=team_id)
    return _page(request, link=handed(request, member.name, token), at=team_id)


@router.post("/members/{user_id}/link")
def link_of(request: Request, user_id: UUID) -> Response:
    now = office_of(request).clock.now()
    try:
        with _pressed(request) as (session, person):
            member = _member(session, user_id)
            token = make_link(session, user_id, now, str(person.id))
    except NotAllowed as error:
        return _page(request, problem=str(error))
    return _page(request, link=handed(request, member.name, token), at=member.team_id)


@router.post("/members/{user_id}/end")
def end(request: Request, user_id: UUID) -> Response:
    """A phone was lost: every browser of this member is signed out."""
    with _pressed(request) as (session, person):
        member = _member(session, user_id)
        end_sessions(session, user_id, str(person.id), office_of(request).clock.now())
    return _back(member.team_id)


@router.post("/members/{user_id}/leave")
def leave(request: Request, user_id: UUID) -> Response:
    with _pressed(request) as (session, person):
        team_id = _member(session, user_id).team_id
        join_team(session, user_id, None, str(person.id), office_of(request).clock.now())
    return _back(team_id)


def _member(session: Session, user_id: UUID) -> User:
    user = session.get_one(User, user_id)
    if user.roles != [UserRole.TEAM_MEMBER.value]:
        raise NotAllowed(
            "คนนี้ไม่ใช่สมาชิกทีมอย่างเดียว ให้ผู้ดูแลระบบทำ (not only a team member: the administrator must do this)"
        )
    return user


def _back(team_id: UUID | None) -> Response:
    return RedirectResponse(f"/field/teams#t{team_id.hex}" if team_id else "/field/teams", status_code=303)


def _page(
    request: Request,
    *,
    link: Handed | None = None,
    problem: str = "",
    at: UUID | None = None,
    typed: str = "",
) -> Response:
    must(request, *MAY)
    office = office_of(request)
    with office.database.session() as session:
        found = list(session.exec(select(Team).order_by(col(Team.active).desc(), col(Team.name))))
        lines = [line for line in everybody(session, office.clock.now()) if line.user.active]
    members = [line for line in lines if UserRole.TEAM_MEMBER.value in line.user.roles]
    places = gazetteer()
    return paper(
        request, "field/teams.html", status=409 if problem else 200, teams=found, members=members,
        amphoes=[(a, places.tambons_of(a.code)) for a in places.amphoes.values()],
        link=link, problem=one_language(problem, language_of(request)), at_team=at, typed=typed,
    )  # fmt: skip
