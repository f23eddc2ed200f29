"""`raksa check`: is everything that is switched on ready, what is missing, how to mend it. Changes nothing."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from channels.contract import Channel, Health
from geo.areas import load_areas
from geo.errors import ConfigError
from geo.sealed import Keyring
from warning.clock import WallClock
from warning.config import Config, load
from warning.opening import DEFAULT_CONFIG, var_folder
from warning.readiness import (
    Item,
    Standing,
    everything_on_is_ready,
    of_probes,
    of_settings,
    what_no_computer_can_do,
)
from warning.readiness_registry import of_registry, schema_item
from warning.speech.ready import of_clips
from warning.store.database import Database
from warning.store.embedded import EmbeddedPostgres
from warning.store.running_server import running_url

PROBE_S = 5.0
_MARK = {Standing.READY: "✓", Standing.MISSING: "✗", Standing.BETTER: "·", Standing.PERSON: "☎"}
_RED, _PLAIN = "\033[31m", "\033[0m"


def add(parsers: Any) -> None:
    parser = parsers.add_parser(
        "check",
        help="what is ready and what is missing (0: all that is on is ready; 1: something is not; 2: no config)",
    )
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    try:
        config = load(chosen.config, os.environ)
        areas = load_areas(var_folder() / "geo")
    except ConfigError as error:
        if not chosen.json:
            raise
        print(json.dumps({"ready": False, "config": str(error).splitlines()}, ensure_ascii=False))
        return 2
    items = of_settings(config, areas)
    items += of_probes(asyncio.run(probe_all(config)))
    url = os.environ.get("DATABASE_URL") or None  # set to nothing is not set
    items += [*_folder(var_folder()), _keys(var_folder()), *_database(var_folder(), url, _on(config))]
    items += what_no_computer_can_do(config)
    ready = everything_on_is_ready(items)
    if chosen.json:
        rows = [item._asdict() for item in items]
        print(json.dumps({"ready": ready, "items": rows}, ensure_ascii=False, indent=1))
    else:
        _print(items, ready)
    return 0 if ready else 1


def _print(items: list[Item], ready: bool) -> None:
    colour = sys.stdout.isatty()
    for item in items:
        red = colour and (item.standing is Standing.MISSING or (item.key == "live" and item.mend_en))
        print(f"{_RED if red else ''}{_MARK[item.standing]} {item.th}\n  {item.en}{_PLAIN if red else ''}")
        if item.mend_th or item.mend_en:
            print(f"    → {item.mend_th}\n    → {item.mend_en}")
    print(
        f"\n{_MARK[Standing.READY]} พร้อม ready   {_MARK[Standing.MISSING]} เปิดอยู่แต่ไม่พร้อม on, not ready   "
        f"{_MARK[Standing.BETTER]} ควรทำ better with   {_MARK[Standing.PERSON]} ต้องมีคนทำ needs a person"
    )
    print(
        "ทุกอย่างที่เปิดอยู่พร้อม / all that is on is ready"
        if ready
        else "มีสิ่งที่เปิดอยู่แต่ไม่พร้อม / something on is not ready"
    )


async def probe_all(config: Config) -> dict[str, Health]:
    """Ask each channel that is on whether it could send now, all at once, each for `PROBE_S` seconds at most."""
    on = [c for c in config.channels if c.on]
    timeout = aiohttp.ClientTimeout(total=PROBE_S)
    async with aiohttp.ClientSession(timeout=timeout) as net:
        found = await asyncio.gather(*(_probe(channel, net) for channel in on))
    return {channel.name: health for channel, health in zip(on, found, strict=True)}


async def _probe(channel: Channel, net: aiohttp.ClientSession) -> Health:
    try:
        async with asyncio.timeout(PROBE_S), channel.open(net) as wire:
            while not (health := await channel.probe(wire, WallClock().now())).ok:
                # A connection of its own (MQTT) needs a moment; a carrier that answers at once is asked no more.
                if wire is net:
                    return health
                await asyncio.sleep(0.2)
            return health
    except TimeoutError:
        return Health(
            False, "ไม่ตอบใน 5 วินาที: ตรวจเครือข่ายและที่อยู่", "no answer in 5 s: check network and address"
        )
    except Exception as error:  # a plugin may raise anything; the report must come to its end
        kind = type(error).__name__
        return Health(
            False,
            f"ติดต่อไม่ได้ ({kind}): ตรวจที่อยู่และรหัส",
            f"cannot be asked ({kind}): check address and credentials",
        )


def _folder(var: Path) -> list[Item]:
    """The folder of the data, where nobody could write to it (or make it)."""
    there = next(folder for folder in (var.absolute(), *var.absolute().parents) if folder.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return []
    return [
        Item(
            "folder",
            Standing.MISSING,
            f"เขียนโฟลเดอร์ข้อมูล {var} ไม่ได้",
            f"the folder of the data, {var}, cannot be written to",
            "ตั้ง RAKSA_VAR เป็นโฟลเดอร์ที่เขียนได้ หรือแก้สิทธิ์",
            "set RAKSA_VAR to a folder that can be written to, or mend its permissions",
        )
    ]


def _keys(var: Path) -> Item:
    file = var / "keys" / "keyring.json"
    if not file.exists():
        return Item(
            "keys",
            Standing.READY,
            "กุญแจข้อมูลบุคคลจะสร้างเมื่อเริ่มครั้งแรก",
            "the keys of personal data are made at the first start",
        )
    if file.stat().st_mode & 0o077:
        return Item(
            "keys",
            Standing.MISSING,
            "ผู้อื่นอ่านไฟล์กุญแจได้",
            "others can read the key file",
            "chmod 600 var/keys/keyring.json",
            "chmod 600 var/keys/keyring.json",
        )
    try:
        Keyring.load(file)
    except (ConfigError, OSError) as error:
        return Item(
            "keys",
            Standing.MISSING,
            "อ่านไฟล์กุญแจข้อมูลบุคคลไม่ได้",
            "the key file of personal data cannot be read",
            "นำ var/keys/keyring.json กลับมาจากสำเนาสำรอง",
            str(error) if isinstance(error, ConfigError) else "let this user read var/keys/keyring.json",
        )
    return Item(
        "keys",
        Standing.PERSON,
        "กุญแจข้อมูลบุคคลอยู่ในเครื่องนี้",
        "the keys of personal data are on this machine",
        "สำรอง var/keys แยกจากฐานข้อมูล",
        "back up var/keys, apart from the database",
    )


def _on(config: Config) -> set[str]:
    return {source.name for source in config.sources if source.on}


def _database(var: Path, url: str | None, sources: set[str]) -> list[Item]:
    try:
        with _look(var, url) as session:
            if session is None:
                first = Item(
                    "database",
                    Standing.READY,
                    "PostgreSQL ในตัวจะสร้างเมื่อเริ่มครั้งแรก",
                    "the embedded PostgreSQL is made at the first start",
                )
                return [first, *of_registry(None, sources)]
            clips = of_clips(session, var)
            return [schema_item(session), *of_registry(session, sources), *([clips] if clips else [])]
    except (SQLAlchemyError, ConfigError) as error:
        kind = type(error).__name__
        return [
            Item(
                "database",
                Standing.MISSING,
                f"ฐานข้อมูลไม่ตอบ ({kind})",
                f"the database does not answer ({kind})",
                "ตรวจ DATABASE_URL หรือสิทธิ์ของโฟลเดอร์ var",
                "check DATABASE_URL, or who may write to the folder var",
            )
        ]


@contextmanager
def _look(var: Path, url: str | None) -> Iterator[Session | None]:
    """A session on the office's database; None where there is none yet. A server at work is looked at and left at work."""
    server = None
    if url is None:
        if not (var / "pg" / "PG_VERSION").exists():
            yield None
            return
        url = running_url(var)
        if url is None:
            server = EmbeddedPostgres(var)
            url = server.url
    database = Database.connect(url, pool=1)
    try:
        with Session(database.engine) as session:
            yield session
    finally:
        database.close()
        if server:
            server.stop()
