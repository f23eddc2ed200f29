"""Which LINE group is which village's: bound by a contact of that village, one village a group."""

from datetime import datetime

from sqlmodel import Session, col, select

from geo.people import Address, AddressKind, Audience
from geo.people_roll import Roll, address_id, given_again
from geo.sealed import Keyring
from geo.when import bangkok


def bind(session: Session, keyring: Keyring, group: str, code: str, user: str, now: datetime) -> bool:
    """Make a group the village's own. False: who asked is no contact of that village, and nothing was done. Twice is once.

    code: 8 digits; user: the LINE id of who wrote it; now: aware UTC.
    """
    roll = Roll(session)  # one writer at a time
    asked = select(Address).where(
        Address.hash == keyring.fingerprint(user), Address.kind == AddressKind.LINE,
        Address.audience == Audience.CONTACT, Address.village_code == code, col(Address.active),
    )  # fmt: skip
    contact = session.exec(asked.order_by(col(Address.id)).limit(1)).first()
    if contact is None:
        return False
    mine = address_id(keyring, contact.owner_id, AddressKind.LINE_GROUP, group)
    unbind(session, keyring, group)
    kept = session.get(Address, mine)
    if kept is not None:
        given_again(keyring, kept, group)
        kept.active = True
        return True
    session.add(
        Address(id=mine, audience=Audience.CONTACT, kind=AddressKind.LINE_GROUP, tambon_code=code[:6], village_code=code,
                nth=roll.place(Audience.CONTACT, AddressKind.LINE_GROUP, code[:6]), owner_id=contact.owner_id,
                sealed=keyring.seal(group), hash=keyring.fingerprint(group), verified_on=bangkok(now).date())
    )  # fmt: skip
    return True


def unbind(session: Session, keyring: Keyring, group: str) -> None:
    """The account was shown out, or the group is bound anew."""
    found = select(Address).where(
        Address.hash == keyring.fingerprint(group), Address.kind == AddressKind.LINE_GROUP
    )
    for address in session.exec(found):
        address.active = False
    session.flush()
