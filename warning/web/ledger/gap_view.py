"""The gap list in the two ways it may be seen: exact for the relief officer, coarse for everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from teams.relief.claim import WORDS, Claim
from teams.relief.event import DisasterEvent
from teams.relief.gaps import GAPS, Bucket, BucketKind, Gap, VillageCount, buckets, by_village, public_count
from teams.relief.payment import Payment
from warning.alert import Mode
from warning.exposed import exposures, unlisted_homes
from warning.relief import SCHEME

SHOWN_GAPS = (Gap.G1, Gap.G2, Gap.G3, Gap.G4, Gap.G5, Gap.G8)
ROUND_TO = 10  # public sums: exact ones would give a hidden cell back by subtraction


@dataclass(frozen=True)
class Row:
    """One village; its figures as text in the order of the columns: exposed, paid, in progress, closed, gaps, unlisted."""

    code: str
    figures: tuple[str, ...]


def events(session: Session, mode: Mode) -> list[DisasterEvent]:
    """Newest first."""
    found = select(DisasterEvent).where(DisasterEvent.mode == mode.value)
    return list(session.exec(found.order_by(col(DisasterEvent.opened_at).desc())))


def public_villages(session: Session, event: DisasterEvent, now: datetime) -> list[VillageCount]:
    """The counts without the names. Nobody's list is read, so nothing is noted in the trail."""
    exposed = exposures(session, event)
    claims = session.exec(select(Claim).where(Claim.event_id == event.id, Claim.scheme == SCHEME)).all()
    payments = session.exec(
        select(Payment).where(Payment.event_id == event.id, Payment.scheme == SCHEME)
    ).all()
    return by_village(
        exposed, buckets(exposed, claims, payments, now), unlisted_homes(session, event), event.opened_at
    )


def figures(village: VillageCount) -> tuple[int, ...]:
    """exposed, then the buckets that sum to it (paid, in progress, closed, each gap), then homes nobody registered."""
    gaps = (village.gaps.get(gap, 0) for gap in SHOWN_GAPS)
    return (village.exposed, village.paid, village.in_progress, village.closed, *gaps, village.unlisted)


def rows(villages: Sequence[VillageCount], *, exact: bool) -> tuple[list[Row], tuple[str, ...]]:
    """A row a village, and the sums of the columns."""
    counted = [(v.village_code, figures(v)) for v in villages]
    sums = [sum(column) for column in zip(*(n for _, n in counted), strict=True)] if counted else []
    if exact:
        return [Row(c, tuple(f"{n:,}" for n in ns)) for c, ns in counted], tuple(f"{n:,}" for n in sums)
    return [Row(c, (_rounded(ns[0]), *map(_public, ns[1:]))) for c, ns in counted], tuple(map(_rounded, sums))


COLUMNS = ("exposed", "paid", "in_progress", "closed", *SHOWN_GAPS, "unlisted")  # of `figures`, in order


def filled(villages: Sequence[VillageCount]) -> tuple[int, ...]:
    """The columns in which any home stands, so that the eye finds the gaps; how many are exposed is always said."""
    counted = [figures(village) for village in villages]
    return tuple(n for n in range(len(COLUMNS)) if n == 0 or any(row[n] for row in counted))


def _public(count: int) -> str:
    return public_count(count) if count < 5 else f"{count:,}"


def _rounded(count: int) -> str:
    if count < ROUND_TO:
        return public_count(count) if count < 5 else "5–9"
    return f"≈{round(count, -1):,}"


@dataclass(frozen=True)
class NamedRow:
    """One household of the officer's list: where it stands, whose turn it is, until when."""

    household_id: UUID
    stands: tuple[str, str]
    owner: tuple[str, str] | None
    due_at: datetime | None
    late: bool


_KINDS = {
    BucketKind.PAID: ("จ่ายแล้ว", "paid"),
    BucketKind.IN_PROGRESS: ("กำลังดำเนินการ", "in progress"),
    BucketKind.CLOSED: ("สิ้นสุด", "closed"),
}


def named_rows(named: dict[UUID, Bucket], households: Sequence[UUID], now: datetime) -> list[NamedRow]:
    """Gaps first, latest due first of all."""
    found = []
    for household in households:
        bucket = named[household]
        if bucket.gap:
            stands = (f"{bucket.gap} {GAPS[bucket.gap].th}", f"{bucket.gap} {GAPS[bucket.gap].en}")
        else:
            stands = (
                WORDS[bucket.stage]
                if bucket.stage and bucket.kind is not BucketKind.PAID
                else _KINDS[bucket.kind]
            )
        found.append(NamedRow(household, stands, bucket.owner, bucket.due_at, bucket.overdue(now)))
    return sorted(
        found, key=lambda r: (r.owner is None, r.due_at is None, r.due_at or now, str(r.household_id))
    )
