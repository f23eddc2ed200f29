"""One person by their telephone: what is kept is shown, handed over, wiped. The number travels in forms, never in an address."""

import json
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from geo.errors import NotAllowed
from warning.accounts.user import Person
from warning.people_person import Kept, erase, export, kept_of, looked
from warning.web.paper import form_of, paper
from warning.web.people.form import MAY_HOMES
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter(prefix="/people/person")


@router.get("")
def ask(request: Request) -> Response:
    return _page(request)


@router.post("")
async def find(request: Request) -> Response:
    person, office, form = must(request, *MAY_HOMES), office_of(request), await form_of(request)
    try:
        with office.database.session() as session:
            kept = _found(session, request, person, form)
            shown = export(session, office.keyring, kept)
            looked(session, kept, "person.shown", str(person.id), office.clock.now())
    except NotAllowed as wrong:
        return _page(request, problem=str(wrong), phone=form.get("phone", ""))
    return _page(request, shown=shown, phone=form.get("phone", ""))


@router.post("/export")
async def hand_over(request: Request) -> Response:
    person, office, form = must(request, *MAY_HOMES), office_of(request), await form_of(request)
    try:
        with office.database.session() as session:
            kept = _found(session, request, person, form)
            body = json.dumps(export(session, office.keyring, kept), ensure_ascii=False, indent=1)
            looked(session, kept, "person.exported", str(person.id), office.clock.now())
    except NotAllowed as wrong:
        return _page(request, problem=str(wrong))
    headers = {"Content-Disposition": 'attachment; filename="person.json"', "Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


@router.post("/erase")
async def wipe(request: Request) -> Response:
    person, office, form = must(request, *MAY_HOMES), office_of(request), await form_of(request)
    try:
        if form.get("sure") != "yes":
            raise NotAllowed("ติ๊กยืนยันก่อนลบ (tick that you are sure)")
        with office.database.session() as session:
            session.info["actor"] = str(person.id)
            kept = _found(session, request, person, form)
            counts = erase(session, office.keyring, kept, str(person.id), office.clock.now())
    except NotAllowed as wrong:
        return _page(request, problem=str(wrong), phone=form.get("phone", ""))
    return _page(request, erased=sum(counts.values()))


def _found(session: Session, request: Request, person: Person, form: Mapping[str, str]) -> Kept:
    kept = kept_of(session, office_of(request).keyring, form.get("phone", ""))
    # The same words for both: whoever may not see somebody is not told either that the office knows them.
    if kept.nothing or not all(person.sees(village) for village in kept.villages):
        raise NotAllowed("ไม่มีข้อมูลของเบอร์นี้ในพื้นที่ของท่าน (nothing is kept of this number in your area)")
    return kept


def _page(
    request: Request, *, problem: str = "", phone: str = "", shown: Mapping[str, object] | None = None, erased: int = 0
) -> Response:  # fmt: skip
    must(request, *MAY_HOMES)
    return paper(
        request, "people/person.html", status=422 if problem else 200, shown=shown, phone=phone, erased=erased,
        problem=one_language(problem, language_of(request)),
    )  # fmt: skip
