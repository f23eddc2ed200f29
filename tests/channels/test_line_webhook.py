"""LINE's webhook: events as answers, redelivered and disordered; signatures as LINE's own SDK checks them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from channels.contract import Answer, BadSignature, Reply
from channels.webhook import sign_base64
from tests.channels.cases import ALERT, CASES, NOW, SECRET, ids, line_id

MS = int(NOW.timestamp() * 1000) - 5000
LINE = CASES["line"].build("", Path("."))


def event(n: int = 1, **what: Any) -> dict[str, Any]:
    return {
        "type": "postback",
        "mode": "active",
        "timestamp": MS,
        "source": {"type": "user", "userId": line_id(1)},
        "webhookEventId": f"01EVENT{n}",
        "deliveryContext": {"isRedelivery": False},
    } | what


def hear(*events: Any, secret: str = SECRET) -> list[Reply]:
    raw = json.dumps({"destination": "U0", "events": list(events)}, ensure_ascii=False).encode()
    signature = {"X-Line-Signature": sign_base64(secret, raw)}
    return [r for r in LINE.hear(raw, signature, NOW) if isinstance(r, Reply)]


def said(text: str) -> dict[str, Any]:
    return event(type="message", message={"type": "text", "id": "1", "text": text})


D = ids(1)[0]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param(
            event(postback={"data": f"a=announced&d={D}"}), [(Answer.ANNOUNCED, D, None)], id="contact"
        ),
        pytest.param(
            event(postback={"data": f"a=safe&al={ALERT}"}), [(Answer.SAFE, None, ALERT)], id="resident"
        ),
        pytest.param(
            event(postback={"data": f"a=water&d={D}"}), [(Answer.WATER_HERE, D, None)], id="short-form"
        ),
        pytest.param(
            event(postback={"data": "a=announced&d=1"}), [(Answer.ANNOUNCED, None, None)], id="odd-id"
        ),
        pytest.param(event(postback={"data": "richmenu=2"}), [], id="somebody-else's-button"),
        pytest.param(event(postback={"data": "a=unfollow"}), [], id="a-button-cannot-unfollow"),
        pytest.param(event(postback={"data": "&".join("abcdefghijklmnopqrstuvwxyz")}), [], id="odd-data"),
        pytest.param(said("ปลอดภัย"), [(Answer.SAFE, None, None)], id="text"),
        pytest.param(said("1"), [(Answer.SEEN, None, None)], id="bare-digit"),
        pytest.param(event(type="follow"), [(Answer.FOLLOW, None, None)], id="follow"),
        pytest.param(event(type="unfollow"), [(Answer.UNFOLLOW, None, None)], id="unfollow"),
        pytest.param(
            event(type="message", message={"type": "location", "latitude": 7.6, "longitude": 100.07}),
            [(Answer.NEED_HELP, None, None)],
            id="a-place-is-a-cry-for-help",
        ),
        pytest.param(
            event(type="message", message={"type": "sticker"}), [(Answer.SEEN, None, None)], id="sticker"
        ),
        pytest.param(event(type="hologram"), [], id="unknown-type-of-the-future"),
        pytest.param({"type": "postback"}, [], id="event-without-id"),
        pytest.param(event(timestamp="soon"), [], id="event-with-an-odd-time"),
    ],
)
def test_events(what: dict[str, Any], expected: list[tuple[Answer, UUID | None, UUID | None]]) -> None:
    assert [(r.answer, r.delivery_id, r.alert_id) for r in hear(what)] == expected


def test_verify_button_of_the_console() -> None:
    assert hear() == []


def test_an_odd_event_does_not_hide_the_others() -> None:
    assert [r.event_id for r in hear({"type": "postback"}, said("ปลอดภัย"), event(type="x"))] == ["01EVENT1"]


def test_redelivered_and_disordered() -> None:
    """Twice is once by the event's own id; the order is by its own time."""
    first = event(1, timestamp=MS, postback={"data": f"a=announced&d={D}"})
    second = event(2, timestamp=MS + 1000, postback={"data": f"a=water_here&d={D}"})
    again = first | {"deliveryContext": {"isRedelivery": True}}
    heard = hear(second, first, again)
    assert [r.event_id for r in heard] == ["01EVENT2", "01EVENT1", "01EVENT1"]
    assert heard[1] == heard[2]
    assert heard[0].at - heard[1].at == timedelta(seconds=1)


def test_who_and_their_words() -> None:
    (reply,) = hear(said("ประกาศแล้ว ๔๐ หลัง"))
    assert (reply.address, reply.homes, reply.text) == (line_id(1), 40, "ประกาศแล้ว ๔๐ หลัง")
    assert reply.at == NOW - timedelta(seconds=5)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"events": 1}', b'{"events": [1]}', b"\xff", b"[" * 9999]
)
def test_signed_nonsense_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError):  # any words will do
        LINE.hear(raw, {"x-line-signature": sign_base64(SECRET, raw)}, NOW)


def test_signature_as_the_sdk_checks_it() -> None:
    from linebot.v3 import SignatureValidator

    body = '{"events": [], "ไทย": 1}'
    assert SignatureValidator(SECRET).validate(body, sign_base64(SECRET, body.encode()))
    assert not SignatureValidator("other").validate(body, sign_base64(SECRET, body.encode()))
    with pytest.raises(BadSignature):
        hear(secret="other")
