"""Missions on a phone: what is open, gravest first, and the four steps of each."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from teams.response.mission import Mission, MissionState, advance
from warning.accounts.user import UserRole
from warning.alert import Mode
from warning.web.catalogue import say
from warning.web.paper import form_of, paper
from warning.web.public.head_view import Unclear, number
from warning.web.render import language_of, must, office_of

router = APIRouter(prefix="/field")
MAY = (UserRole.DUTY_OFFICER, UserRole.APPROVER)
STEPS = (MissionState.ACCEPTED, MissionState.EN_ROUTE, MissionState.ON_SCENE, MissionState.DONE)
CLOSED = (MissionState.DONE, MissionState.CANCELLED)
ON_A_PAGE = 60


def following(state: MissionState) -> MissionState | None:
    """The next of the four steps."""
    steps = (MissionState.REQUESTED, *STEPS)
    return steps[steps.index(state) + 1] if state in steps[:-1] else None


def open_missions(session: Session, mode: Mode, tambon: str = "") -> list[Mission]:
    """By priority, then by the time it is due. Life at risk stands first whatever the time."""
    wanted = select(Mission).where(
        Mission.mode == mode.value,
        col(Mission.state).not_in(CLOSED),
        col(Mission.village_code).startswith(tambon),
    )
    return list(session.exec(wanted.order_by(col(Mission.priority), col(Mission.due_at), col(Mission.id))))


@router.get("")
def missions(request: Request, tambon: str = "", done: str = "") -> Response:
    must(request, *MAY)
    return _page(request, tambon, done=done if done in STEPS else "")


@router.post("/{mission_id}")
async def move(request: Request, mission_id: UUID) -> Response:
    must(request, *MAY)
    form = await form_of(request)
    office, lang = office_of(request), language_of(request)
    try:
        to = MissionState(form.get("to", ""))
        with office.database.session() as session:
            step(
                session,
                mission_id,
                to,
                form.get("outcome", ""),
                number(form.get("head_count", "")),
                office.clock.now(),
            )
    except Unclear as unclear:
        return _page(request, "", problem=say(lang, str(unclear)), at=mission_id)
    except (NotAllowed, ValueError) as wrong:
        return _page(request, "", problem=str(wrong), at=mission_id)
    return RedirectResponse(f"/field?done={to.value}", status_code=303)


def step(
    session: Session, mission_id: UUID, to: MissionState, outcome: str, head_count: int | None, now: datetime
) -> None:
    """One of the four steps. A second press of the same button changes nothing; done needs its outcome and head count.

    Raises NotAllowed, Unclear.
    """
    mission = session.get(Mission, mission_id, with_for_update=True)
    if mission is None or to not in STEPS:
        raise NotAllowed("ไม่พบงานนี้ (no such mission)")
    if mission.state is to:
        return
    if to is MissionState.DONE:
        if not outcome.strip() or head_count is None:
            raise Unclear("field.need_outcome")
        mission.outcome, mission.head_count = outcome.strip()[:500], head_count
    advance(mission, to, now)


def _page(
    request: Request, tambon: str, *, done: str = "", problem: str = "", at: UUID | None = None
) -> Response:
    office = office_of(request)
    with office.database.session() as session:
        found = open_missions(session, office.mode, tambon)
    return paper(
        request, "field/missions.html", status=422 if problem else 200, missions=found[:ON_A_PAGE], total=len(found),
        steps=STEPS, following=following, done=done, problem=problem, at_mission=at,
    )  # fmt: skip
