"""Reservoirs out of the four lists of one answer."""

from typing import Any

import pytest

from sources.contract import Observation, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.sources.bodies import FETCHED, MISSING, dam_body, dam_row

Q = {"storage": 60.0, "storage_percent": 75.0, "inflow": 1.5, "release": 2.0}


def read(body: bytes, **fields: Any) -> list[Any]:
    return list(source_of("thaiwater_dam", **fields).read(Payload(body, FETCHED)))


def told(readings: list[Any]) -> dict[str, float]:
    return {str(r.quantity): r.value for r in readings if isinstance(r, Observation)}


def why(readings: list[Any]) -> str:
    return " | ".join(r.why for r in readings if isinstance(r, Rejected))


def test_four_values_of_a_day_with_the_spill_in_the_release() -> None:
    readings = read(dam_body(dam_row()))
    assert told(readings) == Q
    one = readings[0]
    assert (one.station, one.station_name, one.unit, one.lat) == ("77", "ห้วยทดสอบ", "million m3", 7.6)
    assert one.observed_at.isoformat() == "2026-11-22T17:00:00+00:00"  # the day's first minute in Bangkok


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"dam_storage": "60.00", "dam_inflow": " 1.5 "}, Q, id="text"),
        pytest.param({"dam_inflow": None, "dam_released": MISSING, "dam_spilled": None},
                     {"storage": 60.0, "storage_percent": 75.0}, id="flows-not-told"),
        pytest.param({"dam_released": None, "dam_spilled": 0}, {k: v for k, v in Q.items() if k != "release"},
                     id="no-spill-is-no-word-on-the-release"),
        pytest.param({"dam_storage_percent": 0}, Q, id="percent-nobody-counted"),
        pytest.param({"dam_storage_percent": None}, Q, id="percent-counted-here"),
        pytest.param({"dam_storage": 166.9, "dam_storage_percent": 208.6}, Q | {"storage": 166.9, "storage_percent": 208.6},
                     id="twice-full"),
        pytest.param({"dam_storage": 0, "dam_storage_percent": 0}, {"inflow": 1.5, "release": 2.0}, id="nobody-measured"),
        pytest.param({"dam_date": "2026-11-23 18:00"}, {"storage": 60.0, "storage_percent": 75.0}, id="hourly-flows-are-of-the-hour"),
    ],
)  # fmt: skip
def test_bent_a_little(changes: dict[str, Any], expected: dict[str, float]) -> None:
    readings = read(dam_body(dam_row(**changes)))
    assert told(readings) == expected and not why(readings)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"dam_date": "1970-01-01"}, "told nothing for more than a year", id="dead-row"),
        pytest.param({"dam_date": "2569-11-23"}, "Buddhist", id="buddhist"),
        pytest.param({"dam_date": None}, "no time", id="no-date"),
        pytest.param({"dam_date": "2026-11-25"}, "ahead", id="tomorrow"),
        pytest.param({"dam_storage": -9999}, "storage of 77", id="sentinel"),
        pytest.param({"dam_inflow": 5e6}, "inflow of 77: implausible", id="cubic-metres-sold-as-millions"),
        pytest.param({"dam_storage_percent": 7.5}, "7.5 where 60 of 80 million m3 is 75", id="slipped-point"),
    ],
)
def test_rejected_with_its_reason(changes: dict[str, Any], says: str) -> None:
    assert says in why(read(dam_body(dam_row(**changes))))


def test_all_lists_count_and_small_ones_have_fields_of_their_own() -> None:
    small = {
        "smalldam_datetime": "2026-11-23 19:00",
        "volume": "0.45",
        "percent_storage": 90,
        "water_level": 31.2,
        "dam": {
            "id": 5,
            "smalldam_name": {"th": "อ่างเล็ก"},
            "tele_station_lat": 7.5,
            "tele_station_long": 100.0,
        },
    }
    medium = dam_row(id=78)
    readings = read(dam_body(dam_row(), dam_medium=[medium], dam_small_tele=[small], dam_hourly=None))
    assert {(r.station, str(r.quantity)) for r in readings if isinstance(r, Observation)} >= {
        ("77", "storage"), ("78", "storage"), ("5", "storage"), ("5", "storage_percent"),
    }  # fmt: skip
    assert not why(readings)


def test_two_agencies_that_differ_are_one_reading_and_a_reason() -> None:
    readings = read(dam_body(dam_row(), dam_row(dam_storage=50, dam_storage_percent=62.5)))
    assert told(readings) == Q and "where it told 60 for the same time" in why(readings)


def test_only_the_own_province_where_that_is_asked() -> None:
    elsewhere = dam_row(province_code="63")
    assert read(dam_body(elsewhere), province_code="93") == []
    assert len(read(dam_body(elsewhere))) == 4


@pytest.mark.parametrize(
    "body", [b'{"result": "NO", "data": "x"}', b'{"data": {}}', b'{"result": "OK", "data": {"rain": []}}']
)
def test_no_list_of_dams_is_a_changed_source(body: bytes) -> None:
    with pytest.raises(SourceChanged):
        read(body)
    assert read(dam_body()) == []
