"""Who was in the disaster, read from what the night left behind: alerts, village water, answers, rescues, declarations."""

from collections import defaultdict
from collections.abc import Set
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text, true
from sqlmodel import Session, col, select

from geo.gazetteer import gazetteer
from geo.people import Address, Household
from teams.relief.event import DisasterEvent, Evidence, Exposure, Flag
from warning.alert import Alert
from warning.alert_places import villages_of
from warning.cover import HOMES_OF_ALERT, homes_estimated, line_of, village_unknown

_WATER = text(
    "SELECT DISTINCT ON (village_code) village_code, state, since FROM village_water "
    "WHERE alert_id = ANY(:alerts) AND mode = :mode AND state IN ('IN_HOMES', 'CUT_OFF') ORDER BY village_code, since"
)
_OWN = text(
    """
SELECT household_id, min(at) AS at, min(source) AS source FROM (
    SELECT household_id, at, 'reply: ' || answer || ' (' || via || ')' AS source FROM reply
    WHERE alert_id = ANY(:alerts) AND household_id IS NOT NULL AND answer IN ('water_here', 'need_help')
    UNION ALL
    SELECT household_id, requested_at, 'mission: rescue' FROM mission
    WHERE alert_id = ANY(:alerts) AND mode = :mode AND household_id IS NOT NULL AND kind = 'RESCUE') said
GROUP BY household_id
"""
)
# Homes of these tambon whose village nobody knows: no village's sign tells of them, so the tambon's does.
_VILLAGE_UNKNOWN = text(
    f"WITH {HOMES_OF_ALERT} SELECT id, place FROM home "  # noqa: S608 - our own words only
    "WHERE CAST(:only AS uuid) IS NULL OR id = CAST(:only AS uuid)"
)
_BY_ADDRESS = text(
    "SELECT household_id, min(tambon_code) FROM address WHERE household_id = ANY(:homes) AND tambon_code = ANY(:known) GROUP BY 1"
)
NOWHERE = "00000000"  # the line of homes whose tambon nobody knows either


def exposures_of(session: Session, home: Household, alert_id: UUID | None) -> Exposure | None:
    """The signs of one household in the event that holds this alert, or without an alert in the newest event that holds
    the household; None when there is none."""
    for event in session.exec(select(DisasterEvent).order_by(col(DisasterEvent.opened_at).desc())):
        if alert_id is None or str(alert_id) in event.alerts:
            found = exposures(session, event, only=home.id)
            if found:
                return found[0]
    return None


def exposures(session: Session, event: DisasterEvent, only: UUID | None = None) -> list[Exposure]:
    """Every registered household with any sign that it was in the event, ordered by village and id.

    A household outside the warned area counts by its own report; what was not warned is what relief must not miss. One whose
    village nobody knows counts with its tambon and stands on the tambon's own line, `TTTTTT00`.
    only: one household's id, when only that one is asked for.
    """
    alerts = session.exec(select(Alert).where(col(Alert.id).in_([UUID(a) for a in event.alerts]))).all()
    warned: dict[str, list[Flag]] = defaultdict(list)
    warned_tambon: dict[str, list[Flag]] = defaultdict(list)
    for alert in sorted((a for a in alerts if a.issued_at), key=lambda a: a.number):
        assert alert.issued_at is not None
        flag = Flag(Evidence.WARNED, f"alert {alert.number}", alert.issued_at)
        for village in villages_of(alert):
            warned[village].append(flag)
        for tambon in alert.tambons:
            warned_tambon[f"{tambon}00"].append(flag)
    values = {"alerts": [a.id for a in alerts], "mode": event.mode}
    wet = {
        line: Flag(Evidence.WATER, f"village water: {state.lower()}", since)
        for line, state, since in _water(session, values)
    }
    wet_tambons = [
        line[:6] for line in wet if line.endswith("00")
    ]  # without villages: whatever number they stand under
    own = {r.household_id: Flag(Evidence.OWN_REPORT, r.source, r.at) for r in session.execute(_OWN, values)}
    area = _assistance(event)
    strays = _strays(session, {t for a in alerts if a.issued_at for t in a.tambons} | area.keys(), only)
    homes = session.execute(
        select(Household.id, Household.village_code).where(
            col(Household.village_code).in_([*warned, *warned_tambon, *wet])
            | col(Household.id).in_([*own, *strays])
            | func.left(Household.village_code, 6).in_([*event.assistance_tambons, *wet_tambons]),
            col(Household.id) == only if only else true(),
        )
    ).all()
    placed = _placed(
        session, [home for home, code in homes if home not in strays and line_at(code) == NOWHERE]
    )
    found = []
    for household, code in homes:
        village = strays.get(household) or line_at(placed.get(household, code))
        flags = [*(warned_tambon if village.endswith("00") else warned).get(village, ())]
        flags += [f for f in (area.get(village[:6]), wet.get(village), own.get(household)) if f]
        if flags:
            found.append(Exposure(household, village, tuple(flags)))
    return sorted(found, key=lambda e: (e.village_code, e.household_id))


def _water(session: Session, values: dict[str, Any]) -> list[tuple[str, str, datetime]]:
    """(village, state, since), the first word last. One stray's word is not that of all others: they share no village."""
    found = [(line_at(row.village_code), row.state, row.since) for row in session.execute(_WATER, values)]
    places = sorted(found, key=lambda seen: seen[2], reverse=True)
    return [seen for seen in places if seen[0] != NOWHERE and not village_unknown(seen[0])]


def line_at(place: str) -> str:
    """The line a registered code stands on: its village; its tambon with no village's number (`TTTTTT00`); `NOWHERE`."""
    places = gazetteer()
    return line_of(place, places.villages.keys()) if place[:6] in places.tambons else NOWHERE


def lines_of_home(session: Session, home: Household) -> list[str]:
    """`line_at`; where the home's own code is of no tambon, by the tambon of each of its addresses."""
    line = line_at(home.village_code)
    if line != NOWHERE:
        return [line]
    there = select(Address.tambon_code).where(Address.household_id == home.id)
    return sorted({line_at(tambon) for tambon in session.exec(there)} - {NOWHERE}) or [NOWHERE]


def lines_of(alert: Alert) -> set[str]:
    """The lines an alert speaks to: its villages, and the homes of its tambon whose village nobody knows."""
    return {*villages_of(alert), *(f"{tambon}00" for tambon in alert.tambons)}


def _placed(session: Session, homes: list[UUID]) -> dict[UUID, str]:
    """Home -> the tambon of its address, where that is known."""
    if not homes:
        return {}
    known = sorted(gazetteer().tambons)
    return {h: t for h, t in session.execute(_BY_ADDRESS, {"homes": homes, "known": known})}  # noqa: C416 - rows are no pairs


def _strays(session: Session, tambons: Set[str], only: UUID | None) -> dict[UUID, str]:
    """Home -> the line of its tambon (`TTTTTT00`), of the homes of these tambon whose village nobody knows."""
    places = gazetteer()
    numbered = [v.code for t in tambons for v in places.villages_of(t)]
    numbered += [f"{t}00" for t in tambons if not places.villages_of(t)]
    rows = session.execute(
        _VILLAGE_UNKNOWN,
        {
            "villages": [],
            "tambons": sorted(tambons),
            "elsewhere": numbered,
            "known": sorted(places.tambons),
            "only": only,
        },
    )
    return {home: line_of(place, frozenset()) for home, place in rows}


def _assistance(event: DisasterEvent) -> dict[str, Flag]:
    if event.assistance_at is None:
        return {}
    source = f"declaration {event.assistance_document}"
    return {t: Flag(Evidence.ASSISTANCE_AREA, source, event.assistance_at) for t in event.assistance_tambons}


def unlisted_homes(session: Session, event: DisasterEvent) -> dict[str, int]:
    """Village -> homes of the census estimate that nobody has registered, over all villages of the event's tambon."""
    places = gazetteer()
    villages = [v for t in event.tambons for v in ([v.code for v in places.villages_of(t)] or [f"{t}00"])]
    here = func.left(Household.village_code, 6).in_(event.tambons)
    registered: dict[str, int] = defaultdict(int)
    for code, homes in session.execute(
        select(Household.village_code, func.count()).where(here).group_by(col(Household.village_code))
    ):
        registered[line_at(code)] += homes  # of a tambon without villages, whatever number they stand under
    return {v: max(0, homes_estimated(v) - registered.get(v, 0)) for v in villages}
