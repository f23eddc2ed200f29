"""A study opened: the series that are scored, what happened in them, and what settings may be learned from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from geo.errors import ConfigError
from warning.hindcast.accepted import Accepted, accept
from warning.hindcast.channel import HOUR, Channel, read_channels
from warning.hindcast.match import Matched, Stretch, match, stretches
from warning.hindcast.plain_methods import Past
from warning.hindcast.study import Study
from warning.hindcast.truth import Happened, events_of, nodata_h


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


def seen_h(trial: Trial) -> float:
    truth = trial.truth
    return float(truth.at[-1] - truth.at[0] + truth.step) / HOUR - nodata_h(truth)
