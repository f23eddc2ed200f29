"""Whose word ends a village's chain: a contact's, or what the desk keyed for the village; never that of one house in it."""

from uuid import UUID, uuid4

import pytest

from channels.contract import Answer
from tests.warning.ringing import HEAD, village_of
from tests.warning.town import VILLAGE
from warning.clock import HandClock
from warning.delivery import ReplyRow
from warning.store.database import Database


@pytest.mark.parametrize(
    ("who", "ends"),
    [
        pytest.param({"institution_id": uuid4()}, False, id="a-hospital"),
        pytest.param({"household_id": uuid4()}, False, id="one-home-at-its-door"),
        pytest.param({"caller_id": uuid4()}, False, id="a-stranger"),
        pytest.param({}, True, id="somebody-of-the-village"),
    ],
)
async def test_whoever_speaks_for_one_house_ends_no_chain(
    database: Database, clock: HandClock, who: dict[str, UUID], ends: bool
) -> None:
    village = village_of(database, clock)
    alert = village.issue()
    now = village.town.clock.now()
    with village.town.database.session() as session:
        session.add(
            ReplyRow(
                id=uuid4(), alert_id=alert, mode=village.town.office.mode, village_code=VILLAGE, answer=Answer.NEED_HELP,
                via="phone", keyed_by=str(uuid4()), heard=True, at=now, received_at=now, **who,
            )
        )  # fmt: skip
    await village.town.settle()
    assert village.rung == [HEAD]
    village.ends("no_answer")
    await village.town.play(2, every_s=90)
    assert village.rung == ([HEAD] if ends else [HEAD, HEAD])
