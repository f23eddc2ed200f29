"""How far a value may go before it is doubted: sourced data (limits.csv), sharper where a station's bed and bank are known."""

import csv
import math
from collections import defaultdict
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from sources.contract import Quantity

BELOW_BED_M = 1.0  # a bed is surveyed once and scoured since; percents of -7.6 are real near the sea
BELOW_BED_SHARE = 0.1  # of the depth
ABOVE_BANK_M = 10.0  # over the lowest bank: a flood deeper than this is another gauge's figure
_LEVELS = (Quantity.WATER_LEVEL, Quantity.SEA_LEVEL)


class Limits(NamedTuple):
    """In the quantity's own unit; hours. Infinite where there is no such limit. docs/quality.md says what each does."""

    low: float = -math.inf
    high: float = math.inf
    rise: float = math.inf
    rise_per_h: float = 0.0
    rise_share: float = 0.0
    fall: float = math.inf
    fall_per_h: float = 0.0
    fall_share: float = 0.0
    cap_h: float = math.inf
    jump: float = math.inf
    settle_h: float = 0.0
    flat_h: float = math.inf
    flat_above: float = -math.inf
    late_h: float = math.inf
    lonely: float = math.inf

    @property
    def never_still(self) -> bool:
        """Its zero, and a value that never moves, prove nothing: a river, not a rain gauge."""
        return math.isfinite(self.flat_h) and math.isinf(self.flat_above)


class _Row(NamedTuple):
    limits: Limits
    effective_from: date
    draft: bool
    source: str


@lru_cache(maxsize=1 << 15)
def limits_of(
    quantity: Quantity,
    station: str = "",
    *,
    bed_m: float | None = None,
    bank_m: float | None = None,
    on: date | None = None,
) -> Limits:
    """The limits of a station's quantity. bed_m, bank_m: of the station, in the value's own datum, where known.

    on: as they stood on that day; the newest when None. A quantity nobody has given limits has none.
    """
    rows = _rows()
    told = [
        row
        for row in rows.get((quantity, station), []) or rows.get((quantity, ""), [])
        if on is None or row.effective_from <= on
    ]
    limits = max(told, key=lambda row: row.effective_from).limits if told else Limits()
    if quantity in _LEVELS and bed_m is not None and bank_m is not None and bank_m > bed_m:
        below = max(BELOW_BED_M, BELOW_BED_SHARE * (bank_m - bed_m))
        return limits._replace(
            low=max(limits.low, bed_m - below), high=min(limits.high, bank_m + ABOVE_BANK_M)
        )
    return limits


@cache
def _rows() -> dict[tuple[Quantity, str], list[_Row]]:
    """Raises ValueError for a row that names no quantity of ours, no source or no day."""
    text = files("sources").joinpath("limits.csv").read_text(encoding="utf-8")
    found: dict[tuple[Quantity, str], list[_Row]] = defaultdict(list)
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        told = {name: float(row[name]) for name in Limits._fields if row[name]}
        if not row["source"]:
            raise ValueError(f"limits.csv: {row['quantity']} says no source")
        day = date.fromisoformat(row["effective_from"])
        found[Quantity(row["quantity"]), row["station"]].append(
            _Row(Limits(**told), day, row["draft"] == "true", row["source"])
        )
    return dict(found)


def drafts() -> list[str]:
    """Quantities whose limits nobody has confirmed for this province."""
    return sorted({quantity for (quantity, _), rows in _rows().items() for row in rows if row.draft})
