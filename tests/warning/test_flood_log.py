"""A rule scored by what the office wrote down and what people reported, where no series of past years exists."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from geo.errors import ConfigError
from teams.response.village_water import VillageWater, WaterState
from tests.warning.rule_cases import rule
from warning.alert import Mode
from warning.assess import HazardAssessment
from warning.flood_log import Flood, card, joined, read_log, reported
from warning.release import read_card
from warning.store.database import Database

RULE = rule(name="rises")
START = datetime(2026, 11, 1, tzinfo=UTC)
HERE, THERE = "930112", "930101"


def hour(n: float) -> datetime:
    return START + timedelta(hours=n)


def at(n: float, tambon: str = HERE, day: bool = False) -> Flood:
    return Flood(tambon, hour(n), hour(n + 24) if day else hour(n))


def scored(database: Database, alerts: list[tuple[float, str]], floods: list[Flood]) -> dict[str, Any]:
    with database.session() as session:
        for n, tambons, fires in [(0, [], False), *((n, [code], True) for n, code in alerts)]:
            session.add(HazardAssessment(
                id=uuid4(), rule=RULE.name, rule_version=RULE.version, station="X.170", state="active" if fires else "calm",
                at=hour(n), value=1.0, why="w (w)", fires=fires, tambons=tambons, observations=[],
            ))  # fmt: skip
        session.flush()
        return card(session, RULE, floods, hour(1000))


@pytest.mark.parametrize(
    ("alerts", "floods", "told"),
    [
        pytest.param([(10, HERE)], [at(16)], (1, 1, 0, 0, [6.0]), id="a-hit-with-its-lead"),
        pytest.param([(10, HERE)], [at(10, day=True)], (1, 1, 0, 0, []), id="a-day-alone-has-no-lead"),
        pytest.param([], [at(16)], (1, 0, 1, 0, []), id="a-miss"),
        pytest.param([(10, THERE)], [at(16)], (1, 0, 1, 1, []), id="another-place"),
        pytest.param([(10, HERE)], [at(60)], (1, 0, 1, 1, []), id="too-long-ago"),
        pytest.param([(17, HERE)], [at(16)], (1, 0, 1, 0, []), id="too-late-is-a-miss-and-not-false"),
        pytest.param([(10, HERE), (30, HERE)], [at(16)], (1, 1, 0, 0, [6.0]), id="again-while-it-lasts"),
        pytest.param(
            [(10, HERE)], [at(16), at(20), at(15.5)], (1, 1, 0, 0, [5.5]), id="reports-of-one-flood"
        ),
        pytest.param(
            [(10, HERE)], [at(-500), at(16)], (1, 1, 0, 0, [6.0]), id="before-it-listened-is-not-scored"
        ),
        pytest.param([], [], (0, 0, 0, 0, []), id="nothing-happened"),
    ],
)
def test_score(
    database: Database, alerts: list[tuple[float, str]], floods: list[Flood], told: tuple[Any, ...]
) -> None:
    made = scored(database, alerts, floods)
    assert (made["events"], made["hits"], made["misses"], made["false_alarms"], made["lead_h"]) == told
    assert made["pod"] == (None if not told[0] else told[1] / told[0])
    assert read_card(json.dumps(made).encode()).rule == "rises"


def test_what_people_reported_counts(database: Database) -> None:
    with database.session() as session:
        for state, mode in (
            (WaterState.IN_HOMES, "actual"),
            (WaterState.ON_ROAD, "actual"),
            (WaterState.CUT_OFF, "exercise"),
        ):
            session.add(VillageWater(id=uuid4(), mode=mode, village_code=f"{HERE}03", state=state, since=hour(16),
                                     reported_at=hour(17), reported_by="head"))  # fmt: skip
        session.flush()
        assert reported(session, Mode.ACTUAL) == [at(16)]


def test_the_log_of_an_office() -> None:
    text = "\ufeffdate,village,depth_cm,note\n2026-11-23,93011203,40,x\n2026-11-24 04:30,930101,,\n,,,\n"
    assert read_log(text, "log.csv") == [
        Flood("930112", datetime(2026, 11, 22, 17, tzinfo=UTC), datetime(2026, 11, 23, 17, tzinfo=UTC)),
        Flood(
            "930101", datetime(2026, 11, 23, 21, 30, tzinfo=UTC), datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
        ),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("day,village\n", "no column `date`", id="no-date"),
        pytest.param("date,village\n2026-11-23,999999\n", "log.csv:2: village 999999", id="no-such-place"),
        pytest.param("date,village\nsoon,930101\n", "log.csv:2: date", id="no-day"),
        pytest.param("date,village\n2569-11-23,930101\n", "Buddhist", id="buddhist"),
    ],
)
def test_mistakes_of_the_log(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read_log(text, "log.csv")


def test_reports_far_apart_are_two_floods() -> None:
    assert len(joined([at(0), at(10), at(60), at(10, THERE)])) == 3
