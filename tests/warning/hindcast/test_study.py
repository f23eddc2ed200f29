"""A study is read or refused with the place of the mistake and how to mend it; times become UTC."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.errors import ConfigError
from tests.warning.hindcast.rivers import a_file, gauge_file, study_file
from warning.hindcast.channel import read_channels
from warning.hindcast.study import SeriesFile, read_study
from warning.hindcast.trial import open_study


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"method": "threshhold"}, "method"),
        ({"method": "lead", "rules": "r.yaml"}, "one of them"),
        ({"methods": "lead"}, "methods: is no key of a study"),
        ({"series": []}, "series"),
        ({"truth": {"station": "X.9", "quantity": "stage", "at_or_above": 1}}, "no column of `series` is X.9"),
        ({"truth": {"station": "X.1", "quantity": "stage"}}, "truth.at_or_above: is missing"),
        ({"truth": {"station": "X.1", "quantity": "stage", "at_or_above": 1, "separate": "a day"}}, "separate"),
        ({"series": [a_file() | {"timezone": "Mars/North"}]}, "no zone"),
        ({"series": [a_file("gone.csv")]}, "gone.csv"),
        ({"series": [a_file() | {"time": "when"}]}, "no column `when`"),
        ({"series": [a_file() | {"timezone": None}]}, "without an offset"),
    ],
    ids=["method", "two ways", "unknown key", "no series", "truth elsewhere", "no line", "no duration", "zone", "no file",
         "no time column", "no zone"],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    gauge_file(tmp_path, [1.0, 2.0])
    with pytest.raises(ConfigError, match=said):
        open_study(read_study(study_file(tmp_path, **more)))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2025-11-01 00:00,high", "line 2: stage: `high` is no number"),
        ("yesterday,1.0", "line 2: time: `yesterday`"),
        ("2568-11-01 00:00,1.0", "years of the common era"),
    ],
    ids=["no number", "no time", "a Buddhist year"],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "gauge.csv").write_text(f"time,stage\n{row}\n")
    with pytest.raises(ConfigError, match=said):
        open_study(read_study(study_file(tmp_path)))


@pytest.mark.parametrize(
    ("zone", "rows", "hours"),
    [
        ("Asia/Bangkok", ["2025-11-01 07:00", "2025-11-01 08:00"], [0, 1]),
        ("+07:00", ["2025-11-01", "2025-11-02"], [-7, 17]),
        (None, ["2025-11-01T07:00:00+07:00", "2025-11-01T00:30:00Z"], [0, 0.5]),
        ("Europe/Rome", ["2025-10-26 02:00", "2025-10-26 02:00", "2025-10-26 03:00"], [-144, -143, -142]),
        ("Europe/Rome", ["2025-03-30 01:00", "2025-03-30 02:00", "2025-03-30 03:00"], [-5184, -5183, -5182]),
    ],
    ids=[
        "zone",
        "offset and days",
        "own offsets",
        "the hour that comes twice",
        "a logger that stays in winter time",
    ],
)
def test_times_become_utc(tmp_path: Path, zone: str | None, rows: list[str], hours: list[float]) -> None:
    path = tmp_path / "gauge.csv"
    path.write_text("time,stage\n" + "".join(f"{row},1\n" for row in rows))
    (read,) = read_channels([SeriesFile.model_validate(a_file() | {"file": path, "timezone": zone})])
    assert (read.at - 1761955200.0).tolist() == [h * 3600 for h in hours]  # 2025-11-01T00:00Z


def test_files_of_one_gauge_are_joined_and_what_is_missing_is_no_number(tmp_path: Path) -> None:
    gauge_file(tmp_path, [1.0, None, -999.0, 1.3])
    later = gauge_file(tmp_path, [1.0] * 4 + [2.0], name="more.csv")
    files = [SeriesFile.model_validate(a_file() | {"file": tmp_path / n}) for n in ("gauge.csv", later.name)]
    (read,) = read_channels(files[:1])
    assert np.isnan(read.value).tolist() == [False, True, True, False]
    (joined,) = read_channels(files)
    assert joined.value.tolist() == [1.0, 1.0, 1.0, 1.0, 2.0]
    assert (np.diff(joined.at) == 3600).all()
