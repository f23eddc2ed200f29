"""Institutions: who is silent under the alerts in force, ringing one, and the list of all of them."""

from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from channels.contract import Answer
from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.institution import Institution, InstitutionKind
from geo.institution_import import stand_down
from warning.audit import record
from warning.engine.app import defer
from warning.institution_call import OUTCOMES, institution_called
from warning.web.paper import form_of, paper
from warning.web.people.contacts_routes import MOST_VILLAGES, amphoe_choices
from warning.web.people.form import MAY
from warning.web.people.institution_view import asked, houses
from warning.web.people.places import by_tambon, found, names_of, seen
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter(prefix="/people/institutions")


@router.get("")
def institutions(request: Request, q: str = "", amphoe: str = "", kind: str = "", done: str = "") -> Response:
    person, office = must(request, *MAY), office_of(request)
    now, wanted = office.clock.now(), found("", amphoe)
    words = " ".join(q.split())[:80]
    only = kind if kind in set(InstitutionKind) else ""
    with office.database.session() as session:
        active = select(Institution).where(col(Institution.active)).order_by(col(Institution.village_code))
        mine = [house for house in session.exec(active) if person.sees(house.village_code)]
        lines = houses(session, office.keyring, mine)
        under = asked(session, office, lines, now)
    chosen = [
        line for line in lines
        if wanted.holds(line.code) and (not only or line.house.kind.value == only)
        and (not words or words.casefold() in f"{line.house.name.casefold()} {names_of(line.code)}")
    ]  # fmt: skip
    return paper(
        request, "people/institutions.html", under=under, silent=[a for a in under if a.answer is None],
        lines=by_tambon(chosen[:MOST_VILLAGES]), total=len(lines), more=len(chosen) - MOST_VILLAGES,
        asked=wanted._replace(q=words), kinds=list(InstitutionKind), kind=only, done=done == "called",
        amphoes=amphoe_choices(seen(person, gazetteer().amphoes)),
    )  # fmt: skip


@router.get("/{institution_id}")
def one(request: Request, institution_id: UUID) -> Response:
    return _page(request, institution_id)


@router.post("/{institution_id}/open")
async def opened(request: Request, institution_id: UUID) -> Response:
    await form_of(request)
    return _page(request, institution_id, opened=True)


@router.post("/{institution_id}/called")
async def called(request: Request, institution_id: UUID) -> Response:
    person, office, form = must(request, *MAY), office_of(request), await form_of(request)
    try:
        alert, event = UUID(form.get("alert", "")), UUID(hex=form.get("event", "")).hex
        answer = Answer(form.get("answer", ""))
        with office.database.session() as session:
            house = _mine(request, session, institution_id)
            wake_ups = institution_called(
                session, alert, house.id, answer, event, person.id, office.clock.now(), office
            )
            defer(session, wake_ups)
    except ValueError:
        return _page(request, institution_id, problem="เลือกคำตอบ (choose what they said)")
    except NotAllowed as wrong:
        return _page(request, institution_id, problem=str(wrong))
    return RedirectResponse("/people/institutions?done=called", status_code=303)


@router.post("/{institution_id}/stand-down")
async def no_more(request: Request, institution_id: UUID) -> Response:
    person, office = must(request, *MAY), office_of(request)
    await form_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        house = _mine(request, session, institution_id)
        stand_down(session, office.keyring, house, now)
        record(session, "institution.stood_down", "institution", house.id, {}, now, str(person.id))
    return RedirectResponse("/people/institutions", status_code=303)


def _mine(request: Request, session: Session, institution_id: UUID) -> Institution:
    house = session.get(Institution, institution_id)
    if house is None or not house.active or not must(request, *MAY).sees(house.village_code):
        raise NotAllowed("ไม่มีสถานที่นี้ในพื้นที่ของท่าน (no such institution in your area)")
    return house


def _page(request: Request, institution_id: UUID, *, opened: bool = False, problem: str = "") -> Response:
    person, office = must(request, *MAY), office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        house = _mine(request, session, institution_id)
        lines = houses(session, office.keyring, [house], opened=opened)
        under = asked(session, office, lines, now)
        if opened:
            record(session, "institution.shown", "institution", house.id, {}, now, str(person.id))
    return paper(
        request, "people/institution.html", status=422 if problem else 200, line=lines[0], under=under, opened=opened,
        outcomes=OUTCOMES, event=uuid4().hex, problem=one_language(problem, language_of(request)),
    )  # fmt: skip
