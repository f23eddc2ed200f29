"""One household, from the gauge to the money: why it was told, when, by what, what it said, who came, what it was paid.

A walk back along the rows, nothing computed anew. No name, number or word of a person is in it: a page that shows who
lives there opens that apart, and notes the view. Every moment carries the trail's hash where the trail knows its row.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.gazetteer import gazetteer
from geo.people import Household
from teams.relief.claim import WORDS, Claim, ClaimMove
from teams.relief.damage import DamageAssessment
from teams.relief.event import Exposure
from teams.relief.gaps import GAPS, Bucket, buckets
from teams.relief.payment import Payment
from teams.response.mission import STATE_WORDS, Mission
from teams.response.village_water import VillageWater
from warning.alert import Alert, Approval
from warning.assess import HazardAssessment
from warning.audit import AuditEntry, entries_of
from warning.cover import village_unknown
from warning.delivery import Coverage, ReplyRow
from warning.exposed import NOWHERE, exposures_of, lines_of, lines_of_home
from warning.story_words import (
    ANSWERS,
    KINDS,
    STATES,
    STRAYS,
    VILLAGE,
    WATERS,
    WAYS,
    Said,
    judged,
    measured,
    settled,
)  # fmt: skip
from warning.words.sentences import number_text


@dataclass(frozen=True)
class Moment:
    """step: reading | assessment | draft | approval | issue | delivery | reply | water | coverage | mission | claim |
    damage | payment. row: the table's word and the id it stands on. audit: (seq, hash) of that row's entry then."""

    at: datetime
    step: str
    said: Said
    row: str
    row_id: str
    audit: tuple[int, str] | None = None


@dataclass(frozen=True)
class Story:
    """`reached_at` None: never confirmed. `bucket` None: no event of relief holds this household."""

    household_id: UUID
    village_code: str
    village: Said
    people: int
    vulnerable: int
    alert_id: UUID | None
    alert_number: str | None
    moments: tuple[Moment, ...]
    reached_at: datetime | None
    exposure: Exposure | None
    bucket: Bucket | None
    standing: Said


def story(session: Session, household_id: UUID, now: datetime, alert_id: UUID | None = None) -> Story:
    """The household's newest issued alert, or the one asked for. Raises sqlalchemy's NoResultFound for an unknown household.

    Moments are in order of time; those of one instant in the order of the line.
    """
    home = session.get_one(Household, household_id)
    lines = lines_of_home(session, home)
    alert = session.get_one(Alert, alert_id) if alert_id else _newest(session, lines)
    line = next((li for li in lines if alert and li in lines_of(alert)), lines[0])
    moments = (
        [*_before(session, alert), *_sent(session, alert, home), *_after(session, alert, home, line)]
        if alert
        else []
    )
    claims = list(session.exec(select(Claim).where(Claim.household_id == home.id)))
    payments = list(session.exec(select(Payment).where(Payment.household_id == home.id)))
    moments += _relief(session, claims, payments)
    moments.sort(key=lambda m: m.at)
    exposure = exposures_of(session, home, alert.id if alert else None)
    bucket = None
    if exposure is not None:
        newest = sorted(claims, key=lambda c: c.changed_at)[-1:]
        scheme = {c.scheme for c in newest}
        found = buckets([exposure], newest, [p for p in payments if not scheme or p.scheme in scheme], now)
        bucket = found.get(home.id)
    return Story(
        household_id=home.id,
        village_code=line,
        village=_village(line),
        people=home.people,
        vulnerable=home.vulnerable,
        alert_id=alert.id if alert else None,
        alert_number=alert.number if alert else None,
        moments=tuple(_with_hashes(session, moments)),
        reached_at=_reached_at(session, alert, home),
        exposure=exposure,
        bucket=bucket,
        standing=_standing(bucket),
    )


def _newest(session: Session, lines: list[str]) -> Alert | None:
    issued = select(Alert).where(col(Alert.issued_at).is_not(None)).order_by(col(Alert.issued_at).desc())
    return next(
        (a for a in session.exec(issued) if not lines_of(a).isdisjoint(lines) and a.kind == "alert"), None
    )


def _village(code: str) -> Said:
    """code: a line of the gap list."""
    places = gazetteer()
    if code == NOWHERE:
        return Said("ไม่รู้ตำบล", "tambon unknown")
    tambon = places.tambon(code[:6])
    if village_unknown(code):
        return Said(f"ไม่รู้หมู่บ้าน ต.{tambon.th}", f"village unknown, {tambon.en}")
    if code not in places.villages:
        return Said(f"ต.{tambon.th}", tambon.en)
    village = places.village(code)
    return Said(
        f"หมู่ {village.moo} {village.th} ต.{tambon.th}", f"Moo {village.moo} {village.en}, {tambon.en}"
    )


def _before(session: Session, alert: Alert) -> Iterator[Moment]:
    """What was seen, what a rule made of it, and who said yes."""
    seen = session.get(HazardAssessment, alert.assessment_id) if alert.assessment_id else None
    if seen is not None:
        for reading in seen.observations[-3:]:
            yield Moment(
                datetime.fromisoformat(str(reading["at"])), "reading",
                measured(seen.station, alert.facts.get("quantity"), float(reading["value"])), "assessment", str(seen.id),
            )  # fmt: skip
        yield Moment(
            seen.at, "assessment", judged(seen.rule, seen.why), "assessment",
            str(seen.id),
        )  # fmt: skip
    number = Said(f"การเตือน {alert.number}", f"alert {number_text(alert.number, 'en')}")
    yield Moment(alert.drafted_at, "draft", number, "alert", str(alert.id))
    for nth, yes in enumerate(
        session.exec(select(Approval).where(Approval.alert_id == alert.id).order_by(col(Approval.at))),
        start=1,
    ):
        yield Moment(
            yes.at,
            "approval",
            Said(f"คนที่ {nth}", f"by person {nth}"),
            "approval",
            str(alert.id),
        )
    if alert.issued_at is not None:
        yield Moment(alert.issued_at, "issue", number, "alert", str(alert.id))


_DELIVERIES = text(
    "SELECT id, channel, state, changed_at FROM delivery_status "
    "WHERE alert_id = :alert AND household_id = :home AND changed_at IS NOT NULL"
)
_RECEIPTS = text(
    "SELECT r.id, r.channel, r.state, r.at FROM receipt r JOIN delivery d ON d.id = r.delivery_id "
    "JOIN segment s ON s.id = d.segment_id WHERE s.alert_id = :alert AND d.household_id = :home"
)


def _sent(session: Session, alert: Alert, home: Household) -> Iterator[Moment]:
    """What went out to this home and what came back."""
    values = {"alert": alert.id, "home": home.id}
    for query, row in ((_DELIVERIES, "delivery"), (_RECEIPTS, "receipt")):
        for row_id, channel, state, at in session.execute(query, values):
            word = STATES.get(state, Said(state, state))
            way = WAYS.get(channel, Said(channel, channel))
            said = Said(f"{way.th}: {word.th}", f"{way.en}: {word.en}")
            yield Moment(at, "delivery", said, row, str(row_id))
    replies = select(ReplyRow).where(
        ReplyRow.alert_id == alert.id,
        (col(ReplyRow.household_id) == home.id)
        | (col(ReplyRow.household_id).is_(None) & (col(ReplyRow.village_code) == home.village_code)),
    )
    for reply in session.exec(replies):
        word = ANSWERS.get(reply.answer, Said(reply.answer, reply.answer))
        who = Said("บ้านนี้", "this home") if reply.household_id else Said("หมู่บ้าน", "the village")
        way = WAYS.get(reply.via, Said(reply.via, reply.via))
        said = Said(f"{who.th}ตอบ: {word.th} (ทาง{way.th})", f"{who.en} answered: {word.en} ({way.en})")
        yield Moment(reply.at, "reply", said, "reply", str(reply.id))


def _after(session: Session, alert: Alert, home: Household, line: str) -> Iterator[Moment]:
    """Water in the village, its coverage now, and who went out."""
    nobodys = line == NOWHERE or village_unknown(line)  # one stray's water is not that of all others
    waters = select(VillageWater).where(
        VillageWater.alert_id == alert.id,
        col(VillageWater.village_code).in_([] if nobodys else [line, home.village_code]),
    )
    for water in session.exec(waters):
        where = WATERS[water.state]
        said = Said(f"ในหมู่บ้าน: {where.th}", f"in the village: {where.en}")
        yield Moment(water.reported_at, "water", said, "village_water", str(water.id))
    counted = session.get(Coverage, (alert.id, line))
    if counted is not None:
        whose = STRAYS if village_unknown(line) else VILLAGE
        said = Said(
            f"{whose.th} {counted.homes} หลัง ถึงแล้ว {counted.reached} รอยืนยัน {counted.waiting} "
            f"ยังไม่ถึง {counted.unreached}",
            f"{whose.en}, {counted.homes} homes: {counted.reached} reached, {counted.waiting} waiting, "
            f"{counted.unreached} unreached",
        )
        yield Moment(counted.counted_at, "coverage", said, "coverage", f"{alert.id} {line}")
    missions = select(Mission).where(
        Mission.alert_id == alert.id,
        (col(Mission.household_id) == home.id)
        | (col(Mission.household_id).is_(None) & (col(Mission.village_code) == line)),
    )
    for mission in session.exec(missions):
        yield Moment(
            mission.requested_at,
            "mission",
            Said(mission.why, KINDS[mission.kind]),
            "mission",
            str(mission.id),
        )
        if mission.changed_at > mission.requested_at:
            yield Moment(
                mission.changed_at, "mission", Said(*STATE_WORDS[mission.state]), "mission",
                str(mission.id),
            )  # fmt: skip


def _relief(session: Session, claims: list[Claim], payments: list[Payment]) -> Iterator[Moment]:
    ids = [claim.id for claim in claims]
    for claim in claims:
        said = Said(f"คำขอ {claim.scheme}", f"claim, scheme {claim.scheme}")
        yield Moment(claim.filed_at, "claim", said, "claim", str(claim.id))
    for move in session.exec(
        select(ClaimMove)
        .where(col(ClaimMove.claim_id).in_(ids))
        .order_by(col(ClaimMove.at), col(ClaimMove.nth))
    ):
        yield Moment(move.at, "claim", Said(*WORDS[move.became]), "claim", str(move.claim_id))
    for damage in session.exec(select(DamageAssessment).where(col(DamageAssessment.claim_id).in_(ids))):
        said = Said(f"สำรวจความเสียหาย {damage.amount:,} บาท", f"damage assessed, {damage.amount:,} baht")
        yield Moment(damage.at, "damage", said, "damage", str(damage.id))
    for payment in payments:
        yield Moment(payment.paid_at, "payment", settled(payment), "payment", str(payment.id))


def _reached_at(session: Session, alert: Alert | None, home: Household) -> datetime | None:
    """When the first proof came that this home knows: a handset's receipt or an answer, never a carrier's `accepted`."""
    if alert is None:
        return None
    rows: list[Any] = list(session.execute(_DELIVERIES, {"alert": alert.id, "home": home.id}))
    return min(
        (r.changed_at for r in rows if r.state in ("delivered", "confirmed") and r.channel != "person"),
        default=None,
    )


def _standing(bucket: Bucket | None) -> Said:
    """Where the household stands with relief, in a sentence."""
    if bucket is None:
        return Said("ยังไม่มีเหตุการณ์เยียวยาที่ครอบคลุมบ้านนี้", "no relief event holds this home yet")
    if bucket.gap is not None:
        gap = GAPS[bucket.gap]
        return Said(f"{gap.th} ผู้รับผิดชอบ: {gap.owner_th}", f"{gap.en}; owner: {gap.owner_en}")
    if bucket.stage is not None:
        return Said(*WORDS[bucket.stage])
    return Said("จ่ายแล้ว", "paid")


def _with_hashes(session: Session, moments: list[Moment]) -> Iterator[Moment]:
    """Each moment with its row's newest entry of that time; a row noted later than it happened has its first entry."""
    known: dict[tuple[str, str], list[AuditEntry]] = defaultdict(list)
    for entry in entries_of(session, sorted({m.row_id for m in moments})):
        known[entry.subject, entry.subject_id].append(entry)
    for moment in moments:
        of_row = known[moment.row, moment.row_id]
        of_then = [entry for entry in of_row if entry.at <= moment.at][-1:] or of_row[:1]
        yield replace(moment, audit=(of_then[0].seq, of_then[0].hash) if of_then else None)
