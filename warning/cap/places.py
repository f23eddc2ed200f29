"""Are the places of a message known, and is what it draws near what it names?"""

from collections.abc import Iterator
from typing import Protocol

import shapely
from lxml import etree
from shapely.geometry import Point, Polygon

from warning.cap.bytes_in import NAMESPACE
from warning.cap.rules import text_of
from warning.cap.schema import Fault
from warning.cap.shapes import read_ring
from warning.words.facts import Both

_C = f"{{{NAMESPACE}}}"
# First two digits of DOPA codes, which are also the numbers of ISO 3166-2:TH (38 is Bueng Kan, since 2011).
PROVINCES = frozenset(
    f"{n:02d}" for span in (range(10, 28), range(30, 50), range(50, 59), range(60, 68), range(70, 78), range(80, 87),
                            range(90, 97)) for n in span
)  # fmt: skip
_FAR_DEG = 0.15  # about 16 km: our outlines are approximations, and a warning may reach over a border
_THAILAND = shapely.box(97.3, 5.6, 105.7, 20.5).buffer(1.0)  # lon, lat
_KM_PER_DEG = 111.0


class Known(Protocol):
    """Which tambon there are and where: `geo.areas.Areas`, of one province or of all."""

    def __contains__(self, code: object) -> bool: ...

    def outline(self, code: str) -> shapely.Geometry: ...


def strange_places(root: etree._Element, known: Known | None) -> Iterator[Fault]:
    """Marks for codes that are none of ours and shapes far from their code.

    known: None judges only what needs no list. A tambon is judged by the list only if the list has others of its province.
    """
    unknown, far = set(), False
    for area in root.iter(f"{_C}area"):
        tambons, thai = [], False
        for geocode in area.iter(f"{_C}geocode"):
            name, value = text_of(geocode, "valueName"), text_of(geocode, "value")
            if name == "TIS1099":
                thai = True
                if _is_unknown(value, known):
                    unknown.add(value)
                elif known is not None and value in known:
                    tambons.append(value)
            elif name == "ISO3166-2" and value.startswith("TH-"):
                thai = True
                if value[3:] not in PROVINCES and value != "TH-S":
                    unknown.add(value)
        far = far or _is_far(area, known, tambons, thai)
    for code in sorted(unknown):
        yield Fault("mark.geocode", Both(f"ไม่รู้จักรหัสพื้นที่ {code[:20]}", f"unknown place {code[:20]}"))
    if far:
        yield Fault("mark.far", Both("รูปพื้นที่อยู่ไกลจากรหัสพื้นที่", "what is drawn is far from the place it names"))


def _is_unknown(code: str, known: Known | None) -> bool:
    if len(code) != 6 or not code.isdecimal() or code[:2] not in PROVINCES or "00" in (code[2:4], code[4:]):
        return True
    return known is not None and code not in known and _covers(known, code[:2])


def _covers(known: Known, province: str) -> bool:
    """Every province has a first tambon in its first amphoe."""
    return f"{province}0101" in known


def _is_far(area: etree._Element, known: Known | None, tambons: list[str], thai: bool) -> bool:
    if not thai:
        return False
    shapes = [_drawn(drawn) for drawn in area.iter(f"{_C}polygon", f"{_C}circle")]
    if not shapes:
        return False
    if known is None or not tambons:
        return not any(_THAILAND.intersects(shape) for shape in shapes)
    return all(shape.distance(known.outline(code)) > _FAR_DEG for shape in shapes for code in tambons)


def _drawn(element: etree._Element) -> shapely.Geometry:
    """In lon, lat, as outlines are."""
    text = element.text or ""
    if element.tag == f"{_C}polygon":
        return Polygon([(lon, lat) for lat, lon in read_ring(text)])
    pair, radius = text.split()
    lat, lon = pair.split(",")
    return Point(float(lon), float(lat)).buffer(min(float(radius) / _KM_PER_DEG, 90.0))
