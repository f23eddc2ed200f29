"""Built-in tambon shapes: our own approximation, until the office imports its boundaries.

Every known point of a tambon (its inside point, its villages, its instruments) claims the ground nearer
to it than to any other point; the claims of one tambon are joined and clipped to a coarse outline of the
province. How often this is right is measured in docs/geo.md: never take it for a boundary.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import shapely

from geo.gazetteer import Gazetteer, rows

_NARROWING = 0.9913  # a degree of longitude in degrees of latitude, at 7.55 N


class Site(NamedTuple):
    """A point known to be in a tambon. WGS84."""

    tambon: str
    lat: float
    lon: float


def sites(places: Gazetteer) -> list[Site]:
    """All points the approximation is built from. Ambiguous villages and rounded stations are left out."""
    return [
        *(Site(tambon.code, tambon.lat, tambon.lon) for tambon in places.tambons.values()),
        *(
            Site(village.tambon, village.lat, village.lon)
            for village in places.villages.values()
            if village.lat is not None and village.lon is not None and not village.point_ambiguous
        ),
        *(
            Site(gauge.tambon, gauge.lat, gauge.lon)
            for gauge in places.gauges.values()
            if not gauge.place_rounded and "reservoir" not in gauge.measures
        ),
    ]


def outline() -> shapely.Polygon:
    """The coarse outline of the province, (lon, lat) in WGS84."""
    return shapely.Polygon([(float(row["lon"]), float(row["lat"])) for row in rows("outline.csv")])


def nearest_shapes(points: Iterable[Site], within: shapely.Polygon) -> dict[str, shapely.Geometry]:
    """Code -> the ground within `within` nearer to a point of that tambon than to any other tambon's.

    Shapes are Polygon or MultiPolygon, (lon, lat) in WGS84, in order of code; they fill `within` without
    overlap. Of two points in the same place the first one counts.
    """
    owner: dict[tuple[float, float], str] = {}
    for site in points:
        owner.setdefault((site.lon * _NARROWING, site.lat), site.tambon)
    flat = shapely.transform(within, lambda xy: xy * [_NARROWING, 1.0])
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(list(owner)), extend_to=flat.buffer(1.0))
    )
    at, cell = shapely.STRtree(cells).query(shapely.points(list(owner)), predicate="intersects")
    codes = list(owner.values())
    claims: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for point_at, cell_at in zip(at, cell, strict=True):
        claims[codes[point_at]].append(cells[cell_at])
    return {
        code: shapely.transform(
            shapely.union_all(np.asarray(claims[code], dtype=object)).intersection(flat),
            lambda xy: xy / [_NARROWING, 1.0],
        )
        for code in sorted(claims)
    }
