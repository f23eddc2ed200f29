"""An office's own sensors: fields, units, zones and clocks as its entry declares them."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from sources.contract import Observation, Payload, Rejected, SourceChanged
from sources.http_json import HttpJson
from sources.reading import source_of
from tests.sources.bodies import FETCHED

ROW = {"stn": "M-1", "t": "2026-11-23 19:20", "v": {"wl": 135, "rain": "3.5"}}
VALUES = {"v.wl": {"quantity": "stage", "unit": "cm"}, "v.rain": {"quantity": "rain_1h"}}
FIELDS: dict[str, Any] = {"path": "data.rows", "station": "stn", "time": "t", "values": VALUES}


def read(rows: Any, **changes: Any) -> list[Any]:
    source = source_of("http_json", **FIELDS | changes)
    return list(source.read(Payload(json.dumps({"data": {"rows": rows}}).encode(), FETCHED)))


def told(readings: list[Any]) -> list[tuple[str, str, float, str]]:
    return [
        (r.station, str(r.quantity), r.value, f"{r.observed_at:%H:%M}")
        for r in readings
        if isinstance(r, Observation)
    ]


def why(readings: list[Any]) -> str:
    return " | ".join(r.why for r in readings if isinstance(r, Rejected))


def test_units_and_zone_are_put_right_here() -> None:
    assert told(read([ROW])) == [("M-1", "stage", 1.35, "12:20"), ("M-1", "rain_1h", 3.5, "12:20")]


@pytest.mark.parametrize(
    ("changes", "row", "expected"),
    [
        pytest.param({"zero_m": {"M-1": 20.0}}, {}, ("M-1", "water_level", 21.35, "12:20"), id="zero-of-the-gauge"),
        pytest.param({"stations": {"M-1": "PLG-7"}}, {}, ("PLG-7", "stage", 1.35, "12:20"), id="renamed"),
        pytest.param({"timezone": "UTC"}, {"t": "2026-11-23T12:20"}, ("M-1", "stage", 1.35, "12:20"), id="utc"),
        pytest.param({}, {"t": "2026-11-23T19:20:00.123456789+07:00"}, ("M-1", "stage", 1.35, "12:20"), id="offset"),
        pytest.param({}, {"t": 1795436400}, ("M-1", "stage", 1.35, "12:20"), id="seconds-since-1970"),
        pytest.param({}, {"t": "1795436400000"}, ("M-1", "stage", 1.35, "12:20"), id="milliseconds-as-text"),
        pytest.param({}, {"t": "23/11/2026 19:20"}, ("M-1", "stage", 1.35, "12:20"), id="day-first"),
        pytest.param({"date_order": "mdy"}, {"t": "11/23/2026 19:20"}, ("M-1", "stage", 1.35, "12:20"), id="month-first"),
        pytest.param({"buddhist_years": True}, {"t": "23/11/2569 19.20 น."}, ("M-1", "stage", 1.35, "12:20"), id="buddhist"),
        pytest.param({}, {"v": {"wl": " ๑๓๕ "}}, ("M-1", "stage", 1.35, "12:20"), id="thai-digits"),
        pytest.param(
            {"values": {"v.wl": {"quantity": "water_level", "unit": "mm", "times": -1, "add": 22.5}}},
            {"v": {"wl": 2500}},
            ("M-1", "water_level", 20.0, "12:20"),
            id="distance-down-to-the-water",
        ),
    ],
)  # fmt: skip
def test_as_declared(
    changes: dict[str, Any], row: dict[str, Any], expected: tuple[str, str, float, str]
) -> None:
    assert told(read([ROW | row], **changes))[0] == expected


@pytest.mark.parametrize(
    ("row", "says"),
    [
        pytest.param({"t": None}, "no time", id="no-time"),
        pytest.param({"t": "2569-11-23 19:20"}, "Buddhist era", id="buddhist-not-declared"),
        pytest.param({"t": "2026-11-24 02:20"}, "Bangkok time were added twice", id="ahead"),
        pytest.param({"t": "13/13/2026 10:00"}, "not a time", id="no-month"),
        pytest.param({"stn": None}, "no station", id="no-station"),
        pytest.param({"v": {"wl": "dry"}}, "v.wl: not a number", id="no-number"),
        pytest.param({"v": {"wl": 135000}}, "implausible", id="millimetres-taken-for-centimetres"),
        pytest.param({"v": {"wl": -9999}}, "sign for no value", id="sentinel"),
        pytest.param({"v": {"wl": True}}, "not a number", id="boolean"),
        pytest.param({"v": {}}, "no value is told", id="silent"),
    ],
)
def test_rejected_with_its_reason(row: dict[str, Any], says: str) -> None:
    assert says in why(read([ROW | row], values={"v.wl": {"quantity": "stage", "unit": "cm"}}))


def test_one_bad_value_leaves_the_others() -> None:
    readings = read([ROW | {"v": {"wl": "x", "rain": 2}}])
    assert told(readings) == [("M-1", "rain_1h", 2.0, "12:20")] and "v.wl" in why(readings)


def test_the_same_value_twice_is_one_and_another_is_a_contradiction() -> None:
    readings = read([ROW, ROW, ROW | {"v": {"wl": 140}}])
    assert len(told(readings)) == 2 and "where it told 1.35" in why(readings)


def test_fields_that_went_away_are_a_changed_feed_and_an_empty_list_is_silence() -> None:
    with pytest.raises(SourceChanged, match=r"none of the fields v.wl, v.rain; the row holds level"):
        read([{"level": 1}] * 5)
    assert read([]) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            {"data": {"stations": [{"a": 1}]}},
            "no list of rows at `data.rows`; lists in the answer: data.stations",
        ),
        ({"error": "no"}, "lists in the answer: none"),
    ],
)
def test_a_moved_list_is_named(body: Any, says: str) -> None:
    with pytest.raises(SourceChanged, match=says):
        source_of("http_json", **FIELDS).read(Payload(json.dumps(body).encode(), FETCHED))


def test_stations_by_their_codes_and_one_station_alone() -> None:
    by_code = {
        "now": {"M-1": {"t": "2026-11-23 19:20", "wl": 1.0}, "M-2": {"t": "2026-11-23 19:20", "wl": 2.0}}
    }
    fields: dict[str, Any] = {"time": "t", "values": {"wl": {"quantity": "stage"}}, "path": "now"}
    source = source_of("http_json", station="key", **fields)
    read_so = source.read(Payload(json.dumps(by_code).encode(), FETCHED))
    assert [(s, v) for s, _, v, _ in told(read_so)] == [("M-1", 1.0), ("M-2", 2.0)]
    alone = source_of("http_json", station_is="M-9", **fields | {"path": ""})
    one = {"t": "2026-11-23 19:20", "wl": 1.0}
    assert told(alone.read(Payload(json.dumps(one).encode(), FETCHED))) == [("M-9", "stage", 1.0, "12:20")]


def test_without_an_entry_names_that_carry_their_unit_are_read() -> None:
    rows = [
        {
            "station_code": "A",
            "timestamp": "2026-11-23T12:20:00Z",
            "level_cm": 80,
            "rain_1h_mm": "2",
            "battery": 3.6,
        },
        {
            "station_code": "B",
            "timestamp": "2026-11-23T12:20:00Z",
            "ระดับน้ำ (ม.รทก.)": 21.5,
            "discharge_m3/s": 7,
        },
        {"station_code": "C", "timestamp": "2026-11-23T12:20:00Z", "level": 80},
    ]
    readings = list(source_of("http_json").read(Payload(json.dumps({"any": rows}).encode(), FETCHED)))
    assert told(readings) == [
        ("A", "stage", 0.8, "12:20"),
        ("A", "rain_1h", 2.0, "12:20"),
        ("B", "water_level", 21.5, "12:20"),
        ("B", "discharge", 7.0, "12:20"),
    ]
    assert "no field that names its unit" in why(readings)  # a unit is never guessed


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"values": {}}, "values: say which field", id="no-values"),
        pytest.param({"time": ""}, "time: say which field", id="no-time"),
        pytest.param({"station": ""}, "station: name the field", id="no-station"),
        pytest.param({"station_is": "x"}, "not both", id="two-stations"),
        pytest.param({"url": "ftp://x"}, "begins with https", id="no-web-address"),
        pytest.param({"timezone": "Bangkok"}, "no time zone", id="zone"),
        pytest.param(
            {"values": {"v": {"quantity": "rain_1h", "unit": "km"}}}, "there are mm, cm, in", id="unit"
        ),
    ],
)
def test_an_entry_that_cannot_work_says_why(changes: dict[str, Any], says: str) -> None:
    entry = {"kind": "http_json", "name": "own", "every": "PT10M", "url": "https://x.example/v", **FIELDS}
    HttpJson.model_validate(entry)
    with pytest.raises(ValidationError, match=says):
        HttpJson.model_validate(entry | changes)
