"""Some boundaries of the office laid over what the map had before: an import in part.

The given shapes count wherever they lie. Ground they leave to tambon nobody has given a shape is shared out
by the built-in approximation, so no point of the province belongs to two tambon and none inside the outline
to none.
"""

from collections.abc import Mapping

import shapely

from geo.gazetteer import gazetteer
from geo.voronoi import extents, nearest_shapes, outline, sites

_CRUMB_DEG2 = 1e-9  # about 10 m2: what rounding leaves along a border is no ground


def laid_over(
    given: Mapping[str, shapely.Geometry], before: Mapping[str, shapely.Geometry]
) -> tuple[dict[str, shapely.Geometry], tuple[str, ...]]:
    """(code -> shape in order of code, codes among them that are only our approximation).

    given: what is laid on top; before: imported earlier, kept where `given` says nothing. WGS84, (lon, lat).
    A tambon whose ground is taken altogether has no shape in the answer.
    """
    top = shapely.union_all(list(given.values()))
    shapes = dict(given)
    for code, shape in before.items():
        if code not in given and not (left := _surface(shape.difference(top))).is_empty:
            shapes[code] = left
    places = gazetteer()
    unknown = [code for code in places.tambons if code not in shapes and code not in before]
    if unknown:
        ground = _surface(outline().difference(shapely.union_all(list(shapes.values()))))
        own = [site for site in sites(places) if site.tambon in unknown]
        near = {} if ground.is_empty else nearest_shapes(own, ground, extents())
        shapes |= {code: shape for code, shape in near.items() if not shape.is_empty}
    approximate = tuple(code for code in unknown if code in shapes)
    return {code: shapes[code] for code in sorted(shapes)}, approximate


def _surface(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all([p for p in parts if p.geom_type == "Polygon" and p.area > _CRUMB_DEG2])
