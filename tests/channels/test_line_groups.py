"""What comes from a LINE group: its talk is never read, its buttons are one person's."""

import json
from typing import Any

import pytest

from channels import line_webhook
from channels.contract import Answer
from tests.channels.cases import ALERT, NOW, line_id

IN_GROUP = {"type": "group", "groupId": "C" + "1" * 32, "userId": line_id(1)}
IN_ROOM = {"type": "room", "roomId": "R" + "1" * 32}
ALONE = {"type": "user", "userId": line_id(1)}


def event(source: dict[str, str], **what: Any) -> bytes:
    made = {"webhookEventId": "01E", "timestamp": int(NOW.timestamp() * 1000), "source": source, **what}
    return json.dumps({"destination": "U0", "events": [made]}).encode()


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"type": "text", "text": "ช่วยด้วย น้ำมาแล้ว"}, id="text"),
        pytest.param({"type": "location", "latitude": 7.0, "longitude": 100.5, "address": "x"}, id="place"),
        pytest.param({"type": "sticker"}, id="sticker"),
    ],
)
def test_talk_of_a_group_is_discarded_unread(message: dict[str, Any]) -> None:
    for shared in (IN_GROUP, IN_ROOM):
        assert line_webhook.read(event(shared, type="message", message=message), NOW) == []
    assert line_webhook.read(event(ALONE, type="message", message=message), NOW)  # alone it is an answer


@pytest.mark.parametrize(
    ("source", "pressed", "answer", "homes"),
    [
        pytest.param(IN_GROUP, "announced&h=85", Answer.SEEN, None, id="group-announced-is-one-who-saw-it"),
        pytest.param(IN_GROUP, "need_help", Answer.NEED_HELP, None, id="group-cry-for-help-stays"),
        pytest.param(IN_GROUP, "safe", Answer.SAFE, None, id="group-safe-is-that-person"),
        pytest.param(ALONE, "announced&h=85", Answer.ANNOUNCED, 85, id="alone-announced"),
    ],
)
def test_a_button_in_a_group(source: dict[str, str], pressed: str, answer: Answer, homes: int | None) -> None:
    body = event(source, type="postback", postback={"data": f"a={pressed}&al={ALERT}"})
    (reply,) = line_webhook.read(body, NOW)
    assert (reply.answer, reply.homes, reply.address) == (answer, homes, line_id(1))
