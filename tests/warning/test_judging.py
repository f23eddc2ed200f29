"""Every observation is kept with its verdict for ever; what is remembered lives in the database, not in a process."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from sources.contract import Observation, Payload, Quantity
from sources.thaiwater_level import ThaiwaterLevel
from sources.volunteer import Volunteer
from warning import observe
from warning.store.database import Database

T0 = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
GAUGES = ThaiwaterLevel(kind="thaiwater_level", name="gauges", every=timedelta(minutes=10))
PEOPLE = Volunteer(kind="volunteer", name="people")
DROPOUT = "สัญญาณหลุด ขึ้นเป็นศูนย์ (dropped out to zero)"


def take_in(
    database: Database, values: Sequence[float], first: int = 0, source: Any = GAUGES, station: str = "X.170"
) -> list[int]:
    """One answer of the source a value, ten minutes apart; how many were new of each."""
    new = []
    for nth, value in enumerate(values, start=first):
        at = T0 + nth * timedelta(minutes=10)
        told = Observation(source.name, station, Quantity.WATER_LEVEL, value, "m", at)
        with database.session() as session:
            payload = observe.keep(session, source, Payload(str(uuid4()).encode(), at))
            found = observe.record(
                session, source, payload, [told], at, lambda lat, lon: None, lambda code: None
            )
        new.append(len(found))
    return new


def kept(database: Database, table: str = "observation") -> list[tuple[float | None, str, str | None]]:
    value = "value" if table != "second_verdict" else "NULL"
    with database.session() as session:
        rows = session.execute(text(f"SELECT {value}, verdict, reason FROM {table} ORDER BY observed_at"))
        return [tuple(row) for row in rows]


def test_a_dropout_is_kept_with_its_reason_and_the_newest_says_so(database: Database) -> None:
    take_in(database, [24.02, 0.0])
    assert kept(database) == [(24.02, "good", None), (0.0, "bad", DROPOUT)]
    assert kept(database, "latest") == [(0.0, "bad", DROPOUT)]
    take_in(database, [24.02], first=2)
    assert kept(database, "latest") == [(24.02, "good", None)]


def test_what_is_known_later_stands_beside_and_overwrites_nothing(database: Database) -> None:
    take_in(database, [22.0, 24.0])
    before = kept(database)
    take_in(database, [22.0], first=2)
    assert kept(database)[:2] == before
    assert kept(database, "second_verdict") == [(None, "bad", "ค่ากระโดดแล้วกลับที่เดิม (jumped and went back)")]
    take_in(database, [24.0, 24.1], first=3)
    assert [verdict for _, verdict, _ in kept(database, "second_verdict")] == ["bad", "good"]


def test_the_same_answer_twice_is_once(database: Database) -> None:
    assert take_in(database, [22.0, 22.1]) == [1, 1]
    with database.session() as session:
        held = str(session.execute(text("SELECT * FROM quality_held")).all())
    assert take_in(database, [22.0, 22.1]) == [0, 0]
    with database.session() as session:
        assert str(session.execute(text("SELECT * FROM quality_held")).all()) == held
    assert [verdict for _, verdict, _ in kept(database)] == ["good", "good"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(GAUGES, "suspect", id="an-instrument"),
        pytest.param(PEOPLE, "good", id="somebody-at-the-staff"),
    ],
)
def test_a_leap_of_an_instrument_waits_and_that_of_people_does_not(
    database: Database, source: Any, expected: str
) -> None:
    take_in(database, [22.0, 24.9], source=source)
    assert [verdict for _, verdict, _ in kept(database)] == ["good", expected]


def test_another_feed_of_the_same_gauge_has_a_past_of_its_own(database: Database) -> None:
    """Its datum may be another."""
    take_in(database, [22.0, 22.1])
    take_in(database, [26.0], first=3, source=GAUGES.model_copy(update={"name": "others"}))
    assert [verdict for _, verdict, _ in kept(database)] == ["good"] * 3


def test_many_stations_of_one_answer(database: Database) -> None:
    at = T0 + timedelta(hours=1)
    told = [
        Observation("gauges", f"S{n}", Quantity.WATER_LEVEL, -99.0 if n % 10 == 0 else 3.0 + n / 100, "m", at)
        for n in range(200)
    ]
    with database.session() as session:
        payload = observe.keep(session, GAUGES, Payload(b"many", at))
        observe.record(session, GAUGES, payload, told, at, lambda lat, lon: None, lambda code: None)
    verdicts = [verdict for _, verdict, _ in kept(database)]
    assert (verdicts.count("bad"), verdicts.count("good")) == (20, 180)
