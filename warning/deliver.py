"""One claimed segment to one carrier: send it with no session held, write down what the carrier said.

Retries are due times on the row, never sleeping jobs. What is expired is closed, never sent late. Where a worker died
between sending and writing, a carrier that refuses repeats is simply asked again with the same key; for any other the
outcome is `unknown`: never resent blindly, and the people concerned go to the next channel and to somebody's list.
"""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import (
    Batch,
    ChannelBroken,
    OutcomeUnknown,
    QuotaSpent,
    Receipt,
    ReceiptState,
    TryLater,
)
from geo.synthetic import is_synthetic
from warning import bucket, provider_switch
from warning.claim import UNKNOWN, Claimed, finish, lazily
from warning.delivery import Segment, SegmentState
from warning.fault import mended, note
from warning.forward import FIRST_WORD, NUMBERED
from warning.office import Office
from warning.step import Next

# The first try again comes after two to four seconds, each further one after twice as long, at most two minutes, and a half of
# it is left to chance: a thousand segments that failed together do not come back together. It ends with the alert: a carrier
# that is down for an hour of a night must not cost those it would have reached.
FIRST_RETRY = timedelta(seconds=4)
LONGEST_RETRY = timedelta(minutes=2)
MOST_DOUBLINGS = 6


class NotOpenYet(TryLater):
    """The carrier has no connection, and is being asked for one (`warning.carriers`): the next rung need not wait for it."""


async def hand_over(claimed: Claimed, wire: Any, now: datetime) -> list[Receipt] | Exception:
    """The only moment outside: exactly one receipt a message, or the error that says nothing was taken.

    The last look before the wire: what expired while the account was busy is closed, an exercise never goes to a live
    carrier, and an invented address is refused by one.
    """
    if claimed.batch.expires_at <= now:
        return _said_of_all(claimed, ReceiptState.EXPIRED, "หมดเวลา (expired)", now)
    live = claimed.channel.live and not claimed.channel.simulated
    if live and claimed.batch.exercise:
        return _said_of_all(claimed, ReceiptState.SUPPRESSED, "ฝึกซ้อมไม่ส่งจริง (an exercise is never sent)", now)
    if live and any(is_synthetic(m.address) for m in claimed.batch.messages):
        return await _send_to_real(claimed, wire, now)
    return await _send(claimed, claimed.batch, wire, now)


async def _send_to_real(claimed: Claimed, wire: Any, now: datetime) -> list[Receipt] | Exception:
    """The invented people of a demo or a bench have no phone; whoever has such a number in real life is not to be rung."""
    invented = [m for m in claimed.batch.messages if is_synthetic(m.address)]
    refused = [
        Receipt(m.id, ReceiptState.REFUSED, now, why="ที่อยู่สมมติ (an invented address)") for m in invented
    ]
    real = tuple(m for m in claimed.batch.messages if not is_synthetic(m.address))
    if not real:
        return refused
    outcome = await _send(claimed, claimed.batch._replace(messages=real), wire, now)
    return [*outcome, *refused] if isinstance(outcome, list) else outcome


def _said_of_all(claimed: Claimed, state: ReceiptState, why: str, now: datetime) -> list[Receipt]:
    return [Receipt(m.id, state, now, why=why) for m in claimed.batch.messages]


async def _send(claimed: Claimed, batch: Batch, wire: Any, now: datetime) -> list[Receipt] | Exception:
    try:
        receipts = await claimed.channel.send(wire, batch, now)
    except (TryLater, QuotaSpent, ChannelBroken, OutcomeUnknown) as error:
        return error
    if len(receipts) != len(batch.messages):
        return ChannelBroken(
            f"{claimed.channel.name} gave {len(receipts)} receipts for {len(batch.messages)}"
        )
    return receipts


def complains(outcome: list[Receipt] | Exception) -> bool:
    """Did the carrier say that it cannot, now, of the batch or of a part of it?"""
    return not isinstance(outcome, list) or any(r.state is ReceiptState.TRY_LATER for r in outcome)


def write_down(
    session: Session, claimed: Claimed, outcome: list[Receipt] | Exception, now: datetime, office: Office
) -> list[Next]:
    """Put the carrier's word into the ledger. Twice is once: states only move forward."""
    key = f"channel {claimed.channel.name}"
    provider_switch.heard(session, claimed, outcome, now, office)
    if isinstance(outcome, list) and key not in office.faults and _all_alike(session, claimed, outcome, now):
        return []
    segment = session.get_one(Segment, claimed.segment.id, with_for_update=True)
    if segment.state is not SegmentState.SENDING or segment.attempts != claimed.attempt:
        return []
    if provider_switch.moved(session, segment, claimed, outcome, now, office):
        return [Next("deliver", str(segment.id), segment.priority)]
    match outcome:
        case NotOpenYet() as error:
            _again(segment, str(error), now, office, None)
            return _next_rung_now(session, segment, now)
        case TryLater() as error:
            if error.retry_after:
                bucket.pause(session, claimed.channel.name, error.retry_after, str(error))
            _again(segment, str(error), now, office, error.retry_after, maybe_taken=error.maybe_taken)
        case OutcomeUnknown() as error if claimed.channel.dedupes:
            _again(segment, str(error), now, office, None, maybe_taken=True)
        case OutcomeUnknown() as error:
            finish(segment, "unknown", str(error), now)
        case QuotaSpent() as error:
            office.faults.add(key)
            note(session, key, f"โควตาหมด: {error} (quota spent)", now)
            finish(segment, "failed", f"โควตาหมด (quota spent): {error}", now)
            return _next_rung_now(session, segment, now)
        case ChannelBroken() as error:
            office.faults.add(key)
            note(session, key, f"ช่องทางเสีย ต้องมีคนแก้: {error} (channel broken)", now)
            finish(segment, "failed", str(error), now)
            return _next_rung_now(session, segment, now)
        case Exception() as error:
            raise error
        case receipts:
            if key in office.faults:
                mended(session, key)
                office.faults.discard(key)
            _record(session, segment, claimed, receipts, now, office)
    return []


_DONE = text(
    "UPDATE segment SET state = 'SENT', sent_at = :now, outcome = :outcome, why = :why WHERE id = :id "
    "AND state = 'SENDING' AND attempts = :attempt AND outcome = 'planned' "
    "RETURNING CASE WHEN :lazily THEN set_config('synchronous_commit', 'off', true) END"
)


def _all_alike(session: Session, claimed: Claimed, receipts: list[Receipt], now: datetime) -> bool:
    """The usual case in one statement: the first try, and the carrier said the same of everybody. False: nothing done."""
    first = receipts[0]
    alike = all(r.state is first.state and r.why == first.why and r.provider_id is None for r in receipts)
    if not alike or first.state is ReceiptState.TRY_LATER or claimed.attempt != 1:
        return False
    done = session.execute(
        _DONE,
        {"id": claimed.segment.id, "attempt": claimed.attempt, "now": now, "outcome": first.state.value, "why": first.why,
         "lazily": lazily(claimed.channel)},
    )  # fmt: skip
    return done.first() is not None


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
        if r.state is not ReceiptState.TRY_LATER
        and (not first or r.state != normal)
        and not (
            segment.outcome == UNKNOWN and r.state is ReceiptState.EXPIRED
        )  # an earlier call may have been taken
    ]
    if rows:
        session.execute(FIRST_WORD, rows)
    numbered = [{"id": r.delivery_id, "provider_id": r.provider_id} for r in receipts if r.provider_id]
    if numbered:
        session.execute(NUMBERED, numbered)
    if later:
        each_its_own = claimed.channel.each_its_own
        wait = (min if each_its_own else max)((r.retry_after or timedelta()) for r in later) or None
        maybe = any(r.maybe_taken for r in later)
        _again(segment, later[0].why or "busy", now, office, wait, maybe_taken=maybe)
        if wait and not each_its_own:
            bucket.pause(session, claimed.channel.name, wait, later[0].why)
    else:
        segment.state, segment.sent_at = SegmentState.SENT, now


def _again(
    segment: Segment,
    why: str,
    now: datetime,
    office: Office,
    retry_after: timedelta | None,
    *,
    maybe_taken: bool = False,
) -> None:
    """Waits are on the row. Wall seconds count, so simulated time passes `rate` times as much of its own."""
    grown = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(segment.attempts - 1, MOST_DOUBLINGS))
    span = max(retry_after or timedelta(), grown * random.uniform(0.5, 1.0))
    segment.state, segment.why = SegmentState.WAITING, why
    segment.outcome = UNKNOWN if maybe_taken else segment.outcome
    segment.due_at = now + span * office.clock.rate


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
