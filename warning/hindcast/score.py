"""Figures of a match: POD, FAR, CSI, HSS, bias, lead times, each undefined (None) rather than 0 where nothing stands below."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any

import numpy as np

from warning.hindcast.channel import HOUR
from warning.hindcast.match import Matched

_DRAWS = 1000
_SEED = 20260902


def ratio(above: float, below: float) -> float | None:
    return round(above / below, 4) if below else None


def figures(matched: Matched, seen_h: float, separate_h: float) -> dict[str, Any]:
    """The counts and shares of one method. seen_h: hours with data; each `separate_h` of them without event or alert is a
    correct no, which only HSS and POFD need. share_lead: of all events, a missed one having none.
    """
    a, b = matched.hits, matched.false_alarms
    c = len(matched.events) - a
    d = max(seen_h / separate_h - a - b - c, 0.0)
    leads = [round(lead / HOUR, 4) for lead in matched.leads if lead is not None]
    early = sum(lead >= 3 for lead in leads)
    soon = sum(lead >= 1 for lead in leads)
    return {
        "events": len(matched.events), "alerts": len(matched.alerts), "hits": a, "misses": c, "false_alarms": b,
        "again": matched.kinds.count("again"), "late": matched.kinds.count("late"),
        "pod": ratio(a, a + c), "far": ratio(b, a + b), "csi": ratio(a, a + b + c),
        "lead_h": leads, "lead_h_median": median(leads) if leads else None,
        "share_lead_1h": ratio(soon, len(matched.events)), "share_lead_3h": ratio(early, len(matched.events)),
        "csi_lead_1h": ratio(soon, a + b + c), "csi_lead_3h": ratio(early, a + b + c),
        "bias": ratio(a + b, a + c), "pofd": ratio(b, b + d),
        "hss": ratio(2 * (a * d - b * c), (a + c) * (c + d) + (a + b) * (b + d)),
    }  # fmt: skip


def intervals(matched: Matched) -> dict[str, list[float] | None]:
    """90 % intervals by drawing months again (a wet month comes or does not come as a whole), 1000 times, one seed."""
    months: dict[str, list[float]] = {}

    def add(second: float, place: int, lead: float | None = None) -> None:
        row = months.setdefault(datetime.fromtimestamp(second, UTC).strftime("%Y-%m"), [0, 0, 0, 0])
        row[place] += 1
        row[3] += lead is not None and lead >= 3 * HOUR

    for event, lead in zip(matched.events, matched.leads, strict=True):
        add(event.start, 1 if lead is None else 0, lead)
    for alert, kind in zip(matched.alerts, matched.kinds, strict=True):
        if kind == "false":
            add(alert.start, 2)
    if not months:
        return {"pod": None, "far": None, "csi": None, "csi_lead_3h": None, "lead_h_median": None}
    table = np.array([months[m] for m in sorted(months)])
    draws = np.random.default_rng(_SEED).integers(0, len(table), (_DRAWS, len(table)))
    hit, miss, false, early = table[draws].sum(axis=1).T
    return {
        "pod": _middle(hit, hit + miss), "far": _middle(false, hit + false), "csi": _middle(hit, hit + miss + false),
        "csi_lead_3h": _middle(early, hit + miss + false), "lead_h_median": _lead_interval(matched),
    }  # fmt: skip


def _middle(above: Any, below: Any) -> list[float] | None:
    able = below > 0
    if not able.any():
        return None
    low, high = np.quantile(above[able] / below[able], [0.05, 0.95])
    return [round(float(low), 4), round(float(high), 4)]


def _lead_interval(matched: Matched) -> list[float] | None:
    leads = np.array([lead / HOUR for lead in matched.leads if lead is not None])
    if not len(leads):
        return None
    draws = np.random.default_rng(_SEED).integers(0, len(leads), (_DRAWS, len(leads)))
    low, high = np.quantile(np.median(leads[draws], axis=1), [0.05, 0.95])
    return [round(float(low), 2), round(float(high), 2)]


def plain(value: Any) -> Any:
    """For JSON: numbers as Python has them, and what is no number as None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value
    return [plain(item) for item in value] if isinstance(value, Sequence | np.ndarray) else str(value)
