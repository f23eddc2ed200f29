"""The words of an alert as LINE shows them: one bubble with the instruction on the lock screen and buttons
below.

LINE never tells whether anybody saw a message, so the buttons are the only proof there is. What a button
sends back (`data`) is a query: `a` the answer, and either `d` the delivery (a message to one person) or `al`
the alert (one body for 500 people, who are told apart by their user id).
"""

from typing import Any
from uuid import UUID

from channels.contract import Answer, Batch, Message
from channels.sms_text import units

LABELS: dict[str, dict[Answer, str]] = {  # at most 20 UTF-16 units
    "th": {
        Answer.ANNOUNCED: "ประกาศแล้ว",
        Answer.WATER_HERE: "น้ำถึงแล้ว",
        Answer.NEED_HELP: "ต้องการช่วย",
        Answer.SAFE: "ปลอดภัย",
    },
    "en": {
        Answer.ANNOUNCED: "Announced",
        Answer.WATER_HERE: "Water is here",
        Answer.NEED_HELP: "Need help",
        Answer.SAFE: "Safe",
    },
}
CONTACT_BUTTONS = (Answer.ANNOUNCED, Answer.WATER_HERE, Answer.NEED_HELP)
RESIDENT_BUTTONS = (Answer.SAFE, Answer.NEED_HELP, Answer.WATER_HERE)

# The level's colour behind its own word; white on each has a contrast of at least 4.5.
COLOURS = {"Extreme": "#9B1C1C", "Severe": "#B93815", "Moderate": "#8A5A00", "Minor": "#1C5AA0"}
EXERCISE = "ฝึกซ้อม / EXERCISE"
_DRILL = ("ฝึกซ้อม", "[ฝึกซ้อม", "EXERCISE", "[EXERCISE")  # words that say so already

_ALT_UNITS = 400  # LINE allows 1,500; a lock screen shows far less
_BUBBLE_UNITS = 1500  # beyond this a bubble grows past 30 kB: plain texts carry the words instead
_TEXT_UNITS = 5000
_MOST_MESSAGES = 5


def personal(message: Message) -> bool:
    """Is this for one person (a contact of a village), so that its buttons name the delivery?"""
    return "role" in message.data or "delivery" in message.data or not message.address.startswith("U")


def messages(batch: Batch, message: Message, *, shared: bool = False) -> list[dict[str, Any]]:
    """The `messages` of one push or multicast. `data` of a message: title, body, link, role, map, page (all may be
    missing). shared: several people will read it, whoever the address is; its buttons name the alert.

    `text` is the instruction for the lock screen, `body` the whole words; without a body the text is both.
    """
    body = message.data.get("body") or message.text
    title = _marked(batch, message.data.get("title") or "")
    if units(body) > _BUBBLE_UNITS:
        return _texts(f"{title}\n{body}".lstrip(), _quick_reply(batch, message, shared))
    return [
        {
            "type": "flex",
            "altText": cut(_marked(batch, message.text), _ALT_UNITS),
            "contents": _bubble(batch, message, title, body, shared),
        }
    ]


def _marked(batch: Batch, words: str) -> str:
    """An exercise says so first, on the lock screen too."""
    return f"{EXERCISE} {words}".rstrip() if batch.exercise and not words.startswith(_DRILL) else words


def _bubble(batch: Batch, message: Message, title: str, body: str, shared: bool) -> dict[str, Any]:
    bubble: dict[str, Any] = {
        "type": "bubble",
        "size": "giga",
        "body": _column([_text(line, size="md") for line in body.split("\n") if line.strip()], "md"),
        "footer": _column(_buttons(batch, message, shared), "sm"),
    }
    if picture := message.data.get("map"):
        bubble["hero"] = _map(picture, message.data.get("page") or picture, message.lang)
    if title:
        bubble["header"] = _column([_text(title, size="lg", weight="bold", color="#FFFFFF")], "none")
        bubble["header"]["backgroundColor"] = COLOURS.get(batch.severity, "#37414B")
    return bubble


def _map(picture: str, page: str, lang: str) -> dict[str, Any]:
    """The places in colour; a tap opens the alert's page. Both by https, as LINE wants."""
    label = "Map and details" if lang == "en" else "แผนที่และรายละเอียด"
    return {
        "type": "image", "url": picture, "size": "full", "aspectRatio": "1:1", "aspectMode": "cover", "animated": False,
        "action": {"type": "uri", "label": label, "uri": page},
    }  # fmt: skip


def _buttons(batch: Batch, message: Message, shared: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"type": "button", "style": "secondary", "height": "md", "action": action}
        for action in _actions(batch, message, shared)
    ]
    if link := message.data.get("link"):
        label = "Open the page" if message.lang == "en" else "เปิดหน้ารายงาน"
        action = {"type": "uri", "label": label, "uri": link}
        rows.append({"type": "button", "style": "link", "action": action})
    return rows


def _actions(batch: Batch, message: Message, shared: bool) -> list[dict[str, Any]]:
    mine = personal(message) and not shared
    which = f"d={message.id}" if mine else f"al={batch.alert_id}"
    labels = LABELS.get(message.lang, LABELS["th"])
    answers = CONTACT_BUTTONS if mine else RESIDENT_BUTTONS
    return [
        {
            "type": "postback",
            "label": labels[answer],
            "data": f"a={answer}&{which}",
            "displayText": labels[answer],
        }
        for answer in answers
    ]


def _quick_reply(batch: Batch, message: Message, shared: bool) -> dict[str, Any]:
    return {"items": [{"type": "action", "action": action} for action in _actions(batch, message, shared)]}


def _texts(words: str, quick_reply: dict[str, Any]) -> list[dict[str, Any]]:
    """Words too long for a bubble, in as many texts as they need, the buttons under the last."""
    found: list[dict[str, Any]] = []
    while words and len(found) < _MOST_MESSAGES:
        piece = cut(words, _TEXT_UNITS, mark="")
        found.append({"type": "text", "text": piece})
        words = words[len(piece) :]
    found[-1]["quickReply"] = quick_reply
    return found


def _column(contents: list[dict[str, Any]], spacing: str) -> dict[str, Any]:
    return {"type": "box", "layout": "vertical", "spacing": spacing, "contents": contents}


def _text(words: str, **how: str) -> dict[str, Any]:
    return {"type": "text", "text": words, "wrap": True, **how}


def cut(words: str, most: int, mark: str = "…") -> str:
    """At most so many UTF-16 units, as LINE counts; what is cut off is shown by `mark`."""
    if units(words) <= most:
        return words
    room = most - units(mark)
    kept = words[:room]
    while units(kept) > room:
        kept = kept[:-1]
    return kept + mark


def alert_unit(alert_id: UUID) -> str:
    """LINE's statistics can be asked by this name (at most 30 characters)."""
    return alert_id.hex[:30]
