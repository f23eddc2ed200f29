"""Facts of the water level feed; a row's name is the reason it is there."""

import gzip
import json
from typing import Any

import pytest

from sources.contract import Quantity, SourceChanged
from tests.sources.bodies import MISSING, level_body, level_row, observations, read, reasons

KIND = "thaiwater_level"


@pytest.mark.parametrize(
    ("changes", "value", "observed", "tambon"),
    [
        pytest.param({}, 15.5, "12:20", "930702", id="text-for-numbers-and-bangkok-time"),
        pytest.param({"waterlevel_msl": 15.5}, 15.5, "12:20", "930702", id="a-number-after-all"),
        pytest.param({"waterlevel_msl": " 15.50 "}, 15.5, "12:20", "930702", id="spaces"),
        pytest.param({"waterlevel_msl": "๑๕.๕๐"}, 15.5, "12:20", "930702", id="thai-digits"),
        pytest.param(
            {"waterlevel_msl": "1,015.50", "ground_level": 1010, "min_bank": 1020},
            1015.5,
            "12:20",
            "930702",
            id="thousands",
        ),
        pytest.param({"situation_level": 5}, 15.5, "12:20", "930702", id="level-5-is-not-believed"),
        pytest.param({"situation_level": MISSING}, 15.5, "12:20", "930702", id="no-situation-level"),
        pytest.param(
            {"waterlevel_datetime": "2026-11-23 12:20"}, 15.5, "05:20", "930702", id="stale-stays-honest"
        ),
        pytest.param(
            {"waterlevel_datetime": "2026-11-23 19:20:00"}, 15.5, "12:20", "930702", id="with-seconds"
        ),
        pytest.param({"ground_level": None}, 15.5, "12:20", "930702", id="no-bed"),
        pytest.param({"min_bank": None, "ground_level": None}, 15.5, "12:20", "930702", id="no-bed-no-bank"),
        pytest.param(
            {"amphoe_code": 7, "tumbon_code": "2"}, 15.5, "12:20", "930702", id="codes-without-zero"
        ),
        pytest.param({"tumbon_code": "99"}, 15.5, "12:20", None, id="no-such-tambon-here"),
        pytest.param({"tumbon_code": None}, 15.5, "12:20", None, id="no-tambon-told"),
        pytest.param(
            {"province_code": "11", "amphoe_code": "04", "tumbon_code": "11"},
            15.5,
            "12:20",
            "110411",
            id="another-province",
        ),
        pytest.param({"geocode": None}, 15.5, "12:20", None, id="no-geocode"),
        pytest.param(
            {"waterlevel_msl": "21.00"}, 21.0, "12:20", "930702", id="over-the-bank-is-a-flood-not-a-fault"
        ),
        pytest.param(
            {"waterlevel_msl": "29.90"}, 29.9, "12:20", "930702", id="ten-metres-over-the-bank-still-counts"
        ),
        pytest.param(
            {"waterlevel_msl": "-1.20", "ground_level": -2.9, "min_bank": 1.2},
            -1.2,
            "12:20",
            "930702",
            id="below-the-sea",
        ),
        pytest.param({"waterlevel_msl": "9.20"}, 9.2, "12:20", "930702", id="a-little-under-the-bed"),
        pytest.param(
            {"waterlevel_msl_previous": "999999"}, 15.5, "12:20", "930702", id="sentinel-beside-the-level"
        ),
    ],
)
def test_reads(changes: dict[str, Any], value: float, observed: str, tambon: str | None) -> None:
    (only,) = observations(readings := read(KIND, level_body(level_row(**changes))))
    assert (only.station, only.quantity, only.unit) == ("X.99", Quantity.WATER_LEVEL, "m")
    assert (only.value, f"{only.observed_at:%H:%M}", only.tambon) == (value, observed, tambon)
    assert reasons(readings) == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"waterlevel_datetime": "2569-11-23 19:20"}, "Buddhist era", id="year-2569"),
        pytest.param(
            {"waterlevel_datetime": "2026-11-24 02:20"}, "clock is 6.8 h ahead", id="clock-7-h-ahead"
        ),
        pytest.param({"waterlevel_datetime": "2026-11-23T19:20Z"}, "time zone", id="a-zone-one-day"),
        pytest.param({"waterlevel_datetime": "2026-11-23"}, "time of day", id="date-only"),
        pytest.param({"waterlevel_datetime": ""}, "no time", id="no-time"),
        pytest.param({"waterlevel_datetime": "23/11/2569"}, "not a time", id="slashes"),
        pytest.param({"waterlevel_datetime": "2026-11-23 19.20"}, "time of day", id="dot-for-a-colon"),
        pytest.param({"waterlevel_datetime": 1795436400}, "not a time: '1795", id="seconds-since-1970"),
        pytest.param({"waterlevel_msl": "155.0"}, "over the bank", id="ten-times-too-high"),
        pytest.param(
            {
                "waterlevel_msl": "3.50",
                "ground_level": -2.2,
                "min_bank": 1.4,
                "waterlevel_msl_previous": "0.34",
            },
            "ten times what the reading before says",
            id="ten-times-near-the-lake",
        ),
        pytest.param(
            {"waterlevel_msl": "3.50", "ground_level": -2.0, "min_bank": 2.0, "storage_percent": "58.75"},
            "ten times what its own percentage says",
            id="ten-times-by-percent",
        ),
        pytest.param(
            {"waterlevel_msl": "155.0", "ground_level": None}, "over the bank", id="ten-times-without-a-bed"
        ),
        pytest.param({"waterlevel_msl": "15500"}, "outside", id="above-the-highest-mountain"),
        pytest.param({"waterlevel_msl": "0.00"}, "under the bed", id="zero-for-nothing"),
        pytest.param({"waterlevel_msl": "999999"}, "no value", id="sentinel"),
        pytest.param({"waterlevel_msl": -9999}, "no value", id="negative-sentinel"),
        pytest.param({"waterlevel_msl": None}, "no level", id="sensor-silent"),
        pytest.param({"waterlevel_msl": "N/A"}, "no level", id="na"),
        pytest.param({"waterlevel_msl": "high"}, "not a number", id="words"),
        pytest.param({"waterlevel_msl": "15,5"}, "not a number", id="decimal-comma"),
        pytest.param({"waterlevel_msl": "1,55"}, "not a number", id="decimal-comma-of-two-places"),
        pytest.param({"waterlevel_msl": True}, "not a number", id="a-boolean"),
        pytest.param({"waterlevel_msl": float("nan")}, "not a number", id="nan"),
        pytest.param({"waterlevel_msl": MISSING}, "waterlevel_msl", id="level-key-missing"),
        pytest.param({"station": None}, "station", id="no-station"),
        pytest.param({"station": [], "id": 77}, "station", id="the-id-of-the-reading-is-no-station"),
        pytest.param({"id": None, "tele_station_oldcode": " "}, "no station", id="nameless-station"),
    ],
)
def test_one_bad_row_is_kept_with_its_reason_and_the_rest_counts(
    changes: dict[str, Any], reason: str
) -> None:
    readings = read(KIND, level_body(level_row(**changes), level_row(tele_station_oldcode="X.98")))
    assert [o.station for o in observations(readings)] == ["X.98"]
    assert reason in reasons(readings)


def test_a_station_that_tells_two_values_for_one_time_has_told_the_first() -> None:
    readings = read(
        KIND, level_body(*(level_row(waterlevel_msl=told) for told in ("15.50", "16.00", "15.5")))
    )
    assert {o.value for o in observations(readings)} == {15.5}
    assert reasons(readings) == "water_level of X.99: 16 where it told 15.5 for the same time"


def test_only_the_lowest_bank_is_in_the_levels_own_datum() -> None:
    (only,) = observations(read(KIND, level_body(level_row())))
    assert only.bank_m == 20.0


def test_names_of_spaces_are_no_names_and_codes_fall_back_to_the_id() -> None:
    row = level_row(tele_station_oldcode="", tele_station_name={"th": " ", "en": ""})
    (only,) = observations(read(KIND, level_body(row)))
    assert (only.station, only.station_name) == ("1095876", None)


@pytest.mark.parametrize(
    ("told", "values", "reason"),
    [
        pytest.param("5.50", [15.5, 5.5], "", id="told-as-text"),
        pytest.param("999999", [15.5], "its level counts", id="sentinel"),
    ],
)
def test_discharge(told: str, values: list[float], reason: str) -> None:
    readings = read(KIND, level_body(level_row(discharge=told)))
    assert [o.value for o in observations(readings)] == values
    assert reason in reasons(readings)


ROW = level_row()
FLAT = {
    "station_oldcode": "X.99",
    "name": "บ้านทดสอบ",
    "lat": 7.6,
    "lng": 100.0,
    "min_bank": 20.0,
    "ground_level": 10.0,
    "waterlevel_datetime": "2026-11-23 19:20",
    "waterlevel_msl": "15.50",
}


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"result": "OK", "data": [ROW]}, id="public-waterlevel"),
        pytest.param({"waterlevel_data": {"data": [ROW]}}, id="no-result"),
        pytest.param({"waterlevel_data": [ROW]}, id="list-at-once"),
        pytest.param([ROW], id="bare-list"),
        pytest.param(ROW, id="single-row"),
        pytest.param({"data": {"result": "OK", "data": ROW}}, id="single-row-in-envelope"),
        pytest.param([FLAT], id="flattened"),
    ],
)
def test_envelopes(told: Any) -> None:
    (only,) = observations(read(KIND, b"\xef\xbb\xbf" + json.dumps(told).encode()))
    assert (only.station, only.value, only.lat) == ("X.99", 15.5, 7.6)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b'{"result":"NO","data":"no permission"}', "NO: no permission", id="result-no"),
        pytest.param(b'{"waterlevel_data":{"result":"NO","data":"x"}}', "NO: x", id="result-no-inside"),
        pytest.param(b'{"error":"Unauthorized Access."}', "no list", id="error-with-200"),
        pytest.param(
            level_body(*[{"a": 1}] * 5, ROW),
            "5 of 6 rows.*first: station: Field required",
            id="most-rows-unknown",
        ),
        pytest.param(b'{"result":"OK","data":{"graph_data":[]}}', "no list", id="a-graph-of-one-station"),
    ],
)
def test_a_changed_feed_is_said_so(body: bytes, reason: str) -> None:
    with pytest.raises(SourceChanged, match=reason):
        read(KIND, body)


def test_a_night_of_wrong_clocks_is_no_change_of_the_feed() -> None:
    readings = read(KIND, level_body(*[level_row(waterlevel_datetime="2569-11-23 19:20")] * 9, ROW))
    assert len(observations(readings)) == 1
    assert len(readings) == 10


def test_a_body_in_utf_16_is_read() -> None:
    assert len(observations(read(KIND, level_body(ROW).decode().encode("utf-16")))) == 1


def test_a_packed_body_is_told() -> None:
    with pytest.raises(SourceChanged, match="gzip"):
        read(KIND, gzip.compress(level_body(ROW)))


def test_an_empty_list_is_silence() -> None:
    assert read(KIND, level_body()) == []


@pytest.mark.parametrize(
    ("codes", "tambon"),
    [
        pytest.param({"tumbon_code": "930702"}, "930702", id="tambon-in-full"),
        pytest.param({"amphoe_code": "9307", "tumbon_code": "930702"}, "930702", id="both-in-full"),
        pytest.param({"amphoe_code": "9001", "tumbon_code": "02"}, None, id="another-provinces-amphoe"),
    ],
)
def test_codes_told_in_full(codes: dict[str, str], tambon: str | None) -> None:
    (reading,) = observations(read("thaiwater_level", level_body(level_row(**codes))))
    assert reading.tambon == tambon


def test_an_empty_list_beside_a_full_one_hides_nothing() -> None:
    body = json.dumps({"result": "OK", "data": [], "rows": [level_row()]}).encode()
    assert len(observations(read("thaiwater_level", body))) == 1
