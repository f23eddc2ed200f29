"""What is seen at the water, typed in by an officer for whoever rang: a staff read, where the water is, a photograph.

It needs no alert. A photograph is opened for an officer only, and every look is recorded.
"""

from collections.abc import Mapping
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from geo.errors import NotAllowed
from teams.response.village_photo import VillagePhoto
from teams.response.village_water import WaterState
from warning.audit import record
from warning.engine.app import defer
from warning.keyed import VIA
from warning.sighting import UNITS, Sighting, keyed_sighting, photos, staffs
from warning.web.paper import paper
from warning.web.public.head_view import WATERS
from warning.web.relay.caller_view import villages_to_choose
from warning.web.relay.routes import MAY
from warning.web.render import language_of, must, office_of
from warning.web.sent_form import form_with_photo
from warning.words.one_language import one_language

router = APIRouter(prefix="/relay/report")


@router.get("")
def show(request: Request, saved: str = "") -> Response:
    return _page(request, saved=saved == "yes")


@router.post("")
async def write_down(request: Request) -> Response:
    person, office = must(request, *MAY), office_of(request)
    form: Mapping[str, str] = {}
    try:
        form, photo = await form_with_photo(request)
        water = WaterState(form["water"]) if form.get("water") in WATERS else None
        seen = Sighting(
            _event(form), form.get("village", ""), form.get("gauge", ""), form.get("value", ""), form.get("unit", ""),
            water, photo,
        )  # fmt: skip
        with office.database.session() as session:
            now, by = office.clock.now(), form.get("heard_from", "")
            defer(session, keyed_sighting(session, seen, form.get("via", ""), by, person.id, now, office))
    except NotAllowed as wrong:
        return _page(request, problem=one_language(str(wrong), language_of(request)), form=form, status=422)
    return RedirectResponse("/relay/report?saved=yes", status_code=303)


@router.get("/photo/{photo_id}")
def photo(request: Request, photo_id: UUID) -> Response:
    person, office = must(request, *MAY), office_of(request)
    with office.database.session() as session:
        row = session.get(VillagePhoto, photo_id)
        if row is None or row.mode != office.mode.value:
            return Response(status_code=404)
        record(
            session,
            "photo.shown",
            "village",
            row.village_code,
            {"sha256": row.sha256},
            office.clock.now(),
            str(person.id),
        )
        body, kind = office.keyring.open_bytes(row.body_sealed), row.kind
    return Response(
        body, media_type=kind, headers={"Cache-Control": "no-store", "Content-Disposition": "inline"}
    )


def _event(form: Mapping[str, str]) -> str:
    try:
        return UUID(hex=form.get("event", "")).hex
    except ValueError:
        raise NotAllowed("แบบฟอร์มนี้เก่าแล้ว เปิดหน้าใหม่ (this form is old: open the page again)") from None


def _page(
    request: Request,
    problem: str = "",
    form: Mapping[str, str] | None = None,
    saved: bool = False,
    status: int = 200,
) -> Response:
    must(request, *MAY)
    office, lang = office_of(request), language_of(request)
    with office.database.session() as session:
        kept = photos(session, office)
    return paper(
        request, "relay/report.html", status=status, problem=problem, form=form or {}, saved=saved, event=uuid4().hex,
        choices=villages_to_choose(set(), lang), gauges=staffs(office), units=UNITS, waters=WATERS, via=VIA, photos=kept,
    )  # fmt: skip
