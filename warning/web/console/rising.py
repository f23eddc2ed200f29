"""How fast a river rises now: from its newest readings, or not said at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations
from statistics import median

USUAL = timedelta(minutes=30)  # how far back from the newest reading we look where a gauge speaks often
LEAST = timedelta(minutes=15)  # shorter than this, the ripple of a centimetre gauge is most of the slope
MOST = timedelta(minutes=60)  # further back it is another water's rate
STALE = timedelta(minutes=60)  # an older newest reading says nothing of now


def rise_m_h(series: Sequence[tuple[datetime, float]], now: datetime) -> float | None:
    """Metres an hour, above 0 rising; None where nothing honest can be said.

    series: (aware time, m above mean sea level), oldest first. The slope is Theil and Sen's (the median of the slopes of all
    pairs: Sen 1968, J. Am. Stat. Assoc. 63: 1379), which one wild reading of three or more cannot turn, over the readings
    of the newest 30 minutes; where those cover less than 15 minutes, back to the first reading that does, 60 at the most.
    The spans are ours, after the feeds' own beat: HII speaks every 10 minutes, DWR every 15, RID every hour.
    None: fewer than two readings there, or the newest older than an hour.
    """
    known = [(at, value) for at, value in series if at <= now]
    if not known or now - known[-1][0] > STALE:
        return None
    newest = known[-1][0]
    used = [(at, value) for at, value in known if newest - at <= USUAL]
    if newest - used[0][0] < LEAST:
        further = [n for n, (at, _) in enumerate(known) if LEAST <= newest - at <= MOST]
        used = known[further[-1] :] if further else []
    slopes = [
        (value - before) / ((at - earlier) / timedelta(hours=1))
        for (earlier, before), (at, value) in combinations(used, 2)
        if at > earlier
    ]
    return median(slopes) if slopes else None
