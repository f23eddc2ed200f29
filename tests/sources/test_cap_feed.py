"""CAP feeds polled over real HTTP: each message once, byte for byte; what is down is never calm; a drill is no bulletin."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sources import cap_feed, polite
from sources.cap_feed import CapFeed
from sources.contract import Bulletin, Payload, Reading, Rejected, SourceChanged, SourceUnavailable
from sources.polite_memory import Memory
from tests.shared_data import shared_data
from tests.sources import feed_server as bad
from tests.sources.bodies import FETCHED, read
from tests.sources.cap_bodies import cap_atom, cap_message
from tests.sources.feed_server import FeedServer, feed_server, whole


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    defaults: dict[str, Any] = polite.get.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "memory", Memory())
    monkeypatch.setitem(defaults, "sleep", lambda _: None)
    monkeypatch.setattr(cap_feed, "_TAKEN", {})
    with feed_server() as running:
        yield running


def paths(**answers: bad.Answer) -> bad.Answer:
    """By the last part of the path; 404 for others."""

    def answer(handler: Any) -> None:
        name = handler.path.partition("?")[0].rpartition("/")[2].partition(".")[0]
        answers.get(name, whole(b"", 404))(handler)

    return answer


def source(server: FeedServer, **fields: Any) -> CapFeed:
    told = {"kind": "cap_feed", "name": "tmd-cap", "every": timedelta(minutes=5), "url": server.url} | fields
    return CapFeed(**told)


class Loopback(requests.Session):
    """Whatever a test asks by mistake, nothing leaves this machine."""

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        assert "//127.0.0.1:" in str(request.url), f"asked {request.url}"
        return super().send(request, **how)


def poll(feed: CapFeed, now: datetime = FETCHED) -> Payload:
    with Loopback() as http:
        return feed.fetch(http, now)


def bulletins(readings: list[Reading]) -> list[Bulletin]:
    return [r for r in readings if isinstance(r, Bulletin)]


def test_each_linked_message_is_fetched_once_and_kept_byte_for_byte(server: FeedServer) -> None:
    odd = b"\xef\xbb\xbf" + cap_message().replace("><", ">\r\n<").encode()
    server.answer = paths(feed=whole(cap_atom("/cap/m1.xml", "/cap/m1.xml")), m1=whole(odd))
    feed = source(server)
    payload = poll(feed)
    assert [r.xml for r in feed.received(payload)] == [odd]
    (made,) = bulletins(feed.read(payload))
    assert made.key == "cap@agency.example,DEMO-1,2026-11-23T19:00:00+07:00"
    assert (made.areas, made.severity, made.hazard) == (("930705",), "Severe", "flash_flood")
    assert made.announced_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert poll(feed).not_modified
    assert [a.path for a in server.asked].count("/cap/m1.xml") == 1


def test_a_changed_entry_is_fetched_again(server: FeedServer) -> None:
    server.answer = paths(feed=whole(cap_atom("/m1.xml")), m1=whole(cap_message().encode()))
    feed = source(server)
    poll(feed)
    newer = cap_atom("/m1.xml").replace(b"12:00:00Z</updated><link", b"13:00:00Z</updated><link")
    server.answer = paths(feed=whole(newer), m1=whole(cap_message(identifier="DEMO-2").encode()))
    assert [b.key.split(",")[1] for b in bulletins(feed.read(poll(feed)))] == ["DEMO-2"]


def test_a_message_that_fails_is_told_and_asked_for_again_even_when_the_feed_says_304(
    server: FeedServer,
) -> None:
    body = cap_atom("/m1.xml", "/m2.xml")
    server.answer = paths(feed=bad.tagged(body), m1=whole(cap_message().encode()), m2=whole(b"", 404))
    feed = source(server)
    first = feed.read(poll(feed))
    assert len(bulletins(first)) == 1 and [r.why for r in first if isinstance(r, Rejected)] == [
        "127.0.0.1 answered HTTP 404"
    ]
    server.answer = paths(feed=bad.tagged(body), m2=whole(cap_message(identifier="DEMO-2").encode()))
    assert [b.key.split(",")[1] for b in bulletins(feed.read(poll(feed)))] == ["DEMO-2"]
    assert poll(feed).not_modified


def test_more_messages_than_a_round_takes_come_in_the_next(server: FeedServer) -> None:
    server.answer = paths(
        feed=bad.tagged(cap_atom("/a.xml", "/b.xml", "/c.xml")),
        **{n: whole(cap_message(identifier=n).encode()) for n in "abc"},
    )
    feed = source(server, most_messages=2)
    assert [[b.key.split(",")[1] for b in bulletins(feed.read(poll(feed)))] for _ in range(2)] == [
        ["a", "b"],
        ["c"],
    ]


@pytest.mark.parametrize(
    ("link", "why"),
    [
        pytest.param("http://10.0.0.7/m.xml", "private network", id="a private address"),
        pytest.param("http://localhost.localdomain.:1/m.xml", "private network", id="a name nobody knows or of this machine"),
        pytest.param("http://169.254.169.254/latest", "private network", id="the cloud's own address"),
        pytest.param("http://.example/m.xml", "", id="no address at all"),
        pytest.param("http://a.example:99999/m.xml", "", id="no such port"),
        pytest.param("/moved.xml", "private network", id="a redirect to one"),
    ],
)  # fmt: skip
def test_no_link_leads_into_a_private_network(
    server: FeedServer, link: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server.answer = paths(feed=whole(cap_atom(link)), moved=whole(b"", 302, Location="http://10.0.0.7/m.xml"))
    feed = source(server)
    (only,) = feed.read(poll(feed))
    assert isinstance(only, Rejected) and why in only.why


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(whole(b"<!DOCTYPE html><html>log in</html>"), id="a log-in page"),
        pytest.param(whole(cap_atom("/m1.xml")[:-20]), id="half a feed"),
        pytest.param(whole(b""), id="nothing"),
        pytest.param(whole(b'{"error": "quota"}'), id="json"),
        pytest.param(whole(b"<!DOCTYPE feed [<!ENTITY a 'b'>]><feed/>"), id="an entity"),
    ],
)
def test_what_is_no_feed_is_a_source_that_is_down(server: FeedServer, answer: bad.Answer) -> None:
    server.answer = paths(feed=answer)
    feed = source(server)
    with pytest.raises(SourceChanged, match=r"^tmd-cap: "):
        feed.read(poll(feed))


def test_a_server_that_fails_is_unavailable_and_an_empty_feed_is_healthy(server: FeedServer) -> None:
    server.answer = paths(feed=whole(b"", 500))
    with pytest.raises(SourceUnavailable):
        poll(source(server))
    server.answer = paths(feed=whole(cap_atom()))
    assert source(server).read(poll(source(server))) == []


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(cap_message(status=status), id=status) for status in ("Exercise", "Test", "System", "Draft")
    ]
    + [pytest.param(cap_message(msgType=kind), id=kind) for kind in ("Cancel", "Ack", "Error")]
    + [pytest.param(cap_message(scope="Restricted"), id="Restricted")],
)  # fmt: skip
def test_what_is_no_public_warning_is_no_bulletin_and_is_kept(message: str) -> None:
    body = cap_atom(message)
    assert read("cap_feed", body) == []
    feed = CapFeed(kind="cap_feed", name="x", every=timedelta(minutes=5), url="unset")
    assert [r.xml for r in feed.received(Payload(body, FETCHED))] == [message.encode()]


AREA: dict[str, tuple[str, Callable[[Bulletin], bool]]] = {
    "a province by ISO code": (
        "<areaDesc>x</areaDesc><geocode><valueName>ISO3166-2</valueName><value>TH-93</value></geocode>",
        lambda b: b.areas == ("93",),
    ),
    "an amphoe and a P-code": (
        "<areaDesc>x</areaDesc><geocode><valueName>TIS1099</valueName><value>9302</value></geocode>"
        "<geocode><valueName>pcode</valueName><value>TH930101</value></geocode>",
        lambda b: b.areas == ("930101", "9302"),
    ),
    "a village": (
        "<areaDesc>x</areaDesc><geocode><valueName>DOPA-VILLAGE</valueName><value>93070501</value></geocode>",
        lambda b: b.areas == ("930705",),
    ),
    "codes of others": (
        "<areaDesc>x</areaDesc><geocode><valueName>SAME</valueName><value>930101</value></geocode>",
        lambda b: b.areas == (),
    ),
    "the province's name alone": ("<areaDesc>จังหวัดพัทลุง และสงขลา</areaDesc>", lambda b: b.areas == ("90", "93")),
    "a polygon": (
        "<areaDesc>พัทลุง</areaDesc><polygon>7.5,100 7.5,100.1 7.6,100.1 7.5,100</polygon>",
        lambda b: b.polygons == (((7.5, 100.0), (7.5, 100.1), (7.6, 100.1), (7.5, 100.0)),) and b.areas == (),
    ),
    "a broken polygon": ("<areaDesc>x</areaDesc><polygon>7.5,100 7.5,NaN 7.6,100.1 7.5,100</polygon>", lambda b: b.polygons == ()),
    "a circle": (
        "<areaDesc>x</areaDesc><circle>7.5,100.0 20</circle>",
        lambda b: (b.lat, b.lon, b.radius_km) == (7.5, 100.0, 20.0) and len(b.polygons[0]) == 25,
    ),
}  # fmt: skip


@pytest.mark.parametrize("area", AREA)
def test_where(area: str) -> None:
    told, holds = AREA[area]
    (made,) = bulletins(read("cap_feed", cap_message(area=told).encode()))
    assert holds(made), made


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        pytest.param({}, datetime(2026, 11, 24, 0, 0, tzinfo=UTC), id="as told"),
        pytest.param(
            {"expires": ""}, datetime(2026, 11, 24, 12, 0, tzinfo=UTC), id="a day where nothing is told"
        ),
        pytest.param(
            {"urgency": "Past"}, datetime(2026, 11, 23, 12, 0, tzinfo=UTC), id="an all-clear is over at once"
        ),
    ],
)
def test_until_when(changes: dict[str, str], ends: datetime) -> None:
    (made,) = bulletins(read("cap_feed", cap_message(**changes).encode()))
    assert made.effective_to == ends


def test_real_messages_of_tmd_and_meteoalarm() -> None:
    tmd = bulletins(
        read("cap_feed", shared_data("cap/messages/th-tmd-20260925163420-reduced.xml").read_bytes())
    )[0]
    assert (
        tmd.hazard == "heavy_rain"
        and tmd.title_en is None
        and tmd.areas == ("15", "84", "86")
        and tmd.polygons
    )
    assert tmd.announced_at == datetime(2026, 9, 25, 9, 34, tzinfo=UTC)
    alps = bulletins(
        read("cap_feed", shared_data("feeds/cap/meteoalarm_france_sample_detail.xml").read_bytes())
    )[0]
    assert alps.areas == () and alps.severity is not None


def test_a_strange_message_beside_a_good_one_is_rejected_with_its_reason() -> None:
    ahead = cap_message(identifier="AHEAD", sent="2569-11-23T19:00:00+07:00")
    good, bad_one = read("cap_feed", cap_atom(cap_message(), ahead))
    assert isinstance(good, Bulletin) and isinstance(bad_one, Rejected) and "ahead" in bad_one.why


def test_no_key_of_the_feed_s_address_is_kept(server: FeedServer) -> None:
    server.answer = paths(feed=whole(cap_atom("/m1.xml")), m1=whole(cap_message().encode()))
    payload = poll(source(server, url=f"{server.url}?uid=s3cret"))
    assert b"s3cret" not in payload.body and json.loads(payload.body)["url"] == server.url
