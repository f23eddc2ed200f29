"""The count of all villages as one: `GET /api/v1/coverage`, the console, the demo's lines."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from geo.gazetteer import gazetteer
from warning.alert import Mode
from warning.cover import village_unknown

_LINES = text(
    "SELECT DISTINCT ON (c.village_code) c.*, "
    "EXISTS (SELECT 1 FROM tower t WHERE t.village_code = c.village_code) AS has_tower "
    "FROM coverage c JOIN alert a ON a.id = c.alert_id "
    "WHERE c.mode = :mode AND (CAST(:alert AS uuid) IS NULL AND a.state = 'ISSUED' OR c.alert_id = :alert) "
    "ORDER BY c.village_code, a.issued_at DESC"
)
# Homes no machine can reach and nobody has told yet: the channel `person` has few rows, the ledger many.
_NO_CONTACT = text(
    "SELECT count(DISTINCT d.household_id) FROM delivery_status d JOIN alert a ON a.id = d.alert_id "
    "WHERE d.channel = 'person' AND d.household_id IS NOT NULL AND d.state NOT IN ('delivered', 'confirmed') "
    "AND d.mode = :mode AND (CAST(:alert AS uuid) IS NULL AND a.state = 'ISSUED' OR a.id = :alert)"
)
_NOWHERE = text(
    "SELECT count(*) FROM household h WHERE left(h.village_code, 6) <> ALL(:known) AND NOT EXISTS "
    "(SELECT 1 FROM address a WHERE a.household_id = h.id AND a.tambon_code = ANY(:known))"
)


def share(part: int, whole: int) -> float | None:
    """Part of the whole, 0..1; None when there is no whole: nobody to reach is not everybody reached."""
    return None if whole == 0 else part / whole


def totals(session: Session, mode: Mode, alert_id: UUID | None = None) -> Mapping[str, Any]:
    """Totals over the alerts in force, or over one alert.

    A village under two alerts is counted once, with the newer alert's numbers. reached + waiting + unreached = total, in
    villages, in households, and in `village_unknown`: the part of the households whose tambon is known and village not.
    `place_unknown`, homes of the registry whose tambon nobody knows, is outside all of it: no alert can speak to them.
    """
    asked = {"mode": mode.name, "alert": alert_id}
    lines = session.execute(_LINES, asked).all()
    villages = [line for line in lines if not village_unknown(line.village_code)]
    by_channel: dict[str, int] = {}
    for line in lines:
        for channel, count in json.loads(line.by_channel).items():
            by_channel[channel] = by_channel.get(channel, 0) + count
    homes = _added_up(lines)
    told = sum(v.answered for v in villages)
    silent_with_contact = sum(1 for v in villages if not v.answered and v.contacts)
    sent = sum(line.sent_unconfirmed for line in lines)
    return {
        "villages": {
            "total": len(villages), "reached": told, "waiting": silent_with_contact,
            "unreached": len(villages) - told - silent_with_contact, "announced": sum(v.announced for v in villages),
            "without_contact": sum(1 for v in villages if not v.contacts),
            "without_tower": sum(1 for v in villages if not v.has_tower),
        },
        "households": {
            **homes, "share_reached": share(homes["reached"], homes["total"]),
            "by_channel": by_channel | {"announcement": sum(line.reached_by_announcement for line in lines)},
            "by_reason": {
                "sent_unconfirmed": sent, "not_sent_yet": homes["waiting"] - sent,
                "not_in_registry": sum(
                    max(0, line.homes - max(line.registered, line.reached + line.waiting)) for line in lines
                ),
                "no_contact": session.execute(_NO_CONTACT, asked).scalar_one(),
                "vulnerable_unreached": sum(line.vulnerable_unreached for line in lines),
            },
            "village_unknown": _added_up([line for line in lines if village_unknown(line.village_code)]),
            "place_unknown": session.execute(_NOWHERE, {"known": sorted(gazetteer().tambons)}).scalar_one(),
        },
    }  # fmt: skip


def _added_up(lines: Sequence[Any]) -> dict[str, int]:
    total, reached = sum(line.homes for line in lines), sum(line.reached for line in lines)
    waiting = sum(line.waiting for line in lines)
    return {"total": total, "reached": reached, "waiting": waiting, "unreached": total - reached - waiting}
