"""What a method may believe of a gauge, reading by reading, without looking ahead: no dropout, no lone spike.

A value that jumps farther than this gauge has ever moved in one step is doubted. It is believed when the next one agrees
with it; when the next one is back where the water was, it never counts. A 0.000 where the water stood higher is doubted for
as long as it lasts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warning.hindcast.channel import HOUR, Channel, Floats

_FARTHER = 3.0  # times the largest step seen so far
_OF_WAY = 0.3  # and farther than this part of the way from the usual water to the line
_DOUBTED_UP_TO_S = 3 * HOUR  # readings farther apart than this may differ by anything
_AT_LEAST = 0.01  # of the line itself: where the usual water stands at the line, a small step is nothing odd
_WELL_KNOWN = 200
_WARM = 3  # readings before the usual water is known


class Accepted(NamedTuple):
    """value: as believed at each time (the last believed one where the reading is doubted or missing; NaN before the first).
    part: counts up where the series was broken; slopes are taken within one part only. doubted: readings not believed."""

    at: Floats
    value: Floats
    part: NDArray[np.intp]
    doubted: NDArray[np.bool_]


def accept(channel: Channel, line: float, largest_step: float = 0.0) -> Accepted:
    """line: the height that matters, in the channel's unit. largest_step: the largest known from earlier years."""
    at, raw = channel.at.tolist(), channel.value.tolist()
    value = np.full(len(raw), np.nan)
    part = np.zeros(len(raw), np.intp)
    doubted = np.zeros(len(raw), bool)
    step = channel.step
    parts, believed, believed_at, largest = 0, np.nan, -np.inf, largest_step
    waiting: float | None = None
    usual = Usual()
    for n, (now, v) in enumerate(zip(at, raw, strict=True)):
        if np.isfinite(v):
            if not np.isfinite(believed) or now - believed_at > 2 * LONG_S:
                believed, waiting, parts = v, None, parts + 1
            else:
                jump = abs(v - believed)
                limit = _limit(line, usual, largest)
                odd = usual.known and step <= _DOUBTED_UP_TO_S and jump > limit
                zero = v == 0.0 and believed > 0.0 and odd
                if not odd:
                    largest = max(largest, jump) if now - believed_at <= 1.5 * step else largest
                    believed, waiting = v, None
                elif not zero and waiting is not None and abs(v - waiting) <= limit:
                    believed, waiting, parts = v, None, parts + 1
                else:
                    waiting, doubted[n] = (None if zero else v), True
            if not doubted[n]:
                believed_at = now
                usual.hear(v)
        value[n], part[n] = believed, parts
    return Accepted(channel.at, value, part, doubted)


LONG_S = 24 * HOUR  # what was believed longer ago than two of these says nothing of now


def _limit(line: float, usual: "Usual", largest: float) -> float:
    """How far one step may go. Of a gauge without a line of its own nothing is odd until it is well known."""
    if not np.isfinite(line):
        return _FARTHER * largest if usual.heard > _WELL_KNOWN else np.inf
    return max(_FARTHER * largest, _OF_WAY * abs(line - usual.level), _AT_LEAST * abs(line))


class Usual:
    """The usual water so far: a running median, moved a little by each reading."""

    def __init__(self) -> None:
        self.level, self._spread, self.heard = 0.0, 0.0, 0

    @property
    def known(self) -> bool:
        return self.heard >= _WARM

    def hear(self, value: float) -> None:
        self.heard += 1
        if self.heard == 1:
            self.level = value
        self._spread += (abs(value - self.level) - self._spread) / min(self.heard, 500)
        self.level += float(np.sign(value - self.level)) * self._spread / min(self.heard, 50)
