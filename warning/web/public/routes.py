"""Pages anybody may open: a village head's link and the public alert.

No script is needed for anything essential. Opening a link is never an answer: messengers open links by themselves to draw a preview.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from geo.names import id_for
from warning.alert import Alert
from warning.delivery import ReplyRow
from warning.keyed import water_seen
from warning.office import Office
from warning.running import take_in
from warning.sighting import UNITS, staffs
from warning.speech.sound import announcement
from warning.voice_answer import corrections
from warning.web.catalogue import catalogue, say
from warning.web.paper import form_of, paper
from warning.web.public.alert_view import alert_view, alerts_in_force, level_of
from warning.web.public.head_view import (
    ANSWERS,
    SINCE_MINUTES,
    TIMES,
    WATERS,
    HeadView,
    Heard,
    Unclear,
    head_view,
    read_answer,
)
from warning.web.relay.desk_view import water_by
from warning.web.render import language_of, office_of

router = APIRouter()
CHANNEL = "link"
REPORTED = "reported"


@router.get("/h/{token}")
def head(request: Request, token: str) -> Response:
    """Shows; counts nothing."""
    return head_page(request, token)


@router.post("/h/{token}")
async def head_answers(request: Request, token: str) -> Response:
    form = await form_of(request)
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        view = head_view(session, token, now, office)
    if view is None:
        return gone(request)
    try:
        heard = read_answer(view, form, now)
    except Unclear as unclear:
        return head_page(request, token, problem=str(unclear), asked=form.get("answer", ""), status=422)
    _write(office, view, heard)
    return RedirectResponse(f"/h/{token}/{heard.reply.answer.value}", status_code=303)


@router.get("/h/{token}/{answer}")
def head_thanks(request: Request, token: str, answer: str) -> Response:
    office = office_of(request)
    with office.database.session() as session:
        view = head_view(session, token, office.clock.now(), office)
    if view is None or answer not in (*ANSWERS, REPORTED):
        return gone(request)
    return paper(request, "public/thanks.html", token=token, answer=answer, view=view)


def _write(office: Office, view: HeadView, heard: Heard) -> None:
    """What the water does stands before the answer that wakes `heard`: whoever is interrupted between the two may press again."""
    reply = heard.reply
    if heard.water is not None:
        row = ReplyRow(
            id=id_for("reply", CHANNEL, reply.event_id), alert_id=view.alert.id, mode=view.alert.mode,
            village_code=view.village_code, answer=reply.answer.value, via=CHANNEL, at=reply.at, received_at=reply.at,
        )  # fmt: skip
        with office.database.session() as session:
            water_seen(session, row, heard.water, heard.since, view.role or "contact")
    take_in(office, CHANNEL, [reply], CHANNEL)


def head_page(
    request: Request,
    token: str,
    problem: str = "",
    asked: str = "",
    status: int = 200,
    form: Mapping[str, str] | None = None,
) -> Response:
    """problem: a key of the words, or a sentence."""
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        view = head_view(session, token, now, office)
        if view is None:
            return gone(request)
        spoken = announcement(session, view.alert, office, view.village_code)
        water_at = water_by(session, view.alert).get(view.village_code[:6], view.alert.water_by)
    words = say(language_of(request), problem) if problem in catalogue() else problem
    values: dict[str, Any] = {
        "view": view, "alert": view.alert, "level": level_of(view.alert), "token": token, "event": uuid4().hex, "waters": WATERS,
        "spoken": spoken if spoken and spoken.complete else None, "times": TIMES,
        "since": SINCE_MINUTES, "water_at": water_at, "problem": words, "asked": asked,
        "form": form or {}, "gauges": staffs(office, view.village_code[:6]), "units": UNITS,
    }  # fmt: skip
    return paper(request, "public/head.html", status=status, **values)


def gone(request: Request) -> Response:
    return paper(request, "public/gone.html", status=404)


@router.get("/check")
@router.get("/a")
def check(request: Request, number: str = "") -> Response:
    """Find an alert by the number that stands in a message."""
    if number.strip():
        return _alert(request, number.strip())
    office = office_of(request)
    with office.database.session() as session:
        views = alerts_in_force(session, office.mode, office.clock.now())
    return paper(request, "public/check.html", views=views)


@router.get("/a/{reference}")
def alert(request: Request, reference: str) -> Response:
    return _alert(request, reference)


def _alert(request: Request, reference: str) -> Response:
    office = office_of(request)
    with office.database.session() as session:
        view = alert_view(session, reference, office.mode, office.clock.now())
        corrected = corrections(session, view.alert) if view is not None and view.in_force else []
    if view is None:
        return paper(request, "public/no_alert.html", status=404, asked=reference[:40])
    return paper(
        request, "public/alert.html", view=view, alert=view.alert, level=view.level, places=_places(view.alert),
        water_at=_future(view.alert.water_by, view.in_force), corrected=corrected,
    )  # fmt: skip


def _future(at: datetime | None, in_force: bool) -> datetime | None:
    return at if in_force else None


def _places(alert: Alert) -> list[tuple[str, list[str]]]:
    """Tambon code -> codes of its villages that are meant; none: the whole tambon."""
    return [(code, [v for v in alert.villages if v.startswith(code)]) for code in alert.tambons]
