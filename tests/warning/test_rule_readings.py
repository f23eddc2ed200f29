"""What rules are shown of the observations: by their own eyes only, and an indicator never more than its readings prove."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from sources.contract import Quantity
from tests.warning.rule_cases import level, levels, minutes
from tests.warning.town import Town
from warning.clock import HandClock
from warning.indicators import GaugeFacts, Told
from warning.judging import SecondVerdict
from warning.rule import Rule
from warning.rule_board import microseconds
from warning.rule_readings import made_of, what_is_wrong
from warning.rule_words import quality_words
from warning.rules import Phase
from warning.store.database import Database
from warning.subject import Subject

DAY = [minutes(60 * hour) for hour in range(25)]


def rain(values: dict[int, float]) -> dict[Quantity, Told]:
    """Hour of the day -> mm in the hour before it."""
    at = np.array([microseconds(DAY[hour]) for hour in values])
    return {Quantity.RAIN_1H: Told(at, np.array(list(values.values())), np.zeros(len(values), np.int8))}


@pytest.mark.parametrize(
    ("values", "beyond", "last"),
    [
        pytest.param(dict.fromkeys(range(1, 25), 5.0), ("above", 90.0), 120.0, id="whole-and-over"),
        pytest.param(dict.fromkeys(range(1, 25), 1.0), ("above", 90.0), 24.0, id="whole-and-under"),
        pytest.param(dict.fromkeys(range(13, 25), 10.0), ("above", 90.0), 120.0, id="half-of-it-is-over-already"),
        pytest.param(dict.fromkeys(range(13, 25), 1.0), ("above", 90.0), None, id="half-of-it-proves-nothing"),
        pytest.param(dict.fromkeys(range(13, 25), 1.0), ("below", 90.0), None, id="a-sum-with-gaps-is-under-nothing"),
    ],
)  # fmt: skip
def test_a_sum_with_gaps_says_no_more_than_it_proves(
    values: dict[int, float], beyond: tuple[str, float], last: float | None
) -> None:
    said = made_of(Subject("indicator", "rain_24h", "good", beyond), rain(values), GaugeFacts(), -np.inf)
    at_the_end = [value for at, value in said if at == microseconds(DAY[24])]
    assert at_the_end == ([] if last is None else [pytest.approx(last)])


def test_only_what_is_new_is_said_again() -> None:
    said = made_of(
        Subject("indicator", "rain_1h", "good", ("above", 1.0)),
        rain({1: 3.0, 2: 4.0}),
        GaugeFacts(),
        microseconds(DAY[1]),
    )
    assert said == [(microseconds(DAY[2]), 4.0)]


RISING = levels(
    "rises-fast",
    level("orange", when={"all_of": [
        {"quantity": "water_level", "station": "X.170", "above": 23.0, "lasting": "PT0S"},
        {"indicator": "rise_m_per_h", "station": "X.170", "above": 0.3, "lasting": "PT0S"},
    ]}),
    stale_after="PT150M",
)  # fmt: skip


async def test_a_rule_over_a_rate_of_rise_is_judged_by_the_step(database: Database, clock: HandClock) -> None:
    town = Town(database, clock, [])
    town.office.config.rules, town.office.config.office.phone = [RISING], "074000000"  # type: ignore[misc]
    for value in (22.0, 22.1, 22.7, 23.4, 24.1):
        heard(town, value)
        await town.settle()
        town.clock.forward(timedelta(hours=1))
    rows = town.rows("SELECT state, level, fires, why, observations FROM hazard_assessment ORDER BY at")
    (fired,) = [row for row in rows if row.fires]
    assert (fired.state, fired.level) == (Phase.ACTIVE, "orange")
    assert "rate of rise" in fired.why and "water level" in fired.why
    assert {o["quantity"] for o in fired.observations} == {"water_level", "rise_m_per_h"}
    assert all(o["verdict"] == "good" for o in fired.observations)


WHEN = {"quantity": "water_level", "station": "X.170", "above": 23.0, "lasting": "PT0S"}


def high(**more: str) -> Rule:
    return levels(
        "high",
        level("orange", when=WHEN, until={"below": 22.5, "lasting": "PT1H"}),
        stale_after="PT150M",
        **more,
    )


@pytest.mark.parametrize(
    ("verdict", "quality", "fires"),
    [
        pytest.param("good", "good", True, id="good"),
        pytest.param("suspect", "good", False, id="doubted"),
        pytest.param("suspect", "suspect", True, id="doubted-and-the-rule-takes-it"),
        pytest.param("bad", "suspect", False, id="bad-is-seen-by-none"),
    ],
)
async def test_a_rule_sees_what_its_policy_allows(
    database: Database, clock: HandClock, verdict: str, quality: str, fires: bool
) -> None:
    town = Town(database, clock, [])
    town.office.config.rules, town.office.config.office.phone = [high(quality=quality)], "074000000"  # type: ignore[misc]
    heard(town, 24.1, verdict, "ค่าค้าง (stuck)")
    await town.settle()
    assert [row.fires for row in town.rows("SELECT fires FROM hazard_assessment WHERE fires")] == [
        True
    ] * fires


async def test_a_value_that_a_later_one_bears_out_counts_from_then(
    database: Database, clock: HandClock
) -> None:
    town = Town(database, clock, [])
    town.office.config.rules, town.office.config.office.phone = [high()], "074000000"  # type: ignore[misc]
    heard(town, 24.1, "suspect", "ขึ้นเร็ว (a step)")
    at = town.clock.now()
    await town.settle()
    assert not town.rows("SELECT 1 FROM hazard_assessment WHERE fires")
    with database.session() as session:
        session.add(SecondVerdict(source="test", station="X.170", quantity="water_level", observed_at=at, verdict="good",
                                  reason="", judged_at=at + timedelta(minutes=10)))  # fmt: skip
    town.clock.forward(timedelta(minutes=10))
    await town.settle()
    (fired,) = town.rows("SELECT at, observations FROM hazard_assessment WHERE fires")
    assert fired.at == at and fired.observations[-1]["verdict"] == "good"


def heard(town: Town, value: float, verdict: str = "good", reason: str | None = None) -> None:
    with town.database.session() as session:
        session.execute(
            text(
                "INSERT INTO observation (source, station, quantity, observed_at, value, unit, payload_id, verdict, reason) "
                "VALUES ('test', 'X.170', 'water_level', :at, :value, 'm', gen_random_uuid(), :verdict, :reason)"
            ),
            {"at": town.clock.now(), "value": value, "verdict": verdict, "reason": reason},
        )


def test_says_how_many_instruments_can_be_trusted() -> None:
    def newest(station: str, verdict: str, reason: str | None = None) -> dict[str, Any]:
        return {"station": station, "verdict": verdict, "reason": reason}

    seen = [
        newest("X.170", "good"),
        newest("X.68", "good"),
        newest("X.68", "bad", "ค่าค้าง (stuck)"),
        newest("X.276", "good"),
    ]
    words = quality_words(what_is_wrong(seen))
    assert words == {
        "th": "เครื่องวัดที่เชื่อได้ 2 จาก 3 เครื่อง (X.68: ค่าค้าง)",
        "en": "2 of 3 instruments can be trusted (X.68: stuck)",
    }
    assert quality_words(what_is_wrong(seen[:2])) is None
