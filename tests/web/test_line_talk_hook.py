"""The whole way with the simulated LINE: a person writes, the webhook is stored, the account answers by reply token; a block
brings the SMS."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from channels.line import Line
from geo.people import AddressKind, Audience
from geo.self_registered import home_of
from tests.warning.town import VILLAGE, channel, delivers
from tests.web.paper_office import Night, served
from warning.clock import HandClock
from warning.store.database import Database
from warning.talk.desk import HelpDeskSettings
from warning.world.book import Book
from warning.world.hooks import Hooks
from warning.world.line import Line as LineSettings
from warning.world.line import LineServer
from warning.world.line_phones import LinePhones

USER, PHONE = "U" + "5" * 32, "+66812220000"


@pytest.fixture
async def phones(database: Database, clock: HandClock) -> AsyncIterator[tuple[Night, LinePhones, Book]]:
    book, hooks = Book(clock.now), Hooks()
    async with LineServer(LineSettings(token="tok", secret="sec"), book, clock.now) as server:
        line = Line(kind="line", name="line", token="tok", secret="sec", base_url=server.url, simulated=True)
        town = Night(database, clock, [line, channel(delivers)])
        config: Any = town.office.config
        config.help_desk = HelpDeskSettings()
        with served(town) as url:
            hooks.url = f"{url}/hooks/line"
            await hooks.start()
            try:
                yield town, LinePhones(server, hooks, clock.now), book
            finally:
                await hooks.stop()


async def answers(hooks: Hooks, book: Book, at_least: int) -> list[str]:
    await hooks.settled()
    for _ in range(100):
        if len(book.arrivals("line_reply")) >= at_least:
            break
        await asyncio.sleep(0.05)
    return [a.address for a in book.arrivals("line_reply")]


async def test_registered_from_the_telephone_and_told_by_sms_after_a_block(
    phones: tuple[Night, LinePhones, Book],
) -> None:
    town, hand, book = phones
    hand.follow(USER)
    assert await answers(hand.hooks, book, 1) == [USER]
    hand.press(USER, f"t=here&l=th&c={VILLAGE}")
    assert len(await answers(hand.hooks, book, 2)) == 2
    hand.say(USER, "น้ำตอนนี้")
    assert len(await answers(hand.hooks, book, 3)) == 3
    assert town.rows("SELECT village_code, active FROM address") == [(VILLAGE, True)]
    assert (
        town.rows("SELECT 1 FROM reply") == town.rows("SELECT 1 FROM unknown_caller") == []
    )  # nobody's work

    home = home_of(town.office.keyring, USER)
    with town.database.session() as session:
        session.add(town._address(Audience.RESIDENT, AddressKind.SMS, 0, home, home, PHONE))
    async with aiohttp.ClientSession() as wire:
        town.office.wires["line"] = wire
        town.alert(severity="Minor")
        await town.settle()
    assert book.addresses("line") == {USER}
    hand.unfollow(USER)
    await hand.hooks.settled()
    await town.settle()  # no clock has moved
    [_, sms] = town.channels
    assert [address for _, address, _ in sms.book] == [PHONE]  # type: ignore[attr-defined]


async def test_a_cry_for_help_is_stored_and_answered(phones: tuple[Night, LinePhones, Book]) -> None:
    town, hand, book = phones
    hand.stand_at(USER, 7.6, 100.0)
    assert await answers(hand.hooks, book, 1) == [USER]
    assert town.rows("SELECT answer FROM unknown_caller") == [("need_help",)]
