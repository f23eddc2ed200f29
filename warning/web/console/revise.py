"""The form that changes a draft somebody wrote: the one of writing it, filled in."""

from datetime import timedelta
from math import ceil
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from geo.errors import NotAllowed
from geo.when import clock_text
from warning.alert import Alert
from warning.revise import Wanted, may_be_revised, revise
from warning.rule import Severity
from warning.seen import seen_of
from warning.web.console.compose import MAY_WRITE, RESPONSES, choices, next_hour, one_line, urgency_of
from warning.web.console.names import headline
from warning.web.render import language_of, must, office_of, render
from warning.words.facts import ENDING

router = APIRouter()
LONGEST_HOURS = 72


@router.get("/alerts/{alert_id}/edit")
def filled_in(request: Request, alert_id: UUID) -> Response:
    must(request, *MAY_WRITE)
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        alert = session.get_one(Alert, alert_id)
    if not may_be_revised(alert):
        raise NotAllowed(
            f"แก้ไขการเตือน {alert.number} ไม่ได้แล้ว (alert {alert.number} can no longer be changed)"
        )
    left = ceil((alert.expires_at - now) / timedelta(hours=1))
    coming = alert.water_by is not None and alert.water_by > now
    return render(
        request, "console/compose.html", alert=alert, seen=seen_of(alert), ending=alert.kind in ENDING,
        headline=headline(alert, language_of(request)), hours=min(LONGEST_HOURS, max(1, left)),
        water_at=clock_text(alert.water_by) if coming and alert.water_by else "", **choices(request),
    )  # fmt: skip


@router.post("/alerts/{alert_id}/edit")
def change(
    request: Request,
    alert_id: UUID,
    seen: str = Form(default=""),
    severity: Severity = Form(default=Severity.UNKNOWN),  # noqa: B008
    response: str = Form(default=""),
    hours: float = Form(ge=1, le=LONGEST_HOURS),
    water_at: str = Form(default=""),
    shelter: str = Form(default="", max_length=120),
    shelter_open: bool = Form(default=False),
    tambons: list[str] = Form(default=[]),  # noqa: B008
) -> Response:
    """seen: the version that stood in the form."""
    person = must(request, *MAY_WRITE)
    office = office_of(request)
    now = office.clock.now()
    water_by = next_hour(water_at, now)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        ends = session.get_one(Alert, alert_id).kind in ENDING
        if not ends and not tambons:
            raise NotAllowed("เลือกอย่างน้อยหนึ่งตำบล (choose at least one tambon)")
        if not ends and (response not in RESPONSES or severity is Severity.UNKNOWN):
            raise NotAllowed("เลือกสิ่งที่ต้องทำ (choose what people should do)")
        wanted = Wanted(
            expires_at=now + timedelta(hours=hours), severity=severity.value, urgency=urgency_of(water_by, now),
            response_type=response, tambons=tambons, water_by=water_by, shelter=one_line(shelter), shelter_open=shelter_open,
        )  # fmt: skip
        revise(session, alert_id, wanted, str(person.id), now, office, seen)
    return RedirectResponse("/#drafts", status_code=303)
