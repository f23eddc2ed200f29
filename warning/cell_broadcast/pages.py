"""Pages of a broadcast: 41 UCS-2 units or 93 of GSM 7-bit each, at most 15; up to 5 are read by people who run."""

from typing import NamedTuple

from warning.words.sizes import cell_broadcast_pages, utf16_units

MOST_PAGES = 15
ADVISED_PAGES = 5
MOST_UCS2 = 615  # 15 pages of 41


class Size(NamedTuple):
    units: int  # UTF-16 units as a Thai page counts them; of a GSM text its letters
    pages: int

    @property
    def fits(self) -> bool:
        return self.units > 0 and self.pages <= MOST_PAGES

    @property
    def advised(self) -> bool:
        return self.pages <= ADVISED_PAGES


def size_of(text: str) -> Size:
    return Size(utf16_units(text), cell_broadcast_pages(text))
