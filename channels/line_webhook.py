"""LINE's events as answers of people. Redelivered and disordered as LINE sends them: `webhookEventId` tells
twice from once, `timestamp` the order. What we do not know yet must not fail: it is passed over.
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from channels import line_talk, replies, webhook
from channels.contract import Answer, Receipt, ReceiptState, Reply

ADDRESS = re.compile(r"[UCR][0-9a-f]{32}")  # user, group, room


class _Source(BaseModel):
    userId: str | None = None
    groupId: str | None = None
    roomId: str | None = None

    @property
    def address(self) -> str | None:
        return self.userId or self.groupId or self.roomId

    @property
    def shared(self) -> bool:
        """A group or room: several people talk there."""
        return bool(self.groupId or self.roomId)


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str
    webhookEventId: str = Field(min_length=1, max_length=100)
    timestamp: int = Field(gt=0, lt=10**14)  # ms
    source: _Source = _Source()
    message: dict[str, Any] = {}
    postback: dict[str, Any] = {}
    delivery: dict[str, Any] = {}


class _Envelope(BaseModel):
    events: list[dict[str, JsonValue]]


_ENVELOPE = TypeAdapter(_Envelope)
_KNOWN = frozenset({"message", "postback", "follow", "unfollow", "delivery"})


def read(body: bytes, now: datetime) -> list[Receipt | Reply]:
    """Raises ValueError when the envelope is no list of events; an odd event does not hide the others."""
    heard: list[Receipt | Reply] = []
    for raw in _ENVELOPE.validate_json(body).events:
        if raw.get("type") not in _KNOWN:
            continue
        try:
            event = _Event.model_validate(raw)
        except ValidationError:
            continue
        heard += _delivered(event, now) if event.type == "delivery" else _replies(event, now)
    return heard


def _delivered(event: _Event, now: datetime) -> list[Receipt]:
    """A message by telephone number arrived; `data` is the tag we gave it. A number's hash (no tag of ours) says nothing to us."""
    delivery_id = _uuid(str(event.delivery.get("data", "")))
    at = webhook.not_after(datetime.fromtimestamp(event.timestamp / 1000, UTC), now)
    return (
        [] if delivery_id is None else [Receipt(delivery_id, ReceiptState.DELIVERED, at, why="LINE delivery")]
    )


def _replies(event: _Event, now: datetime) -> list[Reply]:
    at = webhook.not_after(datetime.fromtimestamp(event.timestamp / 1000, UTC), now)
    base = Reply(event.webhookEventId, Answer.SEEN, at, address=event.source.address)
    match event.type:
        case "follow":
            return [base._replace(answer=Answer.FOLLOW)]
        case "unfollow":
            return [base._replace(answer=Answer.UNFOLLOW)]
        case "postback":
            pressed = _pressed(base, str(event.postback.get("data", "")))
            return [_one_of_many(reply) for reply in pressed] if event.source.shared else pressed
        case _ if event.source.shared:
            return []  # what people write to each other is not ours: not read, not kept
        case _:
            return _said(base, event.message)


def _pressed(base: Reply, data: str) -> list[Reply]:
    """A button of ours. One of somebody else's (a rich menu) is no answer to an alert."""
    try:
        fields = {name: values[-1] for name, values in parse_qs(data, max_num_fields=20).items()}
    except ValueError:
        return []
    answer = replies.BUTTONS.get(fields.get("a", ""))
    if answer is None or answer in (Answer.FOLLOW, Answer.UNFOLLOW, Answer.NO_ANSWER):
        return []
    return [
        base._replace(
            answer=answer,
            delivery_id=_uuid(fields.get("d")),
            alert_id=_uuid(fields.get("al")),
            homes=int(fields["h"]) if re.fullmatch("[0-9]{1,4}", fields.get("h", "")) else None,
        )
    ]


def _one_of_many(reply: Reply) -> Reply:
    """Anybody in a group can press the head's button: that somebody saw it is all it shows."""
    announced = reply.answer in (Answer.ANNOUNCED, Answer.WILL_ANNOUNCE)
    return reply._replace(answer=Answer.SEEN, homes=None) if announced else reply


def _said(base: Reply, message: dict[str, Any]) -> list[Reply]:
    kind = message.get("type")
    if kind == "location":
        # Nobody shares a place for nothing on such a night: somebody must look.
        place = f"{message.get('latitude')},{message.get('longitude')} {message.get('address') or ''}"
        return [base._replace(answer=Answer.NEED_HELP, text=place.rstrip()[:300])]
    text = str(message.get("text", ""))[:5000] if kind == "text" else ""
    if line_talk.topic(text) is not None:
        return []  # a question to the account, answered by itself: no answer to an alert
    return [
        base._replace(
            event_id=base.event_id if n == 0 else f"{base.event_id}#{answer}",
            answer=answer,
            homes=replies.homes(text),
            text=text,
        )
        for n, answer in enumerate(replies.meanings(text))
    ]


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
