"""The picture of LINE's menu, drawn here and now: no network, no tool, the pages' own face, Thai shaped by HarfBuzz."""

import io

from PIL import Image, ImageDraw, ImageFont

from channels.line_menu import FIELDS, HEIGHT, WIDTH, Field, box
from warning.pdf import face

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
    x, y, width, height = where
    draw.rounded_rectangle((x + EDGE, y + EDGE, x + width - EDGE, y + height - EDGE), 40, fill=field.colour)
    lines = [(field.th, "thai", THAI_DOTS), (field.en, "latin", LATIN_DOTS)]
    if field.dials:
        lines.insert(1, (field.dials, "latin", DIAL_DOTS))
    step = [int(dots * 1.5) for _, _, dots in lines]
    at = y + (height - sum(step)) // 2
    for (words, letters, dots), high in zip(lines, step, strict=True):
        font = _fitting(words, letters, dots, width - 8 * EDGE)
        draw.text((x + width // 2, at + high // 2), words, fill=WHITE, font=font, anchor="mm")
        at += high


def _fitting(words: str, letters: str, dots: int, width: int) -> ImageFont.FreeTypeFont:
    """The largest size up to `dots` in which the words stay inside the field."""
    path = str(face(letters, bold=dots != LATIN_DOTS))
    while True:
        font = ImageFont.truetype(path, dots, layout_engine=ImageFont.Layout.RAQM)
        if font.getlength(words) <= width:
            return font
        dots -= 4
