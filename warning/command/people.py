"""`raksa people`: the contact sheet out and in, and lists of households. A file is read dry first; `--write` takes it."""

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmodel import Session

from geo.errors import ConfigError, NotAllowed
from geo.gazetteer import gazetteer
from geo.household_file import read_households
from geo.household_import import Grounds, import_households
from geo.institution_file import read_institutions
from geo.institution_import import import_institutions
from geo.people import LegalBasis
from geo.roster import known_rows
from geo.roster_import import Kind, import_contacts
from geo.sealed import Keyring
from geo.sheet import Remark, SheetUnreadable
from geo.sheet_read import read_sheet
from geo.sheet_write import write_sheet
from geo.when import bangkok
from warning.audit import record
from warning.clock import WallClock
from warning.command import people_data
from warning.opening import open_database, var_folder
from warning.store.running_server import running_url

MOST_SHOWN = 40
ACTOR = "command line"


def add(parsers: Any) -> None:
    verbs = parsers.add_parser("people", help="village contacts and households").add_subparsers(
        dest="verb", required=True
    )
    sheet = verbs.add_parser("sheet", help="write the contact sheet of all villages (XLSX) as far as known")
    sheet.add_argument("file", type=Path)
    sheet.set_defaults(call=write)
    taking = verbs.add_parser(
        "import", help="read a filled-in contact sheet: a report first, --write to take it"
    )
    taking.add_argument("file", type=Path)
    taking.add_argument("--write", action="store_true", help="take the good rows into the registry")
    taking.set_defaults(call=take_contacts)
    homes = verbs.add_parser("households", help="read a list of residents (CSV, XLSX); --write to take it")
    homes.add_argument("file", type=Path)
    homes.add_argument("--write", action="store_true", help="take the good rows into the registry")
    homes.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="their heading for a field of ours",
    )
    homes.add_argument("--source", default="list", help="where the list is from")
    homes.add_argument("--basis", choices=[basis.value for basis in LegalBasis], help="why it may be kept")
    homes.set_defaults(call=take_households)
    houses = verbs.add_parser(
        "institutions", help="read a list of institutions (CSV, XLSX); --write to take it"
    )
    houses.add_argument("file", type=Path)
    houses.add_argument("--write", action="store_true", help="take the good rows into the registry")
    houses.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="their heading for a field of ours",
    )
    houses.set_defaults(call=take_institutions)
    people_data.add(verbs, _registry)


@contextmanager
def _registry() -> Iterator[tuple[Session, Keyring]]:
    keyring = Keyring.load(var_folder() / "keys" / "keyring.json")
    url = os.environ.get("DATABASE_URL") or running_url(var_folder())
    with (
        open_database(var_folder(), url) as database,
        database.session() as session,
    ):
        yield session, keyring


def write(chosen: argparse.Namespace) -> int:
    """The sheet holds names and numbers of people: it is made for its owner's eyes only, and noted in the trail."""
    if chosen.file.suffix.lower() != ".xlsx":
        raise ConfigError(f"{chosen.file}: the sheet is an Excel file; give a name that ends in .xlsx")
    villages = list(gazetteer().villages.values())
    with _registry() as (session, keyring):
        known = known_rows(session, keyring)
        record(session, "read", "contacts", "all", {"villages": len(known)}, WallClock().now(), ACTOR)
    try:
        handle = os.open(chosen.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise ConfigError(f"{chosen.file}: cannot be written ({error.strerror})") from error
    with os.fdopen(handle, "wb") as out:
        os.fchmod(out.fileno(), 0o600)
        write_sheet(out, villages, known)
    print(f"{len(villages)} หมู่บ้าน กรอกแล้ว {len(known)} → {chosen.file}")
    print(f"{len(villages)} villages, {len(known)} with something known → {chosen.file}")
    return 0


def take_contacts(chosen: argparse.Namespace) -> int:
    """0: every row was understood; 1: some were not (the good ones are taken all the same with --write)."""
    now = WallClock().now()
    try:
        report = read_sheet(_there(chosen.file), bangkok(now).date())
    except SheetUnreadable as error:
        raise NotAllowed(f"{chosen.file}: {error}") from error
    with _registry() as (session, keyring):
        result = import_contacts(session, keyring, report.good, now, dry_run=not chosen.write)
        if chosen.write:
            counted = {kind.value: n for kind, n in result.counts.items()}
            record(session, "import", "contacts", "sheet", counted, now, ACTOR)
    print(
        f"อ่านได้ {len(report.good)} หมู่บ้าน อ่านไม่ได้ {len(report.bad)} แถว ยังว่าง {report.empty} / "
        f"{len(report.good)} villages read, {len(report.bad)} bad rows, {report.empty} still empty"
    )
    print(
        f"เพิ่ม {result.counts[Kind.ADDED]} เปลี่ยน {result.counts[Kind.CHANGED]} เอาออก {result.counts[Kind.REMOVED]} / "
        f"added {result.counts[Kind.ADDED]}, changed {result.counts[Kind.CHANGED]}, removed {result.counts[Kind.REMOVED]}, "
        f"as before {result.counts[Kind.UNCHANGED]}"
    )
    return _remarks(report.bad, report.notes, written=chosen.write)


def take_households(chosen: argparse.Namespace) -> int:
    """0: every row was understood; 1: some were not (the good ones are taken all the same with --write)."""
    fields = _fields(chosen.field)
    try:
        report = read_households(_there(chosen.file), fields)
    except SheetUnreadable as error:
        raise NotAllowed(f"{chosen.file}: {error}") from error
    now = WallClock().now()
    basis = LegalBasis(chosen.basis) if chosen.basis else None
    asked = (now, ACTOR) if basis is LegalBasis.CONSENT else (None, None)
    with _registry() as (session, keyring):
        grounds = Grounds(chosen.source, None, basis, *asked)
        counts = import_households(session, keyring, report.good, not chosen.write, grounds)
        if chosen.write:
            record(session, "import", "households", "list", dict(counts), WallClock().now(), ACTOR)
    print(
        f"อ่านได้ {len(report.good)} แถว อ่านไม่ได้ {len(report.bad)} แถว / "
        f"{len(report.good)} rows read, {len(report.bad)} bad rows"
    )
    print(f"  {', '.join(f'{what}: {n}' for what, n in sorted(counts.items()))}")
    return _remarks(report.bad, report.notes, written=chosen.write)


def take_institutions(chosen: argparse.Namespace) -> int:
    """0: every row was understood; 1: some were not (the good ones are taken all the same with --write)."""
    now = WallClock().now()
    try:
        report = read_institutions(_there(chosen.file), bangkok(now).date(), _fields(chosen.field))
    except SheetUnreadable as error:
        raise NotAllowed(f"{chosen.file}: {error}") from error
    with _registry() as (session, keyring):
        counts = import_institutions(session, keyring, report.good, now, dry_run=not chosen.write)
        if chosen.write:
            record(session, "import", "institutions", "list", dict(counts), now, ACTOR)
    print(
        f"อ่านได้ {len(report.good)} แถว อ่านไม่ได้ {len(report.bad)} แถว / "
        f"{len(report.good)} rows read, {len(report.bad)} bad rows"
    )
    print(f"  {', '.join(f'{what}: {n}' for what, n in sorted(counts.items()))}")
    return _remarks(report.bad, report.notes, written=chosen.write)


def _fields(pairs: Sequence[str]) -> dict[str, str]:
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise ConfigError(f"--field {wrong[0]}: write it as OURS=THEIRS, such as phone=เบอร์ติดต่อ")
    return dict(pair.split("=", 1) for pair in pairs)


def _there(file: Path) -> Path:
    if not file.is_file():
        raise ConfigError(f"{file}: there is no such file")
    return file


def _remarks(bad: Sequence[Remark], notes: Sequence[Remark], *, written: bool) -> int:
    for title, remarks in (("ไม่รับ / not taken", bad), ("รับแล้ว โปรดดู / taken, but look", notes)):
        if remarks:
            print(f"{title} ({len(remarks)}):")
        for remark in remarks[:MOST_SHOWN]:
            shown = f" «{remark.value}»" if remark.value else ""
            print(f"  {remark.row} {remark.column}{shown}: {remark.why_th} / {remark.why_en}")
        if len(remarks) > MOST_SHOWN:
            print(f"  ... {len(remarks) - MOST_SHOWN}")
    if not written:
        print("ยังไม่ได้เขียนลงทะเบียน ใส่ --write เพื่อบันทึก / nothing was written yet: add --write to take it")
    return int(bool(bad))
