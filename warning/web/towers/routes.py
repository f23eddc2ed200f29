"""The book of loudspeakers: what does not work first; one village's written down in a form, tried by a person's word."""

from collections import Counter
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.people import Contact
from warning.accounts.user import UserRole
from warning.tower_book import Line, Told, book, tried, write_down
from warning.towers import Alive
from warning.web.areas import amphoes
from warning.web.paper import form_of, paper
from warning.web.people.places import found, seen
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter()
MAY = (UserRole.DUTY_OFFICER, UserRole.ADMINISTRATOR)
A_PAGE = 60
NONE = "none"  # villages without any


@router.get("/towers")
def towers(request: Request, q: str = "", amphoe: str = "", alive: str = "") -> Response:
    person, office = must(request, *MAY), office_of(request)
    asked = found(q, amphoe)
    mine = [code for code in gazetteer().villages if person.sees(code)]
    with office.database.session() as session:
        lines = book(session, mine, office.clock.now())
        counts = Counter(_state(line) for line in lines)
        wanted = alive if alive in counts else ""
        chosen = [line for line in lines if asked.holds(line.code) and (not wanted or _state(line) == wanted)]
        areas = seen(person, gazetteer().amphoes)
        return paper(
            request, "towers/list.html", lines=chosen[:A_PAGE], more=max(0, len(chosen) - A_PAGE), counts=counts, asked=asked,
            wanted=wanted, states=(*Alive, NONE), state=_state, substitutes=sum(line.substitute is not None for line in lines),
            total=len(mine), amphoes=[(a.code, a.th, a.en) for a, _ in amphoes() if a.code in areas],
        )  # fmt: skip


@router.get("/towers/{village}")
def of_village(request: Request, village: str, done: str = "") -> Response:
    return _village(request, village, done=done if done in ("saved", "tried") else "")


@router.post("/towers/{village}")
async def saved(request: Request, village: str) -> Response:
    form = await form_of(request)
    person, office = must(request, *MAY), office_of(request)
    _must_see(request, village)
    try:
        told = Told(
            homes_in_earshot=_whole(form.get("homes", "")), battery_hours=_hours(form.get("battery", "")),
            substitute_id=_id(form.get("substitute", "")),
        )  # fmt: skip
        with office.database.session() as session:
            write_down(session, village, _id(form.get("tower", "")), told, office.clock.now(), str(person.id))
    except NotAllowed as wrong:
        return _village(request, village, problem=one_language(str(wrong), language_of(request)))
    return RedirectResponse(f"/towers/{village}?done=saved", status_code=303)


@router.post("/towers/{village}/{tower}/tried")
async def was_tried(request: Request, village: str, tower: UUID) -> Response:
    form = await form_of(request)
    person, office = must(request, *MAY), office_of(request)
    _must_see(request, village)
    with office.database.session() as session:
        tried(session, village, tower, form.get("heard") == "yes", office.clock.now(), str(person.id))
    return RedirectResponse(f"/towers/{village}?done=tried", status_code=303)


def _village(request: Request, village: str, *, done: str = "", problem: str = "") -> Response:
    office = office_of(request)
    _must_see(request, village)
    with office.database.session() as session:
        lines = book(session, [village], office.clock.now())
        people = session.exec(
            select(Contact)
            .where(Contact.village_code == village)
            .order_by(col(Contact.role), col(Contact.rank))
        ).all()
        return paper(
            request, "towers/one.html", status=422 if problem else 200, code=village, lines=lines, people=people, done=done,
            problem=problem, state=_state,
        )  # fmt: skip


def _must_see(request: Request, village: str) -> None:
    if village not in gazetteer().villages or not must(request, *MAY).sees(village):
        raise NotAllowed("หมู่บ้านนี้ไม่อยู่ในพื้นที่ของท่าน (this village is not in your area)")


def _state(line: Line) -> str:
    return line.alive.value if line.tower else NONE


def _whole(written: str) -> int | None:
    try:
        return int(written) if written.strip() else None  # int() reads Thai digits too
    except ValueError:
        raise NotAllowed("ใส่จำนวนบ้านเป็นตัวเลข (homes: please use digits)") from None


def _hours(written: str) -> float | None:
    try:
        return float(written.replace(",", ".")) if written.strip() else None
    except ValueError:
        raise NotAllowed("ใส่ชั่วโมงแบตเตอรี่เป็นตัวเลข (battery hours: please use digits)") from None


def _id(written: str) -> UUID | None:
    try:
        return UUID(written) if written.strip() else None
    except ValueError:
        raise NotAllowed("แบบฟอร์มนี้เก่าแล้ว เปิดหน้าใหม่ (this form is old: open the page again)") from None
