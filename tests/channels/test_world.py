"""Channels against the simulated world, which shares no code with them and keeps its own book."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

import aiohttp
import pytest
from aiohttp import web

from channels.contract import (
    Answer,
    Batch,
    Channel,
    Message,
    QuotaSpent,
    Receipt,
    ReceiptState,
    Reply,
    TryLater,
)
from tests.channels.cases import CASES, NOW, WORDS, batch, ids, line_id
from warning.world.hooks import Roughness
from warning.world.line import Line
from warning.world.line import Trouble as LineTrouble
from warning.world.people import Contact, Habits, Manner
from warning.world.sms import Sms
from warning.world.sms import Trouble as SmsTrouble
from warning.world.world import LINE_SECRET, LINE_TOKEN, SMS_SECRET, SMS_TOKEN, World, WorldSettings

S = ReceiptState
PHONES = [f"+6681000{n:04d}" for n in range(30)]
QUICK = Habits(contact_s=(0.01, 0.05), resident_s=(0.01, 0.05))
ROUGH = Roughness(duplicate=0.5, delayed=0.3, delay_s=0.1, pause_s=0.05)


class Heard:
    def __init__(self) -> None:
        self.items: list[Receipt | Reply] = []

    @property
    def answers(self) -> dict[str, tuple[Answer, str | None]]:
        """Once an event: what is repeated counts once."""
        replies = [i for i in self.items if isinstance(i, Reply)]
        return {r.event_id: (r.answer, r.address) for r in replies}

    def best(self) -> dict[UUID | None, set[ReceiptState]]:
        found: dict[UUID | None, set[ReceiptState]] = defaultdict(set)
        for item in self.items:
            if isinstance(item, Receipt):
                found[item.delivery_id].add(item.state)
        return found


@asynccontextmanager
async def playing(
    settings: WorldSettings, hear: Callable[[World], Channel]
) -> AsyncIterator[tuple[World, Heard]]:
    """The world, and a web server that gives each webhook to the channel, as the platform's does."""
    heard = Heard()
    async with World(settings, now=lambda: NOW) as world:
        channel = hear(world)

        async def hook(request: web.Request) -> web.Response:
            heard.items += channel.hear(await request.read(), request.headers, NOW)
            return web.Response()

        app = web.Application()
        app.router.add_post("/", hook)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        world.line_hooks.url = world.sms_hooks.url = url
        try:
            yield world, heard
        finally:
            await runner.cleanup()


def sms(world: World, profile: str = "http") -> Channel:
    url = world.sms.bulk_url if profile == "bulk" else world.sms_url
    settings = {"url": url, "token": SMS_TOKEN, "callback_secret": SMS_SECRET, "profile": profile}
    return CASES["sms_http"].build("", Path("."), **settings)


def line(world: World) -> Channel:
    settings = {"base_url": world.line_url, "token": LINE_TOKEN, "secret": LINE_SECRET}
    return CASES["line"].build("", Path("."), **settings)


async def until_taken(channel: Channel, net: aiohttp.ClientSession, made: Batch) -> dict[UUID, ReceiptState]:
    """As the ledger does: what is to be tried later is tried again, same key, same words."""
    found: dict[UUID, ReceiptState] = {}
    left = made.messages
    for _ in range(20):
        if not left:
            break
        try:
            receipts = await channel.send(net, made._replace(messages=left), NOW)
        except TryLater:
            continue
        found |= {r.delivery_id: r.state for r in receipts if r.delivery_id}
        left = tuple(m for m in left if found[m.id] is S.TRY_LATER)
    return found


@pytest.mark.parametrize("profile", ["http", "bulk"])
async def test_sms_night_of_trouble(profile: str, net: aiohttp.ClientSession) -> None:
    """Errors after taking, broken connections, early, late and doubled reports: nobody twice, nobody lost."""
    dead, away = PHONES[0], PHONES[1]
    settings = WorldSettings(
        sms=Sms(
            SMS_TOKEN,
            SMS_SECRET,
            receipt_after_s=0.02,
            early=0.3,
            dead=frozenset({dead}),
            expiring=frozenset({away}),
        ),
        roughness=ROUGH,
    )
    async with playing(settings, sms) as (world, heard):
        world.sms.troubles.extend(
            [SmsTrouble.SERVER_ERROR, SmsTrouble.ERROR_AFTER_TAKING, SmsTrouble.CUT, SmsTrouble.THROTTLE]
        )
        made = batch([*PHONES, "074612345"])
        found = await until_taken(sms(world, profile), net, made)
        await world.sms_hooks.settled()
        assert [found[m.id] for m in made.messages] == [S.ACCEPTED] * 30 + [S.REFUSED]
        assert world.book.repeats(by_words=True) == []
        best = heard.best()
        assert S.FAILED in best[ids(1)[0]]
        assert S.EXPIRED in best[ids(2)[1]]
        if profile == "http":  # a cut bulk call reports nothing of what it took
            ours = {address for address, id in zip(PHONES, ids(30), strict=True) if S.DELIVERED in best[id]}
            assert ours == {a.address for a in world.book.arrivals("sms")}


async def test_sms_answers(net: aiohttp.ClientSession) -> None:
    """A bare digit is told apart by whom we asked; the count of homes is kept."""
    head = Contact("ผู้ใหญ่", (PHONES[0],), 85, Manner.ANNOUNCES)
    settings = WorldSettings(habits=QUICK, contacts=(head,), roughness=ROUGH)
    async with playing(settings, sms) as (world, heard):
        await until_taken(sms(world), net, batch([PHONES[0]]))
        await world.people.settled()
        await world.sms_hooks.settled()
        (reply,) = {i.event_id: i for i in heard.items if isinstance(i, Reply)}.values()
        assert (reply.address, reply.homes, reply.text) == (PHONES[0], 85, "1 85")


async def test_line_night_of_trouble(net: aiohttp.ClientSession) -> None:
    users = [line_id(n) for n in range(40)]
    settings = WorldSettings(line=Line(LINE_TOKEN, LINE_SECRET, blocked=frozenset(users[:3])))
    async with playing(settings, line) as (world, _):
        world.line.troubles.extend(
            [LineTrouble.SERVER_ERROR, LineTrouble.RATE, LineTrouble.ERROR_AFTER_TAKING, LineTrouble.CUT]
        )
        found = await until_taken(line(world), net, batch(users))
        assert set(found.values()) == {S.ACCEPTED}  # LINE does not tell who blocked us, so neither do we
        assert {a.address for a in world.book.arrivals("line")} == set(users[3:])
        assert world.book.repeats(by_words=True) == []


async def test_line_buttons_answer_for_the_right_one(net: aiohttp.ClientSession) -> None:
    """A head by the delivery in the button, a resident by user id and alert; redelivered events count once."""
    head, resident = line_id(1), line_id(2)
    contact = Contact("ผู้ใหญ่", (head,), 40, Manner.WATER)
    settings = WorldSettings(
        habits=Habits(resident={Manner.SAFE: 1.0}, contact_s=(0.01, 0.05), resident_s=(0.01, 0.05)),
        contacts=(contact,),
        roughness=ROUGH,
    )
    async with playing(settings, line) as (world, heard):
        made = batch([head, resident])
        personal = made.messages[0]._replace(data={"role": "head"})
        await until_taken(line(world), net, made._replace(messages=(personal, made.messages[1])))
        await world.people.settled()
        await world.line_hooks.settled()
        replies = {i.event_id: i for i in heard.items if isinstance(i, Reply)}.values()
        told = {r.address: (r.answer, r.delivery_id, r.alert_id) for r in replies}
        assert told == {
            head: (Answer.WATER_HERE, ids(1)[0], None),
            resident: (Answer.SAFE, None, made.alert_id),
        }


async def test_line_quota(net: aiohttp.ClientSession) -> None:
    settings = WorldSettings(line=Line(LINE_TOKEN, LINE_SECRET, quota=2))
    async with playing(settings, line) as (world, _):
        with pytest.raises(QuotaSpent):
            await line(world).send(net, batch([line_id(n) for n in range(3)]), NOW)
        assert world.book.arrivals("line") == []
        health = await line(world).probe(net, NOW)
        assert (health.ok, health.note_en) == (True, "2 of 2 messages left this month")


async def test_two_thousand_by_bulk(net: aiohttp.ClientSession) -> None:
    settings = WorldSettings(sms=Sms(SMS_TOKEN, SMS_SECRET, receipts=False))
    async with playing(settings, sms) as (world, _):
        channel = sms(world, "bulk")
        for chunk in range(4):
            key = uuid5(UUID(int=0), str(chunk))
            messages = tuple(
                Message(uuid5(key, str(n)), f"+6689{chunk:03d}{n:04d}", WORDS) for n in range(500)
            )
            made = Batch(key, UUID(int=1), "Severe", False, messages, NOW + timedelta(hours=1))
            receipts = await channel.send(net, made, NOW)
            assert [(r.delivery_id, r.state) for r in receipts] == [(m.id, S.ACCEPTED) for m in messages]
        assert len(world.book.arrivals("sms")) == 2000
