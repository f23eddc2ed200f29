"""Households and residents into the registry: sealed, hashed, twice is once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, SQLModel, col, select

from geo.household_file import PersonRow
from geo.names import id_for
from geo.people import Address, AddressKind, Audience, Household, Resident
from geo.people_roll import Roll, address_id
from geo.sealed import Keyring

_ROWS_A_STATEMENT = 1000


def household_id(keyring: Keyring, village_code: str, house_no: str, kitchen: int) -> UUID:
    """Made from the keyed hash of the house number: a plain one could be guessed, there are so few."""
    return id_for("household", village_code, keyring.fingerprint(f"house {house_no}"), kitchen)


def import_households(
    session: Session, keyring: Keyring, rows: Iterable[PersonRow], dry_run: bool = False, source: str = "list"
) -> Counter[str]:
    """Add what the registry does not have; count households, residents and addresses, new or there before.

    A household's people and vulnerable are counted from this file. Nobody is taken out: a list may
    be of one tambon only. One phone in one household is one address, whoever's it is. The caller commits.
    """
    homes: dict[UUID, list[PersonRow]] = defaultdict(list)
    for row in rows:
        homes[household_id(keyring, row.village_code, row.house_no, row.kitchen)].append(row)
    roll = Roll(session)
    counts: Counter[str] = Counter()
    household_rows, resident_rows, address_rows = [], [], []
    there = _there(session, list(homes))
    for home, people in homes.items():
        first = people[0]
        household_rows.append(_household(keyring, home, people, source))
        counts["households there" if home in there else "households new"] += 1
        seen: set[UUID] = set()
        addressed: set[tuple[AddressKind, str]] = set()
        for person in people:
            who = person.name or person.phone or person.line_id
            if who is None or who == "":
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
            })  # fmt: skip
            for kind, value in ((AddressKind.SMS, person.phone), (AddressKind.LINE, person.line_id)):
                if value is None or (kind, value) in addressed:
                    continue
                addressed.add((kind, value))
                address = address_id(keyring, resident, kind, value)
                if address in there:
                    counts["addresses there"] += 1
                    continue
                counts["addresses new"] += 1
                tambon = first.village_code[:6]
                address_rows.append({
                    "id": address, "audience": Audience.RESIDENT, "kind": kind, "tambon_code": tambon,
                    "village_code": first.village_code, "nth": roll.place(Audience.RESIDENT, kind, tambon),
                    "owner_id": resident, "household_id": home, "sealed": keyring.seal(value),
                    "hash": keyring.fingerprint(value), "verified_on": None, "active": True,
                })  # fmt: skip
    if not dry_run:
        _insert(session, Household, household_rows, update=("people", "vulnerable", "lat", "lon", "source"))
        _insert(session, Resident, resident_rows, update=("vulnerability",))
        _insert(session, Address, address_rows, update=())
    return counts


def _household(keyring: Keyring, home: UUID, people: Sequence[PersonRow], source: str) -> dict[str, Any]:
    first = people[0]
    placed = next((row for row in people if row.lat is not None and row.lon is not None), None)
    return {
        "id": home, "village_code": first.village_code, "house_no_sealed": keyring.seal(first.house_no),
        "people": len({_who(row) for row in people}),
        "vulnerable": len({_who(row) for row in people if row.vulnerability is not None}),
        "lat": placed.lat if placed else None, "lon": placed.lon if placed else None, "source": source,
    }  # fmt: skip


def _who(row: PersonRow) -> tuple[str | int, ...]:
    """One person, told twice or not; of people without a name or an address each row is one."""
    return (
        (row.name, row.phone or "", row.line_id or "") if row.name or row.phone or row.line_id else (row.row,)
    )


def _there(session: Session, homes: Sequence[UUID]) -> set[UUID]:
    """Ids of the households, residents and addresses that the registry has already of these homes."""
    found: set[UUID] = set()
    for start in range(0, len(homes), _ROWS_A_STATEMENT):
        some = homes[start : start + _ROWS_A_STATEMENT]
        found.update(session.exec(select(Household.id).where(col(Household.id).in_(some))))
        found.update(session.exec(select(Resident.id).where(col(Resident.household_id).in_(some))))
        found.update(session.exec(select(Address.id).where(col(Address.household_id).in_(some))))
    return found


def _insert(
    session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]], update: Sequence[str]
) -> None:
    table: Table = model.__table__  # type: ignore[attr-defined]
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        statement = insert(table).values(list(rows[start : start + _ROWS_A_STATEMENT]))
        if update:
            new = {name: statement.excluded[name] for name in update}
            session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=new))
        else:
            session.execute(statement.on_conflict_do_nothing())
