"""A claim's states against the paper, and the three people behind it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import NotAllowed
from geo.names import id_for
from teams.relief.claim import NEXT, WORDS, Claim, ClaimState, advance, new_claim
from teams.relief.damage import assess_damage
from teams.relief.payment import Failure, Method, PaymentState, proof_of
from teams.relief.rates import Item, shipped_rates

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
S = ClaimState
WAY = (
    (S.SUBMITTED, "clerk"), (S.VILLAGE_ENDORSED, "head"), (S.SURVEYED, "surveyor"), (S.DISTRICT_APPROVED, "chief"),
    (S.PROVINCE_APPROVED, "governor"), (S.IN_PAYMENT, "cashier"),
)  # fmt: skip


def a_claim(mode: str = "exercise", damage_on: date = date(2026, 11, 22)) -> Claim:
    return new_claim(mode, id_for("e"), "advance", id_for("h"), "93110201", damage_on, "clerk", NOW)


def along(claim: Claim, until: ClaimState) -> Claim:
    for state, by in WAY:
        if state is S.SURVEYED:
            claim.amount = Decimal("49500.00")
        advance(claim, state, by, "role", NOW)
        if state is until:
            break
    return claim


def test_the_usual_way() -> None:
    claim = along(a_claim(), S.IN_PAYMENT)
    assert (claim.endorsed_by, claim.surveyed_by, claim.approved_by) == ("head", "surveyor", "governor")


@pytest.mark.parametrize(
    ("upto", "to", "by"),
    [
        pytest.param(S.VILLAGE_ENDORSED, S.SURVEYED, "head", id="endorser-surveys"),
        pytest.param(S.SURVEYED, S.DISTRICT_APPROVED, "surveyor", id="surveyor-approves"),
        pytest.param(S.SURVEYED, S.DISTRICT_APPROVED, "head", id="endorser-approves"),
        pytest.param(
            S.DISTRICT_APPROVED, S.PROVINCE_APPROVED, "surveyor", id="surveyor-approves-for-the-province"
        ),
    ],
)
def test_one_head_two_hats(upto: ClaimState, to: ClaimState, by: str) -> None:
    claim = along(a_claim(), upto)
    with pytest.raises(NotAllowed, match="another person"):
        advance(claim, to, by, "role", NOW)
    assert claim.state is upto


def test_an_appeal_is_surveyed_by_another_officer() -> None:
    claim = along(a_claim(), S.SURVEYED)
    advance(claim, S.REJECTED, "chief", "r", NOW, reason="ไม่พบความเสียหาย")
    advance(claim, S.APPEALED, "clerk", "r", NOW)
    with pytest.raises(NotAllowed, match="another officer"):
        advance(claim, S.SURVEYED, "surveyor", "r", NOW)
    advance(claim, S.SURVEYED, "second", "r", NOW)
    assert claim.surveyed_by == "second"


def test_a_returned_claim_is_signed_anew() -> None:
    claim = along(a_claim(), S.DISTRICT_APPROVED)
    advance(claim, S.RETURNED, "governor", "r", NOW, reason="ขาดรูปถ่าย")
    advance(claim, S.SUBMITTED, "clerk", "r", NOW)
    assert (claim.endorsed_by, claim.surveyed_by, claim.approved_by, claim.amount) == (None, None, None, None)


@pytest.mark.parametrize(
    ("upto", "to", "words"),
    [
        pytest.param(S.SUBMITTED, S.PAID, "cannot become", id="no-short-cut"),
        pytest.param(S.IN_PAYMENT, S.WITHDRAWN, "cannot become", id="money-is-moving"),
        pytest.param(S.SUBMITTED, S.RETURNED, "reason", id="no-reason"),
    ],
)
def test_refusals_are_worded_in_both_languages(upto: ClaimState, to: ClaimState, words: str) -> None:
    with pytest.raises(NotAllowed, match=words) as refused:
        advance(along(a_claim(), upto), to, "x", "r", NOW)
    assert any("ก" <= letter <= "๛" for letter in str(refused.value))


def test_no_amount_no_approval() -> None:
    claim = along(a_claim(), S.SURVEYED)
    claim.amount = None
    with pytest.raises(NotAllowed, match="no amount"):
        advance(claim, S.DISTRICT_APPROVED, "chief", "r", NOW)


def test_the_table_is_whole() -> None:
    assert set(NEXT) == set(WORDS) == set(ClaimState)
    assert {s for s, after in NEXT.items() if not after} == {S.CONFIRMED, S.REJECTED_FINAL, S.DUPLICATE}


@given(st.lists(st.tuples(st.sampled_from(ClaimState), st.sampled_from(["a", "b", "c", "d"])), max_size=40))
def test_however_pressed_three_people_stand_behind_an_approval(presses: list[tuple[ClaimState, str]]) -> None:
    claim = a_claim()
    for to, by in presses:
        if to is S.SURVEYED:
            claim.amount = Decimal("1.00")
        try:
            advance(claim, to, by, "r", NOW, reason="x")
        except NotAllowed:
            continue
        if to is S.UNREACHABLE and claim.state is S.UNREACHABLE:
            assert claim.attempts > 0
        if claim.state in (S.DISTRICT_APPROVED, S.PROVINCE_APPROVED, S.IN_PAYMENT, S.PAID):
            signed = [claim.endorsed_by, claim.surveyed_by, claim.approved_by]
            assert None not in signed and len(set(signed)) == 3


def test_who_was_not_found_is_still_endorsed_before_approval() -> None:
    claim = along(a_claim(), S.SUBMITTED)
    advance(claim, S.UNREACHABLE, "surveyor", "r", NOW)
    claim.amount = Decimal("1.00")
    advance(claim, S.SURVEYED, "surveyor", "r", NOW)
    with pytest.raises(NotAllowed, match="endorsed"):
        advance(claim, S.DISTRICT_APPROVED, "chief", "r", NOW)


def test_a_visit_sets_the_amount_by_the_day_of_the_damage() -> None:
    items = [Item(code="HOUSE_REPAIR", cost=Decimal(500_000))]
    for day, amount in ((date(2026, 3, 5), "49500.00"), (date(2026, 3, 6), "88600.00")):
        claim = a_claim(damage_on=day)
        visit = assess_damage(claim, items, shipped_rates(), "surveyor", NOW)
        assert claim.amount == visit.amount == Decimal(amount)


def test_a_draft_rate_pays_nobody_in_real_life() -> None:
    claim = a_claim(mode="actual")
    with pytest.raises(NotAllowed, match="draft"):
        assess_damage(claim, [Item(code="HOUSE_REPAIR", cost=Decimal(10))], shipped_rates(), "surveyor", NOW)
    assert claim.amount is None


PROOF = {
    "amount": Decimal("49500.00"),
    "method": Method.PROMPTPAY,
    "reference": "KTB-1",
    "paid_by": "cashier",
    "paid_at": NOW,
}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param({"amount": Decimal("49500.01")}, "not the approved", id="one-satang-more"),
        pytest.param({"reference": " "}, "reference", id="no-reference"),
        pytest.param({"paid_by": ""}, "who paid", id="nobody-paid"),
        pytest.param({"paid_at": NOW + timedelta(minutes=1)}, "future", id="paid-tomorrow"),
        pytest.param({"paid_by": "surveyor"}, "surveyed", id="surveyor-pays"),
    ],
)
def test_a_payment_needs_its_proof(wrong: dict[str, object], words: str) -> None:
    claim = along(a_claim(), S.IN_PAYMENT)
    assert proof_of(claim, **PROOF, now=NOW).state is PaymentState.PAID
    assert proof_of(claim, **PROOF, now=NOW, failure=Failure.NAME_MISMATCH).state is PaymentState.FAILED
    with pytest.raises(NotAllowed, match=words):
        proof_of(claim, **(PROOF | wrong), now=NOW)


def test_nothing_is_paid_before_its_turn() -> None:
    with pytest.raises(NotAllowed, match="not in payment"):
        proof_of(along(a_claim(), S.PROVINCE_APPROVED), **PROOF, now=NOW)
