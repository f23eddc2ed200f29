"""A list looked at before it is taken: which column is what, what is good, what is refused and why, what stands there twice.

Looking is a dry run of the very import: it stores nothing. Taking runs it, is noted in the trail, and the upload is gone.
"""

import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from openpyxl.utils import get_column_letter
from sqlmodel import Session

from geo.duplicates import Twins, household_twins, institution_twins
from geo.errors import NotAllowed
from geo.household_file import FORM as HOUSEHOLD_FORM
from geo.household_file import PersonRow, read_households
from geo.household_import import Grounds, import_households
from geo.institution_file import FORM as INSTITUTION_FORM
from geo.institution_file import InstitutionRow, read_institutions
from geo.institution_import import import_institutions
from geo.list_file import ListForm, find_columns, likely_headings, open_list
from geo.people import LegalBasis
from geo.roster_import import import_contacts
from geo.sealed import Keyring
from geo.sheet import COLUMNS, Remark, SheetUnreadable, VillageRow
from geo.sheet_heads import sheet_headings
from geo.sheet_read import read_sheet
from geo.when import bangkok
from warning.audit import record
from warning.people_upload import PeopleUpload

FORMS: dict[str, ListForm] = {"households": HOUSEHOLD_FORM, "institutions": INSTITUTION_FORM}
_OUTSIDE = ("อยู่นอกพื้นที่ที่ท่านดูแล", "outside the area you look after")
Sees = Callable[[str], bool]
Row = PersonRow | InstitutionRow | VillageRow


class Column(NamedTuple):
    """One column of theirs: `#3`, and what it is called (`C รหัสหมู่บ้าน`)."""

    place: str
    words: str


@dataclass(frozen=True)
class Looked:
    """`fields`: our field -> the column it is read from, "" for none. `rows`: by number, what a twin is shown by."""

    what: str
    columns: tuple[Column, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    good: int = 0
    bad: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    twins: tuple[Twins, ...] = ()
    rows: Mapping[int, Row] = field(default_factory=dict, repr=False)
    problem: str = ""  # `ไทย (English)`: why the whole list cannot be read


def look(session: Session, keyring: Keyring, upload: PeopleUpload, now: datetime, sees: Sees) -> Looked:
    """sees: may the officer see this village? Rows of others are refused. now: aware UTC."""
    body = keyring.open_bytes(upload.body_sealed)
    columns, fields = _columns(upload.what, body, upload.fields)
    needed = FORMS[upload.what].needed if upload.what in FORMS else ("village_code",)
    try:
        rows, bad, notes = _read(upload, body, now, sees)
    except SheetUnreadable as error:
        problem = f"{error.why_th} ({error.why_en})"
        return Looked(upload.what, columns, fields, needed, problem=problem)
    twins: list[Twins] = []
    numbered: dict[int, Row] = {row.row: row for row in rows if not isinstance(row, VillageRow)}
    people = [row for row in rows if isinstance(row, PersonRow)]
    houses = [row for row in rows if isinstance(row, InstitutionRow)]
    twins += household_twins(session, keyring, people) + institution_twins(session, keyring, houses)
    kept = _without(rows, upload.skip)
    counts = _write(session, keyring, upload, kept, now, dry_run=True)
    return Looked(
        upload.what,
        columns,
        fields,
        needed,
        len(kept),
        tuple(bad),
        tuple(notes),
        counts,
        tuple(twins),
        numbered,
    )


def take(
    session: Session, keyring: Keyring, upload: PeopleUpload, now: datetime, sees: Sees
) -> Mapping[str, int]:
    """Write the good rows and forget the upload; returns what was new, changed or there. Raises NotAllowed."""
    body = keyring.open_bytes(upload.body_sealed)
    try:
        rows, bad, _ = _read(upload, body, now, sees)
    except SheetUnreadable as error:
        raise NotAllowed(f"{error.why_th} ({error.why_en})") from error
    counts = _write(session, keyring, upload, _without(rows, upload.skip), now, dry_run=False)
    data = dict(counts) | {
        "refused": len(bad),
        "left_out": len(upload.skip),
        "basis": upload.about.get("legal_basis", ""),
    }
    record(session, "people.imported", upload.what, upload.id, data, now, str(upload.user_id))
    session.delete(upload)
    return counts


def _without(rows: Sequence[Row], skip: Sequence[int]) -> list[Row]:
    left_out = set(skip)
    return [row for row in rows if isinstance(row, VillageRow) or row.row not in left_out]


def _columns(what: str, body: bytes, fields: Mapping[str, str]) -> tuple[tuple[Column, ...], dict[str, str]]:
    try:
        if what == "contacts":
            heads = sheet_headings(io.BytesIO(body), fields)
            places, headings = heads if heads else ({}, ())
            ours = [c.key for c in COLUMNS if c.key not in ("amphoe", "tambon", "moo", "village", "homes")]
        else:
            form = FORMS[what]
            grid = open_list(body)
            ours = list(form.patterns)
            try:
                found = find_columns(grid, form, fields)
                places, headings = found.at, found.headings
            except SheetUnreadable:
                places, headings = {}, likely_headings(grid)
    except SheetUnreadable:
        return (), {}
    named = tuple(
        Column(f"#{n + 1}", f"{get_column_letter(n + 1)} {text}".strip()) for n, text in enumerate(headings)
    )
    return named, {key: f"#{places[key] + 1}" if key in places else "" for key in ours}


def _read(
    upload: PeopleUpload, body: bytes, now: datetime, sees: Sees
) -> tuple[list[Row], list[Remark], list[Remark]]:
    source, today = io.BytesIO(body), bangkok(now).date()
    rows: Sequence[Row]
    if upload.what == "contacts":
        sheet = read_sheet(source, today, fields=upload.fields)
        rows, bad, notes = sheet.good, sheet.bad, sheet.notes
    elif upload.what == "institutions":
        houses = read_institutions(source, today, upload.fields)
        rows, bad, notes = houses.good, houses.bad, houses.notes
    else:
        homes = read_households(source, upload.fields)
        rows, bad, notes = homes.good, homes.bad, homes.notes
    seen: list[Row] = []
    refused = list(bad)
    for row in rows:
        code, number = (row.code, 0) if isinstance(row, VillageRow) else (row.village_code, row.row)
        if sees(code):
            seen.append(row)
        else:
            refused.append(Remark(number, "village_code", code, *_OUTSIDE))
    return seen, refused, notes


def _write(
    session: Session,
    keyring: Keyring,
    upload: PeopleUpload,
    rows: Sequence[Row],
    now: datetime,
    *,
    dry_run: bool,
) -> Mapping[str, int]:
    about = upload.about
    source = about.get("source") or upload.what
    if upload.what == "contacts":
        villages = [row for row in rows if isinstance(row, VillageRow)]
        report = import_contacts(session, keyring, villages, now, dry_run, source)
        return Counter({kind.value: n for kind, n in report.counts.items()})
    if upload.what == "institutions":
        houses = [row for row in rows if isinstance(row, InstitutionRow)]
        return import_institutions(session, keyring, houses, now, dry_run, source)
    basis = LegalBasis(about["legal_basis"]) if about.get("legal_basis") else None
    asked = basis is LegalBasis.CONSENT
    grounds = Grounds(
        source, date.fromisoformat(about["told_on"]) if about.get("told_on") else None, basis,
        now if asked else None, str(upload.user_id) if asked else None,
    )  # fmt: skip
    people = [row for row in rows if isinstance(row, PersonRow)]
    return import_households(session, keyring, people, dry_run, grounds)
