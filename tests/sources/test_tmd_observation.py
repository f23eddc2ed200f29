"""TMD's own stations: three shapes of one answer, wind in km/h, rain of 3 h or of a day."""

import json
from typing import Any

import pytest

from sources.contract import Observation, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.agency_bodies import three_hours
from tests.sources.bodies import FETCHED


def read(body: bytes) -> list[Any]:
    return source_of("tmd_observation").read(Payload(body, FETCHED))


def values(readings: list[Any]) -> dict[str, float]:
    return {r.quantity.value: r.value for r in readings if isinstance(r, Observation)}


def why(readings: list[Any]) -> str:
    return " | ".join(r.why for r in readings if isinstance(r, Rejected))


PLAIN = {
    "rain_3h": 12.4,
    "air_temperature": 24.5,
    "humidity": 96.0,
    "pressure": 1009.5,
    "wind_speed": 10.0,
    "wind_direction": 90.0,
}
XML = (
    b"\xef\xbb\xbf<Weather3Hours><Header><Status>200 OK</Status></Header><Stations><Station><WmoStationNumber>48999</WmoStationNumber>"
    b"<Observation><DateTime>11/23/2026 19:00:00</DateTime><Rainfall unit='mm'>12.4</Rainfall><WindSpeed unit='km/h'>36</WindSpeed>"
    b"</Observation></Station></Stations></Weather3Hours>"
)
TABLE = b"DateTime,StationID,StationName,WindSpeed,Rainfall\n11/23/2026 19:00:00,48999,X,36,12.4\n,,,,\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(three_hours(), PLAIN, id="json"),
        pytest.param(XML, {"rain_3h": 12.4, "wind_speed": 10.0}, id="xml"),
        pytest.param(TABLE, {"rain_3h": 12.4, "wind_speed": 10.0}, id="table"),
        pytest.param(three_hours(Rainfall="Trace"), PLAIN | {"rain_3h": 0.0}, id="trace"),
        pytest.param(three_hours(Rainfall={}), {k: v for k, v in PLAIN.items() if k != "rain_3h"}, id="empty-element"),
        pytest.param(three_hours(WindSpeed="0", WindDirection="000"),
                     {k: v for k, v in PLAIN.items() if k != "wind_direction"} | {"wind_speed": 0.0}, id="calm"),
        pytest.param(three_hours(Rainfall24Hr="80.2"), PLAIN | {"rain_24h": 80.2}, id="rain-of-24-h-beside"),
        pytest.param(three_hours(DateTime="2026-11-23 19:00", MaxTemperature="33"), {k: v for k, v in PLAIN.items() if k != "rain_3h"}
                     | {"rain_24h": 12.4}, id="the-daily-answer"),
        pytest.param(three_hours().decode().encode("utf-16"), PLAIN, id="json-utf-16"),
        pytest.param(TABLE.decode().encode("utf-16"), {"rain_3h": 12.4, "wind_speed": 10.0}, id="table-utf-16"),
        pytest.param(TABLE.decode().replace("X", "พัทลุง").encode("cp874"), {"rain_3h": 12.4, "wind_speed": 10.0}, id="table-tis-620"),
        pytest.param(three_hours(WindSpeed="10 knots"), PLAIN | {"wind_speed": 5.1444}, id="knots"),
        pytest.param(three_hours(WindSpeed={"@attributes": {"unit": "km/h"}, "0": "36"}), PLAIN, id="unit-beside"),
    ],
)  # fmt: skip
def test_shapes(body: bytes, expected: dict[str, float]) -> None:
    assert values(read(body)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"Rainfall": "9999"}, "no value", id="sentinel"),
        pytest.param({"AirTemperature": "245"}, "implausible", id="a-lost-point"),
        pytest.param({"WindSpeed": "4 Beaufort"}, "unit we do not know", id="a-unit-nobody-knows"),
        pytest.param({"DateTime": "23/11/2026 19:00:00"}, "not a time", id="day-first"),
        pytest.param({"DateTime": {}}, "no time", id="no-time"),
        pytest.param({"DateTime": "11/24/2026 19:00:00"}, "ahead", id="tomorrow"),
    ],
)
def test_what_makes_no_sense_is_kept_with_the_reason(changes: dict[str, Any], says: str) -> None:
    assert says in why(read(three_hours(**changes)))


def test_one_station_as_a_mapping_and_faults() -> None:
    told = json.loads(three_hours())
    told["Stations"]["Station"] = told["Stations"]["Station"][0]
    assert values(read(json.dumps(told).encode())) == pytest.approx(PLAIN)
    assert read(b'{"Header": {"status": "200 OK"}, "Stations": {}}') == []
    for body in (b'{"Header": {"status": "401 bad key"}}', b"<html>", b"{}", b'{"a": 1}'):
        with pytest.raises(SourceChanged):
            read(body)


@pytest.mark.parametrize(
    "row",
    [None, "x", 5, {}, {"WmoStationNumber": {}, "Observation": {}}, {"StationNameThai": "ก"}],
    ids=["null", "text", "number", "empty", "no-number", "only-a-name"],
)
def test_a_row_that_is_none_is_kept_beside_the_others(row: Any) -> None:
    told = json.loads(three_hours())
    told["Stations"]["Station"].append(row)
    readings = read(json.dumps(told).encode())
    assert values(readings) == pytest.approx(PLAIN)
    assert sum(isinstance(r, Rejected) for r in readings) == 1


def test_every_observation_of_a_station_counts() -> None:
    told = json.loads(three_hours())
    station = told["Stations"]["Station"][0]
    station["Observation"] = [
        station["Observation"] | {"DateTime": f"11/23/2026 {hour}:00:00"} for hour in (16, 19)
    ]
    rain = [r for r in read(json.dumps(told).encode()) if r.quantity == "rain_3h"]
    assert [f"{r.observed_at:%H}" for r in rain] == ["09", "12"]


def test_the_samples() -> None:
    today = read(shared_data("feeds/tmd/WeatherToday_V2.2024-10-13.json").read_bytes())
    assert len({r.station for r in today if isinstance(r, Observation)}) > 100 and not why(today)
    table = read(shared_data("feeds/tmd/Weather3Hours_V2.flattened.2025-06-15.csv").read_bytes())
    assert [r.value for r in table if r.quantity == "wind_speed"] == pytest.approx([0.0, 3.7 / 3.6], abs=1e-4)
