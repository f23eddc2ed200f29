"""The forms of one home's claim, on its story page: file it, move it, survey, pay with proof.

No rule stands here. What the rules refuse is said on the same page in their own words, and nothing is written.
"""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from geo.errors import NotAllowed
from teams.relief.claim import Claim, ClaimState
from warning.accounts.user import Person, UserRole
from warning.office import Office
from warning.relief import file_claim, move, pay, survey
from warning.web.ledger.claim_view import (
    POST,
    baht,
    day_of,
    failure_of,
    items_of,
    mark_of,
    method_of,
    moment_of,
    rates_of,
    whole,
)
from warning.web.ledger.routes import story_page
from warning.web.paper import form_of
from warning.web.render import must, office_of

router = APIRouter(prefix="/story")


@router.post("/{household}/claim")
async def press(request: Request, household: UUID) -> Response:
    """One step of the home's claim. Pressed twice is once; what is not allowed is answered on the same page."""
    person = must(request, UserRole.RELIEF_OFFICER)
    form = await form_of(request)
    return await run_in_threadpool(_pressed, request, person, household, form)


def _pressed(request: Request, person: Person, household: UUID, form: Mapping[str, str]) -> Response:
    office = office_of(request)
    try:
        with office.database.session() as session:
            session.info["actor"] = str(person.id)
            state = _step(session, office, household, form, str(person.id))
    except (NotAllowed, NoResultFound, ValueError) as wrong:
        said = str(wrong) if isinstance(wrong, NotAllowed) else "ไม่พบขั้นตอนนี้ (there is no such step)"
        return story_page(request, household, person, problem=said)
    return RedirectResponse(f"/story/{household}?done={state.value}#relief", status_code=303)


def _step(session: Session, office: Office, household: UUID, form: Mapping[str, str], by: str) -> ClaimState:
    """Raises NotAllowed as the rules do, ValueError and NoResultFound for what no page of ours sends."""
    now = office.clock.now()
    if "claim" not in form:
        day = day_of(form.get("damage_on", ""))
        return file_claim(session, UUID(form.get("event", "")), household, by, now, damage_on=day).state
    to = ClaimState(form.get("to", ""))
    claim = session.get_one(Claim, UUID(form["claim"]), with_for_update=True)
    if claim.household_id != household:
        raise NoResultFound
    if form.get("mark") != mark_of(claim):
        if claim.state is to:
            return to
        raise NotAllowed(
            "คำขอนี้เปลี่ยนไปแล้วหลังจากเปิดหน้านี้ ดูขั้นล่าสุดด้านล่าง "
            "(this claim has moved since the page was opened: see below where it stands)"
        )
    if to is ClaimState.SURVEYED:
        items = items_of(form, rates_of(session, claim))
        depth, days = whole(form.get("depth_cm", "")), whole(form.get("days_flooded", ""))
        survey(session, claim.id, items, by, now, depth_cm=depth, days_flooded=days)
    elif to in (ClaimState.PAID, ClaimState.PAY_FAILED):
        _pay(session, office, claim, to, form, by)
    else:
        minutes = form.get("minutes", "").strip()[:80]
        move(
            session, claim.id, to, by, POST.get(to, "office"), now, reason=form.get("reason", "")[:500],
            evidence=(f"minutes {minutes}",) if minutes else (),
        )  # fmt: skip
    return to


def _pay(
    session: Session, office: Office, claim: Claim, to: ClaimState, form: Mapping[str, str], by: str
) -> None:
    """A payment's proof, or what came back of it. Who keys it in answers for having paid."""
    now = office.clock.now()
    failure = failure_of(form.get("failure", "")) if to is ClaimState.PAY_FAILED else None
    if to is ClaimState.PAY_FAILED and failure is None:
        raise NotAllowed("กรุณาเลือกสาเหตุที่จ่ายไม่สำเร็จ (please choose why it failed)")
    pay(
        session, claim.id, baht(form.get("amount", "")), method_of(form.get("method", "")),
        form.get("reference", "")[:80], by, moment_of(form.get("paid_at", ""), now), by, now, failure=failure,
    )  # fmt: skip
