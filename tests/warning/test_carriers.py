"""A carrier that does not open is asked again while the office runs, is a fault until it opens, and keeps nobody waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from channels.contract import ReceiptState
from tests.warning.town import Told, Town, accepts, channel
from warning import carriers
from warning.carriers import connected
from warning.deliver import FIRST_RETRY
from warning.fault import known
from warning.running import at_work
from warning.store.database import Database


class Shy(Told):
    """Opens when `closed` is empty; each try takes one out of it and raises it."""

    closed: list[Exception]
    heard: list[Any]
    opened: list[str]

    @asynccontextmanager
    async def open(self, net: Any) -> AsyncIterator[Any]:
        if self.closed:
            raise self.closed.pop(0)
        self.opened.append("open")
        try:
            yield "the wire"
        finally:
            self.opened.append("shut")

    async def listen(self, wire: Any, now: Any) -> AsyncIterator[Any]:
        assert wire == "the wire"
        if not self.heard:
            raise ConnectionError("cut while listening")
        for item in self.heard:
            yield item


def shy(*closed: Exception, name: str = "sms", heard: list[Any] | None = None) -> Shy:
    return Shy(kind="shy", name=name, does=accepts, book=[], simulated=True, rate_per_s=10_000, closed=list(closed),
               heard=["a receipt"] if heard is None else heard, opened=[])  # fmt: skip


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("AGAIN_S", 0.05), ("LONGEST_AGAIN_S", 0.2), ("LISTEN_AGAIN_S", 0.02)):
        monkeypatch.setattr(carriers, name, seconds)


async def until(so: Any) -> None:
    async with asyncio.timeout(10):
        while not so():
            await asyncio.sleep(0.01)


def faults(town: Town) -> list[str]:
    return [row.why for row in town.rows("SELECT why FROM fault")]


def no_route() -> Exception:
    return OSError("no route (host)")


@pytest.mark.usefixtures("quick")
async def test_it_is_asked_again_until_it_opens_and_then_listened_to(database: Database, clock) -> None:
    shut = shy(*(no_route() for _ in range(3)))
    town, told = Town(database, clock, [shut]), []
    town.office.wires.clear()
    town.office.faults.add("channel sms")
    async with connected(town.office, None, lambda name, item: told.append((name, item))):  # type: ignore[arg-type]
        assert town.office.wires == {}
        thai = "เชื่อมต่อช่องทาง sms ไม่ได้ กำลังลองใหม่: no route [host]"
        assert faults(town) == [f"{thai} (could not connect sms, trying again: no route [host])"]
        await until(lambda: told)
        assert told == [("sms", "a receipt")]
        assert town.office.wires == {"sms": "the wire"}
        assert faults(town) == [] and town.office.faults == set()
    assert shut.opened == ["open", "shut"] and town.office.wires == {}


async def test_the_waits_grow_up_to_two_minutes(database: Database, clock, monkeypatch) -> None:
    waits: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await real(0)

    monkeypatch.setattr(carriers.asyncio, "sleep", sleep)
    monkeypatch.setattr(carriers.random, "uniform", lambda low, high: 1.0)
    town = Town(database, clock, [shy(*(no_route() for _ in range(8)))])
    town.office.wires.clear()
    async with connected(town.office, None, lambda name, item: None):  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            while "sms" not in town.office.wires:
                await real(0.01)
    assert waits[:8] == [5, 10, 20, 40, 80, 120, 120, 120]


@pytest.mark.usefixtures("quick")
async def test_one_that_neither_opens_nor_fails_keeps_nobody_waiting(
    database: Database, clock, monkeypatch
) -> None:
    class Silent(Shy):
        @asynccontextmanager
        async def open(self, net: Any) -> AsyncIterator[Any]:
            await asyncio.Event().wait()
            yield

    silent = Silent(**shy(name="silent").model_dump())
    monkeypatch.setattr(carriers, "START_WITHOUT_S", 0.2)
    town = Town(database, clock, [silent, shy()])
    town.office.wires.clear()
    async with asyncio.timeout(5), connected(town.office, None, lambda name, item: None):  # type: ignore[arg-type]
        assert set(town.office.wires) == {"sms"}


@pytest.mark.usefixtures("quick")
async def test_a_cut_in_listening_does_not_shut_the_connection(database: Database, clock) -> None:
    quiet, told = shy(heard=[]), []
    town = Town(database, clock, [quiet])
    async with connected(town.office, None, lambda name, item: told.append(item)):  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
        quiet.heard.append("back")
        await until(lambda: told)
    assert (told, quiet.opened) == (["back"], ["open", "shut"])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("away", [OperationalError("", {}, Exception("gone")), NoneFree("none free")])
async def test_a_report_that_comes_while_the_database_is_away_is_not_lost(
    database: Database, clock, away: Exception
) -> None:
    once, told = shy(), []
    town = Town(database, clock, [once])

    def take_in(name: str, item: Any) -> None:
        once.heard.clear()  # a carrier gives each report once
        told.append(item)
        if len(told) == 1:
            raise away

    async with connected(town.office, None, take_in):  # type: ignore[arg-type]
        await until(lambda: len(told) == 2)
    assert (told, once.opened) == (["a receipt", "a receipt"], ["open", "shut"])


@pytest.mark.usefixtures("quick")
async def test_one_whose_fault_cannot_be_written_is_asked_again_all_the_same(
    database: Database, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_free(*told: Any) -> None:
        raise NoneFree("none free")

    monkeypatch.setattr(carriers, "note", nothing_free)
    town = Town(database, clock, [shy(no_route(), no_route())])
    town.office.wires.clear()
    async with connected(town.office, None, lambda name, item: None):  # type: ignore[arg-type]
        await until(lambda: town.office.wires == {"sms": "the wire"})


@pytest.mark.usefixtures("quick")
async def test_messages_go_down_the_ladder_meanwhile_and_over_it_once_it_is_open(
    database: Database, clock
) -> None:
    broken = shy(*(no_route() for _ in range(10_000)), heard=[])
    other = channel(accepts, "other")
    town = Town(database, clock, [broken, other])
    town.office.wires.clear()
    town.office.wires["other"] = object()
    town.people(["+66800000001"])
    async with at_work(town.office, clock=False):
        alert = town.alert(severity="Moderate")
        await until(lambda: len(other.book) == 1)  # at once: no ladder's minute and a half is waited
        assert broken.book == [] and known_faults(town) >= {"channel sms"}
        assert outcomes(town, alert) == {"planned"}  # not given up
        broken.closed.clear()
        await until(lambda: "sms" in town.office.wires)
        clock.forward(FIRST_RETRY)  # half of it to all of it is left to chance
        await until(lambda: outcomes(town, alert) == {ReceiptState.ACCEPTED.value})
        await until(lambda: "channel sms" not in known_faults(town))
    assert len(broken.book) == 1


def outcomes(town: Town, alert_id: Any) -> set[str]:
    return {
        row.state
        for row in town.rows(
            "SELECT state FROM delivery_status WHERE channel = 'sms' AND alert_id = :a", a=alert_id
        )
    }


def known_faults(town: Town) -> set[str]:
    with town.database.session() as session:
        return known(session)
