"""Who is next downstream, and when? Earliest arrival over the river reaches.

Travel times are estimates (geo/data/reaches.csv says how they were made); an office gives its own
reaches, and none of this says how high the water will stand.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from geo.errors import ConfigError
from geo.gazetteer import Gazetteer, Reach, gazetteer


@dataclass(frozen=True, slots=True)
class Arrival:
    """Water may be in `tambon` this many minutes after it was seen at the start."""

    tambon: str
    minutes: int
    estimate: bool = True  # False only when every reach on the way was measured


def downstream(start: str, reaches: Sequence[Reach] | None = None) -> list[Arrival]:
    """Tambon the water of a place may reach, earliest first, the place's own tambon at 0 minutes.

    start: a gauge code (its water stays on its own river and where that river runs into), or a tambon
    or village code (its water may take every river that leaves the tambon).
    reaches: the office's own; the built-in estimates when None. A gauge on no known river, and a
    tambon no reach leaves, give their own tambon only.

    Raises UnknownPlace, and ConfigError when the reaches run in a circle.
    """
    places = gazetteer()
    use = places.reaches if reaches is None else tuple(reaches)
    refuse_circles(use)
    tambon, rivers = _start(places, start)
    leaving: dict[str, list[Reach]] = defaultdict(list)
    for reach in use:
        if rivers is None or reach.river in rivers:
            leaving[reach.start].append(reach)
    return _earliest(tambon, leaving)


def refuse_circles(reaches: Iterable[Reach]) -> None:
    """Water does not run in a circle. Raises ConfigError naming the tambon of one."""
    upstream: dict[str, set[str]] = defaultdict(set)
    for reach in reaches:
        if reach.minutes <= 0:
            raise ConfigError(f"reach {reach.start} -> {reach.end}: minutes must be above 0")
        upstream[reach.end].add(reach.start)
    try:
        TopologicalSorter(upstream).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ConfigError(f"river reaches run in a circle: {circle}; take one of them out") from error


def checked(reaches: Iterable[Mapping[str, str | int]]) -> tuple[Reach, ...]:
    """Reaches of config.yaml (river, from, to, minutes) as values.

    Raises ConfigError for an unknown tambon or river, minutes that are no whole number, or a circle.
    """
    places = gazetteer()
    found = []
    for row in reaches:
        if row.get("river") not in places.rivers:
            raise ConfigError(f"reach {dict(row)}: no such river; known are {', '.join(places.rivers)}")
        for end in ("from", "to"):
            if row.get(end) not in places.tambons:
                raise ConfigError(f"reach {dict(row)}: `{end}` must be the code of a tambon, in quotes")
        try:
            minutes = int(row["minutes"])
        except (KeyError, ValueError) as error:
            raise ConfigError(f"reach {dict(row)}: `minutes` must be a whole number") from error
        found.append(Reach(str(row["river"]), str(row["from"]), str(row["to"]), minutes))
    refuse_circles(found)
    return tuple(found)


def _start(places: Gazetteer, start: str) -> tuple[str, frozenset[str] | None]:
    """The tambon water starts in, and the rivers it can take (None: any)."""
    if start in places.gauges:
        gauge = places.gauges[start]
        return gauge.tambon, _course(places, gauge.river)
    if start in places.villages:
        return places.villages[start].tambon, None
    return places.tambon(start).code, None


def _course(places: Gazetteer, river: str | None) -> frozenset[str]:
    course: list[str] = []
    while river is not None and river not in course:
        course.append(river)
        river = places.rivers[river].into if river in places.rivers else None
    return frozenset(course)


def _earliest(start: str, leaving: Mapping[str, list[Reach]]) -> list[Arrival]:
    arrived: dict[str, Arrival] = {}
    coming = [(0, start, False)]
    while coming:
        minutes, tambon, estimate = heapq.heappop(coming)
        if tambon in arrived:
            continue
        arrived[tambon] = Arrival(tambon, minutes, estimate)
        for reach in leaving.get(tambon, ()):
            heapq.heappush(coming, (minutes + reach.minutes, reach.end, estimate or reach.estimate))
    return list(arrived.values())
