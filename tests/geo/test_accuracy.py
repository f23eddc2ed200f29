"""How often the built-in shapes are right, against the true boundaries. docs/geo.md prints these figures."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from geo.areas import Areas, built_in_areas
from geo.gazetteer import gazetteer
from geo.voronoi import Site, extents, sites
from tests.shared_data import shared_data


@pytest.fixture(scope="module")
def true_areas() -> Areas:
    features = json.loads(shared_data("geo/phatthalung_tambons_full.geojson").read_text("utf-8"))["features"]
    return Areas(
        [feature["properties"]["tambon_code"] for feature in features],
        [shape(feature["geometry"]) for feature in features],
        "true",
    )


def right(found: Sequence[str | None], true: Sequence[str | None]) -> tuple[float, float]:
    """Per cent of tambon, and of amphoe, that are right."""
    pairs = [(a or "", b) for a, b in zip(found, true, strict=True) if b]
    tambon = 100 * sum(a == b for a, b in pairs) / len(pairs)
    return tambon, 100 * sum(a[:4] == b[:4] for a, b in pairs) / len(pairs)


def test_random_points_of_the_province(true_areas: Areas) -> None:
    rng = np.random.default_rng(1)
    west, south, east, north = shapely.total_bounds(true_areas.geometries)
    lat, lon = rng.uniform(south, north, 20_000), rng.uniform(west, east, 20_000)
    true = true_areas.at_many(lat, lon)
    tambon, amphoe = right(built_in_areas().at_many(lat, lon), true)
    print(
        f"\nrandom points, lake included ({sum(c is not None for c in true)}): {tambon:.1f} % {amphoe:.1f} %"
    )
    assert tambon >= 82 and amphoe >= 91

    villages = shapely.multipoints(
        [(v.lon, v.lat) for v in gazetteer().villages.values() if v.lat is not None]
    )
    lived_in = shapely.dwithin(villages, shapely.points(lon, lat), 0.009)  # 1 km
    true_there = [code if near else None for code, near in zip(true, lived_in, strict=True)]
    tambon, amphoe = right(built_in_areas().at_many(lat, lon), true_there)
    there = sum(code is not None for code in true_there)
    print(f"within 1 km of a known village ({there}): {tambon:.1f} % {amphoe:.1f} %")
    assert tambon >= 88 and amphoe >= 95


def test_village_points_each_left_out_in_turn(true_areas: Areas) -> None:
    """The village points build the shapes, so each is judged by the others only, as the shapes would."""
    known, extent = sites(gazetteer()), extents()
    villages = [v for v in gazetteer().villages.values() if v.lat is not None and v.lon is not None]
    lat, lon = [v.lat or 0.0 for v in villages], [v.lon or 0.0 for v in villages]
    found = [_nearest_other(known, extent, at, on) for at, on in zip(lat, lon, strict=True)]
    tambon, amphoe = right(found, true_areas.at_many(lat, lon))
    print(f"\nvillage points, each left out ({len(villages)}): {tambon:.1f} % {amphoe:.1f} %")
    assert tambon >= 84 and amphoe >= 94


def _nearest_other(known: list[Site], extent: dict[str, shapely.Geometry], lat: float, lon: float) -> str:
    here = shapely.Point(lon, lat)
    others = [s for s in known if (s.lat, s.lon) != (lat, lon) and extent[s.tambon].intersects(here)]
    return min(others, key=lambda s: (s.lat - lat) ** 2 + (s.lon - lon) ** 2).tambon
