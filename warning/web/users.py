"""The administrator's page of users: who may come in, when they were last seen, and shutting them out at once."""

from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from geo.errors import NotAllowed
from geo.when import english_text, thai_text
from warning.accounts.admin import change_areas, change_roles, deactivate, end_sessions, everybody, reactivate
from warning.accounts.user import ROLE_WORDS, User, UserRole, make_link, make_user
from warning.web.areas import amphoes, area_words
from warning.web.catalogue import say
from warning.web.handed import Handed, handed
from warning.web.render import language_of, must, office_of, render
from warning.words.one_language import one_language

router = APIRouter()
ACTS = {"deactivate": deactivate, "reactivate": reactivate, "end": end_sessions}


@router.get("/users")
def users(request: Request, done: str = "") -> Response:
    return _users(request, done=done if done in (*ACTS, "roles", "areas") else "")


@router.post("/users")
def add(request: Request, name: str = Form(""), roles: list[UserRole] = Form(default=[])) -> Response:  # noqa: B008
    person, office = must(request, UserRole.ADMINISTRATOR), office_of(request)
    if not roles:
        return _users(request, problem=say(language_of(request), "users_no_role"), name=name)
    try:
        with office.database.session() as session:
            session.info["actor"] = str(person.id)
            user = make_user(session, name, roles, office.clock.now())
            token = make_link(session, user.id, office.clock.now(), str(person.id))
    except NotAllowed as error:
        return _users(request, problem=str(error))
    return _users(request, link=handed(request, user.name, token))


@router.post("/users/{user_id}/link")
def another(request: Request, user_id: UUID) -> Response:
    person, office = must(request, UserRole.ADMINISTRATOR), office_of(request)
    try:
        with office.database.session() as session:
            name = session.get_one(User, user_id).name
            token = make_link(session, user_id, office.clock.now(), str(person.id))
    except NotAllowed as error:
        return _users(request, problem=str(error), at=user_id)
    return _users(request, link=handed(request, name, token))


@router.post("/users/{user_id}/roles")
def roles_of(request: Request, user_id: UUID, roles: list[UserRole] = Form(default=[])) -> Response:  # noqa: B008
    person, office = must(request, UserRole.ADMINISTRATOR), office_of(request)
    try:
        with office.database.session() as session:
            change_roles(session, user_id, roles, str(person.id), office.clock.now())
    except NotAllowed as error:
        return _users(request, problem=str(error), at=user_id)
    return RedirectResponse("/users?done=roles", status_code=303)


@router.post("/users/{user_id}/areas")
def areas_of(request: Request, user_id: UUID, areas: list[str] = Form(default=[])) -> Response:  # noqa: B008
    person, office = must(request, UserRole.ADMINISTRATOR), office_of(request)
    try:
        with office.database.session() as session:
            change_areas(session, user_id, areas, str(person.id), office.clock.now())
    except NotAllowed as error:
        return _users(request, problem=str(error), at=user_id)
    return RedirectResponse("/users?done=areas", status_code=303)


@router.post("/users/{user_id}/{act}")
def act_on(request: Request, user_id: UUID, act: str) -> Response:
    person, office = must(request, UserRole.ADMINISTRATOR), office_of(request)
    if act not in ACTS:
        raise NotAllowed("ไม่รู้จักคำสั่งนี้ (no such act)")
    try:
        with office.database.session() as session:
            ACTS[act](session, user_id, str(person.id), office.clock.now())
    except NotAllowed as error:
        return _users(request, problem=str(error), at=user_id)
    return RedirectResponse(f"/users?done={act}", status_code=303)


def _users(
    request: Request, *, link: Handed | None = None, done: str = "", problem: str = "", at: UUID | None = None,
    name: str = "",
) -> Response:  # fmt: skip
    must(request, UserRole.ADMINISTRATOR)
    office = office_of(request)
    lang = language_of(request)
    with office.database.session() as session:
        lines = everybody(session, office.clock.now())
    return render(
        request, "users.html", status=409 if problem else 200, lines=lines, words=ROLE_WORDS, roles=list(UserRole),
        moment=thai_text if lang == "th" else english_text, link=link, done=done,
        problem=one_language(problem, lang), at_user=at, typed_name=name, amphoes=amphoes(),
        area_words=area_words(lang),
    )  # fmt: skip
