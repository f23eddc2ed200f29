"""Quakes of TMD, with their Thai names in character references."""

import json
from typing import Any

import pytest

from sources.contract import Bulletin, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.agency_bodies import seismic_xml
from tests.sources.bodies import FETCHED


def read(body: bytes) -> list[Any]:
    return source_of("tmd_quake").read(Payload(body, FETCHED))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({}, "", id="as-it-is"),
        pytest.param({"DateTimeUTC": ""}, "", id="only-thai-time"),
        pytest.param({"Depth": "5 km."}, "", id="unit-behind"),
        pytest.param({"Depth": "shallow"}, "", id="depth-in-words"),
        pytest.param({"Magnitude": ""}, "no place for them|no magnitude", id="no-magnitude"),
        pytest.param({"Magnitude": "41"}, "implausible", id="a-lost-point"),
        pytest.param({"Latitude": ""}, "no place", id="no-place"),
        pytest.param({"DateTimeUTC": "", "DateTimeThai": ""}, "no time", id="no-time"),
        pytest.param({"DateTimeUTC": "2026-11-23 19:00:00"}, "added twice", id="thai-time-sold-as-utc"),
    ],
)
def test_a_quake(changes: dict[str, str], says: str) -> None:
    [told] = read(seismic_xml(**changes))
    if says:
        assert isinstance(told, Rejected) and any(word in told.why for word in says.split("|"))
    else:
        assert isinstance(told, Bulletin) and f"{told.announced_at:%d %H:%M}" == "23 12:00"
        assert (told.magnitude, told.lat, told.hazard) == (
            4.1,
            8.1,
            "earthquake",
        ) and "อ.เมือง" in told.title_th


def test_json_none_and_faults() -> None:
    quake = {
        "OriginThai": "x",
        "DateTimeUTC": "2026-11-23 12:00:00",
        "Magnitude": 2,
        "Latitude": 8,
        "Longitude": 99,
    }
    assert len(read(json.dumps({"DailyEarthquakes": [quake]}).encode())) == 1
    assert read(b"<DailySeismicEvents/>") == [] and read(b'{"DailyEarthquakes": []}') == []
    for fault in (b"<a/>", b"<html>", b'{"Header": {"status": "401"}}'):
        with pytest.raises(SourceChanged):
            read(fault)


def test_told_twice_once_and_no_row_loses_another() -> None:
    quake = {
        "OriginThai": "x",
        "DateTimeUTC": "2026-11-23 12:00:00",
        "Magnitude": 2,
        "Latitude": 8,
        "Longitude": 99,
    }
    bare = {"DateTimeUTC": "2026-11-23 12:00:00", "Latitude": 8, "Longitude": 99}
    readings = read(json.dumps({"DailyEarthquakes": [quake, quake, bare, None, "x", {}]}).encode())
    assert [type(r) for r in readings] == [Bulletin, Rejected, Rejected, Rejected, Rejected]
    assert readings[1].why == "no magnitude is told"


def test_the_sample() -> None:
    [told] = read(shared_data("feeds/tmd/DailySeismicEvent_v1.CONSTRUCTED.xml").read_bytes())
    assert told.magnitude == 3.1 and "แม่ลาน้อย" in told.title_th
