"""Whose word ends a village's chain: a contact's, or what the desk keyed for the village; never that of one house in it."""

from uuid import UUID, uuid4

import pytest

from channels.contract import Answer, Reply
from tests.warning.ringing import ASSISTANT, HEAD, village_of
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


async def test_an_answer_by_sms_is_to_the_sms_and_not_to_the_call(
    database: Database, clock: HandClock
) -> None:
    """Else `seen` would stand as the outcome of a call, and the next calls to the head would be left out."""
    village = village_of(database, clock)
    village.issue()
    await village.town.settle()
    for nth, phone in enumerate((HEAD, ASSISTANT)):
        village._hear(Reply(f"sms {nth}", Answer.SEEN, clock.now(), address=phone))
    heard = village.town.rows("SELECT channel FROM delivery_status WHERE state = 'confirmed'")
    assert [channel for (channel,) in heard] == ["sms", "sms"]
    village.ends("no_answer")
    await village.town.play(2, every_s=90)
    assert village.rung == [HEAD, HEAD]
