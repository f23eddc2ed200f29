"""Taking a segment for sending: who it is for, whether it may still go out, and whether the account is free for it.

Nobody else sends what is claimed here, and the word of an earlier claim counts no more: `attempt` is the fence.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import Batch, Channel
from warning import bucket
from warning.address import NO_CAP
from warning.alert import LIFE_SAFETY, Alert, AlertState, Mode
from warning.answered import ANYBODY, without_answered
from warning.compose import messages, still_wanted
from warning.delivery import Segment, SegmentState
from warning.expand import Row, expand
from warning.office import Office
from warning.provider_switch import instead
from warning.provider_switch import taken as given_to
from warning.turns import Line

UNKNOWN = (
    "unknown"  # of a segment that waits: an earlier call may have been taken, though its answer was lost
)
MOST_REMEMBERED = 8  # alerts a process keeps the words of


@dataclass(frozen=True)
class Claimed:
    segment: Segment
    attempt: int  # the fence: a later attempt's word counts, an earlier one's no more
    channel: Channel
    batch: Batch
    life_safety: bool


# The usual case in one statement: it waits, it is due, its alert is in force, its channel is on.
_TAKE = text(
    f"""
WITH was AS (SELECT id, expanded FROM segment WHERE id = CAST(:id AS uuid) FOR UPDATE)
UPDATE segment s SET state = 'SENDING', attempts = s.attempts + 1, job = :job, expanded = true,
    channel = CASE WHEN s.attempts = 0 THEN COALESCE(CAST(:instead AS jsonb) ->> s.channel, s.channel) ELSE s.channel END
FROM was
WHERE s.id = was.id AND s.state = 'WAITING' AND s.due_at <= :now AND s.expires_at > :now
  AND s.mode = :mode AND s.channel = ANY(:open)
  AND EXISTS (SELECT 1 FROM alert a WHERE a.id = s.alert_id AND a.state = 'ISSUED')
RETURNING s.id, s.alert_id, s.channel, s.audience, s.tambon_code, s.first_nth, s.last_nth, s.rung, s.priority,
          s.retry_key, s.attempts, s.due_at, s.expires_at, s.mode, s.outcome, was.expanded,
          CASE WHEN s.channel = ANY(:lazy) THEN set_config('synchronous_commit', 'off', true) END AS lazily,
          s.audience = 'resident' AND {ANYBODY} AS answered
"""  # noqa: S608 - put together from our own words only
)
_HELD = text("SELECT 1 FROM procrastinate_jobs WHERE id = :job AND status = 'doing'")


def claim(session: Session, work: str, job: int, now: datetime, office: Office) -> Claimed | None:
    """Take a segment for sending, expanding it the first time. None: nothing to send (any more).

    job: number of the wake-up. A segment that another wake-up is sending right now is left alone; one whose worker died
    (its wake-up gone, or given to us) is taken back.
    """
    lazy = [channel.name for channel in office.channels.values() if lazily(channel)]
    taken = _take(session, work, job, now, office, list(office.channels), lazy)
    return (
        _claim_oddly(session, work, job, now, office)
        if taken is None
        else _filled(session, taken, now, office)
    )


def claim_ahead(session: Session, work: str, job: int, now: datetime, office: Office) -> Claimed | None:
    """Take a segment in the very transaction that plans it, which is waited for. None: it is to be claimed as any other.

    Only of a carrier that refuses repeats: the segment is asked for again with its key should this worker die before the
    call; for any other its outcome would be unknown though nothing was sent.
    """
    swap = instead(now, office)
    again = [name for name in office.channels if office.channels[swap.get(name, name)].dedupes]
    taken = _take(session, work, job, now, office, again, [])
    return None if taken is None else _filled(session, taken, now, office)


def _take(
    session: Session, work: str, job: int, now: datetime, office: Office, among: list[str], lazy: list[str]
) -> Any:
    about = {
        "id": work, "job": job, "now": now, "mode": office.mode.name, "open": among, "lazy": lazy,
        "instead": json.dumps(instead(now, office)),
    }  # fmt: skip
    return session.execute(_TAKE, about).first()


def lazily(channel: Channel) -> bool:
    """Of a carrier that refuses repeats the disk need not be waited for: should the database's machine lose its power, at
    most the last second's claims and answers are forgotten, the segments are asked for again with the same key (stored at
    planning, which is waited for), and nobody gets a second message. For any other carrier every commit is on disk."""
    return channel.dedupes


def _filled(session: Session, taken: Any, now: datetime, office: Office) -> Claimed | None:
    """A segment that is ours now, with everybody it is for."""
    given_to(taken.channel, now, office)
    held = {name: value for name, value in taken._mapping.items() if name not in ("lazily", "answered")}
    segment = Segment(**{**held, "mode": office.mode}, state=SegmentState.SENDING)
    alert = office.in_force.get(segment.alert_id) or _remember(session, segment.alert_id, office)
    channel = office.channels[segment.channel]
    rows = (
        still_wanted(session, segment) if segment.expanded else expand(session, segment, alert, channel.needs)
    )
    if rows and taken.answered and not channel.dedupes:
        rows = without_answered(session, segment, rows, now)
    if not rows:
        kept = session.get_one(Segment, segment.id)
        kept.attempts -= 1
        finish(kept, "suppressed", "", now)
        return None
    return _claimed(session, segment, rows, alert, channel, office)


def _remember(session: Session, alert_id: UUID, office: Office) -> Alert:
    """Words and villages are fixed when an alert is issued, so each process reads them once. Its state is never taken
    from here."""
    alert = session.get_one(Alert, alert_id, options=[NO_CAP])
    session.expunge(alert)
    if len(office.in_force) >= MOST_REMEMBERED:
        office.in_force.clear()
    office.in_force[alert_id] = alert
    return alert


def _claim_oddly(session: Session, work: str, job: int, now: datetime, office: Office) -> Claimed | None:
    """Every other case, with the row locked: to be closed, already sent, or a dead worker's."""
    segment = session.get(Segment, UUID(work), with_for_update=True)
    if segment is None or segment.state in (SegmentState.SENT, SegmentState.CLOSED):
        return None
    others = segment.state is SegmentState.SENDING and segment.job not in (None, job)
    if others and session.execute(_HELD, {"job": segment.job}).first():
        return None
    alert = session.get_one(Alert, segment.alert_id)
    if segment.expires_at <= now or alert.state is not AlertState.ISSUED:
        close(session, segment, "expired" if segment.expires_at <= now else "suppressed", str(alert.state))
        return None
    if segment.due_at > now:
        return None
    channel = office.channels.get(segment.channel)
    if channel is None or (alert.mode is Mode.EXERCISE and channel.live and not channel.simulated):
        close(session, segment, "suppressed", "ช่องทางนี้ปิดอยู่ (channel is off)")
        return None
    if segment.state is SegmentState.SENDING and not channel.dedupes:
        finish(segment, "unknown", "ผู้ส่งหยุดกลางคันก่อนได้คำตอบ (the sender died before the answer came)", now)
        return None
    rows = (
        still_wanted(session, segment) if segment.expanded else expand(session, segment, alert, channel.needs)
    )
    segment.expanded = True
    if not rows:
        finish(segment, "suppressed", "", now)
        return None
    if segment.state is SegmentState.SENDING:
        segment.outcome = UNKNOWN  # the dead worker's call may have been taken
    segment.state, segment.attempts, segment.job = SegmentState.SENDING, segment.attempts + 1, job
    return _claimed(session, segment, rows, alert, channel, office)


def _claimed(
    session: Session, segment: Segment, rows: list[Row], alert: Alert, channel: Channel, office: Office
) -> Claimed:
    recipients = messages(session, rows, segment, alert, channel, office)
    batch = Batch(
        key=segment.retry_key, alert_id=alert.id, severity=alert.severity, exercise=alert.mode is Mode.EXERCISE,
        messages=tuple(recipients), expires_at=segment.expires_at, maybe_taken=segment.outcome == UNKNOWN,
        everybody=not alert.villages and set(alert.tambons).issuperset(office.areas.codes),
    )  # fmt: skip
    return Claimed(segment, segment.attempts, channel, batch, alert.severity in LIFE_SAFETY)


def put_back(session: Session, claimed: Claimed, wait_s: float, now: datetime, office: Office) -> None:
    """The account is busy for `wait_s` wall seconds: the row waits, no worker does. It costs no attempt."""
    segment = session.get_one(Segment, claimed.segment.id, with_for_update=True)
    if segment.state is SegmentState.SENDING and segment.attempts == claimed.attempt:
        segment.state, segment.attempts = SegmentState.WAITING, segment.attempts - 1
        segment.due_at = now + timedelta(seconds=wait_s * office.clock.rate)


def allowed(session: Session, claimed: Claimed) -> float:
    """Seconds to wait before this account may be called again; 0.0 when `calls_at_once` more calls may go out now."""
    return bucket.take(
        session, claimed.channel.name, rate_per_s=claimed.channel.rate_per_s, calls=calls_at_once(claimed),
        lane_share=claimed.channel.lane_share, life_safety=claimed.life_safety,
    )  # fmt: skip


def calls_at_once(claimed: Claimed) -> int:
    """How many calls one visit to the shared bucket pays for: what this batch costs; for life safety at least a
    twentieth of a second's worth, so that not every batch need visit."""
    cost = calls_of(claimed)
    return max(cost, int(claimed.channel.rate_per_s / 20)) if claimed.life_safety else cost


async def turn(claimed: Claimed, allowance: Callable[[Claimed], Awaitable[float]], office: Office) -> float:
    """0.0 when this call may go out, else how many wall seconds to put it back for."""
    line = Line(claimed.channel.name, claimed.segment.alert_id, claimed.segment.priority)
    costs_s = calls_of(claimed) / claimed.channel.rate_per_s
    return await office.turns.wait(line, claimed.segment.id, costs_s, lambda: allowance(claimed))


def calls_of(claimed: Claimed) -> int:
    return claimed.channel.calls(len(claimed.batch.messages))


def finish(segment: Segment, outcome: str, why: str, now: datetime) -> None:
    """Every recipient without a word of their own has this outcome; what may have been taken stays `unknown`."""
    segment.state, segment.why, segment.sent_at = SegmentState.SENT, why, now
    segment.outcome = UNKNOWN if segment.outcome == UNKNOWN else outcome


def close(session: Session, segment: Segment, outcome: str, why: str) -> None:
    """Never sent any more. Rows that already have an outcome of their own keep it; what may have been taken is `unknown`,
    be it that its answer was lost or that a dead worker had it."""
    maybe = segment.state is SegmentState.SENDING or segment.outcome == UNKNOWN
    segment.state, segment.outcome, segment.why = SegmentState.CLOSED, UNKNOWN if maybe else outcome, why
