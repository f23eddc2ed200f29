"""The plan before a send: nobody is counted twice, nothing is promised that was not measured or named as assumed."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.notebook import Notebook
from geo.gazetteer import gazetteer
from geo.people import Tower, TowerKind
from tests.warning.test_cover import lives
from tests.warning.town import TAMBON, VILLAGE, ToldByLine, Town, channel, delivers
from tests.web.paper_office import night, served
from tests.web.test_console_seen import draft
from tests.web.visitor import see
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.plan import Measured, Place, assumptions, channel_plan, ways_of
from warning.plan_now import places_of, plan_of, proof
from warning.store.database import Database

SMS, LINE = channel(delivers), channel(delivers, "line", ToldByLine)


def place(people: int = 100, tower: bool = False, contacts: int = 0, **addressed: int) -> Place:
    return Place(VILLAGE, people, addressed, contacts, tower)


@pytest.mark.parametrize(
    ("where", "ways"),
    [
        pytest.param(place(), (), id="nothing"),
        pytest.param(place(contacts=1), (), id="one-contact-sleeps"),
        pytest.param(place(contacts=2), ("contacts",), id="two-contacts"),
        pytest.param(place(tower=True, contacts=2), ("tower", "contacts"), id="tower-and-contacts"),
        pytest.param(place(sms=9, line=10), ("line",), id="too-few-numbers"),
        pytest.param(place(sms=50, line=50), ("line", "sms"), id="both"),
        pytest.param(place(people=0, sms=5), (), id="nobody-lives-there"),
    ],
)
def test_the_ways_into_a_village(where: Place, ways: tuple[str, ...]) -> None:
    assert ways_of(where, {"sms", "line"}, 0.1) == ways


def test_a_notebook_is_no_channel(tmp_path: Path) -> None:
    book = Notebook(kind="notebook", name="book", folder=tmp_path)
    plan = channel_plan([place(sms=90, line=90)], [book], {}, {})
    assert (plan.reach, plan.left, len(plan.thin)) == (0, 100, 1)


def test_past_deliveries_are_believed_only_when_there_are_enough() -> None:
    few = channel_plan([place(sms=80)], [SMS], {"sms": Measured(100, 0)}, {}).lines[0]
    assert (few.rate, few.past) == (assumptions().proof["sms"], 0)
    many = channel_plan([place(sms=80)], [SMS], {"sms": Measured(1000, 250)}, {}).lines[0]
    assert (many.rate, many.past, many.reach) == (0.25, 1000, 20)


def test_a_quota_that_ends_half_way_is_said_and_counted() -> None:
    plan = channel_plan([place(line=80)], [LINE], {"line": Measured(1000, 500)}, {"line": 40})
    assert plan.lines[0].people == 40
    assert "40" in plan.lines[0].warning
    assert plan.reach == 20


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 900)] * 3), max_size=20), st.integers(0, 1000))
def test_reached_and_left_are_all_people(villages: list[tuple[int, int, int]], proved: int) -> None:
    found = [place(people, sms=sms, line=line) for people, sms, line in villages]
    plan = channel_plan(found, [SMS, LINE], {"sms": Measured(1000, proved)}, {"line": 100})
    assert plan.reach + plan.left == plan.people
    assert 0 <= plan.reach <= plan.people
    assert 0 <= plan.without_address <= plan.people
    assert plan.reach <= max((line.people for line in plan.lines), default=0) * 2


async def test_the_plan_of_rows(database: Database, clock: Any) -> None:
    town = Town(database, clock, [channel(delivers)])
    for n in range(30):
        lives(town, VILLAGE, f"+668100000{n:02d}", nth=n)
    lives(town, f"{TAMBON}77", "+66810000099", nth=99)
    with database.session() as session:
        session.add(Tower(id=uuid4(), village_code=VILLAGE, kind=TowerKind.MQTT, device_id="t", online=True))
    alert_id: UUID = town.alert(villages=[])
    with database.session() as session:
        alert = session.get_one(Alert, alert_id)
        places = {p.code: p for p in places_of(session, alert, clock.now())}
        assert places[VILLAGE].addressed == {"sms": 30}
        assert places[VILLAGE].tower_alive
        assert places[f"{TAMBON}00"].addressed == {"sms": 1}  # whose village nobody knows is in it
        assert places[VILLAGE].people == gazetteer().village(VILLAGE).people
        assert proof(session, alert.mode, clock.now()) == {}
    await town.settle()
    clock.forward(timedelta(hours=2))
    with database.session() as session:
        alert = session.get_one(Alert, alert_id)
        assert proof(session, alert.mode, clock.now())["sms"] == Measured(31, 31)
        plan = plan_of(session, alert, town.office, clock.now())
        assert plan.lines[0].people == 31
        assert VILLAGE in {v.code for v in plan.thin}  # a loudspeaker alone


def test_whoever_approves_sees_the_plan_and_the_thin_villages(database: Database, clock: Any) -> None:
    town = night(database, clock)
    town.contacts()
    alert = draft(town)
    token = town.officer(UserRole.APPROVER)
    with served(town) as url:
        seen = see(url, token, lang="en").text
    assert str(alert.id) in seen
    total = len(gazetteer().villages_of(TAMBON))
    assert f"{total} of {total} villages have fewer than 2 live, independent ways" in seen
    assert "contacts&#39; telephones only" in seen or "contacts' telephones only" in seen
    assert "% assumed" in seen


def test_one_telephone_in_two_roles_is_one_person_to_ring(database: Database, clock: Any) -> None:
    town = night(database, clock)
    town.contacts()
    alert = draft(town)

    def contacts() -> int:
        with database.session() as session:
            places = places_of(session, session.get_one(Alert, alert.id), clock.now())
            return next(p.contact_people for p in places if p.code == VILLAGE)

    assert contacts() == 2
    town.rows("UPDATE address SET hash = 'same' WHERE village_code = :v RETURNING id", v=VILLAGE)
    assert contacts() == 1
