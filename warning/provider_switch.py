"""Two accounts for one kind of address, one at a time: who stands by takes over while the other is broken or slow.

A home is never told twice because there are two SMS providers: standbys have no segments of their own. Which account a segment
goes to is decided when it is first taken for sending; from then on it stays there unless the account said plainly that nothing
was taken: what may have been taken is never given to another. That an account is out is a fault (`provider <name>`): seen on the
console, known to every process, ended by the account's own success. Why these limits: docs/channels/sms_providers.md.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import Channel, ChannelBroken, Proof, QuotaSpent, Receipt, ReceiptState, TryLater
from warning import bucket
from warning.audit import record
from warning.delivery import Segment, SegmentState
from warning.fault import mended, note

if TYPE_CHECKING:
    from warning.claim import Claimed
    from warning.office import Office

LOOK_BACK_S = 60.0  # wall seconds
FEWEST_CALLS, BAD_SHARE = 10, 0.15  # GOV.UK Notify's share, in a minute instead of a quarter of an hour
IN_A_ROW = 3  # calls that failed one after the other: no need to wait for ten
FEWEST_RECEIPTS = 20
FEWEST_SENT, LEAST_DELIVERED = 50, 0.5  # by night every fifth phone is off, not every second
STAY_S = 120.0  # then one segment is tried at the account that was out; and again after each failure
AGAIN_S = 2.0
_BAD = (ReceiptState.TRY_LATER, ReceiptState.UNKNOWN)


@dataclass
class Watch:
    """What one process has seen of its accounts."""

    calls: dict[str, deque[tuple[datetime, bool]]] = field(default_factory=dict)  # when, was it bad
    tried: dict[str, datetime] = field(
        default_factory=dict
    )  # an account that is out: when it last had a chance
    looked: dict[str, datetime] = field(default_factory=dict)  # when its receipts were last counted


def key_of(name: str) -> str:
    return f"provider {name}"


def stands_by(channel: Channel, office: "Office") -> bool:
    """Has it no segments of its own? Not where nothing is on that it could stand by for."""
    return any(c.name == channel.name for main in office.channels.values() for c in standbys(main, office))


def standbys(main: Channel, office: "Office") -> list[Channel]:
    """Who takes over, in this order: those named for it as the config has them, then the last resorts."""
    if main.last_resort or main.standby_for in office.channels or not main.live:
        return []
    there = [c for c in office.channels.values() if c.needs == main.needs and c is not main]
    named = [c for c in there if c.standby_for == main.name and not c.last_resort]
    return named + [c for c in there if c.last_resort and c.standby_for in ("", main.name)]


def accounts(main: Channel, office: "Office") -> list[str]:
    """Names of all accounts that what is planned for `main` may have gone out by."""
    return [main.name, *(c.name for c in standbys(main, office))]


def instead(now: datetime, office: "Office") -> dict[str, str]:
    """Account -> the one to use now, for each that is to be left out or is back."""
    swap: dict[str, str] = {}
    for main in office.channels.values():
        group = [main, *standbys(main, office)]
        if len(group) > 1:
            use = _in_use(group, now, office).name
            swap.update({c.name: use for c in group if c.name != use})
    return swap


def _in_use(group: Sequence[Channel], now: datetime, office: "Office") -> Channel:
    """The first that is well, or has been out for long enough to be tried; the first of all when none is."""
    for channel in group:
        if key_of(channel.name) not in office.faults:
            return channel
        since = office.providers.tried.setdefault(channel.name, now)
        if now - since >= STAY_S * _second(office):
            return channel
    return group[0]


def taken(name: str, now: datetime, office: "Office") -> None:
    """A segment goes there: an account that is out has had its chance for now."""
    if name in office.providers.tried:
        office.providers.tried[name] = now


def heard(
    session: Session, claimed: "Claimed", outcome: list[Receipt] | Exception, now: datetime, office: "Office"
) -> None:
    """After each call: is this account to be left out, or is it well again?"""
    channel, watch = claimed.channel, office.providers
    group = _group(channel, office)
    if len(group) < 2:
        return
    bad = not isinstance(outcome, list) or any(r.state in _BAD for r in outcome)
    calls = watch.calls.setdefault(channel.name, deque(maxlen=1000))
    calls.append((now, bad))
    while calls[0][0] < now - LOOK_BACK_S * _second(office):
        calls.popleft()
    key = key_of(channel.name)
    if key in office.faults:
        watch.tried[channel.name] = now
        if not bad:
            _back(session, channel, now, office)
    elif why := _why_out(session, channel, outcome, now, office):
        _out(session, channel, group, why, now, office)


def _why_out(
    session: Session, channel: Channel, outcome: list[Receipt] | Exception, now: datetime, office: "Office"
) -> tuple[str, str] | None:
    """In Thai and English, or None while it is well."""
    if isinstance(outcome, ChannelBroken):
        told = str(outcome).translate(str.maketrans("()", "[]"))  # brackets part the two languages
        return f"ช่องทางเสีย: {told}", f"broken: {told}"
    if isinstance(outcome, QuotaSpent):
        return "เครดิตหมด", "no credit left"
    calls = office.providers.calls[channel.name]
    failed = sum(bad for _, bad in calls)
    row = list(calls)[-IN_A_ROW:]
    if len(row) == IN_A_ROW and all(bad for _, bad in row):
        return f"ส่งไม่สำเร็จ {IN_A_ROW} ครั้งติดกัน", f"{IN_A_ROW} calls in a row failed"
    if len(calls) >= FEWEST_CALLS and failed >= BAD_SHARE * len(calls):
        return (
            f"ส่งไม่สำเร็จ {failed} จาก {len(calls)} ครั้งในหนึ่งนาที",
            f"{failed} of {len(calls)} calls in a minute failed",
        )
    last = office.providers.looked.get(channel.name)
    if channel.proof is not Proof.HANDSET or (last and now - last < 5 * _second(office)):
        return None
    office.providers.looked[channel.name] = now
    return _slow(session, channel, now, office)


_RECEIPTS = text(
    """
WITH came AS (
    SELECT r.received_at - s.sent_at > :slow AS late FROM receipt r JOIN delivery d ON d.id = r.delivery_id
    JOIN segment s ON s.id = d.segment_id
    WHERE r.channel = :channel AND r.state = 'delivered' AND r.received_at > :lately
), sent AS (
    SELECT COALESCE(d.state, s.outcome) IN ('delivered', 'confirmed') AS got FROM segment s JOIN delivery d ON d.segment_id = s.id
    WHERE s.channel = :channel AND s.sent_at BETWEEN :from AND :to
    AND COALESCE(d.state, s.outcome) IN ('accepted', 'delivered', 'confirmed')
) SELECT (SELECT count(*) FROM came) AS receipts, (SELECT count(*) FROM came WHERE late) AS late,
         (SELECT count(*) FROM sent) AS sent, (SELECT count(*) FROM sent WHERE got) AS got,
         EXISTS (SELECT 1 FROM receipt WHERE channel = :channel AND state = 'delivered') AS reports
"""
)


def _slow(session: Session, channel: Channel, now: datetime, office: "Office") -> tuple[str, str] | None:
    """Receipts that come late, or do not come where they used to."""
    slow = channel.slow_after_s * _second(office)
    told = session.execute(
        _RECEIPTS,
        {"channel": channel.name, "slow": slow, "lately": now - LOOK_BACK_S * _second(office), "from": now - 3 * slow,
         "to": now - slow},
    ).one()  # fmt: skip
    if told.receipts >= FEWEST_RECEIPTS and told.late >= BAD_SHARE * told.receipts:
        return (
            f"ถึงเครื่องช้ากว่า {channel.slow_after_s:.0f} วินาที {told.late} จาก {told.receipts} ข้อความ",
            f"{told.late} of {told.receipts} messages took longer than {channel.slow_after_s:.0f} s",
        )
    if told.reports and told.sent >= FEWEST_SENT and told.got < LEAST_DELIVERED * told.sent:
        return (
            f"ไม่มีรายงานถึงเครื่องของ {told.sent - told.got} จาก {told.sent} ข้อความ",
            f"no report of {told.sent - told.got} of {told.sent} messages",
        )
    return None


def moved(
    session: Session, segment: Segment, claimed: "Claimed", outcome: list[Receipt] | Exception, now: datetime, office: "Office"
) -> bool:  # fmt: skip
    """Was this segment given back, to go to whichever account is in use? Only if its first call was plainly not taken."""
    plainly = isinstance(outcome, ChannelBroken | QuotaSpent) or (
        isinstance(outcome, TryLater) and not outcome.maybe_taken
    )
    group = _group(claimed.channel, office)
    if not plainly or len(group) < 2 or segment.attempts != 1 or segment.outcome != "planned":
        return False
    use = _in_use(group, now, office)
    if use is claimed.channel and isinstance(outcome, ChannelBroken | QuotaSpent):
        return False  # nobody is well: its failure is told as ever
    if isinstance(outcome, TryLater) and outcome.retry_after:
        bucket.pause(session, claimed.channel.name, outcome.retry_after, str(outcome))
    wait = timedelta() if use is not claimed.channel else AGAIN_S * _second(office)
    segment.channel, segment.attempts, segment.state = group[0].name, 0, SegmentState.WAITING
    segment.due_at, segment.why = now + wait, str(outcome)
    return True


def _group(channel: Channel, office: "Office") -> list[Channel]:
    for main in office.channels.values():
        group = [main, *standbys(main, office)]
        if len(group) > 1 and channel.name in (c.name for c in group):
            return group
    return [channel]


def _out(
    session: Session, channel: Channel, group: Sequence[Channel], why: tuple[str, str], now: datetime, office: "Office"
) -> None:  # fmt: skip
    key = key_of(channel.name)
    office.faults.add(key)
    office.providers.tried[channel.name] = now
    office.providers.calls.pop(channel.name, None)
    use = _in_use(group, now, office).name
    note(
        session,
        key,
        f"{channel.name}: {why[0]} ใช้ {use} แทน ({channel.name}: {why[1]}; {use} is used instead)",
        now,
    )
    record(session, "provider.out", "channel", channel.name, {"why": why[1], "instead": use}, now)


def _back(session: Session, channel: Channel, now: datetime, office: "Office") -> None:
    key = key_of(channel.name)
    mended(session, key)
    office.faults.discard(key)
    office.providers.tried.pop(channel.name, None)
    office.providers.calls.pop(channel.name, None)
    record(session, "provider.back", "channel", channel.name, {}, now)


def _second(office: "Office") -> timedelta:
    """A wall second in the office's time: gateways live by the wall."""
    return timedelta(seconds=1) * office.clock.rate
