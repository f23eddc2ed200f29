"""Money given to one household, with its proof: who paid, when, how, under which reference, how much."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Numeric, text
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed
from geo.names import id_for
from teams.relief.claim import Claim, ClaimState


class Method(StrEnum):
    PROMPTPAY = "promptpay"
    BANK = "bank"
    CHEQUE = "cheque"
    CASH = "cash"


class PaymentState(StrEnum):
    PAID = "paid"
    FAILED = "failed"


class Failure(StrEnum):
    """Why a payment came back (response-and-relief, section 4.3)."""

    NO_PROMPTPAY = "no_promptpay"
    ACCOUNT_CLOSED = "account_closed"
    NAME_MISMATCH = "name_mismatch"
    ID_INVALID = "id_invalid"
    DECEASED = "deceased"
    BANK_ERROR = "bank_error"
    OTHER = "other"


class Payment(SQLModel, table=True):
    """One attempt to pay one claim. A claim is paid once at most; the database holds that too."""

    __table_args__ = (
        Index("payment_once", "claim_id", unique=True, postgresql_where=text("state = 'PAID'")),
        Index("payment_household", "household_id"),
    )

    id: UUID = Field(primary_key=True)
    mode: str  # actual | exercise
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    event_id: UUID
    scheme: str
    household_id: UUID
    nth: int
    state: PaymentState
    amount: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    method: Method
    reference: (
        str  # of the bank's line, the cheque or the receipt book; may lead to a person, so never in the trail
    )
    failure: Failure | None = None
    paid_by: str  # who gave the order or the money
    paid_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def proof_of(
    claim: Claim,
    amount: Decimal,
    method: Method,
    reference: str,
    paid_by: str,
    paid_at: datetime,
    now: datetime,
    *,
    nth: int = 0,
    failure: Failure | None = None,
) -> Payment:
    """The row that proves a payment, or its failure. nth: how many attempts the claim has had. The claim is not moved.

    Raises NotAllowed when the claim is not in payment, the amount is not the approved one, the reference is missing, the
    payment lies in the future, or the payer is who surveyed the claim.
    """  # fmt: skip
    if claim.state is not ClaimState.IN_PAYMENT:
        raise NotAllowed("คำขอนี้ยังไม่อยู่ระหว่างจ่าย (this claim is not in payment)")
    if claim.amount is None or amount != claim.amount:
        raise NotAllowed(
            f"จำนวนเงิน {amount:,} ไม่ตรงกับที่อนุมัติ {claim.amount or 0:,} บาท "
            f"({amount:,} baht is not the approved {claim.amount or 0:,})"
        )
    if not reference.strip() or not paid_by.strip():
        raise NotAllowed("ต้องมีเลขอ้างอิงและผู้จ่าย (a reference and who paid are needed)")
    if paid_at > now:
        raise NotAllowed("เวลาจ่ายอยู่ในอนาคต (the time of payment is in the future)")
    if paid_by == claim.surveyed_by:
        raise NotAllowed("ผู้สำรวจจ่ายเงินเองไม่ได้ (who surveyed the damage does not pay)")
    return Payment(
        id=id_for("payment", claim.id, nth), mode=claim.mode, claim_id=claim.id, event_id=claim.event_id,
        scheme=claim.scheme, household_id=claim.household_id, nth=nth,
        state=PaymentState.FAILED if failure else PaymentState.PAID, amount=claim.amount, method=method,
        reference=reference.strip(), failure=failure, paid_by=paid_by, paid_at=paid_at, recorded_at=now,
    )  # fmt: skip
