"""The picture of LINE's menu, drawn here and now: no network, no tool, the pages' own face, Thai shaped by HarfBuzz."""

import io

from PIL import Image, ImageDraw

from channels.line_menu import FIELDS, HEIGHT, WIDTH, Field, box
from warning.drawn_words import draw_line, fitting, width

EDGE, THAI_DOTS, LATIN_DOTS, DIAL_DOTS = 10, 116, 76, 200
WHITE, PAPER = "#FFFFFF", "#E8ECEF"


def picture() -> bytes:
    """A PNG of LINE's size, far below its 1 MB. Raises ConfigError where the pages were not built."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    for n, field in enumerate(FIELDS):
        _field(draw, field, box(n))
    kept = io.BytesIO()
    image.quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _field(draw: ImageDraw.ImageDraw, field: Field, where: tuple[int, int, int, int]) -> None:
    x, y, wide, high = where
    draw.rounded_rectangle((x + EDGE, y + EDGE, x + wide - EDGE, y + high - EDGE), 40, fill=field.colour)
    lines = [(field.th, THAI_DOTS, True), (field.en, LATIN_DOTS, False)]
    if field.dials:
        lines.insert(1, (field.dials, DIAL_DOTS, True))
    at = y + (high - sum(int(dots * 1.5) for _, dots, _ in lines)) // 2
    for words, most, bold in lines:
        dots = fitting(words, most, wide - 8 * EDGE, bold=bold)
        left = x + (wide - width(words, dots, bold=bold)) / 2
        draw_line(draw, (left, at + most * 0.75 + dots * 0.35), words, dots, WHITE, bold=bold)
        at += int(most * 1.5)
