"""A request for a cell broadcast: looked at, prepared, rung through, its minutes noted. No rule of its own lives here."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from geo.errors import NotAllowed
from geo.when import BANGKOK, utc
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.cell_broadcast.identifiers import Level
from warning.cell_broadcast.minutes import note_step
from warning.cell_broadcast.prepare import prepare, request_of
from warning.cell_broadcast.record import CellBroadcast, Operator, Step
from warning.cell_broadcast.sheet import sheet
from warning.web.cell_broadcast.view import area_words, asked_view, draft_view
from warning.web.render import language_of, must, office_of, render

router = APIRouter()
MAY_ASK = (UserRole.DUTY_OFFICER, UserRole.APPROVER)


@router.get("/alerts/{alert_id}/broadcast")
def look(request: Request, alert_id: UUID, level: str = "") -> Response:
    """Before it is prepared: what it would be, and what stops it. After: its texts and its minutes."""
    must(request, *MAY_ASK)
    office, lang = office_of(request), language_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        alert = session.get_one(Alert, alert_id)
        found = request_of(session, alert_id)
        if found is None:
            values = draft_view(session, alert, _level(level), now, office, lang)
            return render(request, "cell_broadcast/draft.html", **values)
        values = asked_view(session, alert, found, now, office, lang)
        return render(request, "cell_broadcast/asked.html", **values)


@router.post("/alerts/{alert_id}/broadcast")
def make(request: Request, alert_id: UUID, level: str = Form(default="")) -> Response:
    person = must(request, *MAY_ASK)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        alert = session.get_one(Alert, alert_id)
        prepare(session, alert, _level(level), (str(person.id), person.name), office.clock.now(), office)
    return _back(alert_id)


@router.post("/alerts/{alert_id}/broadcast/steps")
def note(
    request: Request,
    alert_id: UUID,
    step: str = Form(),
    operator: str = Form(default=""),
    at: str = Form(default="", max_length=5),
    spoken_to: str = Form(default="", max_length=80),
    words: str = Form(default="", max_length=300),
) -> Response:
    """at: `HH:MM` of Bangkok, the last time the clock showed it; empty: now."""
    person = must(request, *MAY_ASK)
    office = office_of(request)
    now = office.clock.now()
    if step not in list(Step) or operator not in ("", *Operator):
        raise NotAllowed("เลือกจากรายการ (choose from the list)")
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        note_step(
            session, _asked(session, alert_id).id, Step(step), operator=Operator(operator) if operator else None,
            at=last_hour(at, now), by=(str(person.id), person.name), spoken_to=spoken_to, note=words, now=now,
            keyring=office.keyring,
        )  # fmt: skip
    return _back(alert_id)


@router.get("/alerts/{alert_id}/broadcast.cap")
def cap(request: Request, alert_id: UUID) -> Response:
    must(request, *MAY_ASK)
    with office_of(request).database.session() as session:
        found = _asked(session, alert_id)
        return Response(found.cap_xml, media_type="application/cap+xml", headers=_named(found, "xml"))


@router.get("/alerts/{alert_id}/broadcast.pdf")
def pdf(request: Request, alert_id: UUID) -> Response:
    """One page of A4 in Thai, with the number to ring."""
    must(request, *MAY_ASK)
    office = office_of(request)
    with office.database.session() as session:
        found, alert = _asked(session, alert_id), session.get_one(Alert, alert_id)
        made = sheet(found, alert, area_words(alert), office.config.office, office.clock.now())
    return Response(made, media_type="application/pdf", headers=_named(found, "pdf"))


def last_hour(clock: str, now: datetime) -> datetime:
    """The last time Bangkok's clocks showed `HH:MM`, aware UTC; `now` when empty. Raises NotAllowed."""
    if not clock.strip():
        return now
    try:
        hour, minute = (int(part) for part in clock.replace(".", ":").split(":", 1))
        local = now.astimezone(BANGKOK).replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError as error:
        raise NotAllowed("เวลาเขียนเป็น 02:45 (write the time as 02:45)") from error
    return utc(local if local <= now else local - timedelta(days=1))


def _asked(session: Session, alert_id: UUID) -> CellBroadcast:
    found = request_of(session, alert_id)
    if found is None:
        raise NotAllowed("ยังไม่ได้เตรียมคำขอ (the request is not prepared yet)")
    return found


def _level(name: str) -> Level | None:
    if not name:
        return None
    if name not in list(Level):
        raise NotAllowed("เลือกระดับจากรายการ (choose a level of the list)")
    return Level(name)


def _named(request: CellBroadcast, ending: str) -> dict[str, str]:
    name = f"cell-broadcast-{request.message_code}-{request.update_no}.{ending}"
    return {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}


def _back(alert_id: UUID) -> Response:
    return RedirectResponse(f"/alerts/{alert_id}/broadcast", status_code=303)
