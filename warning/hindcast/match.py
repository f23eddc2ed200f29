"""Which alert was right about which event. The rules were fixed before any result was looked at (docs/verification.md).

A hit: the alert starts at most 48 h before the crossing, not after it, and is still on within 12 h of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warning.hindcast.channel import HOUR, Floats
from warning.hindcast.truth import Happened

EARLIEST_S = 48 * HOUR
STILL_ON_S = 12 * HOUR
LONGEST_SILENCE_S = 48 * HOUR  # an alert is kept on in silence, but not for ever

Bools = NDArray[np.bool_]


class Stretch(NamedTuple):
    """An alert: a maximal stretch in which the method said danger. `end`: the first time it no longer did."""

    start: float
    end: float


class Matched(NamedTuple):
    """leads: of each event its lead in seconds, None where it was missed."""

    events: tuple[Happened, ...]
    alerts: tuple[Stretch, ...]
    leads: tuple[float | None, ...]
    by: tuple[int | None, ...]  # of each event the number of the alert that hit it
    kinds: tuple[str, ...]  # of each alert: hit | false | again | late

    @property
    def hits(self) -> int:
        return sum(lead is not None for lead in self.leads)

    @property
    def false_alarms(self) -> int:
        return self.kinds.count("false")


def stretches(at: Floats, on: Bools, step: float) -> list[Stretch]:
    """Maximal stretches on. A silence within one is bridged up to 48 h; after a longer one it had ended at its 48th hour."""
    if not len(at):
        return []
    silent = np.diff(at) > LONGEST_SILENCE_S + step
    begins = on & np.concatenate(([True], ~on[:-1] | silent))
    ends = on & np.concatenate((~on[1:] | silent, [True]))
    after = np.concatenate((at[1:], [at[-1] + step]))
    over = np.where(np.concatenate((silent, [False])), at + LONGEST_SILENCE_S, after)
    return [Stretch(a, b) for a, b in zip(at[begins].tolist(), over[ends].tolist(), strict=True)]


def match(events: Sequence[Happened], alerts: Sequence[Stretch], separate_s: float) -> Matched:
    """Each event is hit once, by the earliest alert that may; an alert may be right about two events it covers.

    A further alert that would also have hit the event is `again`, no second hit and no false alarm: the danger was there.
    So is one that starts while the event lasts (until `separate_s` after its last reading above): `late`, where nothing
    had hit the event, which stays a miss. Everything else is `false`: also an alert over before the 12 h.
    """
    leads: list[float | None] = []
    by: list[int | None] = []
    kinds = ["false"] * len(alerts)
    for event in events:
        able = [n for n, alert in enumerate(alerts) if hits(alert, event)]
        by.append(able[0] if able else None)
        leads.append(event.start - alerts[able[0]].start if able else None)
        for nth, n in enumerate(able):
            kinds[n] = "hit" if nth == 0 or kinds[n] == "hit" else "again"
    for n, alert in enumerate(alerts):
        if kinds[n] != "false":
            continue
        for event, hit in zip(events, by, strict=True):
            if event.start < alert.start < event.end + separate_s:
                kinds[n] = "late" if hit is None else "again"
    return Matched(tuple(events), tuple(alerts), tuple(leads), tuple(by), tuple(kinds))


def hits(alert: Stretch, event: Happened) -> bool:
    lead = event.start - alert.start
    return 0 <= lead <= EARLIEST_S and alert.end >= event.start - STILL_ON_S
