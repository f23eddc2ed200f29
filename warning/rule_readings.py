"""The readings rules are shown: what none has judged yet, and what an assessment keeps of what was seen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlmodel import Session

from geo.gazetteer import gazetteer
from geo.when import utc
from sources.contract import Quantity
from warning.indicators import GaugeFacts, Indicator, Told, needs, series
from warning.indicators.evaluated import WHOLE
from warning.place_readings import World, look
from warning.rounds import Heard
from warning.rule_board import RuleBoard, look_back, microseconds, moment
from warning.rule_plan import Leaf
from warning.subject import PLACE_KINDS, Subject

SHOWN = 12  # readings an assessment keeps of a station
_ALLOWED = {"good": "good", "suspect": "good,suspect"}  # quality of a rule -> verdicts it may see
# The newest word on each value: what a later reading told of it, else what was said when it came. Rows older than quality
# control count as good.
_JUDGED = (
    "observation o LEFT JOIN second_verdict v ON v.source = o.source AND v.station = o.station "
    "AND v.quantity = o.quantity AND v.observed_at = o.observed_at"
)
_VERDICT, _REASON = "COALESCE(v.verdict, o.verdict, 'good')", "COALESCE(v.reason, o.reason)"
_READINGS = text(
    f"""
SELECT w.nth, o.observed_at, o.value
FROM unnest(CAST(:stations AS text[]), CAST(:quantities AS text[]), CAST(:after AS timestamptz[]), CAST(:allowed AS text[]))
     WITH ORDINALITY AS w(station, quantity, after, allowed, nth)
JOIN observation o ON o.station = w.station AND o.quantity = w.quantity
     AND o.observed_at > w.after AND o.observed_at <= :now
LEFT JOIN second_verdict v ON v.source = o.source AND v.station = o.station
     AND v.quantity = o.quantity AND v.observed_at = o.observed_at
WHERE {_VERDICT} = ANY(string_to_array(w.allowed, ','))
ORDER BY o.observed_at, o.source
"""  # noqa: S608 - our own words only
)
_SHOWN = text(
    f"SELECT DISTINCT ON (o.observed_at) o.observed_at, o.value, o.source, {_VERDICT} AS verdict, {_REASON} AS reason FROM {_JUDGED} "  # noqa: S608
    "WHERE o.station = :station AND o.quantity = ANY(:quantities) AND o.observed_at > :after AND o.observed_at <= :now "
    "ORDER BY o.observed_at DESC, o.source LIMIT :shown"
)


_WINDOW = timedelta(hours=74)  # the longest sum, and a little
_VERDICTS = ("good", "suspect", "bad", "missing")  # in the order of the indicators' int8
_MADE_OF = text(
    f"SELECT o.quantity, o.observed_at, o.value, {_VERDICT} AS verdict FROM {_JUDGED} WHERE o.station = :station "  # noqa: S608
    "AND o.quantity = ANY(:quantities) AND o.observed_at > :from AND o.observed_at <= :now "
    "AND EXISTS (SELECT 1 FROM observation n WHERE n.station = :station AND n.quantity = ANY(:quantities) "
    "AND n.observed_at > :after AND n.observed_at <= :now) ORDER BY o.observed_at, o.source"
)


def unheard(session: Session, board: RuleBoard, now: datetime, world: World | None = None) -> Heard:
    """What not all rules have judged yet, by number of the series. The same instant of two sources counts once."""
    if not board.series:
        return {}
    oldest = now - max(look_back(leaf) for leaf, _ in board.cells)
    after = [max(oldest, moment(until) or oldest) for until in board.judged_until()]
    plain = [nth for nth, (_, subject) in enumerate(board.series) if subject.kind == "quantity"]
    rows = session.execute(
        _READINGS,
        {"stations": [board.series[nth][0] for nth in plain],
         "quantities": [board.series[nth][1].name for nth in plain], "after": [after[nth] for nth in plain],
         "allowed": [_ALLOWED[board.series[nth][1].quality] for nth in plain], "now": now},
    )  # fmt: skip
    heard: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for nth, observed_at, value in rows:
        so_far, at = heard[plain[nth - 1]], microseconds(observed_at)
        if not so_far or so_far[-1][0] < at:
            so_far.append((at, value))
    for nth, (station, subject) in enumerate(board.series):
        if subject.kind == "indicator" and (told := _told(session, station, subject, after[nth], now)):
            heard[nth] = made_of(subject, told, _facts(station), microseconds(after[nth]))
    if world is not None:
        heard |= _of_places(world, board, after)
    return heard


def _of_places(
    world: World, board: RuleBoard, after: Sequence[datetime]
) -> dict[int, list[tuple[float, float]]]:
    """One look for all tambon that ask for the same."""
    asked: dict[Subject, dict[str, int]] = defaultdict(dict)
    for nth, (tambon, subject) in enumerate(board.series):
        if subject.kind in PLACE_KINDS:
            asked[subject][tambon] = nth
    heard: dict[int, list[tuple[float, float]]] = {}
    for subject, tambons in asked.items():
        for tambon, seen in look(world, subject, tambons).items():
            if seen.at > after[tambons[tambon]]:
                heard[tambons[tambon]] = [(microseconds(seen.at), seen.value)]
    return heard


def made_of(
    subject: Subject, told: Mapping[Quantity, Told], facts: GaugeFacts, after: float
) -> list[tuple[float, float]]:
    """An indicator as readings of its own, those later than `after`; times as the board counts them.

    A sum with gaps is at least what was heard: that proves it over a limit, never under one. Where the gaps leave it open,
    nothing is said, and silence is judged as silence.
    """
    moments, found = series(Indicator(subject.name), told, facts, use_suspect=subject.quality == "suspect")
    side, limit = subject.beyond or ("above", np.inf)
    whole = found.share >= WHOLE
    proved = (found.least > limit) if side == "above" else np.zeros(len(moments), np.bool_)
    value = np.where(whole, found.value, found.least)
    said = (whole | proved) & np.isfinite(value) & (moments > after)
    return [(float(at), float(v)) for at, v in zip(moments[said], value[said], strict=True)]


def _told(
    session: Session, station: str, subject: Subject, after: datetime, now: datetime
) -> dict[Quantity, Told]:
    """The readings an indicator is made of, far enough back; nothing when none is new."""
    quantities = [q.value for q in needs(Indicator(subject.name))]
    rows = session.execute(
        _MADE_OF,
        {"station": station, "quantities": quantities, "after": after, "from": after - _WINDOW, "now": now},
    ).all()
    told: dict[Quantity, Told] = {}
    for quantity in {row.quantity for row in rows}:
        of_it = [row for row in rows if row.quantity == quantity]
        told[Quantity(quantity)] = Told(
            np.array([microseconds(row.observed_at) for row in of_it]),
            np.array([row.value for row in of_it], np.float64),
            np.array([_VERDICTS.index(row.verdict) for row in of_it], np.int8),
        )
    return told


def _facts(station: str) -> GaugeFacts:
    gauge = gazetteer().gauges.get(station)
    if gauge is None:
        return GaugeFacts()
    return GaugeFacts(*(np.nan if m is None else m for m in (gauge.bed_m, gauge.bank_m)))


def shown(
    session: Session, cells: Iterable[tuple[Leaf, str]], now: datetime, world: World | None = None
) -> list[dict[str, Any]]:
    """The last readings of each instrument, oldest first, and what was seen of places: for the person who decides."""
    found: list[dict[str, Any]] = []
    for leaf, station in _different(cells):
        if leaf.subject.kind in PLACE_KINDS:
            found += _seen_of(leaf.subject, station, world)
            continue
        rows = session.execute(
            _SHOWN,
            {"station": station, "quantities": _quantities(leaf.subject), "after": now - look_back(leaf), "now": now,
             "shown": SHOWN},
        )  # fmt: skip
        found += [
            {"at": utc(at).isoformat(), "value": value, "station": station, "quantity": leaf.subject.name,
             "source": source, "verdict": verdict, "reason": reason}
            for at, value, source, verdict, reason in rows.all()[::-1]
        ]  # fmt: skip
    return found


def _seen_of(subject: Subject, tambon: str, world: World | None) -> list[dict[str, Any]]:
    seen = look(world, subject, [tambon]).get(tambon) if world else None
    if seen is None:
        return []
    return [
        {"at": seen.at.isoformat(), "value": seen.value, "station": tambon, "quantity": subject.name, "source": seen.source,
         "verdict": "good", "reason": None, "said_th": seen.th, "said_en": seen.en}
    ]  # fmt: skip


def _different(cells: Iterable[tuple[Leaf, str]]) -> Sequence[tuple[Leaf, str]]:
    """One of each station and quantity, the last of them where it stands last."""
    kept = {(station, leaf.subject): (leaf, station) for leaf, station in reversed(list(cells))}
    return list(kept.values())[::-1]


def _quantities(subject: Subject) -> list[str]:
    return [subject.name] if subject.kind == "quantity" else [q.value for q in needs(Indicator(subject.name))]


def what_is_wrong(seen: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Station -> why its newest value cannot be trusted, None where it can. seen: as `shown`."""
    newest = {reading["station"]: reading for reading in seen}
    return {
        station: None
        if reading["verdict"] in (None, "good")
        else str(reading["reason"] or reading["verdict"])
        for station, reading in newest.items()
    }
