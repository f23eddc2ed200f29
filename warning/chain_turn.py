"""The turns of a chain: whom the machine rings next, what became of a call, and the end when somebody has answered.

`ring` starts no more calls than the trunk has lines, those who were not rung yet before those who are rung again. `chain` draws
the conclusion of what the ledger says. Both are woken by the sweep, both may run twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from channels.contract import ReceiptState
from geo.errors import NotAllowed
from geo.people import Audience
from warning.alert import Alert, AlertState
from warning.audit import record
from warning.chain import ANSWERED, BY_HAND, ENDED, PROOF, PROVED, TRUNK, ChainCall, Turn, advance
from warning.delivery import Delivery, Segment, SegmentState
from warning.expand import expand
from warning.office import Office
from warning.step import ONE_OF_ITS_KIND, Next

COUNTED = ("no_answer", "busy", "declined", "voicemail", "away", "wrong_number")
KEYED = ("no_answer", "busy", "voicemail", "wrong_number")  # what the relay desk writes down of a try
FINAL = "wrong_number"
LOST_AFTER = timedelta(minutes=5)  # no call lasts so long: whoever made it died. It counts as a try.
TRUNK_AGAIN = timedelta(seconds=30)  # the trunk was away: nobody was rung, so it counts as none
LINE_AGAIN = timedelta(seconds=3)  # all lines are busy: whoever waits is looked at again
_OPEN = ("planned", "try_later", "handed_over", "accepted")

RING_OVERDUE = (
    "SELECT DISTINCT c.channel, 35 FROM chain_call c WHERE c.state = 'WAITING' AND c.due_at <= :now "
    "AND c.channel IS NOT NULL"
)
CHAIN_OVERDUE = (
    "SELECT DISTINCT c.alert_id::text || ':' || c.village_code, c.priority FROM chain_call c JOIN alert a ON a.id = c.alert_id "  # noqa: S608 - put together from our own words only
    "LEFT JOIN delivery d ON d.id = c.delivery_id LEFT JOIN segment s ON s.id = c.segment_id "
    "WHERE c.state <> 'OVER' AND (a.state <> 'ISSUED' OR a.expires_at <= :now "
    "OR c.state = 'RINGING' AND (COALESCE(d.state, s.outcome) NOT IN ('planned', 'try_later', 'handed_over', 'accepted') "
    "OR c.changed_at <= :call_lost) "
    f"OR {PROVED.format(alert='c.alert_id', village='c.village_code').replace(':proof', 'CAST(:proof AS text[])')})"
)
_LINE_BUSY = text(
    "UPDATE chain_call SET due_at = :later WHERE channel = :channel AND state = 'WAITING' AND due_at <= :now"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 8))")
_DUE = text(
    "SELECT c.id FROM chain_call c JOIN alert a ON a.id = c.alert_id AND a.state = 'ISSUED' AND a.expires_at > :now "
    "WHERE c.channel = :channel AND c.state = 'WAITING' AND c.due_at <= :now AND c.mode = :mode "
    "ORDER BY c.priority DESC, (c.tries + c.place) > 0, c.due_at, c.village_code LIMIT :free FOR UPDATE OF c SKIP LOCKED"
)


def ring(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Start as many calls as lines are free. work: the channel's name."""
    session.execute(_ONE_AT_A_TIME, {"name": f"chain {work}"})
    on = session.execute(
        text("SELECT count(*) FROM chain_call WHERE channel = :channel AND state = 'RINGING'"), {"channel": work}
    ).scalar_one()  # fmt: skip
    channel = office.channels.get(work)
    free = max(0, int(getattr(channel, "lines", 1)) - on) if channel else 0
    about = {"channel": work, "now": now, "free": free, "mode": office.mode.name}
    due = list(session.execute(_DUE, about).scalars())
    wake_ups: list[Next] = []
    for call in session.exec(select(ChainCall).where(col(ChainCall.id).in_(due))).all():
        segment = session.get(Segment, call.segment_id, with_for_update=True)
        if segment is None or segment.state in (SegmentState.CLOSED, SegmentState.SENDING):
            call.outcome, call.channel, call.changed_at = (
                BY_HAND,
                None,
                now,
            )  # this one can be rung by a person only
            continue
        call.state, call.changed_at = Turn.RINGING, now
        _open_again(session, segment, now)
        wake_ups.append(Next("deliver", str(segment.id), segment.priority))
    session.flush()
    session.execute(_LINE_BUSY, {"channel": work, "now": now, "later": now + LINE_AGAIN * office.clock.rate})
    return wake_ups


def _open_again(session: Session, segment: Segment, now: datetime) -> None:
    """The same row of the ledger for each try at one person: what each try brought stands among the receipts."""
    if segment.state is SegmentState.SENT:
        segment.attempts, segment.outcome, segment.why, segment.sent_at = 0, "planned", "", None
        session.execute(
            text(
                "UPDATE delivery SET state = NULL, why = NULL WHERE segment_id = :id "
                "AND (state IS NULL OR state NOT IN ('confirmed', 'delivered'))"
            ),
            {"id": segment.id},
        )
    segment.state, segment.due_at = SegmentState.WAITING, now


def chain(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Draw the conclusion for one village. work: alert:village. Twice is once."""
    alert_id, village = work.split(":")
    alert = session.get(Alert, UUID(alert_id))
    calls = _locked(session, UUID(alert_id), village)
    if alert is None or all(c.state is Turn.OVER for c in calls):
        return []
    if alert.state is not AlertState.ISSUED or alert.expires_at <= now:
        _stop(calls, ENDED, now)
        return []
    if _proved(session, alert, village):
        _stop(calls, ANSWERED, now)
        _close_waiting(session, alert, village, calls, now, office)
        return [Next("ring", name, ONE_OF_ITS_KIND) for name in {c.channel for c in calls if c.channel}]
    current = next((c for c in calls if c.state is Turn.RINGING), None)
    if current is None or not _concluded(session, calls, current, now, office):
        return []
    return [Next("ring", current.channel, ONE_OF_ITS_KIND)] if current.channel else []


def _concluded(
    session: Session, calls: Sequence[ChainCall], current: ChainCall, now: datetime, office: Office
) -> bool:
    """What the ledger says of the call that is on. False: it is still on."""
    delivery, segment = (
        session.get(Delivery, current.delivery_id),
        session.get(Segment, current.segment_id, with_for_update=True),
    )
    if delivery is None or segment is None:
        advance(calls, "no_answer", now, office, final=True)
        return True
    state = delivery.state or segment.outcome
    why = (delivery.why if delivery.state else segment.why) or ""
    if state in _OPEN:
        if current.changed_at > now - LOST_AFTER * office.clock.rate:
            return False
        if segment.state is SegmentState.WAITING:  # no carrier has taken it all that time
            _trunk_away(current, now)
            segment.due_at = segment.expires_at
            return True
        advance(calls, "no_answer", now, office)
    elif state == ReceiptState.FAILED and why in COUNTED:
        advance(calls, why, now, office, final=why == FINAL)
    elif state in (ReceiptState.REFUSED, ReceiptState.SUPPRESSED, ReceiptState.EXPIRED):
        for call in calls:  # no sound to play: none of this village can be rung by the machine
            if call.state is not Turn.OVER:
                call.channel, call.outcome = None, BY_HAND
        current.state, current.changed_at = Turn.WAITING, now
    elif state in (ReceiptState.DELIVERED, ReceiptState.CONFIRMED):
        advance(calls, ANSWERED, now, office)  # an answer that is no proof (seen): another try
    else:
        _trunk_away(current, now)
    return True


def _trunk_away(current: ChainCall, now: datetime) -> None:
    current.state, current.outcome, current.changed_at = Turn.WAITING, TRUNK, now
    current.due_at = now + TRUNK_AGAIN


def _locked(session: Session, alert_id: UUID, village: str) -> Sequence[ChainCall]:
    found = select(ChainCall).where(ChainCall.alert_id == alert_id, ChainCall.village_code == village)
    return session.exec(found.order_by(col(ChainCall.place)).with_for_update()).all()


def _proved(session: Session, alert: Alert, village: str) -> bool:
    asked = text("SELECT " + PROVED.format(alert=":alert", village=":village"))
    about = {"alert": alert.id, "village": village, "proof": [p.value for p in PROOF]}
    return bool(session.execute(asked, about).scalar())


def _stop(calls: Sequence[ChainCall], why: str, now: datetime) -> None:
    for call in calls:
        if call.state is not Turn.OVER:
            call.state, call.outcome, call.changed_at = Turn.OVER, why, now


def _close_waiting(
    session: Session, alert: Alert, village: str, calls: Sequence[ChainCall], now: datetime, office: Office
) -> None:
    """Nothing more for this village's contacts, on any channel; its loudspeaker is no contact and speaks.

    A segment no one has begun is expanded first, so that its rows of other villages stay as they are. A later rung (below
    Severe) leaves out by itself whoever has proved it.
    """
    waiting = session.exec(
        select(Segment).where(
            Segment.alert_id == alert.id, Segment.audience == Audience.CONTACT.value, Segment.tambon_code == village[:6],
            Segment.state == SegmentState.WAITING, Segment.rung == 0, col(Segment.channel).in_(list(office.channels)),
        ).order_by(col(Segment.id)).with_for_update(skip_locked=True)
    ).all()  # fmt: skip
    own = {call.segment_id for call in calls}
    for segment in waiting:
        needs = office.channels[segment.channel].needs
        if segment.id in own:
            segment.state, segment.outcome, segment.why = SegmentState.CLOSED, "suppressed", ANSWERED
        elif needs != "tower":
            if not segment.expanded:
                expand(session, segment, alert, needs)
                segment.expanded = True
            session.execute(_SUPPRESS, {"segment": segment.id, "village": village, "now": now})


# What an earlier call may have brought stays `unknown`: it goes out no more, and nobody says that it never did.
_SUPPRESS = text(
    "UPDATE delivery d SET state = CASE WHEN s.outcome = 'unknown' THEN 'unknown' ELSE 'suppressed' END, why = 'answered', "
    "changed_at = :now FROM segment s WHERE s.id = d.segment_id AND s.id = :segment "
    "AND d.village_code = :village AND (d.state IS NULL OR d.state IN ('planned', 'try_later'))"
)


def tried(
    session: Session, alert_id: UUID, village: str, call: UUID, outcome: str, by: UUID, now: datetime, office: Office
) -> list[Next]:  # fmt: skip
    """The relay desk rang whoever is next, and nobody answered. call: the row the officer saw; rung since by another: refused.

    Raises NotAllowed.
    """
    calls = _locked(session, alert_id, village)
    current = next((c for c in calls if c.state in (Turn.WAITING, Turn.RINGING)), None)
    if outcome not in KEYED:
        raise NotAllowed("ไม่รู้จักผลการโทรนี้ (no such outcome of a call)")
    if current is None or current.id != call or current.state is Turn.RINGING:
        raise NotAllowed("คนนี้ไม่ใช่คนที่ต้องโทรตอนนี้แล้ว ดูลำดับใหม่ (somebody else is next by now)")
    advance(calls, outcome, now, office, final=outcome == FINAL)
    told = {"place": current.place, "try": current.tries, "outcome": outcome}
    record(session, "chain.tried", "chain", f"{alert_id} {village}", told, now, str(by))
    return [Next("ring", c.channel, ONE_OF_ITS_KIND) for c in calls if c.state is Turn.WAITING and c.channel]
