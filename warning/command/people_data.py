"""`raksa people export | erase | rekey`: one person's data handed over or wiped, and all that is sealed under a new key."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlmodel import Session

from geo.errors import ConfigError, NotAllowed
from geo.sealed import Keyring, add_key, drop_keys
from warning.audit import record
from warning.clock import WallClock
from warning.opening import open_database, var_folder
from warning.people_person import Kept, erase, export, kept_of, looked
from warning.people_rekey import keys_in_use, left, reseal
from warning.store.running_server import running_url

ACTOR = "command line"
Registry = Callable[[], AbstractContextManager[tuple[Session, Keyring]]]


def add(verbs: Any, registry: Registry) -> None:
    handing = verbs.add_parser("export", help="all that is kept of one person, as JSON")
    handing.add_argument("--phone", required=True, help="their number; - reads it from standard input")
    handing.add_argument("file", type=Path, help="where to write it (for its owner's eyes only)")
    handing.set_defaults(call=hand_over, registry=registry)
    wiping = verbs.add_parser(
        "erase", help="wipe what is kept of one person: a report first, --write does it"
    )
    wiping.add_argument("--phone", required=True, help="their number; - reads it from standard input")
    wiping.add_argument("--write", action="store_true", help="wipe it: there is no way back")
    wiping.set_defaults(call=wipe, registry=registry)
    keys = verbs.add_parser(
        "rekey", help="seal everything under the newest key; stopped, it goes on where it was"
    )
    keys.add_argument(
        "--new-key", action="store_true", help="add a key first; restart the server before going on"
    )
    keys.add_argument(
        "--retire", action="store_true", help="take old keys out of the file once nothing needs them"
    )
    keys.set_defaults(call=rekey)


def hand_over(chosen: argparse.Namespace) -> int:
    now = WallClock().now()
    with chosen.registry() as (session, keyring):
        kept = _found(session, keyring, chosen.phone)
        body = json.dumps(export(session, keyring, kept), ensure_ascii=False, indent=1)
        looked(session, kept, "person.exported", ACTOR, now)
    try:
        handle = os.open(chosen.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise ConfigError(f"{chosen.file}: cannot be written ({error.strerror})") from error
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(body)
    print(f"{len(kept.owned)} ช่องทาง {len(kept.replies)} คำตอบ → {chosen.file}")
    print(f"{len(kept.owned)} addresses, {len(kept.replies)} answers → {chosen.file}")
    return 0


def wipe(chosen: argparse.Namespace) -> int:
    now = WallClock().now()
    with chosen.registry() as (session, keyring):
        kept = _found(session, keyring, chosen.phone)
        counts = {"addresses": len(kept.owned), "answers": len(kept.replies), "callers": len(kept.callers)}
        if chosen.write:
            counts = erase(session, keyring, kept, ACTOR, now)
    print(", ".join(f"{what}: {n}" for what, n in counts.items()))
    if chosen.write:
        print("ลบแล้ว บันทึกการส่งเหลือแต่รหัสที่ไม่ชี้ถึงใคร / wiped; the ledger keeps ids that lead to nobody")
    else:
        print("ยังไม่ได้ลบ ใส่ --write เพื่อลบ / nothing was wiped yet: add --write to do it")
    return 0


def rekey(chosen: argparse.Namespace) -> int:
    """0: nothing is left under an old key."""
    file = var_folder() / "keys" / "keyring.json"
    if chosen.new_key:
        number = add_key(file)
        print(f"เพิ่มกุญแจ {number} แล้ว เริ่มเซิร์ฟเวอร์ใหม่ก่อน แล้วสั่ง raksa people rekey")
        print(f"key {number} added. Back the file up, restart the server, then run: raksa people rekey")
        return 0
    keyring = Keyring.load(file)
    newest = max(keyring.keys)
    url = os.environ.get("DATABASE_URL") or running_url(var_folder())
    with open_database(var_folder(), url) as database:
        done: dict[str, int] = {}
        for table, rows in reseal(database, keyring):
            done[table] = done.get(table, 0) + rows
        with database.session() as session:
            remaining, used = left(session, keyring), keys_in_use(session)
            record(
                session,
                "people.rekeyed",
                "keyring",
                newest,
                {"rows": sum(done.values())},
                WallClock().now(),
                ACTOR,
            )
    print(", ".join(f"{table}: {rows}" for table, rows in done.items()) or "ไม่มีอะไรต้องทำ / nothing to do")
    if remaining:
        print(f"เหลือ / left: {remaining}")
        return 1
    if chosen.retire:
        if used - {newest}:
            raise NotAllowed(f"ยังมีข้อมูลใต้กุญแจเก่า (rows still need the keys {sorted(used - {newest})})")
        gone = drop_keys(file)
        print(
            f"เอากุญแจเก่าออก {gone} / old keys taken out: {gone}. Keep their backup as long as old database backups."
        )
    return 0


def _found(session: Session, keyring: Keyring, phone: str) -> Kept:
    kept = kept_of(session, keyring, sys.stdin.readline() if phone == "-" else phone)
    if kept.nothing:
        raise NotAllowed("ไม่มีข้อมูลของเบอร์นี้ (nothing is kept of this number)")
    return kept
