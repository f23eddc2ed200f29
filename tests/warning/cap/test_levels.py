"""Every event at every severity is CAP for us and for the published schema, Thai first, and its area loses no village."""

import math

import pytest
from shapely.geometry import Point, Polygon

from geo.areas import built_in_areas
from tests.warning.cap.test_documents import NOW, made, schema
from tests.warning.words.facts_made import facts
from warning.cap.reader import read_cap
from warning.cap.schema import SEVERITIES
from warning.cap.shapes import MOST_VERTICES, rings
from warning.cap.validate import problems
from warning.cap.writer import cap_xml
from warning.words.phrases import EVENTS


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("event", sorted(EVENTS))
def test_event_and_severity(event: str, severity: str) -> None:
    xml = cap_xml(made(facts(event=event, severity=severity)))
    assert problems(xml, known=built_in_areas(), received_at=NOW) == []
    schema().validate(xml)
    document = read_cap(xml)
    assert [info.language for info in document.infos] == ["th-TH", "en-US"]
    assert {info.severity for info in document.infos} == {severity}
    for info in document.infos:
        assert info.event_codes and all(code.value.startswith("OET-") for code in info.event_codes)
        names = {code.name for area in info.areas for code in area.geocodes}
        assert names == {"TIS1099", "ISO3166-2"}


def test_a_rugged_tambon_of_many_villages_loses_none() -> None:
    """A border of 2,000 corners, villages a hundred metres and more inside it: all of them in the ring of 100."""
    turns = [2 * math.pi * n / 2000 for n in range(2000)]
    border = Polygon(
        [
            ((0.05 + 0.0004 * math.sin(37 * t)) * math.cos(t) + 100.1,
             (0.05 + 0.0004 * math.sin(37 * t)) * math.sin(t) + 7.6)
            for t in turns
        ]
    )  # fmt: skip
    villages = [Point(100.1 + 0.048 * math.cos(7 * t), 7.6 + 0.048 * math.sin(7 * t)) for t in turns]
    drawn = rings(border)
    assert all(len(ring) <= MOST_VERTICES for ring in drawn)
    shapes = [Polygon([(lon, lat) for lat, lon in ring]) for ring in drawn]
    assert all(any(shape.covers(village) for shape in shapes) for village in villages)
