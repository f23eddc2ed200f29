"""A controller fetches the clips it lacks from the office's own address: with its token only, and only what its hash says."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from channels import pa_command
from geo.people import Tower, TowerKind
from tests.warning.town import VILLAGE
from tests.web.paper_office import night, served
from warning.agent.clips import Clips
from warning.speech.clip import file_of
from warning.store.database import Database

KEY = "the key of t1"
SOUND = b"RIFF a clip"
SHA = hashlib.sha256(SOUND).hexdigest()


@pytest.fixture
def town(database: Database, clock, tmp_path: Path):
    town = night(database, clock)
    town.office = replace(town.office, var=tmp_path / "office")
    with database.session() as session:
        sealed = town.office.keyring.seal(KEY)
        for device, key in (("t1", sealed), ("keyless", None)):
            session.add(
                Tower(
                    id=uuid4(),
                    village_code=VILLAGE,
                    kind=TowerKind.MQTT,
                    device_id=device,
                    device_key_sealed=key,
                )
            )
    for name in (SHA, "ab" * 32):  # the second file is not what its name says
        file_of(town.office.var, name).parent.mkdir(parents=True, exist_ok=True)
        file_of(town.office.var, name).write_bytes(SOUND)
    return town


@pytest.mark.parametrize(
    ("device", "token", "clip", "status"),
    [
        pytest.param("t1", pa_command.clip_token("t1", KEY), SHA, 200, id="its-own-token"),
        pytest.param("t1", pa_command.clip_token("t1", KEY), "cd" * 32, 404, id="no-such-clip"),
        pytest.param("t1", pa_command.clip_token("t1", KEY), "..%2F..%2Fkeys", 404, id="a-path"),
        pytest.param("t1", KEY, SHA, 401, id="the-key-is-no-token"),
        pytest.param("t1", "", SHA, 401, id="no-token"),
        pytest.param("t2", pa_command.clip_token("t2", KEY), SHA, 401, id="unknown-device"),
        pytest.param("keyless", pa_command.clip_token("keyless", ""), SHA, 401, id="a-device-without-a-key"),
    ],
)
def test_who_gets_a_clip(town, device: str, token: str, clip: str, status: int) -> None:
    headers = {"X-Device": device, "Authorization": f"Bearer {token}"}
    with served(town) as url:
        answer = requests.get(f"{url}/pa/clips/{clip}", headers=headers, timeout=10)
    assert answer.status_code == status
    assert (answer.content == SOUND) is (status == 200)


async def test_the_controller_keeps_what_is_right_and_asks_again_for_what_rotted(
    town, tmp_path: Path
) -> None:
    folder = tmp_path / "box"
    with served(town) as url:
        clips = Clips(folder, url, "t1", pa_command.clip_token("t1", KEY), most_mb=1)
        assert await clips.files([SHA, SHA], 5) == [folder / SHA] * 2
        (folder / SHA).write_bytes(b"noise")
        assert await clips.files([SHA], 5) == [folder / SHA]
        assert (folder / SHA).read_bytes() == SOUND
        assert await clips.files([SHA, "ab" * 32], 5) is None  # not what its name says
        assert not (folder / ("ab" * 32)).exists()
    away = Clips(folder, url, "t1", pa_command.clip_token("t1", KEY), most_mb=1)
    assert await away.files([SHA], 5) == [folder / SHA]  # the office is away: what is here sounds
    assert await away.files(["cd" * 32], 5) is None


async def test_a_full_folder_gives_up_what_was_not_used_for_longest(tmp_path: Path) -> None:
    clips = Clips(tmp_path, None, "t1", "", most_mb=1)
    old, new = ("aa" * 32, "bb" * 32)
    for n, name in enumerate((old, new)):
        (tmp_path / name).write_bytes(b"x" * 500_000)
        os.utime(tmp_path / name, (n, n))
    assert clips._keep("cc" * 32, b"y" * 400_000)
    assert sorted(f.name for f in tmp_path.iterdir()) == [new, "cc" * 32]
