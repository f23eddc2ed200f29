"""`raksa audit`: is the trail whole, and a copy of it for an auditor."""

import argparse
import os
from datetime import UTC
from pathlib import Path
from typing import Any

from sqlmodel import Session

from geo.errors import ConfigError
from warning.audit import adoptions, entries, head, line_of, verify
from warning.audited import differences
from warning.opening import open_database, var_folder


def add(parsers: Any) -> None:
    verbs = parsers.add_parser("audit", help="the audit trail").add_subparsers(dest="verb", required=True)
    check = verbs.add_parser(
        "verify", help="exit 0: the chain and the rows it speaks of are whole; 1: they are not"
    )
    check.add_argument(
        "--head", metavar="SEQ:HASH", help="a head printed earlier, which must still stand on the chain"
    )
    check.set_defaults(call=verify_trail)
    export = verbs.add_parser("export", help="all entries as JSON lines")
    export.add_argument("file", type=Path)
    export.set_defaults(call=export_trail)


def verify_trail(chosen: argparse.Namespace) -> int:
    known = _head(chosen.head) if chosen.head else None
    with (
        open_database(var_folder(), os.environ.get("DATABASE_URL")) as database,
        Session(database.engine) as session,
    ):
        verdict = verify(session, known)
        if not verdict.ok:
            print(f"เสีย / BROKEN: {verdict.why}")
            return 1
        changed = differences(session)
        for difference in changed[:20]:
            print(difference)
        seq, newest = head(session)
        adopted = adoptions(session)
    for at, rows in adopted:
        print(
            f"older than their trail: {rows} rows; it vouches for them since {at.astimezone(UTC).isoformat()}"
        )
    print(f"{verdict.entries} entries, head {seq}:{newest}")
    if changed:
        print(f"เสีย / BROKEN: {len(changed)} rows are not what the trail says")
    return int(bool(changed))


def _head(given: str) -> tuple[int, str]:
    seq, _, newest = given.partition(":")
    if not seq.isdecimal() or len(newest) != 64:
        raise ConfigError(f"--head {given}: write it as it was printed, SEQ:HASH")
    return int(seq), newest


def export_trail(chosen: argparse.Namespace) -> int:
    written = 0
    try:
        file = chosen.file.open("w", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{chosen.file}: cannot be written ({error.strerror})") from error
    with (
        file as out,
        open_database(var_folder(), os.environ.get("DATABASE_URL")) as database,
        Session(database.engine) as session,
    ):
        for entry in entries(session):
            out.write(line_of(entry) + "\n")
            written += 1
    print(f"{written} entries -> {chosen.file}")
    return 0
