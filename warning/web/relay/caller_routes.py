"""Ringing back whoever nobody knows. The number is opened only for the officer who took the caller, and every look is recorded."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from geo.errors import NotAllowed
from warning.accounts.user import Person
from warning.audit import record
from warning.caller_found import OUTCOMES, Place, bind, caller_of, close, hold, no_answer
from warning.contact_found import SLOT_OF
from warning.engine.app import defer
from warning.web.catalogue import say
from warning.web.paper import form_of, paper
from warning.web.public.head_view import Unclear, number
from warning.web.relay.caller_view import caller_line, villages_to_choose
from warning.web.relay.desk_view import desk
from warning.web.relay.routes import MAY
from warning.web.render import language_of, must, office_of

router = APIRouter(prefix="/relay/callers")


@router.get("/{caller_id}")
def one(request: Request, caller_id: UUID) -> Response:
    return _page(request, caller_id)


@router.get("/{caller_id}/now")
def one_now(request: Request, caller_id: UUID) -> Response:
    """What may change while an officer types: masked, so that no look is recorded for a page nobody touched."""
    person = must(request, *MAY)
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        line = caller_line(session, caller_of(session, caller_id, office), office, now, person.id)
    return paper(request, "relay/caller_now.html", line=line)


@router.post("/{caller_id}/take")
async def take(request: Request, caller_id: UUID) -> Response:
    def do(session: Session, person: Person, form: Mapping[str, str]) -> None:
        office = office_of(request)
        hold(session, caller_id, person.id, person.name, office.clock.now(), office)

    return await _pressed(request, caller_id, do, f"/relay/callers/{caller_id}")


@router.post("/{caller_id}/no-answer")
async def tried(request: Request, caller_id: UUID) -> Response:
    def do(session: Session, person: Person, form: Mapping[str, str]) -> None:
        office = office_of(request)
        no_answer(session, caller_id, office.clock.now(), office)

    return await _pressed(request, caller_id, do, f"/relay/callers/{caller_id}")


@router.post("/{caller_id}/bind")
async def found(request: Request, caller_id: UUID) -> Response:
    def do(session: Session, person: Person, form: Mapping[str, str]) -> None:
        office = office_of(request)
        place = Place(
            form.get("village", ""), form.get("help") == "yes", number(form.get("people", "")), form.get("note", ""),
            SLOT_OF.get(form.get("slot", "")), form.get("name", ""), form.get("phone", ""),
        )  # fmt: skip
        if form.get("help") not in ("yes", "no"):
            raise Unclear("caller.say_help")
        defer(session, bind(session, caller_id, place, person.id, office.clock.now(), office))

    return await _pressed(request, caller_id, do, "/relay?caller=bound")


@router.post("/{caller_id}/close")
async def put_away(request: Request, caller_id: UUID) -> Response:
    def do(session: Session, person: Person, form: Mapping[str, str]) -> None:
        office = office_of(request)
        outcome, note = form.get("outcome", ""), form.get("why", "")
        close(session, caller_id, outcome, note, person.id, office.clock.now(), office)

    return await _pressed(request, caller_id, do, "/relay?caller=closed")


async def _pressed(
    request: Request,
    caller_id: UUID,
    do: Callable[[Session, Person, Mapping[str, str]], None],
    then: str,
) -> Response:
    """A button: done and away, or the page again with the sentence why not and everything that was typed."""
    person = must(request, *MAY)
    form = await form_of(request)
    try:
        with office_of(request).database.session() as session:
            session.info["actor"] = str(person.id)
            do(session, person, form)
    except Unclear as unclear:
        return _page(request, caller_id, say(language_of(request), str(unclear)), form)
    except NotAllowed as wrong:
        return _page(request, caller_id, str(wrong), form)
    return RedirectResponse(then, status_code=303)


def _page(
    request: Request, caller_id: UUID, problem: str = "", form: Mapping[str, str] | None = None
) -> Response:
    person, office, lang = must(request, *MAY), office_of(request), language_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        caller = caller_of(session, caller_id, office)
        line = caller_line(session, caller, office, now, person.id, may_open=True)
        if line.number:
            record(session, "caller.shown", "caller", caller.id, {}, now, str(person.id))
        warned = {code for alert in desk(session, office.mode, now).alerts for code in alert.tambons}
    values: dict[str, Any] = {
        "line": line, "choices": villages_to_choose(warned, lang), "slots": tuple(SLOT_OF), "outcomes": OUTCOMES,
        "problem": problem, "form": form or {},
    }  # fmt: skip
    return paper(request, "relay/caller.html", status=422 if problem else 200, **values)
