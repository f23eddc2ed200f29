"""A member of a field team sees the field and what anybody may see. Every other address, also one made tomorrow, is shut."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from warning.web.catalogue import say
from warning.web.render import language_of, person_of, render

OPEN = (
    "/favicon.ico",
    "/field",
    "/sign-in",
    "/sign-out",
    "/static",
    "/healthz",
    "/hooks",
    "/api/v1",
    "/h",
    "/a",
    "/check",
    "/now",
    "/water",
    "/map",
    "/archive",
    "/status",
    "/cap.atom",
    "/cap.rss",
    "/exercise.atom",
    "/exercise.rss",
    "/push",
    "/push-worker.js",
    "/gaps",
    "/demo",
)


def turned_away(request: Request) -> Response | None:
    """What a member of a team gets instead of a page of the office; None for everybody else and for open addresses."""
    person, path = person_of(request), request.url.path
    if person is None or not person.only_field or any(path == o or path.startswith(o + "/") for o in OPEN):
        return None
    if path == "/":
        return RedirectResponse("/field", status_code=303)
    why = say(language_of(request), "field.office_only")
    return render(request, "error.html", status=403, why=why, sign_in=False)
