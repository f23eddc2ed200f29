"""Who is next downstream: hills, town, lake shore."""

import pytest

from geo.errors import ConfigError
from geo.gazetteer import Reach, UnknownPlace, gazetteer
from geo.rivers import checked, downstream, refuse_circles


def test_na_thom_runs_from_the_hills_through_the_town_to_the_lake() -> None:
    arrivals = downstream("X.170")
    order = [arrival.tambon for arrival in arrivals]
    assert (arrivals[0].tambon, arrivals[0].minutes) == ("930112", 0)
    assert order.index("930106") < order.index("930101") < order.index("930109")
    assert [a.minutes for a in arrivals] == sorted(a.minutes for a in arrivals)
    assert all(arrival.estimate for arrival in arrivals[1:])
    assert "931102" not in order  # never upstream
    assert {"930108", "930110"}.isdisjoint(order)  # nor the next river, Khlong Lam Bet


@pytest.mark.parametrize(
    ("start", "reaches"),
    [
        pytest.param("931102", "930101", id="hills-to-town"),
        pytest.param("93110201", "930109", id="from-a-village"),
        pytest.param("X.276", "930512", id="tha-nae-goes-on-as-tha-samphao"),
        pytest.param("X.267", "930902", id="tha-chiat-goes-on-as-bang-kaeo"),
        pytest.param("RID-93", "930606", id="below-a-reservoir"),
    ],
)
def test_reaches(start: str, reaches: str) -> None:
    assert reaches in [arrival.tambon for arrival in downstream(start)]


def test_a_rain_gauge_on_no_river_gives_its_own_tambon() -> None:
    assert [(a.tambon, a.minutes) for a in downstream("STN1597")] == [("930803", 0)]


def test_every_gauge_and_tambon_has_an_answer() -> None:
    for start in (*gazetteer().gauges, *gazetteer().tambons):
        arrivals = downstream(start)
        assert len({arrival.tambon for arrival in arrivals}) == len(arrivals) > 0


def test_the_offices_own_reaches_replace_ours() -> None:
    own = checked(
        [
            {"river": "na-thom", "from": "930112", "to": "930101", "minutes": 300},
            {"river": "na-thom", "from": "930112", "to": "930106", "minutes": 60},
            {"river": "na-thom", "from": "930106", "to": "930101", "minutes": 45},
        ]
    )
    found = [(a.tambon, a.minutes) for a in downstream("X.170", own)]
    assert found == [("930112", 0), ("930106", 60), ("930101", 105)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"from": "930102"}, "`from`", id="a-hole-in-the-codes"),
        pytest.param({"to": "999999"}, "`to`", id="elsewhere"),
        pytest.param({"river": "mekong"}, "no such river", id="river"),
        pytest.param({"minutes": "an hour"}, "whole number", id="minutes-in-words"),
        pytest.param({"minutes": 0}, "above 0", id="in-no-time"),
        pytest.param({"to": "930112"}, "circle: 930112", id="onto-itself"),
    ],
)
def test_bad_reaches_are_refused(change: dict[str, str | int], says: str) -> None:
    row: dict[str, str | int] = {"river": "na-thom", "from": "930112", "to": "930101", "minutes": 60}
    with pytest.raises(ConfigError, match=says):
        checked([row | change])


def test_a_circle_is_refused() -> None:
    there = Reach("na-thom", "930112", "930106", 60)
    back = Reach("na-thom", "930106", "930112", 60)
    with pytest.raises(ConfigError, match="930106"):
        downstream("X.170", [there, back])
    refuse_circles(gazetteer().reaches)


def test_an_unknown_start_is_named() -> None:
    with pytest.raises(UnknownPlace, match=r"X\.999"):
        downstream("X.999")
