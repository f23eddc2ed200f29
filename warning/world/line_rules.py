"""What LINE refuses: the limits of a message and of a call, told in LINE's own envelope {message, details}.

Limits from the Messaging API reference (2025-11): 1..5 messages a call, text <= 5,000 characters,
altText <= 1,500, carousel <= 12 bubbles, quick reply <= 13 items, postback data <= 300, label <= 20,
unit 1..30 characters.
"""

import re
from collections.abc import Iterator
from typing import Any

Json = Any
USER_ID = re.compile(r"U[0-9a-f]{32}")
GROUP_ID = re.compile(r"C[0-9a-f]{32}")
RETRY_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
KNOWN_TYPES = {
    "text", "textV2", "sticker", "image", "video", "audio", "location", "imagemap", "template", "flex",
}  # fmt: skip


class Bad(Exception):
    """A body LINE answers with 400; `details` are [(message, property)]."""

    def __init__(self, message: str, details: list[tuple[str, str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or []


def actions(part: Json) -> Iterator[dict[str, Any]]:
    """Every action of type postback, wherever it stands: quick reply, template or flex."""
    if isinstance(part, dict):
        if part.get("type") == "postback":
            yield part
        for value in part.values():
            yield from actions(value)
    elif isinstance(part, list):
        for value in part:
            yield from actions(value)


def images(part: Json) -> Iterator[dict[str, Any]]:
    """Every picture inside a flex message."""
    if isinstance(part, dict):
        if part.get("type") in ("image", "icon"):
            yield part
        for value in part.values():
            yield from images(value)
    elif isinstance(part, list):
        for value in part:
            yield from images(value)


def check_messages(messages: Json) -> None:
    """Raises Bad for a list LINE would not take."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        raise _body([("Size must be between 1 and 5", "messages")])
    wrong: list[tuple[str, str]] = []
    for i, message in enumerate(messages):
        wrong += [(why, f"messages[{i}]{where}") for why, where in _faults(message)]
    if wrong:
        raise _body(wrong)


def check_unit(body: dict[str, Any]) -> None:
    units = body.get("customAggregationUnits")
    if units is None:
        return
    if not isinstance(units, list) or len(units) > 1 or not all(1 <= len(str(u)) <= 30 for u in units):
        raise _body([("Size must be between 1 and 1, each of 1 to 30 characters", "customAggregationUnits")])


def check_recipients(to: Json) -> list[str]:
    """The ids of a multicast. Raises Bad for none, more than 500, one twice, or one misspelt."""
    if not isinstance(to, list) or not 1 <= len(to) <= 500:
        raise _body([("Size must be between 1 and 500", "to")])
    if not all(isinstance(one, str) and USER_ID.fullmatch(one) for one in to):
        raise Bad("The property, 'to', in the request body is invalid (line: -, column: -)")
    if len(set(to)) != len(to):
        raise Bad("The request body has duplicated user ids")
    return list(to)


def _body(details: list[tuple[str, str]]) -> Bad:
    return Bad(f"The request body has {len(details)} error(s)", details)


def _faults(message: Json) -> Iterator[tuple[str, str]]:
    if not isinstance(message, dict) or message.get("type") not in KNOWN_TYPES:
        yield "Must be one of the known message types", ".type"
        return
    kind = message["type"]
    if kind in ("text", "textV2"):
        yield from _length(message.get("text"), 5000, ".text")
    if kind in ("flex", "template", "imagemap"):
        yield from _length(message.get("altText"), 1500, ".altText")
    if kind == "flex":
        contents = message.get("contents")
        if not isinstance(contents, dict) or contents.get("type") not in ("bubble", "carousel"):
            yield "must be a bubble or a carousel", ".contents"
        elif any(not str(image.get("url", "")).startswith("https://") for image in images(contents)):
            yield "Must be a valid HTTPS URL", ".contents..url"
        elif contents["type"] == "carousel" and not 1 <= len(contents.get("contents") or []) <= 12:
            yield "Size must be between 1 and 12", ".contents.contents"
    if kind == "template":
        template = message.get("template")
        if not isinstance(template, dict):
            yield "must be specified", ".template"
        elif len(template.get("actions") or []) > 4:
            yield "Size must be between 1 and 4", ".template.actions"
    if kind == "audio":
        if not str(message.get("originalContentUrl", "")).startswith("https://"):
            yield "Must be a valid HTTPS URL", ".originalContentUrl"
        if not isinstance(message.get("duration"), int):
            yield "must be specified", ".duration"
    items = (message.get("quickReply") or {}).get("items", [])
    if len(items) > 13:
        yield "Size must be between 0 and 13", ".quickReply.items"
    for action in actions(message):
        yield from _length(action.get("data"), 300, "..action.data")
        if len(str(action.get("label", ""))) > 20:
            yield "Length must be between 0 and 20", "..action.label"


def _length(text: Json, most: int, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(text, str) or not text:
        yield "May not be empty", where
    elif len(text.encode("utf-16-le")) // 2 > most:  # LINE counts UTF-16 code units
        yield f"Length must be between 0 and {most}", where
