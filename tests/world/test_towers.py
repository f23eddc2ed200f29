"""Towers over a real broker: our own on loopback, and mosquitto where it is installed."""

import asyncio
import getpass
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from tests.world.clock import Hand
from warning.world.book import Book
from warning.world.broker import LoopbackBroker
from warning.world.tower_command import Refused, accept, signature
from warning.world.towers import Mqtt, TowerPlan, Towers

KEY = "k-0112-01"
TEST_KEY = "k-test-01"
ONE, DEAD = TowerPlan("t1", KEY, play_s=0.02, test_key=TEST_KEY), TowerPlan("t9", "k9", dead=True)


def order(hand: Hand, name: str = "c1", seq: int = 1, key: str = KEY, **more: Any) -> dict[str, Any]:
    command = {
        "id": name,
        "alert": "a1",
        "seq": seq,
        "priority": 1,
        "clips": ["ab"],
        "repeat": 2,
        "gap_s": 1.5,
        "volume": 90,
        "not_after": (hand() + timedelta(minutes=5)).isoformat(),
        "note": "ขึ้นที่สูง",
        **more,
    }
    return command | {"sig": signature(key, command)}


@pytest.mark.parametrize(
    ("change", "last", "why"),
    [
        pytest.param({}, 0, None, id="good"),
        pytest.param({"volume": 10}, 0, "bad signature", id="changed-after-signing"),
        pytest.param({"sig": ""}, 0, "bad signature", id="unsigned"),
        pytest.param({}, 1, "old seq", id="same-seq"),
        pytest.param({}, 7, "old seq", id="older-seq"),
    ],
)
def test_what_a_controller_obeys(change: dict[str, Any], last: int, why: str | None) -> None:
    hand = Hand()
    raw = json.dumps(order(hand) | change).encode()
    if why is None:
        assert accept(raw, KEY, last, hand())["id"] == "c1"
        return
    with pytest.raises(Refused) as refused:
        accept(raw, KEY, last, hand())
    assert refused.value.why == why


@pytest.mark.parametrize("until", ["2026-11-22T19:04:59+00:00", "2026-11-23T02:04:59+07:00", 1795374299])
def test_not_after_holds_to_the_second(until: object) -> None:
    hand = Hand()
    hand.forward(minutes=4, seconds=59)
    raw = json.dumps(order(hand, not_after=until)).encode()
    assert accept(raw, KEY, 0, hand())
    hand.forward(seconds=1)
    with pytest.raises(Refused, match="too late"):
        accept(raw, KEY, 0, hand())


@pytest.mark.parametrize("until", ["2026-11-22T19:30:00", "soon", None], ids=["no-zone", "words", "none"])
def test_no_end_no_play(until: object) -> None:
    hand = Hand()
    with pytest.raises(Refused, match="no not_after"):
        accept(json.dumps(order(hand, not_after=until)).encode(), KEY, 0, hand())


@asynccontextmanager
async def mosquitto(folder: Path, passwords: dict[str, str] | None = None) -> AsyncIterator[Mqtt]:
    binary = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    if binary is None:
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail("mosquitto is required here")
        pytest.skip("mosquitto is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = folder / "m.conf"
    access = "allow_anonymous true\n"
    if passwords:
        people = folder / "passwords"
        people.write_text("".join(f"{name}:{word}\n" for name, word in passwords.items()))
        people.chmod(0o600)
        made = await asyncio.create_subprocess_exec("mosquitto_passwd", "-U", str(people))
        assert await made.wait() == 0
        access = f"allow_anonymous false\npassword_file {people}\nuser {getpass.getuser()}\n"
    conf.write_text(f"listener {port} 127.0.0.1\n{access}")
    process = await asyncio.create_subprocess_exec(
        binary, "-c", str(conf), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                break
            except OSError:
                await asyncio.sleep(0.05)
        yield Mqtt("127.0.0.1", port, 1, keepalive_s=5, passwords=passwords, reconnect_s=0.05)
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture(params=["mqttools", pytest.param("mosquitto", marks=pytest.mark.service)])
async def mqtt(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Mqtt]:
    if request.param == "mqttools":
        async with LoopbackBroker() as broker:
            yield Mqtt(broker.host, broker.port, reconnect_s=0.05)
    else:
        async with mosquitto(tmp_path) as where:
            yield where


class Office:
    """An independent MQTT client: what an office sees of its towers."""

    def __init__(self, client: aiomqtt.Client, qos: int) -> None:
        self.client, self.qos = client, qos

    async def play(self, command: dict[str, Any], verb: str = "play", device: str = "t1") -> None:
        await self.client.publish(f"pa/{device}/cmd/{verb}", json.dumps(command), qos=self.qos)

    async def next(self, topic: str) -> dict[str, Any]:
        async with asyncio.timeout(5):
            async for message in self.client.messages:
                if message.topic.matches(topic):
                    body: dict[str, Any] = json.loads(message.payload)
                    return body
        raise AssertionError("no message")

    async def acks(self, name: str, many: int, device: str = "t1") -> list[str]:
        return [(await self.next(f"pa/{device}/ack/{name}"))["state"] for _ in range(many)]


@asynccontextmanager
async def night(mqtt: Mqtt, *plans: TowerPlan) -> AsyncIterator[tuple[Towers, Office, Book, Hand]]:
    hand = Hand()
    book = Book(hand)
    towers = Towers(plans, mqtt, book, hand)
    async with aiomqtt.Client(
        mqtt.host, mqtt.port, identifier="office", protocol=aiomqtt.ProtocolVersion.V5
    ) as client:
        await client.subscribe("pa/#", qos=mqtt.qos)
        await towers.start()
        try:
            yield towers, Office(client, mqtt.qos), book, hand
        finally:
            await towers.stop()


async def test_plays_and_says_each_step(mqtt: Mqtt) -> None:
    async with night(mqtt, ONE) as (_, office, book, hand):
        assert (await office.next("pa/t1/state"))["online"] is True
        await office.play(order(hand))
        assert await office.acks("c1", 2) == ["received", "playing"]
        done = await office.next("pa/t1/ack/c1")
        assert (done["state"], done["seconds"], done["mic_ok"]) == ("done", 38.0, True)
        assert [(a.address, a.key) for a in book.arrivals("tower")] == [("t1", "c1")]


async def test_a_repeat_until_acknowledged_plays_once_and_says_its_last_word(mqtt: Mqtt) -> None:
    async with night(mqtt, ONE) as (towers, office, book, hand):
        await office.play(order(hand))
        assert await office.acks("c1", 3) == ["received", "playing", "done"]
        await office.play(order(hand))
        await office.play(order(hand, seq=2))
        assert await office.acks("c1", 2) == ["done", "done"]
        assert towers.by_device["t1"].heard == ["c1"]
        assert book.repeats() == [] and book.turned_away["tower", "repeated command"] == 2


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"key": "wrong"}, "bad signature"),
        ({"not_after": "2026-11-22T18:59:59+00:00"}, "too late"),
        ({"seq": 0}, "old seq"),
    ],
    ids=["forged", "late", "old"],
)
async def test_refuses_and_says_why(mqtt: Mqtt, more: dict[str, Any], why: str) -> None:
    async with night(mqtt, ONE) as (_, office, book, hand):
        await office.play(order(hand, "c0", 0), verb="stop")
        assert await office.acks("c0", 2) == ["received", "done"]
        await office.play(order(hand, **({"seq": 1} | more)))
        answer = await office.next("pa/t1/ack/c1")
        assert (answer["state"], answer["why"]) == ("refused", why)
        assert book.arrivals() == []


async def test_a_self_test_has_its_own_key_and_names_no_clip(mqtt: Mqtt) -> None:
    async with night(mqtt, ONE) as (_, office, _book, hand):
        until = (hand() + timedelta(minutes=5)).isoformat()
        trial: dict[str, Any] = {"id": "c1", "verb": "test", "mode": "silent", "seq": 9, "not_after": until}
        for name, more, key, why in (
            ("c1", {}, KEY, "bad signature"),
            ("c2", {"clips": ["ab"]}, TEST_KEY, "a self-test names no clip"),
            ("c3", {"verb": "play"}, TEST_KEY, "another command's topic"),
        ):
            made = trial | {"id": name} | more
            await office.play(made | {"sig": signature(key, made)}, verb="test")
            assert (await office.next(f"pa/t1/ack/{name}"))["why"] == why
        made = trial | {"id": "c4"}
        await office.play(made | {"sig": signature(TEST_KEY, made)}, verb="test")
        assert await office.acks("c4", 2) == ["received", "done"]
        await office.play(order(hand, "c5", 0))  # a test's seq makes no alert old
        assert await office.acks("c5", 3) == ["received", "playing", "done"]


async def test_stop_silences_and_is_not_counted_as_played(mqtt: Mqtt) -> None:
    async with night(mqtt, TowerPlan("t1", KEY, play_s=30)) as (_, office, book, hand):
        await office.play(order(hand))
        assert await office.acks("c1", 2) == ["received", "playing"]
        await office.play(order(hand, "c2", 2), verb="stop")
        assert (await office.next("pa/t1/ack/c1"))["why"] == "stopped"
        assert await office.acks("c2", 1) == ["done"]
        assert book.arrivals() == []


async def test_a_dead_tower_is_offline_by_its_will(mqtt: Mqtt) -> None:
    async with night(mqtt, ONE, DEAD) as (_, office, book, hand):
        seen = [(await office.next("pa/t9/state"))["online"] for _ in range(2)]
        assert seen == [True, False]
        await office.play(order(hand, key="k9"), device="t9")
        await office.play(order(hand))
        await office.acks("c1", 3)
        assert book.addresses("tower") == {"t1"}
    async with aiomqtt.Client(
        mqtt.host, mqtt.port, identifier="late", protocol=aiomqtt.ProtocolVersion.V5
    ) as late:
        await late.subscribe("pa/t9/state")
        assert (await Office(late, 0).next("pa/t9/state"))["online"] is False


async def test_a_cut_tower_comes_back(mqtt: Mqtt) -> None:
    async with night(mqtt, ONE) as (towers, office, _, hand):
        await office.next("pa/t1/state")
        towers.by_device["t1"].cut()
        assert [(await office.next("pa/t1/state"))["online"] for _ in range(2)] == [False, True]
        await office.play(order(hand))
        assert await office.acks("c1", 3) == ["received", "playing", "done"]


@pytest.mark.service
async def test_mosquitto_keeps_a_command_for_a_tower_that_was_away(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as mqtt, night(mqtt, ONE) as (towers, office, book, hand):
        await towers.stop()
        await office.play(order(hand))
        await towers.start()
        assert await office.acks("c1", 3) == ["received", "playing", "done"]
        assert book.addresses("tower") == {"t1"}


@pytest.mark.service
async def test_towers_sign_in_where_the_broker_asks(tmp_path: Path) -> None:
    async with mosquitto(tmp_path, {"t1": "right"}) as mqtt:
        towers = Towers([ONE], mqtt, Book(Hand()), Hand())
        await towers.start()
        assert towers.by_device["t1"].online.is_set()
        await towers.stop()
        wrong = Towers([ONE], replace(mqtt, passwords={"t1": "wrong"}), Book(Hand()), Hand())
        with pytest.raises(TimeoutError):
            await wrong.start(within_s=0.5)
