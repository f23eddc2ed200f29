"""The conversation with one person on LINE: what they wrote, and an answer by reply token.

An answer by reply token costs no quota and can be given once, within a minute or so. Only what one person writes to the
account is read here: events of groups and rooms are passed over, whatever they hold.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import aiohttp

MOST_BUTTONS = 13  # quick-reply buttons a message
MOST_LABEL = 20  # letters on one
_KINDS = {"follow", "message", "postback"}


class Topic(StrEnum):
    """What somebody may want of the account by one word, typed or pressed in the rich menu."""

    REGISTER = "register"
    WATER = "water_now"
    LEAVE = "leave"
    MY_DATA = "my_data"
    ERASE = "erase"
    ENGLISH = "english"
    THAI = "thai"


_WORDS: dict[Topic, tuple[str, ...]] = {
    Topic.REGISTER: ("ลงทะเบียน", "สมัคร", "เปลี่ยนหมู่บ้าน", "register", "change village"),
    Topic.WATER: (
        "น้ำตอนนี้", "น้ำเป็นยังไง", "น้ำเป็นอย่างไร", "ระดับน้ำ", "น้ำตอนนี้เป็นยังไง", "water now", "water level",
    ),
    Topic.LEAVE: ("ออก", "ยกเลิก", "ยกเลิกลงทะเบียน", "leave", "unregister"),
    Topic.MY_DATA: ("ข้อมูลของฉัน", "ข้อมูลของผม", "ข้อมูลฉัน", "my data"),
    Topic.ERASE: ("ลบข้อมูล", "ลบข้อมูลของฉัน", "ลบข้อมูลของผม", "ลบข้อมูลฉัน", "erase my data", "delete my data"),
    Topic.ENGLISH: ("english", "อังกฤษ", "en"),
    Topic.THAI: ("ไทย", "ภาษาไทย", "thai", "th"),
}  # fmt: skip
_TOPICS = {word: topic for topic, words in _WORDS.items() for word in words}


class Said(NamedTuple):
    """One event of one person. kind: follow | text | postback | location | picture (`text` is the number LINE gave it)."""

    user: str
    reply_token: str
    kind: str
    text: str = ""
    data: Mapping[str, str] = {}
    lat: float | None = None
    lon: float | None = None


def topic(text: str) -> Topic | None:
    """The thing asked by these words and nothing beside them; None for any other text, which may be an answer to an alert."""
    word = unicodedata.normalize("NFC", text.replace("\u0e4d\u0e32", "\u0e33")).casefold()
    return _TOPICS.get(" ".join(word.split()).strip(" .?!ๆ"))


def heard(body: bytes) -> list[Said]:
    """What single persons said, of a webhook whose signature is checked; what cannot be read is passed over."""
    try:
        events = json.loads(body)["events"]
    except (ValueError, TypeError, KeyError):
        return []
    found = [_said(event) for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return [said for said in found if said is not None]


def _said(event: Mapping[str, Any]) -> Said | None:
    source, token = event.get("source"), event.get("replyToken")
    alone = (
        isinstance(source, dict) and source.get("type") == "user" and isinstance(source.get("userId"), str)
    )
    if not alone or not isinstance(token, str) or event.get("type") not in _KINDS:
        return None
    user = str(source["userId"])  # type: ignore[index]
    inner = event.get(str(event["type"]))
    inner = inner if isinstance(inner, dict) else {}
    match event["type"], inner.get("type"):
        case "follow", _:
            return Said(user, token, "follow")
        case "postback", _:
            return Said(user, token, "postback", data=_fields(str(inner.get("data", ""))))
        case "message", "text":
            return Said(user, token, "text", text=str(inner.get("text", ""))[:5000])
        case "message", "image":
            return Said(user, token, "picture", text=str(inner.get("id", ""))[:40])
        case "message", "location":
            try:
                return Said(
                    user, token, "location", lat=float(inner["latitude"]), lon=float(inner["longitude"])
                )
            except (KeyError, TypeError, ValueError):
                return None
    return None


def _fields(data: str) -> dict[str, str]:
    try:
        return {name: values[-1] for name, values in parse_qs(data, max_num_fields=20).items()}
    except ValueError:
        return {}


def words(text: str, buttons: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """One text message. buttons: (label, postback data) under it; LINE refuses more than `MOST_BUTTONS`."""
    message: dict[str, Any] = {"type": "text", "text": text[:5000]}
    if buttons:
        items = [
            {"type": "action",
             "action": {"type": "postback", "label": label[:MOST_LABEL], "data": data, "displayText": label[:300]}}
            for label, data in buttons[:MOST_BUTTONS]
        ]  # fmt: skip
        message["quickReply"] = {"items": items}
    return message


async def talk(
    wire: aiohttp.ClientSession, base_url: str, token: str, reply_token: str, messages: Sequence[Mapping[str, Any]],
    timeout_s: float = 5.0,
) -> bool:  # fmt: skip
    """Answer one event with up to five messages. False: LINE did not take it (a token used or too old); never tried again,
    since a token answers once and the person sees that nothing came and writes again."""
    body = {"replyToken": reply_token, "messages": list(messages)[:5]}
    limit = aiohttp.ClientTimeout(total=timeout_s)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with wire.post(
            f"{base_url}/v2/bot/message/reply", json=body, headers=headers, timeout=limit
        ) as answer:
            return answer.status == 200
    except (TimeoutError, aiohttp.ClientError):
        return False
