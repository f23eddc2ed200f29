"""A file with some of the tambon: refused by itself, laid over the map when the office says so."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely

from geo.areas import built_in_areas, load_areas
from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.importing import Incomplete, import_areas
from geo.voronoi import outline
from tests.geo.test_importing import NOW, SQUARE, write
from tests.shared_data import shared_data

FULL = "geo/phatthalung_tambons_full.geojson"


def test_one_tambon_is_refused_and_the_map_stays(tmp_path: Path) -> None:
    file = write(tmp_path / "one.fgb", [("930101", SQUARE)], "code")
    with pytest.raises(Incomplete) as refused:
        import_areas(file, {}, tmp_path / "geo", NOW)
    thai, english = str(refused.value).split("\n")
    assert "ขาด 64" in thai and "--partial" in thai
    assert "only 1 of the office's 65" in english and "64 are missing" in english and "--partial" in english
    assert load_areas(tmp_path / "geo").is_built_in


def test_a_tambon_left_out_for_its_shape_is_told_with_the_reason(tmp_path: Path) -> None:
    line = shapely.LineString([(100, 7.6), (100.1, 7.7)])
    file = write(tmp_path / "two.gpkg", [("930101", SQUARE), ("930103", line)], "code")
    with pytest.raises(Incomplete, match="feature 2: 930103: no surface"):
        import_areas(file, {}, tmp_path / "geo", NOW)


def test_the_given_tambon_counts_where_it_lies_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    before = built_in_areas()
    file = write(tmp_path / "one.fgb", [("930101", SQUARE)], "code")
    report = import_areas(file, {}, tmp_path / "geo", NOW, partial=True)
    assert (report.units, len(report.missing), len(report.approximate)) == (1, 64, 64)
    areas = load_areas(tmp_path / "geo")
    assert len(areas) == 65 and "930101" not in areas.approximate and len(areas.approximate) == 64
    assert areas.outline("930101").equals(SQUARE)
    covered = shapely.union_all(areas.geometries)
    assert covered.area == pytest.approx(shapely.area(areas.geometries).sum(), abs=1e-7)  # none doubled
    assert outline().difference(covered).area < 1e-7  # none lost
    assert all(areas.rings(code) for code in areas.codes)  # and it can be drawn
    far = [code for code in before.codes if before.outline(code).distance(SQUARE) > 0.2]
    assert len(far) > 10 and all(
        areas.outline(c).symmetric_difference(before.outline(c)).area < 1e-9 for c in far
    )


def test_parts_add_up(tmp_path: Path) -> None:
    first = write(tmp_path / "first.fgb", [("930101", SQUARE)], "code")
    beside = shapely.box(100.01, 7.6, 100.03, 7.62)  # takes half of what the first gave
    second = write(tmp_path / "second.fgb", [("930103", beside)], "code")
    import_areas(first, {}, tmp_path / "geo", NOW, partial=True)
    import_areas(second, {}, tmp_path / "geo", NOW + timedelta(days=1), partial=True)
    areas = load_areas(tmp_path / "geo")
    assert areas.mode == (
        "imported: second.fgb over first.fgb, 2026-11-24, 2 units, 63 tambon built-in approximation"
    )
    assert (areas.at(7.61, 100.005), areas.at(7.61, 100.015)) == ("930101", "930103")


def test_one_tambon_mended_in_a_complete_map_makes_no_other_approximate(tmp_path: Path) -> None:
    import_areas(shared_data(FULL), {}, tmp_path / "geo", NOW)
    true = load_areas(tmp_path / "geo")
    grown = true.outline("930101").buffer(0.001)
    file = write(tmp_path / "one.gpkg", [("930101", grown)], "code")
    report = import_areas(file, {}, tmp_path / "geo", NOW, partial=True)
    areas = load_areas(tmp_path / "geo")
    assert report.approximate == () and len(areas) == 65 and not areas.approximate
    assert all(areas.at(t.lat, t.lon) == t.code for t in gazetteer().tambons.values())


def test_a_province_under_the_code_of_one_tambon_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "amphoe.fgb", [("930101", outline())], "code")
    with pytest.raises(NotAllowed, match="cover all the ground of other tambon"):
        import_areas(file, {}, tmp_path / "geo", datetime(2026, 11, 22, tzinfo=UTC), partial=True)
    assert not (tmp_path / "geo").exists()


def test_an_unreadable_earlier_import_is_a_sentence(tmp_path: Path) -> None:
    file = write(tmp_path / "one.fgb", [("930101", SQUARE)], "code")
    import_areas(file, {}, tmp_path / "geo", NOW, partial=True)
    (tmp_path / "geo" / "areas.fgb").write_bytes(b"torn")
    with pytest.raises(NotAllowed, match="import the file again"):
        import_areas(file, {}, tmp_path / "geo", NOW, partial=True)


def test_codes_that_belong_to_other_shapes_are_refused(tmp_path: Path) -> None:
    true = import_areas(shared_data(FULL), {}, tmp_path / "geo", NOW)
    assert not [note for note in true.notes if "own code" in note]
    areas = load_areas(tmp_path / "geo")
    shifted = [*areas.codes[7:], *areas.codes[:7]]
    file = write(tmp_path / "in.gpkg", list(zip(shifted, areas.geometries, strict=True)), "code")
    with pytest.raises(NotAllowed, match="do not lie in the shape that bears their code"):
        import_areas(file, {}, tmp_path / "new", NOW)


def test_one_shape_under_the_code_of_another_is_said(tmp_path: Path) -> None:
    import_areas(shared_data(FULL), {}, tmp_path / "geo", NOW)
    areas = load_areas(tmp_path / "geo")
    rows = [*zip(areas.codes, areas.geometries, strict=True), ("930101", areas.outline("930109"))]
    report = import_areas(write(tmp_path / "in.gpkg", rows, "code"), {}, tmp_path / "new", NOW)
    assert report.merged == {"930101": 2} and not report.seamless
    assert "look at them: 930109" in report.notes[-1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('{"type": "FeatureCollection", "features": []}', "no features", id="no-features"),
        pytest.param(
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "930101"}, "geometry": null}]}',
            "have no shapes",
            id="no-geometry",
        ),
    ],
)
def test_what_holds_nothing_says_so(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "in.geojson").write_text(text)
    with pytest.raises(NotAllowed, match=says):
        import_areas(tmp_path / "in.geojson", {}, tmp_path / "geo", NOW)
