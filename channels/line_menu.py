"""The menu below the conversation on LINE: six fields of one picture, made or changed and set for everybody.

A menu of LINE's cannot be changed, so a new one is made, given its picture, set as the default, and only then are our older ones
taken away: nobody is ever without one. Its name carries the digest of what it is, so the same menu is not made twice.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from channels.contract import TryLater
from channels.line_wire import LineAccount

WIDTH, HEIGHT = 2500, 1686  # LINE's large menu; PNG or JPEG of at most 1 MB
COLUMNS, ROWS = 3, 2
OURS = "raksa-"
_BASE = "/v2/bot/richmenu"


class Field(NamedTuple):
    """One field. says: what the person says by tapping it (each is a word the account knows already); or `dials` a number."""

    th: str
    en: str
    colour: str
    says: str = ""
    dials: str = ""


FIELDS: tuple[Field, ...] = (
    Field("สถานการณ์ตอนนี้", "The water now", "#1C5AA0", says="น้ำตอนนี้"),
    Field("ปลอดภัย", "I am safe", "#1B6B3A", says="ปลอดภัย"),
    Field("ต้องการช่วย", "I need help", "#9B1C1C", says="ต้องการช่วย"),
    Field("หมู่บ้านของฉัน", "My village", "#37414B", says="ลงทะเบียน"),
    Field("โทร", "Disaster line", "#8A5A00", dials="1784"),
    Field("โทร", "Ambulance", "#8A5A00", dials="1669"),
)


def box(n: int) -> tuple[int, int, int, int]:
    """Of the nth field: x, y, width, height in dots. The last column takes what a third leaves over."""
    column, row = n % COLUMNS, n // COLUMNS
    left, right = WIDTH * column // COLUMNS, WIDTH * (column + 1) // COLUMNS
    top, bottom = HEIGHT * row // ROWS, HEIGHT * (row + 1) // ROWS
    return left, top, right - left, bottom - top


def menu(picture: bytes, fields: Sequence[Field] = FIELDS) -> dict[str, Any]:
    """LINE's description of the menu that this picture shows."""
    areas = []
    for n, field in enumerate(fields):
        x, y, width, height = box(n)
        label = f"{field.th} {field.dials}".strip()
        action = (
            {"type": "uri", "label": label, "uri": f"tel:{field.dials}"}
            if field.dials
            else {"type": "message", "label": label, "text": field.says}
        )
        areas.append({"bounds": {"x": x, "y": y, "width": width, "height": height}, "action": action})
    made: dict[str, Any] = {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "chatBarText": "เมนู / Menu",
        "areas": areas,
    }
    told = sha256(json.dumps(made, sort_keys=True, ensure_ascii=False).encode() + picture).hexdigest()
    return {**made, "name": f"{OURS}{told[:24]}"}


async def put_up(wire: Any, account: LineAccount, picture: bytes) -> tuple[str, bool]:
    """Make it everybody's menu. Returns LINE's id of it and whether anything had to be made; older ones of ours are taken away,
    those of others stay. Raises TryLater, ChannelBroken, Refused."""
    wanted = menu(picture)
    there = _menus(await account.get(wire, f"{_BASE}/list"))
    mine = next((id for id, name in there if name == wanted["name"]), None)
    made = mine is None
    if mine is None:
        mine = str(json.loads((await account.post(wire, _BASE, wanted)).body)["richMenuId"])
        await account.upload(wire, f"{_BASE}/{mine}/content", picture, "image/png")
    await account.post(wire, f"/v2/bot/user/all/richmenu/{mine}", {})
    for old in (id for id, name in there if name.startswith(OURS) and id != mine):
        await account.delete(wire, f"{_BASE}/{old}")
    return mine, made


def _menus(raw: bytes) -> list[tuple[str, str]]:
    try:
        return [(str(one["richMenuId"]), str(one.get("name", ""))) for one in json.loads(raw)["richmenus"]]
    except (ValueError, KeyError, TypeError) as error:
        raise TryLater("LINE: a list of menus that cannot be read") from error
