"""Foothill stations of DWR: each sensor by itself, and the station's light as the agency's word."""

import json
from typing import Any

import pytest

from sources.contract import Bulletin, Observation, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.agency_bodies import ews, ews_row
from tests.sources.bodies import FETCHED


def read(*rows: Any) -> list[Any]:
    return source_of("dwr_ews").read(Payload(ews(*rows), FETCHED))


def test_what_a_station_measures_and_says() -> None:
    readings = read(ews_row())
    assert {r.quantity.value: r.value for r in readings if isinstance(r, Observation)} == {
        "rain_15m": 3.5, "rain_12h": 118.0, "rain_today": 64.5, "stage": 1.25, "soil_moisture": 0.612, "air_temperature": 24.1,
    }  # fmt: skip
    assert {r.tambon for r in readings if isinstance(r, Observation)} == {"930201"}
    [light] = [r for r in readings if isinstance(r, Bulletin)]
    assert (light.severity, light.hazard, light.areas) == ("Moderate", "flash_flood", ("930201",))


@pytest.mark.parametrize(
    ("changes", "observations", "lights", "says"),
    [
        pytest.param({"rain": "-9.99"}, 5, 1, "sensor's fault", id="a-broken-sensor"),
        pytest.param({"status": "0"}, 6, 0, "", id="no-light"),
        pytest.param({"status": 3}, 6, 1, "", id="critical-as-a-number"),
        pytest.param({"status": "4"}, 6, 0, "no light we know", id="a-light-nobody-knows"),
        pytest.param({"status": "เตือนภัย"}, 6, 0, "no light we know", id="a-light-in-words"),
        pytest.param({"status": {}}, 6, 0, "no light we know", id="an-empty-light"),
        pytest.param({"status": None}, 6, 0, "", id="no-light-told"),
        pytest.param({"status": ""}, 6, 0, "", id="a-light-of-no-letters"),
        pytest.param({"province": "สงขลา"}, 6, 1, "", id="of-another-province"),
        pytest.param({"tambon": "ไม่มี"}, 6, 1, "", id="a-name-nobody-knows"),
        pytest.param({"rain12h": "12345"}, 5, 1, "implausible", id="twelve-metres"),
        pytest.param({"date": "N/A"}, 0, 0, "not a time", id="no-time"),
        pytest.param({"date": "2026-11-24 19:15:00"}, 0, 0, "ahead", id="tomorrow"),
    ],
)
def test_bent(changes: dict[str, Any], observations: int, lights: int, says: str) -> None:
    readings = read(ews_row(**changes))
    assert sum(isinstance(r, Observation) for r in readings) == observations
    assert sum(isinstance(r, Bulletin) for r in readings) == lights
    assert says in " ".join(r.why for r in readings if isinstance(r, Rejected))


def test_a_silent_station_and_no_list() -> None:
    nothing = dict.fromkeys(("rain", "rain12h", "rain07h", "temp", "wl", "soil"), "N/A")
    [told] = read(ews_row(status="0", **nothing))
    assert isinstance(told, Rejected) and "nothing is told" in told.why
    for body in (b"<html>", b'{"message": "busy"}', b"7"):
        with pytest.raises(SourceChanged):
            source_of("dwr_ews").read(Payload(body, FETCHED))


def test_one_station_as_a_mapping() -> None:
    alone = json.dumps({"data": ews_row()}).encode()
    assert source_of("dwr_ews").read(Payload(alone, FETCHED)) == read(ews_row())
    assert source_of("dwr_ews").read(Payload(b'{"data": {}}', FETCHED)) == []


def test_the_sample() -> None:
    body = shared_data("feeds/dwr_ews/stn.CONSTRUCTED.json").read_bytes()
    readings = source_of("dwr_ews").read(Payload(body, FETCHED.replace(month=12)))
    assert (
        len([r for r in readings if isinstance(r, Observation)]) == 5
        and len([r for r in readings if isinstance(r, Bulletin)]) == 1
    )
