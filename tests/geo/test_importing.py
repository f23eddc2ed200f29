"""The office's own boundaries, dirty as they come, in all four formats."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geo.areas import load_areas
from geo.errors import ConfigError, NotAllowed
from geo.gazetteer import gazetteer
from geo.importing import import_areas
from tests.shared_data import shared_data

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # already the 23rd in Bangkok
DRIVERS = {".geojson": "GeoJSON", ".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".shp": "ESRI Shapefile"}
SQUARE = shapely.box(100.0, 7.6, 100.02, 7.62)
BOW_TIE = shapely.Polygon([(100.02, 7.6), (100.04, 7.62), (100.04, 7.6), (100.02, 7.62)])
DIRTY = [
    ("TH930101", SQUARE),
    ("TH930103", BOW_TIE),
    ("TH930104", shapely.box(100.04, 7.6, 100.05, 7.62)),
    ("TH930104", shapely.box(100.05, 7.6, 100.06, 7.62)),
    ("TH930102", shapely.box(100.06, 7.6, 100.08, 7.62)),  # a hole in the codes
    ("TH900101", shapely.box(100.08, 7.6, 100.1, 7.62)),  # Songkhla
    ("TH9301", shapely.box(100.1, 7.6, 100.12, 7.62)),
    ("TH930105", shapely.Polygon([(100, 7), (100, 7.1), (100, 7)])),  # no surface
]


def write(
    path: Path,
    rows: Sequence[tuple[object, shapely.Geometry]],
    name: str = "ADM3_PCODE",
    crs: str | None = "EPSG:4326",
) -> Path:
    codes = [code for code, _ in rows]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([shape for _, shape in rows], dtype=object)),
        field_data=[np.array(codes, dtype=object if isinstance(codes[0], str) else None)],
        fields=[name],
        geometry_type="Unknown" if path.suffix in (".gpkg", ".fgb") else "Polygon",
        crs=crs,
        driver=DRIVERS[path.suffix],
        **({"SPATIAL_INDEX": "NO"} if path.suffix == ".fgb" else {}),  # which would reorder the features
    )
    return path


@pytest.mark.parametrize("suffix", DRIVERS)
def test_dirty_polygons_are_mended_and_reported(tmp_path: Path, suffix: str) -> None:
    report = import_areas(write(tmp_path / f"in{suffix}", DIRTY), {}, tmp_path / "geo", NOW, partial=True)
    assert (report.features, report.units, report.of_province) == (8, 5, 3)
    assert report.code_field == "ADM3_PCODE"
    assert report.repaired == ("930103",)
    assert report.merged == {"930104": 2}
    assert report.unknown == ("930102",) and report.outside_province == 2
    assert sorted(report.rejected) == ["7", "8"]
    assert "not 6 digits" in report.rejected["7"] and "no surface" in report.rejected["8"]
    assert len(report.missing) == 62 and "930101" not in report.missing

    areas = load_areas(tmp_path / "geo")
    assert areas.mode == f"imported: in{suffix}, 2026-11-23, 5 units, 62 tambon built-in approximation"
    assert not areas.is_built_in
    given = {"900101", "930101", "930102", "930103", "930104"}
    assert set(areas.codes) - areas.approximate == given
    assert (areas.at(7.61, 100.01), areas.at(7.61, 100.054), areas.at(7.61, 100.022)) == (
        "930101",
        "930104",
        "930103",
    )
    assert shapely.is_valid(areas.geometries).all()
    touched = set(areas.touching(shapely.box(100.01, 7.604, 100.052, 7.616)))
    assert touched & given == {"930101", "930103", "930104"}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("๙๓๐๑๐๑", id="thai-digits"),
        pytest.param(" th930101 ", id="blanks-and-small-letters"),
        pytest.param(930101, id="integer"),
        pytest.param(930101.0, id="float-from-a-spreadsheet"),
    ],
)
def test_codes_as_offices_write_them(tmp_path: Path, code: object) -> None:
    file = write(tmp_path / "in.gpkg", [(code, SQUARE)], name="my_code")
    assert import_areas(file, {"code": "my_code"}, tmp_path / "geo", NOW, partial=True).of_province == 1
    areas = load_areas(tmp_path / "geo")
    assert set(areas.codes) - areas.approximate == {"930101"}


@pytest.mark.parametrize("crs", ["EPSG:32647", "EPSG:24047"])
def test_metres_are_brought_to_degrees(tmp_path: Path, crs: str) -> None:
    from pyproj import Transformer

    metres = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    moved = shapely.transform(SQUARE, lambda xy: np.column_stack(metres.transform(*xy.T)))
    report = import_areas(
        write(tmp_path / "in.shp", [("930101", moved)], "code", crs), {}, tmp_path / "geo", NOW, partial=True
    )
    assert any("WGS84" in note for note in report.notes)
    assert load_areas(tmp_path / "geo").at(7.61, 100.01) == "930101"


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_shapefile_without_coordinate_system_is_taken_with_a_note(tmp_path: Path) -> None:
    report = import_areas(
        write(tmp_path / "in.shp", [("930101", SQUARE)], "code", None),
        {},
        tmp_path / "geo",
        NOW,
        partial=True,
    )
    assert "taken for WGS84" in report.notes[0]


SWAPPED = shapely.box(7.6, 100.0, 7.7, 100.1)
METRES = shapely.box(610_000, 840_000, 620_000, 850_000)


@pytest.mark.parametrize(
    ("name", "rows", "field", "fields", "says"),
    [
        pytest.param("in.gpkg", [("930101", SQUARE)], "nothing_known", {}, "code=FIELD", id="no-known-field"),
        pytest.param(
            "in.gpkg", [("930101", SQUARE)], "code", {"code": "kode"}, "it has code", id="field-misspelt"
        ),
        pytest.param(
            "in.gpkg", [("930101", SQUARE)], "code", {"th": "x"}, "only code=FIELD", id="odd-mapping"
        ),
        pytest.param("in.gpkg", [("Khuha Sawan", SQUARE)], "code", {}, "not 6 digits", id="names-for-codes"),
        pytest.param(
            "in.gpkg", [("100101", SQUARE)], "code", {}, "none of its 1 codes", id="another-province"
        ),
        pytest.param("in.gpkg", [("930101", SWAPPED)], "code", {}, "swapped", id="lat-lon-swapped"),
        pytest.param(
            "in.geojson", [("930101", METRES)], "code", {}, "not degrees", id="metres-called-degrees"
        ),
    ],
)
def test_refusals_say_how_to_mend(
    tmp_path: Path,
    name: str,
    rows: list[tuple[object, shapely.Geometry]],
    field: str,
    fields: dict[str, str],
    says: str,
) -> None:
    good = import_areas(
        write(tmp_path / "good.fgb", [("930101", SQUARE)], "code"), {}, tmp_path / "geo", NOW, partial=True
    )
    with pytest.raises(NotAllowed, match=says):
        import_areas(write(tmp_path / name, rows, field), fields, tmp_path / "geo", NOW)
    assert good.file in load_areas(tmp_path / "geo").mode  # the earlier import stands


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        pytest.param("absent.gpkg", None, "no such file", id="absent"),
        pytest.param("in.zip", b"PK", "unpack", id="zip"),
        pytest.param("in.shp", b"", "shx", id="shapefile-alone"),
        pytest.param("in.geojson", b"<html>", "cannot be read", id="html"),
        pytest.param("in.gpkg", b"half a", "cannot be read", id="half"),
    ],
)
def test_unreadable_files_are_refused(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(NotAllowed, match=says):
        import_areas(tmp_path / name, {}, tmp_path / "geo", NOW)
    assert not (tmp_path / "geo").exists()


def test_a_broken_import_stops_the_start_instead_of_falling_back(tmp_path: Path) -> None:
    import_areas(
        write(tmp_path / "in.fgb", [("930101", SQUARE)], "code"), {}, tmp_path / "geo", NOW, partial=True
    )
    (tmp_path / "geo" / "areas.fgb").write_bytes(b"torn")
    with pytest.raises(ConfigError, match="import the file again"):
        load_areas(tmp_path / "geo")


def test_the_true_province(tmp_path: Path) -> None:
    report = import_areas(shared_data("geo/phatthalung_tambons_full.geojson"), {}, tmp_path, NOW)
    assert (report.units, report.of_province, report.missing, report.seamless) == (65, 65, (), True)
    areas = load_areas(tmp_path)
    places = gazetteer()
    assert all(areas.at(tambon.lat, tambon.lon) == tambon.code for tambon in places.tambons.values())
    assert all(
        areas.at(gauge.lat, gauge.lon) == gauge.tambon
        for gauge in places.gauges.values()
        if not gauge.place_rounded
    )
    assert areas.at(7.62, 100.2) == "930109"  # out on the lake


def test_all_thailand(tmp_path: Path) -> None:
    report = import_areas(shared_data("geo/thailand_tambons_simplified.geojson"), {}, tmp_path, NOW)
    assert (report.units, report.of_province, report.outside_province) == (7425, 65, 7360)
    assert report.missing == () == report.unknown
    assert load_areas(tmp_path).at(13.7563, 100.5018) is not None
