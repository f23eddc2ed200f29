"""The relief of the scripted night: days of committee work pressed into a minute, by invented officers. Exercise only.

Some seconds after the alert went out its event is opened, claims are filed for a few homes, and each is taken as far as
its part says: one all the way to the money, others left where a trainee may go on. Every step passes the same functions as
an officer's button, so nothing here can do what a page cannot.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from teams.relief.claim import Claim, ClaimState
from teams.relief.event import Evidence, Exposure
from teams.relief.payment import Failure, Method
from teams.relief.rates import Item
from warning.accounts.user import UserRole, make_user
from warning.alert import Alert, Mode
from warning.exposed import exposures
from warning.office import Office
from warning.relief import file_claim, move, open_event, pay, survey

_log = logging.getLogger(__name__)
BEGINS_AFTER_S = 45.0  # wall seconds after the alert was issued
STEP_S = 2.5  # wall seconds between two steps: long enough to see a page change
A_VILLAGE = 3  # claims of one village
OFFICERS = ("village", "surveyor", "district", "finance")
NAMES = {
    "village": "เลขาประชาคมหมู่บ้าน (ฝึกซ้อม) / village secretary (exercise)",
    "surveyor": "ผู้สำรวจความเสียหาย (ฝึกซ้อม) / surveyor (exercise)",
    "district": "เลขานุการ ก.ช.ภ.อ. (ฝึกซ้อม) / district secretary (exercise)",
    "finance": "การเงิน ปภ. จังหวัด (ฝึกซ้อม) / finance (exercise)",
}
ITEMS = [Item(code="HOUSE_REPAIR", cost=Decimal(42_000)), Item(code="LIVING_PART")]

S = ClaimState
_TO_PAYMENT = (S.VILLAGE_ENDORSED, S.SURVEYED, S.DISTRICT_APPROVED, S.PROVINCE_APPROVED, S.IN_PAYMENT)
# How far each home's claim goes; the first is the one whose story is told to the end. The best-known home has the first part.
PARTS: tuple[tuple[ClaimState, ...], ...] = (
    (*_TO_PAYMENT, S.PAID),
    (
        S.VILLAGE_ENDORSED,
        S.SURVEYED,
        S.REJECTED,
    ),  # refused: in its time to appeal, or G5 where the signs are strong
    (*_TO_PAYMENT, S.PAY_FAILED),  # G4
    (S.UNREACHABLE, S.UNREACHABLE, S.UNREACHABLE),  # G8
    (S.DUPLICATE,),  # closed
    (*_TO_PAYMENT, S.PAID),
    _TO_PAYMENT,  # a trainee may pay
    (S.VILLAGE_ENDORSED,),  # a trainee may survey
    (),  # a trainee may endorse
)  # and everybody else stays G1: exposed, no claim
BY = {
    S.VILLAGE_ENDORSED: "village", S.UNREACHABLE: "surveyor", S.SURVEYED: "surveyor", S.DISTRICT_APPROVED: "district",
    S.PROVINCE_APPROVED: "district", S.REJECTED: "district", S.DUPLICATE: "district", S.IN_PAYMENT: "finance",
}  # fmt: skip
WHY = {
    S.REJECTED: "ฝึกซ้อม: ไม่พบความเสียหายต่อโครงสร้าง (exercise: no damage to the structure was found)",
    S.DUPLICATE: "ฝึกซ้อม: ยื่นแล้วในชื่อบ้านเดิม (exercise: handed in before)",
}


@dataclass(frozen=True)
class Part:
    """One claim of the script, and the steps it takes."""

    household: UUID
    claim: UUID
    steps: tuple[ClaimState, ...]


@asynccontextmanager
async def relief_at_work(office: Office, address: str, seen: Callable[[str], None]) -> AsyncIterator[None]:
    """Beside the robot officer, until the block ends. address: of our pages, for the lines that `seen` prints."""
    work = asyncio.create_task(_relief(office, address, seen))
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _relief(office: Office, address: str, seen: Callable[[str], None]) -> None:
    try:
        await _play(office, address, seen)
    except Exception:  # the night goes on without it, and says why
        _log.exception("the scripted relief stopped")


async def _play(office: Office, address: str, seen: Callable[[str], None]) -> None:
    while (alert := await asyncio.to_thread(_due, office)) is None:
        await asyncio.sleep(0.5)
    officers = await asyncio.to_thread(_officers, office)
    event, parts = await asyncio.to_thread(_begin, office, alert, officers)
    seen(f"relief event opened, {len(parts)} claims filed: {address}/gaps?event={event}")
    for nth in range(max((len(part.steps) for part in parts), default=0)):
        await asyncio.sleep(STEP_S)
        await asyncio.to_thread(_round, office, parts, nth, officers)
    if parts:
        seen(f"one home from the gauge to the payment: {address}/story/{parts[0].household}")


def _due(office: Office) -> UUID | None:
    """The first alert that went out, once it is long enough ago. Raises NotAllowed outside an exercise."""
    if office.mode is not Mode.EXERCISE:
        raise NotAllowed("เยียวยาตามบทมีเฉพาะการฝึกซ้อม (scripted relief is for an exercise only)")
    before = office.clock.now() - timedelta(seconds=BEGINS_AFTER_S) * office.clock.rate
    went_out = select(Alert.id).where(Alert.kind == "alert", col(Alert.issued_at) <= before)
    with office.database.session() as session:
        return session.exec(went_out.order_by(col(Alert.issued_at))).first()


def _officers(office: Office) -> dict[str, str]:
    """Post -> id of an invented person with the role. Nobody has a link to sign in as one of them."""
    now = office.clock.now()
    with office.database.session() as session:
        return {
            post: str(make_user(session, NAMES[post], (UserRole.RELIEF_OFFICER,), now).id)
            for post in OFFICERS
        }


def _begin(office: Office, alert: UUID, officers: dict[str, str]) -> tuple[UUID, Sequence[Part]]:
    """Open the event and file a claim a part."""
    now = office.clock.now()
    with office.database.session() as session:
        session.info["actor"] = officers["district"]
        event = open_event(session, alert, officers["district"], now)
        homes = _best_known(exposures(session, event))
        filed = [
            Part(home, file_claim(session, event.id, home, officers["village"], now).id, steps)
            for home, steps in zip(homes, PARTS, strict=False)
        ]
        return event.id, filed


def _best_known(exposed: Sequence[Exposure]) -> Iterator[UUID]:
    """Homes with most signs first: their stories have most to tell. At most A_VILLAGE of a village: the list shows several."""
    of_village: dict[str, int] = {}
    for e in sorted(
        exposed, key=lambda e: (-len(e.kinds), Evidence.OWN_REPORT not in e.kinds, str(e.household_id))
    ):
        of_village[e.village_code] = of_village.get(e.village_code, 0) + 1
        if of_village[e.village_code] <= A_VILLAGE:
            yield e.household_id


def _round(office: Office, parts: Sequence[Part], nth: int, officers: dict[str, str]) -> None:
    """The nth step of each claim. What a trainee has moved meanwhile is left to the trainee."""
    now = office.clock.now()
    for part in parts:
        if nth < len(part.steps):
            try:
                with office.database.session() as session:
                    _step(session, part.claim, part.steps[nth], officers, now)
            except NotAllowed:
                continue


def _step(session: Session, claim_id: UUID, to: ClaimState, officers: dict[str, str], now: datetime) -> None:
    if to is S.SURVEYED:
        survey(session, claim_id, ITEMS, officers["surveyor"], now, depth_cm=65, days_flooded=1)
    elif to in (S.PAID, S.PAY_FAILED):
        claim, finance = session.get_one(Claim, claim_id), officers["finance"]
        failure = Failure.NO_PROMPTPAY if to is S.PAY_FAILED else None
        reference = f"EXERCISE-{claim_id.hex[:8].upper()}"
        pay(
            session, claim_id, claim.amount or Decimal(0), Method.PROMPTPAY, reference, finance, now, finance, now,
            failure=failure,
        )  # fmt: skip
    else:
        session.info["actor"] = officers[BY[to]]
        move(session, claim_id, to, officers[BY[to]], BY[to], now, reason=WHY.get(to, ""))
