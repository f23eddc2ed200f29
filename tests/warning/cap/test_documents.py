"""What we write is CAP 1.2 by the published schema too, and comes back as it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, box

from geo.areas import built_in_areas
from geo.errors import NotAllowed
from geo.when import utc
from tests.shared_data import shared_data
from tests.warning.words.facts_made import NOW, any_facts, facts
from warning.alert import Mode
from warning.cap import writer
from warning.cap.build import EVENT_CODES, Origin, document_of, founded_on, identifier
from warning.cap.document import Area, CapDocument, Info, Named, Reference
from warning.cap.moment import cap_time, read_time
from warning.cap.reader import read_cap
from warning.cap.schema import CATEGORIES, CERTAINTIES, MSG_TYPES, RESPONSES, SEVERITIES, STATUSES, URGENCIES
from warning.cap.shapes import MOST_VERTICES, read_ring, rings
from warning.cap.validate import Problem, problems
from warning.cap.writer import NotCap, cap_xml, written
from warning.words.facts import AlertFacts, Kind
from warning.words.phrases import EVENTS
from warning.words.template import compose

SQUARE = rings(box(100.05, 7.6, 100.1, 7.65))
BEFORE = (
    Reference("raksa@example.org", "urn:oid:2.49.0.1.764.0.2026.11.22.20.0.0.11", NOW - timedelta(hours=2)),
)


@cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(shared_data("cap/schema/CAP-v1.2.xsd"))


def made(alert: AlertFacts, **changes: Any) -> CapDocument:
    origin = Origin(
        "raksa@example.org", NOW, "event-7", BEFORE, founded_on(alert.number, "rule-a", "3", ("o1", "o2"))
    )
    outlines = [(place, "930109", SQUARE) for place in alert.places]
    return document_of(alert, compose(alert), replace(origin, **changes), outlines)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_alert_is_valid_for_us_and_for_the_schema(event: str, kind: Kind, mode: Mode) -> None:
    xml = cap_xml(made(facts(event=event, kind=kind, mode=mode, replaces="พท-2569-0011")))
    assert problems(xml, known=built_in_areas(), received_at=NOW) == []
    schema().validate(xml)


@settings(max_examples=60, deadline=None)
@given(any_facts)
def test_any_alert_is_cap_and_keeps_its_key(alert: AlertFacts) -> None:
    document = made(alert)
    xml = cap_xml(document)
    assert not [p for p in problems(xml) if not p.code.startswith("mark.")]
    back = read_cap(xml)
    assert (back.identifier, back.sender, back.sent) == (document.identifier, document.sender, document.sent)
    assert [info.headline for info in back.infos] == [info.headline for info in document.infos]


def test_our_profile() -> None:
    document = made(facts())
    th, en = document.infos
    assert (th.language, en.language) == ("th-TH", "en-US")
    same = (
        "categories",
        "event_codes",
        "urgency",
        "severity",
        "certainty",
        "effective",
        "onset",
        "expires",
        "parameters",
    )
    assert [getattr(th, name) for name in same] == [getattr(en, name) for name in same]
    assert th.areas[0].geocodes == (Named("TIS1099", "930109"), Named("ISO3166-2", "TH-93"))
    assert th.areas[0].desc == "ต.ลำปำ อ.เมืองพัทลุง จ.พัทลุง"  # the outline is the whole tambon's
    assert document.note is None
    assert b"+07:00</sent>" in cap_xml(document)


@pytest.mark.parametrize(
    ("kind", "msg_type", "urgency", "response"),
    [
        (Kind.ALERT, "Alert", "Expected", "Evacuate"),
        (Kind.UPDATE, "Update", "Expected", "Evacuate"),
        (Kind.ALL_CLEAR, "Update", "Past", "AllClear"),
        (Kind.CANCEL, "Cancel", "Expected", "None"),
        (Kind.CORRECTION, "Cancel", "Expected", "None"),
    ],
)
def test_life_of_an_alert(kind: Kind, msg_type: str, urgency: str, response: str) -> None:
    document = made(facts(kind=kind, replaces="พท-2569-0011"))
    assert document.msg_type == msg_type
    assert {(info.urgency, info.response_types) for info in document.infos} == {(urgency, (response,))}


@pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.CANCEL, Kind.CORRECTION])
def test_what_replaces_nothing_is_refused(kind: Kind) -> None:
    with pytest.raises(NotAllowed, match="replaces nothing"):
        made(facts(kind=kind, replaces="พท-2569-0011"), references=())


def test_an_exercise_says_so_in_status_note_headline_and_number_series() -> None:
    document = made(facts(mode=Mode.EXERCISE), exercise_name="EX-2026-01")
    assert (document.status, document.note) == ("Exercise", "EX-2026-01")
    assert document.identifier.startswith("raksa-exercise-")
    assert (document.infos[0].headline or "").startswith("ฝึกซ้อม")
    assert made(facts(event="test", response_type="None")).status == "Test"


def test_identifiers_are_of_the_wmo_form_and_differ_within_a_second() -> None:
    first = identifier("พท-2569-0012", NOW, exercise=False)
    assert first == "urn:oid:2.49.0.1.764.0.2026.11.22.22.30.0.12"
    assert identifier("พท-2569-0013", NOW, exercise=False) != first


def test_event_codes_are_of_the_published_list() -> None:
    lines = shared_data("cap/event-codes.csv").read_text("utf-8").splitlines()[1:]
    listed = {
        code: categories.split("/") for code, _, categories, _ in (line.split(",", 3) for line in lines)
    }
    assert EVENT_CODES.keys() == EVENTS.keys()
    assert not [e for e, (code, category) in EVENT_CODES.items() if category not in listed.get(code, ())]


def test_a_wrong_document_is_not_written() -> None:
    with pytest.raises(NotCap) as refused:
        cap_xml(replace(made(facts()), identifier="two words", sender=""))
    assert {problem.code for problem in refused.value.problems} == {"rule.identifier", "rule.sender"}


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T23:30:00+07:00", "2026-11-22T16:30:00+00:00"),
        ("2026-11-22T24:00:00+07:00", "2026-11-22T17:00:00+00:00"),
        ("2026-11-22T16:30:00-00:00", "2026-11-22T16:30:00+00:00"),
        ("2026-11-22T16:30:00+14:00", "2026-11-22T02:30:00+00:00"),
    ],
)
def test_times_read(text: str, instant: str) -> None:
    assert read_time(text).isoformat() == instant


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T23:30:00Z", "2026-11-22T23:30:00.5+07:00", "2026-11-22T23:30:00",
        "2026-13-22T23:30:00+07:00",
        "2026-11-22T23:30:00,07:00", "2026-11-22T24:00:01+07:00", "2026-11-22T23:30:00+14:30",
        "๒๐๒๖-11-22T23:30:00+07:00",
        "9999-12-31T24:00:00-01:00",
    ],
)  # fmt: skip
def test_times_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_time(text)


def test_rings_turn_to_lat_lon_close_and_stay_small() -> None:
    lake = MultiPolygon([Point(100.2, 7.5).buffer(0.05, quad_segs=200), box(100, 7, 100.000001, 7.000001)])
    (ring,) = rings(lake)
    assert ring[0] == ring[-1]
    assert len(ring) <= MOST_VERTICES
    assert all(7 < lat < 8 < 100 < lon for lat, lon in ring)
    with pytest.raises(ValueError, match="no area"):
        rings(MultiPolygon())


_word = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
_text = st.lists(_word, min_size=1, max_size=4).map(" ".join)
_key = st.from_regex(r"[a-z0-9@.:-]{1,20}", fullmatch=True)
_time = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
_named = st.builds(Named, _word, _text)
_ring = st.tuples(st.floats(-80, 80), st.floats(-170, 170)).map(
    lambda at: rings(box(at[1], at[0], at[1] + 0.5, at[0] + 0.5))[0]
)
_area = st.builds(
    Area, _text, st.lists(_ring, max_size=2).map(tuple), st.lists(_named, max_size=2).map(tuple)
)
_info = st.builds(
    Info,
    language=st.sampled_from(["th-TH", "en-US", "ms"]),
    categories=st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=3).map(tuple),
    event=_text, urgency=st.sampled_from(URGENCIES), severity=st.sampled_from(SEVERITIES),
    certainty=st.sampled_from(CERTAINTIES),
    response_types=st.lists(st.sampled_from(RESPONSES), max_size=2).map(tuple),
    audience=st.none() | _text, event_codes=st.lists(_named, max_size=2).map(tuple),
    effective=st.none() | _time,
    onset=st.none() | _time, expires=st.none() | _time, sender_name=st.none() | _text,
    headline=st.none() | _text,
    description=st.none() | _text, instruction=st.none() | _text, contact=st.none() | _text,
    parameters=st.lists(_named, max_size=2).map(tuple), areas=st.lists(_area, max_size=2).map(tuple),
)  # fmt: skip
_document = st.builds(
    CapDocument,
    identifier=_key, sender=_key, sent=_time, status=st.sampled_from(STATUSES),
    msg_type=st.sampled_from(MSG_TYPES),
    source=st.none() | _text, codes=st.lists(_text, max_size=2).map(tuple), note=st.none() | _text,
    references=st.lists(st.builds(Reference, _key, _key, _time), min_size=1, max_size=3).map(tuple),
    incidents=st.lists(st.from_regex(r"[ก-ฮa-z0-9]{1,6}( [a-z]{1,4})?", fullmatch=True),
    max_size=2).map(tuple),
    infos=st.lists(_info, max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(_document)
def test_what_is_written_is_read_back(document: CapDocument) -> None:
    back = read_cap(cap_xml(document))
    assert back == document
    assert cap_xml(back) == cap_xml(document)


@given(_time)
def test_a_time_comes_back(moment: datetime) -> None:
    assert read_time(cap_time(moment)) == utc(moment)


def test_a_document_is_validated_once_and_what_holds_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bytes] = []

    def seen(xml: bytes) -> list[Problem]:
        looks.append(xml)
        return problems(xml)

    monkeypatch.setattr(writer, "problems", seen)
    silent = replace(made(facts()), status="Exercise")
    xml, found = written(silent)
    assert looks == [xml]
    assert [problem.code for problem in found] == ["hold.exercise_silent"]


def test_a_ring_read_in_one_sweep_is_the_ring_read_pair_by_pair() -> None:
    assert read_ring(" 7.5,100.1 -7.6,+100.2\n7.6,.5  7.5,100.1") == (
        (7.5, 100.1), (-7.6, 100.2), (7.6, 0.5), (7.5, 100.1),
    )  # fmt: skip
    for wrong in ("7.5,100 7,7,7 7.6,100 7.5,100", "95,100 7,100 7,101 95,100", "7,181 7,100 7,101 7,181"):
        with pytest.raises(ValueError, match=r"pair|world"):
            read_ring(wrong)
