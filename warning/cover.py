"""Who was reached and who was not: villages first, then households. Three numbers that always add up.

`reached` means confirmed: a handset's receipt, an answer, a tap, or a head's announcement with its count of homes (a
class of its own). What a provider merely took is `waiting`, and of that `sent_unconfirmed`. Homes nobody has registered are
counted from the census estimate and are unreached until somebody says otherwise. 0 of 0 is never 100 %: see `share`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from geo.gazetteer import gazetteer
from warning.address import villages_of
from warning.alert import Alert, AlertState, Mode
from warning.audited import note_sent
from warning.delivery import Coverage
from warning.office import Office
from warning.step import Next
from warning.store.insert import upsert

_HOMES = text(
    """
WITH best AS (
    SELECT household_id,
           bool_or(state IN ('delivered', 'confirmed')) AS reached,
           bool_or(state IN ('planned', 'handed_over', 'accepted', 'try_later', 'unknown')
                   AND channel <> 'person') AS waiting,
           bool_or(state IN ('handed_over', 'accepted', 'unknown')) AS sent
    FROM delivery_status WHERE alert_id = :alert AND household_id IS NOT NULL GROUP BY household_id)
SELECT h.village_code, count(*) AS registered,
       count(*) FILTER (WHERE b.reached) AS reached,
       count(*) FILTER (WHERE NOT COALESCE(b.reached, false) AND b.waiting) AS waiting,
       count(*) FILTER (WHERE NOT COALESCE(b.reached, false) AND b.waiting AND b.sent) AS sent,
       count(*) FILTER (WHERE NOT COALESCE(b.reached, false) AND h.vulnerable > 0) AS vulnerable_unreached
FROM household h LEFT JOIN best b ON b.household_id = h.id
WHERE h.village_code = ANY(:villages) GROUP BY h.village_code
"""
)
_BY_CHANNEL = text(
    "SELECT village_code, channel, count(DISTINCT household_id) FROM delivery_status WHERE alert_id = :alert "
    "AND household_id IS NOT NULL AND state IN ('delivered', 'confirmed') GROUP BY village_code, channel"
)
_WORDS = text(
    """
SELECT village_code, max(homes) FILTER (WHERE answer = 'announced') AS homes_told,
       bool_or(answer = 'announced') AS announced,
       bool_or(answer <> 'no_answer') AS answered,
       (array_agg(answer ORDER BY at DESC))[1] AS last_word, max(at) AS last_word_at
FROM reply WHERE alert_id = :alert AND village_code IS NOT NULL AND household_id IS NULL GROUP BY village_code
"""
)
_CONTACTS = text(
    "SELECT village_code, count(*) FROM contact WHERE village_code = ANY(:villages) GROUP BY village_code"
)


def homes_estimated(village: str) -> int:
    """Homes of a village by the census estimate; of a tambon without villages, the tambon's own count."""
    places = gazetteer()
    if village.endswith("00"):
        return places.tambon(village[:6]).households
    return places.village(village).households


def cover(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Count one alert anew, a row a village. The count replaces the one before."""
    alert = session.get_one(Alert, UUID(work))
    villages = villages_of(alert)
    parameters = {"alert": alert.id, "villages": villages}
    homes = {row.village_code: row for row in session.execute(_HOMES, parameters)}
    words = {row.village_code: row for row in session.execute(_WORDS, parameters)}
    contacts: dict[str, int] = dict(tuple(row) for row in session.execute(_CONTACTS, parameters))
    by_channel: dict[str, dict[str, int]] = {}
    for village, channel, count in session.execute(_BY_CHANNEL, parameters):
        by_channel.setdefault(village, {})[channel] = count
    live = alert.state is AlertState.ISSUED
    upsert(
        session,
        Coverage,
        [
            count_village(
                village, homes_estimated(village), homes.get(village), words.get(village), live=live,
            )
            | {
                "alert_id": alert.id, "mode": alert.mode, "contacts": contacts.get(village, 0),
                "by_channel": json.dumps(by_channel.get(village, {})), "counted_at": now,
            }
            for village in villages
        ],
    )  # fmt: skip
    note_sent(session, alert.id, now)
    return [Next("respond", work)]


def count_village(village: str, estimate: int, homes: Any, word: Any, *, live: bool) -> dict[str, Any]:
    """The partition of one village's homes.

    homes: registered, reached, waiting, sent, vulnerable_unreached of its registered homes, or None when none is registered;
    word: homes_told, announced, answered, last_word, last_word_at, or None.
    The head's count and the homes' own receipts overlap by an unknown amount, so the larger counts, never their sum.
    """
    registered = homes.registered if homes else 0
    total = max(estimate, registered)
    own = homes.reached if homes else 0
    told = min(word.homes_told or 0, total) if word else 0
    reached = max(own, told)
    waiting = min(homes.waiting if homes and live else 0, total - reached)
    return {
        "village_code": village, "homes": total, "registered": registered, "reached": reached,
        "reached_by_announcement": reached - own, "waiting": waiting,
        "sent_unconfirmed": min(homes.sent if homes and live else 0, waiting),
        "unreached": total - reached - waiting,
        "vulnerable_unreached": homes.vulnerable_unreached if homes else 0,
        "answered": bool(word and word.answered), "announced": bool(word and word.announced),
        "last_word": word.last_word if word else None, "last_word_at": word.last_word_at if word else None,
    }  # fmt: skip


def share(part: int, whole: int) -> float | None:
    """Part of the whole, 0..1; None when there is no whole: nobody to reach is not everybody reached."""
    return None if whole == 0 else part / whole


def totals(session: Session, mode: Mode, alert_id: UUID | None = None) -> Mapping[str, Any]:
    """Totals over the alerts in force, or over one alert, in the shape of `GET /api/v1/coverage`.

    A village under two alerts is counted once, with the newer alert's numbers. reached + waiting + unreached = total.
    """
    rows = session.execute(
        text(
            "SELECT DISTINCT ON (c.village_code) c.* FROM coverage c JOIN alert a ON a.id = c.alert_id "
            "WHERE c.mode = :mode AND (CAST(:alert AS uuid) IS NULL AND a.state = 'ISSUED' OR c.alert_id = :alert) "
            "ORDER BY c.village_code, a.issued_at DESC"
        ),
        {"mode": mode.name, "alert": alert_id},
    ).all()
    by_channel: dict[str, int] = {}
    for row in rows:
        for channel, count in json.loads(row.by_channel).items():
            by_channel[channel] = by_channel.get(channel, 0) + count
    total = sum(r.homes for r in rows)
    reached = sum(r.reached for r in rows)
    waiting = sum(r.waiting for r in rows)
    told = sum(r.answered for r in rows)
    silent_with_contact = sum(1 for r in rows if not r.answered and r.contacts)
    return {
        "villages": {
            "total": len(rows), "reached": told, "waiting": silent_with_contact,
            "unreached": len(rows) - told - silent_with_contact, "announced": sum(r.announced for r in rows),
            "without_contact": sum(1 for r in rows if not r.contacts),
        },
        "households": {
            "total": total, "reached": reached, "waiting": waiting, "unreached": total - reached - waiting,
            "share_reached": share(reached, total),
            "by_channel": by_channel | {"announcement": sum(r.reached_by_announcement for r in rows)},
            "by_reason": {
                "sent_unconfirmed": sum(r.sent_unconfirmed for r in rows),
                "not_sent_yet": waiting - sum(r.sent_unconfirmed for r in rows),
                "not_in_registry": sum(
                    max(0, r.homes - max(r.registered, r.reached + r.waiting)) for r in rows
                ),
                "vulnerable_unreached": sum(r.vulnerable_unreached for r in rows),
            },
        },
    }  # fmt: skip
