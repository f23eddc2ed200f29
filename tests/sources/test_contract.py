"""What every source promises, asked of each over real HTTP on loopback. A source without cases fails here
by name.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources import polite
from sources.contract import Bulletin, Forecast, Payload, Rejected, Source, SourceChanged, SourceUnavailable
from sources.kinds import kinds
from sources.polite_memory import Memory
from sources.reading import source_of
from tests.sources import agency_bodies, bodies
from tests.sources import feed_server as bad
from tests.sources.bodies import FETCHED
from tests.sources.cap_bodies import cap_atom, cap_message
from tests.sources.feed_server import FeedServer, feed_server, whole


class Case(NamedTuple):
    good: bytes
    readings: int
    build: Callable[[str], Source]


def over_http(kind: str, **fields: Any) -> Callable[[str], Source]:
    return lambda url: source_of(kind, url=url, deadline=timedelta(seconds=1), **fields)


CASES: dict[str, Case] = {
    "thaiwater_level": Case(bodies.level_body(bodies.level_row()), 1, over_http("thaiwater_level")),
    "thaiwater_rain": Case(bodies.rain_body(bodies.rain_row()), 2, over_http("thaiwater_rain")),
    "tmd_warning": Case(bodies.warning_xml(), 1, over_http("tmd_warning", uid="u-s3cret", ukey="k-s3cret")),
    "open_meteo": Case(bodies.forecast_body(), 2, over_http("open_meteo")),
    "gistda_flood": Case(bodies.flooded_cells(), 2, over_http("gistda_flood", key="k-s3cret")),
    "thaiwater_dam": Case(bodies.dam_body(bodies.dam_row()), 4, over_http("thaiwater_dam")),
    "rid_telemetry": Case(json.dumps({"data": [bodies.pier_row()]}).encode(), 2, over_http("rid_telemetry")),
    "cap_feed": Case(cap_atom(cap_message()), 1, over_http("cap_feed")),
    "usgs_quake": Case(agency_bodies.quakes(agency_bodies.quake()), 1, over_http("usgs_quake")),
    "gdacs": Case(agency_bodies.gdacs_feed(agency_bodies.gdacs_item()), 1, over_http("gdacs")),
    "glofas": Case(agency_bodies.flow(), 12, over_http("glofas")),
    "flood_hub": Case(
        agency_bodies.flood_hub(), 3, over_http("flood_hub", key="k-s3cret", gauges=["hybas_4120000001"])
    ),
    "air4thai": Case(agency_bodies.dust(), 1, over_http("air4thai")),
    "dwr_ews": Case(agency_bodies.ews(), 7, over_http("dwr_ews")),
    "tmd_observation": Case(
        agency_bodies.three_hours(), 6, over_http("tmd_observation", uid="u-s3cret", ukey="k-s3cret")
    ),
    "tmd_forecast": Case(
        agency_bodies.seven_days(), 5, over_http("tmd_forecast", uid="u-s3cret", ukey="k-s3cret")
    ),
    "tmd_quake": Case(
        agency_bodies.seismic_xml(), 1, over_http("tmd_quake", uid="u-s3cret", ukey="k-s3cret")
    ),
    "http_json": Case(bodies.own_sensors(), 2, over_http("http_json", **bodies.OWN_SENSORS)),
}
OFF_THE_WIRE = {
    "replay",  # reads files: tests/sources/test_replay.py
    "csv_drop",  # reads files: tests/sources/test_csv_drop.py
    "volunteer",  # people: tests/sources/test_volunteer.py, tests/warning/test_reported.py
    "mqtt_sensor",  # a broker: tests/services/test_mqtt_sensor.py
}
each_kind = pytest.mark.parametrize("kind", sorted(CASES))


def test_every_source_has_cases_and_notes() -> None:
    ours = {kind for kind, made in kinds().items() if made.__module__.startswith("sources.")}
    assert set(CASES) | OFF_THE_WIRE == ours
    notes = Path(__file__).parents[2] / "docs" / "sources"
    assert {kind for kind in ours if not (notes / f"{kind}.md").exists()} == set()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    defaults: dict[str, Any] = polite.get.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "memory", Memory())
    monkeypatch.setitem(defaults, "sleep", lambda _: None)
    with feed_server() as running:
        yield running


def fetch(kind: str, server: FeedServer) -> Payload:
    with requests.Session() as http:
        return CASES[kind].build(server.url).fetch(http, FETCHED)


@each_kind
def test_fetches_and_reads(kind: str, server: FeedServer) -> None:
    server.answer = whole(CASES[kind].good)
    payload = fetch(kind, server)
    assert payload == Payload(CASES[kind].good, FETCHED)
    readings = CASES[kind].build(server.url).read(payload)
    assert len(readings) == CASES[kind].readings
    assert not [r for r in readings if isinstance(r, Rejected)]
    assert {r.source for r in readings if not isinstance(r, Rejected)} == {kind}


@each_kind
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(whole(b"<html>503</html>", 503), id="503"),
        pytest.param(whole(b"", 403), id="403"),
        pytest.param(bad.hang, id="hang"),
        pytest.param(bad.trickle, id="trickle"),
        pytest.param(bad.cut_off, id="cut-off"),
        pytest.param(whole(b"", 302, Location="/round-and-round"), id="redirect-for-ever"),
        pytest.param(bad.huge, id="huge"),
    ],
)
def test_unavailable_in_time_and_without_secrets(kind: str, server: FeedServer, answer: bad.Answer) -> None:
    server.answer = answer
    with pytest.raises(SourceUnavailable) as caught:
        fetch(kind, server)
    assert "s3cret" not in str(caught.value)


@each_kind
def test_redirected_once(kind: str, server: FeedServer) -> None:
    server.answer = bad.in_turn(whole(b"", 307, Location="/moved"), whole(CASES[kind].good))
    assert fetch(kind, server).body == CASES[kind].good


@each_kind
def test_not_modified_is_alive_and_nothing_new(kind: str, server: FeedServer) -> None:
    server.answer = bad.tagged(CASES[kind].good)
    assert not fetch(kind, server).not_modified
    assert fetch(kind, server) == Payload(b"", FETCHED, not_modified=True)


@each_kind
@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"<html><h1>Gateway</h1></html>", b"\xff\xfe\x00", b"[" * 100_000]
)
def test_what_is_no_payload_is_a_changed_source(kind: str, body: bytes) -> None:
    with pytest.raises(SourceChanged):
        source_of(kind).read(Payload(body, FETCHED))


@each_kind
def test_every_cut_of_a_good_payload_is_a_changed_source(kind: str) -> None:
    good = CASES[kind].good
    for end in range(1, len(good) - 1, max(1, len(good) // 40)):
        with pytest.raises(SourceChanged):
            source_of(kind).read(Payload(good[:end], FETCHED))


odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["2569-01-01 00:00", "999999", "-9999", "", " ", "๒๕", "\x00", "\ud800", "9999-12-31 23:59"]
    ),
    st.just([]),
    st.just({}),
    st.recursive(
        st.none(), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner)
    ),
)


def mutated(told: Any, draw: Callable[[Any], Any]) -> Any:
    """Somewhere in the tree, something odd."""
    if isinstance(told, dict) and told and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(told)))
        if draw(st.integers(0, 9)) == 0:
            return {k: v for k, v in told.items() if k != key}
        return told | {key: mutated(told[key], draw)}
    if isinstance(told, list) and told and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(told) - 1))
        return [*told[:at], mutated(told[at], draw), *told[at + 1 :]]
    return draw(odd)


def _reads_or_says_changed(kind: str, body: bytes) -> None:
    try:
        readings = source_of(kind).read(Payload(body, FETCHED))
    except SourceChanged as error:
        assert str(error).startswith(f"{kind}: ")
        return
    for reading in readings:
        json.dumps(reading._asdict(), default=str, ensure_ascii=False).encode()  # a database can take it
        if isinstance(reading, Rejected):
            assert reading.why
        elif isinstance(reading, Bulletin):
            assert reading.announced_at.utcoffset() == timedelta()
        else:
            moment = reading.valid_at if isinstance(reading, Forecast) else reading.observed_at
            assert moment.utcoffset() == timedelta()
            assert moment <= datetime(2400, 1, 1, tzinfo=UTC)
            assert reading.value == reading.value and abs(reading.value) < 1e5


@each_kind
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_but_source_changed_comes_out_of_a_mutated_payload(kind: str, data: st.DataObject) -> None:
    good = CASES[kind].good
    if good.lstrip(b"\xef\xbb\xbf").startswith(b"<"):
        at, length = data.draw(st.integers(0, len(good))), data.draw(st.integers(0, 30))
        body = good[:at] + data.draw(st.binary(max_size=20)) + good[at + length :]
    else:
        body = json.dumps(mutated(json.loads(good), data.draw)).encode()
    _reads_or_says_changed(kind, body)


@each_kind
@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=300))
def test_nothing_but_source_changed_comes_out_of_noise(kind: str, body: bytes) -> None:
    _reads_or_says_changed(kind, body)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_but_source_changed_comes_out_of_mutated_json_of_tmd(data: st.DataObject) -> None:
    told = {
        "WarningNews": {
            "IssueNo": "5",
            "AnnounceDateTime": "2026-11-23 17:00:00",
            "TitleThai": "ฝน",
            "WebUrlThai": "http://x",
        }
    }
    _reads_or_says_changed("tmd_warning", json.dumps(mutated(told, data.draw)).encode())


OFF_THE_WIRE_BODIES: dict[str, Any] = {
    "csv_drop": "station,time,level_cm\nM-1,2026-11-23 19:20,135\nM-2,2026-11-23 19:20,-\n",
    "mqtt_sensor": {"end_device_ids": {"device_id": "x"}, "received_at": "2026-11-23T12:20:00Z",
                    "uplink_message": {"decoded_payload": {"level_cm": 80, "time": 1795436400}}},
    "volunteer": {"reports": [{"at": "2026-11-23T12:00:00Z", "text": "X.170 1.35 m, in homes Moo 2", "village": "93110201"}]},
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(OFF_THE_WIRE_BODIES))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_but_source_changed_comes_out_of_mutated_bodies_off_the_wire(
    kind: str, data: st.DataObject
) -> None:
    good = OFF_THE_WIRE_BODIES[kind]
    if isinstance(good, str):
        at, length = data.draw(st.integers(0, len(good))), data.draw(st.integers(0, 30))
        body = good[:at].encode() + data.draw(st.binary(max_size=20)) + good[at + length :].encode()
    else:
        body = json.dumps(mutated(good, data.draw)).encode()
    _reads_or_says_changed(kind, body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("csv_drop", b"a,b\n" * 300_000, id="rows"),
        pytest.param("volunteer", b"X.170 1.35\n" * 300_000, id="reports"),
        pytest.param("mqtt_sensor", b"[{}" + b",{}" * 300_000 + b"]", id="messages"),
        pytest.param("usgs_quake", b"[{}" + b",{}" * 300_000 + b"]", id="quakes"),
        pytest.param("flood_hub", b"[{}" + b",{}" * 300_000 + b"]", id="gauges"),
        pytest.param("gdacs", b"[{}" + b",{}" * 300_000 + b"]", id="events"),
        pytest.param("gdacs", b"<rss><channel>" + b"<item/>" * 30_000 + b"</channel></rss>", id="items"),
        pytest.param("glofas", b"[" + b" " * 100_000_000 + b"]", id="100-MB"),
    ],
)
def test_a_body_of_more_than_any_office_has_is_refused_at_once(kind: str, body: bytes) -> None:
    with pytest.raises(SourceChanged):
        source_of(kind).read(Payload(body, FETCHED))
