"""Facts of Open-Meteo's forecasts."""

import json
from typing import Any

import pytest

from sources.contract import Quantity, SourceChanged
from tests.sources.bodies import forecast_body, forecasts, read, reasons

KIND = "open_meteo"


def test_rain_by_the_hour_without_the_nulls_at_the_end() -> None:
    readings = read(KIND, forecast_body())
    told = [(f.place, f.quantity, f.value, f"{f.valid_at:%d %H:%M}") for f in forecasts(readings)]
    assert told == [
        ("Phatthalung", Quantity.RAIN_1H, 0.0, "23 17:00"),
        ("Phatthalung", Quantity.RAIN_1H, 8.6, "23 18:00"),
    ]
    assert len(readings) == 2


def test_a_day_is_valid_at_its_end() -> None:
    body = forecast_body(
        hourly={},
        daily={"time": ["2026-11-24"], "precipitation_sum": [93.0]},
        daily_units={"precipitation_sum": "mm"},
    )
    (only,) = forecasts(read(KIND, body))
    assert (only.quantity, only.value, f"{only.valid_at:%d %H:%M}") == (Quantity.RAIN_24H, 93.0, "24 17:00")


def test_places_in_the_order_asked_and_tambon_codes_as_names() -> None:
    near = json.loads(forecast_body())
    far = near | {"latitude": 7.3}
    places = {"930702": (7.6, 100.1), "lake": (7.3, 100.1)}
    told = forecasts(read(KIND, json.dumps([near, far]).encode(), places=places))
    assert {(f.place, f.tambon) for f in told} == {("930702", "930702"), ("lake", None)}


def test_a_body_of_elsewhere_is_not_named_after_us() -> None:
    assert {f.place for f in forecasts(read(KIND, forecast_body(latitude=13.75)))} == {"13.75,100.125"}


@pytest.mark.parametrize(
    ("changes", "count", "reason"),
    [
        pytest.param(
            {"hourly": {"time": ["2026-11-24T00:00"] * 2, "precipitation": [None, 1]}},
            1,
            "no value",
            id="null-in-the-middle",
        ),
        pytest.param(
            {"hourly": {"time": ["2026-11-24T00:00"], "precipitation": [-1]}}, 0, "outside", id="negative"
        ),
        pytest.param(
            {"hourly": {"time": ["2569-11-24T00:00"], "precipitation": [1]}}, 0, "not a time", id="year-2569"
        ),
        pytest.param({"hourly": {"time": [], "precipitation": [1]}}, 0, "0 times", id="fewer-times"),
        pytest.param({"hourly_units": {"precipitation": "inch"}}, 0, "inch", id="inches"),
    ],
)
def test_bad_values(changes: dict[str, Any], count: int, reason: str) -> None:
    readings = read(KIND, forecast_body(**changes))
    assert len(forecasts(readings)) == count
    assert reason in reasons(readings)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"error":true,"reason":"Data corrupted"}', id="error-body"),
        pytest.param(forecast_body(hourly={"time": ["2026-11-24T00:00"]}), id="no-known-series"),
        pytest.param(forecast_body(utc_offset_seconds=None), id="no-zone"),
    ],
)
def test_a_changed_feed_is_said_so(body: bytes) -> None:
    with pytest.raises(SourceChanged):
        read(KIND, body)


def test_an_hour_told_twice_has_told_the_first() -> None:
    hours = {"time": ["2026-11-24T00:00", "2026-11-24T00:00"], "precipitation": [1, 20]}
    readings = read("open_meteo", forecast_body(hourly=hours))
    assert [forecast.value for forecast in forecasts(readings)] == [1]
    assert "20 where it told 1" in reasons(readings)
