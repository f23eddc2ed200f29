"""`/undelivered`: who could not be told, by channel and reason; taken in hand by a person, one by one or all at once."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from warning.accounts.user import Person, UserRole
from warning.alert import Alert
from warning.dead_letters import Group, TakenCare, groups, letters, take_care
from warning.web.coverage.routes import issued
from warning.web.paper import form_of, paper
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter(prefix="/undelivered")
MAY = (UserRole.DUTY_OFFICER, UserRole.APPROVER)
LOOK_BACK = timedelta(hours=48)
MOST_ALERTS = 8


@router.get("")
def show(request: Request) -> Response:
    """Of each alert of the last two days, the newest first."""
    person, office = must(request, *MAY), office_of(request)
    with office.database.session() as session:
        found = session.exec(
            select(Alert)
            .where(Alert.mode == office.mode, col(Alert.issued_at) > office.clock.now() - LOOK_BACK)
            .order_by(col(Alert.issued_at).desc())
            .limit(MOST_ALERTS)
        ).all()
        told = [(alert, groups(session, alert.id, person.areas)) for alert in found]
    return paper(request, "undelivered/list.html", told=[(alert, found) for alert, found in told if found])


@router.get("/{alert_id}/{key}")
def one_group(request: Request, alert_id: UUID, key: str, done: int = 0) -> Response:
    return _group_page(request, alert_id, key, done=done)


@router.post("/{alert_id}/{key}")
async def care(request: Request, alert_id: UUID, key: str) -> Response:
    """`letter` names one delivery; without it all open ones of the group are meant."""
    person, office, form = must(request, *MAY), office_of(request), await form_of(request)
    try:
        letter = UUID(form["letter"]) if form.get("letter") else None
        word = TakenCare(form.get("care", ""))
    except ValueError:
        raise NotAllowed("เลือกว่าทำอะไรไปแล้ว (choose what was done)") from None
    try:
        with office.database.session() as session:
            session.info["actor"] = str(person.id)
            group = _group(session, request, alert_id, key, person)
            to_whom = form.get("to_whom", "")
            n = take_care(
                session, alert_id, group, letter, word, to_whom, person.id, office.clock.now(), person.areas
            )
    except NotAllowed as wrong:
        problem = one_language(str(wrong), language_of(request))
        return _group_page(request, alert_id, key, problem=problem, status=422)
    return RedirectResponse(f"/undelivered/{alert_id}/{key}?done={n}", status_code=303)


def _group(session: Session, request: Request, alert_id: UUID, key: str, person: Person) -> Group:
    issued(session, request, alert_id)
    found = next((g for g in groups(session, alert_id, person.areas) if g.key == key), None)
    if found is None:
        raise NotAllowed("ไม่มีรายการนี้แล้ว อาจถึงแล้วทางอื่น (nothing of this is left; it may have arrived by now)")
    return found


def _group_page(
    request: Request, alert_id: UUID, key: str, *, problem: str = "", done: int = 0, status: int = 200
) -> Response:
    person, office = must(request, *MAY), office_of(request)
    with office.database.session() as session:
        alert = issued(session, request, alert_id)
        group = _group(session, request, alert_id, key, person)
        found = letters(session, alert_id, group, person.areas)
    said = one_language(group.why, language_of(request))
    return paper(
        request, "undelivered/group.html", status=status, alert=alert, group=group, letters=found, said=said, problem=problem,
        done=done,
    )  # fmt: skip
