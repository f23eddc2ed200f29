"""Which tambon of ours an agency's bulletin touches: by the codes it names, its shapes, and how far its point is."""

import math
from collections.abc import Iterable
from datetime import datetime

import shapely

from geo.areas import Areas
from geo.gazetteer import gazetteer
from warning.observation import BulletinRow

EARTH_KM = 6_371.0088  # mean radius, IUGG
_MOST_KEPT = 2_000
# The same bulletins are asked for at every look; their shapes never change.
_TOUCHED: dict[tuple[str, str, str], frozenset[str]] = {}


def named_by(codes: Iterable[str]) -> frozenset[str]:
    """The tambon that codes of a changwat, an amphoe or a tambon cover; none for a place outside."""
    kept = tuple(code for code in codes if len(code) in (2, 4, 6) and code.isdecimal())
    return frozenset(t for t in gazetteer().tambons if t.startswith(kept)) if kept else frozenset()


def touched_by(row: BulletinRow, areas: Areas) -> frozenset[str]:
    """Our tambon that its rings (lat, lon) touch."""
    if not row.polygons:
        return frozenset()
    key = (row.source, row.key, areas.mode)
    if key not in _TOUCHED:
        if len(_TOUCHED) >= _MOST_KEPT:
            _TOUCHED.clear()
        drawn = [
            shapely.Polygon([(lon, lat) for lat, lon in ring]) for ring in row.polygons if len(ring) >= 4
        ]
        shape = shapely.unary_union([one if one.is_valid else one.buffer(0) for one in drawn])
        _TOUCHED[key] = frozenset(areas.touching(shape)) & gazetteer().tambons.keys()
    return _TOUCHED[key]


def near(row: BulletinRow, within_km: float) -> frozenset[str]:
    """Our tambon nearer to its point than `within_km`, or than the radius it tells itself."""
    reach = max(within_km, row.radius_km or 0.0)
    if row.lat is None or row.lon is None or reach <= 0:
        return frozenset()
    return frozenset(
        t.code for t in gazetteer().tambons.values() if distance_km(row.lat, row.lon, t.lat, t.lon) <= reach
    )


def places_of(row: BulletinRow, areas: Areas, within_km: float = 0.0) -> frozenset[str]:
    """Every tambon of ours it touches, in whichever way."""
    codes = [code for code in row.areas.split(",") if code]
    return named_by(codes) | touched_by(row, areas) | near(row, within_km)


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Along the sphere (haversine), degrees WGS 84."""
    north, south = math.radians(lat), math.radians(other_lat)
    half = math.sin((south - north) / 2) ** 2
    half += math.cos(north) * math.cos(south) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def in_force(row: BulletinRow, now: datetime, without_end_h: float) -> bool:
    """Announced and not over; one that tells no end counts for `without_end_h` hours."""
    ends = (
        row.effective_to.timestamp()
        if row.effective_to
        else row.announced_at.timestamp() + without_end_h * 3600
    )
    return row.announced_at <= now and ends > now.timestamp()
