"""Signing in with a link for one use, signing out, and the administrator's page of users."""

from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from warning.accounts.user import ROLE_WORDS, User, UserRole, make_link, make_user, sign_out, use_link
from warning.web.render import COOKIE, must, office_of, render

router = APIRouter()


@router.get("/sign-in/{token}")
def ask(request: Request, token: str) -> Response:
    """Only a button: a preview of the link must not use it up."""
    return render(request, "sign_in.html", token=token)


@router.post("/sign-in/{token}")
def enter(request: Request, token: str) -> Response:
    office = office_of(request)
    with office.database.session() as session:
        made = use_link(session, token, office.clock.now())
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(COOKIE, made, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return answer


@router.post("/sign-out")
def leave(request: Request) -> Response:
    with office_of(request).database.session() as session:
        sign_out(session, request.state.session_token, office_of(request).clock.now())
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/users")
def users(request: Request) -> Response:
    return _users(request)


@router.post("/users")
def add(request: Request, name: str = Form(), roles: list[UserRole] = Form(default=[])) -> Response:  # noqa: B008
    must(request, UserRole.ADMINISTRATOR)
    office = office_of(request)
    with office.database.session() as session:
        user = make_user(session, name, roles, office.clock.now())
        link = f"/sign-in/{make_link(session, user.id, office.clock.now())}"
    return _users(request, link, name)


@router.post("/users/{user_id}/link")
def another(request: Request, user_id: UUID) -> Response:
    must(request, UserRole.ADMINISTRATOR)
    office = office_of(request)
    with office.database.session() as session:
        name = session.get_one(User, user_id).name
        link = f"/sign-in/{make_link(session, user_id, office.clock.now())}"
    return _users(request, link, name)


def _users(request: Request, link: str = "", link_for: str = "") -> Response:
    must(request, UserRole.ADMINISTRATOR)
    with office_of(request).database.session() as session:
        everybody = list(session.exec(select(User).order_by(col(User.made_at))))
    return render(
        request,
        "users.html",
        everybody=everybody,
        words=ROLE_WORDS,
        roles=list(UserRole),
        link=link,
        link_for=link_for,
    )
