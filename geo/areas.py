"""Which tambon is this point in, which tambon does this polygon touch? Fast, over any set of areas.

The areas are either the built-in approximation (geo/voronoi.py) or what the office imported
(geo/importing.py, kept by geo/imported.py); `mode` says which, and is shown wherever a map or an answer comes from them.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import ConfigError
from geo.gazetteer import gazetteer
from geo.voronoi import extents, nearest_shapes, outline, sites

if (
    TYPE_CHECKING
):  # reading files loads pyogrio and, where it is there, pandas: 100 MB a sender has no use for
    from geo.imported import ImportedAreas

BUILT_IN = "built-in approximation"
_MAP_TOLERANCE_DEG = 0.0008  # about 90 m: less than a pixel of the province on a phone

_SEAM_DEG = 1e-7  # 1 cm: rounding may open two neighbours by less than this, and nobody lives in the crack
_STRETCH = 4  # edges; 2 to 6 were equally fast on a river of 550 corners among 7,400 areas

Ring = list[tuple[float, float]]


class Areas:
    """Areas with a code each, WGS84, (lon, lat) inside geometries.

    codes and geometries stand in order of code. Never changed after it is built; safe to share
    between threads.
    """

    def __init__(
        self,
        codes: Sequence[str],
        geometries: Sequence[shapely.Geometry],
        mode: str,
        approximate: Sequence[str] = (),
    ) -> None:
        """approximate: codes of an import whose shape is ours. Raises ValueError when a code comes twice or
        counts differ.
        """
        if len(codes) != len(geometries) or len(set(codes)) != len(codes):
            raise ValueError("areas need one geometry for each code, and each code once")
        order = sorted(range(len(codes)), key=lambda at: codes[at])
        self.mode = mode
        self.approximate = frozenset(approximate)
        self.codes: tuple[str, ...] = tuple(codes[at] for at in order)
        self.geometries: npt.NDArray[np.object_] = np.array([geometries[at] for at in order], dtype=object)
        self._place = {code: at for at, code in enumerate(self.codes)}
        # By part: an island far off shore must not make its tambon a candidate for all the water between.
        self._parts, self._owner = shapely.get_parts(self.geometries, return_index=True)
        shapely.prepare(self._parts)
        self._tree = shapely.STRtree(self._parts)
        xy, part = shapely.get_coordinates(self._parts, return_index=True)
        self._corner = xy[np.searchsorted(part, np.arange(len(self._parts)))]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def is_built_in(self) -> bool:
        """True while the shapes are only our approximation."""
        return self.mode == BUILT_IN

    def at(self, lat: float, lon: float) -> str | None:
        """The code of the area a point lies in, None outside all. On a border the lowest code counts."""
        point = shapely.Point(lon, lat)
        found = self._tree.query(point, predicate="intersects")
        if not len(found):
            found = self._tree.query(point, predicate="dwithin", distance=_SEAM_DEG)
        return self.codes[int(self._owner[found].min())] if len(found) else None

    def at_many(
        self, lats: npt.ArrayLike | Iterable[float], lons: npt.ArrayLike | Iterable[float]
    ) -> list[str | None]:
        """`at` for many points of equal rank, in their order. Raises ValueError when counts differ."""
        lat, lon = np.asarray(lats, dtype=float), np.asarray(lons, dtype=float)
        if lat.shape != lon.shape:
            raise ValueError(f"{lat.size} latitudes but {lon.size} longitudes")
        # A tree of the points against prepared polygons was three times faster than the other way round.
        part, point = shapely.STRtree(shapely.points(lon, lat)).query(self._parts, predicate="intersects")
        lowest = np.full(lat.size, len(self.codes))
        np.minimum.at(lowest, point, self._owner[part])
        outside = np.flatnonzero(lowest == len(self.codes))
        crack, part = self._tree.query(
            shapely.points(lon[outside], lat[outside]), predicate="dwithin", distance=_SEAM_DEG
        )
        np.minimum.at(lowest, outside[crack], self._owner[part])
        return [self.codes[at] if at < len(self.codes) else None for at in lowest.tolist()]

    def touching(self, polygon: shapely.Geometry) -> list[str]:
        """Codes of all areas that share at least a point with `polygon`, in order of code.

        A common border counts: who warns would rather have the neighbour too.

        A river's polygon is long and thin, and its bounding box holds thousands of areas it never comes
        near. So each area meets only the stretches of edge near it; one that no edge touches lies wholly
        inside or wholly outside, and one corner tells which.
        """
        if polygon.is_empty:
            return []
        shapely.prepare(polygon)
        edges = _stretches(polygon)
        edge, part = self._tree.query(edges)
        hit = np.zeros(len(self._parts), dtype=bool)
        hit[part[shapely.intersects(self._parts[part], edges[edge])]] = True
        others = self._tree.query(polygon)
        others = others[~hit[others]]
        hit[others[shapely.contains_xy(polygon, self._corner[others])]] = True
        found = np.unique(self._owner[hit])
        return [self.codes[at] for at in found.tolist()]

    def outline(self, code: str) -> shapely.Geometry:
        """The full geometry of an area. Raises KeyError for a code without one."""
        return self.geometries[self._place[code]]

    def rings(self, code: str) -> list[Ring]:
        """Rings to draw an area with (outer and inner alike; fill them even-odd), lightly simplified.

        Common borders are simplified alike, so neighbours leave no gap. Raises KeyError.
        """
        parts = shapely.get_parts(self._drawn[self._place[code]])
        return [
            [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
            for part in parts
            for ring in (part.exterior, *part.interiors)
            if not part.is_empty
        ]

    def __contains__(self, code: object) -> bool:
        return code in self._place

    @cached_property
    def _drawn(self) -> npt.NDArray[np.object_]:
        drawn: npt.NDArray[np.object_] = shapely.coverage_simplify(self.geometries, _MAP_TOLERANCE_DEG)
        return drawn


def _stretches(shape: shapely.Geometry) -> npt.NDArray[np.object_]:
    """All edges of a shape, as short lines of a few edges each; a point is its own edge."""
    parts = shapely.get_parts(shapely.get_parts(shape))  # twice: a collection may hold multipolygons
    surface = shapely.get_dimensions(parts) == 2
    short = [
        shapely.linestrings(xy[np.minimum(first[:, None] + np.arange(_STRETCH + 1), len(xy) - 1)])
        for xy in map(shapely.get_coordinates, shapely.get_rings(parts[surface]))
        for first in [np.arange(0, len(xy) - 1, _STRETCH)]
    ]
    edges: npt.NDArray[np.object_] = np.concatenate([*short, parts[~surface]])
    return edges


def built_in_areas() -> Areas:
    """The 65 tambon of the province as our own approximation."""
    shapes = nearest_shapes(sites(gazetteer()), outline(), extents())
    return Areas(list(shapes), list(shapes.values()), BUILT_IN)


def load_areas(var_geo: Path | None) -> Areas:
    """The areas imported into the folder `var_geo`, or the built-in ones when there are none.

    Raises ConfigError when an import is there but cannot be read: to fall back in silence would put
    warnings on other ground than the office believes.
    """
    if var_geo is None or not var_geo.is_dir():
        return built_in_areas()
    from geo.imported import UnreadableAreas, read_imported

    try:
        imported = read_imported(var_geo)
    except UnreadableAreas as error:
        raise ConfigError(str(error)) from error
    return of_import(imported) if imported else built_in_areas()


def of_import(imported: "ImportedAreas") -> Areas:
    """Areas of an import; mode names its file, its date, the number of units and how much of it is ours."""
    ours = len(imported.approximate)
    mode = (
        f"imported: {imported.file}, {imported.imported_on.isoformat()}, {len(imported.codes) - ours} units"
    )
    if ours:
        mode += f", {ours} tambon {BUILT_IN}"
    return Areas(imported.codes, imported.geometries, mode, imported.approximate)
