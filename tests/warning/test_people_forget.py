"""Words and numbers of strangers go in time; that they wrote, and whoever still waits, stays."""

from datetime import timedelta
from uuid import UUID

import pytest

from channels.contract import Answer, Reply
from tests.warning.town import Town, accepts, channel
from warning.audit import verify
from warning.clock import HandClock
from warning.people_upload import keep
from warning.running import take_in
from warning.store.database import Database

HOME, STRANGER, WAITING = "+66890001111", "+66691119999", "+66691118888"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Town:
    town = Town(database, clock, [channel(accepts)])
    town.people([HOME])
    for event, address in (("a", HOME), ("b", STRANGER), ("c", WAITING)):
        take_in(
            town.office,
            "sms",
            [Reply(event, Answer.SEEN, clock.now(), address=address, text="น้ำมาแล้วจ้า")],
            "sms",
        )
    town.rows("UPDATE unknown_caller SET state = 'CLOSED' WHERE tail = '•••999' RETURNING id")
    return town


def words(town: Town) -> int:
    return int(town.rows("SELECT count(text_sealed) AS n FROM reply")[0].n)


async def test_after_the_retention_the_words_are_gone_and_the_answers_stand(town: Town) -> None:
    town.clock.forward(timedelta(days=399))
    await town.settle()
    assert words(town) == 3
    town.clock.forward(timedelta(days=2))
    await town.settle()
    assert words(town) == 0
    assert town.rows("SELECT count(*) AS n FROM reply WHERE answer IS NOT NULL")[0].n == 3
    numbers = {
        c.state: c.address_sealed is None
        for c in town.rows("SELECT state, address_sealed FROM unknown_caller")
    }
    assert numbers == {"CLOSED": True, "OPEN": False}
    with town.database.session() as session:
        assert verify(session).ok


async def test_a_list_nobody_confirmed_is_gone_after_a_day(town: Town) -> None:
    with town.database.session() as session:
        keep(session, town.office.keyring, "contacts", b"x", {}, UUID(int=1), town.clock.now())
    town.clock.forward(timedelta(hours=25))
    await town.settle()
    assert town.rows("SELECT count(*) AS n FROM people_upload")[0].n == 0
