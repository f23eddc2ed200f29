"""The door-knock list: sheets made, printed, given out, taken back and keyed; on a phone each door is a press that may wait."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.people import NeedKind
from teams.response.field import Actor
from teams.response.mission import OVER, Mission, MissionKind
from warning.accounts.user import Person, UserRole
from warning.alert import Alert
from warning.audit import record
from warning.delivery import Coverage
from warning.door_knock import (
    doors_left,
    give_out,
    keyed_door,
    make_sheets,
    opened,
    rows_of,
    sheet_and_row,
    sheets_of,
    take_back,
)
from warning.door_knock_sheet import DoorKnockSheet, Found
from warning.engine.app import defer
from warning.web.coverage.door_knock_paper import as_pdf
from warning.web.coverage.routes import issued
from warning.web.field.actor import actor_of
from warning.web.paper import form_of, paper
from warning.web.public.head_view import number
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter()
MAY_SEND_OUT = (UserRole.DUTY_OFFICER, UserRole.APPROVER)


@router.get("/alerts/{alert_id}/door-knock")
def villages(request: Request, alert_id: UUID, done: str = "") -> Response:
    """Which villages have homes left, which sheets are where, and the row codes keyed back."""
    return _index(request, alert_id, done=done)


@router.get("/alerts/{alert_id}/door-knock/{village}")
def one_village(request: Request, alert_id: UUID, village: str, done: str = "") -> Response:
    return _village(request, alert_id, village, done=done)


@router.post("/alerts/{alert_id}/door-knock/key")
async def key(request: Request, alert_id: UUID) -> Response:
    """A row of paper, by its code."""
    form = await form_of(request)
    person, office = must(request, *MAY_SEND_OUT), office_of(request)
    try:
        with office.database.session() as session:
            session.info["actor"] = str(person.id)
            alert = issued(session, request, alert_id)
            sheet, nth = sheet_and_row(session, alert.id, form.get("code", ""))
            _must_see(person, sheet.village_code)
            _key(session, request, alert, sheet, nth, form, str(person.id))
    except (NotAllowed, ValueError) as wrong:
        return _index(request, alert_id, problem=_words(request, wrong), typed=dict(form))
    return RedirectResponse(f"/alerts/{alert_id}/door-knock?done=keyed", status_code=303)


@router.post("/alerts/{alert_id}/door-knock/{village}")
async def make(request: Request, alert_id: UUID, village: str) -> Response:
    await form_of(request)
    person, office = must(request, *MAY_SEND_OUT), office_of(request)
    _must_see(person, village)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        made = make_sheets(
            session, issued(session, request, alert_id), village, str(person.id), office.clock.now()
        )
    return RedirectResponse(
        f"/alerts/{alert_id}/door-knock/{village}?done={'made' if made else 'none'}", status_code=303
    )


@router.post("/alerts/{alert_id}/door-knock/{village}/{nth}")
async def out_or_back(request: Request, alert_id: UUID, village: str, nth: int) -> Response:
    form = await form_of(request)
    person, office = must(request, *MAY_SEND_OUT), office_of(request)
    _must_see(person, village)
    try:
        with office.database.session() as session:
            session.info["actor"] = str(person.id)
            sheet = _sheet(session, issued(session, request, alert_id), village, nth, lock=True)
            if form.get("do") == "back":
                take_back(sheet, str(person.id), office.clock.now())
            else:
                give_out(
                    session, sheet, form.get("to", ""), str(person.id), office.keyring, office.clock.now()
                )
    except NotAllowed as wrong:
        return _village(request, alert_id, village, problem=_words(request, wrong))
    return RedirectResponse(f"/alerts/{alert_id}/door-knock/{village}?done=saved", status_code=303)


@router.get("/alerts/{alert_id}/door-knock/{village}/{nth}.pdf")
def pdf(request: Request, alert_id: UUID, village: str, nth: int) -> Response:
    """The sheet on A4 in Thai, with house numbers: a look on record."""
    person, office = must(request, *MAY_SEND_OUT), office_of(request)
    _must_see(person, village)
    now = office.clock.now()
    with office.database.session() as session:
        alert = issued(session, request, alert_id)
        sheet = _sheet(session, alert, village, nth)
        record(
            session,
            "door_knock.printed",
            "door_knock_sheet",
            sheet.id,
            {"homes": sheet.homes},
            now,
            str(person.id),
        )
        made = as_pdf(alert, sheet, opened(session, office.keyring, sheet), office.config.office, now)
    headers = {"Content-Disposition": f'inline; filename="door-knock-{nth}.pdf"', "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


@router.get("/field/sheet/{sheet_id}")
def on_the_phone(request: Request, sheet_id: UUID, done: str = "") -> Response:
    """One sheet for whoever goes, to be pressed door by door; prints as it stands. A look on record."""
    return _phone(request, sheet_id, done=done == "keyed")


@router.post("/field/sheet/{sheet_id}/{nth}")
async def pressed(request: Request, sheet_id: UUID, nth: int) -> Response:
    form = await form_of(request)
    try:
        with office_of(request).database.session() as session:
            actor = actor_of(request, session)
            sheet, alert = _mine(session, request, actor, sheet_id)
            _key(session, request, alert, sheet, nth, form, actor.by)
    except (NotAllowed, ValueError) as wrong:
        return _phone(request, sheet_id, problem=_words(request, wrong))
    return RedirectResponse(f"/field/sheet/{sheet_id}?done=keyed", status_code=303)


def _key(
    session: Session, request: Request, alert: Alert, sheet: DoorKnockSheet, nth: int, form: Any, by: str
) -> None:
    if form.get("answer") not in list(Found):
        raise NotAllowed("เลือกว่าพบอะไร (choose what was found)")
    people = number(form.get("people", ""))
    defer(
        session,
        keyed_door(
            session, alert, sheet, nth, Found(form["answer"]), people, by, office_of(request).clock.now()
        ),
    )


def _mine(session: Session, request: Request, actor: Actor, sheet_id: UUID) -> tuple[DoorKnockSheet, Alert]:
    """A sheet of this office that an officer or a team of that area may carry. Raises NotAllowed."""
    sheet = session.get(DoorKnockSheet, sheet_id)
    officer = actor.officer and sheet is not None and must(request).sees(sheet.village_code)
    team = sheet is not None and actor.team is not None and actor.team.serves(sheet.village_code)
    if sheet is None or not (officer or team):
        raise NotAllowed("ไม่พบใบนี้ (no such sheet)")
    return sheet, issued(session, request, sheet.alert_id)


def _phone(request: Request, sheet_id: UUID, *, done: bool = False, problem: str = "") -> Response:
    office = office_of(request)
    with office.database.session() as session:
        actor = actor_of(request, session)
        sheet, alert = _mine(session, request, actor, sheet_id)
        if not (done or problem):  # the same page after a press is no further look
            record(
                session,
                "door_knock.shown",
                "door_knock_sheet",
                sheet.id,
                {"homes": sheet.homes},
                office.clock.now(),
                actor.by,
            )
        rows = opened(session, office.keyring, sheet)
    return paper(
        request, "coverage/sheet.html", status=422 if problem else 200, sheet=sheet, alert=alert, rows=rows, found=list(Found),
        done=done, problem=problem, actor=actor,
    )  # fmt: skip


def _index(
    request: Request, alert_id: UUID, *, done: str = "", problem: str = "", typed: Any = None
) -> Response:
    person, office = must(request, *MAY_SEND_OUT), office_of(request)
    with office.database.session() as session:
        alert = issued(session, request, alert_id)
        lines = session.exec(
            select(Coverage).where(Coverage.alert_id == alert.id, Coverage.reached < Coverage.homes)
            .order_by(col(Coverage.vulnerable_unreached).desc(), col(Coverage.village_code))
        ).all()  # fmt: skip
        sheets = sheets_of(session, alert.id)
    return paper(
        request, "coverage/door_knock.html", status=422 if problem else 200, alert=alert,
        lines=[line for line in lines if person.sees(line.village_code)], done=done, problem=problem, typed=typed or {},
        sheets=[sheet for sheet in sheets if person.sees(sheet.village_code)], found=list(Found),
    )  # fmt: skip


def _village(
    request: Request, alert_id: UUID, village: str, *, done: str = "", problem: str = ""
) -> Response:
    person, office = must(request, *MAY_SEND_OUT), office_of(request)
    _must_see(person, village)
    with office.database.session() as session:
        alert = issued(session, request, alert_id)
        doors = doors_left(session, alert, village)
        counted = session.get(Coverage, (alert.id, village))
        sheets = sheets_of(session, alert.id, village)
        keyed = {
            sheet.id: sum(row.found is not None for row in rows_of(session, sheet.id)) for sheet in sheets
        }
        takers = {s.id: office.keyring.open(s.taken_by_sealed) for s in sheets if s.taken_by_sealed}
        missions = session.exec(
            select(Mission).where(
                Mission.alert_id == alert.id, Mission.village_code == village, col(Mission.state).not_in(OVER),
                col(Mission.kind).in_((MissionKind.SILENT_HOMES, MissionKind.VULNERABLE_HOME)),
            ).order_by(col(Mission.priority))
        ).all()  # fmt: skip
    needs = {need: sum(need in door.needs for door in doors) for need in NeedKind}
    return paper(
        request, "coverage/door_knock_village.html", status=422 if problem else 200, alert=alert, code=village, doors=doors,
        counted=counted, sheets=sheets, keyed=keyed, takers=takers, missions=missions, needs=needs, done=done, problem=problem,
    )  # fmt: skip


def _sheet(session: Session, alert: Alert, village: str, nth: int, *, lock: bool = False) -> DoorKnockSheet:
    wanted = select(DoorKnockSheet).where(
        DoorKnockSheet.alert_id == alert.id, DoorKnockSheet.nth == nth, DoorKnockSheet.village_code == village
    )
    found = session.exec(wanted.with_for_update() if lock else wanted).first()
    if found is None:
        raise NotAllowed("ไม่พบใบนี้ (no such sheet)")
    return found


def _must_see(person: Person, village: str) -> None:
    if not person.sees(village):
        raise NotAllowed("หมู่บ้านนี้ไม่อยู่ในพื้นที่ของท่าน (this village is not in your area)")


def _words(request: Request, wrong: Exception) -> str:
    clear = isinstance(wrong, NotAllowed)
    return one_language(
        str(wrong) if clear else "ตัวเลขไม่ชัดเจน (the number is not clear)", language_of(request)
    )
