"""The area of a request as one drawing of at most 100 points that leaves out nobody of the alert."""

from collections.abc import Iterable
from typing import Any

import shapely

from warning.cap.document import Ring

MOST_POINTS = 100  # all rings together
_FIRST = 0.0005  # degree, about 55 m
_GRID = 0.0001


def drawing(shapes: Iterable[Any]) -> tuple[Ring, ...]:
    """shapes: areas in lon, lat. Rings in lat, lon, closed, all together at most 100 points; together they hold every shape.

    Grown by as much as it is simplified: a broadcast that reaches past the border is a smaller fault than a house left out.
    Empty when there is nothing to draw.
    """
    whole = shapely.unary_union([shape for shape in shapes if not shape.is_empty])
    if whole.is_empty:
        return ()
    tolerance = _FIRST
    while True:
        drawn = whole.buffer(tolerance * 2, quad_segs=2).simplify(tolerance, preserve_topology=True)
        drawn = shapely.set_precision(drawn, _GRID)
        rings = tuple(_ring(part) for part in getattr(drawn, "geoms", [drawn]))
        if sum(map(len, rings)) <= MOST_POINTS:
            return rings
        tolerance *= 1.6


def points(rings: Iterable[Ring]) -> int:
    return sum(map(len, rings))


def _ring(part: Any) -> Ring:
    return tuple((round(lat, 4), round(lon, 4)) for lon, lat, *_ in part.exterior.coords)
