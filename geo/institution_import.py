"""Institutions into the registry: twice is once, an empty cell deletes nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from geo.institution import Institution
from geo.institution_file import InstitutionRow
from geo.names import id_for
from geo.people import Address, AddressKind, Audience
from geo.people_roll import Roll, address_id, given_again
from geo.sealed import Keyring

_FIELDS = ("kind", "lead_minutes", "heads_day", "heads_night", "lang", "verified_on", "lat", "lon")


def institution_id(village_code: str, name: str) -> UUID:
    """The same name in the same village is the same house; blanks and letter case do not count."""
    return id_for("institution", village_code, "".join(name.split()).casefold())


def import_institutions(
    session: Session,
    keyring: Keyring,
    rows: Iterable[InstitutionRow],
    now: datetime,
    dry_run: bool = False,
    source: str = "list",
) -> Counter[str]:
    """Count institutions and addresses, new, changed or there before. Nobody is taken out: a list may be of one kind only.

    Numbers given replace the numbers there were; none given keep them. now: aware UTC. The caller commits.
    """
    attempt = session.begin_nested()
    counts: Counter[str] = Counter()
    roll = Roll(session)
    wanted = {institution_id(row.village_code, row.name): row for row in rows}
    there = _institutions(session, list(wanted))
    addresses = _addresses(session, list(wanted))
    for key, row in wanted.items():
        found = there.get(key)
        changed = found is None
        if found is None:
            found = Institution(
                id=key,
                kind=row.kind,
                name=row.name,
                village_code=row.village_code,
                source=source,
                changed_at=now,
            )
            session.add(found)
        for name in _FIELDS:
            value = getattr(row, name)
            if value is not None and value != getattr(found, name):
                setattr(found, name, value)
                changed = True
        changed |= _sealed(keyring, found, "contact_sealed", row.contact)
        changed |= _sealed(keyring, found, "landline_sealed", row.landline or "")
        changed |= not found.active
        found.active = True
        for kind, values in (
            (AddressKind.SMS, row.phones),
            (AddressKind.LINE, (row.line_id,) if row.line_id else ()),
            (AddressKind.EMAIL, (row.email,) if row.email else ()),
            (AddressKind.WEBHOOK, (row.webhook,) if row.webhook else ()),
            (AddressKind.VOICE, (row.landline,) if row.landline else ()),
        ):
            if values:
                mine = addresses.setdefault(key, [])
                changed |= _reach(session, keyring, roll, found, mine, kind, values, row.verified_on)
        word = "new" if key not in there else "changed" if changed else "there"
        counts[f"institutions {word}"] += 1
        if changed:
            found.source, found.changed_at = source, now
    session.flush()
    if dry_run:
        attempt.rollback()
    else:
        attempt.commit()
    return counts


def stand_down(session: Session, keyring: Keyring, found: Institution, now: datetime) -> None:
    """It is no more, or will not be told any more: its numbers fall silent, what was sent to it stays in the ledger."""
    found.active, found.changed_at = False, now
    for address in _addresses(session, [found.id]).get(found.id, []):
        address.active = False


def _reach(
    session: Session, keyring: Keyring, roll: Roll, of: Institution, mine: list[Address], kind: AddressKind,
    values: Sequence[str], verified_on: date | None,
) -> bool:  # fmt: skip
    """Make these the house's active addresses of a kind; says whether that changed anything."""
    wanted = {address_id(keyring, of.id, kind, value): value for value in values}
    changed = False
    known = {address.id: address for address in mine if address.kind is kind}
    for key, address in known.items():
        if key in wanted:
            given_again(keyring, address, wanted[key])
        if address.active != (key in wanted):
            address.active, changed = key in wanted, True
        if key in wanted and verified_on and address.verified_on != verified_on:
            address.verified_on, changed = verified_on, True
    for key, value in wanted.items():
        if key in known:
            continue
        tambon = of.village_code[:6]
        made = Address(
            id=key, audience=Audience.INSTITUTION, kind=kind, tambon_code=tambon, village_code=of.village_code,
            nth=roll.place(Audience.INSTITUTION, kind, tambon), owner_id=of.id, sealed=keyring.seal(value),
            hash=keyring.fingerprint(value), verified_on=verified_on, lang=of.lang,
        )  # fmt: skip
        mine.append(made)
        session.add(made)
        changed = True
    return changed


def _sealed(keyring: Keyring, found: Institution, name: str, value: str) -> bool:
    before: bytes | None = getattr(found, name)
    if not value or (before is not None and keyring.open(before) == value):
        return False
    setattr(found, name, keyring.seal(value))
    return True


def _institutions(session: Session, ids: Sequence[UUID]) -> dict[UUID, Institution]:
    return {one.id: one for one in session.exec(select(Institution).where(col(Institution.id).in_(ids)))}


def _addresses(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Address]]:
    found: dict[UUID, list[Address]] = {}
    mine = select(Address).where(Address.audience == Audience.INSTITUTION, col(Address.owner_id).in_(ids))
    for address in session.exec(mine):
        found.setdefault(address.owner_id, []).append(address)
    return found
