"""The plan of one draft from the rows as they are: the roll counted by village, loudspeakers alive, past proof, the month's quota.

Counting a roll of 520,000 addresses takes the better part of a second, and it moves slowly: its counts are kept for ten minutes,
the plan itself for half a minute.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from channels.line import Line
from geo.gazetteer import gazetteer
from geo.when import BANGKOK, utc
from warning.alert import Alert, Mode
from warning.alert_places import villages_elsewhere, villages_of
from warning.cover import line_of
from warning.office import Office
from warning.plan import ChannelPlan, Measured, Place, assumptions, channel_plan
from warning.words_tried import refused_words

KEPT_FOR = timedelta(seconds=30)
ROLL_KEPT_FOR = timedelta(minutes=10)
_SAMPLE = 40  # segments a channel whose outcomes are looked at: some 20,000 recipients
_ROLL = text(
    "SELECT village_code, lower(kind::text) AS kind, count(*) AS n FROM address "
    "WHERE (audience = 'RESIDENT' AND kind IN ('SMS', 'LINE') OR audience = 'CONTACT' AND kind = 'LINE_GROUP') "
    "AND tambon_code = ANY(:tambons) AND active GROUP BY 1, 2"
)
_HOMES = text(
    "SELECT village_code, sum(people)::int FROM household WHERE left(village_code, 6) = ANY(:tambons) GROUP BY 1"
)
_CONTACTS = text(
    # One person in two roles, or two people with one telephone, are one way in.
    "SELECT village_code, least(count(DISTINCT owner_id), count(DISTINCT hash)) FROM address "
    "WHERE audience = 'CONTACT' AND kind IN ('SMS', 'VOICE') "
    "AND tambon_code = ANY(:tambons) AND active GROUP BY 1"
)
_TOWERS = text(
    "SELECT village_code, bool_or(CASE WHEN kind = 'MQTT' THEN COALESCE(online, false) OR last_heard_at > :heard_since "
    "ELSE key_holder_id IS NOT NULL AND COALESCE(tested_ok, true) END) FROM tower "
    "WHERE left(village_code, 6) = ANY(:tambons) GROUP BY 1"
)
_PROOF = text(
    """
WITH newest AS (
    SELECT id, channel, outcome, row_number() OVER (PARTITION BY channel ORDER BY sent_at DESC) AS nth FROM segment
    WHERE state = 'SENT' AND mode = :mode AND audience = 'resident' AND channel <> 'person' AND sent_at < :settled)
SELECT s.channel, count(*), count(*) FILTER (WHERE COALESCE(d.state, s.outcome) IN ('delivered', 'confirmed'))
FROM newest s JOIN delivery d ON d.segment_id = s.id WHERE s.nth <= :sample GROUP BY 1
"""
)
_SPENT = text(  # at most: a segment may be shorter than its span
    "SELECT COALESCE(sum(CASE WHEN vulnerable THEN (SELECT count(*) FROM delivery d WHERE d.segment_id = s.id) "
    "ELSE last_nth - first_nth + 1 END), 0)::int FROM segment s WHERE channel = :channel AND sent_at >= :month"
)
_Rows = list[tuple[Any, ...]]
_rolls: dict[tuple[str, str], tuple[datetime, _Rows, _Rows]] = {}
_kept: dict[tuple[str, UUID, str], tuple[datetime, ChannelPlan]] = {}


def plan_of(session: Session, alert: Alert, office: Office, now: datetime) -> ChannelPlan:
    """The plan as it stands; not older than half a minute for the same places. now: aware UTC."""
    key = (str(office.database.engine.url), alert.id, ",".join([*alert.tambons, *(alert.villages or [])]))
    kept = _kept.get(key)
    if kept is not None and timedelta() <= now - kept[0] < KEPT_FOR:
        return _with_refusals(session, alert, kept[1])
    if len(_kept) > 100:
        _kept.clear()
    made = channel_plan(
        places_of(session, alert, now), list(office.channels.values()), proof(session, alert.mode, now),
        quota_left(session, office, now),
    )  # fmt: skip
    _kept[key] = now, made
    return _with_refusals(session, alert, made)


def _with_refusals(session: Session, alert: Alert, plan: ChannelPlan) -> ChannelPlan:
    """A carrier that would not take this draft's words is named beside its people: so many would not hear of it that way."""
    why = refused_words(session, alert.id)
    return replace(
        plan, lines=tuple(replace(line, warning=why.get(line.name, line.warning)) for line in plan.lines)
    )


def places_of(session: Session, alert: Alert, now: datetime) -> list[Place]:
    """Every village the alert speaks to; homes of a tambon whose village nobody knows are a line of their own where there are any."""
    villages = villages_of(alert)
    known, elsewhere = set(villages), set(villages_elsewhere(alert))
    alive = now - timedelta(hours=assumptions().tower_alive_hours)
    asked = {"tambons": list(alert.tambons), "heard_since": alive}
    addressed: dict[str, dict[str, int]] = {}
    roll, people = _counted(session, alert, now)
    for code, kind, n in roll:
        if code not in elsewhere:
            there = addressed.setdefault(line_of(code, known), {})
            there[kind] = there.get(kind, 0) + n
    homes = _by_line(people, known, elsewhere)
    contacts = _by_line(session.execute(_CONTACTS, asked), known, elsewhere)
    towers: dict[str, bool] = dict(tuple(row) for row in session.execute(_TOWERS, asked))
    lines = [*villages, *sorted((homes.keys() | addressed.keys()) - known)]
    return [
        Place(
            code, max(homes.get(code, 0), _estimate(code) if code in known else 0), addressed.get(code, {}),
            contacts.get(code, 0), bool(towers.get(code)),
        )
        for code in lines
    ]  # fmt: skip


def _counted(session: Session, alert: Alert, now: datetime) -> tuple[_Rows, _Rows]:
    """Addresses by village and kind, people by village, of the alert's tambon."""
    key = str(session.get_bind().engine.url), ",".join(alert.tambons)
    kept = _rolls.get(key)
    if kept is None or not timedelta() <= now - kept[0] < ROLL_KEPT_FOR:
        if len(_rolls) > 50:
            _rolls.clear()
        asked = {"tambons": list(alert.tambons)}
        roll, people = ([tuple(row) for row in session.execute(what, asked)] for what in (_ROLL, _HOMES))
        kept = _rolls[key] = now, roll, people
    return kept[1], kept[2]


def _by_line(rows: Any, known: set[str], elsewhere: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for code, n in rows:
        if code not in elsewhere:
            line = line_of(code, known)
            found[line] = found.get(line, 0) + n
    return found


def _estimate(code: str) -> int:
    places = gazetteer()
    return places.tambon(code[:6]).population if code.endswith("00") else places.village(code).people


def proof(session: Session, mode: Mode, now: datetime) -> Mapping[str, Measured]:
    """What the newest settled deliveries of each channel proved; of the last hour none, their receipts are still coming."""
    asked = {"mode": mode.name, "settled": now - timedelta(hours=1), "sample": _SAMPLE}
    return {name: Measured(sent, proved) for name, sent, proved in session.execute(_PROOF, asked)}


def quota_left(session: Session, office: Office, now: datetime) -> Mapping[str, int]:
    """Of accounts with a monthly quota: what our own ledger leaves of it. Others who send by the same account are not in it."""
    month = utc(now.astimezone(BANGKOK).replace(day=1, hour=0, minute=0, second=0, microsecond=0))
    found: dict[str, int] = {}
    for channel in office.channels.values():
        if isinstance(channel, Line) and channel.needs == "line" and channel.monthly_quota is not None:
            spent = session.execute(_SPENT, {"channel": channel.name, "month": month}).scalar_one()
            found[channel.name] = max(0, channel.monthly_quota - spent)
    return found
