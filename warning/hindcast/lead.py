"""Our lead-time method: warn when the water will probably reach the line, stay on while it may, learn from earlier rows only.

The chance is that of the highest level of the next hours reaching the line (warning.hindcast.lead_model); danger begins at a
chance learned from `fit` over whole blocks of days not seen, or when the water stands at the line. It is kept on for a day
after either held last: a river at its bank comes back. Without `fit` it learns at a few fixed moments from what the series
had shown until then, and until that is enough it extends the rise of the last hours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from warning.hindcast.accepted import Accepted
from warning.hindcast.channel import HOUR, Channel, Floats
from warning.hindcast.lead_features import Looked, look, unit_of
from warning.hindcast.lead_model import Expectation, Learned, learn
from warning.hindcast.match import Bools, Matched
from warning.hindcast.plain_methods import Past, kept, rising
from warning.hindcast.truth import events_of

KEPT_UNITS = 24.0
USUAL_CHANCE = 0.6  # where nothing is learned, and what a learned one is drawn to
_CHANCES = np.round(np.arange(0.45, 0.80, 0.025), 3)
_PULL = (
    100.0  # (chance - usual)^2 times this, over the number of events, is taken off: a few events prove little
)
_LINES = (
    0.7,
    0.8,
    0.9,
    1.0,
    1.1,
    1.3,
)  # of the way from the usual water to the line: more rises to learn a policy by
_SCHOOL_DAYS = (60, 120, 240, 730, 2190, 5840)  # without `fit`: when it learns, days after the series began
_LEAST_OWN = 100  # events over all those lines, before a chance is learned from the own past
_HIGH_ENOUGH = 0.5  # of the way to the line the past must have reached, or its rises say nothing of this one


@dataclass(frozen=True)
class Judged:
    """What the method thought at each reading. looked, models: for the words of an alert."""

    on: Bools
    chance: Floats
    expected: Floats
    looked: Looked
    settings: dict[str, Any]
    again: Callable[[Looked], Floats] | None = (
        None  # the chance of other facts, by what it learned from `fit`
    )


def horizons(step: float) -> tuple[float, ...]:
    """Seconds looked ahead: six and nine hours; one and two steps where a step is longer than that."""
    unit = unit_of(step)
    return (6 * unit, 9 * unit) if unit < 3 * HOUR else (unit, 2 * unit)


def kept_s(step: float) -> float:
    """A day, or one step where that is longer."""
    return max(KEPT_UNITS * HOUR, step)


def by_lead(
    heard: Accepted, step: float, others: Sequence[Channel], line: float, past: Past | None,
    earlier: Sequence[Channel], separate_s: float = 24 * HOUR,
) -> Judged:  # fmt: skip
    """others: the further channels of the series; past, earlier: truth and further channels of `fit`."""
    looked = look(heard, step, others)
    if past is not None:
        known = [c for c in earlier if _like(c, others)]
        taught = _taught(past, look(past.heard, past.step, _in_order(known, others)), horizons(step))
        if taught is not None and taught.looked_names == looked.names:
            chance, expected = taught.chance(looked, line)
            judged = _judged(
                heard, looked, line, chance, expected, taught.threshold, step, {"learned": "fit"}
            )
            return replace(judged, again=lambda one: taught.chance(one, line, stirs=True)[0])
    return _own_past(heard, looked, line, step, separate_s)


def _like(channel: Channel, others: Sequence[Channel]) -> bool:
    return any((c.station, c.quantity) == (channel.station, channel.quantity) for c in others)


def _in_order(channels: Sequence[Channel], others: Sequence[Channel]) -> list[Channel]:
    """As `others` stand, so that means over gauges are over the same ones."""
    place = {(c.station, c.quantity): n for n, c in enumerate(others)}
    return sorted(channels, key=lambda c: place[c.station, c.quantity])


@dataclass(frozen=True)
class Taught:
    models: tuple[Expectation, ...]
    threshold: float
    looked_names: tuple[str, ...]

    def chance(self, looked: Looked, line: float, *, stirs: bool = False) -> tuple[Floats, Floats]:
        """The chance and the expected highest level. stirs: something is going on, whatever the rows say."""
        rows = np.ones(len(looked.at), bool) if stirs else self.models[0].stirring.rows(looked)
        each = [m.expect(looked, rows) for m in self.models]
        return _chance([(e, s) for e, s in each], line), each[-1][0]


def _chance(each: Sequence[tuple[Floats, Floats]], line: float) -> Floats:
    from scipy.special import ndtr  # slow to import, and for this method only

    found: Floats = np.mean([ndtr((expected - line) / error) for expected, error in each], axis=0)
    return found


def _taught(past: Past, looked: Looked, ahead: Sequence[float]) -> Taught | None:
    learned = [found for a in ahead if (found := learn(looked, past.line, a)) is not None]
    if len(learned) < len(ahead):
        return None
    return Taught(tuple(item.model for item in learned), _threshold(past, learned), looked.names)


def _threshold(past: Past, learned: Sequence[Learned], least: int = 0) -> float:
    """The chance at which the method does best on days its models had not seen, over lines about the one that matters."""
    usual = float(np.nanmedian(past.heard.value))
    best, found = -np.inf, USUAL_CHANCE
    cases = []
    for part in _LINES:
        line = usual + part * (past.line - usual)
        events = past.events if part == 1.0 else _events_at(past, line)
        chance = _chance([(item.expected, item.error) for item in learned], line)
        cases.append((past._replace(events=events, line=line), chance))
    count = sum(len(case.events) for case, _ in cases)
    if count < least:
        return USUAL_CHANCE
    for q in _CHANCES.tolist():
        worth = _worth([case.match(_on(case.heard, line_chance, case.line, q, case.step))
                        for case, line_chance in cases])  # fmt: skip
        worth -= _PULL / max(count, 1) * (q - USUAL_CHANCE) ** 2
        if worth > best:
            best, found = worth, q
    return float(found)


def _events_at(past: Past, line: float) -> Any:
    channel = Channel("", "", "", past.heard.at, past.heard.value)
    return events_of(channel, line, past.separate_s)


def _worth(matches: Sequence[Matched]) -> float:
    """CSI, and CSI where a hit needs one and three hours, all events and false alarms together."""
    below = sum(len(m.events) + m.false_alarms for m in matches)
    leads = [lead / HOUR for m in matches for lead in m.leads if lead is not None]
    return sum(sum(lead >= least for lead in leads) for least in (0, 1, 3)) / max(below, 1)


def _on(heard: Accepted, chance: Floats, line: float, threshold: float | Floats, step: float) -> Bools:
    return kept(heard.at, (chance >= threshold) | (heard.value >= line), kept_s(step))


def _judged(
    heard: Accepted, looked: Looked, line: float, chance: Floats, expected: Floats, threshold: float | Floats,
    step: float, settings: dict[str, Any],
) -> Judged:  # fmt: skip
    on = _on(heard, chance, line, threshold, step)
    ahead = [round(a / HOUR, 2) for a in horizons(step)]
    found = settings | {
        "chance": float(np.ravel(threshold)[-1]),
        "ahead_h": ahead,
        "kept_h": kept_s(step) / HOUR,
    }
    return Judged(on, chance, expected, looked, found)


def _own_past(heard: Accepted, looked: Looked, line: float, step: float, separate_s: float) -> Judged:
    """Without `fit`. What it knows at a moment was learned from rows whose look-ahead had ended before that moment."""
    chance, expected = extended(heard, line, step)
    threshold = np.full(len(heard.at), USUAL_CHANCE)
    lessons = 0
    moments = [float(heard.at[0]) + days * 86400.0 for days in _SCHOOL_DAYS]
    for moment, until in zip(moments, [*moments[1:], np.inf], strict=True):
        rows = (heard.at >= moment) & (heard.at < until)
        if not rows.any() or not _has_risen(heard, line, moment):
            continue
        learned = [
            found
            for a in horizons(step)
            if (found := learn(looked, line, a, until=moment, folds=2, trees=60)) is not None
        ]
        if len(learned) < len(horizons(step)):
            continue
        seen = min(len(item.expected) for item in learned)
        learned = [item._replace(expected=item.expected[:seen], error=item.error[:seen]) for item in learned]
        past = _until(heard, seen, line, step, separate_s)
        taught = Taught(
            tuple(item.model for item in learned), _threshold(past, learned, _LEAST_OWN), looked.names
        )
        part = looked._replace(at=looked.at[rows], level=looked.level[rows], table=looked.table[rows])
        chance[rows], expected[rows] = taught.chance(part, line)
        threshold[rows] = taught.threshold
        lessons += 1
    settings = {"learned": "own past" if lessons else "nothing", "lessons": lessons}
    return _judged(heard, looked, line, chance, expected, threshold, step, settings)


def _until(heard: Accepted, rows: int, line: float, step: float, separate_s: float) -> Past:
    cut = Accepted(heard.at[:rows], heard.value[:rows], heard.part[:rows], heard.doubted[:rows])
    past = Past(cut, [], step, separate_s, line)
    return past._replace(events=_events_at(past, line))


def _has_risen(heard: Accepted, line: float, moment: float) -> bool:
    """Has the past seen at least three rises that went half the way to the line?"""
    before = heard.at < moment
    if before.sum() < 48:
        return False
    usual = float(np.nanmedian(heard.value[before]))
    channel = Channel("", "", "", heard.at[before], heard.value[before])
    return len(events_of(channel, usual + _HIGH_ENOUGH * (line - usual), 86400.0)) >= 3


def extended(heard: Accepted, line: float, step: float) -> tuple[Floats, Floats]:
    """The rise of the last hours extended: chance 1 where it reaches the line in time, else 0."""
    reaches = rising(heard, line, *default_extension(step), kept_h=0.0)
    return np.where(reaches, 1.0, 0.0), np.full(len(heard.at), np.nan)


def default_extension(step: float) -> tuple[float, float]:
    """Hours ahead, and hours of rise it is taken from."""
    unit = unit_of(step) / HOUR
    return (2.0, 3.0) if unit < 3 else (0.5 * unit, unit)
