"""Which loudspeakers would sound tonight: from what each last said, its daily test and its monthly sound."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

HEARD_DAILY = timedelta(hours=26)  # a silent test a day, and two hours
DEAD_AFTER = timedelta(days=3)


class Alive(StrEnum):
    """Of a village by its best tower. Only `alive` covers anybody."""

    ALIVE = "alive"
    SILENT = "silent"  # away, or its newest test failed: somebody should look
    DEAD = "dead"  # not heard of for days: not covered
    UNKNOWN = "unknown"  # never heard of: not covered


_ORDER = (Alive.ALIVE, Alive.SILENT, Alive.DEAD, Alive.UNKNOWN)


class TowerState(NamedTuple):
    village_code: str
    device_id: str
    alive: Alive
    last_heard_at: datetime | None
    homes: int | None
    why: str  # of the newest test that failed
    battery_v: float | None


_TOWERS = text(
    "SELECT w.village_code, w.device_id, w.online, w.last_heard_at, w.homes_in_earshot, "
    "coalesce(string_agg(t.why, '; ') FILTER (WHERE t.result = 'fault'), ''), max(t.battery_v) "
    "FROM tower w LEFT JOIN LATERAL (SELECT DISTINCT ON (kind) kind, result, why, battery_v FROM tower_test "
    "WHERE tower_id = w.id AND result IN ('good', 'fault', 'no_answer') ORDER BY kind, due_at DESC) t ON true "
    "WHERE w.kind = 'MQTT' AND w.device_id IS NOT NULL "
    "GROUP BY w.id ORDER BY w.village_code, w.device_id"
)


def tower_states(session: Session, now: datetime, dead_after: timedelta = DEAD_AFTER) -> list[TowerState]:
    """Every controller, by village. `now` aware UTC."""
    found = []
    for village, device, online, heard, homes, why, battery_v in session.execute(_TOWERS):
        alive = _alive(online, heard, why, now, dead_after)
        found.append(TowerState(village, device, alive, heard, homes, why, battery_v))
    return found


def towers_alive(session: Session, now: datetime, dead_after: timedelta = DEAD_AFTER) -> dict[str, Alive]:
    """Village (8 digits) -> how its best controller stands. A village without a controller is not in it; a microphone in
    somebody's house is a contact's affair, and not counted here."""
    best: dict[str, Alive] = {}
    for tower in tower_states(session, now, dead_after):
        known = best.get(tower.village_code)
        if known is None or _ORDER.index(tower.alive) < _ORDER.index(known):
            best[tower.village_code] = tower.alive
    return best


def heard(session: Session, devices: Collection[str], now: datetime) -> None:
    """These said something of their own just now."""
    session.execute(
        text("UPDATE tower SET last_heard_at = :now, online = true WHERE device_id = ANY(:devices)"),
        {"now": now, "devices": sorted(devices)},
    )


def away(session: Session, online: Mapping[str, bool]) -> None:
    """What the broker tells: a line that broke, a box that is back."""
    for is_online, devices in ((True, _those(online, True)), (False, _those(online, False))):
        session.execute(
            text(
                "UPDATE tower SET online = :online WHERE device_id = ANY(:devices) AND online IS DISTINCT FROM :online"
            ),
            {"online": is_online, "devices": devices},
        )


def _those(online: Mapping[str, bool], wanted: bool) -> list[str]:
    return sorted(device for device, is_online in online.items() if is_online is wanted)


def _alive(
    online: bool | None, heard_at: datetime | None, why: str, now: datetime, dead_after: timedelta
) -> Alive:
    if heard_at is None:
        return Alive.UNKNOWN
    if now - heard_at >= dead_after:
        return Alive.DEAD
    if online is False or now - heard_at > HEARD_DAILY or why:
        return Alive.SILENT
    return Alive.ALIVE


def names(states: Iterable[TowerState], most: int = 20) -> str:
    """Device ids for a fault's line."""
    listed = [s.device_id for s in states]
    return ", ".join(listed[:most]) + (f" +{len(listed) - most}" if len(listed) > most else "")
