"""The ways to warn that a study may ask for or be compared with, each as alerts and what it was set to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from warning.hindcast.channel import HOUR
from warning.hindcast.lead import by_lead
from warning.hindcast.lead_words import reasons_of
from warning.hindcast.match import Stretch
from warning.hindcast.plain_methods import (
    always,
    default_rising,
    fit_line,
    fit_rising,
    heavy_rain,
    in_months,
    over_line,
    rising,
    wet_months,
)
from warning.hindcast.rules_played import play
from warning.hindcast.score import figures
from warning.hindcast.trial import Trial, seen_h
from warning.rule import Rule

_OF_REFERENCE = (
    "pod", "far", "csi", "lead_h_median", "csi_lead_1h", "csi_lead_3h", "hits", "misses", "false_alarms", "settings",
)  # fmt: skip


class Said(NamedTuple):
    alerts: list[Stretch]
    settings: dict[str, Any]
    reasons: Sequence[Mapping[str, Any]] = ()  # of each alert, where the way can tell
    rules: tuple[Rule, ...] = ()  # that were played


def by_line(trial: Trial) -> Said:
    """The plain threshold: as learned from `fit`, else truth's own line."""
    found = fit_line(trial.past) if trial.past else {"at_or_above": trial.line, "kept_h": 0.0}
    return Said(trial.stretches(over_line(trial.heard, found["at_or_above"], found["kept_h"])), dict(found))


def by_trend(trial: Trial) -> Said:
    found = fit_rising(trial.past) if trial.past else default_rising(trial.truth.step)
    return Said(trial.stretches(rising(trial.heard, trial.line, **found)), dict(found))


def by_our_lead(trial: Trial) -> Said:
    """Our lead-time method (warning.hindcast.lead)."""
    earlier = [c for c in trial.earlier if not trial.is_truth(c)]
    judged = by_lead(
        trial.heard, trial.truth.step, trial.others, trial.line, trial.past, earlier, trial.separate_s
    )
    alerts = trial.stretches(judged.on)
    return Said(alerts, judged.settings, reasons=reasons_of(judged, alerts, trial.line))


def by_rules(trial: Trial, path: Path) -> Said:
    """The rules of a file, on the code that judges the night."""
    study = trial.study
    lines = {study.truth.station: trial.line}
    played = play(path, trial.channels, trial.truth.step, study.rule, study.level, lines)
    named = [{"name": rule.name, "version": rule.version} for rule in played.rules]
    return Said(played.alerts, {"rules": named, "level": study.level}, rules=played.rules)


def alerts_of(trial: Trial) -> Said:
    """As the study asks."""
    if trial.study.rules is not None:
        return by_rules(trial, trial.study.rules)
    return by_our_lead(trial) if trial.study.method == "lead" else by_line(trial)


def references(trial: Trial) -> dict[str, dict[str, Any]]:
    """Each reference with what it was set to. `climatology` needs `fit`, `heavy_rain` a rain gauge: None without."""
    ways: Mapping[str, Said | None] = {
        "always": Said(always(trial.truth.at), {}),
        "never": Said([], {}),
        "threshold": by_line(trial),
        "trend": by_trend(trial),
        "climatology": _climatology(trial),
        "heavy_rain": _heavy_rain(trial),
    }
    return {name: _short(trial, way) for name, way in ways.items()}


def _climatology(trial: Trial) -> Said | None:
    if trial.past is None:
        return None
    months = wet_months(trial.past.events)
    return Said(in_months(trial.truth.at, months), {"months": sorted(months)})


def _heavy_rain(trial: Trial) -> Said | None:
    rains = [c for c in trial.channels if c.is_rain]
    return Said(trial.stretches(heavy_rain(trial.heard.at, rains)), {}) if rains else None


def _short(trial: Trial, way: Said | None) -> dict[str, Any]:
    if way is None:
        return dict.fromkeys(_OF_REFERENCE)
    whole = figures(trial.match(way.alerts), seen_h(trial), trial.separate_s / HOUR)
    return {key: whole[key] for key in _OF_REFERENCE[:-1]} | {"settings": way.settings}
