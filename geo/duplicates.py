"""What in a list looks like one thing twice: shown side by side to whoever takes the list in, never merged by itself."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple, TypeVar

from sqlmodel import Session, col, select

from geo.household_file import PersonRow
from geo.household_import import household_id
from geo.institution import Institution
from geo.institution_file import InstitutionRow
from geo.institution_import import institution_id
from geo.people import Address
from geo.sealed import Keyring

ALIKE = 0.85  # of two names' letters: a typing error, not another house; our own choice
_AT_ONCE = 1000
Row = TypeVar("Row", PersonRow, InstitutionRow)


class TwinKind(StrEnum):
    PHONE_IN_TWO_HOMES = "phone_in_two_homes"
    HOUSE_TWICE = "house_twice"  # one number, written in two ways
    NAME_TWICE = "name_twice"  # in one village
    KNOWN_ELSEWHERE = "known_elsewhere"  # the registry has this telephone at another home


class Twins(NamedTuple):
    """Rows of the list (from 1) that look alike, and the village of what the registry has of them."""

    kind: TwinKind
    rows: tuple[int, ...]
    villages: tuple[str, ...] = ()


def household_twins(session: Session, keyring: Keyring, rows: Sequence[PersonRow]) -> list[Twins]:
    """Telephones in two homes, one house written in two ways, one name in two homes of a village, telephones the registry has
    at another home. A number of the registry is found by its keyed hash; nothing sealed is opened."""
    found = _twice(TwinKind.PHONE_IN_TWO_HOMES, rows, lambda row: row.phone, _home)
    found += _twice(
        TwinKind.HOUSE_TWICE, rows,
        lambda row: (row.village_code, plain_house_no(row.house_no), row.kitchen), lambda row: row.house_no,
    )  # fmt: skip
    found += _twice(
        TwinKind.NAME_TWICE, rows, lambda row: (row.village_code, row.name) if row.name else None, _home
    )
    homes = {
        row.row: household_id(keyring, row.village_code, row.house_no, row.kitchen)
        for row in rows
        if row.phone
    }
    by_hash: dict[str, list[PersonRow]] = defaultdict(list)
    for row in rows:
        if row.phone:
            by_hash[keyring.fingerprint(row.phone)].append(row)
    for address in _known(session, list(by_hash)):
        elsewhere = [r.row for r in by_hash[address.hash]]
        # A home that is in the list itself stands beside the others already.
        if address.household_id and address.household_id not in {homes[row] for row in elsewhere}:
            found.append(Twins(TwinKind.KNOWN_ELSEWHERE, tuple(elsewhere), (address.village_code,)))
    return found


def institution_twins(session: Session, keyring: Keyring, rows: Sequence[InstitutionRow]) -> list[Twins]:
    """Names nearly alike in a village, in the list or in the registry, and telephones of two houses."""
    found = [
        Twins(TwinKind.PHONE_IN_TWO_HOMES, tuple(sorted(r)))
        for r in _holders(rows).values() if len(r) > 1
    ]  # fmt: skip
    there: dict[str, list[Institution]] = defaultdict(list)
    codes = {row.village_code for row in rows}
    for house in session.exec(select(Institution).where(col(Institution.village_code).in_(codes))):
        there[house.village_code].append(house)
    here: dict[str, list[InstitutionRow]] = defaultdict(list)
    for row in rows:
        own = institution_id(row.village_code, row.name)
        alike = [r.row for r in here[row.village_code] if _alike(r.name, row.name)]
        if alike:
            found.append(Twins(TwinKind.NAME_TWICE, (*alike, row.row)))
        if any(h.id != own and _alike(h.name, row.name) for h in there[row.village_code]):
            found.append(Twins(TwinKind.KNOWN_ELSEWHERE, (row.row,), (row.village_code,)))
        here[row.village_code].append(row)
    return found


def plain_house_no(written: str) -> str:
    """`12 / 3`, `12-3` and `12/3 ม.4` are one number: the digits and what parts them, without the village's."""
    text = re.sub(r"(หมู่(ที่)?|ม\.|moo)\s*\d+", "", written, flags=re.IGNORECASE)
    return re.sub(r"[\s/\\-]+", "/", text.strip()).strip("/").casefold()


def _home(row: PersonRow) -> tuple[str, str, int]:
    return row.village_code, plain_house_no(row.house_no), row.kitchen


def _twice(
    kind: TwinKind, rows: Iterable[Row], key: Callable[[Row], Hashable], differs: Callable[[Row], Hashable]
) -> list[Twins]:
    """Rows of one key that stand for different things."""
    by_key: dict[Hashable, dict[Hashable, int]] = defaultdict(dict)
    for row in rows:
        if (about := key(row)) is not None:
            by_key[about].setdefault(differs(row), row.row)
    return [Twins(kind, tuple(sorted(of.values()))) for of in by_key.values() if len(of) > 1]


def _holders(rows: Iterable[InstitutionRow]) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for phone in row.phones:
            found[phone].add(row.row)
    return found


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, "".join(one.split()), "".join(other.split())).ratio() >= ALIKE


def _known(session: Session, hashes: Sequence[str]) -> Iterable[Address]:
    for start in range(0, len(hashes), _AT_ONCE):
        some = hashes[start : start + _AT_ONCE]
        yield from session.exec(select(Address).where(col(Address.hash).in_(some), col(Address.active)))
