"""A hospital is told with the village's head, its answer is its own, and its silence is a call within minutes."""

import io
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from channels.contract import Answer, Reply
from geo.institution import Institution
from geo.institution_file import read_institutions
from geo.institution_import import import_institutions
from teams.response.mission import Mission, MissionKind, MissionState
from tests.warning.town import VILLAGE, Town, accepts, channel
from warning.alert import Alert
from warning.clock import HandClock
from warning.delivery import Coverage
from warning.institution_call import institution_called
from warning.institution_silence import answers_of
from warning.running import take_in, wake
from warning.store.database import Database

HOSPITAL, SCHOOL, HEAD, HOME = "+66691110001", "+66691110002", "+66810009999", "+66890001111"
LIST = f"""รหัสหมู่บ้าน,ชื่อสถานที่,โทร,กลางคืน
{VILLAGE},โรงพยาบาลสมมุติ,{HOSPITAL},80
{VILLAGE},โรงเรียนสมมุติ,{SCHOOL},0
{VILLAGE},บ้านพักคนชราสมมุติ,,30
"""


@pytest.fixture
def town(database: Database, clock: HandClock) -> Town:
    town = Town(database, clock, [channel(accepts)])
    town.people([HOME], head=HEAD)
    houses = read_institutions(io.BytesIO(LIST.encode()), date(2026, 11, 23)).good
    with town.database.session() as session:
        import_institutions(session, town.office.keyring, houses, clock.now())
    return town


def calls(town: Town) -> dict[str, MissionState]:
    """Name of the house -> how its call stands."""
    with town.database.session() as session:
        found = session.exec(
            select(Institution.name, Mission.state)
            .join(Mission, Mission.institution_id == Institution.id)  # type: ignore[arg-type]
            .where(Mission.kind == MissionKind.CALL_INSTITUTION)
        )
        return dict(found.all())


def house(town: Town, name: str) -> UUID:
    with town.database.session() as session:
        return session.exec(select(Institution.id).where(Institution.name == name)).one()


async def silence(town: Town) -> UUID:
    alert = town.alert()
    await town.settle()
    town.clock.forward(timedelta(minutes=11))
    await town.settle()
    return alert


async def test_houses_are_told_before_anybody_who_lives_there(town: Town) -> None:
    town.alert()
    await town.settle()
    [sms] = town.channels
    told = [address for _, address, _ in sms.book]  # type: ignore[attr-defined]
    assert set(told[:2]) == {HOSPITAL, SCHOOL}
    assert sorted(told) == sorted([HOSPITAL, SCHOOL, HEAD, HOME])


async def test_a_house_no_machine_reaches_is_a_call_at_once_a_silent_hospital_after_ten_minutes(
    town: Town,
) -> None:
    town.alert()
    await town.settle()
    assert calls(town) == {"บ้านพักคนชราสมมุติ": MissionState.REQUESTED}
    town.clock.forward(timedelta(minutes=11))
    await town.settle()
    assert set(calls(town)) == {"บ้านพักคนชราสมมุติ", "โรงพยาบาลสมมุติ"}


async def test_its_answer_is_an_acknowledgement_and_no_word_of_the_village(town: Town) -> None:
    alert = town.alert()
    await town.settle()
    take_in(town.office, "sms", [Reply("1", Answer.SEEN, town.clock.now(), address=HOSPITAL)], "sms")
    town.clock.forward(timedelta(minutes=11))
    await town.settle()
    assert "โรงพยาบาลสมมุติ" not in calls(town)
    with town.database.session() as session:
        assert set(answers_of(session, session.get_one(Alert, alert))) == {house(town, "โรงพยาบาลสมมุติ")}
        here = session.exec(select(Coverage).where(Coverage.village_code == VILLAGE)).one()
    assert not here.answered


async def test_a_late_answer_closes_the_call(town: Town) -> None:
    await silence(town)
    take_in(town.office, "sms", [Reply("1", Answer.SEEN, town.clock.now(), address=HOSPITAL)], "sms")
    await town.settle()
    assert calls(town)["โรงพยาบาลสมมุติ"] is MissionState.CANCELLED


async def test_a_hospital_that_asks_for_help_is_a_rescue_of_its_own(town: Town) -> None:
    town.alert()
    await town.settle()
    take_in(town.office, "sms", [Reply("2", Answer.NEED_HELP, town.clock.now(), address=HOSPITAL)], "sms")
    await town.settle()
    with town.database.session() as session:
        (rescue,) = session.exec(select(Mission).where(Mission.kind == MissionKind.RESCUE)).all()
    assert rescue.institution_id == house(town, "โรงพยาบาลสมมุติ")


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Answer.SEEN, MissionState.DONE), (Answer.NO_ANSWER, MissionState.REQUESTED)],
    ids=["they-know", "nobody-lifts"],
)
async def test_the_desk_writes_down_a_call_once(town: Town, answer: Answer, state: MissionState) -> None:
    alert, by = await silence(town), UUID(int=7)
    for _ in range(2):
        with town.database.session() as session:
            name = "โรงพยาบาลสมมุติ"
            wake_ups = institution_called(
                session, alert, house(town, name), answer, "one press", by, town.clock.now(), town.office
            )
        wake(town.office, *wake_ups)
    await town.settle()
    assert calls(town)["โรงพยาบาลสมมุติ"] is state
    assert [r.keyed_by for r in town.rows("SELECT keyed_by FROM reply")] == [str(by)]
