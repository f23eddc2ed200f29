"""Forecast flow with its chances: told by the service, or reckoned from its members."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from sources.contract import Forecast, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.agency_bodies import flow
from tests.sources.bodies import FETCHED


def read(body: bytes) -> list[Any]:
    return source_of("glofas").read(Payload(body, FETCHED))


def chances(readings: list[Any], day: int) -> dict[float | None, float]:
    return {r.quantile: r.value for r in readings if isinstance(r, Forecast) and r.valid_at.day == day}


def test_best_value_and_chances_of_a_day() -> None:
    readings = read(flow())
    assert chances(readings, 25) == {None: 20.0, 0.5: 22.0, 0.1: 15.0, 0.25: 22.5, 0.75: 47.5, 0.9: 55.0}
    first = readings[0]
    assert (first.valid_at, first.unit, first.place) == (
        datetime(2026, 11, 25, tzinfo=UTC),
        "m3/s",
        "Phatthalung",
    )


@pytest.mark.parametrize(
    ("daily", "day", "expected"),
    [
        pytest.param({"river_discharge": [20.0, None]}, 26, {0.1: 30.0, 0.25: 45.0, 0.5: 61.0, 0.75: 95.0, 0.9: 110.0},
                     id="not-so-far"),
        pytest.param({f"river_discharge_member0{n}": [None, None] for n in (1, 2)}, 25, {None: 20.0, 0.5: 22.0}, id="few-members"),
        pytest.param({"river_discharge_p25": [1.5, 2.5]}, 25, {None: 20.0, 0.25: 1.5, 0.5: 22.0, 0.1: 15.0, 0.75: 47.5, 0.9: 55.0},
                     id="told-wins"),
    ],
)  # fmt: skip
def test_chances(daily: dict[str, Any], day: int, expected: dict[float | None, float]) -> None:
    told = flow(daily=daily, daily_units=dict.fromkeys(("river_discharge", *daily), "m³/s"))
    assert chances(read(told), day) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"daily": {"river_discharge": [-4, 1]}}, "outside", id="negative"),
        pytest.param({"daily": {"river_discharge": [1e9, 1]}}, "outside", id="the-sea"),
        pytest.param({"daily": {"river_discharge": ["x", 1]}}, "not a number", id="text"),
        pytest.param({"daily": {"time": ["2026-11-24"]}}, "2 values but 1 times", id="a-day-short"),
        pytest.param({"daily": {"time": ["soon", "2026-11-25"]}}, "not a time", id="soon"),
        pytest.param({"daily": {"time": ["2569-11-24", "2026-11-25"]}}, "not a time", id="buddhist"),
        pytest.param({"daily": {"time": ["2026-11-24"] * 2}}, "another value", id="a-day-twice"),
        pytest.param({"daily": {"river_discharge_member02": [float("nan"), 1]}}, "not a number", id="nan"),
        pytest.param({"daily_units": {"river_discharge": "cusec"}}, "the unit is 'cusec'", id="unit"),
    ],
)
def test_what_makes_no_sense_is_kept_with_the_reason(changes: dict[str, Any], says: str) -> None:
    assert says in " ".join(r.why for r in read(flow(**changes)) if isinstance(r, Rejected))


def test_the_mean_stands_in_where_no_best_value_is_told() -> None:
    both = {"river_discharge_mean": [30.0, 31.0]}
    units = {"river_discharge": "m³/s", "river_discharge_mean": "m³/s", "time": "iso8601"}
    assert chances(read(flow(daily=both, daily_units=units)), 25)[None] == 20.0
    alone = json.loads(flow(daily=both, daily_units=units))
    del alone["daily"]["river_discharge"]
    assert chances(read(json.dumps(alone).encode()), 25)[None] == 30.0


def test_one_place_that_failed_does_not_lose_the_others() -> None:
    told = read(b'[{"error": true, "reason": "No data for this location"},' + flow(latitude=7.9) + b"]")
    assert {r.place for r in told if isinstance(r, Forecast)} == {"7.9,100.1"}
    assert ["No data" in r.why for r in told if isinstance(r, Rejected)] == [True]


def test_twenty_thousand_days_are_read_in_bounded_time() -> None:
    days = 20_000
    daily = {"time": [f"{nth}" for nth in range(days)], "river_discharge": [1.0] * days}
    daily |= {f"river_discharge_{name}": [2.0] * days for name in ("p25", "p75", "member01", "member02")}
    units = dict.fromkeys(daily, "m³/s")
    began = time.monotonic()
    readings = read(json.dumps({"latitude": 7.6, "longitude": 100.1, "utc_offset_seconds": 0, "daily": daily,
                                "daily_units": units}).encode())  # fmt: skip
    assert len(readings) == 3 * days and time.monotonic() - began < 10


def test_two_places_and_faults() -> None:
    both = b"[" + flow() + b"," + flow(latitude=7.9) + b"]"
    assert {r.place for r in read(both) if isinstance(r, Forecast)} == {"7.6,100.1", "7.9,100.1"}
    for body in (
        b'{"error": true, "reason": "no such variable"}',
        b'{"latitude": 1, "longitude": 2, "utc_offset_seconds": 0}',
    ):
        with pytest.raises(SourceChanged):
            read(body)


def test_the_sample() -> None:
    readings = read(shared_data("feeds/open_meteo/flood.CONSTRUCTED.json").read_bytes())
    assert {r.quantile for r in readings} == {None, 0.75, 1.0} and len(readings) == 9
