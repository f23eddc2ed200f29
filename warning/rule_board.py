"""All rules over all stations at once: what `warning.rules.judge` says of one, said of all in a few sweeps.

A cell is one pair of rule and station; a series is one station's quantity, which many cells may watch. Times
are microseconds of the epoch as float64, so whole numbers, and "for at least 15 minutes" is exact; NaN means never.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.when import utc
from warning.condition import Line
from warning.rules import CLOCK_AHEAD, Phase, RuleState, Watch

LOOK_BACK = timedelta(hours=3)  # readings a rule is shown at least
PHASES = (Phase.CALM, Phase.PENDING, Phase.ACTIVE, Phase.ENDING, Phase.NO_DATA)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
CALM, PENDING, ACTIVE, ENDING, NO_DATA = range(5)
_PLACE = {phase: place for place, phase in enumerate(PHASES)}

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Phases = NDArray[np.int8]


class Changes(NamedTuple):
    """The cells whose phase or staleness changed, in order; `before` and `after` index PHASES."""

    cells: NDArray[np.intp]
    before: Phases
    after: Phases
    touched: NDArray[np.intp]  # cells of which anything changed, be it only the newest reading


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

    def __init__(
        self, rules: Sequence[Watch], stations: Mapping[str, Sequence[str]], group: Sequence[int] = ()
    ) -> None:
        """stations: name of the watch -> the stations it looks at. group: of each cell, -1 for one judged by itself."""
        self.cells = [(rule, station) for rule in rules for station in stations[rule.name]]
        self.series = sorted({(station, rule.subject) for rule, station in self.cells})
        place = {series: nth for nth, series in enumerate(self.series)}
        self._series_of = np.array([place[s, r.subject] for r, s in self.cells], np.intp)
        self._when_side, self._when_limit, self._when_lasting = _columns([r.when for r, _ in self.cells])
        self._until_side, self._until_limit, self._until_lasting = _columns([r.until for r, _ in self.cells])
        self._patience = np.array([r.stale_after / _MICROSECOND for r, _ in self.cells], np.float64)
        self._look_back = np.array([look_back(r) / _MICROSECOND for r, _ in self.cells], np.float64)
        self._blind = np.array([r.blind for r, _ in self.cells], np.bool_)
        self._group = np.array(group, np.intp)
        self._grouped = np.flatnonzero(self._group >= 0) if len(group) else np.zeros(0, np.intp)
        self._groups = int(self._group.max()) + 1 if len(self._grouped) else 0
        self.spans = _spans(self.cells)
        n = len(self.cells)
        self.phase: Phases = np.full(n, NO_DATA, np.int8)
        self.since: Floats = np.full(n, np.nan)
        self.stale: Bools = np.zeros(n, np.bool_)
        self.at: Floats = np.full(n, np.nan)
        self.value: Floats = np.full(n, np.nan)

    def evaluate(self, values: Floats, observed: Floats, now: float) -> Changes:
        """Judge the newest reading of every series, in the order of `series`. observed: when each was observed; not newer
        than the last one judged (or NaN) is no news. Silence is judged against `now`."""
        return self.walk([(values, observed)], now)

    def walk(self, rounds: Iterable[tuple[Floats, Floats]], now: float) -> Changes:
        """Judge a backlog: round after round one further reading of every series (values, observed), each series oldest
        first, as `warning.rules.step_rule` walks them; then silence against `now`. One net change a cell."""
        before = self.copied()
        for values, observed in rounds:
            self.turn(values, observed, now)
        self.heed_silence(now)
        return self.changes_since(before)

    def turn(self, values: Floats, observed: Floats, now: float) -> Floats:
        """One further reading of every series. Returns the time at which each cell was judged, -inf where nothing was new.

        Cells of one group are judged together: whichever has no reading heeds its silence at the newest of the others.
        """
        value, at = values[self._series_of], observed[self._series_of]
        # NaN: nothing was judged, so anything is newer
        new = np.isfinite(value) & (at <= now + CLOCK_AHEAD / _MICROSECOND) & (at > now - self._look_back)
        new &= ~(at <= self.at)
        judged = np.where(new, at, -np.inf)
        if self._groups:
            newest = np.full(self._groups, -np.inf)
            np.maximum.at(newest, self._group[self._grouped], judged[self._grouped])
            judged[self._grouped] = newest[self._group[self._grouped]]
        self._heed_silence(judged)
        self._hear(new, value, at)
        return judged

    def heed_silence(self, now: float) -> None:
        """Judge the silence of every cell as it is now."""
        self._heed_silence(np.full(len(self.cells), now))

    def copied(self) -> tuple[Phases, Bools, Floats, Floats]:
        """Phase, staleness, since and newest reading as they are now."""
        return self.phase.copy(), self.stale.copy(), self.since.copy(), self.at.copy()

    def changes_since(self, before: tuple[Phases, Bools, Floats, Floats]) -> Changes:
        """before: of `copied`."""
        phase, stale, since, at = before
        changed = (self.phase != phase) | (self.stale != stale)
        touched = changed | _differ(self.at, at) | _differ(self.since, since)
        cells = np.flatnonzero(changed)
        return Changes(cells, phase[cells], self.phase[cells], np.flatnonzero(touched))

    def judged_until(self) -> Floats:
        """A series a place: what was observed later than this has not been judged by all its rules. -inf: nothing was."""
        until: Floats = np.full(len(self.series), np.inf)
        np.minimum.at(until, self._series_of, np.where(np.isnan(self.at), -np.inf, self.at))
        return until

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

    def _heed_silence(self, now: Floats) -> None:
        silent = now - self.at > self._patience  # NaN: nothing was heard, which is NO_DATA already
        if not silent.any():
            return
        since = self.at + self._patience
        ending, active = silent & (self.phase == ENDING), silent & (self.phase == ACTIVE)
        lost = silent & ((self.phase == CALM) | (self.phase == PENDING))
        lost |= (ending | active) & self._blind
        kept = (ending | active) & ~self._blind
        self._go(ending & kept, ACTIVE, since)
        self._go(lost, NO_DATA, since)
        self.stale |= kept

    def _go(self, where: Bools, phase: int, since: Floats) -> None:
        self.phase[where] = phase
        np.copyto(self.since, since, where=where)

    def remember(self, states: Mapping[int, RuleState]) -> None:
        """Take up what was known of these cells."""
        cells = np.fromiter(states, np.intp, len(states))
        known = states.values()
        self.phase[cells] = [_PLACE[s.phase] for s in known]
        self.since[cells] = [microseconds(s.since) for s in known]
        self.stale[cells] = [s.stale for s in known]
        self.at[cells] = [microseconds(s.at) for s in known]
        self.value[cells] = [np.nan if s.value is None else s.value for s in known]

    def state(self, cell: int) -> RuleState:
        """One cell as `judge` would hold it."""
        return RuleState(
            phase=PHASES[self.phase[cell]],
            since=moment(self.since[cell]),
            stale=bool(self.stale[cell]),
            at=moment(self.at[cell]),
            value=None if np.isnan(self.value[cell]) else float(self.value[cell]),
        )


def _differ(now: Floats, before: Floats) -> Bools:
    return np.not_equal(now, before) & ~(np.isnan(now) & np.isnan(before))


def _columns(lines: Sequence[Line]) -> tuple[Floats, Floats, Floats]:
    """Side (+1 above, -1 below), limit times side, lasting: beyond is side * value > limit."""
    side = np.array([1.0 if line.above is not None else -1.0 for line in lines], np.float64)
    limit = side * np.array([line.limit for line in lines], np.float64)
    return side, limit, np.array([line.lasting / _MICROSECOND for line in lines], np.float64)


def _spans(cells: Sequence[tuple[Watch, str]]) -> dict[str, range]:
    """rule name -> where its cells stand"""
    spans: dict[str, range] = {}
    for cell, (rule, _) in enumerate(cells):
        spans[rule.name] = range(spans[rule.name].start if rule.name in spans else cell, cell + 1)
    return spans


def look_back(rule: Watch) -> timedelta:
    """How old a reading may be to be judged at all: enough to see a rule's whole `lasting` after a pause of ours."""
    return max(LOOK_BACK, 3 * rule.when.lasting)


def microseconds(moment: datetime | None) -> float:
    """The board's time of an aware moment, NaN for none. Raises ValueError for a time without a zone."""
    return np.nan if moment is None else float((utc(moment) - EPOCH) // _MICROSECOND)


def moment(time: float) -> datetime | None:
    """The UTC moment of the board's time, None for none or for longer ago than anything."""
    return None if not np.isfinite(time) else EPOCH + timedelta(microseconds=int(time))
