"""Take in the office's own boundaries: GeoJSON, GeoPackage, FlatGeobuf or Shapefile.

What is dirty is mended and reported, what cannot be mended is left out with its reason, and what would
put warnings on the wrong ground (wrong field, wrong coordinates) is refused with the mend.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely
from pyproj import CRS, Transformer

from geo.errors import NotAllowed
from geo.gazetteer import Tambon, gazetteer
from geo.imported import ImportedAreas, UnreadableAreas, keep, read_imported
from geo.laying import laid_over
from geo.when import bangkok

_SUFFIXES = (".geojson", ".json", ".gpkg", ".fgb", ".shp")
_CODE_FIELDS = (
    "tambon_code", "adm3_pcode", "tb_idn", "tam_code", "tambon_id", "tambon_idn", "subdistrict_code",
    "dopa_code", "t_code", "tam_id", "geocode", "pcode", "code",
)  # fmt: skip
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_CODE = re.compile(r"(?:TH)?(\d{6})(?:\.0+)?", re.IGNORECASE)
_THAILAND = (97.0, 5.0, 106.0, 21.0)  # lon, lat, lon, lat


class Incomplete(NotAllowed):
    """The file lacks tambon of the office, and nobody said that it is meant as a part of the map."""


@dataclass(frozen=True)
class ImportReport:
    """What was taken and what was not. Numbers count units (codes) unless said otherwise."""

    file: str
    imported_on: date
    code_field: str
    features: int  # in the file
    units: int  # taken from it
    of_province: int  # of them those the gazetteer knows
    repaired: tuple[str, ...]  # codes whose shape was invalid and is mended
    merged: Mapping[str, int]  # code -> features joined to one unit
    rejected: Mapping[str, str]  # feature number (from 1) -> why it was left out
    outside_province: int  # codes the gazetteer does not know: kept, but no warning goes there
    unknown: tuple[str, ...]  # of them those that claim to be in the province
    missing: tuple[str, ...]  # tambon of the gazetteer the file has no shape for
    approximate: tuple[str, ...]  # of them those that stand on the map as our approximation
    seamless: bool  # borders fit without gap or overlap
    notes: tuple[str, ...] = field(default=())


def import_areas(
    file: Path, fields: Mapping[str, str], into: Path, now: datetime, *, partial: bool = False
) -> ImportReport:
    """Read boundaries, mend them, and keep them as FlatGeobuf in the folder `into` (made when missing).

    fields: {"code": NAME} names the field with the 6-digit code (930101, TH930101 or a number); empty:
    common names are tried. Coordinates of any known system are brought to WGS84; without one, degrees
    in Thailand are taken for WGS84. An earlier import is replaced only when this one succeeds.
    partial: the shapes are laid over those of an earlier import, and over our approximation where there is
    none; without it a file that lacks one tambon of the office is refused.

    Raises NotAllowed, with the mend, when nothing useful can be taken, Incomplete when tambon are missing;
    then nothing is changed.
    """
    info = _info(file)
    code_field = _code_field(file, list(info["fields"]), fields)
    meta, _, wkb, columns = pyogrio.raw.read(file, columns=[code_field], force_2d=True)
    shapes, notes = _in_degrees(file, shapely.from_wkb(wkb, on_invalid="ignore"), meta["crs"])
    parts, repaired, rejected = _mended(columns[0], shapes)
    if not parts:
        why = next(iter(rejected.values()), "it has no features")
        raise NotAllowed(
            f"{file.name}: no area with a 6-digit code in field {code_field!r} ({why}); "
            f"name the right field with --field code=FIELD (fields: {', '.join(info['fields'])})"
        )
    places = gazetteer().tambons
    codes = sorted(parts)
    known = [code for code in codes if code in places]
    if not known:
        raise NotAllowed(
            f"{file.name}: none of its {len(codes)} codes ({codes[0]} ...) is a tambon of Phatthalung; "
            "take the file of the province or of all Thailand"
        )
    missing = tuple(code for code in places if code not in parts)
    if missing and not partial:
        raise Incomplete(_incomplete(file, missing, places, rejected))
    shapes_of = {code: _joined(parts[code]) for code in codes}
    named = file.name
    approximate: tuple[str, ...] = ()
    if partial:
        earlier = _earlier(into)
        shapes_of, approximate = laid_over(shapes_of, _own(earlier))
        if gone := [code for code in places if code not in shapes_of]:
            raise NotAllowed(_swallowed(file, gone, places))
        named = " over ".join(dict.fromkeys([file.name, *(earlier.file.split(" over ") if earlier else ())]))
    units = np.array(list(shapes_of.values()), dtype=object)
    astray = _astray(shapes_of, known)
    if 2 * len(astray) > len(known) and not partial:
        th, en = _some(astray, places)
        raise NotAllowed(
            f"{file.name}: {len(astray)} ตำบลไม่อยู่ในรูปร่างที่มีรหัสของตน ({th}) ตรวจว่าช่องรหัสถูกต้อง (--field code=FIELD)\n"
            f"{file.name}: {len(astray)} tambon do not lie in the shape that bears their code ({en}); see that the "
            f"field of the code is right (--field code=FIELD; now {code_field!r})"
        )
    if astray:
        notes.append(f"not in the shape of their own code, look at them: {', '.join(astray)}")
    report = ImportReport(
        file=named,
        imported_on=bangkok(now).date(),
        code_field=code_field,
        features=len(shapes),
        units=len(codes),
        of_province=len(known),
        repaired=tuple(sorted(repaired)),
        merged={code: len(parts[code]) for code in codes if len(parts[code]) > 1},
        rejected=rejected,
        outside_province=len(codes) - len(known),
        unknown=tuple(code for code in codes if code.startswith("93") and code not in places),
        missing=missing,
        approximate=approximate,
        seamless=bool(shapely.coverage_is_valid(units)),
        notes=tuple(notes),
    )
    keep(into, list(shapes_of), units, asdict(report) | {"imported_on": report.imported_on.isoformat()})
    return report


def _astray(shapes: Mapping[str, shapely.Geometry], known: Sequence[str]) -> list[str]:
    """Tambon whose known inside point is not in the shape of their code, or also in one of another."""
    places = gazetteer().tambons
    tree = shapely.STRtree(list(shapes.values()))
    codes = list(shapes)
    points = shapely.points([(places[code].lon, places[code].lat) for code in known])
    owners: dict[str, set[str]] = {code: set() for code in known}
    for point, shape in tree.query(points, predicate="intersects").T:
        owners[known[point]].add(codes[shape])
    return [code for code in known if owners[code] != {code}]


def _earlier(folder: Path) -> ImportedAreas | None:
    try:
        return read_imported(folder)
    except UnreadableAreas as error:
        raise NotAllowed(str(error)) from error


def _own(earlier: ImportedAreas | None) -> dict[str, shapely.Geometry]:
    """What an office itself has given before; our approximation is made anew."""
    if earlier is None:
        return {}
    whole = dict(zip(earlier.codes, earlier.geometries, strict=True))
    return {code: shape for code, shape in whole.items() if code not in earlier.approximate}


def _incomplete(
    file: Path, missing: tuple[str, ...], places: Mapping[str, Tambon], rejected: Mapping[str, str]
) -> str:
    there = len(places) - len(missing)
    th, en = _some(missing, places)
    faults = "".join(f"\n  feature {number}: {why}" for number, why in list(rejected.items())[:5])
    return (
        f"{file.name}: มีเพียง {there} จาก {len(places)} ตำบลของสำนักงาน ขาด {len(missing)} ({th}) แผนที่เดิมไม่เปลี่ยน "
        "ใช้ไฟล์ที่ครบทั้งจังหวัดหรือทั้งประเทศ หรือใส่ --partial เพื่อวางตำบลเหล่านี้ทับแผนที่เดิม\n"
        f"{file.name}: only {there} of the office's {len(places)} tambon; {len(missing)} are missing ({en}). "
        "The map stays as it was. Take the file of the whole province or country, or add --partial to lay "
        f"these over the map as it is{faults}"
    )


def _swallowed(file: Path, gone: list[str], places: Mapping[str, Tambon]) -> str:
    th, en = _some(gone, places)
    return (
        f"{file.name}: รูปร่างคลุมพื้นที่ของตำบลอื่นทั้งตำบล ({th}) ตรวจว่าเป็นขอบเขตระดับตำบลและรหัสถูกต้อง\n"
        f"{file.name}: its shapes cover all the ground of other tambon ({en}); see that they are boundaries of "
        "tambon, not of an amphoe or province, and that the codes are right"
    )


def _some(codes: Sequence[str], places: Mapping[str, Tambon]) -> tuple[str, str]:
    """The first of them by name, Thai and English."""
    rest = " ..." if len(codes) > 4 else ""
    return (
        ", ".join(f"{code} {places[code].th}" for code in codes[:4]) + rest,
        ", ".join(f"{code} {places[code].en}" for code in codes[:4]) + rest,
    )


def _info(file: Path) -> dict[str, npt.NDArray[np.object_]]:
    if not file.exists():
        raise NotAllowed(f"{file}: no such file")
    if file.suffix.lower() not in _SUFFIXES:
        raise NotAllowed(f"{file.name}: give one of {', '.join(_SUFFIXES)} (unpack a .zip first)")
    if file.suffix.lower() == ".shp" and not file.with_suffix(".shx").exists():
        raise NotAllowed(
            f"{file.name}: its .shx and .dbf must lie beside it; copy all files of the shapefile"
        )
    try:
        info: dict[str, npt.NDArray[np.object_]] = pyogrio.read_info(file)
    except pyogrio.errors.DataSourceError as error:
        raise NotAllowed(
            f"{file.name}: cannot be read as {file.suffix[1:]} ({error}); export it again"
        ) from error
    return info


def _code_field(file: Path, there: list[str], fields: Mapping[str, str]) -> str:
    odd = set(fields) - {"code"}
    if odd:
        raise NotAllowed(f"unknown mapping {', '.join(sorted(odd))}: only code=FIELD can be given")
    if "code" in fields:
        if fields["code"] in there:
            return fields["code"]
        raise NotAllowed(f"{file.name}: no field {fields['code']!r}; it has {', '.join(there)}")
    if not there:
        raise NotAllowed(
            f"{file.name}: it has no features with a code; give a FeatureCollection of the tambon, "
            "each with its 6-digit code"
        )
    lower = {name.lower(): name for name in there}
    for name in _CODE_FIELDS:
        if name in lower:
            return lower[name]
    raise NotAllowed(
        f"{file.name}: no field known to hold the tambon code; name it with --field code=FIELD "
        f"(fields: {', '.join(there)})"
    )


def _in_degrees(
    file: Path, shapes: npt.NDArray[np.object_], crs: str | None
) -> tuple[npt.NDArray[np.object_], list[str]]:
    notes = []
    if crs is None:
        notes.append("the file names no coordinate system; its degrees were taken for WGS84")
    elif not CRS.from_user_input(crs).equals(CRS.from_epsg(4326), ignore_axis_order=True):
        to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
        notes.append(f"coordinates brought from {crs} to WGS84")
    west, south, east, north = shapely.total_bounds(shapes)
    if np.isnan(west):
        raise NotAllowed(f"{file.name}: its features have no shapes; export it with the geometry")
    if _THAILAND[0] <= west and _THAILAND[1] <= south and east <= _THAILAND[2] and north <= _THAILAND[3]:
        return shapes, notes
    if _THAILAND[0] <= south and north <= _THAILAND[2] and _THAILAND[1] <= west and east <= _THAILAND[3]:
        raise NotAllowed(f"{file.name}: latitude and longitude are swapped; export it as longitude, latitude")
    raise NotAllowed(
        f"{file.name}: coordinates ({west:.2f} {south:.2f} to {east:.2f} {north:.2f}) are not degrees in "
        "Thailand; give its coordinate system (.prj), or export it as WGS84 (EPSG:4326)"
    )


def _mended(
    codes: npt.NDArray[np.object_], shapes: npt.NDArray[np.object_]
) -> tuple[dict[str, list[shapely.Geometry]], set[str], dict[str, str]]:
    parts: dict[str, list[shapely.Geometry]] = defaultdict(list)
    repaired: set[str] = set()
    rejected: dict[str, str] = {}
    for number, (raw, shape) in enumerate(zip(codes, shapes, strict=True), start=1):
        match = _CODE.fullmatch(str(raw).strip().translate(_THAI_DIGITS))
        if match is None:
            rejected[str(number)] = f"code {raw!r} is not 6 digits"
            continue
        whole = shape if shape is not None and shape.is_valid else shapely.make_valid(shape)
        polygons = (
            [] if whole is None else [p for p in _flat(whole) if p.geom_type == "Polygon" and p.area > 0]
        )
        if not polygons:
            rejected[str(number)] = f"{match[1]}: no surface (empty, a line or a point)"
            continue
        if whole is not shape:
            repaired.add(match[1])
        parts[match[1]].append(shapely.union_all(polygons))
    return parts, repaired, rejected


def _flat(shape: shapely.Geometry) -> list[shapely.Geometry]:
    pieces = list(shapely.get_parts(shape))
    return [deep for piece in pieces for deep in shapely.get_parts(piece)]


def _joined(parts: list[shapely.Geometry]) -> shapely.Geometry:
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)
