"""A new box gets settings it can start with, and the office signs for it from then on."""

from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from sqlmodel import select

from channels import pa_command
from geo.errors import ConfigError, NotAllowed
from geo.people import Tower, TowerKind
from geo.sealed import Keyring
from tests.channels.cases import CASES
from tests.warning.town import VILLAGE
from warning.agent.settings import read_settings
from warning.tower_provision import provision

MASTER = "the office's key for tests"


def test_a_box_starts_with_what_it_was_given(database, tmp_path: Path) -> None:
    ring = Keyring.generate()
    channel = CASES["village_pa"].build("", tmp_path, host="mqtt.test", port=8883, tls=True)
    with database.session() as session:
        session.add(Tower(id=uuid4(), village_code=VILLAGE, kind=TowerKind.MQTT, device_id="t1"))
    keys = []
    for _ in range(2):
        with database.session() as session:
            text = provision(session, ring, "t1", MASTER, channel, "https://raksa.example")
        (tmp_path / "agent.yaml").write_text(text)
        made = read_settings(tmp_path / "agent.yaml")
        with database.session() as session:
            sealed = session.exec(select(Tower)).one().device_key_sealed
        assert ring.open(sealed) == made.keys.alert
        assert made.keys.test == pa_command.test_key(MASTER, "t1") != made.keys.alert
        assert (made.broker.host, made.broker.tls, made.clips_url) == (
            "mqtt.test",
            True,
            "https://raksa.example",
        )
        keys.append(made.keys.alert)
    assert keys[0] != keys[1]  # the lost box's key is over


def test_a_device_of_no_village_gets_none(database) -> None:
    with database.session() as session, pytest.raises(NotAllowed, match="no village has"):
        provision(session, Keyring.generate(), "t9", MASTER, None, None)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"test_key": "k" * 32}, "who may test may then cry wolf"),
        ({"alert_key": "short"}, "alert_key"),
        ({"player": []}, "player"),
        ({"chime": "/nowhere.wav"}, "no such file"),
        ({"unknown": 1}, "unknown"),
        ({"device": "a/b"}, "device"),
    ],
    ids=["one-key-for-both", "short-key", "no-player", "no-chime", "unknown-key", "device-is-a-topic"],
)
def test_settings_that_are_not_right_are_told_without_a_key(
    tmp_path: Path, changed: dict[str, object], why: str
) -> None:
    settings = {
        "device": "t1", "broker": {"host": "h", "password": "pw-s3cret"}, "alert_key": "k" * 32, "test_key": "t" * 32,
        "folder": str(tmp_path),
    } | changed  # fmt: skip
    (tmp_path / "agent.yaml").write_text(yaml.safe_dump(settings))
    with pytest.raises(ConfigError, match=why) as told:
        read_settings(tmp_path / "agent.yaml")
    assert "kkkk" not in str(told.value)
    assert "s3cret" not in str(told.value)
