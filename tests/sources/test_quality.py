"""Is a value to be believed? Stories of one gauge, what the gauges around add, and laws over any series."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from geo.gazetteer import gazetteer
from sources.contract import UNITS, Observation, Quantity
from sources.limits import Limits, drafts, limits_of
from sources.quality import HOUR, check_series
from sources.quality_around import Around, neighbours_of
from sources.quality_round import Later, Round, Said, judge_round, limits_here, microseconds
from sources.verdict import CODE, REASON_WORDS, REASONS, VERDICT_WORDS, VERDICTS, Reason, Verdict

LEVEL = limits_of(Quantity.WATER_LEVEL)
T0 = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
STEP = 10 / 60 * HOUR
FLAT = [4.02] * 433  # 72 h, and the reading that closes them
BAD, SUSPECT = Verdict.BAD, Verdict.SUSPECT


def said(values: list[float], limits: Limits = LEVEL, every: float = STEP) -> list[str]:
    verdicts, reasons = check_series(
        Quantity.WATER_LEVEL, np.array([n * every for n in range(len(values))]), np.array(values), limits
    )
    return [
        VERDICTS[v] if REASONS[r] is Reason.NONE else f"{VERDICTS[v]} {REASONS[r]}"
        for v, r in zip(verdicts.tolist(), reasons.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([4.02, 0.0, 4.02], ["good", "bad dropout", "good"], id="a-zero-between-is-a-dropout"),
        pytest.param([4.02, 0.0, 0.0, 0.0, 4.03], ["good", *["bad dropout"] * 3, "good"], id="zeros-are-no-drought"),
        pytest.param([0.1, 0.0, 0.1], ["good"] * 3, id="zero-is-a-level-where-the-water-is-there"),
        pytest.param([4.0, 9.0, 4.0], ["good", "suspect step", "good"], id="a-spike-waits-and-goes"),
        pytest.param([4.0, 5.5, 5.6], ["good", "suspect step", "good"], id="a-flash-flood-is-believed-at-its-second"),
        pytest.param([4.0, 4.2, 4.5, 5.0], ["good"] * 4, id="a-fast-rise-is-good-at-once"),
        pytest.param([4.0, math.nan, 4.1], ["good", "missing", "good"], id="nothing-told"),
        pytest.param([4.0, 9999.0, 4.1], ["good", "bad range", "good"], id="no-river-there"),
        pytest.param(FLAT, ["good"] * 432 + ["suspect flat"], id="stuck-for-three-days"),
        pytest.param([4.0, 14.0, 14.1, 14.0], ["good", *["suspect datum_jump"] * 3], id="ten-metres-more-is-a-new-zero"),
        pytest.param(
            [4.0, 3.0, 3.05, 3.02], ["good", "suspect step", *["suspect datum_jump"] * 2], id="a-metre-less-is-a-new-zero"
        ),
    ],
)  # fmt: skip
def test_a_story(values: list[float], expected: list[str]) -> None:
    assert said(values) == expected


def test_what_stays_is_believed_in_the_end() -> None:
    verdicts = said([4.0, *(14.0 + 0.01 * (n % 3) for n in range(16))])
    assert verdicts[1] == "suspect datum_jump" and verdicts[-1] == "good"


def test_rain_may_come_and_go_and_stand_still() -> None:
    rain = limits_of(Quantity.RAIN_1H)
    assert said([0.0] * 500 + [80.0, 0.0], rain) == ["good"] * 502


def observation(
    value: float, minutes: float = 0, station: str = "X.170", quantity: Quantity = Quantity.WATER_LEVEL
) -> Observation:
    return Observation("test", station, quantity, value, UNITS[quantity], T0 + timedelta(minutes=minutes))


def heard(
    *observations: Observation, around: Around | None = None, after: timedelta = timedelta(hours=2)
) -> Round:
    return judge_round(observations, {}, T0 + after, around=around)


@pytest.mark.parametrize(
    ("minutes", "received", "expected"),
    [
        pytest.param(0, 10, Said(Verdict.GOOD), id="fresh"),
        pytest.param(0, 25 * 60, Said(SUSPECT, Reason.STALE), id="a-day-old-when-it-came"),
        pytest.param(7 * 60, 10, Said(BAD, Reason.CLOCK_SKEW), id="seven-hours-added-twice"),
        pytest.param(10, 0, Said(Verdict.GOOD), id="a-clock-some-minutes-fast"),
    ],
)
def test_the_clock(minutes: float, received: float, expected: Said) -> None:
    assert heard(observation(22.0, minutes), after=timedelta(minutes=received)).said == [expected]


def test_one_time_told_twice() -> None:
    assert heard(observation(22.0), observation(22.4)).said == [
        Said(Verdict.GOOD), Said(BAD, Reason.DUPLICATE),
    ]  # fmt: skip


def test_the_bed_and_the_bank_of_the_station_bound_it() -> None:
    below, above = limits_here(Quantity.WATER_LEVEL, "X.170")[:2]
    assert 5 < below < 10 < 25.2 < above < 40  # X.170: lowest bank 25.20 m
    assert heard(observation(above + 0.01)).said == [Said(BAD, Reason.RANGE)]


def test_a_later_reading_settles_the_one_before() -> None:
    went_back = heard(observation(22.0), observation(24.0, 10), observation(22.0, 20))
    stayed = heard(observation(22.0), observation(24.0, 10), observation(24.1, 20))
    at = microseconds(T0) + STEP
    series = ("X.170", Quantity.WATER_LEVEL)
    assert went_back.said[1] == stayed.said[1] == Said(SUSPECT, Reason.STEP)  # for ever as it was judged
    assert went_back.later == [Later(series, at, at, Said(BAD, Reason.SPIKE))]
    assert stayed.later == [Later(series, at, at, Said(Verdict.GOOD, Reason.CONFIRMED))]


def test_rain_around_bears_a_leap_out_at_once() -> None:
    near = next(code for code, km in neighbours_of("MOU510") if "rain" in gazetteer().gauges[code].measures)
    leap = observation(397.0, station="MOU510"), observation(398.5, 10, "MOU510")
    verdicts = [
        heard(*leap, around=Around({(station, Quantity.RAIN_1H): (mm, microseconds(T0) + age)})).said[1]
        for station, mm, age in [
            (near, 40.0, 0),
            (near, 1.0, 0),
            (near, 40.0, -4 * HOUR),
            ("MOU510", 40.0, 0),
        ]
    ]
    doubted = Said(SUSPECT, Reason.STEP)
    assert verdicts == [Said(Verdict.GOOD), doubted, doubted, doubted]  # its own rain gauge shares its cable


def test_a_river_that_rose_upstream_bears_a_leap_out() -> None:
    at = microseconds(T0)
    rose = Around(levels={"X.170": (at - np.arange(30.0)[::-1] * STEP, np.linspace(22.0, 24.0, 30))})
    leap = observation(0.5, station="ONE025"), observation(1.6, 10, "ONE025")
    assert heard(*leap, around=rose).said[1] == Said(Verdict.GOOD)
    assert heard(*leap).said[1] == Said(SUSPECT, Reason.STEP)


RAIN = Quantity.RAIN_24H


@pytest.mark.parametrize(
    ("quantity", "value", "others", "expected"),
    [
        pytest.param(RAIN, 0.0, [80.0, 90.0, 50.0], Said(SUSPECT, Reason.NEIGHBOUR), id="a-blocked-funnel"),
        pytest.param(RAIN, 0.0, [80.0, 90.0, 3.0], Said(Verdict.GOOD), id="not-everywhere"),
        pytest.param(RAIN, 0.0, [80.0, 90.0], Said(Verdict.GOOD), id="too-few-to-tell"),
        pytest.param(Quantity.RAIN_1H, 200.0, [0.0, 2.0], Said(SUSPECT, Reason.NEIGHBOUR), id="a-cloudburst-on-one-gauge"),
        pytest.param(Quantity.RAIN_1H, 200.0, [0.0, 30.0], Said(Verdict.GOOD), id="borne-out"),
        pytest.param(Quantity.RAIN_1H, 60.0, [0.0, 0.0], Said(Verdict.GOOD), id="a-shower-may-fall-on-one"),
    ],
)  # fmt: skip
def test_rain_beside_the_gauges_around(
    quantity: Quantity, value: float, others: list[float], expected: Said
) -> None:
    around = Around({
        (code, quantity): (mm, microseconds(T0))
        for (code, _), mm in zip(neighbours_of("TH30"), others, strict=False)
    })  # fmt: skip
    assert heard(observation(value, station="TH30", quantity=quantity), around=around).said == [expected]


def test_a_still_gauge_below_a_risen_river_is_stuck() -> None:
    hours = 24
    still = [observation(0.5, 60 * n, "ONE025") for n in range(hours)]
    times = np.array([microseconds(T0) + n * STEP for n in range(hours * 6)])
    rising = Around(levels={"X.170": (times, np.linspace(21.0, 24.0, hours * 6))})
    alone = judge_round(still, {}, T0 + timedelta(hours=hours))
    told = judge_round(still, {}, T0 + timedelta(hours=hours), around=rising)
    assert set(alone.said) == {Said(Verdict.GOOD)}
    assert told.said[0] == Said(Verdict.GOOD) and told.said[-1] == Said(SUSPECT, Reason.UPSTREAM)
    moving = [observation(0.5 + 0.01 * n, 60 * n, "ONE025") for n in range(hours)]
    assert set(judge_round(moving, {}, T0 + timedelta(hours=hours), around=rising).said) == {
        Said(Verdict.GOOD)
    }


def test_a_report_of_people_is_held_to_the_place_only() -> None:
    by_hand = judge_round(
        [observation(22.0), observation(24.9, 10), observation(99.0, 20)],
        {},
        T0 + timedelta(hours=1),
        by_people=True,
    )
    assert by_hand.said == [Said(Verdict.GOOD), Said(Verdict.GOOD), Said(BAD, Reason.RANGE)]


def test_each_word_has_its_words() -> None:
    assert set(VERDICT_WORDS) == set(Verdict) and set(REASON_WORDS) == set(Reason)
    assert all(w.th and w.en and w.symbol for w in VERDICT_WORDS.values())
    assert all(REASON_WORDS[r].th and REASON_WORDS[r].en for r in Reason if r is not Reason.NONE)
    assert len({w.symbol for w in VERDICT_WORDS.values()}) == len(Verdict)
    assert CODE[Reason.NONE] == 0


def test_every_quantity_has_limits_with_a_source() -> None:
    assert all(math.isfinite(limits_of(q).low) and math.isfinite(limits_of(q).high) for q in Quantity)
    assert "water_level" in drafts()  # until the office confirms it
