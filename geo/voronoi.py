"""Built-in tambon shapes: our own approximation, until the office imports its boundaries.

Every known point of a tambon (its middle, a point inside, its villages, its instruments) claims the ground
nearer to it than to any other point, but no farther than the known extent of its tambon; the claims of one
tambon are joined, within a coarse outline of the province. How often this is right is measured in
docs/geo.md: never take it for a boundary.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import shapely

from geo.gazetteer import Gazetteer, rows

# Degrees are taken as plane: a degree of longitude is 0.9 % shorter here, less than anything else is off.


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
            Site(row["tambon"], float(row["middle_lat"]), float(row["middle_lon"]))
            for row in rows("extents.csv")
            if row["middle_lat"]
        ),
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


def extents() -> dict[str, shapely.Geometry]:
    """Tambon -> the rectangle it lies in."""
    return {
        row["tambon"]: shapely.box(*(float(row[side]) for side in ("west", "south", "east", "north")))
        for row in rows("extents.csv")
    }


def outline() -> shapely.Geometry:
    """The coarse outline of the province, (lon, lat) in WGS84."""
    return shapely.Polygon([(float(row["lon"]), float(row["lat"])) for row in rows("outline.csv")])


def nearest_shapes(
    points: Sequence[Site], within: shapely.Geometry, extent: Mapping[str, shapely.Geometry]
) -> dict[str, shapely.Geometry]:
    """Code -> the ground nearest to a point of that tambon, of the tambon whose extent it lies in.

    Shapes are Polygon or MultiPolygon, (lon, lat) in WGS84, in order of code; they fill `within`
    without overlap. Ground in nobody's extent goes to the nearest. Of two points in one place the
    first counts.
    """
    owner: dict[tuple[float, float], str] = {}
    for site in points:
        owner.setdefault((site.lon, site.lat), site.tambon)
    claims: dict[str, list[shapely.Geometry]] = defaultdict(list)
    _claim(owner, within, extent, claims)
    return {code: _surface(shapely.union_all(claims[code])) for code in sorted(claims)}


def _claim(
    owner: Mapping[tuple[float, float], str],
    ground: shapely.Geometry,
    extent: Mapping[str, shapely.Geometry],
    claims: dict[str, list[shapely.Geometry]],
) -> None:
    """Share `ground` out; what lies beyond its nearest tambon's extent is shared among the others."""
    for code, cell in _cells(owner, ground).items():
        claims[code].append(cell.intersection(extent[code]))
        beyond = _surface(cell.difference(extent[code]))
        if beyond.is_empty:
            continue
        others = {at: of for at, of in owner.items() if of != code and extent[of].intersects(beyond)}
        if others:
            _claim(others, beyond, extent, claims)
        else:
            claims[code].append(beyond)


def _cells(owner: Mapping[tuple[float, float], str], ground: shapely.Geometry) -> dict[str, shapely.Geometry]:
    if len(set(owner.values())) == 1:
        return {next(iter(owner.values())): ground}
    codes = list(owner.values())
    seeds = shapely.points(list(owner))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=shapely.box(90, 0, 110, 15))
    )
    nearest: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for seed, cell in shapely.STRtree(cells).query(seeds, predicate="intersects").T:
        nearest[codes[seed]].append(cells[cell])
    shared = {code: _surface(shapely.union_all(of).intersection(ground)) for code, of in nearest.items()}
    return {code: cell for code, cell in shared.items() if not cell.is_empty}


def _surface(shape: shapely.Geometry) -> shapely.Geometry:
    """Only the polygons of a shape: cutting leaves stray lines and points."""
    if shape.geom_type == "Polygon":
        return shape
    return shapely.union_all([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])
