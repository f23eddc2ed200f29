"""A flood of webhooks: each is answered when it is on disk, replays are one row, and one bad report takes no other with it."""

import asyncio
import json
import random
from collections.abc import Iterator
from hashlib import sha256
from hmac import new as hmac_new
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
import requests
from sqlalchemy import text

from channels.contract import Receipt, ReceiptState
from channels.sms_http import SmsHttp
from tests.warning.town import channel, delivers
from tests.web.paper_office import Night, served
from warning.clock import HandClock
from warning.store.database import Database
from warning.web.hooks.together import Heard, Together

SECRET = "a-secret-of-the-flood"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return Night(database, clock, [channel(delivers)])


def hooked(town: Night) -> None:
    """A carrier that only reports: it comes when all has been sent."""
    sms = SmsHttp(
        kind="sms_http",
        name="hooked",
        url="http://127.0.0.1:9",
        token="t",
        callback_secret=SECRET,
        sender="X",
        simulated=True,
    )
    config: Any = town.office.config
    config.channels = [*config.channels, sms]


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def body(key: UUID, state: str, nth: int) -> bytes:
    return json.dumps(
        {"id": f"p{nth}", "key": str(key), "to": "x", "state": state, "at": "2026-11-22T19:00:00+00:00"}
    ).encode()


async def post_all(url: str, bodies: list[bytes]) -> list[int]:
    async def one(net: aiohttp.ClientSession, raw: bytes) -> int:
        mark = hmac_new(SECRET.encode(), raw, sha256).hexdigest()
        async with net.post(f"{url}/hooks/hooked", data=raw, headers={"X-Signature": mark}) as answer:
            return answer.status

    async with aiohttp.ClientSession() as net:
        return list(await asyncio.gather(*(one(net, raw) for raw in bodies)))


def test_replayed_disordered_and_doubled_they_are_counted_once(town: Night, url: str) -> None:
    """Accepted, delivered and failed of each, in any order and twice: the strongest word stands, and one row a report."""
    hooked(town)
    keys = [uuid4() for _ in range(40)]
    bodies = [
        body(key, state, n)
        for n, key in enumerate(keys)
        for state in ("accepted", "delivered", "undelivered")
    ]
    chance = random.Random(93)
    bodies += chance.sample(bodies, 12)
    chance.shuffle(bodies)
    statuses = asyncio.run(post_all(url, bodies))
    assert set(statuses) == {200}
    rows = town.rows("SELECT state, count(*) AS n FROM receipt GROUP BY state ORDER BY state")
    assert {r.n for r in rows} == {40} and len(rows) == 3


def test_what_a_delivery_was_told_is_its_strongest_word(town: Night, url: str) -> None:
    town.people(["+66890001111", "+66890001112", "+66890001113"])
    town.flood()
    hooked(town)
    ids = [r.id for r in town.rows("SELECT id FROM delivery WHERE address_id IS NOT NULL ORDER BY id")]
    with town.database.session() as session:
        session.execute(
            text("UPDATE segment SET outcome = 'accepted', channel = 'hooked' WHERE audience = 'resident'")
        )
        session.execute(text("UPDATE delivery SET state = NULL"))
    told = {
        ids[0]: ["undelivered", "delivered", "accepted"],
        ids[1]: ["accepted"],
        ids[2]: ["accepted", "undelivered"],
    }
    bodies = [body(key, state, n) for n, (key, states) in enumerate(told.items()) for state in states]
    assert set(asyncio.run(post_all(url, bodies))) == {200}
    after = {
        r.id: r.state
        for r in town.rows("SELECT id, state FROM delivery_status WHERE id = ANY(:ids)", ids=ids)
    }
    assert [after[one] for one in ids[:3]] == ["delivered", "accepted", "failed"]


def test_a_report_that_cannot_be_written_takes_no_other_with_it(town: Night) -> None:
    """A NUL in a word cannot be kept by PostgreSQL: that one alone is refused."""
    hooked(town)
    good = [Receipt(uuid4(), ReceiptState.DELIVERED, town.clock.now()) for _ in range(3)]
    bad = Receipt(uuid4(), ReceiptState.FAILED, town.clock.now(), why="no\x00good")

    async def all_at_once() -> list[Any]:
        together = Together(town.office)
        heard = [Heard("hooked", "sms", [one]) for one in (*good, bad)]
        return await asyncio.gather(*(together.take_in(one) for one in heard), return_exceptions=True)

    outcomes = asyncio.run(all_at_once())
    assert [isinstance(one, Exception) for one in outcomes] == [False, False, False, True]
    assert {r.state for r in town.rows("SELECT state FROM receipt")} == {"delivered"}


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        pytest.param("/hooks/nobody", "POST", 404, id="no-such-carrier"),
        pytest.param("/hooks/hooked/more", "POST", 404, id="no-such-address"),
        pytest.param("/hooks/hooked", "PUT", 405, id="no-such-way"),
        pytest.param("/hooks/hooked", "POST", 401, id="no-signature"),
    ],
)
def test_the_door_is_for_carriers_only(town: Night, url: str, path: str, method: str, status: int) -> None:
    hooked(town)
    assert requests.request(method, url + path, data=b"{}", timeout=10).status_code == status
