"""Village groups on LINE: invited, bound by a code, shown out. Nothing else of what people write there is looked at.

Of a group's text only one shape is recognised, eight digits alone: a village's code, by which its head binds the group.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_CODE = re.compile(r"\s*([0-9]{8})\s*")
_GROUP = re.compile(r"C[0-9a-f]{32}")


class GroupEvent(NamedTuple):
    """kind: join | leave | code. user: who wrote the code; LINE does not always say. reply_token: none of a leave."""

    kind: str
    group: str
    reply_token: str = ""
    user: str | None = None
    code: str = ""


def heard(body: bytes) -> list[GroupEvent]:
    """What concerns groups in a webhook whose signature is checked; all else is passed over."""
    try:
        events = json.loads(body)["events"]
    except (ValueError, TypeError, KeyError):
        return []
    found = [_read(event) for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return [event for event in found if event is not None]


def _read(event: Mapping[str, Any]) -> GroupEvent | None:
    source = event.get("source")
    if not isinstance(source, dict) or source.get("type") != "group":
        return None
    group, token, user = str(source.get("groupId")), str(event.get("replyToken") or ""), source.get("userId")
    if not _GROUP.fullmatch(group):
        return None
    if event.get("type") in ("join", "leave"):
        return GroupEvent(str(event["type"]), group, token)
    message = event.get("message")
    if event.get("type") != "message" or not isinstance(message, dict) or not isinstance(user, str):
        return None
    code = _CODE.fullmatch(str(message.get("text", ""))[:40])
    return GroupEvent("code", group, token, user, code[1]) if code else None
