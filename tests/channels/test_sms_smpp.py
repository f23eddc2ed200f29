"""Our SMPP client against an SMSC that throttles, overtakes itself, falls silent, dies, and forgets."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from channels.contract import Answer, Batch, ChannelBroken, Message, Receipt, ReceiptState, Reply, TryLater
from channels.sms_smpp import SmsSmpp
from channels.sms_text import count
from tests.channels.cases import ALERT, KEY, NOW, WORDS
from warning.world.book import Book
from warning.world.smsc import Smsc, SmscRules

S = ReceiptState
LONG = WORDS * 3


class Account:
    """A channel that is open and listened to."""

    def __init__(self, channel: SmsSmpp, wire: Any) -> None:
        self.channel, self.wire = channel, wire
        self.heard: list[Receipt | Reply] = []

    async def send(self, n: int, text: str = WORDS, **changed: Any) -> list[Receipt]:
        return await self.channel.send(self.wire, batch(n, text)._replace(**changed), NOW)

    async def until(self, true: Callable[[], bool], within_s: float = 5) -> None:
        async with asyncio.timeout(within_s):
            while not true():
                await asyncio.sleep(0.005)

    @property
    def reports(self) -> dict[str | None, set[ReceiptState]]:
        told: dict[str | None, set[ReceiptState]] = {}
        for item in self.heard:
            if isinstance(item, Receipt):
                told.setdefault(item.provider_id, set()).add(item.state)
        return told


def batch(n: int, text: str = WORDS) -> Batch:
    messages = tuple(Message(UUID(int=i + 1), f"+668{i:08}", text) for i in range(n))
    return Batch(KEY, ALERT, "Severe", False, messages, NOW + timedelta(hours=2))


def account(port: int, **changed: Any) -> SmsSmpp:
    settings: dict[str, Any] = {
        "kind": "sms_smpp", "name": "operator", "host": "127.0.0.1", "port": port, "system_id": "raksa",
        "password": SecretStr("s3cret"), "sender": "PHT", "rate_per_s": 5000.0, "again_s": 0.02,
    }  # fmt: skip
    return SmsSmpp(**(settings | changed))


@asynccontextmanager
async def opened(channel: SmsSmpp) -> AsyncIterator[Account]:
    async with channel.open(None) as wire:
        made = Account(channel, wire)

        async def listen() -> None:
            async for item in channel.listen(wire, lambda: NOW):
                made.heard.append(item)

        task = asyncio.create_task(listen())
        try:
            yield made
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def smsc() -> AsyncIterator[Smsc]:
    async with Smsc(SmscRules(), Book(lambda: NOW), lambda: NOW) as made:
        yield made


async def test_whole_texts_reach_their_phones(smsc: Smsc) -> None:
    async with opened(account(smsc.port)) as it:
        receipts = await it.send(30, LONG)
        assert [r.state for r in receipts] == [S.ACCEPTED] * 30
        assert [r.delivery_id for r in receipts] == [m.id for m in batch(30).messages]
        parts = count(LONG)
        assert parts == 3
        assert all(len(str(r.provider_id).split(" ")) == parts for r in receipts)
        assert len(smsc.parts) == 30 * parts
        assert smsc.book.addresses("sms") == {m.address for m in batch(30).messages}
        assert smsc.book.repeats("sms", by_words=True) == []
        # Each part has its report, and each report was answered when it had been taken.
        ids = {name for r in receipts for name in str(r.provider_id).split(" ")}
        await it.until(lambda: smsc.acknowledged == 90)
        assert it.reports == {name: {S.DELIVERED} for name in ids}


@pytest.mark.parametrize("ids", ["dec", "hex", "hex_dec", "dec_hex"])
@pytest.mark.parametrize("first", [False, True], ids=["after", "before-the-answer"])
async def test_reports_find_their_message(ids: Any, first: bool, smsc: Smsc) -> None:
    """However ids are spelt, and whichever comes first."""
    smsc.rules.ids, smsc.rules.receipt_first = ids, first
    async with opened(account(smsc.port)) as it:
        receipts = await it.send(40)
        named = {r.provider_id for r in receipts}
        await it.until(lambda: smsc.acknowledged == 40)
        assert it.reports == {name: {S.DELIVERED} for name in named}
        assert it.wire.ids.spelling == ("same" if ids in ("dec", "hex") else ids)


async def test_a_storm_of_throttling_loses_nothing(smsc: Smsc) -> None:
    """Faster than the SMSC allows: the bind pauses, and each part is there once."""
    smsc.rules.rate_per_s = 200.0
    async with opened(account(smsc.port, window=50)) as it:
        receipts = await it.send(300)
        assert Counter(r.state for r in receipts) == {S.ACCEPTED: 300}
        assert smsc.refusals[0x58] > 0
        assert len(smsc.parts) == len({p.phone for p in smsc.parts}) == 300


async def test_the_contract_s_rate(smsc: Smsc) -> None:
    """Within two in a hundred of it, and no half second holds a fifth more."""
    async with opened(account(smsc.port, rate_per_s=400.0, window=100)) as it:
        await it.send(600)
        times = smsc.times
        rate = (len(times) - 1) / (times[-1] - times[0])
        assert rate == pytest.approx(400, rel=0.02)
        assert max(sum(1 for t in times if a <= t < a + 0.5) for a in times[::20]) <= 200 * 1.2


async def test_the_window_is_kept(smsc: Smsc) -> None:
    """Nobody answers: no more are written than the window holds, and those are unknown when the link goes."""
    async with opened(account(smsc.port, window=7)) as it:
        smsc.rules.silent = True
        sending = asyncio.create_task(it.send(100))
        await it.until(lambda: len(it.wire.wire._unanswered) == 7)
        await asyncio.sleep(0.1)
        assert len(it.wire.wire._unanswered) == 7
        smsc.cut()
        states = Counter(r.state for r in await sending)
        assert states == {S.UNKNOWN: 7, S.TRY_LATER: 93}


async def test_part_two_never_arrives(smsc: Smsc) -> None:
    smsc.rules.undelivered_parts = frozenset({2})
    async with opened(account(smsc.port)) as it:
        (receipt,) = await it.send(1, LONG)
        await it.until(lambda: len(it.reports) == 3)
        first, second, third = str(receipt.provider_id).split(" ")
        assert it.reports == {first: {S.DELIVERED}, second: {S.FAILED}, third: {S.DELIVERED}}
        assert smsc.book.arrivals("sms") == []


async def test_killed_in_mid_flight(smsc: Smsc) -> None:
    """Taken and unanswered is unknown, never sent again; what was not begun is for later; nobody gets two."""
    smsc.rules.cut_after = 25
    async with opened(account(smsc.port, window=10)) as it:
        first = await it.send(100)
        states = Counter(r.state for r in first)
        assert states[S.ACCEPTED] + states[S.UNKNOWN] + states[S.TRY_LATER] == 100
        assert 1 <= states[S.UNKNOWN] <= 10
        again = tuple(m for m, r in zip(batch(100).messages, first, strict=True) if r.state is S.TRY_LATER)
        await it.until(it.wire.wire.bound.is_set)
        second = await it.send(1, messages=again)
        assert {r.state for r in second} == {S.ACCEPTED}
        phones = Counter(p.phone for p in smsc.parts)
        assert set(phones.values()) == {1}
        unknown = {m.address for m, r in zip(batch(100).messages, first, strict=True) if r.state is S.UNKNOWN}
        assert {m.address for m in batch(100).messages} - {f"+{phone}" for phone in phones} <= unknown


async def test_a_message_half_of_which_is_taken_is_ended_on_the_next_link(smsc: Smsc) -> None:
    """Its first part has its answer, the others were not yet written: nothing is sent twice and nothing left out."""
    async with opened(account(smsc.port, rate_per_s=10.0)) as it:
        sending = asyncio.create_task(it.send(1, LONG))
        await it.until(lambda: smsc.taken == 1)
        await asyncio.sleep(0.02)
        smsc.cut()
        (receipt,) = await sending
        assert receipt.state is S.ACCEPTED and len(str(receipt.provider_id).split(" ")) == 3
        assert [p.nth for p in smsc.parts] == [1, 2, 3]
        assert len(smsc.book.arrivals("sms")) == 1


async def test_restarted_it_is_bound_again(smsc: Smsc) -> None:
    async with opened(account(smsc.port)) as it:
        await it.send(3)
        await smsc.stop()
        await it.until(lambda: not it.wire.wire.bound.is_set())
        with pytest.raises(TryLater):
            await it.send(3)
        assert not (await it.channel.probe(it.wire, NOW)).ok
        await smsc.start()
        await it.until(it.wire.wire.bound.is_set)
        assert {r.state for r in await it.send(3)} == {S.ACCEPTED}
        assert (await it.channel.probe(it.wire, NOW)).ok


async def test_a_link_that_falls_silent_is_given_up(smsc: Smsc) -> None:
    async with opened(account(smsc.port, enquire_s=0.2, answer_s=0.1)) as it:
        await asyncio.sleep(0.5)
        assert len(smsc.sessions) == 1  # a link that answers stays
        smsc.rules.silent = True
        receipts = await it.send(5)
        assert {r.state for r in receipts} == {S.UNKNOWN}
        smsc.rules.silent = False
        await it.until(it.wire.wire.bound.is_set)
        assert {r.state for r in await it.send(5)} == {S.ACCEPTED}


async def test_an_answer_that_never_comes_on_a_link_that_lives(smsc: Smsc) -> None:
    async with opened(account(smsc.port, submit_s=0.2)) as it:
        smsc.rules.silent = True
        assert {r.state for r in await it.send(2)} == {S.UNKNOWN}


async def test_a_wrong_password_is_a_person_s_work(smsc: Smsc) -> None:
    async with opened(account(smsc.port, password=SecretStr("wrong"))) as it:
        with pytest.raises(ChannelBroken) as raised:
            await it.send(1)
        assert "wrong" not in str(raised.value)
        health = await it.channel.probe(it.wire, NOW)
        assert not health.ok and "wrong" not in repr(health)
        smsc.rules.password = "wrong"  # the operator has changed it
        await it.until(it.wire.wire.bound.is_set)
        assert {r.state for r in await it.send(1)} == {S.ACCEPTED}


async def test_validity_is_told_and_what_is_late_is_never_sent(smsc: Smsc) -> None:
    smsc.rules.out_of_reach = frozenset({"66800000000"})
    async with opened(account(smsc.port)) as it:
        (receipt,) = await it.send(1, expires_at=NOW + timedelta(minutes=20))
        assert smsc.parts[0].validity == "000000002000000R"
        await it.until(lambda: it.reports == {receipt.provider_id: {S.EXPIRED}})
        late = await it.send(3, expires_at=NOW)
        assert [r.state for r in late] == [S.EXPIRED] * 3
        assert len(smsc.parts) == 1


async def test_what_waits_for_the_rate_past_its_time_is_not_sent(smsc: Smsc) -> None:
    async with opened(account(smsc.port, rate_per_s=10.0)) as it:
        receipts = await it.send(10, expires_at=NOW + timedelta(seconds=0.3))
        states = Counter(r.state for r in receipts)
        assert states[S.EXPIRED] >= 3 and states[S.ACCEPTED] == len(smsc.parts)


async def test_a_number_that_is_none(smsc: Smsc) -> None:
    smsc.rules.refused = frozenset({"66800000001"})
    async with opened(account(smsc.port)) as it:
        assert [r.state for r in await it.send(3, LONG)] == [S.ACCEPTED, S.REFUSED, S.ACCEPTED]


@pytest.mark.parametrize("parts", [1, 2])
async def test_a_phone_answers(parts: int, smsc: Smsc) -> None:
    async with opened(account(smsc.port)) as it:
        smsc.writes("66812345678", "ประกาศแล้ว ๘๕ หลัง", parts)
        await it.until(lambda: bool(it.heard))
        (reply,) = it.heard
        assert isinstance(reply, Reply)
        assert (reply.answer, reply.homes, reply.address) == (Answer.ANNOUNCED, 85, "+66812345678")
        await it.until(lambda: smsc.acknowledged == parts)


async def test_what_is_urgent_goes_before_what_waits(smsc: Smsc) -> None:
    async with opened(account(smsc.port, rate_per_s=100.0)) as it:
        slow = asyncio.create_task(it.send(60, severity="Moderate"))
        await asyncio.sleep(0.05)
        before = len(smsc.parts)
        urgent = Message(UUID(int=999), "+66999999999", WORDS)
        await it.send(1, messages=(urgent,), severity="Extreme")
        assert [p.phone for p in smsc.parts].index(
            "66999999999"
        ) <= before + 15  # of 60; a late timer makes up for a tenth of a second
        assert {r.state for r in await slow} == {S.ACCEPTED}
