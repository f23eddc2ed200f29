"""A hazard hits harder where many live and many cannot leave alone; it never hits less than it is."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geo.gazetteer import Hazard, gazetteer
from geo.people import Household
from warning.event import Event
from warning.impact import COLOURS, Colour, Exposed, ImpactSettings, Likelihood, exposed, judge_impact, worst
from warning.rule import Severity
from warning.store.database import Database

SETTINGS = ImpactSettings()
ORDER = [Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME]
CERTAINTIES = ["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
TOWN = Exposed("930101", 14_993, 900, Hazard.PLAIN)
SHORE = TOWN._replace(vulnerable=0, ground=Hazard.LAKESHORE)
HAMLET = Exposed("930109", 40, 0, Hazard.PLAIN)
any_place = st.builds(
    Exposed, st.sampled_from(sorted(gazetteer().tambons)), st.integers(0, 50_000),
    st.none() | st.integers(0, 5_000), st.sampled_from(Hazard),
)  # fmt: skip


@pytest.mark.parametrize(
    ("event", "severity", "place", "want"),
    [
        pytest.param(Event.FLOOD, Severity.MODERATE, TOWN, Severity.SEVERE, id="many-homes-many-who-need-help"),
        pytest.param(Event.FLOOD, Severity.MODERATE, TOWN._replace(vulnerable=None), Severity.MODERATE, id="one-reason-is-not-enough"),
        pytest.param(Event.FLOOD, Severity.SEVERE, HAMLET, Severity.SEVERE, id="few-people-lower-nothing"),
        pytest.param(Event.FLOOD, Severity.SEVERE, TOWN, Severity.SEVERE, id="not-to-Extreme-by-impact-alone"),
        pytest.param(Event.FLOOD, Severity.EXTREME, HAMLET, Severity.EXTREME, id="Extreme-stays"),
        pytest.param(Event.LAKE_FLOOD, Severity.MINOR, SHORE, Severity.MODERATE, id="ground-and-homes"),
        pytest.param(Event.FLOOD, Severity.UNKNOWN, TOWN, Severity.UNKNOWN, id="unknown-stays-unknown"),
    ],
)  # fmt: skip
def test_the_severity_in_one_place(event: Event, severity: Severity, place: Exposed, want: Severity) -> None:
    judged = judge_impact(event, severity, "Likely", place, SETTINGS)
    assert (judged.severity, judged.raised) == (want, want is not severity)
    assert ("ยกระดับ" in judged.why.th, "raised" in judged.why.en) == (judged.raised, judged.raised)


def test_the_matrix_gives_the_colour_and_unknown_numbers_are_called_unknown() -> None:
    seen = judge_impact(Event.FLOOD, Severity.EXTREME, "Observed", HAMLET, SETTINGS)
    assert seen.colour is Colour.RED
    assert judge_impact(Event.FLOOD, Severity.EXTREME, "Unlikely", HAMLET, SETTINGS).colour is Colour.YELLOW
    assert (
        "ไม่ทราบ"
        in judge_impact(
            Event.FLOOD, Severity.MINOR, "Likely", HAMLET._replace(vulnerable=None), SETTINGS
        ).why.th
    )


@given(
    st.sampled_from(Event),
    st.sampled_from(ORDER),
    st.sampled_from(CERTAINTIES),
    any_place,
    st.integers(0, 9_000),
)
def test_impact_never_lowers_and_more_people_never_count_less(
    event: Event, severity: Severity, certainty: str, place: Exposed, more: int
) -> None:
    here = judge_impact(event, severity, certainty, place, SETTINGS)
    assert severity in ORDER[: ORDER.index(here.severity) + 1]
    assert ORDER.index(here.severity) - ORDER.index(severity) <= 1
    fuller = place._replace(
        homes=place.homes + more, vulnerable=None if place.vulnerable is None else place.vulnerable + more
    )
    there = judge_impact(event, severity, certainty, fuller, SETTINGS)
    assert ORDER.index(there.severity) >= ORDER.index(here.severity)
    assert COLOURS.index(there.colour) >= COLOURS.index(here.colour)
    assert there.work <= here.work
    decides = worst([here, there])
    assert decides is not None and decides.severity is there.severity


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({Likelihood.HIGH: ("green", "red", "amber", "red")}, id="worse-impact-lower-colour"),
        pytest.param({Likelihood.LOW: ("red", "red", "red", "red")}, id="less-likely-higher-colour"),
    ],
)
def test_a_matrix_that_turns_round_is_refused(change: dict[Likelihood, tuple[str, ...]]) -> None:
    with pytest.raises(ValidationError, match="lower colour"):
        ImpactSettings.model_validate({"matrix": {**SETTINGS.matrix, **change}})


def test_who_is_there_is_unknown_without_a_register_and_counted_with_one(database: Database) -> None:
    places = gazetteer()
    with database.session() as session:
        (before,) = exposed(session, ["930101"], places)
        assert (before.homes, before.vulnerable) == (14_993, None)
        for vulnerable in (2, 1, 0):
            session.add(Household(id=uuid4(), village_code="93010901", vulnerable=vulnerable))
        session.flush()
        assert [e.vulnerable for e in exposed(session, ["930101", "930109"], places)] == [0, 2]
        with pytest.raises(LookupError):
            exposed(session, ["999999"], places)
