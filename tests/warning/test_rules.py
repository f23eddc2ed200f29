"""The word of one rule on one station: tables of short nights, and what the duty officer reads."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.gazetteer import gazetteer
from tests.warning.rule_cases import NIGHT, minutes, rule, series
from warning.alert import ApprovalPolicy
from warning.rule import Rule, warned, watched
from warning.rules import Phase, Reading, RuleState, Transition, judge, standing, step_rule

CALM, PENDING, ACTIVE, ENDING, NO_DATA = (
    Phase.CALM, Phase.PENDING, Phase.ACTIVE, Phase.ENDING, Phase.NO_DATA,
)  # fmt: skip


def walk(
    readings: Sequence[Reading], until: int, of: Rule | None = None
) -> tuple[RuleState, list[Transition]]:
    states: dict[str, RuleState] = {"X.170": RuleState()}
    changes = step_rule(of or rule(), states, {"X.170": readings}, minutes(until))
    return states["X.170"], changes


@pytest.mark.parametrize(
    ("readings", "now", "phase", "since", "stale"),
    [
        pytest.param({}, 0, NO_DATA, None, False, id="never-heard"),
        pytest.param({0: 20}, 0, CALM, 0, False, id="calm"),
        pytest.param({0: 25}, 10, PENDING, 0, False, id="one-reading-over-is-not-sustained"),
        pytest.param({0: 25, 10: 25}, 10, PENDING, 0, False, id="not-long-enough"),
        pytest.param({0: 25, 10: 25, 20: 25}, 20, ACTIVE, 20, False, id="lasted"),
        pytest.param({0: 25, 10: 20, 20: 25}, 20, PENDING, 20, False, id="a-dip-starts-again"),
        pytest.param({0: 20, 10: 99, 20: 20}, 20, CALM, 20, False, id="spike"),
        pytest.param({0: 24.5, 10: 24.5, 20: 24.5}, 20, CALM, 0, False, id="on-the-limit-is-not-over-it"),
        pytest.param({0: 25, 100: 25}, 100, PENDING, 100, False, id="two-readings-far-apart-prove-nothing"),
        pytest.param({0: 20}, 46, NO_DATA, 45, False, id="silence-is-not-calm"),
        pytest.param({0: 20}, 45, CALM, 0, False, id="just-fresh-enough"),
        pytest.param({0: 25, 10: 25}, 56, NO_DATA, 55, False, id="silent-while-pending"),
        pytest.param({0: 25, 20: 25}, 66, ACTIVE, 20, True, id="active-stays-active-when-silent"),
        pytest.param({0: 25, 20: 25, 80: 25}, 80, ACTIVE, 20, False, id="fresh-again"),
        pytest.param({0: 25, 20: 25, 30: 24.3}, 30, ACTIVE, 20, False, id="between-the-lines-stays"),
        pytest.param({0: 25, 20: 25, 30: 24}, 30, ENDING, 30, False, id="falling"),
        pytest.param({0: 25, 20: 25, 30: 24, 40: 25}, 40, ACTIVE, 40, False, id="rises-again"),
        pytest.param({0: 25, 20: 25, 30: 24, 60: 24, 90: 24}, 90, CALM, 90, False, id="over-for-an-hour"),
        pytest.param({0: 25, 20: 25, 30: 24, 60: 24, 89: 24}, 89, ENDING, 30, False, id="not-yet-an-hour"),
        pytest.param({0: 25, 20: 25, 30: 24}, 90, ACTIVE, 75, True, id="silence-proves-no-end"),
        pytest.param({0: 25, 20: 25, 30: 24, 90: 24}, 90, ENDING, 90, False, id="a-gap-starts-the-end-again"),
        pytest.param({0: float("nan"), 10: 20}, 10, CALM, 10, False, id="no-number-is-no-reading"),
        pytest.param({0: 20, 40: 25}, 10, CALM, 0, False, id="a-clock-far-ahead-is-left-out"),
    ],
)
def test_a_night_of_one_station(
    readings: dict[int, float], now: int, phase: Phase, since: int | None, stale: bool
) -> None:
    state, _ = walk(series(readings), now)
    assert (state.phase, state.stale) == (phase, stale)
    assert state.since == (None if since is None else minutes(since))


def test_one_net_transition_each_time_and_none_when_nothing_changed() -> None:
    states: dict[str, RuleState] = {}
    readings: list[Reading] = []
    told = []
    for minute, value in [(0, 20), (10, 25), (20, 25), (30, 25), (40, 24), (70, 24), (100, 24), (110, 24)]:
        readings.append(Reading(minutes(minute), value))
        told += step_rule(rule(), states, {"X.170": readings}, minutes(minute + 1))
    assert [(t.from_, t.to) for t in told] == [
        (NO_DATA, CALM), (CALM, PENDING), (PENDING, ACTIVE), (ACTIVE, ENDING), (ENDING, CALM),
    ]  # fmt: skip
    assert [t.fires for t in told] == [False, False, True, False, False]
    assert [t.ends for t in told] == [False, False, False, False, True]


def test_a_past_danger_in_a_backlog_fires_nothing_now() -> None:
    flood = series({0: 25, 20: 25, 30: 24, 60: 24, 90: 24})
    _, changes = walk(flood, 91)
    assert [(t.to, t.fires) for t in changes] == [(CALM, False)]


@pytest.mark.parametrize(
    ("readings", "now", "words"),
    [
        pytest.param(
            {0: 25, 20: 25}, 20, ("สูงกว่า 24.50", "above 24.50 m MSL for at least 20 min"), id="fires"
        ),
        pytest.param({0: 20}, 50, ("ไม่ได้แปลว่าปกติ", "not a sign of calm"), id="silent"),
        pytest.param({0: 25, 20: 25}, 70, ("ยังถือว่าอันตราย", "still in danger"), id="stale"),
        pytest.param({0: 25, 20: 25, 30: 24}, 30, ("ต่ำกว่า 24.20", "below 24.20 m MSL"), id="ending"),
        pytest.param({0: 20}, 0, ("ไม่เกิน 24.50", "not above 24.50 m MSL"), id="calm"),
    ],
)
def test_says_why_in_both_languages(readings: dict[int, float], now: int, words: tuple[str, str]) -> None:
    states: dict[str, RuleState] = {}
    listed = series(readings)
    changes = []
    for upto in range(len(listed) + 1):
        at = minutes(now) if upto == len(listed) else listed[upto].at
        changes += step_rule(rule(), states, {"X.170": listed[: upto + 1]}, at)
    assert all(word in changes[-1].why for word in words)


def test_silence_while_over_the_limit_says_so() -> None:
    states: dict[str, RuleState] = {}
    step_rule(rule(), states, {"X.170": series({0: 25})}, minutes(1))
    (change,) = step_rule(rule(), states, {}, minutes(60))
    assert change.to is NO_DATA
    assert "last seen beyond the limit" in change.why and "ขณะเกินเกณฑ์" in change.why


def test_readings_must_be_oldest_first() -> None:
    with pytest.raises(ValueError, match="oldest first"):
        walk([Reading(minutes(10), 1), Reading(minutes(0), 1)], 10)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        step_rule(rule(), {}, {}, datetime(2026, 11, 22))


@given(
    st.lists(st.tuples(st.integers(1, 70), st.sampled_from([20.0, 24.3, 25.0])), max_size=20),
    st.lists(st.integers(0, 900), max_size=10),
)
def test_how_often_we_look_makes_no_difference(steps: list[tuple[int, float]], looks: list[int]) -> None:
    readings, minute = [], 0
    for gap, value in steps:
        minute += gap
        readings.append(Reading(minutes(minute), value))
    end = max([minute, *looks])
    at_once: dict[str, RuleState] = {"X.170": RuleState()}
    step_rule(rule(), at_once, {"X.170": readings}, minutes(end))
    bit_by_bit: dict[str, RuleState] = {"X.170": RuleState()}
    for look in sorted([*looks, end]):
        seen = [r for r in readings if r.at <= minutes(look)]
        step_rule(rule(), bit_by_bit, {"X.170": seen}, minutes(look))
    assert bit_by_bit == at_once


def sustained_above(readings: Sequence[Reading], limit: float, span: timedelta, now: datetime) -> bool:
    """The house's plain question (house style, "A domain function"), asked here without our state machine."""
    start = now - span
    before = [r for r in readings if start - span <= r.at <= start][-1:]
    during = [r for r in readings if start < r.at <= now]
    return bool(before and during) and all(r.value > limit for r in before + during)


@given(st.lists(st.tuples(st.integers(1, 30), st.sampled_from([20.0, 24.3, 25.0])), min_size=1, max_size=20))
def test_whatever_is_sustained_is_active(steps: list[tuple[int, float]]) -> None:
    readings, minute = [], 0
    for gap, value in steps:
        minute += gap
        readings.append(Reading(minutes(minute), value))
    state, _ = walk(readings, minute)
    if sustained_above(readings, 24.5, timedelta(minutes=20), minutes(minute)):
        assert state.phase is ACTIVE and not state.stale


@given(st.lists(st.tuples(st.integers(1, 70), st.sampled_from([20.0, 24.3, 25.0])), max_size=20))
def test_nothing_is_active_without_a_proof(steps: list[tuple[int, float]]) -> None:
    """Only a run of readings over the limit, 20 minutes long and with no gap over 45, fires it."""
    state, minute, run_began, last = RuleState(), 0, None, None
    for gap, value in steps:
        minute += gap
        if value > 24.5 and (run_began is None or (last is not None and minute - last > 45)):
            run_began = minute
        elif value <= 24.5:
            run_began = None
        was = state.phase
        state = judge(rule(), state, Reading(minutes(minute), value), minutes(minute))
        if state.phase is ACTIVE and was not in (ACTIVE, ENDING):
            assert run_began is not None and minute - run_began >= 20
        last = minute


@given(
    st.sampled_from(Phase),
    st.booleans(),
    st.none() | st.floats(-100, 100),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_a_state_survives_the_database(
    phase: Phase, stale: bool, value: float | None, at: datetime | None
) -> None:
    state = RuleState(phase, at, stale, at, value)
    assert RuleState.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_low_water_is_the_same_upside_down() -> None:
    low = rule(when={"below": 10.0}, until={"above": 10.5})
    state, changes = walk(series({0: 9, 20: 9}), 20, of=low)
    assert state.phase is ACTIVE
    assert "below 10.00" in changes[-1].why


@pytest.mark.parametrize(
    ("phases", "need", "expected"),
    [
        pytest.param([CALM, CALM], 1, CALM, id="calm"),
        pytest.param([ACTIVE, CALM, NO_DATA], 1, ACTIVE, id="one-is-enough"),
        pytest.param([ACTIVE, CALM, CALM], 2, CALM, id="one-of-two"),
        pytest.param([ACTIVE, PENDING, CALM], 2, PENDING, id="second-on-its-way"),
        pytest.param([ACTIVE, ENDING], 2, ACTIVE, id="not-all-ending"),
        pytest.param([ENDING, ENDING], 2, ENDING, id="all-ending"),
        pytest.param([CALM, NO_DATA, NO_DATA], 2, NO_DATA, id="too-few-speak"),
        pytest.param([], 1, NO_DATA, id="no-station"),
    ],
)
def test_the_rule_as_a_whole(phases: list[Phase], need: int, expected: Phase) -> None:
    several = rule(
        when={"station": None, "any_station_in": ["930203"], "min_stations": need, "quantity": "rain_24h"}
    )
    assert standing(several, [RuleState(phase) for phase in phases]) is expected


def test_watches_every_instrument_of_its_tambon_and_warns_where_it_stands() -> None:
    rain = rule(
        when={"station": None, "any_station_in": ["931104", "931101"], "quantity": "rain_24h"},
        tambons="of_station",
    )
    stations = watched(rain, gazetteer())
    assert stations == ("MOU134", "STN1609", "STN2056", "SWR032", "TH29", "TH30")
    assert warned(rain, "TH30", gazetteer()) == ("931104",)
    assert warned(rule(), "X.170", gazetteer()) == ("930112",)


@pytest.mark.parametrize(
    ("approval", "released", "asked"),
    [
        ("none", False, ApprovalPolicy.DUTY_OFFICER),
        ("send_then_review", False, ApprovalPolicy.DUTY_OFFICER),
        ("two_person", False, ApprovalPolicy.TWO_PERSON),
        ("none", True, ApprovalPolicy.NONE),
        ("send_then_review", True, ApprovalPolicy.SEND_THEN_REVIEW),
    ],
)
def test_a_rule_not_released_never_sends_by_itself(
    approval: str, released: bool, asked: ApprovalPolicy
) -> None:
    assert rule(approval=approval, released=released, alert={"severity": "Extreme"}).approval_now is asked


def test_the_version_follows_every_change() -> None:
    assert rule().version == rule().version
    assert rule().version != rule(when={"above": 24.6}).version
    assert NIGHT.tzinfo is UTC
