"""Words in a picture: Thai and Latin letters each in their own half of the pages' face, shaped, one line at a time."""

import re

from PIL import ImageDraw, ImageFont

from warning.pdf import face

_RUN = re.compile("[\u0e00-\u0e7f]+|[^\u0e00-\u0e7f]+")


def width(words: str, dots: int, *, bold: bool = False) -> float:
    """How many dots wide a line is. Raises ConfigError where the pages were not built."""
    return sum(_font(run, dots, bold).getlength(run) for run in _RUN.findall(words))


def fitting(words: str, dots: int, room: float, *, bold: bool = False) -> int:
    """The largest size up to `dots`, and at least 16, in which the line is no wider than `room`."""
    while dots > 16 and width(words, dots, bold=bold) > room:
        dots -= 2
    return dots


def draw_line(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], words: str, dots: int, fill: str, *, bold: bool = False,
    halo: str = "",
) -> None:  # fmt: skip
    """`at`: the left end of the base line. halo: a colour round the letters, for words on a map."""
    x, y = at
    for run in _RUN.findall(words):
        font = _font(run, dots, bold)
        edge = 4 if halo else 0
        draw.text((x, y), run, fill=fill, font=font, anchor="ls", stroke_width=edge, stroke_fill=halo or fill)
        x += font.getlength(run)


def _font(run: str, dots: int, bold: bool) -> ImageFont.FreeTypeFont:
    letters = "thai" if "\u0e00" <= run[0] <= "\u0e7f" else "latin"
    return ImageFont.truetype(str(face(letters, bold=bold)), dots, layout_engine=ImageFont.Layout.RAQM)
