"""Who is to be told: an issued alert becomes segments, and a segment becomes rows, one a recipient a channel.

Segments are made first, by counting; each is expanded in its own transaction, so the first send never waits for half a
million rows. Village contacts come first, everybody has a row: who has no address gets one on the channel `person`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from channels.contract import Channel
from geo.names import id_for
from geo.people import Audience
from warning.alert import LIFE_SAFETY, Alert, AlertState, Mode
from warning.alert_places import villages_elsewhere, villages_of
from warning.delivery import PERSON, Segment
from warning.office import Office
from warning.provider_switch import accounts, stands_by
from warning.step import ONE_OF_ITS_KIND, Next, priority_of
from warning.store.insert import insert_new

# Which kinds of address a channel's `needs` may be; the order is the ladder of the lower levels.
LADDER = ("tower", "line", "line_group", "sms", "web_push", "email", "webhook")
WITH_THE_ONE_BEFORE = (
    "line_group",
)  # no proof can be waited for: it goes out with the rung above and delays none below
MANY_SEGMENTS = 64  # from here on wake-ups carry several: to take one costs as much as a segment
SEGMENTS_A_WAKE_UP = 4  # sent one after the other; an urgent alert waits for no more than these
NO_CAP = defer(Alert.cap_xml, raiseload=True)  # type: ignore[arg-type]  # a document of 100 kB that sending has no use for
CONTACTS_FIRST = (
    1  # contacts' segments, and those of vulnerable homes, are taken before residents' of the same severity
)


def address_contacts(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Plan the houses that must move many, and those who can tell a village, towers among them; homes whose people
    cannot leave alone follow (`vulnerable_first`), then the other residents. Twice is once."""
    alert = session.get_one(Alert, UUID(work), options=[NO_CAP])
    if alert.state is not AlertState.ISSUED or alert.expires_at <= now:
        return []
    priority = priority_of(alert.severity, alert.mode is Mode.EXERCISE)
    houses = _plan(session, alert, Audience.INSTITUTION, priority + CONTACTS_FIRST, now, office)
    contacts = _plan(session, alert, Audience.CONTACT, priority + CONTACTS_FIRST, now, office)
    return [*houses, *contacts, Next("address_vulnerable", work, priority)]


def address_residents(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Plan the residents; whom no machine can reach follows in a step of its own, so that no call waits for it."""
    alert = session.get_one(Alert, UUID(work), options=[NO_CAP])
    if alert.state is not AlertState.ISSUED or alert.expires_at <= now:
        return []
    priority = priority_of(alert.severity, alert.mode is Mode.EXERCISE)
    planned = _plan(session, alert, Audience.RESIDENT, priority, now, office)
    return [*planned, Next("address_persons", work, priority)]


def address_persons(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Plan a row for every household and village that no machine can reach: the end of an alert's planning.

    Its first count follows here; while half a million calls go before, the sweep has it counted.
    """
    alert = session.get_one(Alert, UUID(work), options=[NO_CAP])
    if alert.state is AlertState.ISSUED and alert.expires_at > now:
        _plan_persons(session, alert, priority_of(alert.severity, alert.mode is Mode.EXERCISE), now)
        return [Next("cover", work, ONE_OF_ITS_KIND)]
    return []


def _plan(
    session: Session, alert: Alert, audience: Audience, priority: int, now: datetime, office: Office
) -> list[Next]:
    rows = [
        segment_row(alert, channel, audience, tambon, start, priority, rung, now + delay)
        for rung, delay, channel in rungs(alert, office, audience)
        for tambon, size in _roll(session, alert, audience, channel.needs)
        for start in range(0, size, channel.batch)
    ]
    made = {
        i for i, due_at in insert_new(session, Segment, rows, returning=("id", "due_at")) if due_at <= now
    }
    return wake_ups(
        [str(row["id"]) for row in rows if row["id"] in made], priority
    )  # danger first, as planned


def wake_ups(due: list[str], priority: int) -> list[Next]:
    """The wake-ups of new segments, in their order."""
    each = SEGMENTS_A_WAKE_UP if len(due) >= MANY_SEGMENTS else 1
    return [Next("deliver", " ".join(due[n : n + each]), priority) for n in range(0, len(due), each)]


def address_found(session: Session, owner_id: UUID, now: datetime, office: Office) -> list[Next]:
    """A contact's address that came into the registry after an alert was planned gets that alert too, at once.

    A segment of the first rung that is not made yet takes the address along by itself; a later rung would leave the
    owner out when the wrong number was "reached" before, and leaves this number out for having one of its own. Twice is once.
    """
    made: list[Next] = []
    addresses = session.execute(
        text(
            "SELECT lower(kind::text) AS kind, tambon_code, village_code, nth FROM address "
            "WHERE owner_id = :owner AND audience = 'CONTACT' AND active"
        ),
        {"owner": owner_id},
    ).all()
    alerts = session.exec(
        select(Alert).where(
            Alert.mode == office.mode, Alert.state == AlertState.ISSUED, col(Alert.expires_at) > now
        )
    ).all()
    for found in addresses:
        for alert in alerts:
            if found.village_code not in villages_of(alert):
                continue
            priority = priority_of(alert.severity, alert.mode is Mode.EXERCISE) + CONTACTS_FIRST
            for channel in (
                c for c in office.channels.values() if c.needs == found.kind and not stands_by(c, office)
            ):
                row = segment_row(
                    alert, channel, Audience.CONTACT, found.tambon_code, found.nth, priority, 0, now
                )
                row["last_nth"] = found.nth
                about = {
                    "alert": alert.id,
                    "accounts": accounts(channel, office),
                    "tambon": found.tambon_code,
                    "nth": found.nth,
                }
                if session.execute(_TAKEN_ALONG, about).first() is None and insert_new(
                    session, Segment, [row], returning=("id",)
                ):
                    made.append(Next("deliver", str(row["id"]), priority))
    return made


_TAKEN_ALONG = text(
    "SELECT 1 FROM segment s WHERE s.alert_id = :alert AND s.channel = ANY(:accounts) AND s.audience = 'contact' "
    "AND s.tambon_code = :tambon AND :nth BETWEEN s.first_nth AND s.last_nth AND (s.rung = 0 AND NOT s.expanded "
    "OR EXISTS (SELECT 1 FROM delivery d JOIN address a ON a.id = d.address_id "
    "WHERE d.segment_id = s.id AND a.nth = :nth AND a.audience = 'CONTACT' AND a.tambon_code = :tambon))"
)


def rungs(alert: Alert, office: Office, audience: Audience) -> Iterator[tuple[int, timedelta, Channel]]:
    """Severe and Extreme: every channel at once. Lower: the next channel after the ladder's wait without proof."""
    together = alert.severity in LIFE_SAFETY
    wait = office.config.ladder.wait
    rung = 0
    for need in LADDER:
        if need in ("tower", "line_group") and audience is not Audience.CONTACT:
            continue
        found = [c for c in office.channels.values() if c.needs == need and not stands_by(c, office)]
        with_before = need in WITH_THE_ONE_BEFORE
        at = max(0, rung - 1) if with_before else rung
        for channel in found:
            yield (0, timedelta(), channel) if together else (at, at * wait, channel)
        rung += bool(found) and not with_before


def _roll(session: Session, alert: Alert, audience: Audience, kind: str) -> list[tuple[str, int]]:
    """(tambon, how many numbers its roll holds), in the alert's own order of tambon: danger first."""
    found = session.execute(
        text(
            "SELECT t.code, (SELECT max(nth) + 1 FROM address a WHERE a.audience = :audience AND a.kind = :kind "
            "AND a.tambon_code = t.code) FROM unnest(CAST(:tambons AS text[])) WITH ORDINALITY AS t(code, nth) "
            "ORDER BY t.nth"
        ),
        {"audience": audience.name, "kind": kind.upper(), "tambons": alert.tambons},
    )
    return [(code, size) for code, size in found if size]


def segment_row(
    alert: Alert,
    channel: Channel,
    audience: Audience,
    tambon: str,
    start: int,
    priority: int,
    rung: int,
    due_at: datetime,
) -> dict[str, object]:
    about = ("segment", alert.mode, alert.id, channel.name, audience, tambon, start)
    return {
        "id": id_for(*about), "alert_id": alert.id, "mode": alert.mode, "channel": channel.name,
        "audience": audience.value, "tambon_code": tambon, "first_nth": start, "last_nth": start + channel.batch - 1,
        "priority": priority, "rung": rung, "state": "WAITING", "expanded": False, "outcome": "planned", "why": "",
        "retry_key": id_for("retry key", *about), "attempts": 0, "due_at": due_at, "expires_at": alert.expires_at,
    }  # fmt: skip


def segment_of_one(
    alert: Alert, channel: Channel, audience: Audience, tambon: str, nth: int, priority: int, now: datetime
) -> dict[str, object]:
    """One address by itself, due now; the planned segment that holds its number leaves it out."""
    alone = ("alone", alert.mode, alert.id, channel.name, audience, tambon, nth)
    return segment_row(alert, channel, audience, tambon, nth, priority, 0, now) | {
        "id": id_for("segment", *alone), "retry_key": id_for("retry key", *alone), "last_nth": nth,
    }  # fmt: skip


def _plan_persons(session: Session, alert: Alert, priority: int, now: datetime) -> None:
    """One row on the channel `person` for each household without an address and each village without a contact."""
    for audience in ("household", "village"):
        rows = [_segment_person(alert, audience, tambon, priority, now) for tambon in alert.tambons]
        insert_new(session, Segment, rows)
    session.execute(
        text(
            "INSERT INTO delivery (id, segment_id, household_id, village_code) "
            "SELECT md5(s.id::text || h.id::text)::uuid, s.id, h.id, h.village_code "
            "FROM segment s JOIN household h ON left(h.village_code, 6) = s.tambon_code "
            "WHERE s.alert_id = :alert AND s.channel = 'person' AND s.audience = 'household' "
            "AND h.village_code <> ALL(CAST(:elsewhere AS text[])) "
            "AND NOT EXISTS (SELECT 1 FROM address a WHERE a.household_id = h.id AND a.active) ON CONFLICT DO NOTHING"
        ),
        {"alert": alert.id, "elsewhere": villages_elsewhere(alert)},
    )
    session.execute(
        text(
            "INSERT INTO delivery (id, segment_id, village_code) "
            "SELECT md5(s.id::text || v.code)::uuid, s.id, v.code "
            "FROM unnest(CAST(:villages AS text[])) AS v(code) "
            "JOIN segment s ON s.alert_id = :alert AND s.channel = 'person' AND s.audience = 'village' "
            "AND s.tambon_code = left(v.code, 6) "
            "WHERE NOT EXISTS (SELECT 1 FROM address a WHERE a.village_code = v.code AND a.audience = 'CONTACT' "
            "AND a.active) ON CONFLICT DO NOTHING"
        ),
        {"alert": alert.id, "villages": villages_of(alert)},
    )


def _segment_person(
    alert: Alert, audience: str, tambon: str, priority: int, now: datetime
) -> dict[str, object]:
    about = ("segment", alert.mode, alert.id, PERSON, audience, tambon)
    return {
        "id": id_for(*about), "alert_id": alert.id, "mode": alert.mode, "channel": PERSON, "audience": audience,
        "tambon_code": tambon, "first_nth": 0, "last_nth": 0, "priority": priority, "rung": 0, "state": "SENT",
        "expanded": True, "outcome": "planned", "why": "ไม่มีช่องทางติดต่อ ต้องมีคนไปบอก", "retry_key": id_for("retry", *about),
        "attempts": 0, "due_at": now, "expires_at": alert.expires_at,
    }  # fmt: skip
