"""Loudspeakers keep being tested: due by the injected clock, asked over a real broker, answered, and counted dead when silent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from channels import pa_command
from channels.pa_answer import SelfTestAnswer, read_test
from channels.village_pa import VillagePa
from geo.areas import built_in_areas
from geo.errors import ConfigError
from geo.people import Tower, TowerKind
from geo.sealed import Keyring
from tests.channels.cases import CASES
from warning.alert import Mode
from warning.clock import HandClock
from warning.fault import Fault
from warning.office import Office
from warning.store.database import Database
from warning.tower_key import test_master as master_of
from warning.tower_test import Hours, SelfTestKind, TowerTest, claim, give_up, judged, plan, put_off
from warning.tower_testing import keep_testing, round_of_tests
from warning.towers import Alive, heard, tower_states, towers_alive
from warning.world.book import Book
from warning.world.broker import LoopbackBroker
from warning.world.towers import Mqtt, TowerPlan, Towers

MASTER = "the office's key for tests"
HOURS = Hours(time(10), time(8), 1)
FIRST = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # 08:00 in Bangkok on the first of the month
LATER = FIRST + timedelta(hours=3, minutes=1)  # 11:01: every silent test of the day is due
VILLAGES = {"t1": "93010101", "t2": "93010102", "t3": "93020101"}


def put(session: Session, ring: Keyring, *devices: str) -> None:
    for device in devices:
        session.add(
            Tower(id=uuid4(), village_code=VILLAGES[device], kind=TowerKind.MQTT, device_id=device, device_key_sealed=ring.seal("k"))
        )  # fmt: skip


def rows(database: Database) -> dict[tuple[str, str], TowerTest]:
    with database.session() as session:
        return {(t.device_id, t.kind): t for t in session.exec(select(TowerTest))}


class Place:
    def __init__(self, database: Database, clock: HandClock, mode: Mode = Mode.ACTUAL) -> None:
        self.database, self.clock, self.ring = database, clock, Keyring.generate()
        self.pa: VillagePa
        self.mode = mode

    @asynccontextmanager
    async def open(self, *plans: TowerPlan) -> AsyncIterator[tuple[Office, Book]]:
        book = Book(self.clock.now)
        async with LoopbackBroker() as broker:
            pa = CASES["village_pa"].build(
                "", Path("."), host=broker.host, port=broker.port, qos=0, ack_timeout_s=0.2, reconnect_s=0.1
            )
            assert isinstance(pa, VillagePa)
            config = SimpleNamespace(channels=[pa])
            office = Office(config, self.database, self.clock, self.ring, built_in_areas(), self.mode)  # type: ignore[arg-type]
            towers = Towers(plans, Mqtt(broker.host, broker.port), book, self.clock.now)
            await towers.start()
            try:
                async with pa.open(None) as wire:
                    office.wires[pa.name] = wire
                    await until(lambda: set(wire.online) == {p.device for p in plans})
                    yield office, book
            finally:
                await towers.stop()


def tower(device: str, **changed: object) -> TowerPlan:
    return TowerPlan(device, "k", test_key=pa_command.test_key(MASTER, device), **changed)  # type: ignore[arg-type]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.02)


async def rounds(office: Office, master: str = MASTER) -> None:
    """Ask, wait for the boxes, write down."""
    await round_of_tests(office, master)
    await asyncio.sleep(0.4)
    await round_of_tests(office, master)


async def test_a_day_of_tests(database: Database, clock: HandClock) -> None:
    """t1 is well, t2 has a tired battery and a dead horn, t3 has no power: it answers nothing, and is nobody's silence to assume."""
    clock.at = LATER
    place = Place(database, clock)
    with database.session() as session:
        put(session, place.ring, *VILLAGES)
    plans = tower("t1"), tower("t2", battery_v=10.9, amplifier=False), tower("t3", dead=True)
    async with place.open(*plans) as (office, book):
        await rounds(office)
        found = rows(database)
        assert {k: found[k].result for k in found if k[1] == "silent"} == {
            ("t1", "silent"): "good", ("t2", "silent"): "fault", ("t3", "silent"): "sent",
        }  # fmt: skip
        assert found["t1", "silent"].battery_v == 12.6
        assert found["t2", "silent"].why == "amplifier; battery 10.9 V"
        clock.forward(timedelta(minutes=31))
        await round_of_tests(office, MASTER)
        assert rows(database)["t3", "silent"].result == "no_answer"
        assert book.arrivals("tower") == []  # a test is no announcement
    with database.session() as session:
        assert towers_alive(session, clock.now()) == {
            "93010101": Alive.ALIVE, "93010102": Alive.SILENT, "93020101": Alive.UNKNOWN,
        }  # fmt: skip


async def test_the_monthly_sound_keeps_its_hour(database: Database, clock: HandClock) -> None:
    clock.at = FIRST + timedelta(minutes=1)
    place = Place(database, clock)
    with database.session() as session:
        put(session, place.ring, "t1", "t2")
    async with place.open(tower("t1"), tower("t2", mic_ok=False)) as (office, _):
        await rounds(office)
        found = rows(database)
        assert (found["t1", "audible"].result, found["t1", "audible"].seconds) == ("good", 8.0)
        assert (found["t2", "audible"].result, found["t2", "audible"].why) == (
            "fault",
            "microphone; its microphone heard nothing",
        )
        await rounds(office)
        assert len(rows(database)) == 2  # twice is once


async def test_another_key_tests_nothing(database: Database, clock: HandClock) -> None:
    clock.at = LATER
    place = Place(database, clock)
    with database.session() as session:
        put(session, place.ring, "t1")
    async with place.open(tower("t1")) as (office, _):
        await rounds(office, master="somebody else's key, long enough")
        row = rows(database)["t1", "silent"]
    assert (row.result, row.why) == ("refused", "bad signature")


async def test_an_exercise_reaches_no_horn(database: Database, clock: HandClock) -> None:
    clock.at = LATER
    place = Place(database, clock, Mode.EXERCISE)
    with database.session() as session:
        put(session, place.ring, "t1")
    async with place.open(tower("t1")) as (office, _):
        assert await round_of_tests(office, MASTER) == 0
        await asyncio.wait_for(keep_testing(office, {"RAKSA_PA_TEST_KEY": MASTER}), 2)  # has nothing to keep
    assert rows(database) == {}


def test_a_test_waits_for_the_end_of_an_alert_and_for_its_own_hour(
    database: Database, clock: HandClock
) -> None:
    ring = Keyring.generate()
    with database.session() as session:
        put(session, ring, "t1", "t3")
    with database.session() as session:
        assert plan(session, HOURS, FIRST) == 2
        assert put_off(session, HOURS, ["930101"], FIRST) == 1
        assert [d.device_id for d in claim(session, ["t1", "t3"], FIRST)] == ["t3"]
    due = rows(database)["t1", "audible"].due_at
    assert due == FIRST + timedelta(days=1)
    with database.session() as session:  # the next day the office was away at eight
        assert put_off(session, HOURS, [], FIRST + timedelta(days=1, minutes=31)) == 1
        assert put_off(session, HOURS, [], FIRST + timedelta(days=2, minutes=2)) == 0
        assert [d.kind for d in claim(session, ["t1"], FIRST + timedelta(days=2, minutes=2))] == ["audible"]
        assert claim(session, ["t1"], FIRST + timedelta(days=2, minutes=2)) == []  # nor by another worker


def test_an_office_that_was_away_at_ten_tests_when_it_is_back(database: Database) -> None:
    evening = FIRST + timedelta(hours=12)
    with database.session() as session:
        put(session, Keyring.generate(), "t1")
    with database.session() as session:
        plan(session, HOURS, evening)
        assert give_up(session, evening) == 0
        assert [d.kind for d in claim(session, ["t1"], evening)] == ["silent"]


def test_who_was_not_heard_of_for_days_is_dead(database: Database) -> None:
    with database.session() as session:
        put(session, Keyring.generate(), "t1", "t2")
    with database.session() as session:
        heard(session, ["t1"], FIRST)
        seen = {days: towers_alive(session, FIRST + timedelta(days=days)) for days in (0, 2, 3)}
        assert [seen[d]["93010101"] for d in (0, 2, 3)] == ["alive", "silent", "dead"]
        assert seen[0]["93010102"] == "unknown"
        assert tower_states(session, FIRST)[0].last_heard_at == FIRST


async def test_the_dead_are_told_on_the_console_until_they_are_back(
    database: Database, clock: HandClock
) -> None:
    clock.at = LATER
    place = Place(database, clock)
    with database.session() as session:
        put(session, place.ring, "t1", "t3")
    async with place.open(tower("t1")) as (office, _):
        with database.session() as session:
            heard(session, ["t3"], clock.now() - timedelta(days=4))
        await rounds(office)
        with database.session() as session:
            told = session.get_one(Fault, "towers dead").why
            assert "t3" in told
            assert "t1" not in told
            heard(session, ["t3"], clock.now())
        await round_of_tests(office, MASTER)
        with database.session() as session:
            assert session.get(Fault, "towers dead") is None


@pytest.mark.parametrize(
    ("said", "kind", "result", "why"),
    [
        pytest.param({"state": "done"}, "silent", "good", "", id="a-box-that-knows-nothing-of-itself"),
        pytest.param({"state": "done", "battery_v": 11.5}, "silent", "good", "", id="battery-just-enough"),
        pytest.param({"state": "done", "mic": False}, "silent", "fault", "microphone", id="microphone"),
        pytest.param(
            {"state": "done", "at": "2026-12-01T04:00:00Z"},
            "silent",
            "fault",
            "clock 180 min ahead",
            id="clock",
        ),
        pytest.param(
            {"state": "done", "mic_ok": False}, "audible", "fault", "its microphone heard nothing", id="horn"
        ),
        pytest.param({"state": "failed", "why": "player: x"}, "audible", "fault", "player: x", id="player"),
        pytest.param(
            {"state": "refused", "why": "an alert sounds"}, "audible", "refused", "an alert sounds", id="busy"
        ),
    ],
)
def test_what_an_answer_means(said: dict[str, object], kind: str, result: str, why: str) -> None:
    assert judged(SelfTestAnswer.model_validate(said), SelfTestKind(kind), FIRST) == (result, why)


@pytest.mark.parametrize(
    ("name", "payload"),
    [("test-x", b'{"state": "done"}'), (f"test-{UUID(int=1)}", b"{"), (f"test-{UUID(int=1)}", b'{"state": "received"}'),
     (f"test-{UUID(int=1)}", b'{"state": "done", "battery_v": -1}')],
    ids=["no-id", "no-json", "not-the-last-word", "a-battery-that-is-none"],
)  # fmt: skip
def test_what_is_no_answer(name: str, payload: bytes) -> None:
    assert read_test(name, payload) is None


def test_the_key_of_tests_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    made = master_of(tmp_path, {})
    assert len(made) == 64
    assert master_of(tmp_path, {}) == made
    assert (tmp_path / "keys/pa_test.key").stat().st_mode & 0o077 == 0
    assert master_of(tmp_path, {"RAKSA_PA_TEST_KEY": MASTER}) == MASTER
    with pytest.raises(ConfigError):
        master_of(tmp_path, {"RAKSA_PA_TEST_KEY": "short"})
    (tmp_path / "keys/pa_test.key").chmod(0o644)
    with pytest.raises(ConfigError):
        master_of(tmp_path, {})
