"""What a controller obeys, and with which key: a table a person can check against docs/channels/village_pa.md."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import pa_command
from channels.pa_accept import Clock, Keys, Play, Refused, Role, SelfTest, Stop, accept
from tests.channels.cases import NOW, batch

KEYS = Keys("the-alert-key", "the-test-key")
CLIP = "ab" * 32
MADE = batch(["t1"], data={"clips": CLIP, "seq": "7"})
LATER = NOW + timedelta(hours=2)


def play(**changed: Any) -> dict[str, object]:
    made = pa_command.command(MADE, MADE.messages[0], now=NOW, repeat=3, gap_s=8, volume=90)
    return {**made, **changed}


def trial(**changed: Any) -> dict[str, object]:
    return {**pa_command.self_test(UUID(int=5), "audible", now=NOW, not_after=LATER), **changed}


def stop() -> dict[str, object]:
    return pa_command.stop("c1", now=NOW, not_after=LATER)


def judged(
    verb: str,
    order: dict[str, object],
    key: str,
    last: int = -1,
    clock: datetime = NOW,
    signed: datetime | None = None,
) -> Play | Stop | SelfTest:
    role = Role.TEST if verb == "test" else Role.ALERT
    return accept(verb, pa_command.signed(order, key), KEYS, {role: last}, Clock(clock, signed))


@pytest.mark.parametrize(
    ("verb", "order", "key", "kind"),
    [
        pytest.param("play", play(), KEYS.alert, Play, id="play"),
        pytest.param("play", play(new_field_of_a_newer_office=1), KEYS.alert, Play, id="newer-office"),
        pytest.param("stop", stop(), KEYS.alert, Stop, id="stop"),
        pytest.param("test", trial(), KEYS.test, SelfTest, id="test"),
    ],
)
def test_obeys(verb: str, order: dict[str, object], key: str, kind: type) -> None:
    assert type(judged(verb, order, key)) is kind


@pytest.mark.parametrize(
    ("verb", "order", "key", "why"),
    [
        pytest.param("play", play(), "stolen", "bad signature", id="stranger"),
        pytest.param("play", play(), KEYS.test, "the test key may not play", id="test-key-plays"),
        pytest.param("stop", stop(), KEYS.test, "the test key may not stop", id="test-key-stops"),
        pytest.param("test", trial(), KEYS.alert, "the alert key may not test", id="alert-key-tests"),
        pytest.param("test", play(), KEYS.test, "another command's topic", id="test-key-says-play-on-test"),
        pytest.param(
            "test", play(verb="test", mode="audible"), KEYS.test, "Extra inputs", id="clip-in-a-test"
        ),
        pytest.param(
            "test", trial(clips=[CLIP]), KEYS.test, "clips: Extra inputs", id="clip-added-to-a-test"
        ),
        pytest.param("test", trial(sound="siren"), KEYS.test, "sound: Extra inputs", id="siren-in-a-test"),
        pytest.param("test", trial(mode="siren"), KEYS.test, "mode: Input should be", id="siren-as-mode"),
        pytest.param("stop", play(), KEYS.alert, "another command's topic", id="play-replayed-as-stop"),
        pytest.param("sing", play(), KEYS.alert, "unknown command", id="unknown-verb"),
        pytest.param("play", play(not_after=None), KEYS.alert, "not_after", id="no-end"),
        pytest.param("play", play(not_after="2030-01-01T00:00:00"), KEYS.alert, "not_after", id="no-zone"),
        pytest.param("play", play(clips=["../../etc/passwd"]), KEYS.alert, "clips.0", id="clip-is-a-path"),
        pytest.param("play", play(id="a/b"), KEYS.alert, "id", id="id-is-a-topic"),
        pytest.param("play", play(repeat=9999), KEYS.alert, "repeat", id="for-ever"),
    ],
)
def test_refuses(verb: str, order: dict[str, object], key: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        judged(verb, order, key)
    assert why in refused.value.why


@pytest.mark.parametrize(
    ("last", "clock", "signed", "why"),
    [
        pytest.param(7, NOW, None, "old seq", id="same-seq"),
        pytest.param(8, NOW, None, "old seq", id="older"),
        pytest.param(6, LATER + timedelta(seconds=1), None, "too late", id="late"),
        pytest.param(6, LATER, None, None, id="to-the-second"),
        pytest.param(6, datetime.fromisoformat("1970-01-01T00:00:00Z"), None, None, id="a-clock-not-set-still-warns"),
        pytest.param(
            6, datetime.fromisoformat("1970-01-01T00:00:00Z"), LATER + timedelta(minutes=1), "too late",
            id="a-clock-set-back-makes-nothing-new",
        ),
    ],
)  # fmt: skip
def test_time_and_order(last: int, clock: datetime, signed: datetime | None, why: str | None) -> None:
    if why is None:
        assert judged("play", play(), KEYS.alert, last, clock, signed).seq == 7
        return
    with pytest.raises(Refused) as refused:
        judged("play", play(), KEYS.alert, last, clock, signed)
    assert refused.value.why == why


def test_tests_make_no_alert_look_old() -> None:
    raw = pa_command.signed(play(), KEYS.alert)
    assert accept("play", raw, KEYS, {Role.TEST: 10**15, Role.ALERT: 6}, Clock(NOW)).seq == 7


JSON = st.recursive(
    st.text() | st.integers() | st.none(), lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=8
)


@given(st.binary(max_size=200) | JSON.map(lambda x: json.dumps(x).encode()))
def test_nonsense_is_refused_and_nothing_else(raw: bytes) -> None:
    for verb in ("play", "stop", "test"):
        with pytest.raises(Refused):
            accept(verb, raw, KEYS, {}, Clock(NOW))


CROOKED = {"half-a-character": b'{"id": "\\ud800", "sig": ""}', "deep": b"[" * 100_000, "no-id": b'{"id": 1}'}


@pytest.mark.parametrize("raw", CROOKED.values(), ids=CROOKED)
def test_crooked_json(raw: bytes) -> None:
    with pytest.raises(Refused):
        accept("play", raw, KEYS, {}, Clock(NOW))


def test_keys_of_tests_and_clips_are_made_for_one_device() -> None:
    made = {pa_command.test_key("m", "t1"), pa_command.test_key("m", "t2"), pa_command.clip_token("t1", "m")}
    assert len(made) == 3
