"""Gauges over a real mosquitto: what came while nobody listened is there at the next tick, once."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
import requests

from sources.contract import Observation, Payload, SourceUnavailable
from sources.mqtt_sensor import MqttSensor
from tests.services.require import free_ports, require
from tests.services.running import listening, running

pytestmark = pytest.mark.service

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
persistence false
user root
"""


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    broker, passwd = require("mosquitto"), require("mosquitto_passwd")
    (free,) = free_ports(1)
    (tmp_path / "m.conf").write_text(CONFIG.format(port=free, folder=tmp_path))
    (tmp_path / "passwords").write_text("raksa:s3cret\ngauge:g\n")
    hashed = await asyncio.create_subprocess_exec(passwd, "-U", str(tmp_path / "passwords"))
    assert await hashed.wait() == 0
    async with running(broker, "-c", "m.conf", folder=tmp_path, log="mosquitto.log"):
        await listening(free)
        yield free


def source(at: int, **changes: Any) -> MqttSensor:
    entry: dict[str, Any] = {
        "kind": "mqtt_sensor", "name": "lora", "every": "PT1M", "host": "127.0.0.1", "port": at,
        "username": "raksa", "password": "s3cret", "topics": ["gauges/+/up"], "quiet": "PT0.3S", "deadline": "PT4S",
        "time": "t", "values": {"level": {"quantity": "stage", "unit": "cm"}},
    }  # fmt: skip
    return MqttSensor.model_validate(entry | changes)


async def ask(asked: MqttSensor) -> Payload:
    return await asyncio.to_thread(asked.fetch, requests.Session(), NOW)


def values(asked: MqttSensor, payload: Payload) -> list[float]:
    return [r.value for r in asked.read(payload) if isinstance(r, Observation)]


async def speak(port: int, *levels: int, retain: bool = False) -> None:
    async with aiomqtt.Client("127.0.0.1", port, username="gauge", password="g") as gauge:
        for nth, level in enumerate(levels):
            told = {"level": level, "t": (NOW - timedelta(minutes=30, seconds=-nth)).isoformat()}
            await gauge.publish("gauges/7/up", json.dumps(told), qos=1, retain=retain)


async def test_what_came_between_two_ticks_is_there_once(port: int) -> None:
    asked = source(port)
    assert (await ask(asked)).not_modified  # the broker knows us from now on
    await speak(port, 80, 81, 82)
    payload = await ask(asked)
    assert values(asked, payload) == [0.8, 0.81, 0.82]
    assert (await ask(asked)).not_modified
    await speak(port, 83)
    assert values(asked, await ask(asked)) == [0.83]


async def test_a_value_the_broker_keeps_comes_once_and_not_at_every_tick(port: int) -> None:
    asked = source(port)
    await speak(port, 80, retain=True)
    assert values(asked, await ask(asked)) == [0.8]
    assert (await ask(asked)).not_modified


async def test_more_than_fits_is_drained_within_its_time(port: int) -> None:
    asked = source(port)
    await ask(asked)
    await speak(port, *range(300))
    assert len(values(asked, await ask(asked))) == 300


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"password": "wrong"}, "refuses us", id="wrong-password"),
        pytest.param({"port": 1}, "no broker", id="nobody-there"),
        pytest.param({"host": "no.such.host.invalid"}, "no broker", id="no-such-host"),
    ],
)
async def test_a_broker_that_is_not_there_or_refuses_is_said(
    port: int, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(SourceUnavailable, match=says) as caught:
        await ask(source(port, **changes))
    assert "wrong" not in str(caught.value) and "s3cret" not in str(caught.value)
