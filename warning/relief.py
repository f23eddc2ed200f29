"""Relief, from the rows the night left behind: who was in the event, what each is owed, and who nobody has dealt with.

The people who press buttons come in here; the rules stand in `teams/relief`, the reading of the night in `exposed.py`.
Every function works inside the caller's session. `by` is the id of the signed-in user, or the post of somebody an officer
writes for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import Session, SQLModel, select

from geo.errors import NotAllowed
from geo.names import id_for
from geo.people import Household
from geo.when import bangkok
from teams.relief.claim import Claim, ClaimMove, ClaimState, advance, new_claim
from teams.relief.damage import DamageAssessment, assess_damage
from teams.relief.event import DisasterEvent, Exposure, set_level
from teams.relief.gaps import Bucket, VillageCount, buckets, by_village
from teams.relief.payment import Failure, Method, Payment, PaymentState, proof_of
from teams.relief.rates import Item, Rate, RateConfirmation, confirmed, shipped_rates
from warning.alert import Alert
from warning.audit import record
from warning.exposed import exposures, unlisted_homes
from warning.words.phrases import EVENTS

SCHEME = "advance"  # the governor's advance money: the scheme every flood begins with


def open_event(session: Session, alert_id: UUID, by: str, now: datetime, level: int = 1) -> DisasterEvent:
    """The disaster an issued alert speaks of; twice is once. Raises NotAllowed for an alert that never went out."""
    alert = session.get_one(Alert, alert_id)
    _must_be_issued(alert)
    found = session.get(DisasterEvent, id_for("event", alert.mode, alert.id))
    if found is not None:
        return found
    words = EVENTS.get(alert.event)
    local = bangkok(now)
    event = DisasterEvent(
        id=id_for("event", alert.mode, alert.id),
        mode=alert.mode.value,
        name_th=f"{words.th if words else alert.event} {local.day}/{local.month}/{local.year + 543}",
        name_en=f"{words.en if words else alert.event} {local:%Y-%m-%d}",
        level=level,
        tambons=sorted(alert.tambons),
        alerts=[str(alert.id)],
        opened_by=by,
        opened_at=now,
        changed_at=now,
    )
    set_level(event, level, now)
    session.add(event)
    session.flush()
    return event


def add_alert(session: Session, event_id: UUID, alert_id: UUID, now: datetime) -> None:
    """A further alert of the same disaster. Raises NotAllowed across modes: a drill is never part of a real event."""
    event = session.get_one(DisasterEvent, event_id, with_for_update=True)
    alert = session.get_one(Alert, alert_id)
    _must_be_issued(alert)
    if alert.mode.value != event.mode:
        raise NotAllowed("การฝึกซ้อมกับเหตุจริงอยู่ด้วยกันไม่ได้ (an exercise and real life never meet in one event)")
    if str(alert.id) not in event.alerts:
        event.alerts = [*event.alerts, str(alert.id)]
        event.tambons = sorted({*event.tambons, *alert.tambons})
        event.changed_at = now


def _must_be_issued(alert: Alert) -> None:
    if alert.issued_at is None:
        raise NotAllowed(f"การเตือน {alert.number} ยังไม่ได้ประกาศ (alert {alert.number} was never issued)")


@dataclass(frozen=True)
class GapList:
    """Where an event's relief stands, by village; `named` (household -> bucket) is for the officer in charge only."""

    event: DisasterEvent
    scheme: str
    villages: Sequence[VillageCount]
    named: Mapping[UUID, Bucket]
    exposures: Sequence[Exposure]

    @property
    def broad(self) -> int:
        """Homes with any sign; the buckets sum to it."""
        return len(self.named)

    @property
    def strict(self) -> int:
        return sum(v.strict for v in self.villages)


def gap_list(session: Session, event_id: UUID, viewer: str, now: datetime, scheme: str = SCHEME) -> GapList:
    """The event's exposed households, each in one bucket. The view itself is noted in the trail, with who looked."""
    event = session.get_one(DisasterEvent, event_id)
    exposed = exposures(session, event)
    claims = session.exec(select(Claim).where(Claim.event_id == event.id, Claim.scheme == scheme)).all()
    payments = session.exec(
        select(Payment).where(Payment.event_id == event.id, Payment.scheme == scheme)
    ).all()
    found = buckets(exposed, claims, payments, now)
    record(session, "gaps.read", "event", event.id, {"scheme": scheme, "homes": len(found)}, now, viewer)
    villages = by_village(exposed, found, unlisted_homes(session, event), event.opened_at)
    return GapList(event, scheme, villages, found, exposed)


def paid_without_evidence(session: Session, event_id: UUID, scheme: str = SCHEME) -> list[UUID]:
    """G6: households paid with no sign of exposure. Not wrong by itself: an auditor takes a sample of them."""
    event = session.get_one(DisasterEvent, event_id)
    seen = {e.household_id for e in exposures(session, event) if e.broad}
    paid = select(Payment.household_id).where(
        Payment.event_id == event.id, Payment.scheme == scheme, Payment.state == PaymentState.PAID
    )
    return sorted(h for h in session.exec(paid) if h not in seen)


def rates(session: Session) -> tuple[Rate, ...]:
    """The shipped rates as this office has confirmed them."""
    return confirmed(shipped_rates(), session.exec(select(RateConfirmation)).all())


def confirm_rate(session: Session, version: str, document: str, by: str, now: datetime) -> None:
    """An officer has the document of a draft rate in hand. Raises NotAllowed for an unknown rate or no document."""
    rate = next((r for r in shipped_rates() if r.version == version), None)
    if rate is None or not document.strip():
        raise NotAllowed("ไม่พบอัตรานี้ หรือไม่มีเลขที่เอกสาร (no such rate, or no document number)")
    row = RateConfirmation(
        version=version, amount=str(rate.amount), document=document.strip(), confirmed_by=by, at=now
    )
    session.merge(row)
    session.flush()


def file_claim(
    session: Session,
    event_id: UUID,
    household_id: UUID,
    by: str,
    now: datetime,
    *,
    scheme: str = SCHEME,
    damage_on: date | None = None,
) -> Claim:
    """Hand in one household's claim, drawn up by whoever asks for it; twice is once.

    damage_on: a day in Thailand; without it the day the event was opened.
    Raises NotAllowed for a scheme nobody knows or damage in the future.
    """
    event = session.get_one(DisasterEvent, event_id)
    home = session.get_one(Household, household_id)
    if scheme not in {rate.scheme for rate in shipped_rates()}:
        raise NotAllowed(f"ไม่มีโครงการช่วยเหลือชื่อ {scheme} (no scheme is called {scheme})")
    day = damage_on or bangkok(event.opened_at).date()
    if day > bangkok(now).date():
        raise NotAllowed("วันที่เสียหายอยู่ในอนาคต (the day of the damage is in the future)")
    claim = new_claim(event.mode, event.id, scheme, home.id, home.village_code, day, by, now)
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"claim {claim.id}"})
    found = session.get(Claim, claim.id)
    if found is not None:
        return found
    session.add(claim)
    session.flush()
    return _moved(session, claim, ClaimState.SUBMITTED, by, "claimant", now)


def move(
    session: Session,
    claim_id: UUID,
    to: ClaimState,
    by: str,
    role: str,
    now: datetime,
    *,
    reason: str = "",
    evidence: tuple[str, ...] = (),
) -> Claim:
    """One step of a claim. A survey and a payment have their own functions, since each needs its proof.

    Raises NotAllowed as `teams.relief.claim.advance` does.
    """
    if to in (ClaimState.SURVEYED, ClaimState.PAID, ClaimState.PAY_FAILED):
        raise NotAllowed(
            "ขั้นนี้ต้องมีผลสำรวจหรือหลักฐานการจ่าย (this step needs the survey, or the proof of payment)"
        )
    claim = session.get_one(Claim, claim_id, with_for_update=True)
    return _moved(session, claim, to, by, role, now, reason, evidence)


def survey(
    session: Session,
    claim_id: UUID,
    items: Sequence[Item],
    by: str,
    now: datetime,
    *,
    depth_cm: int | None = None,
    days_flooded: int | None = None,
    photos: Sequence[str] = (),
) -> DamageAssessment:
    """What an officer found; the amount follows from the rates of the day of the damage."""
    claim = session.get_one(Claim, claim_id, with_for_update=True)
    nth = _count(session, DamageAssessment, claim.id)
    with session.begin_nested():  # a survey that is refused leaves no amount behind
        found = assess_damage(
            claim,
            items,
            rates(session),
            by,
            now,
            nth=nth,
            depth_cm=depth_cm,
            days_flooded=days_flooded,
            photos=photos,
        )
        session.add(found)
        _moved(session, claim, ClaimState.SURVEYED, by, "surveyor", now, evidence=(f"damage {found.id}",))
    return found


def pay(
    session: Session,
    claim_id: UUID,
    amount: Decimal,
    method: Method,
    reference: str,
    paid_by: str,
    paid_at: datetime,
    by: str,
    now: datetime,
    *,
    failure: Failure | None = None,
) -> Payment:
    """Mark one payment, with its proof, or the way in which it failed. `by` keys it in; `paid_by` gave the money."""
    claim = session.get_one(Claim, claim_id, with_for_update=True)
    nth = _count(session, Payment, claim.id)
    proof = proof_of(claim, amount, method, reference, paid_by, paid_at, now, nth=nth, failure=failure)
    session.add(proof)
    to = ClaimState.PAY_FAILED if failure else ClaimState.PAID
    _moved(session, claim, to, by, "payment", now, failure.value if failure else "", (f"payment {proof.id}",))
    return proof


def _moved(
    session: Session,
    claim: Claim,
    to: ClaimState,
    by: str,
    role: str,
    now: datetime,
    reason: str = "",
    evidence: Iterable[str] = (),
) -> Claim:
    nth = _count(session, ClaimMove, claim.id)
    session.add(advance(claim, to, by, role, now, nth=nth, reason=reason, evidence=tuple(evidence)))
    session.flush()
    return claim


def _count(session: Session, model: type[SQLModel], claim_id: UUID) -> int:
    of: Any = model
    return int(
        session.execute(select(func.count()).select_from(of).where(of.claim_id == claim_id)).scalar_one()
    )
