"""A database that blinks around a send costs no message and no second one, also of a carrier that cannot refuse repeats."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from tests.warning.town import Town, accepts, channel
from warning import claim, deliver
from warning.clock import HandClock
from warning.store.database import Database

BLINKS = [OperationalError("", {}, Exception("gone")), NoneFree("no connection free")]


@pytest.mark.parametrize("blink", BLINKS, ids=["away", "busy"])
@pytest.mark.parametrize(
    ("where", "what"),
    [(claim, "allowed"), (deliver, "write_down")],
    ids=["before-the-send", "after-the-send"],
)
async def test_what_was_sent_is_known_and_what_was_not_is_sent(
    database: Database,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    what: str,
    blink: Exception,
) -> None:
    sms = channel(accepts)
    town = Town(database, clock, [sms])
    town.people(["+66800000001"])
    done, asked = getattr(where, what), []

    def once_away(*given: Any) -> Any:
        asked.append(what)
        if len(asked) == 1:
            raise blink
        return done(*given)

    monkeypatch.setattr(where, what, once_away)
    town.alert()
    await town.settle()
    await town.play(1)
    assert town.states() == {"accepted": 1}
    assert len(sms.book) == 1
