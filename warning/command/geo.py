"""`raksa geo`: take the office's own boundaries, and ask the map."""

import argparse
import json
import sys
from math import isfinite
from pathlib import Path
from typing import Any

import shapely

from geo.areas import load_areas
from geo.errors import ConfigError
from geo.gazetteer import UnknownPlace, gazetteer
from geo.importing import Incomplete, import_areas
from geo.rivers import downstream
from warning.clock import WallClock
from warning.opening import var_folder


def add(parsers: Any) -> None:
    verbs = parsers.add_parser("geo", help="boundaries and places").add_subparsers(dest="verb", required=True)
    take = verbs.add_parser(
        "import", help="replace the built-in shapes (GeoJSON, GeoPackage, FlatGeobuf, Shapefile)"
    )
    take.add_argument("file", type=Path)
    take.add_argument(
        "--field", action="append", default=[], metavar="code=NAME", help="which field holds the code"
    )
    take.add_argument(
        "--partial",
        action="store_true",
        help="the file holds some tambon only: lay them over the map as it is",
    )
    take.set_defaults(call=import_file)
    where = verbs.add_parser("where", help="which tambon a point is in")
    where.add_argument("lat", type=float)
    where.add_argument("lon", type=float)
    where.set_defaults(call=find)
    touch = verbs.add_parser("touch", help="which tambon a polygon touches (a GeoJSON geometry or feature)")
    touch.add_argument("file", type=Path)
    touch.set_defaults(call=touching)
    down = verbs.add_parser("downstream", help="where the water of a gauge or tambon goes next, and when")
    down.add_argument("start")
    down.set_defaults(call=follow)


def import_file(chosen: argparse.Namespace) -> int:
    """0: taken; 1: the file lacks tambon of the office, and nothing was changed."""
    if wrong := [pair for pair in chosen.field if "=" not in pair]:
        raise ConfigError(f"--field {wrong[0]}: write it as code=NAME, such as code=TA_ID")
    fields = dict(pair.split("=", 1) for pair in chosen.field)
    try:
        report = import_areas(
            chosen.file, fields, var_folder() / "geo", WallClock().now(), partial=chosen.partial
        )
    except Incomplete as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{report.file}: {report.units} units taken, {report.of_province} of them in this province")
    print(
        f"  repaired: {len(report.repaired)}  joined: {len(report.merged)}  left out: {len(report.rejected)}"
    )
    for feature, why in list(report.rejected.items())[:20]:
        print(f"  feature {feature}: {why}")
    if report.missing:
        print(
            f"  ไม่มีในไฟล์ {len(report.missing)} ตำบล คงรูปเดิม เป็นรูปโดยประมาณ {len(report.approximate)} / "
            f"{len(report.missing)} tambon not in the file keep what they had, {len(report.approximate)} of them our approximation"
        )
    if report.merged:
        print(f"  given in several features: {', '.join(sorted(report.merged)[:20])}")
    if not report.seamless:
        print("  ขอบเขตซ้อนกันหรือมีช่องว่าง / borders overlap or leave gaps")
    if report.unknown:
        print(f"  codes of this province nobody knows: {', '.join(report.unknown)}")
    for note in report.notes:
        print(f"  {note}")
    return 0


def find(chosen: argparse.Namespace) -> int:
    if not (isfinite(chosen.lat) and isfinite(chosen.lon)):
        raise ConfigError("a point needs two numbers: latitude, then longitude, such as 7.617 100.077")
    code = load_areas(var_folder() / "geo").at(chosen.lat, chosen.lon)
    if code is None:
        print("ไม่อยู่ในตำบลใดของแผนที่ / not in any tambon of the map", file=sys.stderr)
        if load_areas(var_folder() / "geo").at(chosen.lon, chosen.lat):
            print(
                "สลับที่กัน: ละติจูดก่อน แล้วลองจิจูด / swapped: latitude comes first, then longitude",
                file=sys.stderr,
            )
        return 1
    print(code, _name(code))
    return 0


def touching(chosen: argparse.Namespace) -> int:
    try:
        raw = json.loads(chosen.file.read_text(encoding="utf-8"))
        shape = shapely.from_geojson(json.dumps(raw.get("geometry", raw)))
    except (OSError, ValueError, AttributeError, shapely.errors.GEOSException) as error:
        raise ConfigError(f"{chosen.file}: not a GeoJSON geometry or feature ({error})") from error
    for code in load_areas(var_folder() / "geo").touching(shape):
        print(code, _name(code))
    return 0


def follow(chosen: argparse.Namespace) -> int:
    try:
        arrivals = downstream(chosen.start)
    except UnknownPlace as error:
        raise ConfigError(str(error)) from error
    for arrival in arrivals:
        print(
            f"{arrival.minutes:5d} min  {arrival.tambon} {_name(arrival.tambon)}{'  (estimate)' if arrival.estimate else ''}"
        )
    return 0


def _name(code: str) -> str:
    places = gazetteer()
    return f"{places.tambon(code).th} {places.tambon(code).en}" if code in places.tambons else ""
