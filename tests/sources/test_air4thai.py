"""Fine dust: told as text, absent in several ways, in an old and a new shape."""

import json
from typing import Any

import pytest

from sources.contract import Observation, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.agency_bodies import dust
from tests.sources.bodies import FETCHED


def read(body: bytes) -> list[Any]:
    return source_of("air4thai").read(Payload(body, FETCHED))


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        pytest.param({}, 26.0, id="as-it-is"),
        pytest.param({"PM25": {"value": "26 µg/m³"}}, 26.0, id="unit-behind"),
        pytest.param({"PM25": "118.5"}, 118.5, id="flat"),
        pytest.param(
            {"date": "2026-11-23", "time": "24:00", "PM25": {"value": 12}}, None, id="midnight-to-come"
        ),
        pytest.param({"PM25": {"value": "-1"}}, None, id="minus-one"),
        pytest.param({"PM25": {"value": "-999"}}, None, id="minus-999"),
        pytest.param({"PM25": {"value": "-"}}, None, id="dash"),
        pytest.param({"PM25": {"value": "9000"}}, None, id="beyond-any-instrument"),
        pytest.param({"PM25": None}, None, id="none"),
        pytest.param({"date": "2569-11-23"}, None, id="buddhist"),
        pytest.param({"date": None}, None, id="no-date"),
        pytest.param({"time": None}, None, id="no-hour"),
        pytest.param({"time": {}}, None, id="an-empty-hour"),
    ],
)
def test_a_station(changes: dict[str, Any], value: float | None) -> None:
    [told] = read(dust(**changes))
    assert isinstance(told, Rejected) if value is None else (told.value, told.unit) == (value, "ug/m3")


def test_old_shape_alone_and_envelopes() -> None:
    old = {
        "stationID": "99t",
        "LastUpdate": {"date": "2026-11-23", "time": "18:00", "PM25": {"value": "31", "unit": "µg/m³"}},
    }
    [told] = read(json.dumps(old).encode())
    assert isinstance(told, Observation) and told.value == 31.0
    assert read(json.dumps({"stations": old}).encode()) == [told]  # one where a list stands
    assert read(b'{"stations": []}') == [] and read(b'{"stations": {}}') == []
    for body in (b"<html>", b'{"error": "busy"}', b"5"):
        with pytest.raises(SourceChanged):
            read(body)


def test_the_sample() -> None:
    [told] = read(shared_data("feeds/air4thai/getNewAQI_JSON.2019-02-17.1station.json").read_bytes())
    assert (told.station, told.value, f"{told.observed_at:%d %H:%M}") == ("03t", 26.0, "17 07:00")
