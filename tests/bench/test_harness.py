"""The benches run, keep their shape, and refuse to print a speed whose answer is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench import area, cycle, rules
from bench.harness import PHASES, measure
from bench.row import row
from geo.areas import Areas
from geo.errors import ConfigError
from sources.quality_board import QualityBoard, Turn
from sources.verdict import MISSING

KEYS = {"phase", "figure", "unit", "peer", "ratio", "ratio_to_floor", "oracle", "why"}


def test_rows_have_the_promised_shape_and_a_peer_that_cannot_run_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RAKSA_BENCH_DATABASE_URL", raising=False)
    monkeypatch.setattr(area, "DEBIAN_EXTENSIONS", tmp_path)
    told: list[str] = []
    rows = measure(["rules", "areas"], quick=True, tell=told.append)
    assert [r["phase"] for r in rows] == [
        "calibration",
        "rules",
        "rules_board",
        "cycle",
        "area",
        "area_postgis",
    ]
    assert all(set(r) == KEYS and r["oracle"] == "right" for r in rows)
    assert rows[-1]["peer"] is None and "PostGIS" in rows[-1]["why"]
    assert len(told) == len(rows)


def test_a_phase_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError, match="no phase is called speed"):
        measure(["speed"], quick=True, tell=None)
    assert "fanout" in PHASES


@pytest.mark.parametrize(
    ("phases", "recipients"),
    [
        pytest.param(["rules"], 10, id="not-of-it"),
        pytest.param([], 10, id="of-all"),
        pytest.param(["fanout"], 0, id="nobody"),
    ],
)
def test_a_number_of_recipients_is_refused_where_it_says_nothing(phases: list[str], recipients: int) -> None:
    with pytest.raises(ConfigError, match="fanout, urgent, scale only"):
        measure(phases, quick=True, tell=None, recipients=recipients)


@pytest.mark.parametrize(
    ("more_is_better", "ratio"), [pytest.param(True, 0.5, id="rate"), pytest.param(False, 2.0, id="time")]
)
def test_a_ratio_above_one_is_always_ours(more_is_better: bool, ratio: float) -> None:
    made = row("x", 5.0, "u", peer=10.0, more_is_better=more_is_better, floor=2.5)
    assert (made["ratio"], made["ratio_to_floor"]) == (ratio, 2.0)


def test_a_wrong_area_search_is_not_given_a_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Areas, "touching", lambda self, polygon: [])
    found = area.measure(True, print)[0]
    assert found["figure"] is None and found["ratio"] is None and found["oracle"].startswith("wrong: 0 areas")


def test_a_wrong_rule_is_not_given_a_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "evaluate_many", lambda values, above, below, active: np.zeros_like(active))
    found = rules.measure(True, print)[0]
    assert found["figure"] is None and found["oracle"] == "wrong: differs from the loop"


def test_a_wrong_indicator_or_verdict_of_the_cycle_is_not_given_a_speed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QualityBoard, "turn", _all_good)
    found = cycle.measure(True, print)[0]
    assert found["figure"] is None and found["oracle"].startswith("wrong: ")


def _all_good(board: QualityBoard, values: Any, observed: Any, agreed: Any = None) -> Turn:
    none = np.zeros(len(values), np.int8)
    return Turn(none, none, np.full(len(values), MISSING, np.int8), observed, observed)
