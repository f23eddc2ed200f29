"""An alert ends, or a village answers: whoever was on the way to tell it is called off and told why; a rescue never is."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from channels.contract import Answer, Reply
from teams.response.field import STEPS, Actor, steps_of, take_step
from teams.response.mission import Mission, MissionKind, MissionState
from teams.response.team import make_team
from tests.warning.town import VILLAGE, Town, accepts, channel
from warning.alert import Alert, AlertState
from warning.audit import SYSTEM
from warning.clock import HandClock
from warning.issue import issue
from warning.running import take_in
from warning.store.database import Database
from warning.writing import write

HEAD, HOME = "+66810009999", "+66890001111"
TELLING = [kind for kind in MissionKind if kind is not MissionKind.RESCUE]


@pytest.fixture
def town(database: Database, clock: HandClock) -> Town:
    town = Town(database, clock, [channel(accepts)])
    town.people([HOME, None], head=HEAD, vulnerable={1})
    return town


def sent_out(town: Town, to: MissionState) -> None:
    """A team takes every open mission and goes as far as `to`."""
    now = town.clock.now()
    with town.database.session() as session:
        team = make_team(session, "เรือ 1", [VILLAGE[:4]], now)
        for mission in session.exec(select(Mission).where(Mission.state == MissionState.REQUESTED)).all():
            for step in STEPS[: STEPS.index(to) + 1]:
                take_step(session, mission.id, mission.mode, step, Actor("boat", False, team), now)


def stand(town: Town, *kinds: MissionKind) -> list[Mission]:
    with town.database.session() as session:
        return [m for m in session.exec(select(Mission)).all() if m.kind in kinds]


def last_step(town: Town, mission: Mission) -> tuple[Any, ...]:
    with town.database.session() as session:
        last = steps_of(session, [mission])[mission.id][-1]
    return last.state, last.by, last.team_id


async def silence(town: Town, hours: float) -> UUID:
    """An alert nobody answered, and a call for help: a mission of each kind."""
    alert = town.alert(hours=hours)
    await town.settle()
    take_in(town.office, "sms", [Reply("help", Answer.NEED_HELP, town.clock.now(), address=HOME)], "sms")
    town.clock.forward(timedelta(minutes=11))
    await town.settle()
    assert {m.kind for m in stand(town, *MissionKind)} >= {MissionKind.RESCUE, MissionKind.SILENT_HOMES}
    return alert


@pytest.mark.parametrize("how_far", [MissionState.ACCEPTED, MissionState.EN_ROUTE])
async def test_whoever_is_not_there_yet_is_called_off_when_the_alert_ends(
    town: Town, how_far: MissionState
) -> None:
    await silence(town, 1)
    sent_out(town, how_far)
    town.clock.forward(timedelta(hours=1))
    await town.settle()
    for mission in stand(town, *TELLING):
        assert (mission.state, mission.outcome) == (
            MissionState.CANCELLED,
            "การเตือนหมดเวลา (the alert expired)",
        )
        assert last_step(town, mission) == (MissionState.CANCELLED, SYSTEM, mission.team_id)
    assert [m.state for m in stand(town, MissionKind.RESCUE)] == [how_far]


async def test_who_has_arrived_writes_down_what_was_found(town: Town) -> None:
    await silence(town, 1)
    sent_out(town, MissionState.ON_SCENE)
    town.clock.forward(timedelta(hours=1))
    await town.settle()
    assert {m.state for m in stand(town, *MissionKind)} == {MissionState.ON_SCENE}


async def test_what_nobody_took_ends_without_a_step(town: Town) -> None:
    await silence(town, 1)
    town.clock.forward(timedelta(hours=1))
    await town.settle()
    assert {m.state for m in stand(town, *TELLING)} == {MissionState.CANCELLED}
    assert town.rows("SELECT 1 FROM mission_step") == []


async def test_a_village_that_answers_calls_off_who_had_accepted_to_go_and_says_so(town: Town) -> None:
    town.alert()
    await town.play(11)
    sent_out(town, MissionState.ACCEPTED)
    said = Reply("e1", Answer.ANNOUNCED, town.clock.now(), address=HEAD, homes=9999)
    take_in(town.office, "sms", [said], "sms")
    town.clock.forward(timedelta(seconds=10))
    await town.settle()
    [told] = stand(town, MissionKind.TELL_VILLAGE)
    assert (told.state, told.outcome) == (
        MissionState.CANCELLED,
        "ยืนยันแล้วทางอื่น (confirmed by other means)",
    )
    assert last_step(town, told) == (MissionState.CANCELLED, SYSTEM, told.team_id)


async def test_a_replaced_alert_says_which_one_replaced_it_in_either_language(town: Town) -> None:
    old = await silence(town, 6)
    sent_out(town, MissionState.EN_ROUTE)
    town.office.config.office.phone = "074000000"
    town.clock.forward(timedelta(minutes=1))
    new = town.alert()
    with town.database.session() as session:
        ended = session.get_one(Alert, new)
        ended.number, ended.references, ended.state = "ฝึก-พท-2569-0013", [str(old)], AlertState.APPROVED
        write(session, ended, town.office)
    with town.database.session() as session:
        issue(session, str(new), town.clock.now(), town.office)
    told = [m for m in stand(town, *TELLING) if m.alert_id == old]
    assert told and {m.outcome for m in told} == {"แทนด้วย ฝึก-พท-2569-0013 (replaced by EX-PT-2569-0013)"}
