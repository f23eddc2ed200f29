"""Events of GDACS, by its RSS and its list: the episode's colour, where it is, and whether it still goes on."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.contract import Bulletin, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.agency_bodies import gdacs_feed, gdacs_item
from tests.sources.bodies import FETCHED


def read(*items: str) -> list[Any]:
    return source_of("gdacs").read(Payload(gdacs_feed(*items), FETCHED))


def test_a_cyclone_in_the_gulf() -> None:
    [told] = read(gdacs_item())
    assert isinstance(told, Bulletin)
    assert (told.key, told.hazard, told.severity, told.lat, told.lon) == (
        "TC1001 5 orange",
        "storm",
        "Severe",
        8.5,
        101.2,
    )
    assert told.effective_to is None  # its `todate` is the last look at it
    assert told.polygons == ()  # its box is the window of a map, not where the wind blows
    assert "พายุ" in told.title_th and told.magnitude is None


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        pytest.param(
            {"gdacs__iscurrent": "false"}, "effective_to", datetime(2026, 11, 23, 12, tzinfo=UTC), id="over"
        ),
        pytest.param({"gdacs__episodealertlevel": ""}, "severity", "Minor", id="only-the-event's-colour"),
        pytest.param(
            {"gdacs__episodealertlevel": "", "gdacs__alertlevel": ""}, "severity", None, id="no-colour"
        ),
        pytest.param({"gdacs__eventtype": "VO"}, "hazard", None, id="a-volcano-is-no-hazard-of-ours"),
        pytest.param({"gdacs__bbox": "1 2 nan"}, "polygons", (), id="half-a-box"),
        pytest.param(
            {"link": "", "gdacs__cap": "https://x/cap.xml"}, "url", "https://x/cap.xml", id="only-cap"
        ),
        pytest.param({"link": "javascript:x"}, "url", None, id="no-address"),
        pytest.param({"georss__point": "x y"}, "lat", None, id="no-point"),
        pytest.param(
            {"pubDate": "2026-11-23T12:00:00"},
            "announced_at",
            datetime(2026, 11, 23, 12, tzinfo=UTC),
            id="iso",
        ),
    ],
)
def test_bent_a_little(changes: dict[str, str], field: str, value: Any) -> None:
    [told] = read(gdacs_item(**changes))
    assert isinstance(told, Bulletin) and getattr(told, field) == value


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"gdacs__eventtype": "ZZ"}, "no kind of event we know", id="unknown-kind"),
        pytest.param({"gdacs__eventid": ""}, "no number", id="no-number"),
        pytest.param({"gdacs__episodealertlevel": "Purple"}, "no colour", id="purple"),
        pytest.param({"pubDate": "", "gdacs__fromdate": ""}, "no time", id="no-time"),
        pytest.param({"pubDate": "Tue, 24 Nov 2026 12:00:00 GMT"}, "ahead", id="tomorrow"),
        pytest.param({"pubDate": "Mon, 23 Nov 1066 12:00:00 GMT"}, "cannot be", id="1066"),
    ],
)
def test_what_makes_no_sense_is_kept_with_the_reason(changes: dict[str, str], says: str) -> None:
    good, bad = read(gdacs_item(), gdacs_item(**changes))
    assert isinstance(good, Bulletin) and isinstance(bad, Rejected) and says in bad.why


def test_an_episode_told_twice_is_one_and_a_graver_one_another() -> None:
    again = gdacs_item(gdacs__datemodified="Mon, 23 Nov 2026 12:10:00 GMT")
    graver = gdacs_item(gdacs__episodealertlevel="Red", gdacs__episodeid="6")
    told = read(gdacs_item(), again, gdacs_item(), graver)
    assert [(b.key, b.announced_at.minute) for b in told] == [("TC1001 5 orange", 10), ("TC1001 6 red", 0)]


ODD_TIMES = (
    "Mon, 23 Nov 2026 12:00:00 +9999", "Mon, 31 Feb 2026 12:00:00 GMT", "Mon, 01 Jan 0001 00:00 +1400", "2569-11-23", "Mon",
    "Mon, 23 Nov 99999 12:00:00 GMT",
)  # fmt: skip
LETTERS = st.text(max_size=15).map(lambda text: "".join(c for c in text if c.isprintable() and c not in "<&"))
ODD = LETTERS | st.sampled_from(["NaN", "Infinity", "1e999", "-1", "1,2,3", "๒๕๖๙", *ODD_TIMES])
GDACS_OWN = (
    "iscurrent", "fromdate", "todate", "eventtype", "eventid", "episodeid", "alertlevel", "episodealertlevel", "bbox",
    "datemodified", "cap", "country",
)  # fmt: skip
FIELDS = ("pubDate", "link", "title", "georss__point", *(f"gdacs__{name}" for name in GDACS_OWN))


@settings(max_examples=120, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=5))
def test_an_odd_item_never_loses_the_one_beside_it(changes: dict[str, str]) -> None:
    readings = read(gdacs_item(gdacs__eventid="7"), gdacs_item(**changes))
    assert len(readings) == 2 and readings[0].key == "TC7 5 orange"
    assert isinstance(readings[1], Bulletin) or readings[1].why


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-874"])
def test_encodings(encoding: str) -> None:
    text = gdacs_feed(gdacs_item(gdacs__country="ประเทศไทย")).decode("utf-8-sig")
    body = text.replace('encoding="utf-8"', f'encoding="{encoding}"').encode(
        "cp874" if encoding == "windows-874" else encoding
    )
    [told] = source_of("gdacs").read(Payload(body, FETCHED))
    assert isinstance(told, Bulletin) and "ประเทศไทย" in told.title_th


def test_the_list_of_its_api() -> None:
    event = {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [96.0, 3.3]},
        "properties": {
            "eventtype": "EQ", "eventid": 42, "episodeid": 7, "alertlevel": "Red", "episodealertlevel": "Red", "iscurrent": "true",
            "fromdate": "2026-11-23T11:00:00", "datemodified": "2026-11-23T12:00:00", "country": "Indonesia", "name": "Earthquake",
            "severitydata": {"severity": 8.9, "severitytext": "Magnitude 8.9M, Depth:10km"}, "url": {"report": "https://x"},
        },
    }  # fmt: skip
    body = json.dumps({"type": "FeatureCollection", "features": [event, {"properties": 5}]}).encode()
    told, bad = source_of("gdacs").read(Payload(body, FETCHED))
    assert isinstance(told, Bulletin) and isinstance(bad, Rejected)
    assert (told.key, told.magnitude, told.severity, told.lat) == ("EQ42 7 red", 8.9, "Extreme", 3.3)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!doctype html><p>busy", id="page"),
        pytest.param(b'<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel/></rss>', id="doctype"),
        pytest.param(b"<feed xmlns='http://www.w3.org/2005/Atom'/>", id="atom"),
        pytest.param(b'{"message": "busy"}', id="json"),
        pytest.param(b"", id="empty"),
    ],
)
def test_what_is_no_feed_of_gdacs(body: bytes) -> None:
    with pytest.raises(SourceChanged):
        source_of("gdacs").read(Payload(body, FETCHED))


def test_a_real_day() -> None:
    body = shared_data("feeds/gdacs/rss.2019-12-30.xml").read_bytes()
    told: list[Any] = list(source_of("gdacs").read(Payload(body, datetime(2019, 12, 30, 2, tzinfo=UTC))))
    assert len(told) == 16 and all(isinstance(reading, Bulletin) for reading in told)
    assert {b.magnitude for b in told if b.hazard == "earthquake"} >= {5.5} and len(
        {b.key for b in told}
    ) == 16
