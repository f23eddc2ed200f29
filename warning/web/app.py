"""The pages of one office: routes put together, who is asking found out, errors told in words, headers set."""

import re
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DataError, NoResultFound
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from geo.errors import NotAllowed
from warning.accounts.user import csrf_right, who
from warning.alert import Mode
from warning.office import Office
from warning.web import demo_visitor
from warning.web.assets import Pressed
from warning.web.catalogue import say
from warning.web.demo_visitor import demo_token
from warning.web.field.gate import turned_away
from warning.web.hooks.door import Door
from warning.web.public.changed import public_mark
from warning.web.public.kept import Kept
from warning.web.render import COOKIE, LANGUAGE_COOKIE, SignInNeeded, language_of, render
from warning.web.routers import ROUTERS
from warning.words.one_language import one_language
from warning.words.sentences import number_text

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SAFE = {"GET", "HEAD", "OPTIONS"}
WITHOUT_SESSION = (
    "/hooks/",
    "/h/",
    "/push/",
    "/sign-in/",
)  # carriers sign their bodies; heads have a link; links sign in
FOR_ANYBODY = (
    "/healthz",
    "/static/",
    "/hooks/",
    "/demo/",
)  # the database is not asked who: how we are is told even when it is away
Handler = Callable[[Request], Awaitable[Response]]


def make_app(office: Office, *, demo: bool = False) -> FastAPI:
    """demo: a visitor on loopback is the trainee of an exercise. Never for a real office."""
    if demo and office.mode is not Mode.EXERCISE:
        raise NotAllowed("demo pages are for an exercise only")
    app = FastAPI(title="Raksa", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    app.state.office, app.state.demo = office, demo
    for router in ROUTERS:
        app.include_router(router)
    if demo:
        app.include_router(demo_visitor.router)
    app.mount("/static", Pressed(), name="static")

    @app.middleware("http")
    async def around(request: Request, follow: Handler) -> Response:
        token = request.cookies.get(COOKIE)
        if token and not request.url.path.startswith(FOR_ANYBODY):
            await run_in_threadpool(_find_out_who, request, token)
        else:
            request.state.person = request.state.session_token = None
        made = None
        nobody = request.state.person is None and not request.url.path.startswith(FOR_ANYBODY)
        if demo and nobody and request.method in SAFE:
            made = await run_in_threadpool(demo_token, office)
            await run_in_threadpool(_find_out_who, request, made)
        answer = await _guarded(request, follow)
        if made:
            answer.set_cookie(COOKIE, made, httponly=True, samesite="lax")
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    app.add_middleware(
        Kept, look=lambda: public_mark(office), session_cookie=COOKIE, language_cookie=LANGUAGE_COOKIE
    )
    app.add_middleware(Door, office=office)
    app.add_exception_handler(NotAllowed, _not_allowed)
    for refused in (HTTPException, RequestValidationError, DataError, NoResultFound):
        app.add_exception_handler(refused, _http_error)
    return app


_HEADERS = {
    "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip


def _find_out_who(request: Request, token: str | None) -> None:
    office: Office = request.app.state.office
    request.state.person = None
    if token and not request.url.path.startswith(FOR_ANYBODY):
        with office.database.session() as session:
            request.state.person = who(session, token, office.clock.now())
    request.state.session_token = token if request.state.person else None


async def _guarded(request: Request, follow: Handler) -> Response:
    """A form of another site cannot press our buttons: every POST of a session carries its CSRF token."""
    away = turned_away(request)
    if away is not None:
        return away
    if request.method in SAFE or request.url.path.startswith(WITHOUT_SESSION):
        return await follow(request)
    if request.state.person is None:  # before a stranger's body is read: it may be of any size
        return await _not_allowed(request, SignInNeeded("กรุณาเข้าสู่ระบบ (please sign in)"))
    await request.body()  # kept, so that the route can read the form again
    try:
        async with request.form() as form:  # a picture in it is closed again
            given = request.headers.get("X-CSRF") or str(form.get("csrf", ""))
    except HTTPException as error:  # a field over 1 MB, a form in pieces
        return await _http_error(request, error)
    if not csrf_right(request.state.session_token, given):
        return await _not_allowed(
            request, NotAllowed("แบบฟอร์มนี้เก่าแล้ว เปิดหน้าใหม่แล้วลองอีกครั้ง (this form is old: open the page again)")
        )
    return await follow(request)


async def _not_allowed(request: Request, error: Exception) -> Response:
    status = 401 if isinstance(error, SignInNeeded) else 409
    if request.url.path.startswith("/api/"):
        return Response(status_code=status, media_type="application/json", content=f'{{"error": "{status}"}}')
    why = _ENGLISH.sub(lambda part: number_text(part[0], "en"), str(error))
    why = one_language(why, language_of(request))
    return render(request, "error.html", status=status, why=why, sign_in=status == 401)


_ENGLISH = re.compile(
    r"\([^()]*\)"
)  # of a sentence `ไทย (English)`: its alert numbers are written as English texts do


async def _http_error(request: Request, error: Exception) -> Response:
    """In words and with the banner, also for an address or a form that no page of ours could have made."""
    status = (
        404 if request.method in SAFE else 422
    )  # an id that is no id or nothing's, a NUL the database cannot hold
    if isinstance(error, HTTPException):
        status = error.status_code
    if request.url.path.startswith(("/api/", "/hooks/")):
        return Response(status_code=status)
    key = "error_not_found" if status == 404 else "error_other"
    return render(request, "error.html", status=status, why=say(language_of(request), key), sign_in=False)
