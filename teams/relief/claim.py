"""One household's request for one scheme, and the one table of its states (response-and-relief, section 4.1).

Three different people stand behind every approved claim: who endorsed it in the village, who surveyed it, who approved it.
A claim nobody can be found for is not a refused claim. Nothing leaves the list: there is one claim a household a scheme an
event, and one that was withdrawn is the same claim when it is handed in again.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, Index, Numeric, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed
from geo.names import id_for


class ClaimState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    VILLAGE_ENDORSED = "village_endorsed"
    SURVEYED = "surveyed"
    DISTRICT_APPROVED = "district_approved"
    PROVINCE_APPROVED = "province_approved"
    IN_PAYMENT = "in_payment"
    PAID = "paid"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    UNREACHABLE = "unreachable"
    REFERRED = "referred"
    REJECTED = "rejected"
    APPEALED = "appealed"
    REJECTED_FINAL = "rejected_final"
    PAY_FAILED = "pay_failed"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


WORDS: dict[ClaimState, tuple[str, str]] = {
    ClaimState.DRAFT: ("ร่าง", "draft"),
    ClaimState.SUBMITTED: ("ยื่นแล้ว", "handed in"),
    ClaimState.VILLAGE_ENDORSED: ("ประชาคมรับรองแล้ว", "endorsed by the village"),
    ClaimState.SURVEYED: ("สำรวจความเสียหายแล้ว", "damage surveyed"),
    ClaimState.DISTRICT_APPROVED: ("ก.ช.ภ.อ. เห็นชอบแล้ว", "approved by the district committee"),
    ClaimState.PROVINCE_APPROVED: ("ก.ช.ภ.จ. อนุมัติแล้ว", "approved by the provincial committee"),
    ClaimState.IN_PAYMENT: ("กำลังจ่าย", "in payment"),
    ClaimState.PAID: ("จ่ายแล้ว", "paid"),
    ClaimState.CONFIRMED: ("ผู้รับยืนยันแล้ว", "confirmed by the payee"),
    ClaimState.RETURNED: ("ส่งกลับแก้ไข", "returned"),
    ClaimState.UNREACHABLE: ("ติดต่อไม่ได้", "unreachable"),
    ClaimState.REFERRED: ("ส่งต่อให้ตามหา", "referred"),
    ClaimState.REJECTED: ("ไม่อนุมัติ", "rejected"),
    ClaimState.APPEALED: ("อุทธรณ์", "appealed"),
    ClaimState.REJECTED_FINAL: ("ไม่อนุมัติ สิ้นสุด", "rejected, final"),
    ClaimState.PAY_FAILED: ("จ่ายไม่สำเร็จ", "payment failed"),
    ClaimState.WITHDRAWN: ("ผู้ยื่นถอน", "withdrawn"),
    ClaimState.DUPLICATE: ("ซ้ำ", "duplicate"),
}

S = ClaimState
_OUT = {S.RETURNED, S.WITHDRAWN, S.DUPLICATE}  # open to every claim no money is moving for
NEXT: dict[ClaimState, set[ClaimState]] = {
    S.DRAFT: {S.SUBMITTED, S.WITHDRAWN, S.DUPLICATE},
    S.SUBMITTED: {S.VILLAGE_ENDORSED, S.UNREACHABLE, *_OUT},
    # the surveyor comes after the village meeting, so it is then that nobody may be found
    S.VILLAGE_ENDORSED: {S.SURVEYED, S.UNREACHABLE, *_OUT},
    S.SURVEYED: {S.DISTRICT_APPROVED, S.REJECTED, S.UNREACHABLE, *_OUT},
    S.DISTRICT_APPROVED: {S.PROVINCE_APPROVED, S.REJECTED, *_OUT},
    S.PROVINCE_APPROVED: {S.IN_PAYMENT, S.REJECTED, *_OUT},
    S.IN_PAYMENT: {S.PAID, S.PAY_FAILED},
    S.PAID: {S.CONFIRMED},
    S.CONFIRMED: set(),
    S.RETURNED: {S.SUBMITTED, S.WITHDRAWN, S.DUPLICATE},
    S.UNREACHABLE: {S.UNREACHABLE, S.SURVEYED, S.REFERRED, *_OUT},
    S.REFERRED: {S.SURVEYED, S.WITHDRAWN, S.DUPLICATE},  # whoever is found after all is surveyed
    S.REJECTED: {S.APPEALED, S.WITHDRAWN},
    S.APPEALED: {S.SURVEYED, S.REJECTED_FINAL, S.WITHDRAWN},
    S.REJECTED_FINAL: set(),
    S.PAY_FAILED: {S.IN_PAYMENT, S.WITHDRAWN},
    S.WITHDRAWN: {S.SUBMITTED},
    S.DUPLICATE: set(),
}
NEEDS_REASON = frozenset({S.RETURNED, S.REJECTED, S.REJECTED_FINAL, S.REFERRED, S.DUPLICATE, S.PAY_FAILED})
APPROVALS = frozenset({S.DISTRICT_APPROVED, S.PROVINCE_APPROVED})


class Claim(SQLModel, table=True):
    """`amount` is baht, computed from `rate_versions` and the newest assessment; None until then."""

    __table_args__ = (
        UniqueConstraint("mode", "event_id", "scheme", "household_id"),
        Index("claim_household", "household_id"),
    )

    id: UUID = Field(primary_key=True)
    mode: str  # actual | exercise
    event_id: UUID = Field(foreign_key="disaster_event.id")
    scheme: str
    household_id: UUID
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False, index=True))
    state: ClaimState = ClaimState.DRAFT
    damage_on: date
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(12, 2)))
    rate_versions: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    draft_rates: bool = False  # of an exercise: computed from rates no document backs
    attempts: int = 0  # visits at which nobody was found
    reason: str = ""  # why it stands where it stands; free text, never in the trail
    filed_by: str
    endorsed_by: str | None = None
    surveyed_by: str | None = None
    approved_by: str | None = None
    filed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ClaimMove(SQLModel, table=True):
    """One step of one claim: who, in which post, when and why. Added, never changed."""

    __tablename__ = "claim_move"

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    nth: int
    was: ClaimState
    became: ClaimState
    by: str
    role: str
    reason: str = ""
    evidence: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def new_claim(
    mode: str,
    event_id: UUID,
    scheme: str,
    household_id: UUID,
    village_code: str,
    damage_on: date,
    by: str,
    now: datetime,
) -> Claim:
    """A draft. Its id is made from what it is about, so filing twice is filing once."""
    return Claim(
        id=id_for("claim", mode, event_id, scheme, household_id), mode=mode, event_id=event_id, scheme=scheme,
        household_id=household_id, village_code=village_code, damage_on=damage_on, filed_by=by, filed_at=now, changed_at=now,
    )  # fmt: skip


def advance(
    claim: Claim,
    to: ClaimState,
    by: str,
    role: str,
    now: datetime,
    *,
    nth: int = 0,
    reason: str = "",
    evidence: tuple[str, ...] = (),
) -> ClaimMove:
    """Move a claim one step and say so in a row; the caller adds the row. nth: how many moves the claim has had.

    Raises NotAllowed, worded for the person who pressed: a move the table does not have, a reason missing, a second hat
    on one head, an approval of no amount, an appeal looked at by the officer it is against.
    """  # fmt: skip
    if to not in NEXT[claim.state]:
        was_th, was_en = WORDS[claim.state]
        th, en = WORDS[to]
        raise NotAllowed(
            f"คำขอนี้อยู่ในสถานะ “{was_th}” จึงเปลี่ยนเป็น “{th}” ไม่ได้ (a claim that is {was_en} cannot become: {en})"
        )
    if to in NEEDS_REASON and not reason.strip():
        raise NotAllowed("กรุณาบอกเหตุผล (please give the reason)")
    if not by.strip():
        raise NotAllowed("ต้องรู้ว่าใครเป็นผู้ทำ (it must be known who does this)")
    _different_people(claim, to, by)
    if to in APPROVALS and (claim.endorsed_by is None or claim.surveyed_by is None):
        raise NotAllowed(
            "ยังไม่มีการรับรองจากหมู่บ้าน ให้ส่งกลับก่อน (the village has not endorsed this claim: return it for that first)"
        )
    if to in APPROVALS and claim.amount is None:
        raise NotAllowed("ยังไม่มีจำนวนเงินที่คำนวณจากอัตรา (no amount has been computed from a rate yet)")
    move = ClaimMove(
        id=id_for("claim move", claim.id, nth), claim_id=claim.id, nth=nth, was=claim.state, became=to, by=by, role=role,
        reason=reason.strip(), evidence=list(evidence), at=now,
    )  # fmt: skip
    _sign(claim, to, by)
    claim.state, claim.reason, claim.changed_at = to, reason.strip(), now
    return move


def _different_people(claim: Claim, to: ClaimState, by: str) -> None:
    if to is S.SURVEYED and claim.state is S.APPEALED and by == claim.surveyed_by:
        raise NotAllowed("ผู้สำรวจรอบอุทธรณ์ต้องเป็นคนละคนกับครั้งก่อน (an appeal is surveyed by another officer)")
    signed: dict[str, tuple[Any, str, str]] = {
        "endorse": (claim.endorsed_by, "ผู้รับรอง", "endorsed"),
        "survey": (claim.surveyed_by, "ผู้สำรวจ", "surveyed"),
        "approve": (claim.approved_by, "ผู้อนุมัติ", "approved"),
    }
    mine = {S.VILLAGE_ENDORSED: "endorse", S.SURVEYED: "survey"}.get(to, "approve" if to in APPROVALS else "")
    for act, (who, th, en) in signed.items():
        if mine and act != mine and who == by:
            raise NotAllowed(
                f"ท่านเป็น{th}คำขอนี้แล้ว ต้องเป็นคนอื่น (you have {en} this claim: another person must do this)"
            )


def _sign(claim: Claim, to: ClaimState, by: str) -> None:
    if to is S.VILLAGE_ENDORSED:
        claim.endorsed_by = by
    elif to is S.SURVEYED:
        claim.surveyed_by, claim.approved_by, claim.attempts = by, None, 0
    elif to in APPROVALS:
        claim.approved_by = by
    elif to is S.UNREACHABLE:
        claim.attempts += 1
    elif to is S.SUBMITTED:  # handed in anew: what was signed before was signed for another paper
        claim.endorsed_by = claim.surveyed_by = claim.approved_by = claim.amount = None
        claim.rate_versions = []
