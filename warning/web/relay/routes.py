"""The relay desk's routes. Numbers are opened only for the person who rings the village, and every look is recorded."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from channels.contract import Answer
from geo.errors import NotAllowed
from teams.response.village_water import WaterState
from warning.accounts.user import Person, UserRole
from warning.audit import record
from warning.chain_turn import KEYED, tried
from warning.contact_found import SLOT_OF, Found, save_contact
from warning.engine.app import defer
from warning.keyed import VIA, Said, claim, keyed, village_alert
from warning.office import Office
from warning.posted import groups_left, posted_of
from warning.web.catalogue import say
from warning.web.paper import form_of, paper
from warning.web.public.alert_view import level_of
from warning.web.public.head_view import SINCE_MINUTES, WATERS, Unclear, number
from warning.web.relay.caller_view import caller_lines
from warning.web.relay.chain_view import next_call
from warning.web.relay.desk_view import Desk, VillageLine, contacts_of, desk, desk_mark
from warning.web.render import language_of, must, office_of

router = APIRouter(prefix="/relay")
MAY = (UserRole.DUTY_OFFICER, UserRole.APPROVER)
OUTCOMES = (Answer.ANNOUNCED, Answer.WILL_ANNOUNCE, Answer.NO_ANSWER, Answer.NEED_HELP, Answer.WATER_HERE)


@router.get("")
def show_desk(request: Request, saved: str = "", answer: str = "", caller: str = "") -> Response:
    values = _desk_values(request)
    lines = values["desk"].lines
    done = next((li for li in lines if li.code == saved), None) if answer in OUTCOMES else None
    caller_done = caller if caller in ("bound", "closed") else ""
    return paper(request, "relay/desk.html", done=done, answer=answer, caller_done=caller_done, **values)


@router.get("/now")
def desk_now(request: Request) -> Response:
    """The part of the desk that changes; 304 when nothing has since the page last asked."""
    person, office = must(request, *MAY), office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        mark = desk_mark(session, now, language_of(request), person.id)
    if request.headers.get("If-None-Match") == mark:
        return Response(status_code=304, headers={"ETag": mark})
    answer = paper(request, "relay/desk_now.html", **_desk_values(request))
    answer.headers["ETag"] = mark
    return answer


def _desk_values(request: Request) -> dict[str, Any]:
    person, office = must(request, *MAY), office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        found = desk(session, office.mode, now)
        masked = contacts_of(session, [li.code for li in found.lines], office.keyring, opened=False)
        callers = caller_lines(session, office, now, person.id)
    return {
        "desk": found, "contacts": masked, "callers": callers,
        "levels": {alert.id: level_of(alert) for alert in found.alerts},
    }  # fmt: skip


@router.get("/print")
def print_list(request: Request, left: bool = False) -> Response:
    """The A4 list of one's own area with the numbers in full: for the night on which nothing else works."""
    person = must(request, *MAY)
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        found = desk(session, office.mode, now)
        lines = [li for li in found.lines if person.sees(li.code) and not (left and li.answered)]
        people = contacts_of(session, [li.code for li in lines], office.keyring, opened=True)
        shown = {"villages": len(lines), "contacts": sum(map(len, people.values()))}
        record(session, "contacts.printed", "relay", office.mode.value, shown, now, str(person.id))
    return paper(request, "relay/print.html", desk=found, lines=lines, contacts=people, now_at=now)


@router.get("/{alert_id}/texts")
def texts(request: Request, alert_id: UUID) -> Response:
    must(request, *MAY)
    office = office_of(request)
    with office.database.session() as session:
        alert = next(
            (a for a in desk(session, office.mode, office.clock.now()).alerts if a.id == alert_id), None
        )
        if alert is None:
            raise NotAllowed("การเตือนนี้ไม่มีผลแล้ว (this alert is no longer in force)")
        told, left = posted_of(session, alert.id), groups_left(session, alert)
    return paper(request, "relay/texts.html", alert=alert, level=level_of(alert), posted=told, groups=left)


@router.get("/{alert_id}/{village}")
def card(request: Request, alert_id: UUID, village: str, contact: str = "") -> Response:
    return _card(request, alert_id, village, contact_saved=contact == "saved")


@router.get("/{alert_id}/{village}/now")
def card_now(request: Request, alert_id: UUID, village: str) -> Response:
    """What others do about this village while an officer types. Shows no number, so no look is recorded."""
    person, office = must(request, *MAY), office_of(request)
    with office.database.session() as session:
        village_alert(session, alert_id, village)
        line = _line(desk(session, office.mode, office.clock.now()), alert_id, village)
        turn = next_call(session, alert_id, village, office.config.chain.tries)
    mine = line is not None and line.held_by == person.id
    return paper(request, "relay/card_now.html", line=line, mine=mine, turn=turn)


@router.post("/{alert_id}/{village}/contact")
async def contact_found(request: Request, alert_id: UUID, village: str) -> Response:
    """A number found by ringing round: into the registry, verified by this officer."""
    person, office = must(request, *MAY), office_of(request)
    form = await form_of(request)
    try:
        slot = SLOT_OF.get(form.get("slot", ""))
        if slot is None:
            raise Unclear("contact.choose")
        now, found = office.clock.now(), Found(slot, form.get("name", ""), form.get("phone", ""))
        _must_see(person, village)
        with office.database.session() as session:
            village_alert(session, alert_id, village)
            if village.endswith("00"):
                raise NotAllowed("ตำบลนี้ไม่มีหมู่บ้าน เก็บผู้ติดต่อไม่ได้ (no villages here: it can have no contact)")
            defer(session, save_contact(session, village, found, person.id, now, office))
    except (Unclear, NotAllowed) as wrong:
        problem = say(language_of(request), str(wrong)) if isinstance(wrong, Unclear) else str(wrong)
        return _card(request, alert_id, village, problem=problem, form=form, status=422)
    return RedirectResponse(f"/relay/{alert_id}/{village}?contact=saved", status_code=303)


@router.post("/{alert_id}/{village}/take")
async def take(request: Request, alert_id: UUID, village: str) -> Response:
    person = must(request, *MAY)
    await form_of(request)
    office = office_of(request)
    _must_see(person, village)
    with office.database.session() as session:
        claim(session, alert_id, village, person.id, person.name, office.clock.now())
    return RedirectResponse(f"/relay/{alert_id}/{village}", status_code=303)


@router.post("/{alert_id}/{village}/tried")
async def call_tried(request: Request, alert_id: UUID, village: str) -> Response:
    """Whoever is next in the chain was rung by hand, and brought no answer."""
    person, office = must(request, *MAY), office_of(request)
    form = await form_of(request)
    try:
        try:
            call = UUID(hex=form.get("call", ""))
        except ValueError as error:
            raise Unclear("relay.outcome") from error
        with office.database.session() as session:
            village_alert(session, alert_id, village)
            outcome, now = form.get("tried", ""), office.clock.now()
            defer(session, tried(session, alert_id, village, call, outcome, person.id, now, office))
    except (Unclear, NotAllowed) as wrong:
        problem = say(language_of(request), str(wrong)) if isinstance(wrong, Unclear) else str(wrong)
        return _card(request, alert_id, village, problem=problem, form=form, status=422)
    return RedirectResponse(f"/relay/{alert_id}/{village}", status_code=303)


@router.post("/{alert_id}/{village}/answer")
async def answer(request: Request, alert_id: UUID, village: str) -> Response:
    person = must(request, *MAY)
    form = await form_of(request)
    office = office_of(request)
    now = office.clock.now()
    try:
        said = _said(form, office, language_of(request))
        with office.database.session() as session:
            defer(session, keyed(session, alert_id, village, said, person.id, now, office))
    except (Unclear, NotAllowed) as wrong:
        problem = say(language_of(request), str(wrong)) if isinstance(wrong, Unclear) else str(wrong)
        return _card(request, alert_id, village, problem=problem, form=form, status=422)
    return RedirectResponse(f"/relay?saved={village}&answer={said.answer.value}", status_code=303)


def _must_see(person: Person, village: str) -> None:
    """Whoever rings a village sees its people's numbers."""
    if not person.sees(village):
        raise NotAllowed("หมู่บ้านนี้ไม่อยู่ในพื้นที่ของท่าน (this village is not in your area)")


def _said(form: Mapping[str, str], office: Office, lang: str) -> Said:
    try:
        heard, event = Answer(form.get("answer", "")), UUID(hex=form.get("event", "")).hex
    except ValueError as error:
        raise Unclear("relay.outcome") from error
    water = WaterState(form["water"]) if form.get("water") in WATERS else None
    if heard is Answer.WATER_HERE and water is None:
        raise Unclear("head.which")
    since = office.clock.now() - timedelta(minutes=min(number(form.get("since", "")) or 0, 24 * 60))
    return Said(
        event, heard, form.get("via", ""), form.get("heard_from", ""),
        number(form.get("homes", "")) if heard is Answer.ANNOUNCED else None,
        number(form.get("people", "")) if heard is Answer.NEED_HELP else None, water, since,
    )  # fmt: skip


def _card(
    request: Request,
    alert_id: UUID,
    village: str,
    problem: str = "",
    form: Mapping[str, str] | None = None,
    status: int = 200,
    contact_saved: bool = False,
) -> Response:
    person = must(request, *MAY)
    office = office_of(request)
    with office.database.session() as session:
        values = _card_values(session, office, person, alert_id, village)
    values |= {"problem": problem, "form": form or {}, "contact_saved": contact_saved}
    return paper(request, "relay/card.html", status=status, **values)


def _line(found: Desk, alert_id: UUID, village: str) -> VillageLine | None:
    return next((li for li in found.lines if (li.alert_id, li.code) == (alert_id, village)), None)


def _card_values(
    session: Session, office: Office, person: Person, alert_id: UUID, village: str
) -> dict[str, Any]:
    now = office.clock.now()
    alert = village_alert(session, alert_id, village)
    found = desk(session, office.mode, now)
    line = _line(found, alert_id, village)
    mine = line is not None and line.held_by == person.id and person.sees(village)
    people = contacts_of(session, [village], office.keyring, opened=mine).get(village, [])
    if mine and people:
        record(session, "contacts.shown", "village", village, {"contacts": len(people)}, now, str(person.id))
    return {
        "alert": alert, "line": line, "code": village, "mine": mine, "people": people, "level": level_of(alert),
        "event": uuid4().hex, "outcomes": OUTCOMES, "via": VIA, "waters": WATERS, "since": SINCE_MINUTES,
        "following": found.after(alert_id, village), "slots": tuple(SLOT_OF),
        "turn": next_call(session, alert_id, village, office.config.chain.tries), "keyed": KEYED,
    }  # fmt: skip
