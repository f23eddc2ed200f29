"""One segment to one carrier: claim it, send it with no session held, write down what the carrier said.

Retries are due times on the row, never sleeping jobs. What is expired is closed, never sent late. Where a worker died
between sending and writing, a carrier that refuses repeats is simply asked again with the same key; for any other the
outcome is `unknown`: never resent blindly, and the people concerned go to the next channel and to somebody's list.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import (
    Batch,
    Channel,
    ChannelBroken,
    OutcomeUnknown,
    QuotaSpent,
    Receipt,
    ReceiptState,
    TryLater,
)
from warning import bucket
from warning.address import expand
from warning.alert import LIFE_SAFETY, Alert, AlertState, Mode
from warning.compose import messages, still_wanted
from warning.delivery import Segment, SegmentState
from warning.fault import mended, note
from warning.forward import FIRST_WORD, NUMBERED
from warning.office import Office
from warning.step import Next

FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=2)
MOST_ATTEMPTS = 12


@dataclass(frozen=True)
class Claimed:
    segment: Segment
    attempt: int  # the fence: a later attempt's word counts, an earlier one's no more
    channel: Channel
    batch: Batch
    life_safety: bool


_HELD = text("SELECT 1 FROM procrastinate_jobs WHERE id = :job AND status = 'doing'")


def claim(session: Session, work: str, job: int, now: datetime, office: Office) -> Claimed | None:
    """Take a segment for sending, expanding it the first time. None: nothing to send (any more).

    job: number of the wake-up. A segment that another wake-up is sending right now is left alone; one whose worker died
    (its wake-up gone, or given to us) is taken back.
    """
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
        _finish(segment, "unknown", "ผู้ส่งหยุดกลางคันก่อนได้คำตอบ (the sender died before the answer came)", now)
        return None
    rows = (
        still_wanted(session, segment) if segment.expanded else expand(session, segment, alert, channel.needs)
    )
    segment.expanded = True
    if not rows:
        _finish(segment, "suppressed", "", now)
        return None
    recipients = messages(session, rows, segment, alert, channel, office)
    segment.state, segment.attempts, segment.job = SegmentState.SENDING, segment.attempts + 1, job
    batch = Batch(
        key=segment.retry_key, alert_id=alert.id, severity=alert.severity, exercise=alert.mode is Mode.EXERCISE,
        messages=tuple(recipients), expires_at=segment.expires_at,
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


def calls_of(claimed: Claimed) -> int:
    return claimed.channel.calls(len(claimed.batch.messages))


async def hand_over(claimed: Claimed, wire: Any, now: datetime) -> list[Receipt] | Exception:
    """The only moment outside: exactly one receipt a message, or the error that says nothing was taken."""
    try:
        receipts = await claimed.channel.send(wire, claimed.batch, now)
    except (TryLater, QuotaSpent, ChannelBroken, OutcomeUnknown) as error:
        return error
    if len(receipts) != len(claimed.batch.messages):
        return ChannelBroken(
            f"{claimed.channel.name} gave {len(receipts)} receipts for {len(claimed.batch.messages)}"
        )
    return receipts


def write_down(
    session: Session, claimed: Claimed, outcome: list[Receipt] | Exception, now: datetime, office: Office
) -> list[Next]:
    """Put the carrier's word into the ledger. Twice is once: states only move forward."""
    segment = session.get_one(Segment, claimed.segment.id, with_for_update=True)
    if segment.state is not SegmentState.SENDING or segment.attempts != claimed.attempt:
        return []
    key = f"channel {claimed.channel.name}"
    match outcome:
        case TryLater() as error:
            if error.retry_after:
                bucket.pause(session, claimed.channel.name, error.retry_after, str(error))
            _again(segment, str(error), now, office, error.retry_after)
        case OutcomeUnknown() as error if claimed.channel.dedupes:
            _again(segment, str(error), now, office, None)
        case OutcomeUnknown() as error:
            _finish(segment, "unknown", str(error), now)
        case QuotaSpent() as error:
            office.faults.add(key)
            note(session, key, f"โควตาหมด: {error} (quota spent)", now)
            _finish(segment, "failed", f"โควตาหมด (quota spent): {error}", now)
            return _next_rung_now(session, segment, now)
        case ChannelBroken() as error:
            office.faults.add(key)
            note(session, key, f"ช่องทางเสีย ต้องมีคนแก้: {error} (channel broken)", now)
            _finish(segment, "failed", str(error), now)
            return _next_rung_now(session, segment, now)
        case Exception() as error:
            raise error
        case receipts:
            if key in office.faults:
                mended(session, key)
                office.faults.discard(key)
            _record(session, segment, claimed, receipts, now, office)
    return []


def _record(
    session: Session,
    segment: Segment,
    claimed: Claimed,
    receipts: Sequence[Receipt],
    now: datetime,
    office: Office,
) -> None:
    later = [r for r in receipts if r.state is ReceiptState.TRY_LATER]
    usual = Counter(r.state for r in receipts if r.state is not ReceiptState.TRY_LATER).most_common(1)
    normal = usual[0][0].value if usual else "planned"
    first = segment.outcome == "planned" and not later and segment.attempts == 1
    if first:
        segment.outcome, segment.why = normal, next((r.why for r in receipts if r.state == normal), "")
    rows = [
        {
            "id": r.delivery_id,
            "state": r.state.value,
            "why": r.why,
            "at": now,
        }
        for r in receipts
        if r.state is not ReceiptState.TRY_LATER and (not first or r.state != normal)
    ]
    if rows:
        session.execute(FIRST_WORD, rows)
    numbered = [{"id": r.delivery_id, "provider_id": r.provider_id} for r in receipts if r.provider_id]
    if numbered:
        session.execute(NUMBERED, numbered)
    if later:
        _again(
            segment,
            later[0].why or "busy",
            now,
            office,
            max((r.retry_after or timedelta()) for r in later) or None,
        )
        if later[0].retry_after:
            bucket.pause(session, claimed.channel.name, later[0].retry_after, later[0].why)
    else:
        segment.state, segment.sent_at = SegmentState.SENT, now


def _again(segment: Segment, why: str, now: datetime, office: Office, retry_after: timedelta | None) -> None:
    """Waits are on the row. Wall seconds count, so simulated time passes `rate` times as much of its own."""
    if segment.attempts >= MOST_ATTEMPTS:
        _finish(segment, "failed", f"ลองแล้ว {segment.attempts} ครั้ง: {why}", now)
        return
    grown = min(LONGEST_RETRY, FIRST_RETRY * 2 ** (segment.attempts - 1))
    span = max(retry_after or timedelta(), grown * random.uniform(0.5, 1.0))
    segment.state, segment.why = SegmentState.WAITING, why
    segment.due_at = now + span * office.clock.rate


def _finish(segment: Segment, outcome: str, why: str, now: datetime) -> None:
    segment.state, segment.outcome, segment.why, segment.sent_at = SegmentState.SENT, outcome, why, now


def close(session: Session, segment: Segment, outcome: str, why: str) -> None:
    """Never sent any more. Rows that already have an outcome of their own keep it."""
    segment.state, segment.outcome, segment.why = SegmentState.CLOSED, outcome, why


def _next_rung_now(session: Session, segment: Segment, now: datetime) -> list[Next]:
    """This channel can do no more tonight: whatever of the same tambon waits on a later rung is due at once."""
    woken = session.execute(
        text(
            "UPDATE segment SET due_at = :now WHERE alert_id = :alert AND audience = :audience AND tambon_code = :tambon "
            "AND rung > :rung AND state = 'WAITING' AND due_at > :now RETURNING id"
        ),
        {"now": now, "alert": segment.alert_id, "audience": segment.audience, "tambon": segment.tambon_code,
         "rung": segment.rung},
    ).scalars()  # fmt: skip
    return [Next("deliver", str(segment_id), segment.priority) for segment_id in woken]
