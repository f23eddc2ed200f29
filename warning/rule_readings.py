"""The readings rules are shown: what none has judged yet, and what an assessment keeps of what was seen."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from geo.when import utc
from warning.rounds import Heard
from warning.rule_board import RuleBoard, look_back, microseconds, moment
from warning.rule_plan import Leaf

SHOWN = 12  # readings an assessment keeps of a station

_READINGS = text(
    """
SELECT w.nth, o.observed_at, o.value
FROM unnest(CAST(:stations AS text[]), CAST(:quantities AS text[]), CAST(:after AS timestamptz[]))
     WITH ORDINALITY AS w(station, quantity, after, nth)
JOIN observation o ON o.station = w.station AND o.quantity = w.quantity
     AND o.observed_at > w.after AND o.observed_at <= :now
ORDER BY o.observed_at, o.source
"""
)
_SHOWN = text(
    "SELECT DISTINCT ON (observed_at) observed_at, value, source FROM observation WHERE station = :station "
    "AND quantity = :quantity AND observed_at > :after AND observed_at <= :now ORDER BY observed_at DESC, source LIMIT :shown"
)


def unheard(session: Session, board: RuleBoard, now: datetime) -> Heard:
    """What not all rules have judged yet, by number of the series. The same instant of two sources counts once."""
    if not board.series:
        return {}
    oldest = now - max(look_back(leaf) for leaf, _ in board.cells)
    after = [max(oldest, moment(until) or oldest) for until in board.judged_until()]
    rows = session.execute(
        _READINGS,
        {"stations": [station for station, _ in board.series],
         "quantities": [subject.name for _, subject in board.series], "after": after, "now": now},
    )  # fmt: skip
    heard: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for nth, observed_at, value in rows:
        series, at = heard[nth - 1], microseconds(observed_at)
        if not series or series[-1][0] < at:
            series.append((at, value))
    return heard


def shown(session: Session, cells: Iterable[tuple[Leaf, str]], now: datetime) -> list[dict[str, Any]]:
    """The last readings of each instrument, oldest first: what the person who decides is shown."""
    found: list[dict[str, Any]] = []
    for leaf, station in _different(cells):
        rows = session.execute(
            _SHOWN,
            {"station": station, "quantity": leaf.subject.name, "after": now - look_back(leaf), "now": now,
             "shown": SHOWN},
        )  # fmt: skip
        found += [
            {
                "at": utc(at).isoformat(),
                "value": value,
                "station": station,
                "quantity": leaf.subject.name,
                "source": source,
            }
            for at, value, source in rows.all()[::-1]
        ]
    return found


def _different(cells: Iterable[tuple[Leaf, str]]) -> Sequence[tuple[Leaf, str]]:
    """One of each station and quantity, the last of them where it stands last."""
    kept = {(station, leaf.subject): (leaf, station) for leaf, station in reversed(list(cells))}
    return list(kept.values())[::-1]
