"""CAP's polygons and circles as text, and the one place where longitude-latitude becomes
latitude-longitude."""

import math
import re
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry import Polygon

from warning.cap.document import Ring

REMEMBERED = (
    1024  # rings a process need not read again: both languages draw the same, and so does the next alert
)
MOST_VERTICES = 100  # a ring, its closing pair counted: composers and broadcasters stumble over more
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_PAIR = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_RING = re.compile(rf"\s*{_NUMBER},{_NUMBER}(?:\s+{_NUMBER},{_NUMBER})*\s*", re.ASCII)
_CIRCLE = re.compile(rf"({_NUMBER},{_NUMBER})\s+({_NUMBER})", re.ASCII)


@lru_cache(maxsize=REMEMBERED)
def ring_text(ring: Ring) -> str:
    """Pairs `lat,lon` to 0.00001 degree (about 1 m), split by spaces."""
    return " ".join(f"{lat:.5f},{lon:.5f}" for lat, lon in ring)


def _pair(text: str) -> tuple[float, float]:
    found = _PAIR.fullmatch(text)
    if found is None:
        raise ValueError(f"not a pair lat,lon: {text[:40]!r}")
    lat, lon = float(found[1]), float(found[2])
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        swapped = " (lon,lat?)" if abs(lon) <= 90 and abs(lat) <= 180 else ""
        raise ValueError(f"outside the world: {text[:40]!r}{swapped}")
    return lat, lon


@lru_cache(maxsize=REMEMBERED)
def read_ring(text: str) -> Ring:
    """The pairs of a polygon. ValueError: a pair that is none, under four pairs, or a ring left open."""
    ring = _pairs(text) or tuple(_pair(pair) for pair in text.split())
    if len(ring) < 4:
        raise ValueError("a polygon needs four pairs")
    if ring[0] != ring[-1]:
        raise ValueError("the polygon is not closed")
    return ring


def _pairs(text: str) -> Ring | None:
    """All pairs in one sweep; None when one of them is wrong, and who looks at each says which."""
    if _RING.fullmatch(text) is None:
        return None
    numbers = [float(number) for number in text.replace(",", " ").split()]
    lats, lons = numbers[::2], numbers[1::2]
    good = min(lats) >= -90 and max(lats) <= 90 and min(lons) >= -180 and max(lons) <= 180
    return tuple(zip(lats, lons, strict=True)) if good else None


def check_circle(text: str) -> None:
    """ValueError unless the text is `lat,lon radius` with a radius in km, not negative."""
    found = _CIRCLE.fullmatch(text.strip())
    if found is None or float(found[2]) < 0:
        raise ValueError(f"not a circle: {text[:40]!r}")
    _pair(found[1])


@lru_cache(maxsize=REMEMBERED)
def crosses_itself(ring: Ring) -> bool:
    """Also where it only touches itself. A ring over the 180th meridian is judged where it lies, not around the world."""
    if max(lon for _, lon in ring) - min(lon for _, lon in ring) > 180:
        ring = tuple((lat, lon % 360) for lat, lon in ring)
    return not Polygon(ring).is_valid


def rings(shape: Any) -> tuple[Ring, ...]:
    """The outer rings of a shapely (Multi)Polygon in lon, lat as CAP rings in lat, lon, closed, 100
    vertices at most.

    Simplified only as far as needed, doubling from 0.0001 degree (11 m); parts too small to stay an
    area go, the
    largest never. Holes are left out: CAP knows none, and warning a hole is the safer fault.
    ValueError when empty.
    """
    parts = [
        part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon" and not part.is_empty
    ]
    if not parts:
        raise ValueError("no area to draw")
    parts.sort(key=lambda part: -part.area)
    found = [ring for ring in map(_ring, parts) if ring]
    if not found:
        raise ValueError("no area to draw")
    return tuple(found)


def _ring(part: Any) -> Ring:
    outer, tolerance = Polygon(part.exterior), 0.0001
    while len(outer.exterior.coords) > MOST_VERTICES:
        outer = Polygon(part.exterior).simplify(tolerance, preserve_topology=True)
        tolerance *= 2
    # On the grid of `ring_text` as a whole: rounding corner by corner made a third of our tambon cross themselves.
    on_grid = shapely.set_precision(outer, 0.00001)
    left = [p for p in getattr(on_grid, "geoms", [on_grid]) if p.geom_type == "Polygon" and not p.is_empty]
    if not left:
        return ()
    largest = max(left, key=lambda p: p.area)
    return tuple((round(lat, 5), round(lon, 5)) for lon, lat, *_ in largest.exterior.coords)
