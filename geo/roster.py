"""What the registry knows of a village's contacts: for the sheet, and for saying which villages are weak."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from geo.gazetteer import gazetteer
from geo.people import Address, AddressKind, Audience, Contact, Tower
from geo.sealed import Keyring
from geo.sheet import Person, Slot, TowerEntry, VillageRow

ENOUGH_PHONES = 2  # one person sleeps, or stands in the water himself


def known_rows(session: Session, keyring: Keyring) -> dict[str, VillageRow]:
    """Village code -> its row of the contact sheet, opened.

    This reads identifying data: the caller writes it in the audit.
    """
    active = select(Address).where(Address.audience == Audience.CONTACT, col(Address.active))
    where: dict[UUID, dict[AddressKind, str]] = defaultdict(dict)
    for address in session.exec(active):
        where[address.owner_id][address.kind] = keyring.open(address.sealed)
    people: dict[str, dict[Slot, Person]] = defaultdict(dict)
    for contact in session.exec(select(Contact)):
        person = Person(
            keyring.open(contact.name_sealed),
            where[contact.id].get(AddressKind.SMS) or where[contact.id].get(AddressKind.VOICE),
            where[contact.id].get(AddressKind.LINE),
            contact.verified_on,
        )
        people[contact.village_code][Slot(contact.role, contact.rank)] = person
    towers = {
        tower.village_code: TowerEntry(tower.kind, tower.device_id, tower.homes_in_earshot)
        for tower in session.exec(select(Tower))
    }
    return {
        code: VillageRow(code, dict(people.get(code, {})), towers.get(code))
        for code in sorted(people.keys() | towers.keys())
    }


class WeakVillage(NamedTuple):
    code: str
    verified_phones: int


def weak_villages(session: Session, codes: Sequence[str] | None = None) -> list[WeakVillage]:
    """Villages with fewer than two different verified phones of contacts, the weakest first, then by code. A landline is rung as a
    mobile is, so it counts; two numbers of one person, or one of two people, count once.

    codes: the villages asked for, all of the province by default; one that is not in the registry has none.
    """
    verified = (
        select(
            Address.village_code,
            func.least(func.count(func.distinct(Address.hash)), func.count(func.distinct(Address.owner_id))),
        )
        .where(
            Address.audience == Audience.CONTACT,
            col(Address.kind).in_((AddressKind.SMS, AddressKind.VOICE)),
            col(Address.active),
            col(Address.verified_on).is_not(None),
        )
        .group_by(Address.village_code)
    )
    phones = dict(session.exec(verified).all())
    asked = gazetteer().villages.keys() if codes is None else codes
    weak = [WeakVillage(code, phones.get(code, 0)) for code in asked if phones.get(code, 0) < ENOUGH_PHONES]
    return sorted(weak, key=lambda village: (village.verified_phones, village.code))


def set_device_key(session: Session, keyring: Keyring, device_id: str, key: str) -> bool:
    """Store the key that signs commands to a loudspeaker controller. False when no village has it."""
    tower = session.exec(select(Tower).where(Tower.device_id == device_id)).first()
    if tower is None:
        return False
    tower.device_key_sealed = keyring.seal(key)
    return True
