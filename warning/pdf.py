"""White paper: a PDF of A4 in the pages' own face, Thai shaped by HarfBuzz so that no mark sits beside its letter.

The face lies in the built pages as woff2, cut into Thai and Latin; a PDF needs both unpacked.
"""

import logging
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import TTFFont

from geo.errors import ConfigError

FACE, LATIN = "looped", "looped-latin"
MARGIN_MM = 14.0
_STYLES = {"": "400", "B": "600"}
# fontTools and fpdf2 tell of every table they leave out.
for _name in ("fontTools", "fpdf"):
    logging.getLogger(_name).setLevel(logging.ERROR)


def a4(title: str, *, lang: str = "th", landscape: bool = False) -> FPDF:
    """An empty document with the face set at 11 pt; the caller adds pages. No clock is read: set `creation_date` yourself.

    Raises ConfigError where the pages were not built.
    """
    pdf = FPDF(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
    pdf.set_margins(MARGIN_MM, MARGIN_MM)
    pdf.set_auto_page_break(True, MARGIN_MM)
    pdf.set_title(title)
    pdf.set_lang(lang)
    for style in _STYLES:
        pdf.add_font(FACE, style, _font("thai", style))
        pdf.add_font(LATIN, style, _font("latin", style))
    pdf.set_font(FACE, size=11)
    pdf.set_fallback_fonts([LATIN], exact_match=False)
    pdf.set_text_shaping(True, language="tha" if lang == "th" else "eng")
    return pdf


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
