"""White paper: a PDF of A4 in the pages' own face, Thai shaped by HarfBuzz so that no mark sits beside its letter.

The face lies in the built pages as woff2, cut into Thai and Latin; a PDF needs both unpacked.
"""

import logging
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import FontFace, TTFFont

from geo.errors import ConfigError

FACE, LATIN = "looped", "looped-latin"
MARGIN_MM = 14.0
_STYLES = {"": "400", "B": "600"}
# fontTools and fpdf2 tell of every table they leave out.
for _name in ("fontTools", "fpdf"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class Paper(FPDF):
    """`foot`: words below each page, with the page's number and how many there are; empty: neither."""

    foot = ""
    language = "tha"  # of HarfBuzz

    def footer(self) -> None:
        if not self.foot:
            return
        self.set_y(-MARGIN_MM + 3)
        self.set_font(FACE, "", 8)
        self.set_text_color(80)
        self.cell(0, 4, self.foot)
        self.set_x(MARGIN_MM)
        self.set_font(LATIN, "", 8)
        self.set_text_shaping(False)  # how many pages there are is put in at the end, as it stands
        self.cell(0, 4, f"{self.page_no()}/{{nb}}", align="R")
        self.set_text_shaping(True, language=self.language)
        self.set_text_color(0)


def a4(title: str, *, lang: str = "th", landscape: bool = False, foot: str = "") -> Paper:
    """An empty document with the face set at 11 pt; the caller adds pages. No clock is read: set `creation_date` yourself.

    Raises ConfigError where the pages were not built.
    """
    pdf = Paper(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
    pdf.set_margins(MARGIN_MM, MARGIN_MM)
    pdf.set_auto_page_break(True, MARGIN_MM)
    pdf.set_title(title)
    pdf.foot = foot
    pdf.set_lang(lang)
    for style in _STYLES:
        pdf.add_font(FACE, style, _font("thai", style))
        pdf.add_font(LATIN, style, _font("latin", style))
    pdf.set_font(FACE, size=11)
    pdf.set_fallback_fonts([LATIN], exact_match=False)
    pdf.language = "tha" if lang == "th" else "eng"
    pdf.set_text_shaping(True, language=pdf.language)
    return pdf


def heading(pdf: FPDF, words: str, points: float = 15) -> None:
    pdf.set_font(FACE, "B", points)
    pdf.multi_cell(0, points * 0.62, words, new_x="LMARGIN", new_y="NEXT")


def paragraph(pdf: FPDF, words: str, points: float = 10, *, bold: bool = False) -> None:
    pdf.set_font(FACE, "B" if bold else "", points)
    pdf.multi_cell(0, points * 0.6, words, align="L", new_x="LMARGIN", new_y="NEXT")


def table(
    pdf: FPDF,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    points: float = 9,
    right: Sequence[int] = (),
    bold: Sequence[int] = (),
    least_mm: float = 0,
) -> None:
    """A ruled table whose head is repeated on each page. widths: parts of the whole; right: columns of figures; bold: rows;
    least_mm: a row to be written in is at least so high."""
    pdf.set_font(FACE, "", points)
    pdf.set_draw_color(150)
    made = pdf.table(
        col_widths=tuple(widths), line_height=points * 0.55, padding=1, borders_layout="ALL", text_align="LEFT",
        headings_style=FontFace(emphasis="BOLD", fill_color=235), min_row_height=least_mm or None,
    )  # fmt: skip
    with made as body:
        body.row(heads)
        for nth, cells in enumerate(rows):
            row = body.row(style=FontFace(emphasis="BOLD") if nth in bold else None)
            for column, words in enumerate(cells):
                row.cell(words, align="R" if column in right else "L")
    pdf.set_draw_color(0)


def as_bytes(pdf: FPDF) -> bytes:
    """The finished file. fpdf2 leaves the fonts' files open; here they are closed."""
    try:
        return bytes(pdf.output())
    finally:
        put_away(pdf)


def put_away(pdf: FPDF) -> None:
    """A document nobody wants: its fonts' files are closed."""
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """Gone with the process."""
    return tempfile.TemporaryDirectory(prefix="raksa-face-")


def face(letters: str, *, bold: bool = False) -> Path:
    """The pages' face as a TrueType file, for pictures: letters `thai` or `latin`. Raises ConfigError where the pages were not
    built."""
    return _font(letters, "B" if bold else "")


@cache
def _font(letters: str, style: str) -> Path:
    """The unpacked font of `thai` or `latin`; fpdf2 wants a file."""
    pattern = f"ibm-plex-sans-thai-looped-{letters}-{_STYLES[style]}-"
    assets = files("warning.web") / "static" / "assets"
    found = [f for f in assets.iterdir() if f.name.startswith(pattern)] if assets.is_dir() else []
    if not found:
        raise ConfigError("the pages are not built: run `make setup`")
    target = Path(_folder().name) / f"{letters}{_STYLES[style]}.ttf"
    with found[0].open("rb") as packed:
        font = TTFont(packed)
        font.flavor = None
        font.save(target)
    return target
