"""A rule may look at places: bulletins that touch them, forecasts, instruments around. Silence of a feed is silence."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from geo.areas import built_in_areas
from geo.gazetteer import gazetteer
from sources.reading import source_of
from tests.warning.rule_cases import level
from tests.warning.town import Town
from warning.bulletin_area import distance_km
from warning.clock import HandClock
from warning.observation import BulletinRow, ForecastRow, Latest
from warning.place_readings import World, look
from warning.rule import Rule
from warning.source_state import SourceState
from warning.store.database import Database
from warning.subject import Subject

TAMBON, FAR = "930201", "931104"
QUAKES = {"bulletin": {"of": ["usgs_quake"], "hazard": "earthquake", "measure": "magnitude", "within_km": 300, "lasts": "PT6H"},
          "any_place_in": "all", "above": 5.0, "lasting": "PT0S"}  # fmt: skip
RAIN = {
    "forecast": {"quantity": "rain_24h", "ahead": "PT48H"},
    "any_place_in": ["9302"],
    "above": 90,
    "lasting": "PT0S",
}
DUST = {
    "around": {"quantity": "pm25_24h", "within_km": 40},
    "any_place_in": [TAMBON],
    "above": 75,
    "lasting": "PT0S",
}


def placed(when: dict[str, Any], below: float, **more: Any) -> Rule:
    """A rule of one level over places."""
    only = level("yellow", when=when, until={"below": below, "lasting": "PT0S"}) | more
    raw = {"name": "placed", "because": "a threshold of the tests", "hazard": "earthquake", "stale_after": "PT3H",
           "tambons": "of_station", "levels": [only]}  # fmt: skip
    return Rule.model_validate(raw, context={"places": gazetteer()})


def bulletin(now: datetime, **changes: Any) -> BulletinRow:
    plain = {
        "source": "usgs_quake", "key": str(uuid4()), "title_th": "แผ่นดินไหวขนาด 6.1", "title_en": "M 6.1", "text_th": "x",
        "announced_at": now, "areas": "", "hazard": "earthquake", "lat": 7.5, "lon": 99.0, "magnitude": 6.1,
    }  # fmt: skip
    return BulletinRow(**plain | changes)


def answered(session: Session, source: str, at: datetime) -> None:
    session.merge(SourceState(source=source, tried_at=at, answered_at=at))


def world(session: Session, now: datetime) -> World:
    kinds = ("usgs_quake", "tmd_warning", "open_meteo", "air4thai")
    return World(session, now, [source_of(kind) for kind in kinds], built_in_areas())


def subject(when: dict[str, Any]) -> Subject:
    return placed(when, when["above"] - 1).levels[0].when.subject()


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        pytest.param({}, 6.1, id="near"),
        pytest.param({"lat": -4.0}, 0.0, id="far-away"),
        pytest.param({"hazard": "storm"}, 0.0, id="another-hazard"),
        pytest.param({"source": "gdacs"}, 0.0, id="of-a-source-not-asked"),
        pytest.param({"magnitude": None}, 0.0, id="without-magnitude"),
        pytest.param({"lat": None, "lon": None, "areas": "93"}, 6.1, id="by-a-code"),
        pytest.param({"lat": None, "lon": None, "areas": "90,81"}, 0.0, id="of-other-provinces"),
        pytest.param({"lat": None, "polygons": [[[7, 99], [7, 101], [8.5, 101], [8.5, 99], [7, 99]]]}, 6.1, id="by-its-shape"),
        pytest.param({"lat": 3.5, "radius_km": 600}, 6.1, id="by-its-own-radius"),
    ],
)  # fmt: skip
def test_which_bulletins_touch_a_place(
    database: Database, clock: HandClock, changes: dict[str, Any], value: float
) -> None:
    now = clock.now()
    with database.session() as session:
        answered(session, "usgs_quake", now)
        session.add(bulletin(now - timedelta(minutes=5), **changes))
        session.flush()
        assert look(world(session, now), subject(QUAKES), [TAMBON])[TAMBON].value == value


def test_a_bulletin_counts_as_long_as_it_lasts_and_a_silent_feed_says_nothing(
    database: Database, clock: HandClock
) -> None:
    began = clock.now()
    with database.session() as session:
        assert look(world(session, began), subject(QUAKES), [TAMBON]) == {}  # its feed has never answered
        answered(session, "usgs_quake", began)
        session.add(bulletin(began))
        session.flush()
        late = began + timedelta(hours=7)
        assert look(world(session, late), subject(QUAKES), [TAMBON])[TAMBON][:2] == (
            began,
            0.0,
        )  # as of when it was heard


def test_the_gravest_word_of_the_weather_service(database: Database, clock: HandClock) -> None:
    now = clock.now()
    asked = Subject("bulletin", "any_severity", of=("tmd_warning",), hours=24.0)
    with database.session() as session:
        answered(session, "tmd_warning", now)
        for severity, areas in (("Moderate", "93"), ("Severe", "9302"), ("Extreme", "90")):
            session.add(
                bulletin(
                    now, source="tmd_warning", severity=severity, areas=areas, hazard=None, title_th=severity
                )
            )
        session.flush()
        seen = look(world(session, now), asked, [TAMBON, FAR])
        assert (seen[TAMBON].value, seen[TAMBON].th, seen[FAR].value) == (3.0, "Severe", 2.0)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        pytest.param(Subject("forecast", "rain_24h", km=30.0, hours=48.0), 95.0, id="the-highest-within"),
        pytest.param(Subject("forecast", "rain_24h", km=30.0, hours=24.0), 20.0, id="not-beyond"),
        pytest.param(
            Subject("forecast", "rain_24h", km=30.0, hours=48.0, chance=0.9), 140.0, id="one-in-ten-is-higher"
        ),
        pytest.param(
            Subject("forecast", "rain_24h", km=30.0, hours=48.0, of=("usgs_quake",)),
            None,
            id="of-no-source-asked",
        ),
        pytest.param(Subject("forecast", "discharge", km=30.0, hours=48.0), None, id="another-quantity"),
    ],
)
def test_the_forecast_of_the_cell_a_place_stands_in(
    database: Database, clock: HandClock, asked: Subject, value: float | None
) -> None:
    now = clock.now()
    with database.session() as session:
        for place, tambon, hours, mm, quantile, age in (
            ("a", TAMBON, 12, 20.0, -1.0, 1), ("a", TAMBON, 36, 80.0, -1.0, 7), ("a", TAMBON, 36, 95.0, -1.0, 1),
            ("a", TAMBON, 36, 140.0, 0.9, 1), ("b", "931104", 12, 300.0, -1.0, 1),
        ):  # fmt: skip
            row = ForecastRow(
                source="open_meteo", place=place, quantity="rain_24h", valid_at=now + timedelta(hours=hours), unit="mm",
                issued_at=now - timedelta(hours=age), value=mm, tambon=tambon, quantile=quantile,
            )  # fmt: skip
            session.add(row)
        session.flush()
        seen = look(world(session, now), asked, [TAMBON])
        assert (seen[TAMBON].value if seen else None) == value


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        pytest.param([(7.5, 99.95, 80.0, 10, "good"), (7.5, 99.9, 60.0, 5, "good")], 80.0, id="the-highest"),
        pytest.param(
            [(7.5, 99.95, 80.0, 200, "good"), (7.5, 99.9, 60.0, 5, "good")],
            60.0,
            id="one-fell-silent-hours-ago",
        ),
        pytest.param([(13.6, 100.4, 180.0, 5, "good")], None, id="of-another-province"),
        pytest.param([(7.5, 99.95, 180.0, 5, "bad")], None, id="not-to-be-believed"),
        pytest.param([(None, None, 77.0, 5, None)], 77.0, id="by-the-tambon-it-stands-in"),
    ],
)
def test_the_instruments_around(
    database: Database, clock: HandClock, rows: list[Any], value: float | None
) -> None:
    now = clock.now()
    with database.session() as session:
        for nth, (lat, lon, told, age, verdict) in enumerate(rows):
            row = Latest(
                source="air4thai", station=f"s{nth}", quantity="pm25_24h", value=told, unit="ug/m3", tambon=TAMBON, lat=lat, lon=lon,
                observed_at=now - timedelta(minutes=age), received_at=now, verdict=verdict,
            )  # fmt: skip
            session.add(row)
        session.flush()
        seen = look(world(session, now), subject(DUST), [TAMBON])
        assert (seen[TAMBON].value if seen else None) == value


async def test_a_quake_near_by_is_drafted_for_a_person_with_the_agencys_words(
    database: Database, clock: HandClock
) -> None:
    town = Town(database, clock, [])
    config: Any = town.office.config
    config.rules, config.sources, config.office.phone = (
        [placed(QUAKES, 4.9)],
        [source_of("usgs_quake")],
        "074000000",
    )
    with database.session() as session:
        answered(session, "usgs_quake", clock.now())
    await town.settle()
    assert not town.rows("SELECT 1 FROM alert")
    clock.forward(timedelta(minutes=10))
    with database.session() as session:
        session.add(bulletin(clock.now()))
        answered(session, "usgs_quake", clock.now())
    await town.settle()
    alerts = town.rows("SELECT state, tambons, words, facts FROM alert")
    assert {alert.state for alert in alerts} == {"DRAFT"}
    assert {code for alert in alerts for code in alert.tambons} == set(gazetteer().tambons)
    assert all("แผ่นดินไหวขนาด 6.1" in " ".join(alert.words.values()) for alert in alerts)


@pytest.mark.parametrize(
    ("when", "says"),
    [
        pytest.param(QUAKES | {"any_place_in": ["999999"]}, "999999 is no tambon", id="no-such-place"),
        pytest.param(QUAKES | {"bulletin": {"of": ["usgs"]}}, "no kind of source", id="no-such-source"),
        pytest.param(
            QUAKES | {"bulletin": {"of": ["gdacs"], "hazard": "frogs"}},
            "frogs is no hazard",
            id="no-such-hazard",
        ),
        pytest.param(QUAKES | {"station": "X.170"}, "are of places", id="a-station-beside"),
        pytest.param(
            {k: v for k, v in RAIN.items() if k != "any_place_in"}, "any_place_in` is missing", id="nowhere"
        ),
        pytest.param(RAIN | {"quantity": "rain_24h"}, "not both", id="two-looks"),
    ],
)
def test_a_condition_that_cannot_be(when: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        placed(when, when["above"] - 1)


@pytest.mark.parametrize("approval", ["none", "send_then_review"])
def test_others_words_never_sound_a_siren_by_themselves(approval: str) -> None:
    with pytest.raises(ValidationError, match="never sound a siren"):
        placed(QUAKES, 4.9, approval=approval)


def test_distance() -> None:
    assert distance_km(7.617, 100.077, 13.75, 100.5) == pytest.approx(683.5, abs=1)  # Phatthalung to Bangkok
