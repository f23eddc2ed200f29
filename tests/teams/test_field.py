"""What a team sees and may press: its own missions and the open ones of its area; who did what stands in the steps."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from geo.errors import NotAllowed
from teams.response.field import (
    STEPS,
    Actor,
    active_teams,
    assign,
    change_team,
    open_missions,
    stand_down,
    stand_up,
    steps_of,
    take_step,
)
from teams.response.mission import Mission, MissionKind, MissionState, MissionStep
from teams.response.team import Team, make_team
from warning.clock import HandClock
from warning.store.database import Database

MODE = "exercise"
HERE, THERE = "93011201", "93060501"  # two villages, two amphoe
OFFICER = Actor("officer", officer=True)
ACCEPTED, EN_ROUTE, ON_SCENE, DONE = STEPS


class Field:
    """Two boat teams in one amphoe, and a mission in it and one elsewhere."""

    def __init__(self, database: Database, clock: HandClock) -> None:
        self.database, self.clock = database, clock
        with database.session() as session:
            self.one = make_team(session, "ทีม 1", ["9301"], clock.now())
            self.two = make_team(session, "ทีม 2", ["930112"], clock.now())
        self.here, self.there = self.mission(HERE), self.mission(THERE)

    def mission(self, village: str, **more: Any) -> UUID:
        now = self.clock.now()
        values = {
            "id": uuid4(), "mode": MODE, "kind": MissionKind.RESCUE, "priority": 1, "village_code": village, "why": "x",
            "requested_at": now, "due_at": now + timedelta(minutes=15), "changed_at": now,
        }  # fmt: skip
        with self.database.session() as session:
            made = Mission(**values | more)
            session.add(made)
        return made.id

    def of(self, team: Team, by: str = "somebody") -> Actor:
        with self.database.session() as session:
            return Actor(by, officer=False, team=session.get_one(Team, team.id))

    def press(self, mission: UUID, to: MissionState, actor: Actor, **more: Any) -> None:
        with self.database.session() as session:
            take_step(session, mission, MODE, to, actor, self.clock.now(), **more)

    def give(self, mission: UUID, team: Team | None, actor: Actor = OFFICER) -> None:
        with self.database.session() as session:
            assign(session, mission, MODE, team.id if team else None, actor, self.clock.now())

    def seen(self, actor: Actor) -> list[UUID]:
        with self.database.session() as session:
            return [m.id for m in open_missions(session, MODE, actor)]

    def now(self, mission: UUID) -> Mission:
        with self.database.session() as session:
            return session.get_one(Mission, mission)


@pytest.fixture
def field(database: Database, clock: HandClock) -> Field:
    return Field(database, clock)


def test_a_team_sees_the_open_missions_of_its_area_and_its_own(field: Field) -> None:
    one, two = field.of(field.one), field.of(field.two)
    field.mission(HERE, mode="actual")  # a real night is not an exercise's
    assert field.seen(OFFICER) == sorted(field.seen(OFFICER)) or len(field.seen(OFFICER)) == 2
    assert field.seen(one) == field.seen(two) == [field.here]
    field.give(field.there, field.two)
    assert field.seen(two) == [field.there, field.here]  # own first
    field.press(field.here, ACCEPTED, one)
    assert (field.seen(one), field.seen(two)) == ([field.here], [field.there])


def test_whoever_takes_it_first_has_it_and_the_other_is_told(field: Field) -> None:
    field.press(field.here, ACCEPTED, field.of(field.one, "boat"))
    with pytest.raises(NotAllowed, match="another team"):
        field.press(field.here, ACCEPTED, field.of(field.two))
    assert field.now(field.here).team_id == field.one.id


@pytest.mark.parametrize("to", [EN_ROUTE, ON_SCENE, DONE, MissionState.CANCELLED, MissionState.REQUESTED])
def test_only_the_first_step_takes_a_mission(field: Field, to: MissionState) -> None:
    with pytest.raises(NotAllowed):
        field.press(field.here, to, field.of(field.one), outcome="x", head_count=1)
    assert (field.now(field.here).state, field.now(field.here).team_id) == (MissionState.REQUESTED, None)


def test_a_mission_elsewhere_is_not_there_for_a_team(field: Field) -> None:
    with pytest.raises(NotAllowed, match="no such mission"):
        field.press(field.there, ACCEPTED, field.of(field.one))


def test_a_step_behind_it_is_pressed_again_without_harm(field: Field) -> None:
    one = field.of(field.one)
    for to in (ACCEPTED, EN_ROUTE, ACCEPTED, EN_ROUTE, ON_SCENE, ACCEPTED):
        field.press(field.here, to, one)
    with pytest.raises(ValueError, match="outcome"):
        field.press(field.here, DONE, one, outcome=" ", head_count=3)
    field.press(field.here, DONE, one, outcome="พาไปศูนย์พักพิง", head_count=3)
    field.press(field.here, DONE, one, outcome="", head_count=None)
    assert (field.now(field.here).outcome, field.now(field.here).head_count) == ("พาไปศูนย์พักพิง", 3)


def test_each_step_says_who_took_it(field: Field) -> None:
    field.press(field.here, ACCEPTED, field.of(field.one, "a"))
    field.press(field.here, EN_ROUTE, field.of(field.one, "b"))
    field.press(field.here, EN_ROUTE, field.of(field.one, "c"))  # nothing new
    field.give(field.here, field.two)
    field.give(field.here, field.two)
    field.press(field.here, ACCEPTED, field.of(field.two, "d"))
    with field.database.session() as session:
        found = steps_of(session, [field.now(field.here)])[field.here]
    assert [(s.nth, s.state, s.team_id, s.by) for s in found] == [
        (1, ACCEPTED, field.one.id, "a"),
        (2, EN_ROUTE, field.one.id, "b"),
        (3, MissionState.REQUESTED, field.two.id, "officer"),
        (4, ACCEPTED, field.two.id, "d"),
    ]


def test_only_the_centre_gives_and_never_what_is_over(field: Field) -> None:
    with pytest.raises(NotAllowed, match="the centre assigns"):
        field.give(field.here, field.one, field.of(field.one))
    done = field.mission(HERE, state=DONE)
    with pytest.raises(NotAllowed, match="done"):
        field.give(done, field.one)
    with field.database.session() as session:
        stand_down(session, session.get_one(Team, field.one.id), "officer", field.clock.now())
    with pytest.raises(NotAllowed, match="stood down"):
        field.give(field.here, field.one)


def test_what_a_resting_team_had_is_open_again_for_the_next(field: Field) -> None:
    one, two = field.of(field.one), field.of(field.two)
    field.press(field.here, ACCEPTED, one)
    field.press(field.here, EN_ROUTE, one)
    assert field.seen(two) == []
    with field.database.session() as session:
        assert stand_down(session, session.get_one(Team, field.one.id), "officer", field.clock.now()) == 1
    assert (field.seen(two), field.seen(field.of(field.one))) == ([field.here], [])
    with field.database.session() as session:
        stand_up(session.get_one(Team, field.one.id), field.clock.now())
    assert field.seen(field.of(field.one)) == [field.here]


@pytest.mark.parametrize(
    ("name", "areas", "why"),
    [
        pytest.param("  ", ["9301"], "needs a name", id="no-name"),
        pytest.param("ทีม  1", ["9301"], "already", id="same-name"),
        pytest.param("ทีม 3", [], "choose", id="nowhere"),
        pytest.param("ทีม 3", ["9399"], "no such area: 9399", id="unknown-amphoe"),
        pytest.param("ทีม 3", ["939999"], "no such area: 939999", id="unknown-tambon"),
    ],
)
def test_a_team_that_cannot_be(field: Field, name: str, areas: list[str], why: str) -> None:
    with field.database.session() as session, pytest.raises(NotAllowed, match=why):
        make_team(session, name, areas, field.clock.now())


def test_of_two_officers_who_name_a_team_alike_in_the_same_moment_one_is_told(field: Field) -> None:
    def press() -> None:
        with field.database.session() as session:
            make_team(session, "ทีม 3", ["9306"], field.clock.now())

    with ThreadPoolExecutor(1) as other:
        with field.database.session() as session:
            make_team(session, "ทีม 3", ["9301"], field.clock.now())
            pressed = other.submit(press)
            wait([pressed], timeout=0.5)  # not written yet: nobody else can see it
        with pytest.raises(NotAllowed, match="already"):
            pressed.result(timeout=10)
    with field.database.session() as session:
        assert [team.areas for team in active_teams(session) if team.name == "ทีม 3"] == [["9301"]]


def test_a_tambon_of_a_chosen_amphoe_is_in_it_already(field: Field) -> None:
    with field.database.session() as session:
        change_team(
            session, session.get_one(Team, field.two.id), ["930112", "9301", "930601"], field.clock.now()
        )
    with Session(field.database.engine) as session:
        assert session.get_one(Team, field.two.id).areas == ["9301", "930601"]
        assert session.exec(select(MissionStep)).all() == []
