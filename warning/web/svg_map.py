"""The province as a picture: one shape a tambon, its level by colour, hatch, number and word. Pure: values in, SVG text out."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

Ring = Sequence[tuple[float, float]]  # lon, lat


class Cell(NamedTuple):
    """One tambon. `level` 5 Extreme .. 2 Minor, 1 watched and quiet, 0 no instrument, -1 its instruments are silent."""

    code: str
    name: str
    level: int
    word: str  # what the level means, in the reader's language
    lat: float  # where its mark stands
    lon: float


class Mark(NamedTuple):
    """A gauge: a point with a word."""

    name: str
    lat: float
    lon: float
    over_bank: bool


WIDTH = 640.0
_PAD = 10.0


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


def _frame(rings: Mapping[str, Sequence[Ring]]) -> _Frame:
    points = [point for each in rings.values() for ring in each for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = 1 / math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * _PAD) / (east - west)
    return _Frame(west, north, scale, squeeze, (north - south) * scale * squeeze + 2 * _PAD)


def tambon_map(
    cells: Sequence[Cell],
    rings: Mapping[str, Sequence[Ring]],
    gauges: Sequence[Mark],
    *,
    title: str,
    link: str = "",
) -> str:
    """SVG text. rings: outlines by tambon code, longitude-latitude. link: address of a tambon, `{code}` filled in."""
    frame = _frame(rings)
    shapes = "".join(_shape(cell, rings.get(cell.code, ()), frame, link) for cell in cells)
    marks = "".join(_symbol(cell, frame) for cell in cells if cell.level >= 2)
    points = "".join(_gauge(mark, frame) for mark in gauges)
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH:g} {frame.height:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{_PATTERNS}{shapes}{marks}{points}</svg>"
    )


_PATTERNS = (
    '<defs><pattern id="blind" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" class="hatch-ground"/><line x1="0" y1="0" x2="0" y2="7" class="hatch-line"/></pattern></defs>'
)


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


def _symbol(cell: Cell, frame: _Frame) -> str:
    x, y = frame.at(cell.lon, cell.lat)
    return (
        f'<g class="mark" transform="translate({x} {y})"><circle r="11"/>'
        f'<text y="4.5" text-anchor="middle">{cell.level}</text></g>'
    )


def _gauge(mark: Mark, frame: _Frame) -> str:
    x, y = frame.at(mark.lon, mark.lat)
    over = " over" if mark.over_bank else ""
    return (
        f'<g class="gauge{over}"><rect x="{x - 4}" y="{y - 4}" width="8" height="8" transform="rotate(45 {x} {y})"/>'
        f"<title>{escape(mark.name)}</title></g>"
    )
