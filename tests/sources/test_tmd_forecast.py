"""Seven days a province, where the Thai words count, and the model's hours and days."""

import json
from typing import Any

import pytest

from sources.contract import Bulletin, Forecast, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.agency_bodies import seven_days
from tests.sources.bodies import FETCHED


def read(told: Any) -> list[Any]:
    return source_of("tmd_forecast").read(
        Payload(told if isinstance(told, bytes) else json.dumps(told).encode(), FETCHED)
    )


def test_two_days_of_a_province() -> None:
    readings = read(seven_days())
    assert [(f.quantity.value, f.value, f"{f.valid_at:%d %H}") for f in readings if isinstance(f, Forecast)] == [
        ("air_temperature", 29.0, "24 17"), ("wind_speed", 10.0, "24 17"),
        ("air_temperature", 30.0, "23 17"), ("wind_speed", 5.0, "23 17"),
    ]  # fmt: skip
    [heavy] = [
        r for r in readings if isinstance(r, Bulletin)
    ]  # the English words say Heavy Rain on both days
    assert (heavy.areas, heavy.hazard) == (("93",), "heavy_rain") and "ฝนตกหนัก" in heavy.title_th


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"ForecastDate": ["soon", "23/11/2026"]}, "not a time", id="soon"),
        pytest.param({"MaximumTemperature": ["290", "30"]}, "implausible", id="a-lost-point"),
        pytest.param({"ForecastDate": []}, "no days", id="no-days"),
        pytest.param({"WindSpeed": ["calm", "5"]}, "not a number", id="words"),
    ],
)
def test_what_makes_no_sense_is_kept_with_the_reason(changes: dict[str, Any], says: str) -> None:
    assert says in " | ".join(r.why for r in read(seven_days(**changes)) if isinstance(r, Rejected))


def model(daily: bool, **data: Any) -> dict[str, Any]:
    inside = {"rain": 12.5, ("tc_max" if daily else "tc"): 31, "rh": 88.2} | data
    return {"WeatherForecasts": [{"location": {"lat": 7.62, "lon": 100.08},
                                  "forecasts": [{"time": "2026-11-24T00:00:00+07:00", "data": inside}]}]}  # fmt: skip


@pytest.mark.parametrize(
    ("daily", "rain", "valid"),
    [pytest.param(False, "rain_1h", "23 17", id="hour"), pytest.param(True, "rain_24h", "24 17", id="day")],
)
def test_the_model(daily: bool, rain: str, valid: str) -> None:
    readings = read(model(daily))
    assert {f.quantity.value for f in readings} == {rain, "air_temperature", "humidity"}
    assert {f"{f.valid_at:%d %H}" for f in readings} == {valid} and {f.place for f in readings} == {
        "Phatthalung"
    }
    assert "implausible" in read(model(daily, rain=99_000))[0].why


@pytest.mark.parametrize("told", [b"<html>", {}, {"a": 1}, {"header": {"status": "500 no"}}, 5], ids=str)
def test_what_is_no_forecast(told: Any) -> None:
    with pytest.raises(SourceChanged):
        read(told)


def test_the_sample() -> None:
    readings = read(shared_data("feeds/tmd/WeatherForecast7Days_v2.2024-10-13.json").read_bytes())
    assert len({f.place for f in readings if isinstance(f, Forecast)}) > 75 and not [
        r for r in readings if isinstance(r, Rejected)
    ]
