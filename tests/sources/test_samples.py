"""Real payloads kept beside the project: how many rows, how many rejected, and a known value of each."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from sources.reading import lines
from tests.shared_data import shared_data


@pytest.mark.parametrize(
    ("kind", "file", "good", "bad"),
    [
        (
            "thaiwater_level",
            "thaiwater/waterlevel_load.2026-08-02.4rows.json",
            6,
            0,
        ),  # 4 levels, 2 discharges
        (
            "thaiwater_level",
            "thaiwater/waterlevel_load.phatthalung.2024-10-09.REASSEMBLED.json",
            15,
            0,
        ),  # 11 and 4
        ("thaiwater_rain", "thaiwater/rain_24h.2026-09-26.2rows.json", 3, 0),
        ("thaiwater_rain", "thaiwater/rain_24h.phatthalung.2024-10-09.REASSEMBLED.json", 44, 0),
        ("tmd_warning", "tmd/WeatherWarningNews_v1.CONSTRUCTED.json", 1, 0),
        ("tmd_warning", "tmd/WeatherWarningNews_v2.CONSTRUCTED.xml", 1, 0),
        ("open_meteo", "open_meteo/forecast.CONSTRUCTED.json", 22, 0),  # 21 hours, 1 day
        ("open_meteo", "open_meteo/flood.CONSTRUCTED.json", 3, 0),
    ],
)
def test_counts(kind: str, file: str, good: int, bad: int) -> None:
    read, rejected = lines(kind, shared_data(f"feeds/{file}").read_bytes())
    assert (len(read), len(rejected)) == (good, bad), [r["rejected"] for r in rejected]


def test_a_real_row_over_its_bank() -> None:
    read, _ = lines(
        "thaiwater_level", shared_data("feeds/thaiwater/waterlevel_load.2026-08-02.4rows.json").read_bytes()
    )
    assert read[0] == {
        "source": "thaiwater_level",
        "station": "BKC004",
        "quantity": "water_level",
        "value": 1.33,
        "unit": "m",
        "observed_at": "2026-08-02T12:20:00+00:00",
        "tambon": "110411",
    }


def rows_of(snapshot: Path) -> list[dict[str, Any]]:
    with snapshot.open(encoding="utf-8-sig", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def test_no_real_level_of_the_whole_country_is_called_implausible() -> None:
    rows = rows_of(shared_data("feeds/thaiwater/snapshot_2024-10-09_waterlevel.csv"))
    for row in rows:
        row["waterlevel_datetime"] = row["datetime"]
    read, rejected = lines("thaiwater_level", json.dumps(rows).encode())
    assert rejected == []
    assert sum(line["quantity"] == "water_level" for line in read) == len(rows) == 735


def test_a_slipped_decimal_point_is_found_at_most_stations() -> None:
    rows = rows_of(shared_data("feeds/thaiwater/snapshot_2024-10-09_waterlevel.csv"))
    for row in rows:
        row["waterlevel_datetime"], row["waterlevel_msl"] = (
            row["datetime"],
            str(float(row["waterlevel_msl"]) * 10),
        )
    _, rejected = lines("thaiwater_level", json.dumps(rows).encode())
    assert len(rejected) / len(rows) > 0.9


def test_no_real_rain_of_the_whole_country_is_called_implausible() -> None:
    rows = rows_of(shared_data("feeds/thaiwater/snapshot_2024-10-09_rain.csv"))
    told = [
        row | {"rain_24h": row["rain_24h_value"], "rainfall_datetime": row["rain_24h_datetime"]}
        for row in rows
    ]
    told = [row for row in told if row["rain_24h"] is not None]
    read, rejected = lines("thaiwater_rain", json.dumps(told).encode())
    assert (len(read), [r["rejected"] for r in rejected]) == (3836, [])
