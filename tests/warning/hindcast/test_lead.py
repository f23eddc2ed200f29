"""The lead-time method: earlier than the line, never by an instrument's fault, never by what came later."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.shared_data import shared_data
from tests.warning.hindcast.rivers import a_file, channel, gauge_file, study_file
from warning.hindcast.accepted import accept
from warning.hindcast.answer import answer
from warning.hindcast.card import page
from warning.hindcast.channel import HOUR, Channel
from warning.hindcast.lead import by_lead
from warning.hindcast.plain_methods import over_line, rain_over, rising
from warning.hindcast.score import figures
from warning.hindcast.study import read_study
from warning.hindcast.trial import Trial, open_study
from warning.hindcast.ways import alerts_of, by_trend

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def storms(days: int, seed: int, every_days: int = 12) -> tuple[list[float], list[float]]:
    """Hourly level and rain of a made catchment: a store filled by rain and emptying through two outlets."""
    rng = np.random.default_rng(seed)
    rain = np.zeros(days * 24)
    for day in range(5, days - 3, every_days):
        begin, hours = day * 24 + int(rng.integers(0, 24)), int(rng.integers(6, 16))
        rain[begin : begin + hours] += rng.gamma(2.0, rng.uniform(2, 9), hours).round(1)
    level, quick, slow = [], 0.0, 5.0
    for n in range(len(rain)):
        fell = rain[n - 3] if n >= 3 else 0.0
        quick, slow = quick * 0.86 + 0.8 * fell, slow * 0.995 + 0.2 * fell
        level.append(round(0.5 + 0.018 * quick + 0.004 * slow + float(rng.normal(0, 0.004)), 3))
    return level, rain.tolist()


def run(folder: Path, **study: Any) -> tuple[Trial, dict[str, Any]]:
    trial = open_study(read_study(study_file(folder, **study)))
    said = answer(trial, alerts_of(trial))
    json.dumps(said, allow_nan=False)
    return trial, said


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for name, seed in (("gauge.csv", 1), ("fit.csv", 2)):
        level, rain = storms(240, seed)
        gauge_file(folder, level, name=name, rain=rain)
    old = (folder / "fit.csv").read_text().replace("2026-", "2022-").replace("2025-", "2021-")
    (folder / "fit.csv").write_text(old)
    return folder


def test_learned_on_some_years_it_is_earlier_than_the_plain_threshold_on_others(made: Path) -> None:
    trial, said = run(made, line=1.6, rain=True, method="lead", fit=[a_file("fit.csv", rain=True)])
    plain = said["references"]["threshold"]
    assert said["events"] >= 4 and said["settings"]["learned"] == "fit"
    assert said["csi"] >= 0.8 and said["lead_h_median"] >= 2
    assert said["csi"] > plain["csi"] and said["csi_lead_3h"] > plain["csi_lead_3h"]
    whys = [a["why"] for a in said["alert_list"] if a["why"]["by"] == "chance"]
    assert whys and all(w["chance_without_rain"] < w["chance"] for w in whys)
    html = page(trial, said, NOW)
    assert (
        html.count("<svg") == said["events"] + said["false_alarms"] and "chance " in html and "e+" not in html
    )


@pytest.mark.parametrize("until", [2000, 3500, 5000])
def test_what_comes_later_changes_nothing_before(until: int) -> None:
    """The series cut at any row gives the same word up to it: with rain, learning from its own past."""
    level, rain = storms(240, 3)
    at = np.arange(len(level)) * HOUR

    def judged(rows: int) -> np.ndarray[Any, Any]:
        truth = Channel("X.1", "stage", "m", at[:rows], np.array(level[:rows]))
        fell = Channel("R.1", "rain_1h", "mm", at[:rows], np.array(rain[:rows]))
        return by_lead(accept(truth, 2.0), truth.step, [fell], 2.0, None, []).on

    whole = judged(len(level))
    assert whole.any()
    assert (judged(until) == whole[:until]).all()


@pytest.mark.parametrize("method", ["threshold", "trend", "lead"])
@pytest.mark.parametrize("long", [1, 60], ids=["at its start", "later"])
@pytest.mark.parametrize("step_h", [0.25, 1.0])
@pytest.mark.parametrize("fault", [[0.0], [9.99], [np.nan], [0.0, 0.0, 0.0], [0.0, np.nan, 0.0]],
                         ids=["0.000", "spike", "missing", "three zeros", "zero, none, zero"])  # fmt: skip
def test_a_dropout_raises_no_alert(fault: list[float], step_h: float, long: int, method: str) -> None:
    """A 0.000 between 4.02 and 4.02, under a line of 5.00, raises nothing, however the method looks at it."""
    calm = [4.02, 4.01, 4.02, 4.03] * long
    values = calm + fault + calm + fault + [4.02] * 30
    heard = accept(channel(values, step_h), 5.0)
    step = step_h * HOUR
    on = {
        "threshold": over_line(heard, 5.0),
        "trend": rising(heard, 5.0, 6.0, 2.0),
        "lead": by_lead(heard, step, [], 5.0, None, []).on,
    }[method]
    assert not on.any()


def test_a_real_rise_is_believed_at_its_second_reading_at_the_latest() -> None:
    values = [1.0, 1.01] * 30 + [4.9, 5.1, 5.2, 5.3]
    heard = accept(channel(values), 5.0)
    assert heard.doubted.tolist()[60:] == [True, False, False, False]
    assert heard.value[61] == 5.1


def test_a_gauge_upstream_is_believed_from_its_first_rise_on() -> None:
    """It has no line of its own to measure a jump by; once well known, it has its own largest step."""
    calm = [1.0, 1.0, 1.0, 1.0, 1.4, 2.2, 2.9, 2.5] + [1.0, 1.1] * 120
    heard = accept(channel([*calm, 9.99, 1.0, 1.1]), float("nan"))
    assert np.flatnonzero(heard.doubted).tolist() == [len(calm)]


def test_a_gauge_read_once_a_day_may_jump() -> None:
    heard = accept(channel([0.1, 0.2] * 30 + [66.0, 10.0], step_h=24.0), 40.0)
    assert not heard.doubted.any()


@pytest.mark.parametrize(
    ("quantity", "step_h", "values", "hours", "mm"),
    [
        ("rain_1h", 1.0, [1, 2, 3, 4], 2, [1, 3, 5, 7]),
        ("rain_24h", 24.0, [10, 20, 0, 0], 24, [10, 20, 0, 0]),
        ("rain_24h", 1.0, [24.0] * 4, 2, [1, 2, 2, 2]),
    ],
    ids=["hourly", "daily", "a day's sum told each hour"],
)
def test_rain_of_a_window(
    quantity: str, step_h: float, values: list[float], hours: float, mm: list[float]
) -> None:
    fell = channel(values, step_h, quantity)
    assert rain_over(fell, fell.at, hours * HOUR).tolist() == mm


@pytest.mark.parametrize(
    ("step_min", "count"), [(15, 2000), (60, 2000), (1440, 900)], ids=["15 min", "hourly", "daily"]
)
def test_any_river_without_fit_and_without_rain(tmp_path: Path, step_min: int, count: int) -> None:
    waves = 2.0 + 1.2 * np.sin(np.arange(count) / 40) ** 15 + 0.3 * np.sin(np.arange(count) / 9)
    gauge_file(tmp_path, waves.tolist(), step_min)
    trial, said = run(tmp_path, line=2.9, method="lead")
    assert said["events"] >= 2 and said["pod"] >= 0.5
    assert by_trend(trial)[0]


def test_years_that_are_scored_are_not_learned_from(made: Path) -> None:
    trial, _ = run(made, line=2.0, rain=True, fit=[a_file("gauge.csv", rain=True)])
    assert trial.past is None


ASTICO = {"time": "time_local", "timezone": "Europe/Rome", "columns": {
    "stage_m": {"station": "lugo", "quantity": "stage", "unit": "m"},
    "rain68_mm": {"station": "68", "quantity": "rain_1h", "unit": "mm"},
    "rain72_mm": {"station": "72", "quantity": "rain_1h", "unit": "mm"},
    "rain81_mm": {"station": "81", "quantity": "rain_1h", "unit": "mm"},
}}  # fmt: skip


def test_the_bar_on_astico(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Yellow 1.0 m, learned on 2011, 2014 and 2020, scored on 2013, 2015 and 2019, with a fifth of the trees, for time's
    sake. All figures: docs/verification.md."""
    monkeypatch.setattr("warning.hindcast.lead_model.TREES", 25)
    early = shared_data("hindcast/astico_lugo_hourly_2011_2014_2020.csv")
    late = shared_data("hindcast/astico_lugo_hourly_2013_2015_2019.csv")
    truth = {"station": "lugo", "quantity": "stage", "at_or_above": 1.0, "separate": "PT24H"}
    study = study_file(tmp_path, method="lead", series=[{"file": str(late), **ASTICO}], truth=truth,
                       fit=[{"file": str(early), **ASTICO}])  # fmt: skip
    trial = open_study(read_study(study))
    said = figures(trial.match(alerts_of(trial).alerts), 1.0, 24.0)
    assert said["events"] == 6
    assert said["csi"] >= 0.85 and said["lead_h_median"] >= 1.5 and said["csi_lead_3h"] >= 0.5
