"""Missions on a phone: what is open, gravest first, and the four steps of each; for officers also whose each is."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.households import needs_by_home
from geo.institution import names_of
from geo.people import Household
from teams.response.field import (
    STEPS,
    active_teams,
    assign,
    called_off,
    following,
    held,
    open_missions,
    steps_of,
    take_step,
)
from teams.response.mission import Mission, MissionState, MissionStep
from warning.accounts.user import User
from warning.audit import SYSTEM, record
from warning.office import Office
from warning.web.catalogue import say
from warning.web.field.actor import actor_of
from warning.web.paper import form_of, paper
from warning.web.public.head_view import Unclear, number
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter(prefix="/field")
ON_A_PAGE = 60
Home = tuple[str, float | None, float | None]  # house number, latitude, longitude


@router.get("")
def missions(request: Request, tambon: str = "", done: str = "") -> Response:
    return _page(request, tambon, done=done if done in (*STEPS, "given") else "")


@router.post("/{mission_id}")
async def move(request: Request, mission_id: UUID) -> Response:
    form = await form_of(request)
    office = office_of(request)
    try:
        to = MissionState(form.get("to", ""))
        head_count = number(form.get("head_count", ""))
        if to is MissionState.DONE and (head_count is None or not form.get("outcome", "").strip()):
            raise Unclear("field.need_outcome")
        with office.database.session() as session:
            take_step(
                session, mission_id, office.mode.value, to, actor_of(request, session), office.clock.now(),
                outcome=form.get("outcome", ""), head_count=head_count,
            )  # fmt: skip
    except (NotAllowed, ValueError) as wrong:
        return _page(request, "", problem=_words(request, wrong), at=mission_id, typed=dict(form))
    return RedirectResponse(f"/field?done={to.value}", status_code=303)


@router.post("/{mission_id}/team")
async def give(request: Request, mission_id: UUID) -> Response:
    form = await form_of(request)
    office = office_of(request)
    try:
        team_id = UUID(form["team"]) if form.get("team") else None
        with office.database.session() as session:
            actor = actor_of(request, session)
            assign(session, mission_id, office.mode.value, team_id, actor, office.clock.now())
    except (NotAllowed, ValueError) as wrong:
        return _page(request, "", problem=_words(request, wrong), at=mission_id)
    return RedirectResponse("/field?done=given", status_code=303)


@router.post("/{mission_id}/home")
async def where(request: Request, mission_id: UUID) -> Response:
    """Which house it is: only for those who go there, and every look is in the trail."""
    await form_of(request)
    office = office_of(request)
    try:
        with office.database.session() as session:
            actor = actor_of(request, session)
            mission = held(session, mission_id, office.mode.value, actor)
            if actor.officer and not actor.owns(mission) and not must(request).sees(mission.village_code):
                raise NotAllowed("หมู่บ้านนี้ไม่อยู่ในพื้นที่ของท่าน (this village is not in your area)")
            if mission.state not in STEPS[:-1] or not (actor.officer or actor.owns(mission)):
                raise NotAllowed("รับงานก่อนจึงเห็นบ้านเลขที่ (accept the mission first to see the house number)")
            home = _home(session, office, mission)
            data = {"household_id": str(mission.household_id)}
            record(session, "household.shown", "mission", mission.id, data, office.clock.now(), actor.by)
    except NotAllowed as wrong:
        return _page(request, "", problem=str(wrong), at=mission_id)
    return _page(request, "", at=mission_id, home=home)


def _home(session: Session, office: Office, mission: Mission) -> Home:
    home = session.get(Household, mission.household_id) if mission.household_id else None
    if home is None:
        raise NotAllowed("งานนี้ไม่ได้ระบุบ้าน (this mission names no house)")
    house_no = office.keyring.open(home.house_no_sealed) if home.house_no_sealed else "-"
    return house_no, home.lat, home.lon


def _words(request: Request, wrong: Exception) -> str:
    if isinstance(wrong, Unclear):
        return say(language_of(request), str(wrong))
    return str(wrong) if isinstance(wrong, NotAllowed) else say(language_of(request), "field.unclear")


def _names(session: Session, steps: dict[UUID, list[MissionStep]]) -> dict[str, str]:
    ids = {UUID(step.by) for moves in steps.values() for step in moves if step.by != SYSTEM}
    users = session.exec(select(User).where(col(User.id).in_(ids)))
    return {str(user.id): user.name for user in users}


def _page(
    request: Request, tambon: str, *, done: str = "", problem: str = "", at: UUID | None = None,
    typed: dict[str, str] | None = None, home: Home | None = None,
) -> Response:  # fmt: skip
    office = office_of(request)
    with office.database.session() as session:
        actor = actor_of(request, session)
        found = open_missions(session, office.mode.value, actor, tambon)
        shown = found[:ON_A_PAGE]
        ended = called_off(session, office.mode.value, actor, office.clock.now())[:ON_A_PAGE]
        needs = needs_by_home(session, [m.household_id for m in shown if m.household_id])
        steps, houses = (
            steps_of(session, shown),
            names_of(session, [m.institution_id for m in shown if m.institution_id]),
        )
        names, teams = _names(session, steps), active_teams(session) if actor.officer else []
    return paper(
        request, "field/missions.html", status=422 if problem else 200, missions=shown, total=len(found), ended=ended,
        why=lambda outcome: one_language(outcome, language_of(request)),
        actor=actor, teams=teams, moves=steps, needs=needs, houses=houses, names=names, steps=STEPS, following=following, done=done,
        problem=one_language(problem, language_of(request)), at_mission=at, typed=typed or {}, home=home, demo=request.app.state.demo,
    )  # fmt: skip
