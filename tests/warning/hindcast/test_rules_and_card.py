"""Real rules over a past series, on the code that judges the night; and the card a release asks for."""

import json
from pathlib import Path

import pytest

from geo.errors import ConfigError
from tests.warning.hindcast.rivers import gauge_file, study_file
from warning.command import main
from warning.config_rules import rules_of
from warning.hindcast.answer import answer
from warning.hindcast.study import read_study
from warning.hindcast.trial import open_study
from warning.hindcast.ways import alerts_of
from warning.release import read_card

RULES = """
rules:
  - name: at-x1
    hazard: river_overflow
    because: A rule made for a test of the hindcast.
    tambons: of_station
    stale_after: PT150M
    levels:
      - level: yellow
        when: {quantity: stage, station: "X.1", above: 2.4, lasting: PT1H}
        until: {below: 2.0, lasting: PT3H}
        alert: {severity: Moderate, urgency: Expected, certainty: Likely, responseType: Prepare}
        approval: duty_officer
      - level: red
        when: {quantity: stage, station: "X.1", above: 2.9, lasting: PT0S}
        until: {below: 2.6, lasting: PT1H}
        alert: {severity: Severe, urgency: Immediate, certainty: Observed, responseType: Evacuate}
        approval: duty_officer
"""
FLOOD = [1.0, 1.01] * 24 + [1.6, 2.2, 2.5, 2.6, 2.8, 3.1, 3.3, 2.7, 2.1, 1.8, 1.7, 1.6, 1.5, 1.4] + [1.0] * 48


@pytest.fixture
def there(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    gauge_file(tmp_path, FLOOD)
    return tmp_path


@pytest.mark.parametrize(
    ("more", "lead_h", "alert_h"),
    [({}, [2], 9), ({"level": "red"}, [0], 4)],
    ids=["from yellow on", "red only"],
)
def test_a_rule_warns_as_it_would_have(
    there: Path, more: dict[str, str], lead_h: list[float], alert_h: float
) -> None:
    """Over 2.4 for an hour at 51 h, 3.0 crossed at 53 h; it ends after three hours under 2.0."""
    trial = open_study(read_study(study_file(there, rules="rules.yaml", **more)))
    way = alerts_of(trial)
    said = answer(trial, way)
    assert said["lead_h"] == lead_h and said["false_alarms"] == 0
    assert [(a.end - a.start) / 3600 for a in way.alerts] == [alert_h]


def test_a_dropout_starts_no_rule(there: Path) -> None:
    gauge_file(there, [2.2, 2.21] * 30 + [0.0, 2.2, 9.99, 2.21, 2.2, 2.2])
    trial = open_study(read_study(study_file(there, rules="rules.yaml")))
    assert alerts_of(trial).alerts == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"rule": "nobody"}, "no rule of rules.yaml is named nobody"),
        ({"level": "orange"}, "no rule played has a level orange"),
        ({"rules": "gone.yaml"}, "gone.yaml: cannot be read"),
    ],
)
def test_a_rule_that_is_not_there_is_told(there: Path, more: dict[str, str], said: str) -> None:
    trial = open_study(read_study(study_file(there, **{"rules": "rules.yaml", **more})))
    with pytest.raises(ConfigError, match=said):
        alerts_of(trial)


def test_the_card_is_what_a_release_reads(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = study_file(there, rules="rules.yaml", rule="at-x1", name="<b>X.1</b>")
    saved, page = there / "card.json", there / "card.html"
    assert main(["hindcast", str(study), "--json", "--save", str(saved), "--card", str(page)]) == 0
    printed = json.loads(capsys.readouterr().out)
    card = read_card(saved.read_bytes())
    (rule,) = [r for r in _rules(there) if r == card.rule]
    assert (rule, card.events, printed["hits"]) == ("at-x1", 1, 1)
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 1 and 'class="hit"' in html and "&lt;b&gt;X.1" in html
    assert "http" not in html and "<script" not in html and "<b>X.1" not in html


def _rules(folder: Path) -> list[str]:
    """The station is no gauge of the province, so the config itself refuses the rule: only a study may name it."""
    with pytest.raises(ConfigError, match=r"X\.1"):
        rules_of(folder / "rules.yaml")
    return ["at-x1"]


def test_a_method_has_no_card_of_a_rule(there: Path) -> None:
    assert main(["hindcast", str(study_file(there)), "--save", str(there / "card.json")]) == 2
    assert not (there / "card.json").exists()


def test_the_answer_has_the_keys_it_is_judged_by(there: Path) -> None:
    trial = open_study(read_study(study_file(there)))
    said = answer(trial, alerts_of(trial))
    keys = "events alerts hits misses false_alarms pod far csi lead_h lead_h_median share_lead_1h share_lead_3h csi_lead_3h nodata_h"
    assert set(keys.split()) <= set(said)
    for name in ("always", "never", "threshold", "trend"):
        assert {"pod", "far", "csi", "lead_h_median"} <= set(said["references"][name])
    assert said["references"]["never"]["far"] is None and said["references"]["always"]["pod"] == 1
