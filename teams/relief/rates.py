"""What is paid for what: rows with a first and a last day and a source, chosen by the date of the damage.

A draft row is one whose document no officer has attached: it shows what to expect, and nothing is paid by it. An exercise
pays no money, so there a draft may be used; the claim keeps which row it was.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed
from geo.names import id_for

COST_UP_TO = "cost up to"  # unit of a ceiling: what was really spent is paid, the amount at most


class RateStatus(StrEnum):
    CONFIRMED = "confirmed"
    DRAFT = "draft"


@dataclass(frozen=True)
class Rate:
    """`amount` is baht a unit, or the ceiling where the unit is `cost up to`; both days of the span are inside it."""

    scheme: str
    code: str
    th: str
    en: str
    amount: Decimal
    unit: str
    at_most: int | None  # units a household
    effective_from: date
    effective_to: date | None
    status: RateStatus
    source: str

    @property
    def version(self) -> str:
        """Which row this is: kept with every claim computed by it."""
        return f"{self.scheme}/{self.code}@{self.effective_from}"

    def holds_on(self, damage_on: date) -> bool:
        return self.effective_from <= damage_on and (
            self.effective_to is None or damage_on <= self.effective_to
        )


class RateConfirmation(SQLModel, table=True):
    """An officer attached the document of one draft row: from then on it pays."""

    __tablename__ = "rate_confirmation"

    version: str = Field(primary_key=True)
    amount: str  # as it stood, so that a changed file needs a new confirmation
    document: str
    confirmed_by: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))

    @property
    def id(self) -> UUID:
        return id_for("rate confirmation", self.version)


class Item(SQLModel):
    """One line of a damage assessment. quantity in the rate's unit; cost in baht where the unit is `cost up to`."""

    code: str
    quantity: Decimal = Decimal(1)
    cost: Decimal | None = None


@dataclass(frozen=True)
class Line:
    """One item with what it is worth and by which row."""

    code: str
    version: str
    amount: Decimal
    draft: bool


@cache
def shipped_rates() -> tuple[Rate, ...]:
    """The rows of rates.csv."""
    with files("teams.relief").joinpath("rates.csv").open(encoding="utf-8") as text:
        return read_rates(csv.DictReader(text))


def read_rates(rows: Iterable[Mapping[str, str]]) -> tuple[Rate, ...]:
    """Rows as text. Raises ValueError when two rows of one item hold on the same day: nobody could choose."""
    rates = tuple(
        Rate(
            row["scheme"], row["code"], row["th"], row["en"], Decimal(row["amount"]), row["unit"],
            int(row["at_most"]) if row["at_most"] else None, date.fromisoformat(row["effective_from"]),
            date.fromisoformat(row["effective_to"]) if row["effective_to"] else None, RateStatus(row["status"]),
            row["source"],
        )
        for row in rows
    )  # fmt: skip
    for rate in rates:
        same = (r for r in rates if r is not rate and (r.scheme, r.code) == (rate.scheme, rate.code))
        if any(other.holds_on(rate.effective_from) for other in same):
            raise ValueError(f"two rows hold on one day: {rate.version}")
    return rates


def confirmed(rates: Sequence[Rate], confirmations: Iterable[RateConfirmation]) -> tuple[Rate, ...]:
    """The rates as this office may use them. A confirmation of another amount does not count."""
    known = {(c.version, Decimal(c.amount)): c for c in confirmations}
    return tuple(
        replace(r, status=RateStatus.CONFIRMED, source=f"{known[r.version, r.amount].document}; {r.source}")
        if (r.version, r.amount) in known
        else r
        for r in rates
    )


def rate_on(rates: Iterable[Rate], scheme: str, code: str, damage_on: date) -> Rate:
    """The row in force on the day of the damage, not of the claim. Raises NotAllowed when there is none."""
    for rate in rates:
        if rate.scheme == scheme and rate.code == code and rate.holds_on(damage_on):
            return rate
    raise NotAllowed(
        f"ไม่มีอัตรา {scheme}/{code} สำหรับความเสียหายวันที่ {damage_on:%d/%m/}{damage_on.year + 543} "
        f"(no rate {scheme}/{code} for damage of {damage_on})"
    )


def payable(
    rates: Iterable[Rate],
    scheme: str,
    items: Sequence[Item],
    damage_on: date,
    *,
    drafts_allowed: bool = False,
) -> list[Line]:
    """What a household is owed for these items, a line an item, in baht to the satang.

    Raises NotAllowed for an item twice, a quantity over the scheme's limit or below zero, a ceiling without its cost,
    an item without a rate, and for a draft rate unless drafts are allowed (an exercise).
    """
    known = tuple(rates)
    if len({item.code for item in items}) < len(items):
        raise NotAllowed("มีรายการซ้ำ (an item stands there twice)")
    return [_line(rate_on(known, scheme, item.code, damage_on), item, drafts_allowed) for item in items]


def _line(rate: Rate, item: Item, drafts_allowed: bool) -> Line:
    draft = rate.status is RateStatus.DRAFT
    if draft and not drafts_allowed:
        raise NotAllowed(
            f"อัตรา {rate.th} {rate.amount:,} บาท ยังเป็นร่าง ต้องแนบเอกสารก่อนจึงจ่ายได้ "
            f"(the rate {rate.version} is a draft: attach its document before anything is paid by it)"
        )
    if item.quantity <= 0 or (rate.at_most is not None and item.quantity > rate.at_most):
        raise NotAllowed(
            f"{rate.th}: จำนวน {item.quantity} ไม่อยู่ในเกณฑ์ ไม่เกิน {rate.at_most or '-'} {rate.unit} "
            f"({rate.code}: {item.quantity} {rate.unit} is outside the limit of {rate.at_most or 'none'})"
        )
    if rate.unit == COST_UP_TO:
        if item.cost is None or item.cost <= 0:
            raise NotAllowed(f"{rate.th}: ต้องมีค่าใช้จ่ายจริง ({rate.code}: the actual cost is needed)")
        amount = min(item.cost, rate.amount)
    else:
        amount = rate.amount * item.quantity
    return Line(item.code, rate.version, amount.quantize(Decimal("0.01")), draft)
