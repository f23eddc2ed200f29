"""One way to make a page: a template, its values, and what every page shows (mode, who is signed in, language)."""

from datetime import datetime
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from geo.errors import NotAllowed
from geo.when import clock_text, english_text, thai_text
from warning.accounts.user import Person, UserRole, csrf_of
from warning.alert import Mode
from warning.office import Office
from warning.web.assets import asset
from warning.web.catalogue import LANGUAGES, say
from warning.web.whole import kept
from warning.words.sentences import number_text

COOKIE = "raksa_session"
LANGUAGE_COOKIE = "raksa_language"
_pages = Environment(
    loader=PackageLoader("warning.web", "templates"), autoescape=select_autoescape(default=True),
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_pages.globals["asset"] = asset
_pages.globals["kept"] = kept
_pages.filters["clock"] = clock_text


def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def person_of(request: Request) -> Person | None:
    """Who asks: set for each request by the app."""
    person: Person | None = getattr(request.state, "person", None)
    return person


def must(request: Request, *roles: UserRole) -> Person:
    """Who asks, with one of the roles (any signed-in person when none is named). Raises NotAllowed."""
    person = person_of(request)
    if person is None:
        raise SignInNeeded("กรุณาเข้าสู่ระบบด้วยลิงก์จากผู้ดูแล (please sign in with a link of the administrator)")
    if roles:
        person.must(*roles)
    return person


class SignInNeeded(NotAllowed):
    """Nobody is signed in."""


def language_of(request: Request) -> str:
    """Thai unless the reader chose English."""
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else "th"


def page(request: Request, template: str, **values: Any) -> str:
    """The text of a page or fragment."""
    office, lang = office_of(request), language_of(request)
    now: datetime = office.clock.now()
    token = getattr(request.state, "session_token", None)
    return _pages.get_template(template).render(
        lang=lang, t=partial(say, lang), numbered=partial(number_text, lang=lang), now=now,
        now_text=(thai_text if lang == "th" else english_text)(now),
        exercise=office.mode is Mode.EXERCISE, nobody_told=office.mode is Mode.ACTUAL and not office.anyone_told,
        person=person_of(request), csrf=csrf_of(token) if token else "", path=request.url.path,
        office_name=office.config.office.name_th if lang == "th" else office.config.office.name_en,
        office_phone=office.config.office.phone, **values,
    )  # fmt: skip


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page. HTML is never kept by browsers: what is shown must be now."""
    answer = HTMLResponse(page(request, template, **values), status_code=status)
    answer.headers["Cache-Control"] = "no-store"
    chosen = request.query_params.get("lang")
    if chosen in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=31_536_000, samesite="lax")
    return answer
