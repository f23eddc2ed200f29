"""`raksa line`: the LINE account's menu and what is left of its month. Asks LINE; tells nobody anything."""

import argparse
import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from channels import line_menu
from channels.contract import ChannelBroken, TryLater
from channels.line import Line
from channels.line_wire import Refused
from geo.errors import ConfigError
from warning.config import load
from warning.opening import DEFAULT_CONFIG

Told = TypeVar("Told")


def add(parsers: Any) -> None:
    verbs = parsers.add_parser("line", help="the LINE account: its menu, its quota").add_subparsers(
        dest="verb", required=True
    )
    menu = verbs.add_parser("menu", help="draw the menu and make it everybody's; twice is once")
    menu.add_argument("--save", type=Path, help="only draw it into this PNG file")
    menu.set_defaults(call=put_up)
    quota = verbs.add_parser("quota", help="how many messages the month has left, as LINE counts")
    quota.add_argument("--json", action="store_true", help="for machines: one object")
    quota.set_defaults(call=show_quota)
    for parser in (menu, quota):
        parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
        parser.add_argument("--channel", default="", help="its name in config.yaml, where there are several")


def put_up(chosen: argparse.Namespace) -> int:
    """0: the menu is there; 1: LINE did not take it."""
    from warning.rich_menu import picture  # only this command draws

    drawn = picture()
    if chosen.save:
        chosen.save.write_bytes(drawn)
        print(f"{chosen.save}: {len(drawn)} B")
        return 0
    line = _line(chosen)
    found = _ask(lambda net: line_menu.put_up(net, line.account, drawn))
    if found is None:
        return 1
    print(f"{'ตั้งเมนูแล้ว / set' if found[1] else 'เป็นเมนูนี้อยู่แล้ว / already this one'}: {found[0]}")
    return 0


def show_quota(chosen: argparse.Namespace) -> int:
    """0: something is left, or there is no limit; 1: nothing is, or LINE does not say. JSON: `{limit, used, left}`, null: no limit."""
    line = _line(chosen)
    quota = _ask(line.quota)
    if quota is None:
        return 1
    if chosen.json:
        print(json.dumps({"limit": quota.limit, "used": quota.used, "left": quota.left}))
    elif quota.left is None:
        print(f"ไม่จำกัด ส่งไปแล้ว {quota.used} / no limit, {quota.used} sent")
    else:
        print(f"เหลือ {quota.left} จาก {quota.limit} / {quota.left} of {quota.limit} left this month")
    return 0 if quota.left != 0 else 1


def _line(chosen: argparse.Namespace) -> Line:
    found = [c for c in load(chosen.config, os.environ).channels if isinstance(c, Line)]
    # an entry that is off may lack its secrets: what is not filled in stands there as `${NAME}`
    known = [c for c in found if not c.token.get_secret_value().startswith("${")]
    named = [c for c in known if chosen.channel in ("", c.name)]
    if not named:
        raise ConfigError(
            "ไม่มีช่องทาง LINE ใน config.yaml (no channel of kind line there, or its secrets are missing: raksa check)"
        )
    return min(
        named, key=lambda line: line.needs != "line"
    )  # the groups' channel only where there is no other


def _ask(what: Callable[[aiohttp.ClientSession], Awaitable[Told]]) -> Told | None:
    """None: LINE said no, and why is printed."""

    async def asked() -> Told:
        async with aiohttp.ClientSession() as net:
            return await what(net)

    try:
        return asyncio.run(asked())
    except (TryLater, ChannelBroken, Refused) as error:
        print(f"LINE ไม่รับ / LINE did not take it: {error}")
        return None
