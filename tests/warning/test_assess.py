"""A reading whose bell was lost is judged all the same, and silence, which rings no bell, is found by judging again."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.postgres import on_every_server
from tests.warning.town import Town
from warning.clock import HandClock
from warning.rule import Rule
from warning.rules import Phase
from warning.store.database import Database
from warning.sweep import sweep

STATION, TAMBON = "X.170", "930112"
RULE = Rule.model_validate(
    {
        "name": "rises", "because": "a threshold of the tests", "tambons": [TAMBON],
        "when": {"quantity": "water_level", "station": STATION, "above": 24.5, "lasting": "PT10M"},
        "until": {"below": 24.2, "lasting": "PT10M"}, "stale_after": "PT45M", "approval": "duty_officer", "released": True,
        "alert": {"event": "river_overflow", "severity": "Severe", "urgency": "Immediate",
                  "certainty": "Observed", "responseType": "Evacuate"},
    }
)  # fmt: skip


@pytest.fixture
def town(database: Database, clock: HandClock) -> Town:
    town = Town(database, clock, [])
    town.office.config.rules = [RULE]  # type: ignore[misc]
    return town


def read(town: Town, value: float) -> None:
    """A reading is recorded, and its worker dies before it rings."""
    at = town.clock.now()
    with town.database.session() as session:
        session.execute(
            text(
                "INSERT INTO observation (source, station, quantity, observed_at, value, unit, payload_id) "
                "VALUES ('test', :station, 'water_level', :at, :value, 'm', gen_random_uuid())"
            ),
            {"station": STATION, "at": at, "value": value},
        )
        session.execute(
            text(
                "INSERT INTO latest (source, station, quantity, value, unit, observed_at, received_at) VALUES "
                "('test', :station, 'water_level', :value, 'm', :at, :at) "
                "ON CONFLICT (source, station, quantity) DO UPDATE SET value = :value, observed_at = :at, received_at = :at"
            ),
            {"station": STATION, "at": at, "value": value},
        )


def phases(town: Town) -> list[str]:
    return [row.state for row in town.rows("SELECT state FROM hazard_assessment ORDER BY at, state")]


@on_every_server
async def test_a_reading_whose_bell_was_lost_is_judged_by_the_sweep(town: Town) -> None:
    read(town, 23.0)
    await town.settle()
    town.clock.forward(timedelta(seconds=20))  # within the minute of the last look
    read(town, 25.0)
    await town.settle()
    assert phases(town) == [Phase.CALM, Phase.PENDING]


async def test_silence_is_found_though_no_feed_speaks_any_more(town: Town) -> None:
    read(town, 23.0)
    await town.settle()
    assert phases(town) == [Phase.CALM]
    await town.play(50, every_s=60)
    assert phases(town) == [Phase.CALM, Phase.NO_DATA]


async def test_what_was_judged_is_not_judged_again_at_once(town: Town) -> None:
    read(town, 23.0)
    await town.settle()
    town.clock.forward(timedelta(seconds=30))
    assert sweep(town.office) == 0
    town.clock.forward(timedelta(seconds=31))
    assert sweep(town.office) == 1
