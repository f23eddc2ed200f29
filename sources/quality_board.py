"""Ten thousand series judged in one sweep: what `sources.quality.judge` says of one, said of all.

The board holds seven numbers a series and nothing else, so one made from what was kept goes on as if it had never stopped.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sources.limits import Limits
from sources.quality import AS_FAR_AGAIN, HOUR, Codes, Floats, Held
from sources.verdict import BAD, CODE, GOOD, MISSING, SUSPECT, Reason

Bools = NDArray[np.bool_]


class Turn(NamedTuple):
    """One place a series. settled: what is now known of its doubted values from `since` to `until` (GOOD or BAD), else MISSING."""

    verdicts: Codes
    reasons: Codes
    settled: Codes
    since: Floats  # microseconds
    until: Floats


class _High(NamedTuple):
    """What becomes of a value that stands too high; each at most one of these."""

    agreed: Bools  # borne out at once by a neighbour or rain
    borne: Bools  # the one before it is borne out
    back: Bools  # part of the way back: the one before it was a spike
    to_doubt: Bools  # borne out as far as the one before it, and no further
    wild: Bools  # neither


class QualityBoard:
    """`held` is all it remembers: one array of each name of `sources.quality.Held`."""

    def __init__(self, limits: Sequence[Limits]) -> None:
        """limits: of each series."""
        different = {id(of): of for of in limits}  # thousands of stations share a few
        place = {known: nth for nth, known in enumerate(different)}
        which = np.fromiter((place[id(of)] for of in limits), np.intp, len(limits))
        table = np.array(list(different.values()), np.float64).reshape(len(different), len(Limits._fields))
        self._of = Limits(*(column[which] for column in table.T))  # type: ignore[arg-type]  # arrays for numbers
        self._never_still: Bools = np.array([of.never_still for of in different.values()], np.bool_)[which]
        self.held = Held(*(np.full(len(limits), np.nan) for _ in Held._fields))  # type: ignore[arg-type]

    def remember(self, held: Sequence[Sequence[float]]) -> None:
        """Take up what was kept: a `Held` a series, in their order."""
        numbers = np.fromiter(chain.from_iterable(held), np.float64, len(held) * len(Held._fields))
        table = numbers.reshape(len(held), len(Held._fields))
        self.held = Held(*(np.array(column) for column in table.T))  # type: ignore[arg-type]

    def rises(self, values: Floats, observed: Floats) -> Bools:
        """Which of these further values stand higher than water goes by itself: to be asked of the gauges around."""
        with np.errstate(invalid="ignore", divide="ignore"):
            span = np.abs(observed - self.held.sure_at)
            usual = self._up(np.asarray(self.held.sure), span)
            return np.asarray(values - self.held.sure > self._reach(usual, span))

    def turn(self, values: Floats, observed: Floats, agreed: Bools | None = None) -> Turn:
        """One further value of each series; NaN in values or observed: nothing was told. observed: microseconds."""
        of, was = self._of, self.held
        last, last_at, sure, sure_at, doubt_since, flat_was, pace = map(np.asarray, was)
        told = np.isfinite(values) & np.isfinite(observed)
        with np.errstate(invalid="ignore", divide="ignore"):
            outside = told & ~((values >= of.low) & (values <= of.high))
            again = told & ~outside & (observed == last_at)
            heard = told & ~outside & ~again
            first = heard & np.isnan(sure)
            delta, span = values - sure, np.abs(observed - sure_at)
            usual = self._up(sure, span)
            rises = heard & (delta > self._reach(usual, span))
            falls = heard & (delta < -self._down(sure, span))
            older = heard & (observed < last_at)
            live = heard & ~first & ~older

            changed = values != last
            flat_since = np.where(changed, observed, flat_was)
            doubted = ~np.isnan(doubt_since)
            low_doubt, high_doubt = doubted & (last < sure), doubted & (last > sure)
            stuck = low_doubt & ~changed & self._never_still & (flat_was <= doubt_since)
            risen = live & rises
            fallen = live & ~rises & (falls | stuck)
            level = live & ~risen & ~fallen

            on, gap = values - last, observed - last_at
            up_on, down_on = self._up(last, gap), self._down(last, gap)
            leap = delta > of.jump
            high = self._high(risen, high_doubt, leap, on, up_on, down_on, last - sure, agreed)
            waited = observed - doubt_since >= of.settle_h * HOUR
            moved_up = (flat_since > doubt_since) | ~self._never_still
            holds_back = high.borne & leap & ~(waited & moved_up)
            borne = high.borne & ~holds_back

            same = fallen & low_doubt & (on >= -down_on) & (on <= up_on)
            since_low = np.where(same, doubt_since, observed)
            moved_low = (flat_since > since_low) | ~self._never_still
            lasted = same & moved_low & (observed - since_low >= of.settle_h * HOUR)

            believed = level | high.agreed | borne | lasted | first
            flat = believed & ~first & (observed - flat_since >= of.flat_h * HOUR) & (values > of.flat_above)
            pace_now = np.where(borne, np.maximum(0.0, on / gap), delta / span)
            pace_now[~(borne | high.agreed | (level & (delta > usual)))] = np.nan
            nearer = np.abs(values - last) < np.abs(delta)
        doubtful = (risen | fallen) & ~believed
        verdicts = np.full(len(values), MISSING, np.int8)
        reasons = np.full(len(values), CODE[Reason.NONE], np.int8)
        settled = np.full(len(values), MISSING, np.int8)
        verdicts[believed | older] = GOOD
        zero = (values == 0.0) & self._never_still
        _say(verdicts, reasons, outside, BAD, Reason.RANGE)
        _say(verdicts, reasons, outside & zero, BAD, Reason.DROPOUT)
        _say(verdicts, reasons, again, BAD, Reason.DUPLICATE)
        _say(verdicts, reasons, older & (rises | falls), SUSPECT, Reason.STEP)
        _say(verdicts, reasons, flat, SUSPECT, Reason.FLAT)
        _say(verdicts, reasons, doubtful, SUSPECT, Reason.STEP)
        with np.errstate(invalid="ignore", divide="ignore"):
            beyond = values - np.where(high.to_doubt, last, sure) > of.jump
        jumped = (risen & (beyond | high.wild)) | (fallen & same)
        _say(verdicts, reasons, doubtful & jumped, SUSPECT, Reason.DATUM_JUMP)
        _say(verdicts, reasons, doubtful & fallen & zero, BAD, Reason.DROPOUT)
        settled[level & doubted] = np.where(nearer, GOOD, BAD)[level & doubted]
        settled[high.back] = BAD
        settled[high.to_doubt | borne | lasted] = GOOD

        since = np.where(fallen, since_low, np.where(holds_back, doubt_since, observed))
        up_to = high.to_doubt
        np.copyto(sure, last, where=up_to)
        np.copyto(sure_at, last_at, where=up_to)
        turned = Turn(verdicts, reasons, settled, doubt_since.copy(), last_at.copy())
        np.copyto(sure, values, where=believed)
        np.copyto(sure_at, observed, where=believed)
        np.copyto(doubt_since, since, where=doubtful)
        doubt_since[believed] = np.nan
        np.copyto(pace, pace_now, where=believed)
        pace[up_to] = np.nan
        kept = believed | doubtful
        np.copyto(flat_was, np.where(first, observed, flat_since), where=kept)
        np.copyto(last, values, where=kept)
        np.copyto(last_at, observed, where=kept)
        return turned

    def _high(
        self,
        risen: Bools,
        doubted: Bools,
        leap: Bools,
        on: Floats,
        up_on: Floats,
        down_on: Floats,
        before: Floats,
        agreed: Bools | None,
    ) -> "_High":
        """before: how far the doubted value stands over the last one believed."""
        borne_at_once = np.zeros(len(risen), np.bool_) if agreed is None else agreed
        again = risen & doubted
        back = again & (on < -down_on)
        far = again & ~back & (on > np.maximum(up_on, AS_FAR_AGAIN * before)) & ~borne_at_once
        near = before <= self._of.jump
        return _High(
            agreed=risen & ~doubted & borne_at_once & ~leap,
            borne=again & ~back & ~far,
            back=back,
            to_doubt=far & near,
            wild=far & ~near,
        )

    def _reach(self, usual: Floats, span: Floats) -> Floats:
        of, pace = self._of, self.held.pace
        return np.fmax(usual, np.minimum(AS_FAR_AGAIN * pace * span, of.jump))

    def _up(self, value: Floats, span: Floats) -> Floats:
        hours = np.minimum(span / HOUR, self._of.cap_h)
        return np.asarray(self._of.rise + self._of.rise_per_h * hours + self._of.rise_share * np.abs(value))

    def _down(self, value: Floats, span: Floats) -> Floats:
        hours = np.minimum(span / HOUR, self._of.cap_h)
        return np.asarray(self._of.fall + self._of.fall_per_h * hours + self._of.fall_share * np.abs(value))


def _say(verdicts: Codes, reasons: Codes, where: Bools, verdict: int, reason: Reason) -> None:
    verdicts[where], reasons[where] = verdict, CODE[reason]
