"""The province as a picture: one shape a tambon, its level by colour, hatch, figure and word. Pure: values in, SVG text out.

Names are placed where they cover neither a mark nor each other, the most urgent first; what finds no room stays out of
the picture (it is still read on pointing at the shape, and in the list beside the map).
"""

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

import shapely

Ring = Sequence[tuple[float, float]]  # lon, lat


class Cell(NamedTuple):
    """One tambon. `level` 5 Extreme .. 2 Minor, 1 watched and quiet, 0 no instrument, -1 its instruments are silent."""

    code: str
    name: str
    level: int
    word: str  # what the level means, in the reader's language
    lat: float  # where its mark stands
    lon: float
    group: str = ""  # its amphoe: a border is drawn between groups


class Mark(NamedTuple):
    """A gauge: a point with a word."""

    name: str
    lat: float
    lon: float
    over_bank: bool


WIDTH = 640.0
_PAD = 12.0
_MARK_R = 12.0
_SLIVER = 0.6
_CLOSE = 0.7  # a close-up when the marks take less than this part of the picture
_CLOSE_PAD = (86.0, 50.0)  # room for names beside the outermost marks
_LETTER, _LINE = 7.4, 20.0  # room one letter and one line of a name take, in picture units

# Level has a shape of its own beside its colour and figure, as on the chips: 5 hexagon, 4 triangle, 3 diamond, 2 circle.
_SHAPES = {
    5: '<path d="M-13 0L-6.5 -11.3H6.5L13 0L6.5 11.3H-6.5Z"/>',
    4: '<path d="M0 -15L14.5 10.5H-14.5Z"/>',
    3: '<path d="M0 -14.5L14.5 0L0 14.5L-14.5 0Z"/>',
    2: '<circle r="11.5"/>',
}


class _Frame(NamedTuple):
    west: float
    north: float
    scale: float  # picture units a degree of longitude
    squeeze: float  # degrees of latitude are longer than those of longitude
    height: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return (
            round(_PAD + (lon - self.west) * self.scale, 1),
            round(_PAD + (self.north - lat) * self.scale * self.squeeze, 1),
        )


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def tambon_map(
    cells: Sequence[Cell],
    rings: Mapping[str, Sequence[Ring]],
    gauges: Sequence[Mark],
    *,
    title: str,
    groups: Mapping[str, str] | None = None,
    link: str = "",
) -> str:
    """SVG text. rings: outlines by tambon code, longitude-latitude; a cell without one is left out.

    groups: names of the amphoe by code, written where there is room. link: address of a tambon, `{code}` filled in.
    """
    drawn = [cell for cell in cells if rings.get(cell.code)]
    if not drawn:
        return ""
    frame = _frame([ring for cell in drawn for ring in rings[cell.code]])
    marked = [cell for cell in drawn if cell.level >= 2]
    taken = [_around(*frame.at(cell.lon, cell.lat), _MARK_R) for cell in marked]
    taken += [_around(*frame.at(mark.lon, mark.lat), 6) for mark in gauges]
    return "".join(
        (
            f'<svg class="map whole" viewBox="0 0 {WIDTH:g} {frame.height:.0f}" role="{"group" if link else "img"}" '
            f'aria-label="{escape(title)}">',
            f'<title>{escape(title)}</title>{_PATTERNS}<g id="province" class="province">',
            *(_shape(cell, rings[cell.code], frame, link) for cell in drawn),
            _borders(drawn, rings, frame),
            *(_gauge(mark, frame) for mark in gauges),
            *(_symbol(cell, frame) for cell in marked),
            *_names(marked, frame, taken),
            *_group_names(drawn, groups or {}, frame, taken),
            "</g></svg>",
            _close_up([frame.at(cell.lon, cell.lat) for cell in marked]),
        )
    )


def _close_up(marks: Sequence[tuple[float, float]]) -> str:
    """The same picture cut to the tambon under alert, for a telephone; a reader of the whole map hears it once."""
    if not marks:
        return ""
    aside, above = _CLOSE_PAD
    left, right = min(x for x, _ in marks) - aside, max(x for x, _ in marks) + aside
    top, bottom = min(y for _, y in marks) - above, max(y for _, y in marks) + above
    if right - left > _CLOSE * WIDTH:
        return ""
    box = f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}"
    return f'<svg class="map close-up" viewBox="{box}" aria-hidden="true"><use href="#province"/></svg>'


_PATTERNS = (
    '<defs><pattern id="blind" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" class="hatch-ground"/><line x1="0" y1="0" x2="0" y2="7" class="hatch-line"/></pattern></defs>'
)


def _frame(rings: Sequence[Ring]) -> _Frame:
    points = [point for ring in rings for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = 1 / math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * _PAD) / (east - west)
    return _Frame(west, north, scale, squeeze, (north - south) * scale * squeeze + 2 * _PAD)


def _shape(cell: Cell, rings: Sequence[Ring], frame: _Frame, link: str) -> str:
    path = "".join(
        "M" + "L".join(f"{x} {y}" for x, y in (frame.at(*p) for p in ring)) + "Z" for ring in rings
    )
    name = {0: "blind", -1: "silent"}.get(cell.level, f"level-{cell.level}")
    words = escape(f"{cell.name}: {cell.word}")
    shape = f'<path class="area {name}" fill-rule="evenodd" d="{path}"><title>{words}</title></path>'
    return (
        f'<a href="{escape(link.format(code=cell.code))}" aria-label="{words}">{shape}</a>' if link else shape
    )


def _borders(cells: Sequence[Cell], rings: Mapping[str, Sequence[Ring]], frame: _Frame) -> str:
    """The outline of each amphoe. Its tambon are joined over slivers of a unit, which simplified borders may leave."""
    shapes: defaultdict[str, list[shapely.Geometry]] = defaultdict(list)
    for cell in cells:
        shapes[cell.group] += [
            shapely.Polygon([frame.at(*p) for p in r]).buffer(_SLIVER) for r in rings[cell.code]
        ]
    path = ""
    for group in sorted(shapes):
        for part in shapely.get_parts(shapely.unary_union(shapes[group]).buffer(-_SLIVER).simplify(0.3)):
            corners = shapely.get_coordinates(part.exterior).round(1).tolist()
            path += "M" + "L".join(f"{x:g} {y:g}" for x, y in corners) + "Z"
    return f'<path class="border" d="{path}"/>'


def _symbol(cell: Cell, frame: _Frame) -> str:
    x, y = frame.at(cell.lon, cell.lat)
    low = 8 if cell.level == 4 else 4.5  # a triangle's middle is low
    return (
        f'<g class="mark" transform="translate({x} {y})"><g>{_SHAPES.get(cell.level, "")}'
        f'<text y="{low}" text-anchor="middle">{cell.level}</text></g></g>'
    )


def _gauge(mark: Mark, frame: _Frame) -> str:
    x, y = frame.at(mark.lon, mark.lat)
    over = " over" if mark.over_bank else ""
    return (
        f'<g class="gauge{over}"><rect x="{x - 4}" y="{y - 4}" width="8" height="8" transform="rotate(45 {x} {y})"/>'
        f"<title>{escape(mark.name)}</title></g>"
    )


def _around(x: float, y: float, reach: float) -> _Box:
    return _Box(x - reach, y - reach, x + reach, y + reach)


def _room(name: str) -> float:
    """About how wide a name is; Thai vowels and tone marks above and below take no width."""
    return _LETTER * sum(unicodedata.category(letter) not in {"Mn", "Me"} for letter in name)


def _place(
    name: str, spots: Iterator[tuple[float, float]], kind: str, height: float, taken: list[_Box]
) -> str:
    """The name at the first spot where it fits; '' when none does. `taken` grows by what was placed."""
    half = _room(name) / 2
    for x, y in spots:
        box = _Box(x - half, y - _LINE / 2, x + half, y + _LINE / 2)
        inside = box.left >= 0 and box.right <= WIDTH and box.top >= 0 and box.bottom <= height
        if inside and not any(box.meets(other) for other in taken):
            taken.append(box)
            return f'<text class="{kind}" x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle">{escape(name)}</text>'
    return ""


def _names(marked: Sequence[Cell], frame: _Frame, taken: list[_Box]) -> Iterator[str]:
    """Names of the tambon under alert, the most severe first, beside their marks."""
    for cell in sorted(marked, key=lambda c: (-c.level, c.code)):
        x, y = frame.at(cell.lon, cell.lat)
        aside = _room(cell.name) / 2 + _MARK_R + 3
        below = _MARK_R + _LINE / 2 + 1
        spots = iter(((x, y + below), (x + aside, y), (x - aside, y), (x, y - below)))
        yield _place(cell.name, spots, "name", frame.height, taken)


def _group_names(
    cells: Sequence[Cell], groups: Mapping[str, str], frame: _Frame, taken: list[_Box]
) -> Iterator[str]:
    """Names of the amphoe: in their middle, else at one of their tambon."""
    for code, name in groups.items():
        points = [frame.at(cell.lon, cell.lat) for cell in cells if cell.group == code]
        if not points:
            continue
        middle = (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
        near = sorted(points, key=lambda p: math.dist(p, middle))
        yield _place(name, iter((middle, *near)), "group", frame.height, taken)
