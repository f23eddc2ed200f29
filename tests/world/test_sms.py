import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from tests.world.clock import Hand
from tests.world.listener import Listener
from warning.world.book import Book
from warning.world.hooks import Hooks, Roughness
from warning.world.sms import Sms, SmsServer, Trouble, mobile

PLAIN = Sms("tok", "secret", receipt_after_s=0.01, slow_s=0.3)
PHONE, DEAD, AWAY = "+66812345678", "+66898765432", "+66611111111"


@pytest.fixture
async def office() -> AsyncIterator[Listener]:
    async with Listener() as listener:
        yield listener


class Gate:
    """A gateway with its hooks, and a client that is not ours to judge."""

    def __init__(self, settings: Sms, hook: str | None, rough: Roughness | None = None) -> None:
        self.hand = Hand()
        self.hooks = Hooks(hook, rough or Roughness())
        self.server = SmsServer(settings, Book(self.hand), self.hooks, self.hand)

    async def __aenter__(self) -> "Gate":
        await self.hooks.start()
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop()
        await self.hooks.stop()

    async def send(
        self, key: str = "k1", to: str = PHONE, text: str = "น้ำมา", token: str = "tok"
    ) -> tuple[int, dict[str, Any], str | None]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        body = {"to": to, "from": "Raksa", "text": text}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.server.submit_url, json=body, headers=headers) as answer,
        ):
            return answer.status, await answer.json(), answer.headers.get("Retry-After")


def states(office: Listener) -> list[str]:
    return [json.loads(body)["state"] for body, _ in office.got]


async def test_202_once_then_409_with_the_same_id_and_one_arrival() -> None:
    async with Gate(PLAIN, None) as gate:
        first, again = await gate.send(), await gate.send()
        assert (first[0], again[0]) == (202, 409)
        assert first[1]["id"] == again[1]["id"]
        assert len(gate.server.book.arrivals("sms")) == 1
        await gate.send(text="อื่น")
        assert gate.server.book.turned_away["sms", "changed body under an old key"] == 1


@pytest.mark.parametrize(
    ("to", "status"),
    [
        pytest.param("+66812345678", 202, id="e164"),
        pytest.param("0812345678", 202, id="local"),
        pytest.param("0712345678", 422, id="not-mobile-07"),
        pytest.param("+6674612345", 422, id="landline"),
        pytest.param("+14155550100", 422, id="abroad"),
        pytest.param("๐๘๑๒๓๔๕๖๗๘", 422, id="thai-digits"),
        pytest.param("", 422, id="nothing"),
    ],
)
async def test_numbers(to: str, status: int) -> None:
    async with Gate(PLAIN, None) as gate:
        assert (await gate.send(to=to))[0] == status


@pytest.mark.parametrize(
    ("trouble", "status", "taken"),
    [
        (Trouble.SERVER_ERROR, 500, False),
        (Trouble.ERROR_AFTER_TAKING, 503, True),
        (Trouble.SLOW, 202, True),
        (Trouble.THROTTLE, 429, False),
    ],
)
async def test_trouble_then_retry_reaches_once(trouble: Trouble, status: int, taken: bool) -> None:
    async with Gate(PLAIN, None) as gate:
        gate.server.troubles.append(trouble)
        answer = await gate.send()
        assert answer[0] == status and (answer[2] == "1") is (status == 429)
        assert bool(gate.server.book.arrivals()) is taken
        assert (await gate.send())[0] == (409 if taken else 202)
        assert len(gate.server.book.arrivals()) == 1


async def test_cut_after_taking() -> None:
    async with Gate(PLAIN, None) as gate:
        gate.server.troubles.append(Trouble.CUT)
        with pytest.raises(aiohttp.ClientError):
            await gate.send()
        assert (await gate.send())[0] == 409


async def test_wrong_token_and_no_key() -> None:
    async with Gate(PLAIN, None) as gate:
        assert (await gate.send(token="x"))[0] == 401
        assert (await gate.send(key=""))[0] == 400
        assert gate.server.book.arrivals() == []


async def test_throttles_at_its_rate() -> None:
    async with Gate(replace(PLAIN, rate_per_s=4), None) as gate:
        answers = [await gate.send(key=f"k{i}") for i in range(10)]
        taken = [a for a in answers if a[0] == 202]
        assert 4 <= len(taken) < 10
        assert all(a[0] in (202, 429) for a in answers)
        assert len(gate.server.book.arrivals()) == len(taken)


@pytest.mark.parametrize(
    ("to", "told", "arrives"),
    [
        pytest.param(PHONE, ["accepted", "delivered"], True, id="alive"),
        pytest.param(DEAD, ["accepted", "undelivered"], False, id="dead"),
        pytest.param(AWAY, ["accepted", "expired"], False, id="away"),
    ],
)
async def test_receipts_are_signed_and_tell_the_phones_fate(
    office: Listener, to: str, told: list[str], arrives: bool
) -> None:
    settings = replace(PLAIN, dead=frozenset({DEAD}), expiring=frozenset({AWAY}))
    async with Gate(settings, office.hook) as gate:
        _, answer, _ = await gate.send(to=to)
        await gate.hooks.settled()
        assert bool(gate.server.book.arrivals()) is arrives
    assert states(office) == told
    for body, headers in office.got:
        assert headers["X-Signature"] == hmac.new(b"secret", body, "sha256").hexdigest()
        assert {k: json.loads(body)[k] for k in ("id", "key", "to")} == {
            "id": answer["id"],
            "key": "k1",
            "to": to,
        }


async def test_early_receipts_come_before_the_answer(office: Listener) -> None:
    async with Gate(replace(PLAIN, early=1.0), office.hook) as gate:
        await gate.send()
        assert states(office) == ["accepted", "delivered"]


async def test_duplicate_and_late_receipts(office: Listener) -> None:
    rough = Roughness(duplicate=1.0, delayed=0.5, delay_s=0.1)
    async with Gate(PLAIN, office.hook, rough) as gate:
        for i in range(6):
            await gate.send(key=f"k{i}")
        await gate.hooks.settled()
    assert sorted(states(office)) == ["accepted"] * 12 + ["delivered"] * 12
    about = [(json.loads(b)["key"], json.loads(b)["state"]) for b, _ in office.got]
    last_accepted = {key: n for n, (key, state) in enumerate(about) if state == "accepted"}
    assert any(about.index((key, "delivered")) < n for key, n in last_accepted.items())


async def test_a_receipt_that_never_comes(office: Listener) -> None:
    async with Gate(replace(PLAIN, never=1.0), office.hook) as gate:
        await gate.send()
        await gate.hooks.settled()
    assert states(office) == ["accepted"]


async def test_somebody_replies(office: Listener) -> None:
    async with Gate(PLAIN, office.hook) as gate:
        gate.server.reply(PHONE, "2")
        await gate.hooks.settled()
    said = json.loads(office.got[0][0])
    assert (said["from"], said["text"]) == (PHONE, "2") and said["at"].endswith("+00:00")


async def test_bulk_takes_500_and_says_each(office: Listener) -> None:
    async with Gate(replace(PLAIN, receipts=False), office.hook) as gate:
        rows = [{"key": f"k{i}", "to": f"+668{i:08d}", "text": "น้ำมา"} for i in range(498)]
        rows += [
            {"key": "k0", "to": "+66800000000", "text": "น้ำมา"},
            {"key": "k999", "to": "1784", "text": "x"},
        ]
        headers = {"Authorization": "Bearer tok"}
        async with aiohttp.ClientSession(headers=headers) as http:
            async with http.post(gate.server.bulk_url, json={"messages": rows}) as answer:
                told = await answer.json()
            async with http.post(gate.server.bulk_url, json={"messages": rows * 2}) as answer:
                assert answer.status == 400
    assert [t["status"] for t in told] == [202] * 498 + [409, 422]
    assert [t["key"] for t in told] == [r["key"] for r in rows]
    assert len(gate.server.book.arrivals()) == 498


@pytest.mark.parametrize(
    ("number", "found"), [("081-234-5678", PHONE), ("66812345678", PHONE), ("191", None)]
)
def test_mobile(number: str, found: str | None) -> None:
    assert mobile(number) == found
