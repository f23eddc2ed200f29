"""Was a rule right, by the office's own flood log? For places without a series of past years.

What the rule said stands in its assessments; what happened, in the log (date, village, depth) and in the water people reported
(VillageWater). Only floods while the rule was listening can be scored; how many there were is printed, since few prove little.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from geo.errors import ConfigError
from geo.gazetteer import gazetteer
from geo.when import BANGKOK, utc
from sources.checks import Implausible
from sources.rows import moment
from warning.alert import Mode
from warning.rule import Rule

BEFORE = timedelta(
    hours=48
)  # an alert that began longer ago was about something else (as `raksa hindcast` matches)
SEPARATE = timedelta(hours=24)  # of one tambon, reports nearer to each other are one flood
_DAY = timedelta(days=1)
_COLUMNS = ("date", "village")
_SAID = text(
    "SELECT h.at, h.fires, h.tambons FROM hazard_assessment h WHERE h.rule = :rule AND h.rule_version = :version ORDER BY h.at"
)
_SEEN = text(
    "SELECT village_code, since FROM village_water WHERE mode = :mode AND state IN ('IN_HOMES', 'CUT_OFF') ORDER BY since"
)


class Flood(NamedTuple):
    """Water in homes of a tambon. from, to: aware UTC, when it began; a day alone leaves 24 h between them."""

    tambon: str
    begins: datetime
    latest: datetime


def read_log(body: str, name: str) -> list[Flood]:
    """The office's log as CSV: `date` (2026-11-23, or with the hour), `village` (8 digits, or a tambon), further columns as one likes.

    Years are CE. Raises ConfigError with the line and how to mend it.
    """
    rows = csv.DictReader(io.StringIO(body.lstrip("\ufeff")))
    missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ConfigError(f"{name}: no column `{missing[0]}`; the first line names date,village,depth_cm")
    found: list[Flood] = []
    for line, row in enumerate(rows, start=2):
        told, code = (row["date"] or "").strip(), (row["village"] or "").strip()
        if not told and not code:
            continue
        if code[:6] not in gazetteer().tambons:
            raise ConfigError(
                f"{name}:{line}: village {code or '(empty)'} is in no tambon of ours; write its 8 digits"
            )
        try:
            begins = moment(told, BANGKOK)
        except Implausible as error:
            raise ConfigError(f"{name}:{line}: date: {error}; write 2026-11-23 or 2026-11-23 04:30") from None
        found.append(Flood(code[:6], begins, begins if ":" in told else begins + _DAY))
    return found


def reported(session: Session, mode: Mode) -> list[Flood]:
    """Water in homes as heads and volunteers told it."""
    rows = session.execute(_SEEN, {"mode": mode.value})
    return [Flood(code[:6], utc(since), utc(since)) for code, since in rows]


def joined(floods: Iterable[Flood]) -> list[Flood]:
    """Reports of one tambon within a day of each other are one flood, from the first of them."""
    events: list[Flood] = []
    last: dict[str, tuple[int, datetime]] = {}
    for flood in sorted(floods, key=lambda f: (f.begins, f.latest)):
        if flood.tambon in last and flood.begins - last[flood.tambon][1] < SEPARATE:
            nth = last[flood.tambon][0]
            events[nth] = events[nth]._replace(latest=min(events[nth].latest, flood.latest))
        else:
            nth = len(events)
            events.append(flood)
        last[flood.tambon] = (nth, flood.begins)
    return events


def card(session: Session, rule: Rule, floods: Sequence[Flood], now: datetime) -> dict[str, Any]:
    """What `raksa rules release` asks for. floods: of the log and of people together; now: aware UTC.

    An alert of a tambon hits a flood there that began after it, within 48 h; of a day alone, one that began before the day was
    over. A flood without one is a miss, an alert without a flood false; one that follows on a flood already hit is neither.
    """
    said = session.execute(_SAID, {"rule": rule.name, "version": rule.version}).all()
    began = utc(said[0].at) if said else now
    events = [flood for flood in joined(floods) if began <= flood.latest <= now]
    alerts = [(utc(row.at), tambon) for row in said if row.fires for tambon in row.tambons]
    used: set[int] = set()
    leads: list[float] = []
    hits = 0
    for flood in events:
        fit = [n for n, (at, tambon) in enumerate(alerts)
               if tambon == flood.tambon and flood.begins - BEFORE <= at <= flood.latest]  # fmt: skip
        used.update(fit)
        hits += bool(fit)
        if fit and flood.begins == flood.latest:
            leads.append((flood.begins - alerts[fit[0]][0]) / timedelta(hours=1))
    false = len(
        {
            (at, tambon)
            for n, (at, tambon) in enumerate(alerts)
            if n not in used and not _goes_on(at, tambon, events)
        }
    )
    return {
        "rule": rule.name, "rule_version": rule.version, "made_at": now.isoformat(), "basis": "flood log",
        "listening_from": began.isoformat(), "events": len(events), "alerts": len(alerts), "hits": hits,
        "misses": len(events) - hits, "false_alarms": false, "pod": _share(hits, len(events)),
        "far": _share(false, hits + false), "csi": _share(hits, len(events) + false), "lead_h": sorted(round(h, 2) for h in leads),
        "lead_h_median": round(median(leads), 2) if leads else None, "floods_before_it_listened": len(joined(floods)) - len(events),
    }  # fmt: skip


def _goes_on(at: datetime, tambon: str, events: Sequence[Flood]) -> bool:
    """An alert while a flood of the place goes on is late or again, not false."""
    return any(f.tambon == tambon and f.begins <= at <= f.latest + BEFORE for f in events)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
