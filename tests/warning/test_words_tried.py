"""A draft's words are tried at LINE before anybody approves them; what it refuses is named on the draft, and told to nobody."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from linebot.v3.messaging import (
    ApiException,
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    TextMessage,
    ValidateMessageRequest,
)
from sqlalchemy import text

from channels.line import Line
from tests.warning.town import accepts, channel
from tests.web.paper_office import Night, served
from tests.web.test_console_seen import draft
from tests.web.visitor import see
from tests.world.clock import Hand
from warning.accounts.user import UserRole
from warning.alert import Alert, AlertState
from warning.store.database import Database
from warning.words_tried import Tried, refused_words, try_drafts
from warning.world.book import Book
from warning.world.line import Line as Settings
from warning.world.line import LineServer


@pytest.fixture
async def line() -> AsyncIterator[LineServer]:
    hand = Hand()
    async with LineServer(Settings("tok", "secret"), Book(hand), hand) as server:
        yield server


def office(database: Database, clock: Any, url: str, *, simulated: bool = True) -> Night:
    made = Line(kind="line", name="line", simulated=simulated, base_url=url, token="tok", secret="secret")  # type: ignore[arg-type]
    return Night(database, clock, [channel(accepts), made])


def change(town: Night, alert: Alert, **words: str) -> None:
    with town.database.session() as session:
        kept = session.get_one(Alert, alert.id)
        kept.words = {**kept.words, **words}


def refused(town: Night, alert: Alert) -> dict[str, str]:
    with town.database.session() as session:
        return refused_words(session, alert.id)


async def test_what_line_refuses_stands_on_the_draft_until_it_is_put_right(
    database: Database, clock: Any, line: LineServer
) -> None:
    town, tried = office(database, clock, line.url), Tried()
    alert = draft(town)
    good = alert.words["line_body"]
    line.dislikes.add("☠")  # LINE has rules that nobody told us
    change(town, alert, line_body="☠ " + good)
    async with aiohttp.ClientSession() as net:
        town.office.wires["line"] = net
        assert await try_drafts(town.office, tried) == 1
        assert await try_drafts(town.office, tried) == 0  # nor is it asked again for the same words
        said = refused(town, alert)["line"]
        assert "messages[0]" in said and "ไม่รับข้อความ" in said
        token = town.officer(UserRole.APPROVER)
        with served(town) as url:
            assert "messages[0]" in see(url, token, lang="th").text
        change(town, alert, line_body=good)
        assert await try_drafts(town.office, tried) == 1
    assert refused(town, alert) == {}
    assert line.book.arrivals() == [] and line.used == 0


async def test_a_draft_that_is_decided_leaves_no_fault_behind(
    database: Database, clock: Any, line: LineServer
) -> None:
    town, tried = office(database, clock, line.url), Tried()
    alert = draft(town)
    line.dislikes.add("น้ำ")
    async with aiohttp.ClientSession() as net:
        town.office.wires["line"] = net
        await try_drafts(town.office, tried)
        assert refused(town, alert)
        with database.session() as session:
            session.execute(text("UPDATE alert SET state = :s"), {"s": AlertState.REJECTED.name})
        await try_drafts(town.office, tried)
    assert refused(town, alert) == {} and tried.words == {}


async def test_line_that_does_not_answer_is_asked_again_and_an_exercise_asks_no_live_one(
    database: Database, clock: Any, line: LineServer
) -> None:
    town, tried = office(database, clock, "http://127.0.0.1:1"), Tried()
    draft(town)
    async with aiohttp.ClientSession() as net:
        town.office.wires["line"] = net
        assert await try_drafts(town.office, tried) == 0 and tried.words == {}
        live = office(database, clock, line.url, simulated=False)
        live.office.wires["line"] = net
        assert await try_drafts(live.office, tried) == 0
    assert not line.asked.get("validate/multicast")


async def test_the_simulated_line_judges_as_the_sdk_expects(line: LineServer) -> None:
    async with AsyncApiClient(Configuration(host=line.url, access_token="tok")) as client:
        sdk = AsyncMessagingApi(client)
        await sdk.validate_push(ValidateMessageRequest(messages=[TextMessage(text="x")]))
        with pytest.raises(ApiException) as no:
            await sdk.validate_broadcast(ValidateMessageRequest(messages=[TextMessage(text="")]))
    assert no.value.status == 400 and "messages[0].text" in no.value.body
    assert line.asked == {"validate/push": 1, "validate/broadcast": 1}
