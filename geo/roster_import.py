"""The contact sheet into the registry: twice is once, an empty cell deletes nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from geo.names import id_for
from geo.people import Address, AddressKind, Audience, Contact, Role, Tower, TowerKind
from geo.people_roll import Roll, address_id, given_again
from geo.phone import is_mobile
from geo.sealed import Keyring
from geo.sheet import NOBODY, Person, Slot, TowerEntry, VillageRow
from geo.when import utc


class Kind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


class Change(NamedTuple):
    """What happens to one slot or tower. Names fields only, never what stands in them: it may be logged."""

    village_code: str
    what: str  # a slot's key such as assistant_2, or tower
    kind: Kind
    fields: tuple[str, ...]  # of name, phone, line, verified; kind, device, homes


@dataclass
class ImportReport:
    """`changes` leaves out what stays as it was; `counts` counts everything."""

    dry_run: bool
    changes: list[Change] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)

    def note(self, change: Change) -> None:
        self.counts[change.kind] += 1
        if change.kind is not Kind.UNCHANGED:
            self.changes.append(change)


def contact_id(village_code: str, slot: Slot) -> UUID:
    return id_for("contact", village_code, slot.role.value, slot.rank)


def tower_id(village_code: str) -> UUID:
    return id_for("tower", village_code)


def import_contacts(
    session: Session,
    keyring: Keyring,
    rows: Iterable[VillageRow],
    now: datetime,
    dry_run: bool = False,
    source: str = "sheet",
) -> ImportReport:
    """Bring contacts, towers and their addresses to what `rows` say.

    An absent slot stays. NOBODY takes the person out. A new name takes over the whole slot: what is not given
    with it is dropped, it was the other person's; under the same name (or none) an empty field stays.
    now: aware UTC. A dry run tells the same and leaves the database as it was. The caller commits.
    """
    rows = sorted(rows, key=lambda row: row.code)
    work = _Import(session, keyring, rows, utc(now), source, ImportReport(dry_run))
    attempt = session.begin_nested()
    with session.no_autoflush:
        for row in rows:
            for slot, person in row.people.items():
                work.person(row.code, slot, person)
            if row.tower is not None:
                work.tower(row.code, row.tower)
    work.finish()
    if dry_run:
        attempt.rollback()
    else:
        attempt.commit()
    return work.report


class _Import:
    def __init__(
        self,
        session: Session,
        keyring: Keyring,
        rows: Sequence[VillageRow],
        now: datetime,
        source: str,
        report: ImportReport,
    ) -> None:
        self.report = report
        self._session, self._keyring, self._now, self._source = session, keyring, now, source
        self._codes = [row.code for row in rows]
        self._leaving: list[Contact] = []
        self._roll = Roll(session)
        contacts = session.exec(select(Contact).where(col(Contact.village_code).in_(self._codes)))
        self._contacts = {contact.id: contact for contact in contacts}
        towers = session.exec(select(Tower).where(col(Tower.village_code).in_(self._codes)))
        self._towers = {tower.id: tower for tower in towers}
        self._addresses: dict[UUID, dict[UUID, Address]] = defaultdict(dict)
        mine = select(Address).where(
            Address.audience == Audience.CONTACT, col(Address.village_code).in_(self._codes)
        )
        for address in session.exec(mine):
            self._addresses[address.owner_id][address.id] = address

    def person(self, village_code: str, slot: Slot, person: Person) -> None:
        owner = contact_id(village_code, slot)
        contact = self._contacts.get(owner)
        if person == NOBODY:
            self._remove(village_code, slot, contact)
            return
        changed: list[str] = []
        old_name = "" if contact is None else self._keyring.open(contact.name_sealed)
        replaced = contact is not None and bool(person.name) and bool(old_name) and person.name != old_name
        name = person.name or old_name
        verified = person.verified_on
        if contact is not None and not replaced:
            verified = verified or contact.verified_on
        if contact is None or name != old_name:
            changed.append("name")
        if contact is not None and verified != contact.verified_on:
            changed.append("verified")
        rung_only = person.phone is not None and not is_mobile(person.phone)
        for kind, value, label in (
            (AddressKind.SMS, None if rung_only else person.phone, "phone"),
            (AddressKind.VOICE, person.phone if rung_only else None, "landline"),
            (AddressKind.LINE, person.line_id, "line"),
        ):
            if self._address(village_code, owner, kind, value, person.verified_on, clears=replaced):
                changed.append(label)
        if contact is None:
            contact = Contact(
                id=owner, village_code=village_code, role=slot.role, rank=slot.rank,
                name_sealed=self._keyring.seal(name), verified_on=verified, source=self._source,
                changed_at=self._now,
            )  # fmt: skip
            self._contacts[owner] = contact
            self._session.add(contact)
            kind_of_change = Kind.ADDED
        elif changed:
            if "name" in changed:
                contact.name_sealed = self._keyring.seal(name)
            contact.verified_on, contact.source, contact.changed_at = verified, self._source, self._now
            kind_of_change = Kind.CHANGED
        else:
            kind_of_change = Kind.UNCHANGED
        self.report.note(Change(village_code, slot.key, kind_of_change, tuple(changed)))

    def tower(self, village_code: str, entry: TowerEntry) -> None:
        owner = tower_id(village_code)
        tower = self._towers.get(owner)
        if entry.kind is None:
            if tower is not None:
                self._silence(owner)
                del self._towers[owner]
                self._session.delete(tower)
                self.report.note(Change(village_code, "tower", Kind.REMOVED, ()))
            return
        homes = entry.homes_in_earshot
        if homes is None and tower is not None:
            homes = tower.homes_in_earshot
        device = entry.device_id if entry.kind is TowerKind.MQTT else None
        if tower is None:
            tower = Tower(
                id=owner, village_code=village_code, kind=entry.kind, device_id=device, homes_in_earshot=homes
            )
            self._towers[owner] = tower
            self._session.add(tower)
            kind_of_change, changed = Kind.ADDED, ["kind"]
        else:
            before = {"kind": tower.kind, "device": tower.device_id, "homes": tower.homes_in_earshot}
            after = {"kind": entry.kind, "device": device, "homes": homes}
            changed = [name for name, value in after.items() if value != before[name]]
            if "device" in changed:
                tower.device_key_sealed = None  # the key belongs to the controller, not to the village
            tower.kind, tower.device_id, tower.homes_in_earshot = entry.kind, device, homes
            kind_of_change = Kind.CHANGED if changed else Kind.UNCHANGED
        self._address(village_code, owner, AddressKind.TOWER, device, None, clears=True)
        self.report.note(Change(village_code, "tower", kind_of_change, tuple(changed)))

    def finish(self) -> None:
        """In this order: towers refer to contacts, so contacts come before and leave after."""
        self._session.flush()
        self._bind_key_holders()
        self._session.flush()
        for contact in self._leaving:
            self._session.delete(contact)
        self._session.flush()

    def _bind_key_holders(self) -> None:
        """A microphone is spoken into by whoever holds its key."""
        for tower in self._towers.values():
            holder = contact_id(tower.village_code, Slot(Role.KEY_HOLDER, 1))
            wanted = holder if tower.kind is TowerKind.MICROPHONE and holder in self._contacts else None
            if tower.key_holder_id != wanted:
                tower.key_holder_id = wanted

    def _address(
        self,
        village_code: str,
        owner: UUID,
        kind: AddressKind,
        value: str | None,
        verified_on: date | None,
        *,
        clears: bool,
    ) -> bool:
        """Make `value` the owner's one active address of this kind. Says whether that changed anything."""
        mine = [a for a in self._addresses[owner].values() if a.kind is kind]
        wanted = None if value is None else address_id(self._keyring, owner, kind, value)
        changed = False
        for address in mine:
            if address.active and address.id != wanted and (value is not None or clears):
                address.active, changed = False, True
        if value is None or wanted is None:
            return changed
        found = self._addresses[owner].get(wanted)
        if found is not None:
            changed = changed or not found.active
            given_again(self._keyring, found, value)
            found.active = True
            found.verified_on = verified_on if clears else verified_on or found.verified_on
            return changed
        tambon = village_code[:6]
        address = Address(
            id=wanted, audience=Audience.CONTACT, kind=kind, tambon_code=tambon, village_code=village_code,
            nth=self._roll.place(Audience.CONTACT, kind, tambon), owner_id=owner,
            sealed=self._keyring.seal(value), hash=self._keyring.fingerprint(value), verified_on=verified_on,
        )  # fmt: skip
        self._addresses[owner][wanted] = address
        self._session.add(address)
        return True

    def _remove(self, village_code: str, slot: Slot, contact: Contact | None) -> None:
        if contact is None:
            return
        self._silence(contact.id)
        del self._contacts[contact.id]
        self._leaving.append(contact)
        self.report.note(Change(village_code, slot.key, Kind.REMOVED, ()))

    def _silence(self, owner: UUID) -> None:
        for address in self._addresses[owner].values():
            address.active = False
