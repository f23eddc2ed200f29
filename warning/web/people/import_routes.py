"""A list uploaded, looked at, and only then taken. Nothing is in the registry before the second press."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from geo.errors import NotAllowed
from geo.people import LegalBasis
from geo.phone import masked
from geo.when import bangkok
from warning.people_import import look, take
from warning.people_upload import WHAT, PeopleUpload, drop, held, keep
from warning.web.paper import form_of, paper
from warning.web.people.form import MAY, form_with_list, many
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter(prefix="/people/import")
MOST_SHOWN = 100
LONGEST_SOURCE = 80


@router.get("")
def choose(request: Request, done: str = "", n: int = 0) -> Response:
    return _choose(request, done=done if done in (*WHAT, "dropped") else "", n=max(0, n))


@router.post("")
async def upload(request: Request) -> Response:
    person, office = must(request, *MAY), office_of(request)
    form: Mapping[str, str] = {}
    try:
        form, body = await form_with_list(request)
        now = office.clock.now()
        about = _about(form, bangkok(now).date())
        with office.database.session() as session:
            made = keep(session, office.keyring, form.get("what", ""), body, about, person.id, now).id
    except NotAllowed as wrong:
        return _choose(request, problem=one_language(str(wrong), language_of(request)), form=form, status=422)
    return RedirectResponse(f"/people/import/{made}", status_code=303)


@router.get("/{upload_id}")
def looked(request: Request, upload_id: UUID) -> Response:
    person, office, lang = must(request, *MAY), office_of(request), language_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        upload = held(session, upload_id, person.id, now)
        found = look(session, office.keyring, upload, now, person.sees)
        about: dict[str, object] = dict(upload.about)
        skip, told_on = set(upload.skip), upload.about.get("told_on")
    about["told_on"] = date.fromisoformat(told_on) if told_on else None
    return paper(
        request, "people/look.html", found=found, about=about, skip=skip, upload_id=upload_id, most=MOST_SHOWN,
        problem=one_language(found.problem, lang), nth=0 if lang == "th" else 1, masked=masked,
    )  # fmt: skip


@router.post("/{upload_id}/fields")
async def fields_of(request: Request, upload_id: UUID) -> Response:
    """The columns as the officer says they are; what they left as guessed stays a guess."""
    form = await form_of(request)
    changed = {key.removeprefix("f."): value for key, value in form.items() if key.startswith("f.")}
    guessed = {key.removeprefix("was."): value for key, value in form.items() if key.startswith("was.")}
    with office_of(request).database.session() as session:
        upload = _mine(request, session, upload_id)
        own = {
            key: value for key, value in changed.items() if value != guessed.get(key) or key in upload.fields
        }
        upload.fields = {**upload.fields, **own}
    return RedirectResponse(f"/people/import/{upload_id}", status_code=303)


@router.post("/{upload_id}/skip")
async def skip(request: Request, upload_id: UUID) -> Response:
    """Rows left out, because they stand there twice."""
    rows = [int(row) for row in await many(request, "row") if row.isdigit()]
    with office_of(request).database.session() as session:
        _mine(request, session, upload_id).skip = sorted(set(rows))[:10_000]
    return RedirectResponse(f"/people/import/{upload_id}#twins", status_code=303)


@router.post("/{upload_id}/take")
async def taken(request: Request, upload_id: UUID) -> Response:
    person, office = must(request, *MAY), office_of(request)
    await form_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        upload = held(session, upload_id, person.id, now)
        what = upload.what
        counts = take(session, office.keyring, upload, now, person.sees)
    new = sum(n for word, n in counts.items() if word.endswith((" new", "added")))
    return RedirectResponse(f"/people/import?done={what}&n={new}", status_code=303)


@router.post("/{upload_id}/drop")
async def dropped(request: Request, upload_id: UUID) -> Response:
    await form_of(request)
    office = office_of(request)
    with office.database.session() as session:
        drop(session, _mine(request, session, upload_id), office.clock.now())
    return RedirectResponse("/people/import?done=dropped", status_code=303)


def _mine(request: Request, session: Session, upload_id: UUID) -> PeopleUpload:
    person = must(request, *MAY)
    return held(session, upload_id, person.id, office_of(request).clock.now())


def _about(form: Mapping[str, str], today: date) -> dict[str, str]:
    """Raises NotAllowed when nobody says where the list is from, or it is of a day to come."""
    source = " ".join(form.get("source", "").split())[:LONGEST_SOURCE]
    if not source:
        raise NotAllowed("บอกที่มาของรายการ (say where the list is from)")
    told_on = form.get("told_on", "")
    try:
        if told_on and date.fromisoformat(told_on) > today:
            raise NotAllowed("วันที่ยังมาไม่ถึง (this day has not come yet)")
    except ValueError:
        raise NotAllowed("อ่านวันที่ไม่ออก (not a date)") from None
    basis = form.get("legal_basis", "")
    if form.get("what") == "households" and basis not in set(LegalBasis):
        raise NotAllowed("เลือกเหตุผลตามกฎหมาย (choose the legal basis)")
    return {"source": source, "told_on": told_on, "legal_basis": basis if basis in set(LegalBasis) else ""}


def _choose(
    request: Request, *, problem: str = "", done: str = "", n: int = 0, form: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    must(request, *MAY)
    today = bangkok(office_of(request).clock.now()).date()
    return paper(
        request, "people/import.html", status=status, problem=problem, done=done, n=n, form=form or {}, what=WHAT,
        bases=list(LegalBasis), today=today.isoformat(),
    )  # fmt: skip
