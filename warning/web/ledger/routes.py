"""Relief as it stands: the gap list by village, one village's homes for the officer, and the story of one home.

The forms on a story page are pressed in `claim_routes.py`.
"""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import NoResultFound

from geo.errors import NotAllowed
from geo.when import bangkok
from teams.relief.claim import WORDS, ClaimState
from teams.relief.gaps import GAPS
from teams.relief.payment import Failure, Method
from warning.accounts.user import Person, UserRole
from warning.audit import record
from warning.relief import gap_list, open_event
from warning.story import story
from warning.web.ledger.claim_view import claim_desk
from warning.web.ledger.gap_view import COLUMNS, events, filled, named_rows, public_villages, rows
from warning.web.paper import form_of, paper
from warning.web.public.alert_view import alerts_in_force
from warning.web.render import language_of, must, office_of, person_of

router = APIRouter()


def _officer(request: Request) -> Person | None:
    person = person_of(request)
    return person if person and person.may(UserRole.RELIEF_OFFICER) else None


@router.get("/gaps")
def gaps(request: Request, event: UUID | None = None, public: bool = False) -> Response:
    """Anybody may see that nobody was forgotten; only the officer sees exact figures. `public` shows what others see."""
    office, officer = office_of(request), None if public else _officer(request)
    now = office.clock.now()
    with office.database.session() as session:
        found = events(session, office.mode)
        chosen = next((e for e in found if event in (None, e.id)), None)
        villages = []
        if chosen and officer:
            villages = list(gap_list(session, chosen.id, str(officer.id), now).villages)
        elif chosen:
            villages = public_villages(session, chosen, now)
        alerts = alerts_in_force(session, office.mode, now) if officer else []
    lines, sums = rows(villages, exact=officer is not None)
    return paper(
        request, "ledger/gaps.html", events=found, event=chosen, rows=lines, sums=sums, exact=officer is not None,
        columns=COLUMNS, shown=filled(villages), gaps=GAPS, alerts=alerts,
    )  # fmt: skip


@router.post("/gaps/open")
async def open_relief(request: Request) -> Response:
    """Begin relief for an alert that went out. Twice is once."""
    officer = must(request, UserRole.RELIEF_OFFICER, UserRole.DUTY_OFFICER)
    form, office = await form_of(request), office_of(request)
    try:
        alert_id = UUID(form.get("alert", ""))
    except ValueError as error:
        raise NotAllowed("เลือกการเตือนก่อน (choose an alert first)") from error
    with office.database.session() as session:
        session.info["actor"] = str(officer.id)
        made = open_event(session, alert_id, str(officer.id), office.clock.now())
    return RedirectResponse(f"/gaps?event={made.id}", status_code=303)


@router.get("/gaps/{event}/{village}")
def village_gaps(request: Request, event: UUID, village: str) -> Response:
    officer = must(request, UserRole.RELIEF_OFFICER)
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        found = gap_list(session, event, str(officer.id), now)
    here = [
        e.household_id for e in found.exposures if e.village_code == village and e.household_id in found.named
    ]
    lines = named_rows(dict(found.named), here, now)
    return paper(
        request,
        "ledger/village.html",
        event=found.event,
        code=village,
        rows=lines,
        nth=0 if language_of(request) == "th" else 1,
    )


@router.get("/story/{household}")
def household_story(request: Request, household: UUID, alert: UUID | None = None, done: str = "") -> Response:
    """One home from gauge to payment. That it was looked at is itself noted."""
    person = must(request, UserRole.RELIEF_OFFICER, UserRole.DUTY_OFFICER)
    return story_page(request, household, person, alert, done=done if done in set(ClaimState) else "")


def story_page(
    request: Request,
    household: UUID,
    person: Person,
    alert: UUID | None = None,
    *,
    done: str = "",
    problem: str = "",
) -> Response:
    """The story, and for the relief officer what the home's claim waits for. problem: why the last press was refused."""
    office = office_of(request)
    now = office.clock.now()
    try:
        with office.database.session() as session:
            told = story(session, household, now, alert)
            desk = claim_desk(session, household, told.alert_id, office.mode)
            record(session, "story.read", "household", household, {}, now, str(person.id))
    except NoResultFound as error:
        raise NotAllowed("ไม่พบครัวเรือนนี้ (no such household)") from error
    return paper(
        request, "ledger/story.html", status=422 if problem else 200, story=told, desk=desk, done=done, problem=problem,
        may_press=person.may(UserRole.RELIEF_OFFICER), words=WORDS, methods=list(Method), failures=list(Failure),
        today=bangkok(now).date(), nth=0 if language_of(request) == "th" else 1,
    )  # fmt: skip
