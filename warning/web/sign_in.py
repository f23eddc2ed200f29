"""Signing in with a link or a code for one use, and signing out."""

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from geo.errors import NotAllowed
from warning.accounts.user import FIELD_SESSION_FOR, code_of, sign_out, use_link, who
from warning.web.render import COOKIE, language_of, office_of, render
from warning.words.one_language import one_language

router = APIRouter()


@router.get("/sign-in")
@router.get("/sign-in/code")
def ask_code(request: Request) -> Response:
    """For whoever was told a code over the telephone."""
    return render(request, "sign_in.html", token="", problem="")


@router.post("/sign-in/code")
def enter_code(request: Request, code: str = Form("")) -> Response:
    return _enter(request, code_of(code))


@router.get("/sign-in/{token}")
def ask(request: Request, token: str) -> Response:
    """Only a button: a preview of the link must not use it up."""
    return render(request, "sign_in.html", token=token, problem="")


@router.post("/sign-in/{token}")
def enter(request: Request, token: str) -> Response:
    return _enter(request, token)


def _enter(request: Request, token: str) -> Response:
    office = office_of(request)
    now = office.clock.now()
    try:
        with office.database.session() as session:
            made = use_link(session, token, now)
            person = who(session, made, now)
    except NotAllowed as error:
        problem = one_language(str(error), language_of(request))
        return render(request, "sign_in.html", status=409, token="", problem=problem)
    answer = RedirectResponse("/", status_code=303)
    # A desk forgets with its browser; a phone that was put to sleep in the field stays signed in.
    keep = int(FIELD_SESSION_FOR.total_seconds()) if person and person.only_field else None
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, made, max_age=keep, httponly=True, samesite="lax", secure=secure)
    return answer


@router.post("/sign-out")
def leave(request: Request) -> Response:
    office = office_of(request)
    with office.database.session() as session:
        sign_out(session, request.state.session_token, office.clock.now())
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer
