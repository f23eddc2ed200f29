"""A recorded night, at its times or moved to tonight."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from pydantic import ValidationError

from sources.contract import SourceUnavailable
from sources.reading import source_of
from sources.replay import Replay
from tests.sources.bodies import level_body, level_row, observations

NIGHT = datetime(2024, 10, 9, 11, 20, tzinfo=UTC)


def at(minutes: int, level: str) -> bytes:
    bangkok = NIGHT + timedelta(hours=7, minutes=minutes)
    return level_body(level_row(waterlevel_datetime=f"{bangkok:%Y-%m-%d %H:%M}", waterlevel_msl=level))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    (tmp_path / "20241009T112000Z.json").write_bytes(at(0, "15.00"))
    (tmp_path / "level.2024-10-09T18-30.json").write_bytes(at(10, "16.00"))  # Bangkok
    (tmp_path / "third.json").write_bytes(at(20, "17.00"))  # tells its time inside
    with gzip.open(tmp_path / "20241009T115000Z.json.gz", "wb") as packed:
        packed.write(at(30, "18.00"))
    return tmp_path


def replay(folder: Path, **fields: object) -> Replay:
    made = source_of("replay", kind_of="thaiwater_level", folder=folder, **fields)
    assert isinstance(made, Replay)
    return made


@pytest.mark.parametrize("shift", [timedelta(), timedelta(days=775, hours=3)], ids=["then", "tonight"])
@pytest.mark.parametrize(("minutes", "level"), [(0, 15.0), (9, 15.0), (10, 16.0), (25, 17.0), (999, 18.0)])
def test_each_payload_at_its_time(recording: Path, shift: timedelta, minutes: int, level: float) -> None:
    source = replay(recording, shift=shift)
    now = NIGHT + shift + timedelta(minutes=minutes)
    with requests.Session() as http:
        (only,) = observations(source.read(source.fetch(http, now)))
    assert only.value == level
    assert only.observed_at == NIGHT + shift + timedelta(minutes=(level - 15) * 10)


def test_before_the_first_payload_there_is_nothing(recording: Path) -> None:
    with requests.Session() as http, pytest.raises(SourceUnavailable):
        replay(recording).fetch(http, NIGHT - timedelta(minutes=1))


def test_no_recording(tmp_path: Path) -> None:
    with requests.Session() as http, pytest.raises(SourceUnavailable):
        replay(tmp_path / "nowhere").fetch(http, NIGHT)


@pytest.mark.parametrize("kind_of", ["replay", "no_such_feed"])
def test_a_wrong_kind_stops_the_start(tmp_path: Path, kind_of: str) -> None:
    with pytest.raises(ValidationError, match="kind_of"):
        Replay(kind="replay", name="r", every=timedelta(minutes=1), kind_of=kind_of, folder=tmp_path)
