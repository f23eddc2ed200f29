"""Asking over real HTTP on loopback: every bad day of a host ends in time and in plain words."""

import gzip
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from sources import polite
from sources.contract import SourceUnavailable
from sources.polite import NotModified
from sources.polite_memory import SHUT_AFTER, SHUT_FOR, Memory
from tests.sources import feed_server as bad
from tests.sources.feed_server import FeedServer, feed_server, in_turn, whole

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def memory() -> Memory:
    return Memory()


def ask(
    http: requests.Session, server: FeedServer, memory: Memory, now: datetime = NOW, **how: object
) -> object:
    told = {"deadline": timedelta(seconds=2), "sleep": lambda _: None, **how}
    return polite.get(http, server.url, now, memory=memory, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "why", "times"),
    [
        pytest.param(whole(b"", 503), "HTTP 503", 3, id="503"),
        pytest.param(whole(b"", 429, Retry_After="60"), "HTTP 429", 1, id="429-later-than-the-deadline"),
        pytest.param(whole(b"", 404), "HTTP 404", 1, id="404"),
        pytest.param(whole(b"", 422), "HTTP 422", 1, id="422"),
        pytest.param(whole(b"", 401), "is the key set", 1, id="401"),
        pytest.param(whole(b"x" * 3000), "more than 2,000 bytes", 1, id="huge"),
        pytest.param(
            whole(gzip.compress(b"x" * 9000), Content_Encoding="gzip"),
            "more than 2,000",
            1,
            id="huge-unpacked",
        ),
        pytest.param(whole(b"no gzip", Content_Encoding="gzip"), "broke off", 3, id="broken-gzip"),
        pytest.param(bad.cut_off, "broke off", 3, id="cut-off"),
        pytest.param(bad.hang, "in time", 1, id="hang"),
        pytest.param(bad.trickle, "in time", 1, id="trickle"),
        pytest.param(whole(b"", 302, Location="/again"), "sent us on", 1, id="redirected-for-ever"),
        pytest.param(whole(b"", 302, Location="ftp://127.0.0.1/x"), "nowhere", 1, id="redirected-to-ftp"),
        pytest.param(whole(b"", 302), "nowhere", 1, id="redirected-without-a-place"),
    ],
)
def test_bad_days(
    http: requests.Session, server: FeedServer, memory: Memory, answer: bad.Answer, why: str, times: int
) -> None:
    server.answer = answer
    began = time.monotonic()
    deadline = timedelta(seconds=1 if why == "in time" else 8)
    with pytest.raises(SourceUnavailable, match=why) as caught:
        ask(http, server, memory, params={"ukey": "s3cret"}, max_bytes=2000, deadline=deadline)
    assert time.monotonic() - began < 2
    assert "s3cret" not in str(caught.value)
    if "sent us on" not in why:
        assert len(server.asked) == times


def test_nobody_there(http: requests.Session, memory: Memory) -> None:
    with feed_server() as server:
        url = server.url
    with pytest.raises(SourceUnavailable, match="cannot be reached") as caught:
        polite.get(http, url + "?ukey=s3cret", NOW, memory=memory, sleep=lambda _: None)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_good_answer_says_who_asks(http: requests.Session, server: FeedServer, memory: Memory) -> None:
    server.answer = whole(b"[1]")
    assert ask(http, server, memory, params={"province_code": "93"}) == b"[1]"
    assert server.asked[0].path == "/feed?province_code=93"
    assert server.asked[0].headers["User-Agent"] == "Raksa/0.1 (+province office)"


def test_packed_answers_are_unpacked(http: requests.Session, server: FeedServer, memory: Memory) -> None:
    server.answer = whole(gzip.compress(b"[1]"), Content_Encoding="gzip")
    assert ask(http, server, memory) == b"[1]"


def test_a_hiccup_is_asked_again_after_a_short_jittered_pause(
    http: requests.Session, server: FeedServer, memory: Memory
) -> None:
    pauses: list[float] = []
    server.answer = in_turn(whole(b"", 503), bad.cut_off, whole(b"[1]"))
    assert ask(http, server, memory, sleep=pauses.append, deadline=timedelta(seconds=10)) == b"[1]"
    assert 0.25 <= pauses[0] <= 0.75 <= pauses[1] <= 2.25


def test_a_redirect_is_followed(http: requests.Session, server: FeedServer, memory: Memory) -> None:
    server.answer = in_turn(whole(b"", 301, Location="/new"), whole(b"[1]"))
    assert ask(http, server, memory) == b"[1]"
    assert [asked.path for asked in server.asked] == ["/feed", "/new"]


def test_headers_for_one_host_stay_with_it(
    http: requests.Session, server: FeedServer, memory: Memory
) -> None:
    with feed_server() as other:
        other.answer = whole(b"[1]")
        server.answer = whole(b"", 302, Location=other.url)
        assert ask(http, server, memory, headers={"Authorization": "Bearer s3cret"}) == b"[1]"
        assert server.asked[0].headers["Authorization"] == "Bearer s3cret"
        assert "Authorization" not in other.asked[0].headers


def test_the_same_answer_is_fetched_once_and_again_in_full_after_an_hour(
    http: requests.Session, server: FeedServer, memory: Memory
) -> None:
    server.answer = bad.tagged(b"[1]")
    assert ask(http, server, memory) == b"[1]"
    assert isinstance(ask(http, server, memory, NOW + timedelta(minutes=10)), NotModified)
    assert ask(http, server, memory, NOW + timedelta(minutes=61)) == b"[1]"


def test_last_modified_is_remembered(http: requests.Session, server: FeedServer, memory: Memory) -> None:
    date = "Mon, 23 Nov 2026 12:00:00 GMT"
    server.answer = whole(b"[1]", Last_Modified=date)
    ask(http, server, memory)
    ask(http, server, memory)
    assert server.asked[1].headers["If-Modified-Since"] == date


def test_a_host_that_keeps_failing_is_left_alone_then_tried_by_one(
    http: requests.Session, server: FeedServer, memory: Memory
) -> None:
    server.answer = whole(b"", 503)
    for _ in range(SHUT_AFTER):
        with pytest.raises(SourceUnavailable, match="HTTP 503"):
            ask(http, server, memory)
    knocks = len(server.asked)
    with pytest.raises(SourceUnavailable, match="asked again at 19:35"):
        ask(http, server, memory)
    assert len(server.asked) == knocks
    later = NOW + SHUT_FOR
    server.answer = whole(b"[1]")
    assert memory.shut_until("127.0.0.1", later) is None
    assert memory.shut_until("127.0.0.1", later) is not None, "only one goes to look"
    memory.succeeded("127.0.0.1")
    assert ask(http, server, memory, later) == b"[1]"


def test_the_door_stays_shut_longer_each_time_up_to_half_an_hour(memory: Memory) -> None:
    waits = []
    now = NOW
    for _ in range(8):
        memory.failed("h", now)
        until = memory.shut_until("h", now)
        waits.append((until - now) / timedelta(minutes=1) if until else 0)
        now = until or now
    assert waits == [0, 0, 5, 10, 20, 30, 30, 30]


def test_a_refusal_is_no_failure_of_the_host(
    http: requests.Session, server: FeedServer, memory: Memory
) -> None:
    server.answer = whole(b"", 404)
    for _ in range(SHUT_AFTER + 1):
        with pytest.raises(SourceUnavailable, match="HTTP 404"):
            ask(http, server, memory)
