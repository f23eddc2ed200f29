"""What an officer found at a home: the items of damage, and what they are worth by the rates of that day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, Numeric
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed
from geo.names import id_for
from geo.when import bangkok
from teams.relief.claim import Claim
from teams.relief.rates import Item, Rate, payable


class DamageAssessment(SQLModel, table=True):
    """One visit. A later one (an appeal) is another row; the newest counts. Amounts in baht, as text inside `lines`."""

    __tablename__ = "damage_assessment"

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    nth: int
    damage_on: date
    depth_cm: int | None = None  # above the floor
    days_flooded: int | None = None
    items: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    lines: list[dict[str, Any]] = Field(
        sa_column=Column(JSON, nullable=False)
    )  # code, version, amount, draft
    amount: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    photos: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )  # SHA-256 of the originals
    surveyed_by: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def assess_damage(
    claim: Claim,
    items: Sequence[Item],
    rates: Iterable[Rate],
    by: str,
    now: datetime,
    *,
    nth: int = 0,
    depth_cm: int | None = None,
    days_flooded: int | None = None,
    photos: Sequence[str] = (),
) -> DamageAssessment:
    """Write down a visit and set the claim's amount. nth: how many visits the claim has had.

    Raises NotAllowed without items, for damage in the future, and whatever `payable` refuses; the claim stays as it was.
    """  # fmt: skip
    if not items:
        raise NotAllowed("ต้องมีรายการความเสียหายอย่างน้อยหนึ่งรายการ (at least one item of damage is needed)")
    if claim.damage_on > bangkok(now).date():
        raise NotAllowed("วันที่เสียหายอยู่ในอนาคต (the day of the damage is in the future)")
    lines = payable(rates, claim.scheme, items, claim.damage_on, drafts_allowed=claim.mode == "exercise")
    amount = sum((line.amount for line in lines), Decimal("0.00"))
    claim.amount, claim.rate_versions = amount, [line.version for line in lines]
    claim.draft_rates, claim.changed_at = any(line.draft for line in lines), now
    return DamageAssessment(
        id=id_for("damage", claim.id, nth), claim_id=claim.id, nth=nth, damage_on=claim.damage_on, depth_cm=depth_cm,
        days_flooded=days_flooded, items=[item.model_dump(mode="json") for item in items],
        lines=[{"code": x.code, "version": x.version, "amount": str(x.amount), "draft": x.draft} for x in lines],
        amount=amount, photos=list(photos), surveyed_by=by, at=now,
    )  # fmt: skip
