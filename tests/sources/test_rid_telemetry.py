"""The Royal Irrigation Department's gauges and reservoirs, in the shape of each of its services."""

import json
from typing import Any

import pytest

from sources.contract import Observation, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.sources.bodies import FETCHED, pier_row


def read(body: Any) -> list[Any]:
    return list(source_of("rid_telemetry").read(Payload(json.dumps(body).encode(), FETCHED)))


def told(readings: list[Any]) -> list[tuple[str, str, float, str]]:
    return [
        (r.station, str(r.quantity), r.value, f"{r.observed_at:%d %H:%M}")
        for r in readings
        if isinstance(r, Observation)
    ]


def why(readings: list[Any]) -> str:
    return " | ".join(r.why for r in readings if isinstance(r, Rejected))


def test_a_pier_of_swoc() -> None:
    readings = read({"data": [pier_row()]})
    assert told(readings) == [
        ("X.99", "water_level", 15.5, "23 12:00"),
        ("X.99", "discharge", 42.0, "23 12:00"),
    ]
    assert (readings[0].bank_m, readings[1].bank_m, readings[0].lat) == (20.0, None, 7.6)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"wl_values_msl": "15.50"}, (15.5, "23 12:00"), id="text"),
        pytest.param({"hourly_time_utc": "2026-11-23 12:00:00"}, (15.5, "23 12:00"), id="utc-by-its-name"),
        pytest.param(
            {"hourly_time_utc": None, "hourly_time": "2026-11-23 19:00"}, (15.5, "23 12:00"), id="bangkok"
        ),
        pytest.param({"brae_level_msl": " - ", "q_values": " - "}, (15.5, "23 12:00"), id="dashes"),
        pytest.param({"latitude": 0, "longitude": None}, (15.5, "23 12:00"), id="no-place"),
    ],
)
def test_a_pier_bent_a_little(changes: dict[str, Any], expected: tuple[float, str]) -> None:
    readings = read({"data": [pier_row(**changes)]})
    assert told(readings)[0][2:] == expected and not why(readings)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"station_code": None}, "no station", id="no-station"),
        pytest.param({"wl_values_msl": None, "q_values": None}, "nothing is told by X.99", id="silent"),
        pytest.param({"wl_values_msl": 99999}, "no value", id="sentinel"),
        pytest.param({"wl_values_msl": 5000}, "implausible", id="above-the-mountains"),
        pytest.param({"hourly_time_utc": "2026-11-23T19:00:00Z"}, "Bangkok time were added twice", id="bangkok-sold-as-utc"),
        pytest.param({"hourly_time_utc": None}, "no time", id="no-time"),
        pytest.param({"hourly_time_utc": "2569-11-23T12:00:00Z"}, "Buddhist", id="buddhist"),
    ],
)  # fmt: skip
def test_rejected_with_its_reason(changes: dict[str, Any], says: str) -> None:
    assert says in why(read({"data": [pier_row(**changes)]}))


TELERID = {
    "code": "TS.9",
    "name": "บ้านทดสอบ",
    "location": {"x": 100.0, "y": 7.6},
    "measure": {"wl": True},
    "values": {
        "water_level": {"value": 3.21, "unixtime": 1795435200},
        "rain_1h": {"value": None, "unixtime": 1795435200},
        "cctv": {"1": {"path": "x.jpg"}},
    },
    "water_level_critical": 5.0,
}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(TELERID, id="one-station"),
        pytest.param({"message": json.dumps(TELERID)}, id="as-the-socket-sends-it"),
        pytest.param({"message": json.dumps({"type": "INIT", "data": {"9": TELERID}})}, id="all-by-number"),
    ],
)
def test_a_station_of_telerid(body: Any) -> None:
    assert told(read(body)) == [("TS.9", "water_level", 3.21, "23 12:00")]


def test_a_list_of_names_is_no_list_of_readings() -> None:
    names = [
        {"id": 1, "code": "TS.9", "name": "x", "geom": {"coordinates": [100.0, 7.6]}, "measure_wl": True}
    ]
    assert "name in a list" in why(read({"count": 1, "results": names}))


PUBLIC = {"id": "rsv9", "name": "อ่างทดสอบ", "storage": 80.0, "volume": 60.0, "percent_storage": 75.0,
          "inflow": 1.5, "outflow": None}  # fmt: skip
MEDIUM = {"cresv": "rsv9", "nresv": "อ่างทดสอบ", "date": "2026-11-23", "cap_resv": "80.000", "qdisc_curr": "60.000",
          "percent_resv_curr": "75.00", "q_info": "1.500", "q_outfo": " - ", "cresv_lat": "7.6", "cresv_lng": "99.9"}  # fmt: skip
LARGE = {"DAM_ID": "200999", "DAM_Name": "เขื่อนทดสอบ", "DAM_QStore": "8,000", "DMD_QUse": "6,000.5",
         "PERCENT_DMD_QUse": "75.01", "DMD_Inflow": "1.5", "DMD_Outflow": "2"}  # fmt: skip
DAY = "22 17:00"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"date": "2026-11-23", "data": [{"region": "ภาคใต้", "reservoir": [PUBLIC]}]},
                     [("storage", 60.0), ("storage_percent", 75.0), ("inflow", 1.5)], id="public"),
        pytest.param({"date": "2026-11-23", "data": [{"region": "ภาคใต้", "dam": [PUBLIC]}]},
                     [("storage", 60.0), ("storage_percent", 75.0), ("inflow", 1.5)], id="public-dams"),
        pytest.param({"region": [{"region_name_th": "ภาคใต้", "reservoir": [MEDIUM]}]},
                     [("storage", 60.0), ("storage_percent", 75.0), ("inflow", 1.5)], id="medium"),
        pytest.param({"date_th": "23 พฤศจิกายน 2569", "regions": [{"region_name": "ใต้", "dams": [LARGE]}]},
                     [("storage", 6000.5), ("storage_percent", 75.01), ("inflow", 1.5), ("release", 2.0)], id="large"),
    ],
)  # fmt: skip
def test_reservoirs(body: Any, expected: list[tuple[str, float]]) -> None:
    readings = read(body)
    assert [(q, v) for _, q, v, _ in told(readings)] == expected and not why(readings)
    assert {at for *_, at in told(readings)} == {DAY}


def test_a_reservoir_nobody_measured_is_no_reading() -> None:
    empty = PUBLIC | {"volume": None, "percent_storage": 0, "inflow": None}
    assert "nothing is told of rsv9" in why(read({"date": "2026-11-23", "data": [{"reservoir": [empty]}]}))
    later = MEDIUM | {"date": None}
    assert "nobody has written down rsv9" in why(read({"region": [{"reservoir": [later]}]}))


@pytest.mark.parametrize(
    "body",
    [{"detail": "Authentication credentials were not provided."}, {"data": [{"a": 1}] * 5}, 7, {"data": 1}],
)
def test_what_is_none_of_them_is_a_changed_source(body: Any) -> None:
    with pytest.raises(SourceChanged):
        read(body)
