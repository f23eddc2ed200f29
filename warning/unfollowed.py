"""A person blocks our LINE account: what was to come that way comes the next way, at once.

LINE answers 200 for whoever has blocked us: a message that way would count as taken and reach nobody. What it had taken
before may have been read before the block, so those rows keep their word and only say that the account is blocked now.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import Channel
from geo.people import Audience
from warning.address import CONTACTS_FIRST, LADDER, NO_CAP, WITH_THE_ONE_BEFORE, segment_of_one
from warning.alert import Alert, Mode
from warning.alert_places import villages_elsewhere
from warning.delivery import Segment
from warning.office import Office
from warning.provider_switch import accounts, stands_by
from warning.step import Next, priority_of
from warning.store.insert import insert_new

BLOCKED = "บล็อกบัญชี LINE แล้ว (blocked)"

# Whom this account was to tell of an alert in force and nobody has proof of.
_PLANNED = text(
    "SELECT DISTINCT l.id AS alert_id, a.id AS address_id, a.owner_id, a.household_id, a.village_code, "
    "lower(a.audience::text) AS audience FROM address a JOIN segment s ON s.tambon_code = a.tambon_code "
    "AND a.nth BETWEEN s.first_nth AND s.last_nth AND s.audience = lower(a.audience::text) AND s.channel = :channel "
    "JOIN alert l ON l.id = s.alert_id AND l.state = 'ISSUED' AND l.expires_at > :now "
    "WHERE a.hash = :hash AND s.mode = :mode AND NOT EXISTS (SELECT 1 FROM delivery_status t "
    "WHERE t.alert_id = l.id AND (t.household_id = a.household_id OR t.owner_id = a.owner_id) "
    "AND t.state IN ('delivered', 'confirmed')) ORDER BY 1, 2"
)
# In the hands of a worker: the carrier's word stands. Asked for before: it may have been taken. Else it never goes out.
_CLOSED = text(
    "UPDATE delivery d SET why = :why, changed_at = :now, state = CASE WHEN s.state <> 'WAITING' THEN "
    "COALESCE(d.state, s.outcome) WHEN s.attempts > 0 THEN 'unknown' ELSE 'suppressed' END FROM segment s "
    "WHERE s.id = d.segment_id AND s.alert_id = :alert AND s.channel = :channel AND d.address_id = :address "
    "AND s.state <> 'SENDING' AND COALESCE(d.state, s.outcome) NOT IN ('delivered', 'confirmed')"
)
_OTHER_WAYS = text(
    "SELECT lower(kind::text) AS kind, tambon_code, nth FROM address WHERE active AND audience = :audience "
    "AND village_code = :village AND (household_id = :home OR owner_id = :owner) ORDER BY kind, nth"
)
# Told already, or about to be: by a segment of the first rung that is not made yet, or by a row of its own.
_TAKEN_ALONG = text(
    "SELECT 1 FROM segment s WHERE s.alert_id = :alert AND s.channel = ANY(:accounts) AND s.audience = :audience "
    "AND s.tambon_code = :tambon AND :nth BETWEEN s.first_nth AND s.last_nth AND (s.rung = 0 AND NOT s.expanded "
    "OR EXISTS (SELECT 1 FROM delivery d JOIN address a ON a.id = d.address_id WHERE d.segment_id = s.id "
    "AND a.nth = :nth AND lower(a.audience::text) = :audience AND a.tambon_code = :tambon))"
)


def unfollowed(session: Session, channel: str, fingerprint: str, now: datetime, office: Office) -> list[Next]:
    """Close what waits for a blocked account and make the next way due now. Twice is once.

    channel: name of the account; fingerprint: keyed hash of who blocked it; now: aware UTC.
    """
    wake_ups: list[Next] = []
    asked = {"hash": fingerprint, "channel": channel, "now": now, "mode": office.mode.name}
    for planned in session.execute(_PLANNED, asked).all():
        alert = session.get_one(Alert, planned.alert_id, options=[NO_CAP])
        if planned.village_code in villages_elsewhere(alert):
            continue
        session.execute(
            _CLOSED,
            {
                "why": BLOCKED,
                "now": now,
                "alert": alert.id,
                "channel": channel,
                "address": planned.address_id,
            },
        )
        wake_ups += _next_way(session, alert, channel, planned, now, office)
    return wake_ups


def _next_way(
    session: Session, alert: Alert, channel: str, planned: Any, now: datetime, office: Office
) -> list[Next]:
    """The first channel below this one by which the home can be told; nothing where that one tells it anyhow."""
    audience = Audience(planned.audience)
    ways = session.execute(
        _OTHER_WAYS,
        {"audience": audience.name, "village": planned.village_code, "home": planned.household_id,
         "owner": planned.owner_id},
    ).all()  # fmt: skip
    priority = priority_of(alert.severity, alert.mode is Mode.EXERCISE)
    priority += 0 if audience is Audience.RESIDENT else CONTACTS_FIRST
    for below in _below(channel, office):
        made: list[Next] = []
        found = [way for way in ways if way.kind == below.needs]
        for way in found:
            row = segment_of_one(alert, below, audience, way.tambon_code, way.nth, priority, now)
            about = {"alert": alert.id, "accounts": accounts(below, office), "audience": audience.value,
                     "tambon": way.tambon_code, "nth": way.nth}  # fmt: skip
            if session.execute(_TAKEN_ALONG, about).first() is None and insert_new(
                session, Segment, [row], returning=("id",)
            ):
                made.append(Next("deliver", str(row["id"]), priority))
        if found:
            return made
    return []


def _below(channel: str, office: Office) -> list[Channel]:
    own = office.channels.get(channel)
    start = LADDER.index(own.needs) + 1 if own is not None and own.needs in LADDER else 0
    open_now = [c for c in office.channels.values() if not stands_by(c, office)]
    alone = [
        need for need in LADDER[start:] if need not in WITH_THE_ONE_BEFORE
    ]  # a village's group is no way to one person
    return [c for need in alone for c in open_now if c.needs == need]
