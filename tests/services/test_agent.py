"""The real controller process against a real mosquitto over TLS: killed, late, repeated, forged, and with a wrong clock."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiomqtt
import pytest

from channels import pa_command
from channels.contract import ReceiptState
from tests.services.loopback_tls import authority
from tests.services.loud_village import ALERT_KEY, CONFIG, TEST_KEY, Village
from tests.services.require import free_ports, require
from tests.services.running import listening, running
from tests.services.test_mosquitto import ACL

pytestmark = pytest.mark.service

S = ReceiptState


@pytest.fixture
async def village(tmp_path: Path) -> AsyncIterator[Village]:
    broker, passwd = require("mosquitto"), require("mosquitto_passwd")
    plain, tls = free_ports(2)
    authority(tmp_path)
    (tmp_path / "acl").write_text(ACL)
    (tmp_path / "m.conf").write_text(CONFIG.format(plain=plain, tls=tls, folder=tmp_path))
    (tmp_path / "passwords").write_text("server:pw-server\nt1:pw-t1\n")
    async with AsyncExitStack() as stack:
        hashed = await asyncio.create_subprocess_exec(passwd, "-U", str(tmp_path / "passwords"))
        assert await hashed.wait() == 0
        await stack.enter_async_context(running(broker, "-c", "m.conf", folder=tmp_path, log="mosquitto.log"))
        await listening(tls)
        yield Village(tmp_path, plain, tls)


async def test_plays_three_words_of_proof_and_each_order_once(village: Village) -> None:
    async with village.office() as (channel, wire), village.box():
        await village.until(lambda: wire.online.get("t1") is True)
        made = village.batch()
        await channel.send(wire, made, village.now)
        await village.until(lambda: S.DELIVERED in village.states())
        assert [r.why for r in village.heard][:2] == ["the controller has it", "playing"]
        assert village.heard[-1].why.startswith("played 0 s")
        assert village.played == ["RIFF clip"] * 2  # as often as told
        await channel.send(wire, made, village.now + timedelta(seconds=1))  # an office that lost our word
        await village.until(lambda: village.states().count(S.DELIVERED) == 2)
        assert village.played == ["RIFF clip"] * 2


async def test_killed_while_it_sounds_it_begins_again_and_then_never(village: Village) -> None:
    """kill -9 in the first second of the message; the order is still in time, so the village hears it whole."""
    village.sounds(1.5)
    async with village.office() as (channel, wire):
        async with village.box() as box:
            await channel.send(wire, village.batch(), village.now)
            await village.until(lambda: village.played == ["RIFF clip"])
            box.send_signal(signal.SIGKILL)
            await box.wait()
        await village.until(lambda: wire.online.get("t1") is False)
        village.sounds(0.05)
        async with village.box() as box:
            await village.until(lambda: S.DELIVERED in village.states())
            assert len(village.played) == 3  # one broken off, two whole
            box.send_signal(signal.SIGKILL)
            await box.wait()
        async with village.box():
            await village.until(lambda: wire.online.get("t1") is True)
            await asyncio.sleep(0.5)
        assert len(village.played) == 3
        assert village.states().count(S.DELIVERED) == 1


async def test_orders_wait_for_a_box_without_power_and_late_ones_are_dropped(village: Village) -> None:
    async with village.office() as (channel, wire):
        async with village.box():
            await village.until(lambda: wire.online.get("t1") is True)
        kept = village.batch()
        late = village.batch(expires_at=datetime.now(UTC) + timedelta(seconds=1))
        await channel.send(wire, late, datetime.now(UTC))
        await channel.send(wire, kept, datetime.now(UTC))
        await asyncio.sleep(2)
        async with village.box():
            await village.until(lambda: S.DELIVERED in village.states())
        assert {r.delivery_id for r in village.heard} == {kept.messages[0].id}
        assert len(village.played) == 2


@pytest.mark.parametrize(
    ("order", "box", "state", "why"),
    [
        pytest.param({"key": "stolen key of nobody"}, {}, S.REFUSED, "bad signature", id="wrong-key"),
        pytest.param(
            {"key": TEST_KEY}, {}, S.REFUSED, "the test key may not play", id="test-key-selects-an-alert-clip"
        ),
        pytest.param(
            {}, {"clock_off_s": 10_800.0}, S.EXPIRED, "its clock is 180 min ahead", id="clock-ahead"
        ),
        pytest.param({"clips": "ab" * 32}, {}, S.FAILED, "clips are missing", id="clip-nobody-has"),
        pytest.param({}, {"player": ["false"]}, S.FAILED, "the player ended with 1", id="player-broken"),
    ],
)
async def test_says_why_it_does_not_sound(
    village: Village, order: dict[str, Any], box: dict[str, Any], state: ReceiptState, why: str
) -> None:
    async with village.office() as (channel, wire), village.box(**box):
        await channel.send(wire, village.batch(**order), village.now)
        await village.until(lambda: state in village.states())
        assert why in village.heard[-1].why
        assert village.played == []


async def test_a_clock_set_back_to_1970_still_warns_and_plays_nothing_old(village: Village) -> None:
    """The box knows the newest time an office signed; nothing that ended before it sounds, whatever its own clock says."""
    async with village.office() as (channel, wire), village.box(clock_off_s=-1e9):
        await channel.send(wire, village.batch(), village.now)
        await village.until(lambda: S.DELIVERED in village.states())
        over = village.batch(expires_at=village.now - timedelta(seconds=1))
        at = village.now - timedelta(hours=1)
        order = pa_command.command(over, over.messages[0], now=at, repeat=1, gap_s=0, volume=1) | {
            "seq": 10**15
        }
        name = str(over.messages[0].id)
        await wire.command("play", "t1", name, pa_command.signed(order, ALERT_KEY), 60)
        await village.until(lambda: S.EXPIRED in village.states())
        assert len(village.played) == 2


async def test_the_graver_breaks_in_and_a_stop_ends_all(village: Village) -> None:
    village.sounds(0.4)
    grave = village.put(b"EXTREME!! leave now")
    async with village.office() as (channel, wire), village.box():
        first = village.batch()
        await channel.send(wire, first, village.now)
        await village.until(lambda: village.played == ["RIFF clip"])
        await channel.send(
            wire, village.batch(severity="Extreme", clips=grave), village.now + timedelta(seconds=1)
        )
        await village.until(lambda: len(village.played) == 4)  # the first again after it, from its beginning
        assert village.played[1:] == ["EXTREME!!"] * 2 + ["RIFF clip"]
        await channel.stop(wire, {"t1": ALERT_KEY}, village.now + timedelta(seconds=2))
        await village.until(lambda: S.REFUSED in village.states())
        assert (village.heard[-1].delivery_id, village.heard[-1].why) == (first.messages[0].id, "stopped")
        await asyncio.sleep(0.6)
        assert len(village.played) == 4


async def test_a_silent_test_sounds_nothing_and_an_audible_one_keeps_its_hours(village: Village) -> None:
    async with village.office() as (_, wire), village.box():
        for mode, why in (("silent", None), ("audible", "no sound of its own for tests")):
            order = pa_command.self_test(
                UUID(int=1), mode, now=village.now, not_after=village.now + timedelta(hours=1)
            )  # type: ignore[arg-type]
            name = f"{order['id']}-{mode}"
            signed = pa_command.signed(
                order | {"id": name, "seq": order["seq"] if why is None else 10**15}, TEST_KEY
            )
            await wire.command("test", "t1", name, signed, 60)
            await village.until(
                lambda name=name: (
                    json.loads(wire.tests.get(name, ("", b"{}"))[1]).get("state") in ("done", "refused")
                )
            )  # type: ignore[misc]
            told = json.loads(wire.tests[name][1])
            assert told.get("why") == why
            assert told.get("battery_v") == (12.4 if why is None else None)
        assert village.heard == []  # no test is anybody's delivery
        assert village.played == []


async def test_the_broker_of_a_stranger_is_not_trusted(village: Village) -> None:
    stranger = village.folder / "stranger"
    stranger.mkdir()
    authority(stranger)
    async with (
        village.office() as (_, wire),
        village.box(broker=village.settings["broker"] | {"ca": str(stranger / "ca.pem")}),
    ):
        await village.until(lambda: "CERTIFICATE_VERIFY_FAILED" in (village.folder / "agent.log").read_text())
        assert wire.online == {}


async def test_the_broker_keeps_an_order_until_the_box_has_written_it_down(village: Village) -> None:
    """Another program with the device's name takes the order and dies before its own word to the broker."""
    async with village.office() as (channel, wire):
        async with village.box():
            await village.until(lambda: wire.online.get("t1") is True)
        await channel.send(wire, village.batch(), village.now)
        client = aiomqtt.Client("127.0.0.1", village.plain, identifier="t1", username="t1", password="pw-t1",
                                protocol=aiomqtt.ProtocolVersion.V5, clean_start=False)  # fmt: skip
        client._client.manual_ack_set(True)
        async with client:
            async with asyncio.timeout(5):
                assert (await anext(aiter(client.messages))).topic.matches("pa/t1/cmd/play")
        async with village.box():
            await village.until(lambda: S.DELIVERED in village.states())
