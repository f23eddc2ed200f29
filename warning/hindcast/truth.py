"""What really happened: the upward crossings of a truth series, and the hours nobody saw."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from warning.hindcast.channel import HOUR, Channel, Floats

_GAP = 1.5  # of the usual step: more between two rows is time without data
_BACK = 0.25  # a lone value is an instrument's when its neighbours agree within this part of the jump
_FARTHER = 6.0  # and the jump is this many times what is usual
_RARE = 0.005  # steps not called usual, beside the two largest jumps there and back
_LONE_UP_TO_S = 3 * HOUR  # a day may well be wet alone


class Happened(NamedTuple):
    """One event: the water stood at or above the line from `start` on; rises within `separate` of it belong to it."""

    start: float  # seconds of the epoch: the crossing
    end: float  # the last reading at or above
    peak: float
    seen_before: float  # the reading before the crossing: how sure its time is


def without_lone_values(channel: Channel) -> Floats:
    """The values with lone spikes and dropouts taken out (NaN). Looks one reading ahead: for the truth, never for a method.

    A value is lone when both neighbours are near in time and agree with each other, and it is far from both: farther than
    six times anything usual of this series. Readings more than three hours apart may differ by anything.
    """
    value, at = channel.value.copy(), channel.at
    if channel.step > _LONE_UP_TO_S:
        return value
    seen = np.flatnonzero(np.isfinite(value))
    v, t = value[seen], at[seen]
    if len(v) < 3:
        return value
    jump_in, jump_out = v[1:-1] - v[:-2], v[1:-1] - v[2:]
    steps = np.sort(np.abs(np.diff(v)))
    usual = float(steps[max(len(steps) - 5 - int(_RARE * len(steps)), 0)])
    near = (t[2:] - t[:-2]) <= 4 * channel.step
    lone = (
        near
        & (np.sign(jump_in) == np.sign(jump_out))
        & (np.minimum(np.abs(jump_in), np.abs(jump_out)) > _FARTHER * usual)
        & (np.abs(v[2:] - v[:-2]) <= _BACK * np.abs(jump_in))
    )
    value[seen[1:-1][lone]] = np.nan
    return value


def events_of(channel: Channel, at_or_above: float, separate_s: float) -> list[Happened]:
    """Upward crossings of the line. A rise less than `separate_s` after the water last stood there is the same event.

    A series that begins above the line crosses nothing; one whose readings stop below and come back above crossed at the
    first reading above, as nobody saw it earlier.
    """
    value = without_lone_values(channel)
    seen = np.isfinite(value)
    at, value = channel.at[seen], value[seen]
    events: list[Happened] = []
    last_above = -np.inf
    before: tuple[float, float] | None = None
    for now, v in zip(at.tolist(), value.tolist(), strict=True):
        if v >= at_or_above:
            if events and now - last_above < separate_s:
                events[-1] = events[-1]._replace(end=now, peak=max(v, events[-1].peak))
            elif before is not None and before[1] < at_or_above and now - last_above >= separate_s:
                events.append(Happened(now, now, v, before[0]))
            elif events and before is not None and before[1] >= at_or_above:
                events[-1] = events[-1]._replace(end=now, peak=max(v, events[-1].peak))
            last_above = now
        before = (now, v)
    return events


def gaps_of(channel: Channel) -> list[tuple[float, float]]:
    """Spans without a reading: from one usual step after the last one until the next."""
    at = channel.at[np.isfinite(channel.value)]
    step = channel.step
    return [(a + step, b) for a, b in pairwise(at.tolist()) if b - a > _GAP * step]


def nodata_h(channel: Channel) -> float:
    return sum(b - a for a, b in gaps_of(channel)) / HOUR
