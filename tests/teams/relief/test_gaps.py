"""No one missed: the partition is a law."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.names import id_for
from teams.relief.claim import Claim, ClaimState, new_claim
from teams.relief.event import Evidence, Exposure, Flag
from teams.relief.gaps import GAPS, BucketKind, Gap, buckets, by_village, public_count
from teams.relief.payment import Method, Payment, PaymentState

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
EVENT = id_for("event of the gap tests")
VILLAGES = ("93110201", "93110202", "93110203")


def home(nth: int) -> UUID:
    return id_for("gap home", nth)


def exposure(nth: int, kinds: set[Evidence], age: timedelta = timedelta(days=1)) -> Exposure:
    flags = tuple(Flag(kind, "test", NOW - age) for kind in sorted(kinds))
    return Exposure(home(nth), VILLAGES[nth % 3], flags)


def claim(nth: int, state: ClaimState, age: timedelta = timedelta(days=1), attempts: int = 0) -> Claim:
    made = new_claim(
        "exercise", EVENT, "advance", home(nth), VILLAGES[nth % 3], date(2026, 11, 22), "u", NOW - age
    )
    made.state, made.attempts = state, attempts
    return made


def payment(nth: int, state: PaymentState = PaymentState.PAID) -> Payment:
    return Payment(
        id=id_for("p", nth), mode="exercise", claim_id=id_for("c", nth), event_id=EVENT, scheme="advance", nth=0,
        household_id=home(nth), state=state, amount=Decimal("1.00"), method=Method.CASH, reference="r", paid_by="u",
        paid_at=NOW, recorded_at=NOW,
    )  # fmt: skip


ages = st.integers(0, 40 * 24).map(lambda hours: timedelta(hours=hours))
exposed_homes = st.lists(st.tuples(st.sets(st.sampled_from(Evidence)), ages), max_size=12).map(
    lambda drawn: [exposure(nth, kinds, age) for nth, (kinds, age) in enumerate(drawn)]
)
some_claims = st.dictionaries(
    st.integers(0, 14), st.tuples(st.sampled_from(ClaimState), ages, st.integers(0, 4)), max_size=14
).map(lambda drawn: [claim(nth, *how) for nth, how in drawn.items()])
some_payments = st.dictionaries(st.integers(0, 14), st.sampled_from(PaymentState), max_size=8).map(
    lambda drawn: [payment(nth, state) for nth, state in drawn.items()]
)


@given(exposed_homes, some_claims, some_payments)
def test_the_buckets_partition_the_exposed(exposed, claims, payments) -> None:
    found = buckets(exposed, claims, payments, NOW)
    broad = [e for e in exposed if e.flags]
    assert set(found) == {e.household_id for e in broad}
    paid = {p.household_id for p in payments if p.state is PaymentState.PAID}
    for household, bucket in found.items():
        assert (bucket.kind is BucketKind.PAID) == (household in paid)
        assert (bucket.kind is BucketKind.GAP) == (bucket.gap is not None) == (bucket.owner is not None)
        if bucket.kind is BucketKind.GAP:
            assert bucket.due_at is not None
        if bucket.kind is BucketKind.IN_PROGRESS:
            assert bucket.stage is not None and bucket.due_at is not None and bucket.due_at >= NOW
    counts = by_village(exposed, found, {}, NOW)
    assert sum(v.exposed for v in counts) == len(broad)
    for village in counts:
        assert (
            village.paid + village.in_progress + village.closed + sum(village.gaps.values())
            == village.exposed
        )
        assert village.strict <= village.exposed


@given(exposed_homes, some_claims, some_payments, ages)
def test_waiting_never_makes_a_gap_go_away(exposed, claims, payments, longer) -> None:
    before, after = (buckets(exposed, claims, payments, NOW + by) for by in (timedelta(), longer))
    for household, bucket in before.items():
        later = after[household]
        if bucket.kind is not BucketKind.IN_PROGRESS:
            assert later == bucket
        else:
            assert later.kind is not BucketKind.PAID


DAY = timedelta(days=1)
WET = {Evidence.WARNED, Evidence.WATER, Evidence.OWN_REPORT}


@pytest.mark.parametrize(
    ("kinds", "made", "expected"),
    [
        pytest.param({Evidence.WARNED}, None, Gap.G1, id="nobody-filed"),
        pytest.param(WET, claim(0, ClaimState.DRAFT, 4 * DAY), Gap.G1, id="drawn-up-never-handed-in"),
        pytest.param(
            WET, claim(0, ClaimState.SUBMITTED, 6 * DAY), BucketKind.IN_PROGRESS, id="survey-within-7-days"
        ),
        pytest.param(WET, claim(0, ClaimState.VILLAGE_ENDORSED, 8 * DAY), Gap.G2, id="not-surveyed"),
        pytest.param(WET, claim(0, ClaimState.SURVEYED, 15 * DAY), Gap.G3, id="not-decided"),
        pytest.param(WET, claim(0, ClaimState.PROVINCE_APPROVED, 8 * DAY), Gap.G4, id="approved-not-paid"),
        pytest.param(WET, claim(0, ClaimState.PAY_FAILED, DAY), Gap.G4, id="payment-failed-at-once"),
        pytest.param(WET, claim(0, ClaimState.PAID, DAY), Gap.G4, id="said-paid-without-proof"),
        pytest.param(WET, claim(0, ClaimState.REJECTED, DAY), Gap.G5, id="rejected-though-wet"),
        pytest.param(
            {Evidence.WARNED},
            claim(0, ClaimState.REJECTED, DAY),
            BucketKind.IN_PROGRESS,
            id="may-still-appeal",
        ),
        pytest.param(
            {Evidence.WARNED}, claim(0, ClaimState.REJECTED, 16 * DAY), BucketKind.CLOSED, id="appeal-over"
        ),
        pytest.param(
            WET, claim(0, ClaimState.REJECTED_FINAL, DAY), BucketKind.CLOSED, id="second-officer-refused-too"
        ),
        pytest.param(
            WET, claim(0, ClaimState.UNREACHABLE, DAY, 2), BucketKind.IN_PROGRESS, id="second-visit"
        ),
        pytest.param(WET, claim(0, ClaimState.UNREACHABLE, DAY, 3), Gap.G8, id="third-visit"),
        pytest.param(WET, claim(0, ClaimState.WITHDRAWN, DAY), BucketKind.CLOSED, id="withdrawn"),
    ],
)
def test_where_a_home_stands(kinds: set[Evidence], made: Claim | None, expected: Gap | BucketKind) -> None:
    [bucket] = buckets([exposure(0, kinds)], [made] if made else [], [], NOW).values()
    assert expected in (bucket.gap, bucket.kind)


def test_an_owner_is_late_when_their_days_are_over() -> None:
    fresh, old = exposure(0, WET, DAY), exposure(1, WET, 4 * DAY)
    found = buckets([fresh, old], [], [], NOW)
    assert [found[e.household_id].overdue(NOW) for e in (fresh, old)] == [False, True]


def test_a_village_nobody_registered_is_on_the_list() -> None:
    [row] = by_village([], {}, {VILLAGES[0]: 40, VILLAGES[1]: 0}, NOW)
    assert (row.village_code, row.exposed, row.unlisted) == (VILLAGES[0], 0, 40)
    assert row.unlisted_due_at == NOW + GAPS[Gap.G7].within


def test_strict_needs_the_declaration_and_water() -> None:
    assert not exposure(0, WET).strict
    assert not exposure(0, {Evidence.ASSISTANCE_AREA, Evidence.WARNED}).strict
    assert exposure(0, {Evidence.ASSISTANCE_AREA, Evidence.WATER}).strict


def test_small_cells_are_hidden() -> None:
    assert [public_count(n) for n in (0, 1, 4, 5)] == ["0", "<5", "<5", "5"]


def test_every_state_has_a_place() -> None:
    placed = Counter(
        next(iter(buckets([exposure(0, WET)], [claim(0, s, timedelta())], [], NOW).values())).kind
        for s in ClaimState
    )
    assert placed.total() == len(ClaimState)
