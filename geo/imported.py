"""The boundaries an office took in, as they lie in its own folder: shapes as FlatGeobuf, their story as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio.errors
import pyogrio.raw
import shapely

_SHAPES, _STORY = "areas.fgb", "areas.json"


class UnreadableAreas(Exception):
    """An import is there but cannot be read any more; says how to mend it."""


@dataclass(frozen=True)
class ImportedAreas:
    file: str
    imported_on: date
    codes: tuple[str, ...]
    geometries: tuple[shapely.Geometry, ...]
    approximate: tuple[str, ...]  # codes nobody has given a shape: ours


def keep(
    into: Path, codes: Sequence[str], units: npt.NDArray[np.object_], story: Mapping[str, object]
) -> None:
    """Write units (Polygon or MultiPolygon, WGS84) and the story of their import; replaces an earlier one."""
    into.mkdir(parents=True, exist_ok=True)
    fresh = into / f"new-{_SHAPES}"
    many = [shapely.multipolygons(shapely.get_parts(unit)) for unit in units]
    pyogrio.raw.write(
        fresh,
        geometry=shapely.to_wkb(np.array(many, dtype=object)),
        field_data=[np.array(list(codes), dtype=object)],
        fields=["code"],
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
        driver="FlatGeobuf",
    )
    fresh.replace(into / _SHAPES)
    fresh_story = into / f"new-{_STORY}"
    fresh_story.write_text(
        json.dumps({**story, "shapes": _SHAPES}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    fresh_story.replace(into / _STORY)


def read_imported(folder: Path) -> ImportedAreas | None:
    """What `keep` wrote in a folder, None when nothing was. Raises UnreadableAreas."""
    if not (folder / _STORY).exists():
        return None
    try:
        story = json.loads((folder / _STORY).read_text(encoding="utf-8"))
        _, _, wkb, (codes,) = pyogrio.raw.read(folder / story["shapes"], columns=["code"])
        imported_on = date.fromisoformat(story["imported_on"])
        geometries = tuple(shapely.from_wkb(wkb))
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        pyogrio.errors.DataSourceError,
        shapely.errors.GEOSException,
    ) as error:
        raise UnreadableAreas(
            f"the imported areas in {folder} cannot be read ({error}); import the file again "
            f"(raksa geo import FILE), or delete {folder / _STORY} to use the built-in approximation"
        ) from error
    return ImportedAreas(
        story["file"],
        imported_on,
        tuple(str(code) for code in codes),
        geometries,
        tuple(story.get("approximate", ())),
    )
