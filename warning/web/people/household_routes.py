"""Registered homes: numbers by village of one's own area, homes without names, one home opened with the look recorded."""

import json
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.households import OpenHome, change_home, homes_of, open_home, village_homes
from geo.people import AddressKind, Language, LegalBasis, NeedKind
from geo.phone import shown
from geo.self_registered import SOURCE
from geo.when import bangkok
from warning.audit import record
from warning.people_person import Kept, erase, export, kept_of_home, looked
from warning.web.paper import form_of, paper
from warning.web.people.contacts_routes import amphoe_choices
from warning.web.people.form import MAY_HOMES, many
from warning.web.people.places import by_tambon, found, seen
from warning.web.render import must, office_of

router = APIRouter(prefix="/people/households")
MOST_HOMES = 200


@router.get("")
def villages(request: Request, q: str = "", amphoe: str = "") -> Response:
    person, office = must(request, *MAY_HOMES), office_of(request)
    asked = found(q, amphoe)
    mine = [code for code in [*gazetteer().villages, *_unnumbered()] if person.sees(code)]
    with office.database.session() as session:
        lines = village_homes(session, mine)
    chosen = [line for line in lines if asked.holds(line.code)]
    return paper(
        request, "people/households.html", lines=by_tambon(chosen), asked=asked, total=len(lines),
        homes=sum(line.homes for line in lines), people=sum(line.people for line in lines),
        needing=sum(line.needing for line in lines), without_basis=sum(line.without_basis for line in lines),
        amphoes=amphoe_choices(seen(person, gazetteer().amphoes)),
    )  # fmt: skip


@router.get("/{village}")
def one_village(request: Request, village: str, done: str = "") -> Response:
    _must_see(request, village)
    with office_of(request).database.session() as session:
        lines = homes_of(session, village)
    return paper(
        request, "people/homes.html", code=village, lines=lines[:MOST_HOMES], more=len(lines) - MOST_HOMES,
        done=done if done in ("saved", "erased") else "",
    )  # fmt: skip


@router.post("/{village}/{home_id}")
async def opened(request: Request, village: str, home_id: UUID) -> Response:
    """Names, house number and telephones of one home: a look of its own, in the trail."""
    await form_of(request)
    person, office = must(request, *MAY_HOMES), office_of(request)
    _must_see(request, village)
    with office.database.session() as session:
        home = _home(session, request, village, home_id)
        data = {"village": village}
        record(session, "household.opened", "household", home_id, data, office.clock.now(), str(person.id))
    return paper(
        request, "people/home.html", home=home, code=village, shown=shown, needs=list(NeedKind),
        languages=list(Language), bases=list(LegalBasis),
        by_line=home.line.source == SOURCE and any(way.kind is AddressKind.LINE for way in home.ways),
    )  # fmt: skip


@router.post("/{village}/{home_id}/change")
async def changed(request: Request, village: str, home_id: UUID) -> Response:
    person, office, form = must(request, *MAY_HOMES), office_of(request), await form_of(request)
    _must_see(request, village)
    now = office.clock.now()
    wanted = [NeedKind(need) for need in await many(request, "need") if need in set(NeedKind)]
    lang = form.get("lang") if form.get("lang") in set(Language) else None
    basis = LegalBasis(form["legal_basis"]) if form.get("legal_basis") in set(LegalBasis) else None
    with office.database.session() as session:
        _home(session, request, village, home_id)
        by = str(person.id)
        fields = change_home(session, home_id, wanted, lang, basis, by, now, bangkok(now).date())
        record(session, "household.changed", "household", home_id, {"fields": fields}, now, by)
    return RedirectResponse(f"/people/households/{village}?done=saved", status_code=303)


@router.post("/{village}/{home_id}/export")
async def hand_over(request: Request, village: str, home_id: UUID) -> Response:
    """All that is kept of a home that registered itself by LINE, for whoever lives there."""
    await form_of(request)
    person, office = must(request, *MAY_HOMES), office_of(request)
    _must_see(request, village)
    with office.database.session() as session:
        kept = _by_line(session, request, village, home_id)
        body = json.dumps(export(session, office.keyring, kept), ensure_ascii=False, indent=1)
        looked(session, kept, "person.exported", str(person.id), office.clock.now())
    headers = {"Content-Disposition": 'attachment; filename="home.json"', "Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


@router.post("/{village}/{home_id}/erase")
async def wipe(request: Request, village: str, home_id: UUID) -> Response:
    person, office, form = must(request, *MAY_HOMES), office_of(request), await form_of(request)
    _must_see(request, village)
    if form.get("sure") != "yes":
        raise NotAllowed("ติ๊กยืนยันก่อนลบ (tick that you are sure)")
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        kept = _by_line(session, request, village, home_id)
        erase(session, office.keyring, kept, str(person.id), office.clock.now())
    return RedirectResponse(f"/people/households/{village}?done=erased", status_code=303)


def _by_line(session: Session, request: Request, village: str, home_id: UUID) -> Kept:
    kept, person = kept_of_home(session, home_id), must(request, *MAY_HOMES)
    if kept is None or village not in kept.villages or not all(person.sees(v) for v in kept.villages):
        raise NotAllowed("ไม่พบครัวเรือนนี้ (no such household)")
    if kept.contacts or kept.institutions:
        raise NotAllowed(
            "บัญชีนี้เป็นของผู้ติดต่อด้วย ลบด้วยเบอร์โทร (this account is a contact's too: wipe it by the telephone number)"
        )
    return kept


def _home(session: Session, request: Request, village: str, home_id: UUID) -> OpenHome:
    home = open_home(session, office_of(request).keyring, home_id)
    if home is None or home.village_code != village:
        raise NotAllowed("ไม่พบครัวเรือนนี้ (no such household)")
    return home


def _must_see(request: Request, village: str) -> None:
    if not must(request, *MAY_HOMES).sees(village):
        raise NotAllowed("หมู่บ้านนี้ไม่อยู่ในพื้นที่ของท่าน (this village is not in your area)")


def _unnumbered() -> list[str]:
    """`TTTTTT00`: homes of a tambon whose village nobody knows, or that has no villages."""
    return [f"{code}00" for code in gazetteer().tambons]
