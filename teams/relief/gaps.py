"""No one missed: each exposed household in exactly one bucket, and each gap with an owner and a day.

Response-and-relief, section 5. A claim that waits within its stage's target is in progress; past it, it is a gap, and it is
late from the moment the target passed. Where it is open to doubt whether somebody still has to act, somebody has to.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from teams.relief.claim import Claim, ClaimState
from teams.relief.event import Exposure
from teams.relief.payment import Payment, PaymentState

S = ClaimState


class BucketKind(StrEnum):
    PAID = "paid"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    GAP = "gap"


class Gap(StrEnum):
    G1 = "G1"
    G2 = "G2"
    G3 = "G3"
    G4 = "G4"
    G5 = "G5"
    G7 = "G7"
    G8 = "G8"


@dataclass(frozen=True)
class GapKind:
    """What a gap means, whose it is, and how long they have."""

    th: str
    en: str
    owner_th: str
    owner_en: str
    within: timedelta


_LOCAL = ("องค์กรปกครองส่วนท้องถิ่น", "local authority")
GAPS: dict[Gap, GapKind] = {
    Gap.G1: GapKind(
        "ได้รับผลกระทบ ยังไม่มีคำขอ", "exposed, no claim",
        "ผู้ใหญ่บ้านและ อสม.", "village head and health volunteers", timedelta(days=3),
    ),
    Gap.G2: GapKind("มีคำขอ ยังไม่สำรวจ", "claim, not surveyed", *_LOCAL, timedelta(days=7)),
    Gap.G3: GapKind("สำรวจแล้ว ยังไม่ตัดสิน", "surveyed, not decided", "อำเภอ (ก.ช.ภ.อ.)", "district", timedelta(days=7)),
    Gap.G4: GapKind(
        "อนุมัติแล้ว ยังไม่ได้เงิน", "approved, not paid or failed", "ปภ. จังหวัด", "DDPM province", timedelta(days=5)
    ),
    Gap.G5: GapKind(
        "ไม่อนุมัติ แต่หลักฐานหนัก", "rejected but strong exposure", "เจ้าหน้าที่คนที่สอง", "second officer", timedelta(days=7)
    ),
    Gap.G7: GapKind("บ้านที่ไม่มีในทะเบียน", "homes nobody has registered", *_LOCAL, timedelta(days=14)),
    Gap.G8: GapKind("ติดต่อไม่ได้ครบ 3 ครั้ง", "unreachable after 3 attempts", "ผู้ใหญ่บ้าน", "village head", timedelta(days=3)),
}  # fmt: skip
ATTEMPTS = 3
SURVEY_WITHIN, DECIDE_WITHIN, PAY_WITHIN = (
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=7),
)  # section 11
ANSWER_APPEAL_WITHIN = timedelta(days=15)  # section 11
APPEAL_WITHIN = timedelta(days=15)  # our own default: how long a refused household has; no source gives it
FILE_WITHIN = timedelta(days=3)  # a draft nobody hands in is as good as no claim: as G1

# state -> how long it may take from the last move, and which gap it is after that
WAITS: dict[ClaimState, tuple[timedelta, Gap]] = {
    S.DRAFT: (FILE_WITHIN, Gap.G1),
    S.RETURNED: (SURVEY_WITHIN, Gap.G2),
    S.SUBMITTED: (SURVEY_WITHIN, Gap.G2),
    S.VILLAGE_ENDORSED: (SURVEY_WITHIN, Gap.G2),
    S.UNREACHABLE: (SURVEY_WITHIN, Gap.G2),
    S.SURVEYED: (DECIDE_WITHIN, Gap.G3),
    S.APPEALED: (ANSWER_APPEAL_WITHIN, Gap.G3),
    S.DISTRICT_APPROVED: (
        PAY_WITHIN,
        Gap.G4,
    ),  # the provincial DDPM is the secretary of the committee it waits for
    S.PROVINCE_APPROVED: (PAY_WITHIN, Gap.G4),
    S.IN_PAYMENT: (PAY_WITHIN, Gap.G4),
}
AT_ONCE: dict[ClaimState, Gap] = {
    S.PAY_FAILED: Gap.G4,
    S.REFERRED: Gap.G8,
    S.PAID: Gap.G4,  # said to be paid, and no payment proves it
    S.CONFIRMED: Gap.G4,
}
CLOSES = frozenset({S.REJECTED_FINAL, S.WITHDRAWN, S.DUPLICATE})


@dataclass(frozen=True)
class Bucket:
    """Where one household stands. `due_at`: of a stage in progress its target, of a gap the day its owner has."""

    kind: BucketKind
    stage: ClaimState | None = None
    gap: Gap | None = None
    due_at: datetime | None = None

    @property
    def owner(self) -> tuple[str, str] | None:
        """Whose gap it is, in Thai and English."""
        return (GAPS[self.gap].owner_th, GAPS[self.gap].owner_en) if self.gap else None

    def overdue(self, now: datetime) -> bool:
        return self.kind is BucketKind.GAP and self.due_at is not None and now > self.due_at


def buckets(
    exposed: Iterable[Exposure], claims: Iterable[Claim], payments: Iterable[Payment], now: datetime
) -> dict[UUID, Bucket]:
    """Every household with any sign of exposure, in exactly one bucket. Claims and payments are of one scheme.

    Money that arrived counts above all; without proof of it nobody is PAID, whatever their claim says.
    """
    claim_of = {claim.household_id: claim for claim in claims}
    paid = {payment.household_id for payment in payments if payment.state is PaymentState.PAID}
    return {
        exposure.household_id: Bucket(BucketKind.PAID, stage=_stage(claim_of.get(exposure.household_id)))
        if exposure.household_id in paid
        else _waiting(exposure, claim_of.get(exposure.household_id), now)
        for exposure in exposed
        if exposure.broad
    }


def _stage(claim: Claim | None) -> ClaimState | None:
    return claim.state if claim else None


def _waiting(exposure: Exposure, claim: Claim | None, now: datetime) -> Bucket:
    if claim is None:
        return _gap(Gap.G1, None, exposure.since)
    state, since = claim.state, claim.changed_at
    if state in CLOSES:
        return Bucket(BucketKind.CLOSED, stage=state)
    if state in AT_ONCE:
        return _gap(AT_ONCE[state], state, since)
    if state is S.REJECTED:
        if exposure.strong:
            return _gap(Gap.G5, state, since)
        open_until = since + APPEAL_WITHIN
        return Bucket(
            BucketKind.IN_PROGRESS if now <= open_until else BucketKind.CLOSED, stage=state, due_at=open_until
        )
    if state is S.UNREACHABLE and claim.attempts >= ATTEMPTS:
        return _gap(Gap.G8, state, since)
    within, gap = WAITS[state]
    if now <= since + within:
        return Bucket(BucketKind.IN_PROGRESS, stage=state, due_at=since + within)
    return _gap(gap, state, since + within)


def _gap(gap: Gap, stage: ClaimState | None, since: datetime) -> Bucket:
    return Bucket(BucketKind.GAP, stage=stage, gap=gap, due_at=since + GAPS[gap].within)


@dataclass(frozen=True)
class VillageCount:
    """One village. paid + in_progress + closed + the gaps = exposed; `unlisted` homes (G7) stand beside it."""

    village_code: str
    exposed: int
    strict: int
    paid: int
    in_progress: int
    closed: int
    gaps: Mapping[Gap, int]
    unlisted: int = 0  # homes of the census estimate nobody has registered
    unlisted_due_at: datetime | None = None


def by_village(
    exposed: Sequence[Exposure],
    found: Mapping[UUID, Bucket],
    unlisted: Mapping[str, int],
    opened_at: datetime,
) -> list[VillageCount]:
    """Counts a village, ordered by code. unlisted: village -> estimate minus registered homes; also of villages where
    nobody at all is registered, which is just where someone would be missed."""
    members: dict[str, list[Exposure]] = defaultdict(list)
    for exposure in exposed:
        if exposure.household_id in found:
            members[exposure.village_code].append(exposure)
    counts = []
    for village in sorted({*members, *(v for v, homes in unlisted.items() if homes > 0)}):
        here = [found[e.household_id] for e in members[village]]
        kinds = Counter(bucket.kind for bucket in here)
        homes = max(0, unlisted.get(village, 0))
        counts.append(
            VillageCount(
                village, len(here), sum(e.strict for e in members[village]), kinds[BucketKind.PAID],
                kinds[BucketKind.IN_PROGRESS], kinds[BucketKind.CLOSED],
                dict(Counter(bucket.gap for bucket in here if bucket.gap)), homes,
                opened_at + GAPS[Gap.G7].within if homes else None,
            )
        )  # fmt: skip
    return counts


def public_count(count: int) -> str:
    """A figure as the public may see it: one to four homes could be told apart by their neighbours (section 5)."""
    return "<5" if 0 < count < 5 else str(count)
