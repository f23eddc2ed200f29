"""A study from its files to its answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from geo.errors import ConfigError
from warning.hindcast.accepted import Accepted, accept
from warning.hindcast.channel import HOUR, Channel, read_channels
from warning.hindcast.lead import by_lead
from warning.hindcast.match import Matched, Stretch, match, stretches
from warning.hindcast.plain_methods import (
    Past,
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
from warning.hindcast.score import figures, intervals, plain
from warning.hindcast.study import Study, as_written
from warning.hindcast.truth import Happened, events_of, gaps_of, nodata_h

_OF_REFERENCE = (
    "pod", "far", "csi", "lead_h_median", "csi_lead_1h", "csi_lead_3h", "hits", "misses", "false_alarms", "settings",
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """The series to be scored, and those settings may be learned from."""

    study: Study
    channels: Sequence[Channel]
    earlier: Sequence[Channel]  # of `fit`, without what is also scored

    @cached_property
    def truth(self) -> Channel:
        return truth_of(self.channels, self.study)

    @cached_property
    def others(self) -> list[Channel]:
        return [c for c in self.channels if c is not self.truth]

    @cached_property
    def line(self) -> float:
        return self.study.truth.at_or_above

    @cached_property
    def separate_s(self) -> float:
        return self.study.truth.separate.total_seconds()

    @cached_property
    def events(self) -> list[Happened]:
        return events_of(self.truth, self.line, self.separate_s)

    @cached_property
    def heard(self) -> Accepted:
        return accept(self.truth, self.line, self.largest_step)

    @cached_property
    def past(self) -> Past | None:
        """None where there is nothing to learn from: no `fit`, or no event in it."""
        found = [c for c in self.earlier if self.is_truth(c)]
        if not found or not len(found[0].at):
            return None
        truth = found[0]
        events = events_of(truth, self.line, self.separate_s)
        return (
            Past(accept(truth, self.line), events, truth.step, self.separate_s, self.line) if events else None
        )

    @cached_property
    def largest_step(self) -> float:
        if self.past is None:
            return 0.0
        value = self.past.heard.value[~self.past.heard.doubted]
        return float(np.nanmax(np.abs(np.diff(value)), initial=0.0))

    def is_truth(self, channel: Channel) -> bool:
        return (channel.station, channel.quantity) == (self.study.truth.station, self.study.truth.quantity)

    def match(self, alerts: Sequence[Stretch]) -> Matched:
        return match(self.events, alerts, self.separate_s)

    def stretches(self, on: Any) -> list[Stretch]:
        return stretches(self.heard.at, on, self.truth.step)


def open_study(study: Study) -> Trial:
    """Raises ConfigError for files that cannot be read and a truth without a number."""
    channels = read_channels(study.series)
    truth = truth_of(channels, study)
    if not np.isfinite(truth.value).any():
        raise ConfigError(f"truth: {truth.station} {truth.quantity} has not one number in `series`")
    return Trial(study, channels, [_apart(c, truth) for c in read_channels(study.fit)] if study.fit else [])


def truth_of(channels: Sequence[Channel], study: Study) -> Channel:
    key = (study.truth.station, study.truth.quantity)
    return next(c for c in channels if (c.station, c.quantity) == key)


def _apart(channel: Channel, truth: Channel) -> Channel:
    """What of a `fit` channel lies more than two days from every scored row: nothing is scored that was learned from."""
    after = np.clip(np.searchsorted(truth.at, channel.at), 0, len(truth.at) - 1)
    before = np.clip(after - 1, 0, None)
    near = np.minimum(np.abs(truth.at[after] - channel.at), np.abs(channel.at - truth.at[before]))
    free = near > 48 * HOUR
    return Channel(channel.station, channel.quantity, channel.unit, channel.at[free], channel.value[free])


Alerts = tuple[list[Stretch], dict[str, Any]]
Way = Callable[[Trial], Alerts]


def by_line(trial: Trial) -> Alerts:
    """The plain threshold: as learned from `fit`, else truth's own line."""
    found = fit_line(trial.past) if trial.past else {"at_or_above": trial.line, "kept_h": 0.0}
    return trial.stretches(over_line(trial.heard, found["at_or_above"], found["kept_h"])), dict(found)


def by_trend(trial: Trial) -> Alerts:
    found = fit_rising(trial.past) if trial.past else default_rising(trial.truth.step)
    return trial.stretches(rising(trial.heard, trial.line, **found)), dict(found)


def by_our_lead(trial: Trial) -> Alerts:
    """Our lead-time method (warning.hindcast.lead)."""
    earlier = [c for c in trial.earlier if not trial.is_truth(c)]
    judged = by_lead(trial.heard, trial.truth.step, trial.others, trial.line, trial.past, earlier)
    return trial.stretches(judged.on), judged.settings


def references(trial: Trial) -> dict[str, dict[str, Any]]:
    """Each reference with what it was set to. `climatology` needs `fit`, `heavy_rain` a rain gauge: None without."""
    ways: Mapping[str, Alerts | None] = {
        "always": (always(trial.truth.at), {}),
        "never": ([], {}),
        "threshold": by_line(trial),
        "trend": by_trend(trial),
        "climatology": _climatology(trial),
        "heavy_rain": _heavy_rain(trial),
    }
    return {name: _short(trial, way) for name, way in ways.items()}


def _climatology(trial: Trial) -> Alerts | None:
    if trial.past is None:
        return None
    months = wet_months(trial.past.events)
    return in_months(trial.truth.at, months), {"months": sorted(months)}


def _heavy_rain(trial: Trial) -> Alerts | None:
    rains = [c for c in trial.channels if c.is_rain]
    return (trial.stretches(heavy_rain(trial.heard.at, rains)), {}) if rains else None


def _short(trial: Trial, way: Alerts | None) -> dict[str, Any]:
    if way is None:
        return dict.fromkeys(_OF_REFERENCE)
    alerts, found = way
    whole = figures(trial.match(alerts), seen_h(trial), trial.separate_s / HOUR)
    return {key: whole[key] for key in _OF_REFERENCE[:-1]} | {"settings": found}


def seen_h(trial: Trial) -> float:
    truth = trial.truth
    return float(truth.at[-1] - truth.at[0] + truth.step) / HOUR - nodata_h(truth)


def answer(trial: Trial, alerts: Sequence[Stretch], found: Mapping[str, Any]) -> dict[str, Any]:
    """All that `raksa hindcast --json` prints. Times are ISO 8601 UTC."""
    matched = trial.match(alerts)
    separate_h = trial.separate_s / HOUR
    said = figures(matched, seen_h(trial), separate_h)
    compared = references(trial)
    said |= {
        "nodata_h": round(nodata_h(trial.truth), 2), "nodata_spans": len(gaps_of(trial.truth)),
        "references": compared, "intervals_90": intervals(matched), "study": as_written(trial.study),
        "settings": dict(found), "learned_from_events": len(trial.past.events) if trial.past else 0,
        "adds": _adds(said, compared["threshold"]),
        "event_list": [
            {"start": iso(e.start), "end": iso(e.end), "peak": e.peak, "hit": lead is not None,
             "lead_h": None if lead is None else round(lead / HOUR, 4),
             "seen_before_h": round((e.start - e.seen_before) / HOUR, 4)}
            for e, lead in zip(matched.events, matched.leads, strict=True)
        ],
        "alert_list": [
            {"start": iso(a.start), "end": iso(a.end), "kind": kind}
            for a, kind in zip(matched.alerts, matched.kinds, strict=True)
        ],
    }  # fmt: skip
    false_h = sum(
        (a.end - a.start) / HOUR for a, k in zip(matched.alerts, matched.kinds, strict=True) if k == "false"
    )
    people = trial.study.people
    said |= {
        "false_alarm_h": round(false_h, 2),
        "false_people_h": None if people is None else round(false_h * people),
    }
    found_plain: dict[str, Any] = plain(said)
    return found_plain


def _adds(said: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, float | None]:
    """What the method adds over the plain threshold."""

    def more(key: str) -> float | None:
        ours, theirs = said[key], line[key]
        return None if ours is None or theirs is None else round(ours - theirs, 4)

    return {key: more(key) for key in ("csi", "lead_h_median", "csi_lead_1h", "csi_lead_3h")}


def iso(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")
