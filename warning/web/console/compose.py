"""Writing an alert by hand: places, what, how bad, by when, do what. It becomes a draft, and is approved like any other."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.when import BANGKOK
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.hazards import known
from warning.number import next_number
from warning.rule import AlertWords, Severity
from warning.web.console.names import tambon_name
from warning.web.render import language_of, must, office_of, render
from warning.writing import write

router = APIRouter()
MAY_WRITE = (UserRole.DUTY_OFFICER, UserRole.APPROVER)
RESPONSES = ("Evacuate", "Shelter", "Prepare", "Avoid", "Monitor")
SOON = timedelta(hours=1)


@router.get("/compose")
def blank(request: Request) -> Response:
    must(request, *MAY_WRITE)
    return render(request, "console/compose.html", alert=None, **choices(request))


def choices(request: Request) -> dict[str, Any]:
    """What the form offers, places by amphoe. given: filled in already by the link that led here."""
    lang, places = language_of(request), gazetteer()
    groups = [
        (amphoe.th if lang == "th" else amphoe.en, [(t.code, tambon_name(t.code, lang)) for t in places.tambons_of(code)])
        for code, amphoe in places.amphoes.items()
    ]  # fmt: skip
    given = {name: request.query_params.get(name, "") for name in ("event", "severity", "tambons")}
    return {
        "given": given,
        "groups": groups,
        "events": known(),
        "severities": list(Severity)[:4],
        "responses": RESPONSES,
    }


@router.post("/compose")
def draft(
    request: Request,
    event: str = Form(),
    severity: Severity = Form(),  # noqa: B008
    response: str = Form(),
    hours: float = Form(default=12, ge=1, le=72),
    water_at: str = Form(default=""),
    shelter: str = Form(default="", max_length=120),
    shelter_open: bool = Form(default=False),
    tambons: list[str] = Form(default=[]),  # noqa: B008
) -> Response:
    person = must(request, *MAY_WRITE)
    office = office_of(request)
    now = office.clock.now()
    if not tambons:
        raise NotAllowed("เลือกอย่างน้อยหนึ่งตำบล (choose at least one tambon)")
    if event not in known():
        raise NotAllowed("เลือกภัยจากรายการ (choose a hazard of the list)")
    if response not in RESPONSES:
        raise NotAllowed("เลือกสิ่งที่ต้องทำ (choose what people should do)")
    shelter = one_line(shelter)
    water_by = next_hour(water_at, now)
    words = AlertWords.model_validate(
        {
            "event": event,
            "severity": severity,
            "urgency": urgency_of(water_by, now),
            "certainty": "Likely",
            "responseType": response,
        }
    )
    alert_id = uuid4()
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        alert = Alert(
            id=alert_id, mode=office.mode, number=next_number(session, office, now), identifier="", msg_type="Alert",
            kind="alert", event=words.event, severity=words.severity.value, urgency=words.urgency,
            certainty=words.certainty, response_type=words.response_type, tambons=sorted(set(tambons)),
            approval=office.config.approval.policy_at(severity.value, water_by, now),
            drafted_by=str(person.id), drafted_at=now, water_by=water_by,
            expires_at=now + timedelta(hours=hours), changed_at=now,
            facts={"shelter_th": shelter, "shelter_en": shelter, "shelter_open": shelter_open} if shelter else {},
        )  # fmt: skip
        write(session, alert, office)
        session.add(alert)
    return RedirectResponse("/#drafts", status_code=303)


def one_line(told: str) -> str:
    """What was typed or pasted, as one line. A page break out of a PDF cannot stand in CAP: the alert would never go out."""
    return " ".join("".join(c if c.isprintable() or c == "\u200b" else " " for c in told).split())


def urgency_of(water_by: datetime | None, now: datetime) -> str:
    return "Expected" if water_by is not None and water_by - now > SOON else "Immediate"


def next_hour(clock: str, now: datetime) -> datetime | None:
    """`HH:MM` in Bangkok, the next time the clock shows it; None when left empty."""
    if not clock.strip():
        return None
    try:
        hour, minute = (int(part) for part in clock.split(":", 1))
        local = now.astimezone(BANGKOK).replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError as error:
        raise NotAllowed("เวลาน้ำถึงเขียนเป็น 14:30 (write the hour of water as 14:30)") from error
    return local if local > now else local + timedelta(days=1)
