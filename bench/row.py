"""One line of a bench's result, and the rule that no speed is printed for a wrong answer."""

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
Tell = Callable[[str], None]


def row(
    phase: str,
    figure: float,
    unit: str,
    *,
    wrong: str = "",
    peer: float | None = None,
    more_is_better: bool = False,
    floor: float | None = None,
    why: str = "",
) -> Row:
    """wrong: what the oracle found; then the figure and every ratio are null.

    ratio: how many times better than the peer. ratio_to_floor: figure / floor, 1.0 is the physical limit.
    """
    if wrong:
        return {"phase": phase, "figure": None, "unit": unit, "peer": None, "ratio": None, "ratio_to_floor": None,
                "oracle": f"wrong: {wrong}", "why": why}  # fmt: skip
    ratio = None if not peer else (figure / peer if more_is_better else peer / figure)
    return {
        "phase": phase, "figure": round(figure, 3), "unit": unit, "peer": None if peer is None else round(peer, 3),
        "ratio": None if ratio is None else round(ratio, 2),
        "ratio_to_floor": None if floor is None else round(figure / floor, 2), "oracle": "right", "why": why,
    }  # fmt: skip
