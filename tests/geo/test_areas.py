"""Point to tambon, polygon to tambon: laws of a partition, and the imported areas' own edges."""

import statistics
from time import perf_counter

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.areas import Areas, built_in_areas, load_areas
from geo.gazetteer import gazetteer
from geo.voronoi import outline, sites

AREAS = built_in_areas()
OUTLINE = outline()
WEST, SOUTH, EAST, NORTH = OUTLINE.bounds


def points() -> st.SearchStrategy[tuple[float, float]]:
    return st.tuples(st.floats(SOUTH, NORTH), st.floats(WEST, EAST))


def test_every_tambon_has_a_valid_shape_and_all_fill_the_outline() -> None:
    assert AREAS.codes == tuple(gazetteer().tambons)
    assert shapely.is_valid(AREAS.geometries).all()
    assert sum(shapely.area(AREAS.geometries)) == pytest.approx(OUTLINE.area, rel=1e-9)
    assert shapely.area(shapely.union_all(AREAS.geometries)) == pytest.approx(OUTLINE.area, rel=1e-9)


@given(points())
def test_a_point_has_a_tambon_exactly_when_it_is_in_the_outline(point: tuple[float, float]) -> None:
    lat, lon = point
    code = AREAS.at(lat, lon)
    here = shapely.Point(lon, lat)
    if code is None:
        assert not shapely.contains(OUTLINE, here)
    else:
        assert OUTLINE.distance(here) < 1e-6
        strictly = [c for c in AREAS.codes if shapely.contains(AREAS.outline(c), here)]
        assert strictly in ([], [code])
    assert AREAS.at_many([lat], [lon]) == [code]


@given(points(), st.floats(0.001, 0.3), st.floats(0.001, 0.3))
def test_touching_finds_what_asking_every_area_finds(
    point: tuple[float, float], wide: float, high: float
) -> None:
    lat, lon = point
    flood = shapely.Point(lon, lat).buffer(1.0)
    flood = shapely.transform(flood, lambda xy: (xy - [lon, lat]) * [wide, high] + [lon, lat])
    ring = flood.difference(shapely.Point(lon, lat).buffer(min(wide, high) / 2))
    for shape in (flood, ring, shapely.MultiPolygon([flood, shapely.box(99, 7, 99.9, 7.6)]), flood.exterior):
        slow = [code for code in AREAS.codes if shapely.intersects(AREAS.outline(code), shape)]
        assert AREAS.touching(shape) == slow


def test_touching_takes_any_shape() -> None:
    lat, lon = gazetteer().tambon("930101").lat, gazetteer().tambon("930101").lon
    assert AREAS.touching(shapely.Point(lon, lat)) == ["930101"] == [AREAS.at(lat, lon)]
    assert AREAS.touching(OUTLINE) == list(AREAS.codes)
    assert AREAS.touching(shapely.Polygon()) == []
    assert AREAS.touching(shapely.box(0, 0, 1, 1)) == []
    assert AREAS.touching(shapely.box(95, 0, 110, 20)) == list(AREAS.codes)  # all inside, no edge touched


def test_an_area_with_an_island_and_a_hole() -> None:
    lake = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    areas = Areas(
        ["B", "A"], [shapely.union(lake, shapely.box(20, 0, 21, 1)), shapely.box(4.5, 4.5, 5, 5)], "t"
    )
    assert areas.codes == ("A", "B")
    assert (areas.at(4.7, 4.7), areas.at(0.5, 20.5), areas.at(5.5, 5.5), areas.at(1, 1)) == (
        "A",
        "B",
        None,
        "B",
    )
    assert areas.touching(shapely.box(4.2, 4.2, 4.3, 4.3)) == []  # in the hole
    assert areas.touching(shapely.box(19, -1, 22, 2)) == ["B"]  # swallows the island whole
    assert len(areas.rings("B")) == 3
    with pytest.raises(ValueError, match="each code once"):
        Areas(["A", "A"], [lake, lake], "t")


def test_every_point_we_know_is_in_its_tambon() -> None:
    known = sites(gazetteer())
    found = AREAS.at_many([site.lat for site in known], [site.lon for site in known])
    assert found == [site.tambon for site in known]


def test_far_points_and_odd_counts() -> None:
    assert AREAS.at(13.75, 100.5) is None
    assert AREAS.at_many([], []) == []
    with pytest.raises(ValueError, match="2 latitudes but 1"):
        AREAS.at_many([7.6, 7.7], [100.0])


def test_rings_draw_every_tambon() -> None:
    for code in AREAS.codes:
        rings = AREAS.rings(code)
        assert rings and all(ring[0] == ring[-1] and len(ring) >= 4 for ring in rings)
        area = sum(shapely.Polygon(ring).area for ring in rings)
        assert area == pytest.approx(AREAS.outline(code).area, rel=0.1)


def test_built_in_says_so() -> None:
    assert (load_areas(None).mode, load_areas(None).is_built_in) == ("built-in approximation", True)


def test_a_river_over_all_thailand_is_found_faster_than_by_plain_tree() -> None:
    """7,400 areas of 200 corners. A ratio, since absolute times are for the bench."""
    rng = np.random.default_rng(3)
    seeds = shapely.multipoints(np.c_[rng.uniform(97, 106, 7400), rng.uniform(6, 20, 7400)])
    rough = [
        shapely.Polygon(shapely.get_coordinates(shapely.segmentize(cell, cell.length / 190)))
        for cell in shapely.get_parts(shapely.voronoi_polygons(seeds))
    ]
    areas = Areas([f"{at:06d}" for at in range(len(rough))], rough, "t")
    along = np.linspace(0, 9, 160)
    wkb = shapely.to_wkb(shapely.LineString(np.c_[98.5 + along * 0.66, 12 + 2 * np.sin(along)]).buffer(0.02))
    tree = shapely.STRtree(rough)
    river = shapely.from_wkb(wkb)
    expected = sorted(tree.query(river, predicate="intersects").tolist())
    assert [int(code) for code in areas.touching(river)] == expected

    def median_ms(found: object) -> float:
        spent = []
        for _ in range(9):
            start = perf_counter()
            found(shapely.from_wkb(wkb))  # type: ignore[operator]
            spent.append(perf_counter() - start)
        return statistics.median(spent) * 1000

    assert median_ms(areas.touching) < median_ms(lambda shape: tree.query(shape, predicate="intersects"))
