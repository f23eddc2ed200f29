"""Mail, browsers and other systems are told too, after whoever can be woken, and with a link where the office has an address."""

from typing import Any, ClassVar
from uuid import uuid4

import pytest

from geo.people import AddressKind, Audience
from tests.warning.town import Told, Town, accepts, channel
from warning.clock import HandClock
from warning.store.database import Database


class ToldByMail(Told):
    needs: ClassVar[str] = "email"


class ToldInTheBrowser(Told):
    needs: ClassVar[str] = "web_push"


class ToldAnotherSystem(Told):
    needs: ClassVar[str] = "webhook"


KINDS: list[Any] = [
    pytest.param(ToldByMail, AddressKind.EMAIL, Audience.INSTITUTION, id="mail-of-a-hospital"),
    pytest.param(ToldAnotherSystem, AddressKind.WEBHOOK, Audience.INSTITUTION, id="a-hospital's-pager"),
    pytest.param(ToldInTheBrowser, AddressKind.WEB_PUSH, Audience.RESIDENT, id="a-browser"),
]


@pytest.mark.parametrize(("carrier", "kind", "audience"), KINDS)
async def test_each_is_told_once_and_nobody_is_reached_by_it(
    database: Database, clock: HandClock, carrier: type[Told], kind: AddressKind, audience: Audience
) -> None:
    screen = channel(accepts, "screen", carrier)
    town = Town(database, clock, [screen])
    config: Any = town.office.config
    config.office.public_url = "https://raksa.example"
    with database.session() as session:
        session.add(town._address(audience, kind, 0, uuid4(), None, "somewhere"))
    kept: list[dict[str, str]] = []
    told = screen.does

    def keep(batch: Any, now: Any) -> Any:
        kept.extend(dict(m.data) for m in batch.messages)
        return told(batch, now)

    object.__setattr__(screen, "does", keep)
    alert = town.alert()
    await town.settle()
    assert [address for _, address, _ in screen.book] == ["somewhere"]
    assert town.states() == {"accepted": 1}
    assert kept[0]["link"] == f"https://raksa.example/a/{alert}" and kept[0]["cap"].endswith(f"{alert}.cap")


async def test_lower_levels_wake_people_before_screens(database: Database, clock: HandClock) -> None:
    sms, mail = channel(accepts), channel(accepts, "mail", ToldByMail)
    town = Town(database, clock, [mail, sms])
    with database.session() as session:
        for nth, (kind, where) in enumerate(
            ((AddressKind.SMS, "+66812345678"), (AddressKind.EMAIL, "a@b.example"))
        ):
            session.add(town._address(Audience.INSTITUTION, kind, nth, uuid4(), None, where))
    town.alert(severity="Moderate")
    await town.settle()
    assert (len(sms.book), len(mail.book)) == (1, 0)
    await town.play(3)
    assert (len(sms.book), len(mail.book)) == (1, 1)
