"""Holding drafts back for a while: which places, up to which level, why, and until when. Never Extreme, never past the shift."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from geo.errors import NotAllowed
from warning.hazards import known
from warning.silence import CEILINGS, Silence, end_silence, make_silence, shift_end, silences
from warning.web.console.compose import MAY_WRITE, choices, next_hour
from warning.web.console.names import tambon_name
from warning.web.render import language_of, must, office_of, render

router = APIRouter()


@router.get("/silences")
def page(request: Request) -> Response:
    must(request)
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        running = silences(session, office.mode, now)
    return render(
        request, "console/silences.html", running=running, ceilings=CEILINGS, **_choices(request, now)
    )


def _choices(request: Request, now: datetime) -> dict[str, Any]:
    office, lang = office_of(request), language_of(request)
    return {
        **choices(request), "shift_end": shift_end(now, office.config.office.shift_changes),
        "names": lambda s: _names(s, lang),
    }  # fmt: skip


def _names(silence: Silence, lang: str) -> list[str]:
    return [tambon_name(code, lang) for code in silence.tambons]


@router.post("/silences")
def make(
    request: Request,
    until: str = Form(default=""),
    ceiling: str = Form(default=""),
    event: str = Form(default=""),
    reason: str = Form(default="", max_length=300),
    tambons: list[str] = Form(default=[]),  # noqa: B008
) -> Response:
    """until: `HH:MM` in Bangkok; empty: to the end of the shift. event: one hazard; empty: all of them."""
    person = must(request, *MAY_WRITE)
    office = office_of(request)
    now, changes = office.clock.now(), office.config.office.shift_changes
    if event and event not in known():
        raise NotAllowed("เลือกภัยจากรายการ (choose a hazard of the list)")
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        make_silence(
            session, office.mode, tambons, event or None, ceiling, reason, next_hour(until, now) or shift_end(now, changes),
            (str(person.id), person.name), now, changes,
        )  # fmt: skip
    return RedirectResponse("/silences", status_code=303)


@router.post("/silences/{silence_id}/end")
def end(request: Request, silence_id: UUID) -> Response:
    person = must(request, *MAY_WRITE)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        end_silence(session, silence_id, str(person.id), office.clock.now())
    return RedirectResponse("/silences", status_code=303)
