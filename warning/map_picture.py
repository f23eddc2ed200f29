"""The places of an alert as a picture for LINE, which shows no SVG: the level's colour on a grey province, names where there is room.

Drawn here without a network. It says nothing the words do not say: a telephone that cannot load it loses nothing.
"""

import io
import math
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw

from channels.line_message import COLOURS, EXERCISE
from geo.areas import Areas
from geo.gazetteer import gazetteer
from warning.drawn_words import draw_line, fitting, width

SIDE, FOOT, PAD = 1040, 120, 40  # dots; the map is a square, its foot on top of it
FEWEST_DEGREES = 0.14  # a close-up shows what is round a tambon too: some 15 km
LAND, BORDER, WATER, INK, WHITE = "#E3E7EA", "#FFFFFF", "#F7F9FA", "#14181B", "#FFFFFF"
NAME_DOTS, MOST_NAMES = 30, 14
APPROXIMATE = "ขอบเขตโดยประมาณ / approximate borders"


class _Frame(NamedTuple):
    west: float
    north: float
    scale: float  # dots a degree of latitude
    narrow: float  # a degree of longitude to one of latitude

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return (lon - self.west) * self.scale * self.narrow, (self.north - lat) * self.scale


def map_picture(
    tambons: Sequence[str], severity: str, level_word: str, number: str, areas: Areas, *, exercise: bool
) -> bytes:
    """A PNG of 1,040 x 1,040. tambons: codes, 6 digits. level_word, number: for the line below the map, in Thai.

    Raises ConfigError where the pages were not built.
    """
    named = [code for code in tambons if code in areas]
    frame = _frame([point for code in named or areas.codes for ring in areas.rings(code) for point in ring])
    image = Image.new("RGB", (SIDE, SIDE), WATER)
    draw = ImageDraw.Draw(image)
    colour = COLOURS.get(severity, "#37414B")
    for code in sorted(areas.codes, key=lambda c: c in named):
        for ring in areas.rings(code):
            draw.polygon(
                [frame.at(*p) for p in ring], fill=colour if code in named else LAND, outline=BORDER, width=3
            )
    _names(draw, named, frame)
    _foot(draw, colour, f"{level_word} · {number}", exercise=exercise, approximate=areas.is_built_in)
    kept = io.BytesIO()
    image.quantize(128).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _frame(points: Sequence[tuple[float, float]]) -> _Frame:
    """North up, the points in the middle of what the foot leaves free."""
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrow = math.cos(math.radians((south + north) / 2))
    wide, high = SIDE - 2 * PAD, SIDE - FOOT - 2 * PAD
    scale = min(wide / max((east - west) * narrow, FEWEST_DEGREES), high / max(north - south, FEWEST_DEGREES))
    return _Frame(
        (west + east) / 2 - SIDE / 2 / scale / narrow, (south + north) / 2 + (SIDE - FOOT) / 2 / scale, scale, narrow
    )  # fmt: skip


def _names(draw: ImageDraw.ImageDraw, tambons: Sequence[str], frame: _Frame) -> None:
    """The alert's own order: danger first. A name that finds no room is in the words."""
    taken: list[tuple[float, float, float, float]] = []
    for code in tambons:
        tambon = gazetteer().tambon(code)
        long, (x, y) = width(tambon.th, NAME_DOTS, bold=True), frame.at(tambon.lon, tambon.lat)
        box = (x - long / 2 - 6, y - NAME_DOTS, x + long / 2 + 6, y + NAME_DOTS * 0.6)
        free = all(box[2] < b[0] or box[0] > b[2] or box[3] < b[1] or box[1] > b[3] for b in taken)
        inside = box[0] > 0 and box[2] < SIDE and box[1] > 0 and box[3] < SIDE - FOOT
        if free and inside and len(taken) < MOST_NAMES:
            taken.append(box)
            draw_line(draw, (x - long / 2, y + 8), tambon.th, NAME_DOTS, INK, bold=True, halo=WHITE)


def _foot(draw: ImageDraw.ImageDraw, colour: str, words: str, *, exercise: bool, approximate: bool) -> None:
    draw.rectangle((0, SIDE - FOOT, SIDE, SIDE), fill=colour)
    words = f"{EXERCISE} · {words}" if exercise else words
    dots = fitting(words, 48, SIDE - 2 * PAD, bold=True)
    draw_line(draw, (PAD, SIDE - FOOT / 2 + dots * 0.35), words, dots, WHITE, bold=True)
    if approximate:
        draw_line(draw, (PAD, SIDE - FOOT - 14), APPROXIMATE, 22, INK, halo=WHITE)
