"""What relief may do next for one home, and the reading of what an officer keyed in. The rules stand in `teams/relief`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, select

from geo.errors import NotAllowed
from geo.when import BANGKOK, utc
from teams.relief.claim import NEXT, Claim, ClaimState
from teams.relief.event import DisasterEvent
from teams.relief.payment import Failure, Method
from teams.relief.rates import COST_UP_TO, Item, Rate
from warning.alert import Mode
from warning.exposed import exposures
from warning.relief import SCHEME, rates
from warning.web.ledger.gap_view import events

S = ClaimState
# The step a claim is waiting for. All other moves of the table stand folded beside it.
MAIN: dict[ClaimState, ClaimState] = {
    S.DRAFT: S.SUBMITTED,
    S.SUBMITTED: S.VILLAGE_ENDORSED,
    S.VILLAGE_ENDORSED: S.SURVEYED,
    S.SURVEYED: S.DISTRICT_APPROVED,
    S.DISTRICT_APPROVED: S.PROVINCE_APPROVED,
    S.PROVINCE_APPROVED: S.IN_PAYMENT,
    S.IN_PAYMENT: S.PAID,
    S.PAID: S.CONFIRMED,
    S.RETURNED: S.SUBMITTED,
    S.UNREACHABLE: S.SURVEYED,
    S.REFERRED: S.SURVEYED,
    S.REJECTED: S.APPEALED,
    S.APPEALED: S.SURVEYED,
    S.PAY_FAILED: S.IN_PAYMENT,
    S.WITHDRAWN: S.SUBMITTED,
}
WITH_PROOF = frozenset({S.SURVEYED, S.PAID, S.PAY_FAILED})  # these have forms of their own
POST = {  # in which post a step is taken; the trail keeps it beside the person's id
    S.VILLAGE_ENDORSED: "village",
    S.DISTRICT_APPROVED: "district",
    S.PROVINCE_APPROVED: "province",
    S.IN_PAYMENT: "finance",
}


@dataclass(frozen=True)
class ClaimDesk:
    """One home's claim on its story page. `to` None: nothing is left to do, or (without a claim) it is to be filed.
    mark: how the claim stood when the page was drawn, so that a form kept open moves nothing twice."""

    event: DisasterEvent
    claim: Claim | None
    to: ClaimState | None
    others: tuple[ClaimState, ...]
    rates: tuple[Rate, ...]
    mark: str


def claim_desk(session: Session, household: UUID, alert: UUID | None, mode: Mode) -> ClaimDesk | None:
    """None: no open event of relief holds this home."""
    event = next((e for e in events(session, mode) if _holds(session, e, household, alert)), None)
    if event is None:
        return None
    of_home = select(Claim).where(
        Claim.event_id == event.id, Claim.household_id == household, Claim.scheme == SCHEME
    )
    claim = session.exec(of_home).first()
    if claim is None:
        return ClaimDesk(event, None, None, (), (), "")
    to = MAIN.get(claim.state)
    others = tuple(s for s in ClaimState if s in NEXT[claim.state] and s is not to and s not in WITH_PROOF)
    found = rates_of(session, claim) if to is S.SURVEYED else ()
    return ClaimDesk(event, claim, to, others, found, mark_of(claim))


def _holds(session: Session, event: DisasterEvent, household: UUID, alert: UUID | None) -> bool:
    return (alert is None or str(alert) in event.alerts) and bool(exposures(session, event, only=household))


def rates_of(session: Session, claim: Claim) -> tuple[Rate, ...]:
    """The rows of the claim's scheme that hold on the day of its damage: one an item."""
    return tuple(r for r in rates(session) if r.scheme == claim.scheme and r.holds_on(claim.damage_on))


def mark_of(claim: Claim) -> str:
    return f"{claim.state.value} {utc(claim.changed_at).isoformat()}"


# --- what was keyed in -------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\d{1,7}(\.\d{1,2})?")  # \d takes Thai digits too, and so does Decimal


def baht(written: str) -> Decimal:
    """Digits of either script, with or without commas. Raises NotAllowed for anything else."""
    plain = written.strip().replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise NotAllowed(
            f"“{written.strip()[:20]}” ไม่ใช่จำนวน ใส่เป็นตัวเลข (this is not a figure: please write it in digits)"
        )
    return Decimal(plain)


def whole(written: str) -> int | None:
    """A count; empty is None. Raises NotAllowed for anything else."""
    return int(baht(written)) if written.strip() else None


def items_of(form: Mapping[str, str], known: Sequence[Rate]) -> list[Item]:
    """The lines that were filled in. Of a ceiling the figure is what was spent, else how many units."""
    found = []
    for rate in known:
        written = form.get(f"item_{rate.code}", "").strip()
        if written and rate.unit == COST_UP_TO:
            found.append(Item(code=rate.code, cost=baht(written)))
        elif written:
            found.append(Item(code=rate.code, quantity=baht(written)))
    return found


def day_of(written: str) -> date | None:
    """A day of a date field; empty is None. Raises NotAllowed for no day."""
    if not written.strip():
        return None
    try:
        return date.fromisoformat(written.strip())
    except ValueError as error:
        raise NotAllowed("วันที่ไม่ถูกต้อง (this is no date)") from error


def moment_of(written: str, now: datetime) -> datetime:
    """Time in Thailand of a date-and-time field, as UTC; empty is now. Raises NotAllowed for no time."""
    if not written.strip():
        return now
    try:
        return utc(datetime.fromisoformat(written.strip()).replace(tzinfo=BANGKOK))
    except ValueError as error:
        raise NotAllowed("เวลาไม่ถูกต้อง (this is no time)") from error


def method_of(written: str) -> Method:
    """Raises NotAllowed when no way of paying was chosen."""
    try:
        return Method(written)
    except ValueError as error:
        raise NotAllowed("กรุณาเลือกวิธีจ่าย (please choose how it was paid)") from error


def failure_of(written: str) -> Failure | None:
    """Empty: it was paid. Raises NotAllowed for an unknown reason."""
    try:
        return Failure(written) if written else None
    except ValueError as error:
        raise NotAllowed("กรุณาเลือกสาเหตุที่จ่ายไม่สำเร็จ (please choose why it failed)") from error
