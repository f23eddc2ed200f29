"""Households and residents into the registry: sealed, hashed, twice is once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, SQLModel, col, select

from geo.household_file import PersonRow
from geo.names import id_for
from geo.needs import OF_VULNERABILITY
from geo.people import (
    Address,
    AddressKind,
    Audience,
    Household,
    LegalBasis,
    Need,
    NeedKind,
    Resident,
    Whose,
)
from geo.people_roll import Roll, address_id
from geo.sealed import Keyring

_ROWS_A_STATEMENT = 1000
_FILLED = ("lat", "lon", "told_on", "lang", "legal_basis", "consent_at", "consent_by")


def household_id(keyring: Keyring, village_code: str, house_no: str, kitchen: int) -> UUID:
    """Made from the keyed hash of the house number: a plain one could be guessed, there are so few."""
    return id_for("household", village_code, keyring.fingerprint(f"house {house_no}"), kitchen)


@dataclass(frozen=True)
class Grounds:
    """Where a list is from, the day it was so, and why the office may keep it; `consent_*` only where people were asked."""

    source: str = "list"
    told_on: date | None = None
    legal_basis: LegalBasis | None = None
    consent_at: datetime | None = None  # aware UTC
    consent_by: str | None = None  # a user's id


LIST = Grounds()


def import_households(
    session: Session,
    keyring: Keyring,
    rows: Iterable[PersonRow],
    dry_run: bool = False,
    grounds: Grounds = LIST,
) -> Counter[str]:
    """Add what the registry does not have; count households, residents and addresses, new or there before.

    A household's people and vulnerable are counted from this file, or are the heads it tells. Nobody is taken out: a list may
    be of one tambon only. One phone in one household is one address, whoever's it is. The caller commits.
    """
    homes: dict[UUID, list[PersonRow]] = defaultdict(list)
    for row in rows:
        homes[household_id(keyring, row.village_code, row.house_no, row.kitchen)].append(row)
    roll = Roll(session)
    counts: Counter[str] = Counter()
    household_rows, resident_rows, address_rows = [], [], []
    need_rows: dict[UUID, dict[str, Any]] = {}
    there, wiped = _there(session, list(homes))
    for home, people in homes.items():
        first = people[0]
        household_rows.append(_household(keyring, home, people, grounds))
        counts["households there" if home in there else "households new"] += 1
        seen: set[UUID] = set()
        addressed: set[tuple[AddressKind, str]] = set()
        for person in people:
            who = next(
                filter(
                    None,
                    (person.name, person.phone, person.line_id, person.neighbour_phone, person.child_phone),
                ),
                None,
            )
            for kind in _needs(person):
                need = id_for("need", home, kind)
                need_rows.setdefault(
                    need,
                    {
                        "id": need,
                        "household_id": home,
                        "resident_id": None,
                        "kind": kind,
                        "source": grounds.source,
                        "noted_on": grounds.told_on,
                        "ended_on": None,
                    },
                )
            if who is None:
                continue
            resident = id_for("resident", home, keyring.fingerprint(who))
            if resident in seen:
                counts["doubled"] += 1
                continue
            seen.add(resident)
            counts["residents there" if resident in there else "residents new"] += 1
            resident_rows.append({
                "id": resident, "household_id": home, "name_sealed": keyring.seal(person.name),
                "vulnerability": person.vulnerability,
                "vulnerability_source": grounds.source if person.vulnerability else None,
                "vulnerability_on": grounds.told_on if person.vulnerability else None,
            })  # fmt: skip
            for way, value, whose in _ways(person):
                if value is None or (way, value) in addressed:
                    continue
                addressed.add((way, value))
                address = address_id(keyring, resident, way, value)
                if address in there:
                    counts["addresses there"] += 1
                    continue
                counts["addresses new"] += 1
                tambon = first.village_code[:6]
                address_rows.append({
                    "id": address, "audience": Audience.RESIDENT, "kind": way, "tambon_code": tambon,
                    "village_code": first.village_code, "nth": roll.place(Audience.RESIDENT, way, tambon),
                    "owner_id": resident, "household_id": home, "sealed": keyring.seal(value),
                    "hash": keyring.fingerprint(value), "verified_on": None, "active": True,
                    "lang": person.lang, "whose": whose,
                })  # fmt: skip
    if not dry_run:
        _insert(session, Household, household_rows, update=("people", "vulnerable", "source"), fills=_FILLED)
        back = [row for row in resident_rows if row["id"] in wiped]
        _insert(session, Resident, back, update=("name_sealed",))
        _insert(
            session,
            Resident,
            resident_rows,
            update=("vulnerability", "vulnerability_source", "vulnerability_on"),
        )
        _insert(session, Address, address_rows, update=("sealed", "hash", "active", "lang", "whose"))
        _insert(session, Need, list(need_rows.values()), update=("source", "noted_on", "ended_on"))
    return counts


def _needs(person: PersonRow) -> tuple[NeedKind, ...]:
    """What the list says, and what a word for being vulnerable asks of a team."""
    return (
        (*person.needs, *OF_VULNERABILITY.get(person.vulnerability, ()))
        if person.vulnerability
        else person.needs
    )


def _ways(person: PersonRow) -> tuple[tuple[AddressKind, str | None, Whose | None], ...]:
    return (
        (AddressKind.SMS, person.phone, None), (AddressKind.LINE, person.line_id, None),
        (AddressKind.SMS, person.neighbour_phone, Whose.NEIGHBOUR),
        (AddressKind.SMS, person.child_phone, Whose.CHILD_ELSEWHERE),
    )  # fmt: skip


def _household(keyring: Keyring, home: UUID, people: Sequence[PersonRow], grounds: Grounds) -> dict[str, Any]:
    first = people[0]
    placed = next((row for row in people if row.lat is not None and row.lon is not None), None)
    told = [row.heads for row in people if row.heads is not None]
    return {
        "id": home, "village_code": first.village_code, "house_no_sealed": keyring.seal(first.house_no),
        "people": max([len({_who(row) for row in people}), *told]),
        "vulnerable": len({_who(row) for row in people if row.vulnerability is not None}),
        "lat": placed.lat if placed else None, "lon": placed.lon if placed else None, "source": grounds.source,
        "told_on": grounds.told_on, "lang": next((row.lang for row in people if row.lang), None),
        "legal_basis": grounds.legal_basis.value if grounds.legal_basis else None,
        "consent_at": grounds.consent_at, "consent_by": grounds.consent_by,
    }  # fmt: skip


def _who(row: PersonRow) -> tuple[str | int, ...]:
    """One person, told twice or not; of people without a name or an address each row is one."""
    return (
        (row.name, row.phone or "", row.line_id or "") if row.name or row.phone or row.line_id else (row.row,)
    )


def _there(session: Session, homes: Sequence[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Ids of the households, residents and addresses that the registry has already of these homes; and the residents and
    addresses of it that were wiped, which a list brings back."""
    found: set[UUID] = set()
    wiped: set[UUID] = set()
    for start in range(0, len(homes), _ROWS_A_STATEMENT):
        some = homes[start : start + _ROWS_A_STATEMENT]
        found.update(session.exec(select(Household.id).where(col(Household.id).in_(some))))
        found.update(session.exec(select(Resident.id).where(col(Resident.household_id).in_(some))))
        found.update(session.exec(select(Address.id).where(col(Address.household_id).in_(some))))
        gone = select(Address.id, Address.owner_id, Address.whose).where(
            col(Address.household_id).in_(some), Address.hash == ""
        )
        for address, owner, whose in session.exec(gone):
            wiped |= {address} if whose else {address, owner}  # a neighbour's number is not the owner's own
    return found - wiped, wiped


def _insert(
    session: Session,
    model: type[SQLModel],
    rows: Sequence[dict[str, Any]],
    update: Sequence[str],
    fills: Sequence[str] = (),
) -> None:
    """fills: columns that change only where the new row says something. A house number is set where there is none."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        statement = insert(table).values(list(rows[start : start + _ROWS_A_STATEMENT]))
        if update:
            new = {name: statement.excluded[name] for name in update} | {
                name: func.coalesce(statement.excluded[name], table.c[name]) for name in fills
            }
            if model is Household:
                new["house_no_sealed"] = func.coalesce(
                    table.c.house_no_sealed, statement.excluded.house_no_sealed
                )
            session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=new))
        else:
            session.execute(statement.on_conflict_do_nothing())
