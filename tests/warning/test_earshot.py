"""An announcement counts for no more homes than can hear the loudspeaker, where that is known of each of the village's towers."""

from typing import Any
from uuid import uuid4

import pytest

from channels.contract import Answer, Reply
from geo.people import Tower, TowerKind
from tests.warning.town import VILLAGE, Town, accepts, channel
from warning.cover import Homes, count_village
from warning.running import take_in
from warning.store.database import Database


class Said:
    """What a village said, as `cover` reads it."""

    announced, answered, last_word, last_word_at = True, True, "announced", None

    def __init__(self, homes: int) -> None:
        self.homes_told = homes


@pytest.mark.parametrize(
    ("told", "earshot", "reached"),
    [
        pytest.param(85, None, 85, id="nobody-has-counted-who-hears-it"),
        pytest.param(85, 60, 60, id="more-than-can-hear-it"),
        pytest.param(40, 60, 40, id="fewer-than-can-hear-it"),
        pytest.param(85, 0, 0, id="a-dead-horn"),
        pytest.param(500, 300, 120, id="never-more-than-there-are"),
    ],
)
def test_the_partition_counts_an_announcement_within_earshot(
    told: int, earshot: int | None, reached: int
) -> None:
    found = count_village(VILLAGE, 120, None, Said(told), live=True, earshot=earshot)
    assert (found["reached"], found["reached_by_announcement"]) == (reached, reached)
    assert found["reached"] + found["waiting"] + found["unreached"] == found["homes"] == 120


def test_what_homes_said_themselves_is_not_cut() -> None:
    found = count_village(VILLAGE, 120, Homes(80, 70, 0, 0, 0), Said(85), live=True, earshot=10)
    assert (found["reached"], found["reached_by_announcement"]) == (70, 0)


@pytest.mark.parametrize(
    ("towers", "reached"),
    [
        pytest.param([], 30, id="no-tower-in-the-registry"),
        pytest.param([12], 12, id="one"),
        pytest.param([12, 9], 21, id="two-add-up"),
        pytest.param([12, None], 30, id="of-one-of-them-nobody-knows"),
    ],
)
async def test_the_registry_says_how_far_it_is_heard(
    database: Database, clock: Any, towers: list[int | None], reached: int
) -> None:
    town = Town(database, clock, [channel(accepts)])
    town.people([None] * 40, head="+66810000099")
    with database.session() as session:
        for homes in towers:
            session.add(
                Tower(id=uuid4(), village_code=VILLAGE, kind=TowerKind.MICROPHONE, homes_in_earshot=homes)
            )
    town.alert()
    await town.settle()
    (row,) = town.rows("SELECT d.id FROM delivery d WHERE d.owner_id IS NOT NULL AND d.household_id IS NULL")
    said = Reply("e1", Answer.ANNOUNCED, clock.now(), delivery_id=row.id, homes=30, times=3)
    take_in(town.office, "link", [said], "link")
    await town.settle()
    (line,) = town.rows("SELECT reached FROM coverage WHERE village_code = :v", v=VILLAGE)
    assert line.reached == reached
    assert town.rows("SELECT times FROM reply")[0].times == 3
