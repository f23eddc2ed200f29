"""Facts of the rain feed."""

from typing import Any

import pytest

from sources.contract import Quantity
from tests.sources.bodies import MISSING, observations, rain_body, rain_row, read, reasons

KIND = "thaiwater_rain"
DAY, HOUR = Quantity.RAIN_24H, Quantity.RAIN_1H


@pytest.mark.parametrize(
    ("changes", "expected", "reason"),
    [
        pytest.param({}, {DAY: 42.5, HOUR: 3.5}, "", id="numbers"),
        pytest.param({"rain_1h": MISSING}, {DAY: 42.5}, "", id="hour-unknown"),
        pytest.param({"rain_24h": "42.5"}, {DAY: 42.5, HOUR: 3.5}, "", id="text-one-day"),
        pytest.param({"rain_24h": 0, "rain_1h": 0}, {DAY: 0.0, HOUR: 0.0}, "", id="dry-is-a-reading"),
        pytest.param({"rain_24h": None}, {HOUR: 3.5}, "", id="day-unknown"),
        pytest.param({"rain_24h": None, "rain_1h": None}, {}, "no rain is told", id="nothing-told"),
        pytest.param({"rain_24h": 3240}, {HOUR: 3.5}, "outside", id="ten-times-too-high"),
        pytest.param({"rain_1h": 435}, {DAY: 42.5}, "outside", id="ten-times-too-high-hour"),
        pytest.param({"rain_1h": 90}, {DAY: 42.5}, "24 h it belongs to", id="hour-above-its-day"),
        pytest.param({"rain_24h": -9999, "rain_1h": 999999}, {}, "no value", id="sentinels"),
        pytest.param({"rain_24h": -3}, {HOUR: 3.5}, "outside", id="negative"),
        pytest.param({"rainfall_datetime": "2569-11-23 19:00"}, {}, "Buddhist", id="year-2569"),
        pytest.param({"rainfall_datetime": "2026-11-24 02:00"}, {}, "h ahead", id="clock-7-h-ahead"),
        pytest.param({"rain_24h": MISSING, "rain_1h": MISSING}, {}, "neither", id="not-a-rain-row"),
    ],
)
def test_reads(changes: dict[str, Any], expected: dict[Quantity, float], reason: str) -> None:
    readings = read(KIND, rain_body(rain_row(**changes)))
    assert {o.quantity: o.value for o in observations(readings)} == expected
    assert reason in reasons(readings)
    assert bool(reason) == bool(reasons(readings))


def test_rain_tells_its_place_and_no_tambon() -> None:
    first = observations(read(KIND, rain_body(rain_row())))[0]
    assert (first.station, first.lat, first.lon, first.tambon, first.unit) == (
        "STN9999",
        7.6,
        100.0,
        None,
        "mm",
    )
    assert f"{first.observed_at:%Y-%m-%d %H:%M%z}" == "2026-11-23 12:00+0000"


@pytest.mark.parametrize("point", [(0, 0), (None, 100.0), (100.0, 7.6), ("", "")])
def test_a_point_outside_the_country_is_no_point(point: tuple[Any, Any]) -> None:
    row = rain_row(tele_station_lat=point[0], tele_station_long=point[1])
    first = observations(read(KIND, rain_body(row)))[0]
    assert (first.lat, first.lon) == (None, None)
