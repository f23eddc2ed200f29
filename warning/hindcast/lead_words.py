"""Why an alert of the lead-time method began: a few facts of that moment, and which of them carried it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from warning.hindcast.channel import HOUR
from warning.hindcast.lead import Judged
from warning.hindcast.match import Stretch

_DRY = {"rain": ("rain_", "most_", "store_"), "rise": ("rise_",)}  # what is taken away to see what it carried


def reasons_of(judged: Judged, alerts: Sequence[Stretch], line: float) -> list[dict[str, Any]]:
    """Of each alert: facts, and the chance as it would have been without the rain and without the rise."""
    looked = judged.looked
    found: list[dict[str, Any]] = []
    for alert in alerts:
        row = int(np.searchsorted(looked.at, alert.start))
        level = float(looked.level[row])
        why: dict[str, Any] = {
            "level": round(level, 3), "to_line": round(line - level, 3),
            "rise_3": round(float(looked.of("rise_3")[row]), 3), "unit_h": looked.unit_s / HOUR,
            "chance": round(float(judged.chance[row]), 3), "expected_highest": round(float(judged.expected[row]), 3),
        }  # fmt: skip
        if "rain_6" in looked.names:
            why |= {f"rain_{k}_mm": round(float(looked.of(f"rain_{k}")[row]), 1) for k in (6, 24)}
        why["by"] = "line" if level >= line else "chance"
        if judged.again is not None and why["by"] == "chance":
            why |= {f"chance_without_{what}": round(_without(judged, row, names), 3)
                    for what, names in _DRY.items() if any(n.startswith(names) for n in looked.names)}  # fmt: skip
        found.append(why)
    return found


def _without(judged: Judged, row: int, names: tuple[str, ...]) -> float:
    """The chance at a row if these had been nothing."""
    looked = judged.looked
    table = looked.table[row : row + 1].copy()
    table[0, [n for n, name in enumerate(looked.names) if name.startswith(names)]] = 0.0
    one = looked._replace(at=looked.at[row : row + 1], level=looked.level[row : row + 1], table=table)
    assert judged.again is not None
    return float(judged.again(one)[0])
