"""All rules over all stations at once: what `warning.rules.judge` says of one, said of all in a few sweeps.

A cell is one pair of rule and station; a series is one station's quantity, which many cells may watch. Times
are seconds (of the epoch, or of anything) as float64; NaN means never.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warning.rule import Line, Rule
from warning.rules import CLOCK_AHEAD, Phase, RuleState

PHASES = (Phase.CALM, Phase.PENDING, Phase.ACTIVE, Phase.ENDING, Phase.NO_DATA)
CALM, PENDING, ACTIVE, ENDING, NO_DATA = range(5)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Phases = NDArray[np.int8]


class Changes(NamedTuple):
    """The cells whose phase or staleness changed, in order; `before` and `after` index PHASES."""

    cells: NDArray[np.intp]
    before: Phases
    after: Phases


def evaluate_many(values: Floats, above: Floats, below: Floats, active: Bools) -> Bools:
    """Which of n stations are in danger by which of m rules now, with hysteresis, without `lasting`.

    values [n]: NaN is no reading, and changes nothing. above, below [m]: danger begins strictly above the one
    and ends strictly below the other (below <= above). active [n, m]: the danger before; fastest in column
    order, which is also that of the new [n, m] it returns.
    """
    begins = np.greater(values[None, :], above[:, None])
    ends = np.less(values[None, :], below[:, None])
    np.greater(active.T, ends, out=ends)  # active and not ended: for booleans `>` is just that, in one sweep
    np.logical_or(begins, ends, out=begins)
    return begins.T


class RuleBoard:
    """The state of every cell. `cells` and `series` tell what the arrays' places mean."""

    def __init__(self, rules: Sequence[Rule], stations: Mapping[str, Sequence[str]]) -> None:
        """stations: rule name -> the stations it watches (`warning.rule.watched`)."""
        self.cells = [(rule, station) for rule in rules for station in stations[rule.name]]
        self.series = sorted({(station, rule.when.quantity) for rule, station in self.cells})
        place = {series: nth for nth, series in enumerate(self.series)}
        self._series_of = np.array([place[s, r.when.quantity] for r, s in self.cells], np.intp)
        self._when_side, self._when_limit, self._when_lasting = _columns([r.when for r, _ in self.cells])
        self._until_side, self._until_limit, self._until_lasting = _columns([r.until for r, _ in self.cells])
        self._patience = np.array([r.stale_after.total_seconds() for r, _ in self.cells], np.float64)
        n = len(self.cells)
        self.phase: Phases = np.full(n, NO_DATA, np.int8)
        self.since: Floats = np.full(n, np.nan)
        self.stale: Bools = np.zeros(n, np.bool_)
        self.at: Floats = np.full(n, np.nan)
        self.value: Floats = np.full(n, np.nan)

    def evaluate(self, values: Floats, observed_s: Floats, now_s: float) -> Changes:
        """Judge the newest reading of every series, in the order of `series`.

        observed_s: when each was observed; not newer than the last one judged (or NaN) is no news, and
        silence is judged against `now_s`. On a backlog feed every reading in turn, each at its own time.
        """
        phase_before, stale_before = self.phase.copy(), self.stale.copy()
        value, at = values[self._series_of], observed_s[self._series_of]
        in_time = at <= now_s + CLOCK_AHEAD.total_seconds()
        new = np.isfinite(value) & in_time & ~(at <= self.at)  # NaN: nothing was judged, so anything is newer
        self._heed_silence(np.where(new, at, -np.inf))
        self._hear(new, value, at)
        self._heed_silence(np.full(len(self.cells), now_s))
        changed = np.flatnonzero((self.phase != phase_before) | (self.stale != stale_before))
        return Changes(changed, phase_before[changed], self.phase[changed])

    def _hear(self, new: Bools, value: Floats, at: Floats) -> None:
        danger = (self.phase == ACTIVE) | (self.phase == ENDING)
        ended = self._until_side * value > self._until_limit
        begun = self._when_side * value > self._when_limit
        ending, pending = new & danger & ended, new & ~danger & begun
        resumed = new & (self.phase == ENDING) & ~ended
        calmed = new & ~danger & ~begun & (self.phase != CALM)

        start = np.where(self.phase == ENDING, self.since, at)
        over = ending & (at - start >= self._until_lasting)
        first = np.where(self.phase == PENDING, self.since, at)
        lasted = pending & (at - first >= self._when_lasting)

        self._go(ending & ~over, ENDING, start)
        self._go(over | calmed, CALM, at)
        self._go(pending & ~lasted, PENDING, first)
        self._go(lasted | resumed, ACTIVE, at)
        self.stale[new] = False
        np.copyto(self.at, at, where=new)
        np.copyto(self.value, value, where=new)

    def _heed_silence(self, now_s: Floats) -> None:
        silent = now_s - self.at > self._patience  # NaN: nothing was heard, which is NO_DATA already
        if not silent.any():
            return
        since = self.at + self._patience
        ending, active = silent & (self.phase == ENDING), silent & (self.phase == ACTIVE)
        lost = silent & ((self.phase == CALM) | (self.phase == PENDING))
        self._go(ending, ACTIVE, since)
        self._go(lost, NO_DATA, since)
        self.stale |= ending | active

    def _go(self, where: Bools, phase: int, since: Floats) -> None:
        self.phase[where] = phase
        np.copyto(self.since, since, where=where)

    def state(self, cell: int) -> RuleState:
        """One cell as `judge` would hold it; times read as seconds of the epoch."""
        return RuleState(
            phase=PHASES[self.phase[cell]],
            since=_moment(self.since[cell]),
            stale=bool(self.stale[cell]),
            at=_moment(self.at[cell]),
            value=None if np.isnan(self.value[cell]) else float(self.value[cell]),
        )


def _columns(lines: Sequence[Line]) -> tuple[Floats, Floats, Floats]:
    """Side (+1 above, -1 below), limit times side, lasting in seconds: beyond is side * value > limit."""
    side = np.array([1.0 if line.above is not None else -1.0 for line in lines], np.float64)
    limit = side * np.array([line.limit for line in lines], np.float64)
    return side, limit, np.array([line.lasting.total_seconds() for line in lines], np.float64)


def _moment(seconds: float) -> datetime | None:
    return None if np.isnan(seconds) else datetime.fromtimestamp(float(seconds), UTC)
