"""Who was reached and who was not: villages first, then households. Three numbers that always add up.

`reached` means confirmed: a handset's receipt, an answer, a tap, or a head's announcement with its count of homes (a
class of its own). What a provider merely took is `waiting`, and of that `sent_unconfirmed`. Homes nobody has registered are
counted from the census estimate and are unreached until somebody says otherwise. 0 of 0 is never 100 %: see `cover_totals.share`.
"""

import json
from collections.abc import Iterable, Set
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from geo.gazetteer import gazetteer
from warning.alert import Alert, AlertState
from warning.alert_places import villages_elsewhere, villages_of
from warning.audited import note_sent
from warning.coverage_history import remember
from warning.delivery import Coverage
from warning.office import Office
from warning.step import ONE_OF_ITS_KIND, Next
from warning.store.insert import upsert
from warning.told_already import told_by

# The homes of an alert and their place, to be made a line of the count by `line_of`: the code they are registered under, or the
# tambon of their address where that code is of no tambon. :tambons are the alert's, :elsewhere the villages of these that it does
# not name (so a home whose village nobody knows is in it), :known all tambon of the province.
# (Grouped by place and made lines afterwards: to name the line in SQL costs half a second more on 200,000 homes.)
HOMES_OF_ALERT = """
home AS (
    SELECT h.id, h.vulnerable, h.village_code AS place
    FROM household h WHERE h.village_code = ANY(:villages)
        OR left(h.village_code, 6) = ANY(:tambons) AND h.village_code <> ALL(:elsewhere)
    UNION ALL
    SELECT h.id, h.vulnerable, a.tambon_code FROM household h CROSS JOIN LATERAL (
        SELECT min(a.tambon_code) AS tambon_code FROM address a
        WHERE a.household_id = h.id AND a.tambon_code = ANY(:tambons)) a
    WHERE left(h.village_code, 6) <> ALL(:known) AND a.tambon_code IS NOT NULL)
"""
_HOMES = text(
    f"""
WITH {HOMES_OF_ALERT}, best AS (
    SELECT household_id,
           bool_or(state IN ('delivered', 'confirmed')) AS reached,
           bool_or(state IN ('planned', 'handed_over', 'accepted', 'try_later', 'unknown')
                   AND channel <> 'person') AS waiting,
           bool_or(state IN ('handed_over', 'accepted', 'unknown')) AS sent
    FROM delivery_status WHERE alert_id = ANY(:told) AND household_id IS NOT NULL GROUP BY household_id)
SELECT h.place, count(*) AS registered,
       count(*) FILTER (WHERE b.reached) AS reached,
       count(*) FILTER (WHERE NOT COALESCE(b.reached, false) AND b.waiting) AS waiting,
       count(*) FILTER (WHERE NOT COALESCE(b.reached, false) AND b.waiting AND b.sent) AS sent,
       count(*) FILTER (WHERE NOT COALESCE(b.reached, false) AND h.vulnerable > 0) AS vulnerable_unreached
FROM home h LEFT JOIN best b ON b.household_id = h.id GROUP BY h.place
"""  # noqa: S608 - put together from our own words only
)
_BY_CHANNEL = text(
    "SELECT d.village_code, s.tambon_code, d.channel, count(DISTINCT d.household_id) "
    "FROM delivery_status d JOIN segment s ON s.id = d.segment_id WHERE d.alert_id = ANY(:told) "
    "AND d.household_id IS NOT NULL AND d.state IN ('delivered', 'confirmed') GROUP BY 1, 2, 3"
)
_LINE = "CASE WHEN village_code = ANY(:villages) THEN village_code ELSE left(village_code, 6) || '00' END"
_WORDS = text(
    f"""
SELECT {_LINE} AS line, max(homes) FILTER (WHERE answer = 'announced') AS homes_told,
       bool_or(answer = 'announced') AS announced,
       bool_or(answer <> 'no_answer') AS answered,
       (array_agg(answer ORDER BY at DESC))[1] AS last_word, max(at) AS last_word_at
FROM reply WHERE alert_id = ANY(:told) AND village_code IS NOT NULL AND village_code <> ALL(:elsewhere)
    AND household_id IS NULL AND institution_id IS NULL GROUP BY 1
"""  # noqa: S608
)
_EARSHOT = text(  # of villages that know of each of their towers how far it is heard
    "SELECT village_code, sum(homes_in_earshot) FROM tower WHERE village_code = ANY(:villages) GROUP BY village_code "
    "HAVING bool_and(homes_in_earshot IS NOT NULL)"
)
_CONTACTS = text(
    f"SELECT {_LINE}, count(*) FROM contact "  # noqa: S608
    "WHERE village_code = ANY(:villages) "
    "OR left(village_code, 6) = ANY(:tambons) AND village_code <> ALL(:elsewhere) GROUP BY 1"
)


def village_unknown(line: str) -> bool:
    """Is this line of the count the homes of a tambon whose village nobody knows (`TTTTTT00` of a tambon with villages)?"""
    return line.endswith("00") and bool(gazetteer().villages_of(line[:6]))


def line_of(place: str, villages: Set[str]) -> str:
    """The line of the count of a home registered under this code: its village, or its tambon with no village's number."""
    return place if place in villages else f"{place[:6]}00"


def where_homes_stand(alert: Alert) -> dict[str, list[str]]:
    """The parameters of `HOMES_OF_ALERT` for one alert."""
    return {
        "villages": villages_of(alert), "tambons": list(alert.tambons), "elsewhere": villages_elsewhere(alert),
        "known": sorted(gazetteer().tambons),
    }  # fmt: skip


def homes_estimated(village: str) -> int:
    """Homes of a village by the census estimate; of a tambon without villages, the tambon's own count."""
    places = gazetteer()
    if village.endswith("00"):
        return places.tambon(village[:6]).households
    return places.village(village).households


# For the sweep: the alerts whose count is to be made anew. Counting 200,000 homes costs half a second, asking this some
# milliseconds, so a count is repeated every :coverage_every only while something it is made of moves, else 15 times as
# seldom (the registry is mended, too, in the middle of a night). A transaction still open has earlier times than it is seen at:
# hence the margin of 5. While much is on the wire the count may be older, within reason: sending comes before counting, and
# whoever looks at it must still see it move.
MOST_PATIENT = 4
OVERDUE = f"""
SELECT a.id::text, {ONE_OF_ITS_KIND} FROM alert a CROSS JOIN LATERAL (
    SELECT max(c.counted_at) AS at, max(c.counted_at) - 5 * CAST(:coverage_every AS interval) AS since
    FROM coverage c WHERE c.alert_id = a.id) c
WHERE a.state = 'ISSUED' AND (c.at IS NULL
    OR c.at > CAST(:now AS timestamptz) + interval '1 minute'  -- the clock went back
    OR c.at <= CAST(:now AS timestamptz) - 15 * CAST(:coverage_every AS interval)
    OR c.at <= CAST(:now AS timestamptz) - CAST(:coverage_every AS interval)
        * (SELECT LEAST({MOST_PATIENT}, 1 + count(*) / 20) FROM segment s WHERE s.alert_id = a.id
           AND s.state IN ('WAITING', 'SENDING') AND s.due_at <= :now)
    AND (EXISTS (SELECT 1 FROM segment s WHERE s.alert_id = a.id AND (s.sent_at > c.since OR s.state = 'SENDING'
                 OR s.state = 'WAITING' AND (s.due_at <= :now OR s.attempts > 0)))
         OR EXISTS (SELECT 1 FROM reply r WHERE r.alert_id = a.id AND r.received_at > c.since)
         OR EXISTS (SELECT 1 FROM receipt r WHERE r.received_at > c.since)))
"""  # noqa: S608 - two numbers of ours
_FOUND_THEIR_VILLAGE = text("DELETE FROM coverage WHERE alert_id = :alert AND village_code <> ALL(:lines)")


def cover(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Count one alert anew, a row a village; the homes of a tambon whose village nobody knows are a row of their own, on top
    of its estimate. The count replaces the one before."""
    alert = session.get_one(Alert, UUID(work))
    where = where_homes_stand(alert)
    parameters = {"told": [alert.id, *told_by(alert)], **where}
    villages = set(where["villages"])
    homes = _added_up(session.execute(_HOMES, parameters).all(), villages)
    words = {row.line: row for row in session.execute(_WORDS, parameters)}
    contacts: dict[str, int] = dict(tuple(row) for row in session.execute(_CONTACTS, parameters))
    earshot: dict[str, int] = dict(tuple(row) for row in session.execute(_EARSHOT, parameters))
    by_channel: dict[str, dict[str, int]] = {}
    for place, tambon, channel, count in session.execute(_BY_CHANNEL, parameters):
        there = by_channel.setdefault(place if place in villages else line_of(tambon, villages), {})
        there[channel] = there.get(channel, 0) + count
    live = alert.state is AlertState.ISSUED
    lines = [*where["villages"], *sorted(homes.keys() - villages)]
    upsert(
        session,
        Coverage,
        [
            count_village(
                line, homes_estimated(line) if line in villages else 0, homes.get(line), words.get(line), live=live,
                earshot=earshot.get(line),
            )
            | {
                "alert_id": alert.id, "mode": alert.mode, "contacts": contacts.get(line, 0),
                "by_channel": json.dumps(by_channel.get(line, {})), "counted_at": now,
            }
            for line in lines
        ],
    )  # fmt: skip
    session.execute(_FOUND_THEIR_VILLAGE, {"alert": alert.id, "lines": lines})
    remember(session, alert.id, now)
    note_sent(session, alert.id, now)
    return [Next("respond", work, ONE_OF_ITS_KIND)]


class Homes(NamedTuple):
    """The registered homes of one line of the count."""

    registered: int
    reached: int
    waiting: int
    sent: int
    vulnerable_unreached: int


def _added_up(rows: Iterable[Any], villages: Set[str]) -> dict[str, Homes]:
    found: dict[str, Homes] = {}
    for place, *counts in rows:
        line = line_of(place, villages)
        found[line] = Homes(*map(sum, zip(found.get(line, _NONE), counts, strict=True)))
    return found


_NONE = Homes(0, 0, 0, 0, 0)


def count_village(
    village: str, estimate: int, homes: Homes | None, word: Any, *, live: bool, earshot: int | None = None
) -> dict[str, Any]:
    """The partition of one village's homes.

    homes: its registered ones, or None when there is none; word: homes_told, announced, answered, last_word, last_word_at, or None.
    earshot: homes its loudspeakers are heard in, None where not known; an announcement counts for no more than these.
    The head's count and the homes' own receipts overlap by an unknown amount, so the larger counts, never their sum.
    """
    registered = homes.registered if homes else 0
    total = max(estimate, registered)
    own = homes.reached if homes else 0
    told = min(word.homes_told or 0, total, total if earshot is None else earshot) if word else 0
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
